/* SPDX-License-Identifier: GPL-2.0 */
/* What look.bpf.c is asked and answers. */
#ifndef __SWXCTL_LOOK_ARGS_H
#define __SWXCTL_LOOK_ARGS_H

#include <linux/types.h>

struct look_args {
	__u64 page;
	__u64 entry;
	__u64 where;
	__s32 idle_s;
	__u32 pad;
};

#endif /* __SWXCTL_LOOK_ARGS_H */
