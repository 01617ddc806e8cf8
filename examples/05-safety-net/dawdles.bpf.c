// SPDX-License-Identifier: GPL-2.0
/*
 * dawdles - take 30 ms for each answer.
 *
 * The verifier bounds the instructions of a program, not the rounds of bpf_loop().
 * Loses: always. It is here to be stopped by the kernel.
 */
#include <swap_ext/policy.bpf.h>

#define DAWDLE_NS	30000000
#define DAWDLE_ROUNDS	(1 << 23)	/* the most that bpf_loop() takes */

static long is_over(u32 round, u64 *end_ns)
{
	return bpf_ktime_get_ns() > *end_ns;
}

s32 BPF_STRUCT_OPS(dawdles_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	u64 end_ns = bpf_ktime_get_ns() + DAWDLE_NS;

	bpf_loop(DAWDLE_ROUNDS, is_over, &end_ns, 0);
	return SWAP_EXT_PF_DEFAULT;
}

SWAP_POLICY(dawdles, "take 30 ms for each answer",
	    .prefetch = (void *)dawdles_prefetch);
