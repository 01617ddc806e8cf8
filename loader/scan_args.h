/* SPDX-License-Identifier: GPL-2.0 */
/* What scan.c and its BPF program tell each other. */
#ifndef __SWXCTL_SCAN_ARGS_H
#define __SWXCTL_SCAN_ARGS_H

#include <linux/types.h>

struct scan_args {
	__u64	cgroup_id;
	__u32	unit_s;
	__u32	pad;
	__s64	ret;		/* of bpf_swap_scan_memcg() */
};

#endif /* __SWXCTL_SCAN_ARGS_H */
