#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Compares a file in swap with the original, page by page.

Usage: pages.py FILE ORIGINAL
Prints how many pages are right, how many are wrong and how many cannot be read:
  right N wrong N lost N
"""
import mmap
import os
import sys

PAGE = mmap.PAGESIZE


def main():
    found = {"right": 0, "wrong": 0, "lost": 0}
    copy = os.open(sys.argv[1], os.O_RDONLY)
    with open(sys.argv[2], "rb") as original:
        for page, want in enumerate(iter(lambda: original.read(PAGE), b"")):
            try:
                right = os.pread(copy, PAGE, page * PAGE) == want
                found["right" if right else "wrong"] += 1
            except OSError:
                found["lost"] += 1
    print(" ".join(f"{what} {number}" for what, number in found.items()))


main()
