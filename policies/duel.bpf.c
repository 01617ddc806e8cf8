// SPDX-License-Identifier: GPL-2.0
/*
 * duel - ladder, leap, stride and readahead guess in shadow, the best one plans.
 *
 * Of every thousand touches of a thread 64 are sampled: each contestant names the
 * page it expects four touches later, and is credited if that page comes while the
 * guess is among its last 16. Waiting for a page costs as much as reading some in
 * vain (wait_cost, 4 by default: a disk that takes 50 us): if nobody's guesses come
 * true often enough for that, nothing is fetched ahead.
 *
 * Good: when nobody knows the access pattern, or it changes with the phase of the
 * program or from thread to thread.
 * Loses: a little to the best contestant everywhere, by the sampling and the first
 * 16 touches of every thread, which it only watches; up to a thousand touches after
 * a change that leaves the old winner half right; and streams that move between
 * threads, because everything it knows is a thread's.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_ladder.bpf.h>
#include <swap_ext/algo_leap.bpf.h>
#include <swap_ext/algo_readahead.bpf.h>
#include <swap_ext/algo_stride.bpf.h>

#define DUEL_AHEAD	4	/* touches that a guess looks ahead */
#define DUEL_GUESSES	16	/* kept per contestant; a power of two */
#define DUEL_SAMPLE	64	/* touches sampled in a row */
#define DUEL_ROUND	16	/* touches after which the winner is named anew */
#define DUEL_REST	960	/* touches between two samples */
#define DUEL_MISS	4	/* touches that a miss counts for: trouble is looked into */
#define DUEL_MARGIN	4	/* points that do not matter */

struct params {
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, wait_cost, 4, 1, 63, "pages read in vain that cost as much as one wait");
	SWAP_PARAM(u32, sync, 0, 0, 1, "also on devices that read inline");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(by_ladder, "windows planned by ladder");
	SWAP_STAT(by_leap, "windows planned by leap");
	SWAP_STAT(by_stride, "windows planned by stride");
	SWAP_STAT(by_readahead, "windows planned by readahead");
	SWAP_STAT(nobody, "misses while no contestant was good enough");
	SWAP_STAT(changes, "times another contestant took over");
};
SWAP_STATS(struct stats);

/* Of equals the first wins: the one with the larger reach. */
enum duel_side {
	DUEL_LADDER,
	DUEL_LEAP,
	DUEL_STRIDE,
	DUEL_READAHEAD,
	DUEL_SIDES,
};

/** struct duel_score - how a contestant does in this sample */
struct duel_score {
	u32 guess[DUEL_GUESSES];	/* low bits of page numbers, as a ring */
	u32 head;
	s32 points;			/* each guess costs one, a good one earns */
};

/** struct duel_stride - stride's state, of which a thread has two */
struct duel_stride {
	struct stride_process streams;
	struct stride_thread misses;
};

/** struct duel_thread - all that is known of a thread; 2 KiB */
struct duel_thread {
	struct ladder_thread ladder;
	struct leap_process leap;
	struct duel_stride live;	/* fed with misses, by windows */
	struct duel_stride shadow;	/* fed with touches, one page ahead */
	u64 ra_word;
	u64 last;			/* page touched last */
	struct duel_score score[DUEL_SIDES];
	u32 winner;			/* enum duel_side + 1; 0: nobody */
	u32 sample;			/* touches of this sample still to come */
	u32 rest;			/* touches till the next one */
};

SWAP_PROCESS_STATE(threads, struct duel_thread);

/* Did the contestant expect this page? What does it expect now? 0: nothing. */
static __always_inline void duel_judge(struct duel_score *s, u64 page,
				       u64 guess, u32 wait_cost)
{
	u32 i;

	for (i = 0; i < DUEL_GUESSES; i++) {
		if (s->guess[i] != (u32)page)
			continue;
		s->guess[i] = 0;
		s->points += 1 + wait_cost;
		break;
	}
	if (guess) {
		s->guess[s->head++ % DUEL_GUESSES] = guess;
		s->points--;
	}
}

static __always_inline u64 duel_guess_ladder(struct duel_thread *dt, u64 page)
{
	u32 period = ladder_find_period(&dt->ladder), ago = period, i;

	if (!period)
		return 0;
	for (i = 0; i < DUEL_AHEAD; i++) {
		ago = ago ? ago - 1 : period - 1;
		page += ladder_next(&dt->ladder, period, ago);
	}
	return page;
}

static __always_inline u64 duel_guess_leap(struct duel_thread *dt, u64 page)
{
	s64 trend = leap_find_trend(&dt->leap);

	return trend ? page + DUEL_AHEAD * trend : 0;
}

static __always_inline u64 duel_guess_stride(struct duel_thread *dt, u64 page)
{
	struct stride_process *sp = &dt->shadow.streams;
	struct stride_stream *s = stride_resume(sp, page, 1);

	if (!stride_is_sure(s, page))
		s = stride_explain(sp, &dt->shadow.misses, s, page, 1);
	if (!s)
		return 0;
	stride_advance(sp, s, page, 0);
	return page + DUEL_AHEAD * s->step;
}

/* Readahead reads on both sides unless it sees a direction. */
static __always_inline u64 duel_guess_readahead(struct duel_thread *dt,
						u64 page)
{
	if (page == dt->last + 1)
		return page + DUEL_AHEAD;
	if (page == dt->last - 1)
		return page - DUEL_AHEAD;
	return page + 1;
}

/* The first contestant that is as good as the best but for the margin. */
static __always_inline void duel_name_winner(struct duel_thread *dt,
					     const struct swap_ext_fault *f)
{
	/* Without a window of the kernel's there is none for readahead. */
	u32 sides = f->page_cluster ? DUEL_SIDES : DUEL_READAHEAD;
	u32 i, winner = 0;
	s32 best = 0;

	for (i = 0; i < sides; i++)
		best = swap_max(best, dt->score[i].points);
	for (i = 0; best && !winner && i < sides; i++)
		if (dt->score[i].points > 0 &&
		    dt->score[i].points + DUEL_MARGIN >= best)
			winner = i + 1;
	/* What was learned late in this round should count in the next. */
	for (i = 0; i < DUEL_SIDES; i++)
		dt->score[i].points >>= 1;
	if (winner == dt->winner)
		return;
	/* Hits that another earned are no reason for a large window. */
	dt->ladder.hits = 0;
	dt->leap.hits = 0;
	dt->winner = winner;
	swap_stat_add(f, changes, 1);
}

static __always_inline void duel_sample(struct duel_thread *dt,
					const struct swap_ext_fault *f,
					u64 page)
{
	struct params *p = swap_params(f);
	u32 cost = p ? p->wait_cost : 1;

	duel_judge(&dt->score[DUEL_LADDER], page, duel_guess_ladder(dt, page), cost);
	duel_judge(&dt->score[DUEL_LEAP], page, duel_guess_leap(dt, page), cost);
	duel_judge(&dt->score[DUEL_STRIDE], page, duel_guess_stride(dt, page), cost);
	duel_judge(&dt->score[DUEL_READAHEAD], page,
		   duel_guess_readahead(dt, page), cost);
	if (--dt->sample % DUEL_ROUND == 0)
		duel_name_winner(dt, f);
}

void BPF_STRUCT_OPS(duel_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct duel_thread *dt = swap_thread_state(f, &threads);
	u32 flags = f->flags, step = 1;
	u64 page = swap_fault_page(f);
	bool prefetched = flags & SWAP_EXT_F_PREFETCHED;

	if (!dt)
		return;
	ladder_touch(&dt->ladder, page, prefetched);
	leap_touch(&dt->leap, page, prefetched);
	if (flags & (SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT))
		ra_touch(&dt->ra_word, f->addr, prefetched);
	else
		step = DUEL_MISS;

	if (dt->sample) {
		duel_sample(dt, f, page);
		dt->rest = DUEL_REST;
	} else if (dt->rest > step) {
		dt->rest -= step;
	} else {
		dt->sample = DUEL_SAMPLE;
	}
	dt->last = page;
}

static __always_inline s32 duel_plan_ladder(struct duel_thread *dt,
					    const struct swap_ext_fault *f,
					    struct swap_ext_plan *plan, u32 max)
{
	u32 period = ladder_find_period(&dt->ladder);

	if (!period)
		return SWAP_EXT_PF_NONE;
	swap_stat_add(f, by_ladder, 1);
	ladder_plan(&dt->ladder, f, plan, period,
		    ladder_window(&dt->ladder, max));
	return SWAP_EXT_PF_PLAN;
}

static __always_inline s32 duel_plan_leap(struct duel_thread *dt,
					  const struct swap_ext_fault *f,
					  struct swap_ext_plan *plan, u32 max)
{
	s64 trend = leap_find_trend(&dt->leap);
	u32 window = leap_window(&dt->leap, trend, max);

	if (!window)
		return SWAP_EXT_PF_NONE;
	swap_stat_add(f, by_leap, 1);
	leap_plan(&dt->leap, f, plan, trend, window);
	return SWAP_EXT_PF_PLAN;
}

static __always_inline s32 duel_plan_stride(struct duel_thread *dt,
					    const struct swap_ext_fault *f,
					    struct swap_ext_plan *plan, u32 max)
{
	struct stride_process *sp = &dt->live.streams;
	u64 page = swap_fault_page(f);
	struct stride_stream *s = stride_resume(sp, page, max);

	if (!stride_is_sure(s, page))
		s = stride_explain(sp, &dt->live.misses, s, page, max);
	if (!s)
		return SWAP_EXT_PF_NONE;
	swap_stat_add(f, by_stride, 1);
	stride_plan(sp, s, f, plan);
	return SWAP_EXT_PF_PLAN;
}

static __always_inline s32 duel_plan_readahead(struct duel_thread *dt,
					       const struct swap_ext_fault *f,
					       struct swap_ext_plan *plan, u32 max)
{
	struct swap_range r;

	/* One page more, the faulting one. */
	max = swap_min(max + 1, 1U << swap_min(f->page_cluster, RA_MAX_CLUSTER));

	if (f->flags & SWAP_EXT_F_SHMEM)
		return SWAP_EXT_PF_DEFAULT;
	if (max == 1 || !ra_window(&dt->ra_word, f, max, &r))
		return SWAP_EXT_PF_NONE;
	swap_stat_add(f, by_readahead, 1);
	ra_plan(f, plan, r);
	return SWAP_EXT_PF_PLAN;
}

s32 BPF_STRUCT_OPS(duel_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct duel_thread *dt = swap_thread_state(f, &threads);
	struct params *p = swap_params(f);

	if (!dt || !p)
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO && !p->sync)
		return SWAP_EXT_PF_NONE;

	switch (dt->winner) {
	case DUEL_LADDER + 1:
		return duel_plan_ladder(dt, f, plan, p->max_window);
	case DUEL_LEAP + 1:
		return duel_plan_leap(dt, f, plan, p->max_window);
	case DUEL_STRIDE + 1:
		return duel_plan_stride(dt, f, plan, p->max_window);
	case DUEL_READAHEAD + 1:
		return duel_plan_readahead(dt, f, plan, p->max_window);
	}
	swap_stat_add(f, nobody, 1);
	return SWAP_EXT_PF_NONE;
}

SWAP_POLICY(duel, "contestants guess in shadow, the best one plans",
	    .fault = (void *)duel_fault,
	    .prefetch = (void *)duel_prefetch);
