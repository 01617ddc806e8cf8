#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Walks memory of its own, and says which of its pages are there.

Usage: walker.py NR_PAGES [shmem|huge] [CGROUP]
Fills NR_PAGES pages, in large pages if the system has any, the second half of them as a
member of CGROUP, a directory, and prints the linear index of the first (of shared memory: 0).
Then, for each line on standard input:
  walk FIRST NR [TIMES]   reads these pages, prints "right" or "wrong PAGE..."
  write FIRST NR          writes something new to each, prints "written"
  there FIRST NR STEP     prints how many of each STEPth of them are in memory
"""
import ctypes
import mmap
import struct
import sys

PAGE = mmap.PAGESIZE
PRESENT = 1 << 63


def stamp(page, version):
    """What a page begins with: never zeros, of which the kernel may need only one page."""
    return struct.pack("<QQ", page + 1, (page + (version << 32)) * 0x9e3779b97f4a7c15 & (1 << 64) - 1)


def main():
    nr = int(sys.argv[1])
    options = sys.argv[2:]
    shmem = "shmem" in options
    kind = mmap.MAP_SHARED if shmem else mmap.MAP_PRIVATE
    area = mmap.mmap(-1, nr * PAGE, flags=kind | mmap.MAP_ANONYMOUS)
    area.madvise(mmap.MADV_HUGEPAGE if "huge" in options else mmap.MADV_NOHUGEPAGE)
    versions = [0] * nr
    for page in range(nr):
        if page == nr // 2 and options[1:]:
            with open(options[1] + "/cgroup.procs", "w", encoding="ascii") as procs:
                procs.write("0")
        area[page * PAGE:page * PAGE + 16] = stamp(page, 0)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area)) // PAGE
    print(0 if shmem else start, flush=True)
    for line in sys.stdin:
        command, first, count, *times = line.split()
        pages = range(int(first), int(first) + int(count))
        if command == "walk":
            wrong = [str(page) for _ in range(int(times[0]) if times else 1) for page in pages
                     if area[page * PAGE:page * PAGE + 16] != stamp(page, versions[page])]
            print("wrong " + " ".join(wrong) if wrong else "right", flush=True)
        elif command == "write":
            for page in pages:
                versions[page] += 1
                area[page * PAGE:page * PAGE + 16] = stamp(page, versions[page])
            print("written", flush=True)
        elif command == "there":
            with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
                pagemap.seek((start + pages.start) * 8)
                words = struct.unpack(f"{len(pages)}Q", pagemap.read(8 * len(pages)))
            print(sum(1 for word in words[::int(times[0])] if word & PRESENT), flush=True)


main()
