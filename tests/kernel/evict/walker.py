#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Walks memory of its own, and says which of its pages are there.

Usage: walker.py NR_PAGES [shmem|huge] [CGROUP] [nodes=N]
Fills NR_PAGES pages, in large pages if the system has any, the second half of them as a
member of CGROUP, a directory, and prints the linear index of the first (of shared memory: 0).
With "nodes" they are on so many NUMA nodes, in equal parts one after the other.
Then, for each line on standard input:
  walk FIRST NR [TIMES]   reads these pages, prints "right" or "wrong PAGE..."
  write FIRST NR          writes something new to each, prints "written"
  there FIRST NR STEP     prints how many of each STEPth of them are in memory
  nodes FIRST NR [STEP]   prints how many of each STEPth of them are in memory on each of these
                          nodes
  move FIRST NR NODE      moves them to this node, prints how many of them are there
  migrate FROM TO         moves all memory of the process from one node to another, prints
                          "migrated"
"""
import ctypes
import mmap
import struct
import sys

PAGE = mmap.PAGESIZE
PRESENT = 1 << 63
# Of x86-64, which the C library has no functions for.
SYS_MBIND, SYS_MIGRATE_PAGES, SYS_MOVE_PAGES = 237, 256, 279
MPOL_BIND = 2
MPOL_MF_MOVE = 2
MAX_NODES = 64

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long


def syscall(number, *args):
    """Fails where the system call does."""
    if LIBC.syscall(ctypes.c_long(number), *args) < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")


def node_mask(node):
    return ctypes.byref(ctypes.c_ulong(1 << node)), ctypes.c_ulong(MAX_NODES + 1)


def bind(address, nr, node):
    """This memory comes from this node alone."""
    syscall(SYS_MBIND, ctypes.c_void_p(address), ctypes.c_ulong(nr * PAGE),
            ctypes.c_int(MPOL_BIND), *node_mask(node), ctypes.c_uint(0))


def nodes_of(address, nr, to=None):
    """Where these pages are, an error for each that is nowhere; moves them first."""
    pages = (ctypes.c_void_p * nr)(*range(address, address + nr * PAGE, PAGE))
    nodes = None if to is None else (ctypes.c_int * nr)(*[to] * nr)
    status = (ctypes.c_int * nr)()
    syscall(SYS_MOVE_PAGES, ctypes.c_int(0), ctypes.c_ulong(nr), pages, nodes, status,
            ctypes.c_int(MPOL_MF_MOVE))
    return list(status)


def migrate(source, target):
    old, max_node = node_mask(source)
    syscall(SYS_MIGRATE_PAGES, ctypes.c_int(0), max_node, old, node_mask(target)[0])


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
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    nr_nodes = next((int(option[6:]) for option in options if option.startswith("nodes=")), 0)
    for node in range(nr_nodes):
        bind(start + nr // nr_nodes * PAGE * node, nr // nr_nodes, node)
    cgroup = next((option for option in options if option.startswith("/")), None)
    versions = [0] * nr
    for page in range(nr):
        if page == nr // 2 and cgroup:
            with open(cgroup + "/cgroup.procs", "w", encoding="ascii") as procs:
                procs.write("0")
        area[page * PAGE:page * PAGE + 16] = stamp(page, 0)
    print(0 if shmem else start // PAGE, flush=True)
    for line in sys.stdin:
        command, first, count, *times = line.split()
        if command == "migrate":
            migrate(int(first), int(count))
            print("migrated", flush=True)
            continue
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
                pagemap.seek((start // PAGE + pages.start) * 8)
                words = struct.unpack(f"{len(pages)}Q", pagemap.read(8 * len(pages)))
            print(sum(1 for word in words[::int(times[0])] if word & PRESENT), flush=True)
        elif command == "nodes":
            nodes = nodes_of(start + pages.start * PAGE, len(pages))
            nodes = nodes[::int(times[0])] if times else nodes
            print(*(nodes.count(node) for node in range(nr_nodes)), flush=True)
        elif command == "move":
            nodes = nodes_of(start + pages.start * PAGE, len(pages), int(times[0]))
            print(nodes.count(int(times[0])), flush=True)


main()
