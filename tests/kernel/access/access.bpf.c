// SPDX-License-Identifier: GPL-2.0
/* Each kfunc for programs that user space runs, by itself. */
#include <swap_ext/policy.bpf.h>
#include "access.h"

extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

#define PROGRAM(name)				\
int name(struct access_args *args);		\
SEC("syscall") int name(struct access_args *args)

/* What the last scan found. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct swap_ext_histogram);
} found SEC(".maps");

PROGRAM(scan_memcg)
{
	u32 zero = 0;
	struct swap_ext_histogram *h = bpf_map_lookup_elem(&found, &zero);

	if (h)
		args->ret = bpf_swap_scan_memcg(args->cgroup_id, args->unit_s, h);
	return 0;
}

PROGRAM(scan_task)
{
	u32 zero = 0;
	struct swap_ext_histogram *h = bpf_map_lookup_elem(&found, &zero);
	struct task_struct *task;

	if (!h)
		return 0;
	args->ret = -ESRCH;
	task = bpf_task_from_pid(args->pid);
	if (!task)
		return 0;
	args->ret = bpf_swap_scan_task(task, args->start, args->end, args->unit_s, h);
	bpf_task_release(task);
	return 0;
}

PROGRAM(reclaim_memcg)
{
	args->ret = bpf_swap_reclaim_memcg(args->cgroup_id, args->nr_pages,
					   args->swappiness);
	return 0;
}

PROGRAM(clean_page)
{
	args->ret = bpf_swap_clean_page(args->cgroup_id, args->page);
	return 0;
}

PROGRAM(page_idle)
{
	args->ret = bpf_swap_page_idle_s(args->page);
	return 0;
}

PROGRAM(entry_where)
{
	args->ret = bpf_swap_entry_where(args->entry);
	return 0;
}

char _license[] SEC("license") = "GPL";
