// SPDX-License-Identifier: GPL-2.0
/*
 * readahead - the stock kernel's VMA readahead, decision for decision, in BPF.
 *
 * Good: sequential access in either direction and clustered access; the policy to
 * copy when stock is nearly right, and the measure of what BPF costs. max_window
 * sets the window of one cgroup, and goes beyond the 32 pages at which stock's ends.
 * Loses: strides (no neighbour is ever touched, so the window shrinks to one
 * page), several streams in one mapping, and every page of the window that is
 * not the next one. More than 64 mappings in use at once forget each other,
 * which stock's, kept in the mapping itself, do not.
 *
 * Shared memory files and devices that read inline are left to the kernel, which
 * has other rules for them.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_readahead.bpf.h>

struct params {
	SWAP_PARAM(u32, max_window, 0, 0, 63,
		   "most pages of a window, the faulting one among them; 0: as page-cluster says");
};
SWAP_PARAMS(struct params);

SWAP_PROCESS_STATE(processes, struct ra_process);

void BPF_STRUCT_OPS(readahead_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	u32 flags = f->flags;
	struct ra_process *ra;

	/* A miss changes nothing before its window is chosen. */
	if (!(flags & (SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT)) ||
	    flags & SWAP_EXT_F_SHMEM)
		return;
	ra = swap_process_state(f, &processes);
	if (ra)
		ra_touch(ra_find_vma(ra, f->vm_start), f->addr,
			 flags & SWAP_EXT_F_PREFETCHED);
}

s32 BPF_STRUCT_OPS(readahead_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct params *p = swap_params(f);
	struct ra_process *ra;
	struct swap_range r;
	u32 max;

	if (!p || f->flags & (SWAP_EXT_F_SHMEM | SWAP_EXT_F_SYNC_IO))
		return SWAP_EXT_PF_DEFAULT;
	max = p->max_window ?: 1U << swap_min(f->page_cluster, RA_MAX_CLUSTER);
	if (max == 1)
		return SWAP_EXT_PF_NONE;
	ra = swap_process_state(f, &processes);
	if (!ra)
		return SWAP_EXT_PF_DEFAULT;
	if (!ra_window(ra_find_vma(ra, f->vm_start), f, max, &r))
		return SWAP_EXT_PF_NONE;
	ra_plan(f, plan, r);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(readahead, "the kernel's own VMA readahead, written in BPF",
	    .fault = (void *)readahead_fault,
	    .prefetch = (void *)readahead_prefetch);
