/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A cycle of distances, as rows of a few pages with a jump between them make it:
 * used by the ladder policy and by duel.
 *
 * If the differences between a thread's swap accesses repeat with some period,
 * the coming ones are those of one period ago.
 */
#ifndef __SWAP_EXT_ALGO_LADDER_BPF_H
#define __SWAP_EXT_ALGO_LADDER_BPF_H

#include <swap_ext/window.bpf.h>

#define LADDER_HISTORY		64	/* differences kept; a power of two */
#define LADDER_MAX_PERIOD	16
#define LADDER_SEARCH		32	/* repetitions that are proof enough */
#define LADDER_FIRST_WINDOW	4

/** struct ladder_thread - what is known of one thread; 0.5 KiB */
struct ladder_thread {
	u64 last;		/* page touched last, 0: none */
	s64 delta[LADDER_HISTORY];
	u32 head;		/* deltas ever pushed */
	u32 hits;		/* prefetched pages used since the last window */
	u32 window;		/* pages of the last window */
	u32 period;		/* of the last cycle found, 0: none yet */
};

/** ladder_touch() - a page was touched, be it there already or not */
static __always_inline void ladder_touch(struct ladder_thread *lt, u64 page,
					 bool prefetched)
{
	if (lt->last)
		lt->delta[lt->head++ % LADDER_HISTORY] = page - lt->last;
	lt->last = page;
	lt->hits += prefetched;
}

/* The delta @ago pushes back; 0 is the newest. */
static __always_inline s64 ladder_delta(const struct ladder_thread *lt, u32 ago)
{
	return lt->delta[(lt->head - 1 - ago) % LADDER_HISTORY];
}

/*
 * How many of the newest deltas equal the one a period before, up to @max, with
 * @strays exceptions: a jump to another place of the same cycle makes two.
 */
SWAP_SUBPROG(u32, ladder_count, const struct ladder_thread *lt __arg_nonnull,
	     u32 period, u32 max, s32 strays)
{
	u32 at = lt->head, n;

	max = swap_min(max, LADDER_SEARCH);
	for (n = 0; n < max && swap_can_loop; n++) {
		at--;
		/* A place of its own, not head - n: see swap_can_loop. */
		barrier_var(at);
		strays -= lt->delta[at % LADDER_HISTORY] !=
			  lt->delta[(at - period) % LADDER_HISTORY];
		if (strays < 0)
			break;
	}
	return n;
}

/*
 * The period that explains most of the newest history, and at least one whole
 * cycle and three distances of it; the shorter one in a tie, 0 if there is none.
 */
SWAP_SUBPROG(u32, ladder_search, const struct ladder_thread *lt __arg_nonnull)
{
	u32 known = swap_min(lt->head, LADDER_HISTORY);
	u32 end = swap_min(known, LADDER_MAX_PERIOD + 1);
	u32 best = 0, best_count = 2, period, count;

	for (period = 1; period < end && swap_can_loop; period++) {
		count = ladder_count(lt, period, known - period, 0);
		if (count >= period && count > best_count) {
			best_count = count;
			best = period;
		}
	}
	return best;
}

/**
 * ladder_find_period() - after how many accesses the distances repeat
 *
 * The last period stays while two cycles follow it. If they do not and no other
 * is found, it was a jump, unless there are more strays than one jump makes.
 *
 * Return: the period, 0 if there is none.
 */
static __always_inline u32 ladder_find_period(struct ladder_thread *lt)
{
	u32 last = lt->period, enough = swap_max(2 * last, 6), found;

	if (last && ladder_count(lt, last, enough, 0) == enough)
		return last;
	found = ladder_search(lt);
	if (!found && last && ladder_count(lt, last, enough, 2) == enough)
		return last;
	lt->period = found;
	return found;
}

/**
 * ladder_next() - the distance that follows in the cycle
 * @lt: the thread
 * @period: of the cycle
 * @ago: place in the newest cycle, 0 being its end
 *
 * What two of the last three cycles have there, so that a jump is not repeated.
 */
static __always_inline s64 ladder_next(const struct ladder_thread *lt,
				       u32 period, u32 ago)
{
	s64 delta = ladder_delta(lt, ago);
	s64 before = ladder_delta(lt, ago + period);

	if (delta != before && delta != ladder_delta(lt, ago + 2 * period))
		return before;
	return delta;
}

/** ladder_window() - how many pages to prefetch along the cycle */
static __always_inline u32 ladder_window(struct ladder_thread *lt, u32 max)
{
	lt->window = swap_window_follow(lt->hits, LADDER_FIRST_WINDOW,
					lt->window, max);
	lt->hits = 0;
	return lt->window;
}

/**
 * ladder_plan() - ask for a window along the cycle, up to the mapping's edge
 * @lt: the thread
 * @f: the fault
 * @plan: of the fault
 * @period: what ladder_find_period() found
 * @window: what ladder_window() allowed
 *
 * Neighbours are named in one call: the calls are most of what a plan costs.
 */
SWAP_SUBPROG(int, ladder_plan, const struct ladder_thread *lt __arg_nonnull,
	     const struct swap_ext_fault *f __arg_trusted,
	     struct swap_ext_plan *plan __arg_trusted, u32 period, u32 window)
{
	struct swap_range r = swap_fault_range(f);
	s64 page = swap_fault_page(f), first = page, end = page;
	u32 ago = period, i;

	/* The run that is not named yet, from first to end, may be none. */
	for (i = 0; i < window && swap_can_loop; i++) {
		ago = ago ? ago - 1 : period - 1;
		page += ladder_next(lt, period, ago);
		if (page < r.start || page >= r.end)
			break;
		if (page != end) {
			if (first != end &&
			    swap_plan_pages(plan, first, end - first) < 0)
				return 0;
			first = page;
		}
		end = page + 1;
	}
	if (first != end)
		swap_plan_pages(plan, first, end - first);
	return 0;
}

#endif /* __SWAP_EXT_ALGO_LADDER_BPF_H */
