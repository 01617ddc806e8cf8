// SPDX-License-Identifier: GPL-2.0
/*
 * wrong_way - read again what the process has just left behind.
 *
 * Loses: always. It is here to be stopped by the kernel.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/steps.bpf.h>

s32 BPF_STRUCT_OPS(wrong_way_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	/* From 6 MiB below: out in swap again where the process may have 4. */
	swap_plan_steps(plan, f, swap_fault_page(f) - 1536, -64, 16);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(wrong_way, "read what was left behind",
	    .prefetch = (void *)wrong_way_prefetch);
