/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a page of a process is: what /proc says of its address, and the kernel's BPF
 * functions of the page or the slot behind it.
 */
#ifndef __SWXCTL_LOOK_H
#define __SWXCTL_LOOK_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "err.h"

enum page_place {
	PAGE_NOWHERE,		/* never touched; or of a file, and not mapped at present */
	PAGE_UNMAPPED,		/* of shared memory: in memory, but not mapped here */
	PAGE_IN_MEMORY,
	PAGE_IN_SWAP,
};

/* Of a page in memory; a subset of those of /proc/kpageflags. */
enum page_flags {
	PAGE_ON_LIST		= 1 << 0,
	PAGE_ACTIVE		= 1 << 1,
	PAGE_REFERENCED		= 1 << 2,
	PAGE_DIRTY		= 1 << 3,
	PAGE_WRITEBACK		= 1 << 4,
	PAGE_UNEVICTABLE	= 1 << 5,
	PAGE_SWAPCACHE		= 1 << 6,
	PAGE_SWAPBACKED		= 1 << 7,	/* anonymous or shared memory */
	PAGE_LARGE		= 1 << 8,
};

/**
 * struct page_look - what is known of one page
 * @mapping: what /proc/PID/maps says of the address.
 * @is_shared: of shared memory, of which the process has nothing mapped at that address.
 * @page: frame number, for PAGE_IN_MEMORY.
 * @flags: enum page_flags, for PAGE_IN_MEMORY.
 * @cgroup_id: who is charged for it, for PAGE_IN_MEMORY; 0: nobody.
 * @idle_s: seconds; or -ENOENT: no scan has seen it.
 * @device: number of the swap device, for PAGE_IN_SWAP.
 * @slot: its slot there.
 * @where: enum swap_ext_backends: who has it, for PAGE_IN_SWAP.
 */
struct page_look {
	char mapping[256];
	enum page_place place;
	bool is_shared;
	__u64 page;
	unsigned int flags;
	__u64 cgroup_id;
	int idle_s;
	unsigned int device;
	__u64 slot;
	__u64 where;
};

/* -EIO or the like, and why: no such process, nothing mapped there, no permission. */
int page_look(pid_t pid, __u64 addr, struct page_look *look, struct err *err);

#endif /* __SWXCTL_LOOK_H */
