/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leap's majority trend (Al Maruf and Chowdhury, "Effectively Prefetching Remote
 * Memory with Leap", ATC 2020): used by the leap policy and by duel.
 *
 * The differences between successive swap accesses of a process are kept; the one
 * that more than half of the newest few share is the trend, so a few strays in
 * between do not end it. The window follows the use made of the last one.
 */
#ifndef __SWAP_EXT_ALGO_LEAP_BPF_H
#define __SWAP_EXT_ALGO_LEAP_BPF_H

#include <swap_ext/steps.bpf.h>
#include <swap_ext/window.bpf.h>

#define LEAP_HISTORY	32	/* differences kept; a power of two */
#define LEAP_SPLIT	4	/* look at 1/4 of them first, then twice that */

/** struct leap_process - what is known of one process */
struct leap_process {
	u64 last;		/* page touched last */
	s64 delta[LEAP_HISTORY];
	s64 trend;		/* the last one there was, 0: none yet */
	u32 head;		/* deltas ever pushed */
	u32 hits;		/* prefetched pages used since the last window */
	u32 window;		/* pages of the last window */
};

/** leap_touch() - a page was touched, be it there already or not */
static __always_inline void leap_touch(struct leap_process *lp, u64 page,
				       bool prefetched)
{
	/* The first touch pushes its page number, which is no trend. */
	lp->delta[lp->head++ % LEAP_HISTORY] = page - lp->last;
	lp->last = page;
	lp->hits += prefetched;
}

/* The delta @ago pushes back; 0 is the newest. */
static __always_inline s64 leap_delta(const struct leap_process *lp, u32 ago)
{
	return lp->delta[(lp->head - 1 - ago) % LEAP_HISTORY];
}

/**
 * leap_find_trend() - the majority among the newest deltas
 *
 * Boyer and Moore's vote leaves the one value that can have a majority in one
 * pass over the window, carried on where the window doubles; counting decides.
 *
 * Return: the delta, 0 if there is none.
 */
SWAP_SUBPROG(s64, leap_find_trend, const struct leap_process *lp __arg_nonnull)
{
	s64 candidate = 0, d;
	u32 lead = 0, n = 0, w, i, count;

	for (w = LEAP_HISTORY / LEAP_SPLIT; w <= LEAP_HISTORY; w *= 2) {
		for (; n < w; n++) {
			d = leap_delta(lp, n);
			/* whoever has no lead is replaced, as by an if */
			candidate ^= (candidate ^ d) & -(s64)swap_equal(lead, 0);
			lead += 2 * swap_equal(d, candidate) - 1;
		}
		count = 0;
		for (i = 0; i < w; i++)
			count += swap_equal(leap_delta(lp, i), candidate);
		if (candidate && count > w / 2)
			return candidate;
	}
	return 0;
}

/**
 * leap_window() - how many pages to prefetch
 * @lp: the process; its hits are consumed
 * @trend: what leap_find_trend() found
 * @max: most pages
 *
 * Without hits one page if the fault follows the trend, else none.
 */
static __always_inline u32 leap_window(struct leap_process *lp, s64 trend,
				       u32 max)
{
	lp->window = swap_window_follow(lp->hits,
					trend && leap_delta(lp, 0) == trend,
					lp->window, max);
	lp->hits = 0;
	return lp->window;
}

/**
 * leap_plan() - ask for a window along the trend, else around the fault
 * @lp: the process
 * @f: the fault
 * @plan: of the fault
 * @trend: what leap_find_trend() found
 * @window: what leap_window() allowed
 */
static __always_inline void leap_plan(struct leap_process *lp,
				      const struct swap_ext_fault *f,
				      struct swap_ext_plan *plan, s64 trend,
				      u32 window)
{
	s64 page = swap_fault_page(f);
	u32 before = window / 2;
	s64 step;

	if (trend) {
		lp->trend = trend;
		swap_plan_steps(plan, f, page + trend, trend, window);
		return;
	}
	step = lp->trend ?: 1;
	swap_plan_steps(plan, f, page - before * step, step, window + 1);
}

#endif /* __SWAP_EXT_ALGO_LEAP_BPF_H */
