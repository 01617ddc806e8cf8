// SPDX-License-Identifier: GPL-2.0
/*
 * next_page - after a miss read the pages behind it.
 *
 * Good: scans towards higher addresses.
 * Loses: on everything else, where it reads eight pages in vain for each miss.
 */
#include <swap_ext/policy.bpf.h>

#define NEXT_PAGES	8

s32 BPF_STRUCT_OPS(next_page_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	swap_plan_pages(plan, swap_fault_page(f) + 1, NEXT_PAGES);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(next_page, "read the pages behind the faulting one",
	    .prefetch = (void *)next_page_prefetch);
