// SPDX-License-Identifier: GPL-2.0
/*
 * cluster - read the aligned block of swap slots around the faulting one: what the
 * stock kernel does for rotating disks and shared memory files, per process.
 *
 * Good: memory that is used again in the order in which it was paged out, whatever
 * its addresses; slots that lie together also come in one request.
 * Loses: on any other order, reading what happens to be the neighbour in swap; and
 * as swap ages, because neighbours then have less and less to do with each other.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/window.bpf.h>

/** struct cluster - what is known of one process */
struct cluster {
	u64 prev;	/* entry of the last miss that followed no hit */
	u32 hits;	/* prefetched pages touched since the last window */
	u32 pages;	/* of the last window, the faulting one included; 0: none */
};

SWAP_PROCESS_STATE(processes, struct cluster);

void BPF_STRUCT_OPS(cluster_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct cluster *c;

	if (!(f->flags & SWAP_EXT_F_PREFETCHED))
		return;
	c = swap_process_state(f, &processes);
	if (c)
		c->hits++;
}

s32 BPF_STRUCT_OPS(cluster_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct cluster *c = swap_process_state(f, &processes);
	u32 max = 1U << swap_min(f->page_cluster, 6), hits;
	u64 entry = f->entry, start;

	if (!c || f->flags & SWAP_EXT_F_SYNC_IO)
		return SWAP_EXT_PF_DEFAULT;
	if (max == 1)
		return SWAP_EXT_PF_NONE;

	hits = c->pages ? c->hits : SWAP_WINDOW_FIRST_HITS;
	c->pages = swap_window_pages(c->prev, entry, hits, max, c->pages);
	c->hits = 0;
	if (!hits)
		c->prev = entry;
	if (c->pages == 1)
		return SWAP_EXT_PF_NONE;

	/* Offset 0 of a device is its header. */
	start = entry & ~(u64)(c->pages - 1);
	if (!SWAP_EXT_ENTRY_OFFSET(start))
		start++;
	bpf_swap_plan_entry(plan, start, (entry | (c->pages - 1)) + 1 - start);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(cluster, "read the swap slots around the faulting one",
	    .fault = (void *)cluster_fault,
	    .prefetch = (void *)cluster_prefetch);
