// SPDX-License-Identifier: GPL-2.0
/*
 * quits - give up with an error after a number of misses, and say why.
 *
 * What a policy does when it finds its own data damaged, or its cgroup not what it
 * was written for.
 */
#include <swap_ext/policy.bpf.h>

struct params {
	SWAP_PARAM(u32, patience, 100, 1, 1000000, "misses to bear");
};
SWAP_PARAMS(struct params);

s32 BPF_STRUCT_OPS(quits_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	u64 misses = bpf_swap_memcg_stat(memcg, SWAP_EXT_STAT_MAJOR);
	struct params *p = swap_params(f);

	if (p && misses > p->patience)
		bpf_swap_ext_error(memcg, "%llu misses, patience ends at %u",
				   misses, p->patience);
	return SWAP_EXT_PF_DEFAULT;
}

void BPF_STRUCT_OPS_SLEEPABLE(quits_dump, struct mem_cgroup *memcg, u64 cgroup_id)
{
	bpf_swap_ext_dump(memcg, "faults %llu",
			  bpf_swap_memcg_stat(memcg, SWAP_EXT_STAT_FAULTS));
	bpf_swap_ext_dump(memcg, "hits %llu",
			  bpf_swap_memcg_stat(memcg, SWAP_EXT_STAT_HITS));
}

SWAP_POLICY(quits, "give up with an error",
	    .prefetch = (void *)quits_prefetch,
	    .dump = (void *)quits_dump);
