#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Holds pages that are in swap and looks at them when told to.

Usage: holder.py NR_PAGES
Fills NR_PAGES pages, each with its own contents, pages them out and prints "out".
Then, for each line on standard input:
  check [FIRST [NR]]  reads these pages (all), prints "right" or "wrong PAGE..."
  child FIRST NR      has a child read these pages, prints "right", "wrong", or the
                      number of the signal that it died of
  out                 pages them out again, prints "out"
  write [KIND]        fills them anew, prints "written"; KIND is random, easy (to
                      compress) or zero
A page that cannot be read ends it by SIGBUS, as it would any program.
"""
import mmap
import os
import random
import sys

PAGE = mmap.PAGESIZE
MADV_PAGEOUT = 21


def contents(page, version, kind):
    if kind == "zero":
        return bytes(PAGE)
    rng = random.Random(page * 1000 + version)
    if kind == "easy":
        return rng.randbytes(PAGE // 16) * 16
    return rng.randbytes(PAGE)


def main():
    nr = int(sys.argv[1])
    version, kind = 0, "random"
    area = mmap.mmap(-1, nr * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.madvise(mmap.MADV_NOHUGEPAGE)

    def write():
        for page in range(nr):
            area[page * PAGE:(page + 1) * PAGE] = contents(page, version, kind)

    def find_wrong(first, end):
        return [str(page) for page in range(first, end)
                if area[page * PAGE:(page + 1) * PAGE] != contents(page, version, kind)]

    write()
    area.madvise(MADV_PAGEOUT)
    print("out", flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        if command == "check":
            first = int(words[0]) if words else 0
            end = first + int(words[1]) if len(words) > 1 else nr
            wrong = find_wrong(first, end)
            print("wrong " + " ".join(wrong) if wrong else "right", flush=True)
        elif command == "child":
            first, end = int(words[0]), int(words[0]) + int(words[1])
            child = os.fork()
            if not child:
                os._exit(1 if find_wrong(first, end) else 0)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print({0: "right", 1: "wrong"}.get(status, -status), flush=True)
        elif command == "out":
            area.madvise(MADV_PAGEOUT)
            print("out", flush=True)
        elif command == "write":
            version += 1
            kind = words[0] if words else "random"
            write()
            print("written", flush=True)


main()
