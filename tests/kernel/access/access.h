/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs of access.bpf.c are handed, and leave behind. */
#ifndef ACCESS_H
#define ACCESS_H

#include <linux/types.h>

struct access_args {
	__u64	cgroup_id;
	__u64	page;		/* clean_page, page_idle */
	__u64	entry;		/* entry_where */
	__u64	start, end;	/* scan_task */
	__u64	nr_pages;	/* reclaim_memcg */
	__u32	swappiness;	/* reclaim_memcg */
	__u32	unit_s;		/* scans */
	__s32	pid;		/* scan_task */
	__u32	pad;
	__s64	ret;
};

#endif /* ACCESS_H */
