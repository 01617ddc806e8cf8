/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much memory a cgroup has, and how long its tasks have waited for memory, as
 * memory.current and memory.pressure say it: for the op init and callbacks of bpf_wq.
 */
#ifndef __SWAP_EXT_PRESSURE_BPF_H
#define __SWAP_EXT_PRESSURE_BPF_H

/**
 * struct swap_pressure - of a cgroup and all below it
 * @stalled_ns: time in which some of its tasks waited for memory, since it was made; the
 *	kernel adds it up every 2 seconds (kernel/sched/psi.c, PSI_FREQ)
 * @nr_pages: memory it has, files included
 */
struct swap_pressure {
	u64 stalled_ns;
	u64 nr_pages;
};

#ifdef __bpf__
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
enum psi_states { PSI_MEM_SOME = 2 };

struct psi_group {
	bool enabled;
	/* BTF knows one dimension, of two; those of PSI_AVGS are the first. */
	u64 total[PSI_MEM_SOME + 1];
};

struct cgroup_subsys_state {
};

struct cgroup {
	struct psi_group *psi;
	struct cgroup_subsys_state *subsys[1];
};

struct page_counter {
	struct {
		long counter;
	} usage;
};

/* css is its first member. */
struct mem_cgroup___usage {
	struct page_counter memory;
};
#pragma clang attribute pop

enum cgroup_subsys_id { memory_cgrp_id };

extern struct cgroup *bpf_cgroup_from_id(u64 cgroup_id) __ksym;
extern void bpf_cgroup_release(struct cgroup *cgroup) __ksym;

static __always_inline u64 swap_cgroup_pages(struct cgroup *cgroup)
{
	u64 id = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct mem_cgroup___usage *memcg = NULL;

	bpf_probe_read_kernel(&memcg, sizeof(memcg),
			      (void *)&cgroup->subsys + id * sizeof(memcg));
	return BPF_CORE_READ(memcg, memory.usage.counter);
}

/**
 * swap_pressure_read() - how is a cgroup doing?
 * @cgroup_id: the cgroup
 * @p: set
 *
 * Return: 0; -ENOENT: there is none; -EOPNOTSUPP: its pressure is not known, as PSI is not
 * enabled in this kernel or for this cgroup, or it is the root.
 */
static __always_inline int swap_pressure_read(u64 cgroup_id, struct swap_pressure *p)
{
	struct cgroup *cgroup = bpf_cgroup_from_id(cgroup_id);
	struct psi_group *psi;
	int err = -EOPNOTSUPP;

	if (!cgroup)
		return -ENOENT;
	psi = BPF_CORE_READ(cgroup, psi);
	if (psi && BPF_CORE_READ(psi, enabled)) {
		p->stalled_ns = BPF_CORE_READ(psi, total[PSI_MEM_SOME]);
		p->nr_pages = swap_cgroup_pages(cgroup);
		err = 0;
	}
	bpf_cgroup_release(cgroup);
	return err;
}
#else
static inline int swap_pressure_read(u64 cgroup_id, struct swap_pressure *p)
{
	p->stalled_ns = 0;
	p->nr_pages = 0;
	return host.pressure ? host.pressure(&p->stalled_ns, &p->nr_pages, host.scan_arg) : 0;
}
#endif

#endif /* __SWAP_EXT_PRESSURE_BPF_H */
