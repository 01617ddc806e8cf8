// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - limits on what a policy may do to the memcg it governs
 *
 * Pages in flight, accuracy, time per call, and room at the memory limit. Each
 * limit that bites is counted, so that a policy's author sees why a plan came
 * out smaller than it went in. Called from the fault path.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/psi.h>
#include <linux/swap.h>
#include "swap.h"
#include "swap_ext.h"

#include <trace/events/swap_ext.h>

#define DEFAULT_MAX_INFLIGHT	1024
#define DEFAULT_MIN_ACCURACY	10

/* Pages that must have met their end before accuracy is judged again. */
#define ACCURACY_SAMPLE		1024

/* A call over its time budget may have been interrupted; three in a row were not. */
#define CALL_STRIKES		3

/**
 * swap_ext_reset_governor - a policy takes over: it gets the limits of a good one
 * @se: the memcg's state
 */
void swap_ext_reset_governor(struct swap_ext_memcg *se)
{
	struct swap_ext_governor *gov = &se->gov;

	WRITE_ONCE(gov->window, SWAP_EXT_PLAN_MAX);
	WRITE_ONCE(gov->off, false);
	WRITE_ONCE(gov->no_keeps, false);
	gov->nr_kept = 0;
	gov->nr_plans = 0;
	memset(gov->nr_slow, 0, sizeof(gov->nr_slow));
	if (se->stats) {
		gov->seen_good = swap_ext_read_stat(se, SWAP_EXT_STAT_USED) +
				 swap_ext_read_stat(se, SWAP_EXT_STAT_LATE);
		gov->seen_bad = swap_ext_read_stat(se, SWAP_EXT_STAT_UNUSED);
	}
}

/**
 * swap_ext_budget - pages a plan may bring in now
 * @se: the faulting memcg
 * @ops: the policy
 */
u32 swap_ext_budget(struct swap_ext_memcg *se, const struct swap_ext_ops *ops)
{
	struct swap_ext_governor *gov = &se->gov;
	u32 cap = ops->max_inflight ?: DEFAULT_MAX_INFLIGHT;
	u32 inflight = max(atomic_read(&gov->nr_inflight), 0);
	u32 budget = READ_ONCE(gov->window);

	if (budget < SWAP_EXT_PLAN_MAX)
		swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_ACCURACY);
	if (inflight + budget > cap) {
		budget = cap > inflight ? cap - inflight : 0;
		swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_INFLIGHT);
	}
	return budget;
}

/* Does the policy that was called still govern? Limits are of the one that does. */
static bool call_governs(const struct swap_ext_memcg *se,
			 const struct swap_ext_call *call)
{
	return rcu_access_pointer(se->domain) == call->dom &&
	       rcu_access_pointer(call->dom->ops) == call->ops;
}

/**
 * __swap_ext_check_accuracy - halve or restore the window of a memcg
 * @memcg: the faulting memcg
 * @call: the call of a policy for it
 *
 * Below the floor at a window of one page, prefetch ends: the policy is stopped
 * if it is attached to this very cgroup, else only this memcg goes without.
 *
 * Context: rcu_read_lock() held.
 */
void __swap_ext_check_accuracy(struct mem_cgroup *memcg,
			       const struct swap_ext_call *call)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	u32 floor = call->ops->min_accuracy ?: DEFAULT_MIN_ACCURACY;
	struct swap_ext_governor *gov = &se->gov;
	u64 good, bad, nr_good, nr_bad, seen;
	char msg[80];
	u32 window;

	if (!call_governs(se, call))
		return;
	gov->nr_plans = 0;
	good = swap_ext_read_stat(se, SWAP_EXT_STAT_USED) +
	       swap_ext_read_stat(se, SWAP_EXT_STAT_LATE);
	bad = swap_ext_read_stat(se, SWAP_EXT_STAT_UNUSED);
	seen = READ_ONCE(gov->seen_good);
	nr_good = good - seen;
	nr_bad = bad - READ_ONCE(gov->seen_bad);
	/* Somebody who looked meanwhile has seen more, or another policy took over. */
	if ((s64)nr_good < 0 || (s64)nr_bad < 0 || nr_good + nr_bad < ACCURACY_SAMPLE)
		return;
	if (cmpxchg(&gov->seen_good, seen, good) != seen)
		return;
	WRITE_ONCE(gov->seen_bad, bad);

	window = READ_ONCE(gov->window);
	if (nr_good * 100 >= (nr_good + nr_bad) * floor) {
		WRITE_ONCE(gov->window, min(2 * window, SWAP_EXT_PLAN_MAX));
		return;
	}
	trace_swap_ext_clamp(memcg, window / 2, nr_good, nr_bad);
	if (window > 1) {
		WRITE_ONCE(gov->window, window / 2);
		return;
	}
	WRITE_ONCE(gov->off, true);
	if (call->dom->memcg != memcg)
		return;
	snprintf(msg, sizeof(msg), "accuracy %llu%% of %llu pages, floor %u%%",
		 nr_good * 100 / (nr_good + nr_bad), nr_good + nr_bad, floor);
	swap_ext_fail(call, SWAP_EXT_EXIT_ACCURACY, 0, msg);
}

static const char * const timed_names[SWAP_EXT_NR_TIMED] = {
	[SWAP_EXT_TIMED_FAULT]		= "fault",
	[SWAP_EXT_TIMED_PREFETCH]	= "prefetch",
	[SWAP_EXT_TIMED_WAIT]		= "wait",
	[SWAP_EXT_TIMED_RECLAIM]	= "reclaim",
	[SWAP_EXT_TIMED_PAGE]		= "an op of a page",
	[SWAP_EXT_TIMED_EVICT]		= "evict",
};

/**
 * __swap_ext_check_time - a call of an op was over its time budget
 * @memcg: the faulting memcg
 * @call: the call
 * @op: which
 * @spent: how long, in jiffies
 *
 * Context: rcu_read_lock() held.
 */
void __swap_ext_check_time(struct mem_cgroup *memcg,
			   const struct swap_ext_call *call,
			   enum swap_ext_timed op, unsigned long spent)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	char msg[80];

	swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_TIME);
	if (!call_governs(se, call) || ++se->gov.nr_slow[op] < CALL_STRIKES)
		return;
	snprintf(msg, sizeof(msg),
		 "%s took %u ms, %d times in a row over its budget of %u ms",
		 timed_names[op],
		 jiffies_to_msecs(spent), CALL_STRIKES, SWAP_EXT_CALL_BUDGET_MS);
	swap_ext_fail(call, SWAP_EXT_EXIT_SLOW, 0, msg);
}

/*
 * Pages that @memcg and all above it can take before one meets a limit; negative
 * where one is beyond it.
 */
static long memcg_room(struct mem_cgroup *memcg)
{
	long room = PAGE_COUNTER_MAX;

	for (; memcg && !mem_cgroup_is_root(memcg); memcg = parent_mem_cgroup(memcg)) {
		/* Over memory.high a task is throttled, which is reclaim as well. */
		unsigned long limit = min(READ_ONCE(memcg->memory.max),
					  READ_ONCE(memcg->memory.high));

		room = min(room, (long)(limit - page_counter_read(&memcg->memory)));
	}
	return room;
}

/* Pages of @memcg itself on two of its lists. */
static unsigned long nr_lru_pages(struct mem_cgroup *memcg, enum lru_list one,
				  enum lru_list other)
{
	unsigned long nr = 0;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		struct lruvec *lruvec = mem_cgroup_lruvec(memcg, NODE_DATA(nid));

		nr += swap_ext_nr_on_list(lruvec, one) +
		      swap_ext_nr_on_list(lruvec, other);
	}
	return nr;
}

/* A memcg of a few pages only is looked at as if it had these. */
#define MIN_STALLED	1024

/**
 * swap_ext_check_progress - a policy kept pages that the stock kernel would reclaim
 * @memcg: their memcg
 * @call: the call that kept them
 * @nr_pages: how many
 *
 * To keep all that reclaim looks at, twice over, and let not a single page go between
 * them, is no policy. It is stopped if it is attached to this very cgroup, else it
 * only keeps nothing more in this memcg.
 *
 * Context: rcu_read_lock() held.
 */
void swap_ext_check_progress(struct mem_cgroup *memcg,
			     const struct swap_ext_call *call, u32 nr_pages)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	struct swap_ext_governor *gov = &se->gov;
	u32 nr = gov->nr_kept + nr_pages;
	unsigned long nr_all;
	char msg[80];

	gov->nr_kept = nr;
	/* The sizes of the lists cost a walk over zones: now and then. */
	if (nr < 2 * MIN_STALLED || nr / MIN_STALLED == (nr - nr_pages) / MIN_STALLED ||
	    !call_governs(se, call))
		return;
	nr_all = nr_lru_pages(memcg, LRU_INACTIVE_ANON, LRU_ACTIVE_ANON);
	if (nr < 2 * nr_all)
		return;
	WRITE_ONCE(gov->no_keeps, true);
	if (call->dom->memcg != memcg)
		return;
	snprintf(msg, sizeof(msg), "kept %u pages in a row, of %lu there are", nr, nr_all);
	swap_ext_fail(call, SWAP_EXT_EXIT_STALLED, 0, msg);
}

/**
 * swap_ext_make_room - see to it that a plan can be charged
 * @memcg: the faulting memcg
 * @nr: pages of the plan
 * @gfp: what the allocation of the demand page may do
 *
 * A memcg at its limit is the normal case. Like stock readahead, a plan takes
 * its room from the cold end of the LRU; unlike it, never when that end is so
 * short that what the last two plans brought in would be on it. The demand read
 * is on the wire while this runs.
 *
 * It makes room for one batch of charges more: those of the plan then come out of
 * one step of the counters, and the next demand page finds room before its read is
 * submitted, not after a reclaim of its own. A sequential walk of null_blk under
 * half of its size takes 2.1 % less time per page for it with policy readahead and
 * page-cluster 5, 0.4 % less with policy stride.
 *
 * Context: may reclaim, as the charge of the demand page just did.
 * Return: pages that may be charged now, at most @nr.
 */
u32 swap_ext_make_room(struct mem_cgroup *memcg, u32 nr, gfp_t gfp)
{
	long missing, room = memcg_room(memcg);
	unsigned long pflags;

	if (room >= (long)nr)
		return nr;
	missing = nr - room + MEMCG_CHARGE_BATCH;
	/* Far beyond a limit, whoever went there: a plan is no reason to make it good. */
	if (room < -(long)MEMCG_CHARGE_BATCH || !gfpflags_allow_blocking(gfp) ||
	    nr_lru_pages(memcg, LRU_INACTIVE_ANON, LRU_INACTIVE_FILE) <
	    missing + 2 * SWAP_EXT_PLAN_MAX)
		return max(room, 0L);
	/* From @memcg whichever limit it is: a neighbour's pages are not ours. */
	psi_memstall_enter(&pflags);
	try_to_free_mem_cgroup_pages(memcg, missing, gfp,
				     MEMCG_RECLAIM_MAY_SWAP, NULL);
	psi_memstall_leave(&pflags);
	return clamp(memcg_room(memcg), 0L, (long)nr);
}
