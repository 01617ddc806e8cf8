// SPDX-License-Identifier: GPL-2.0
/*
 * stride - several streams at once, each with its own stride.
 *
 * Good: scans in either direction with any stride, loops over several arrays,
 * many threads each on its own way; random access costs it nothing on a hit and
 * little on a miss.
 * Loses: patterns that repeat more than one distance (ladder), each of whose rows
 * it takes for a stream that ends too early; streams that pass from thread to
 * thread page by page before three misses of one thread have made them known;
 * more than 16 at a time per process.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_stride.bpf.h>

struct params {
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, sync, 0, 0, 1, "also on devices that read inline");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(streams, "streams that turned out to be one");
};
SWAP_STATS(struct stats);

SWAP_PROCESS_STATE(processes, struct stride_process);
SWAP_PROCESS_STATE(threads, struct stride_thread);

s32 BPF_STRUCT_OPS(stride_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct stride_process *sp = swap_process_state(f, &processes);
	struct params *p = swap_params(f);
	u64 page = swap_fault_page(f);
	struct stride_thread *st;
	struct stride_stream *s;

	if (!sp || !p)
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO && !p->sync)
		return SWAP_EXT_PF_NONE;

	s = stride_resume(sp, page, p->max_window);
	if (!stride_is_sure(s, page)) {
		st = swap_thread_state(f, &threads);
		if (!st)
			return SWAP_EXT_PF_NONE;
		if (s && s->next == page)
			swap_stat_add(f, streams, 1);
		s = stride_explain(sp, st, s, page, p->max_window);
		if (!s)
			return SWAP_EXT_PF_NONE;
	}
	stride_plan(sp, s, f, plan);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(stride, "several streams, each with a stride of its own",
	    .prefetch = (void *)stride_prefetch);
