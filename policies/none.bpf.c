// SPDX-License-Identifier: GPL-2.0
/*
 * none - read the faulting page and nothing else.
 *
 * Good: random access, devices that answer as fast as memory, and as the floor
 * that every other policy is measured against.
 * Loses: wherever the next page can be guessed.
 */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS(none_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	return SWAP_EXT_PF_NONE;
}

SWAP_POLICY(none, "never fetch ahead", .prefetch = (void *)none_prefetch);
