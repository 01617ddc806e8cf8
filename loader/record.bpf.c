// SPDX-License-Identifier: GPL-2.0
/* The BPF half of record.c: what the kernel tells of a cgroup and of all below it. */
#include <swap_ext/policy.bpf.h>
#include <bpf/bpf_core_read.h>

#include "record_args.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

/* To policies it is opaque. */
struct mem_cgroup___recorded {
	struct cgroup_subsys_state css;
};
#pragma clang attribute pop

const volatile u64 record_cgroup_id;
u64 record_lost;

/* Its size is set before it is made. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline bool is_recorded(struct mem_cgroup *memcg)
{
	struct mem_cgroup___recorded *m = (void *)memcg;
	struct cgroup_subsys_state *css;

	for (css = &m->css; css && swap_can_loop; css = BPF_CORE_READ(css, parent))
		if (BPF_CORE_READ(css, cgroup, kn, id) == record_cgroup_id)
			return true;
	return false;
}

/* User space looks every so often, and is woken when a quarter is full only. */
static __always_inline u64 wakeup(void)
{
	u64 size = bpf_ringbuf_query(&events, BPF_RB_RING_SIZE);
	u64 used = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	return used > size / 4 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline int send(struct mem_cgroup *memcg, const struct record_event *event)
{
	u64 now_ns = bpf_ktime_get_ns();
	struct record_event *e;

	if (!is_recorded(memcg))
		return 0;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&record_lost, 1);
		return 0;
	}
	*e = *event;
	e->time_ns = now_ns;
	bpf_ringbuf_submit(e, wakeup());
	return 0;
}

SEC("tp_btf/swap_ext_fault")
int BPF_PROG(record_fault, const struct swap_ext_fault *f, struct mem_cgroup *memcg)
{
	struct record_event e = {
		.type = RECORD_FAULT,
		.flags = f->flags,
		.pgoff = f->pgoff,
		.entry = f->entry,
		.addr = f->addr,
		.vm_start = f->vm_start,
		.vm_end = f->vm_end,
		.process = f->tgid,
		.thread = bpf_get_current_pid_tgid(),
	};

	return send(memcg, &e);
}

SEC("tp_btf/swap_ext_plan")
int BPF_PROG(record_plan, const void *target, struct mem_cgroup *memcg, u32 nr_planned,
	     u32 nr_read)
{
	struct record_event e = {
		.type = RECORD_PLAN,
		.thread = bpf_get_current_pid_tgid(),
		.nr = nr_planned,
		.nr_read = nr_read,
	};

	return send(memcg, &e);
}

static __always_inline int send_page(enum record_event_type type,
				     const struct swap_ext_page *p, struct mem_cgroup *memcg)
{
	struct record_event e = {
		.type = type,
		.flags = p->flags,
		.pgoff = p->pgoff,
		.entry = p->entry,
		.page = p->page,
		.nr = p->nr_pages,
	};

	return send(memcg, &e);
}

SEC("tp_btf/swap_ext_added")
int BPF_PROG(record_added, const struct swap_ext_page *p, struct mem_cgroup *memcg)
{
	return send_page(RECORD_ADDED, p, memcg);
}

SEC("tp_btf/swap_ext_removed")
int BPF_PROG(record_removed, const struct swap_ext_page *p, struct mem_cgroup *memcg)
{
	return send_page(RECORD_REMOVED, p, memcg);
}

char record_license[] SEC("license") = "GPL";
