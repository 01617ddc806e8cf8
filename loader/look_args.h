/* SPDX-License-Identifier: GPL-2.0 */
/* What look.bpf.c is asked and answers. */
#ifndef __SWXCTL_LOOK_ARGS_H
#define __SWXCTL_LOOK_ARGS_H

#include <linux/types.h>

enum look_shared {
	SHARED_NOTHING,		/* a hole, or the file ends before */
	SHARED_IN_MEMORY,
	SHARED_IN_SWAP,
};

/**
 * struct look_args
 * @page: frame number, or 0.
 * @entry: device and slot, or 0; answered for SHARED_IN_SWAP.
 * @index: of a page of the shared memory.
 * @fd: of the shared memory, as the caller has it open, or -1.
 * @shared: enum look_shared: where that page is.
 * @where: answered: enum swap_ext_backends, who has @entry.
 * @idle_s: answered, of @page.
 */
struct look_args {
	__u64 page;
	__u64 entry;
	__u64 index;
	__s32 fd;
	__u32 shared;
	__u64 where;
	__s32 idle_s;
	__u32 pad;
};

#endif /* __SWXCTL_LOOK_ARGS_H */
