// SPDX-License-Identifier: GPL-2.0
/*
 * duet - what comes in and what goes out in one program: leap reads ahead, s3fifo evicts.
 *
 * Each side knows of the other. What a plan brought has its first use still to come: it
 * does not count as the second one that takes a page to the main queue, or a scan that is
 * read ahead would push out the working set although each of its pages is used once.
 *
 * Good: scans with any stride beside a working set: the scan is read ahead, and the working
 * set stays (tests/unit/t_duet.c; without that knowledge one in 13 of its uses is a
 * miss). Loops that do not fit: less than half of the pages that leap alone reads.
 * Loses: as leap and s3fifo do; a page that was read ahead and is used again soon enters the
 * main queue when it comes back, not before.
 *
 * The algorithms are in swap_ext/algo_leap.bpf.h and algo_s3fifo.bpf.h.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_leap.bpf.h>
#include <swap_ext/algo_s3fifo.bpf.h>

struct params {
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, sync, 0, 0, 1, "fetch ahead on devices that read inline as well");
	SWAP_PARAM(u32, candidates, 48, 33, 128,
		   "pages of the main queue looked at for 32 that go");
	SWAP_PARAM(u32, small, 10, 1, 90, "percent of the memory: the small queue");
	SWAP_PARAM(u32, ghosts, 90, 0, 1000, "percent of the memory: the ghost queue");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(trends, "windows that followed a trend");
	SWAP_STAT(blind, "windows around the fault for want of a trend");
	SWAP_STAT(promoted, "pages that were used in the small queue");
	SWAP_STAT(demoted, "pages that were not used there and had to go");
	SWAP_STAT(returned, "ghosts that came to the main queue");
};
SWAP_STATS(struct stats);

SWAP_PROCESS_STATE(processes, struct leap_process);
SWAP_ATTACHMENT_STATE(fifos, struct s3fifo);

void BPF_STRUCT_OPS(duet_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct leap_process *lp = swap_process_state(f, &processes);

	if (lp)
		leap_touch(lp, swap_fault_page(f), f->flags & SWAP_EXT_F_PREFETCHED);
}

s32 BPF_STRUCT_OPS(duet_prefetch, const struct swap_ext_fault *f,
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

void BPF_STRUCT_OPS(duet_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct s3fifo *f = swap_attachment_state(p, &fifos);
	struct swap_queued *page = swap_queued(folio);
	struct params *par = swap_params(p);

	if (f && par && page && s3fifo_enter(f, p, page, par->ghosts))
		swap_stat_add(p, returned, 1);
}

void BPF_STRUCT_OPS(duet_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct s3fifo *f = swap_attachment_state(p, &fifos);
	struct swap_queued *page = swap_queued(folio);

	if (f && page)
		s3fifo_leave(f, p, page);
}

void BPF_STRUCT_OPS(duet_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct s3fifo *f = swap_attachment_state(e, &fifos);
	struct params *p = swap_params(e);
	struct s3fifo_counts c;

	if (!f || !p)
		return;
	c = s3fifo_name_victims(f, e, victims, &(struct s3fifo_params) {
		.candidates = p->candidates,
		.small = p->small,
		.ghosts = p->ghosts,
	});
	swap_stat_add(e, promoted, c.nr_promoted);
	swap_stat_add(e, demoted, c.nr_demoted);
}

SWAP_QUEUE_INIT_EXIT(duet, fifos, struct s3fifo)

SWAP_POLICY(duet, "leap reads ahead, s3fifo evicts, each knows of the other",
	    .init = (void *)duet_init,
	    .exit = (void *)duet_exit,
	    .fault = (void *)duet_fault,
	    .prefetch = (void *)duet_prefetch,
	    .added = (void *)duet_added,
	    .removed = (void *)duet_removed,
	    .evict = (void *)duet_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
