#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Holds shared memory of two kinds, and some that nobody touches, until its input ends.

Usage: shared.py OFFSET NR_PAGES
Maps NR_PAGES pages of a memfd, behind its first OFFSET pages, which are a hole; as many
pages that belong to no file; and as many private ones, which it leaves alone. Fills the
shared ones with their names, "file 0", "file 1" and so on and "anon 0", but for the last of
each. Prints the addresses of the three. Then, for each line on standard input:
  out        pages them out, prints "out"
  read PAGE  reads that page of both, prints "right" or "wrong"
  unmap      forgets where they are, prints "unmapped"
"""
import ctypes
import mmap
import os
import sys

PAGE = mmap.PAGESIZE
MADV_PAGEOUT = 21


def contents(name, page):
    return f"{name} {page}\n".encode().ljust(PAGE, b".")


def address(area):
    return f"{ctypes.addressof(ctypes.c_char.from_buffer(area)):x}"


def main():
    offset, nr = int(sys.argv[1]), int(sys.argv[2])
    fd = os.memfd_create("shared")
    os.ftruncate(fd, (offset + nr) * PAGE)
    areas = {
        "file": mmap.mmap(fd, nr * PAGE, offset=offset * PAGE),
        "anon": mmap.mmap(-1, nr * PAGE),
    }
    untouched = mmap.mmap(-1, nr * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

    def is_right(page):
        return all(area[page * PAGE:(page + 1) * PAGE] == contents(name, page)
                   for name, area in areas.items())

    for name, area in areas.items():
        for page in range(nr - 1):
            area[page * PAGE:(page + 1) * PAGE] = contents(name, page)
    print(*map(address, (*areas.values(), untouched)), flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        if command == "out":
            for area in areas.values():
                area.madvise(MADV_PAGEOUT)
            print("out", flush=True)
        elif command == "read":
            print("right" if is_right(int(words[0])) else "wrong", flush=True)
        elif command == "unmap":
            for area in areas.values():
                area.madvise(mmap.MADV_DONTNEED)
            print("unmapped", flush=True)


main()
