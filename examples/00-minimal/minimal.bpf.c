// SPDX-License-Identifier: GPL-2.0
/* minimal - the least a policy can be: it reads the faulting page and no other. */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS(minimal_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	return SWAP_EXT_PF_NONE;
}

SWAP_POLICY(minimal, "the least a policy can be",
	    .prefetch = (void *)minimal_prefetch);
