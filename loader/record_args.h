/* SPDX-License-Identifier: GPL-2.0 */
/* What record.c and its BPF programs tell each other. */
#ifndef __SWXCTL_RECORD_ARGS_H
#define __SWXCTL_RECORD_ARGS_H

#include <linux/types.h>

enum record_event_type {
	RECORD_FAULT,
	RECORD_PLAN,
	RECORD_ADDED,
	RECORD_REMOVED,
};

/**
 * struct record_event - one event, as the kernel tells of it
 * @time_ns: when.
 * @type: enum record_event_type.
 * @flags: those of struct swap_ext_fault or struct swap_ext_page.
 * @pgoff: of the page, in all but a plan.
 * @entry: its swap slot; 0: none.
 * @page: handle of the page: added, removed.
 * @addr: fault.
 * @vm_start: fault.
 * @vm_end: fault.
 * @process: fault: who owns the memory.
 * @thread: fault, plan: who runs.
 * @nr: added, removed: how many pages; plan: how many need a read.
 * @nr_read: plan.
 */
struct record_event {
	__u64	time_ns;
	__u32	type;
	__u32	flags;
	__u64	pgoff;
	__u64	entry;
	union {
		__u64	page;
		__u64	addr;
	};
	__u64	vm_start;
	__u64	vm_end;
	__u32	process;
	__u32	thread;
	__u32	nr;
	__u32	nr_read;
};

#endif /* __SWXCTL_RECORD_ARGS_H */
