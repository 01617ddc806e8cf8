// SPDX-License-Identifier: GPL-2.0
/*
 * gaps - count how far apart the misses of a process are, and change nothing.
 *
 * It has no prefetch op, so the kernel's own readahead goes on as ever.
 * Good: for finding out which policy would fit.
 * Loses: nothing but the time of the count.
 */
#include <swap_ext/policy.bpf.h>

#define NR_GAPS	16

/** struct gap - misses that many pages from the one before */
struct gap {
	u64 misses;
	s64 last_pages;		/* the last such distance, with its sign */
};

/* Element n counts distances of 2^(n-1) to 2^n - 1 pages. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_GAPS);
	__type(key, u32);
	__type(value, struct gap);
} distances SEC(".maps");

/** struct process - what is known of one */
struct process {
	u64 last;		/* page of its last miss */
};
SWAP_PROCESS_STATE(processes, struct process);

void BPF_STRUCT_OPS(gaps_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	u64 page = swap_fault_page(f), distance;
	struct process *p;
	struct gap *gap;
	s64 pages;
	u32 n = 0;

	if (f->flags & (SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT))
		return;
	p = swap_process_state(f, &processes);
	if (!p)
		return;
	pages = page - p->last;
	p->last = page;

	distance = pages < 0 ? -pages : pages;
	while (n < NR_GAPS - 1 && distance >> n)
		n++;
	gap = bpf_map_lookup_elem(&distances, &n);
	if (gap) {
		__sync_fetch_and_add(&gap->misses, 1);
		gap->last_pages = pages;
	}
}

SWAP_POLICY(gaps, "count distances between misses",
	    .fault = (void *)gaps_fault);
