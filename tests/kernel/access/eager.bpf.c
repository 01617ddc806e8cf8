// SPDX-License-Identifier: GPL-2.0
/* eager - reclaims as soon as it is attached, and so is not. */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS_SLEEPABLE(eager_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	return bpf_swap_reclaim_memcg(cgroup_id, 32, SWAP_EXT_SWAPPINESS_DEFAULT);
}

SWAP_POLICY(eager, "reclaims as soon as it is attached",
	    .init = (void *)eager_init);
