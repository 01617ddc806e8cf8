#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
A disk that reorders, as any disk may: what is under way at the same time ends in any
order. Serves DEVICE, one of nbd's, from memory.

Usage: disk.py DEVICE PAGES
Prints "ready" when the device can be used. Then, for each line on standard input:
  hold      leaves writes alone from now on, prints "holding"
  held      prints how many pages these are by now
  pass      does them at once again, but not those it holds, prints "passing"
  release   does these now, prints "released"
"""
import fcntl
import os
import selectors
import signal
import socket
import struct
import sys

PAGE = 4096
# include/uapi/linux/nbd.h
SET_SOCK, SET_BLKSIZE, DO_IT, CLEAR_SOCK, SET_SIZE_BLOCKS = 0xab00, 0xab01, 0xab03, 0xab04, 0xab07
READ, WRITE = 0, 1
REQUEST, REPLY = struct.Struct(">IHHQQI"), struct.Struct(">IIQ")
REPLY_MAGIC = 0x67446698


class Disk:
    def __init__(self, sock, pages):
        self.sock = sock
        self.data = bytearray(pages * PAGE)
        self.holding = False
        self.held = []

    def write(self, handle, offset, data):
        self.data[offset:offset + len(data)] = data
        self.sock.sendall(REPLY.pack(REPLY_MAGIC, 0, handle))

    def serve(self):
        head = self.sock.recv(REQUEST.size, socket.MSG_WAITALL)
        if len(head) < REQUEST.size:
            sys.exit()
        _, _, kind, handle, offset, length = REQUEST.unpack(head)
        if kind == READ:
            self.sock.sendall(REPLY.pack(REPLY_MAGIC, 0, handle) +
                              self.data[offset:offset + length])
        elif kind == WRITE:
            write = handle, offset, self.sock.recv(length, socket.MSG_WAITALL)
            if self.holding:
                self.held.append(write)
            else:
                self.write(*write)

    def obey(self):
        command = sys.stdin.readline().strip()
        if command == "hold":
            self.holding = True
            print("holding", flush=True)
        elif command == "held":
            print(sum(len(data) for _, _, data in self.held) // PAGE, flush=True)
        elif command == "pass":
            self.holding = False
            print("passing", flush=True)
        elif command == "release":
            for write in self.held:
                self.write(*write)
            self.held = []
            print("released", flush=True)


def main():
    ours, theirs = socket.socketpair()
    device, pages = os.open(sys.argv[1], os.O_RDWR), int(sys.argv[2])
    fcntl.ioctl(device, SET_BLKSIZE, PAGE)
    fcntl.ioctl(device, SET_SIZE_BLOCKS, pages)
    fcntl.ioctl(device, SET_SOCK, theirs.fileno())
    kernel = os.fork()
    if not kernel:
        ours.close()
        fcntl.ioctl(device, DO_IT)
        os._exit(0)
    theirs.close()
    disk = Disk(ours, pages)
    selector = selectors.DefaultSelector()
    selector.register(ours, selectors.EVENT_READ, disk.serve)
    selector.register(sys.stdin, selectors.EVENT_READ, disk.obey)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    print("ready", flush=True)
    try:
        while True:
            for key, _ in selector.select():
                key.data()
    finally:
        fcntl.ioctl(device, CLEAR_SOCK)
        os.waitpid(kernel, 0)


main()
