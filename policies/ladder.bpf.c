// SPDX-License-Identifier: GPL-2.0
/*
 * ladder - follow a repeating cycle of distances, thread by thread.
 *
 * Good: a few pages of every row of a matrix, records of several pages at equal
 * distances, any walk whose steps repeat with a period of at most 16; a plain
 * stride is a cycle of one.
 * Loses: rows longer than 16 pages, which are no cycle in its eyes; two walks
 * interleaved in one thread unless they keep step; and walks that have a cycle
 * now and then, after which it reads up to one window of the wrong pages. It
 * costs a task storage lookup on every hit.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_ladder.bpf.h>

struct params {
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, sync, 0, 0, 1, "also on devices that read inline");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(cycles, "windows that followed a cycle");
};
SWAP_STATS(struct stats);

SWAP_PROCESS_STATE(threads, struct ladder_thread);

void BPF_STRUCT_OPS(ladder_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct ladder_thread *lt = swap_thread_state(f, &threads);

	if (lt)
		ladder_touch(lt, swap_fault_page(f),
			     f->flags & SWAP_EXT_F_PREFETCHED);
}

s32 BPF_STRUCT_OPS(ladder_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct ladder_thread *lt = swap_thread_state(f, &threads);
	struct params *p = swap_params(f);
	u32 period, window;

	if (!lt || !p)
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO && !p->sync)
		return SWAP_EXT_PF_NONE;

	period = ladder_find_period(lt);
	if (!period)
		return SWAP_EXT_PF_NONE;
	window = ladder_window(lt, p->max_window);
	swap_stat_add(f, cycles, 1);
	ladder_plan(lt, f, plan, period, window);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(ladder, "follow a repeating cycle of distances",
	    .fault = (void *)ladder_fault,
	    .prefetch = (void *)ladder_prefetch);
