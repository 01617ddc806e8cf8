// SPDX-License-Identifier: GPL-2.0
/*
 * leap - follow the stride that the majority of a process's last faults share.
 *
 * Good: one scan with any stride, also with strays in between, and a scan that
 * starts over elsewhere with the same stride: the trend outlives the jump.
 * Loses: several streams in one process, threads or not, because the differences
 * between them have no majority (stride keeps them apart); repeating patterns of
 * several strides (ladder); and the paper's window of at most 8 pages still
 * waits for every ninth, which is why the default here is 32.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_leap.bpf.h>

struct params {
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, sync, 0, 0, 1, "also on devices that read inline");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(trends, "windows that followed a trend");
	SWAP_STAT(blind, "windows around the fault for want of a trend");
};
SWAP_STATS(struct stats);

SWAP_PROCESS_STATE(processes, struct leap_process);

void BPF_STRUCT_OPS(leap_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct leap_process *lp = swap_process_state(f, &processes);

	if (lp)
		leap_touch(lp, swap_fault_page(f),
			   f->flags & SWAP_EXT_F_PREFETCHED);
}

s32 BPF_STRUCT_OPS(leap_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct leap_process *lp = swap_process_state(f, &processes);
	struct params *p = swap_params(f);
	u32 window;
	s64 trend;

	if (!lp || !p)
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO && !p->sync)
		return SWAP_EXT_PF_NONE;

	trend = leap_find_trend(lp);
	window = leap_window(lp, trend, p->max_window);
	if (!window)
		return SWAP_EXT_PF_NONE;
	if (trend)
		swap_stat_add(f, trends, 1);
	else
		swap_stat_add(f, blind, 1);
	leap_plan(lp, f, plan, trend, window);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(leap, "follow the stride most of the last faults share",
	    .fault = (void *)leap_fault,
	    .prefetch = (void *)leap_prefetch);
