// SPDX-License-Identifier: GPL-2.0
/*
 * ahead - next_page with parameters, a counter and a constant.
 *
 * Good: scans whose stride is known, as "ahead step=7".
 * Loses: on every other walk.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/steps.bpf.h>

struct params {
	SWAP_PARAM(u32, window, 8, 1, 32, "pages fetched ahead");
	SWAP_PARAM(s32, step, 1, -64, 64, "pages from one to the next");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(calls, "misses seen");
	SWAP_STAT(nothing_new, "of these, nothing ahead was in swap");
};
SWAP_STATS(struct stats);

SWAP_CONST(u32, shmem, 1, 0, 1, "also for shared memory files");

s32 BPF_STRUCT_OPS(ahead_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	u32 room = bpf_swap_plan_room(plan);
	struct params *p = swap_params(f);

	if (!p || (!shmem && f->flags & SWAP_EXT_F_SHMEM))
		return SWAP_EXT_PF_DEFAULT;

	swap_plan_steps(plan, f, swap_fault_page(f) + p->step, p->step,
			p->window);
	swap_stat_add(f, calls, 1);
	if (bpf_swap_plan_room(plan) == room)
		swap_stat_add(f, nothing_new, 1);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(ahead, "read pages at a fixed step",
	    .prefetch = (void *)ahead_prefetch);
