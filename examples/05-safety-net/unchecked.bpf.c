// SPDX-License-Identifier: GPL-2.0
/*
 * unchecked - forgets to ask whether a lookup found anything.
 *
 * It compiles. The verifier refuses it before it can run.
 */
#include <swap_ext/policy.bpf.h>

struct params {
	SWAP_PARAM(u32, window, 8, 1, 64, "pages fetched ahead");
};
SWAP_PARAMS(struct params);

s32 BPF_STRUCT_OPS(unchecked_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct params *p = swap_params(f);

	swap_plan_pages(plan, swap_fault_page(f) + 1, p->window);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(unchecked, "forgets to look at a pointer",
	    .prefetch = (void *)unchecked_prefetch);
