// SPDX-License-Identifier: GPL-2.0
/*
 * polls - never reads ahead, and polls for each page as long as it is told to.
 * For the test of ops->wait().
 */
#include <swap_ext/policy.bpf.h>

struct params {
	SWAP_PARAM(u32, poll_ns, 100000, 0, 0xffffffff, "how long to poll for a page, in ns");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(asked, "how often wait was asked");
	SWAP_STAT(odd, "and the fault was none that waits for a read");
};
SWAP_STATS(struct stats);

s32 BPF_STRUCT_OPS(polls_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	return SWAP_EXT_PF_NONE;
}

u32 BPF_STRUCT_OPS(polls_wait, const struct swap_ext_fault *f, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct params *p = swap_params(f);

	swap_stat_add(f, asked, 1);
	if (f->flags & SWAP_EXT_F_HIT)
		swap_stat_add(f, odd, 1);
	return p ? p->poll_ns : 0;
}

SWAP_POLICY(polls, "polls for each page", .prefetch = (void *)polls_prefetch,
	    .wait = (void *)polls_wait);
