/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interleaved streams, each with a stride of its own: used by the stride policy
 * and by duel.
 *
 * Three misses of one thread at equal distances make a stream, whatever that
 * thread missed in between. From then on the stream belongs to the process and
 * waits for the one page that follows its window: if that misses next, the window
 * was of use and doubles. Nothing has to be seen of the hits in between, so a
 * policy built on this needs no fault op and costs nothing on a hit.
 */
#ifndef __SWAP_EXT_ALGO_STRIDE_BPF_H
#define __SWAP_EXT_ALGO_STRIDE_BPF_H

#include <swap_ext/steps.bpf.h>

#define STRIDE_STREAMS		16	/* per process */
#define STRIDE_RECENT		8	/* unexplained misses per thread */
#define STRIDE_FIRST_WINDOW	4

/**
 * struct stride_stream - pages at equal distances
 * @next: page that misses if all before it were of use
 * @step: from page to page; 0: no stream
 * @window: pages asked for last time
 * @used: the process's clock at that time
 * @confirmed: the page it waited for came once
 */
struct stride_stream {
	u64 next;
	s64 step;
	u32 used;
	u16 window;
	u16 confirmed;
};

/**
 * struct stride_process - streams, shared by a process's threads
 * @stream: them
 * @clock: windows asked for
 */
struct stride_process {
	struct stride_stream stream[STRIDE_STREAMS];
	u32 clock;
};

/** struct stride_thread - misses of a thread that fit no stream, as a ring */
struct stride_thread {
	u64 recent[STRIDE_RECENT];
	u32 head;
};

static __always_inline u64 stride_length(s64 step)
{
	return step < 0 ? -step : step;
}

/*
 * Index of the stream that has been waiting for exactly this page, or else of one
 * that the page is a member of within one window of the expected one: behind it
 * when pages were lost again before their use, ahead of it when some were in memory
 * already. STRIDE_STREAMS if there is none.
 */
SWAP_SUBPROG(u32, stride_find, const struct stride_process *sp __arg_nonnull,
	     u64 page)
{
	const struct stride_stream *s;
	u64 distance, step;
	u32 i;

	for (i = 0; i < STRIDE_STREAMS; i++) {
		s = &sp->stream[i];
		if (s->next == page && s->step)
			return i;
	}
	for (i = 0; i < STRIDE_STREAMS; i++) {
		s = &sp->stream[i];
		step = stride_length(s->step);
		if (!step)
			continue;
		distance = page < s->next ? s->next - page : page - s->next;
		if (distance <= step * s->window && !(distance % step))
			return i;
	}
	return STRIDE_STREAMS;
}

/* Index of the stream that was idle longest. */
SWAP_SUBPROG(u32, stride_find_idle,
	     const struct stride_process *sp __arg_nonnull)
{
	u32 i, oldest = 0, idle, most = 0;

	for (i = 0; i < STRIDE_STREAMS; i++) {
		idle = sp->clock - sp->stream[i].used;
		if (idle > most) {
			most = idle;
			oldest = i;
		}
	}
	return oldest;
}

/**
 * stride_resume() - the stream that a miss continues, if any
 * @sp: the process
 * @page: that missed
 * @max: most pages of a window
 *
 * Return: the stream with its new window; NULL for a page of no stream.
 */
static __always_inline struct stride_stream *
stride_resume(struct stride_process *sp, u64 page, u32 max)
{
	u32 i = stride_find(sp, page);
	struct stride_stream *s;

	if (i >= STRIDE_STREAMS)
		return NULL;
	s = &sp->stream[i];
	if (s->next == page)
		s->window = swap_min(s->window * 2, max);
	else if ((page < s->next) == (s->step > 0))
		s->window = swap_max(s->window / 2, 1);
	return s;
}

/*
 * The distance at which the page is the third in a row, 0 if it is not. The
 * shortest if there are several: near pages have most to do with each other.
 */
SWAP_SUBPROG(s64, stride_find_step,
	     const struct stride_thread *st __arg_nonnull, u64 page)
{
	u64 second, first, distance, nearest = -1;
	s64 step = 0;
	u32 i, j;

	for (i = 0; i < STRIDE_RECENT - 1; i++) {
		second = st->recent[(st->head - 1 - i) % STRIDE_RECENT];
		first = 2 * second - page;
		distance = page < second ? second - page : page - second;
		if (!second || !first || !distance || distance >= nearest)
			continue;
		for (j = i + 1; j < STRIDE_RECENT; j++) {
			if (st->recent[(st->head - 1 - j) % STRIDE_RECENT] !=
			    first)
				continue;
			nearest = distance;
			step = page - second;
		}
	}
	return step;
}

/**
 * stride_learn() - look for a stream that begins with a miss
 * @sp: the process
 * @st: the thread
 * @s: a stream that explains the miss badly, or NULL
 * @page: that missed
 * @max: most pages of a window
 *
 * A new stream takes the place of the bad one, or else of the one that was idle
 * longest.
 *
 * Return: the new stream; @s if the page is none's third.
 */
static __always_inline struct stride_stream *
stride_learn(struct stride_process *sp, struct stride_thread *st,
	     struct stride_stream *s, u64 page, u32 max)
{
	s64 step = stride_find_step(st, page);

	st->recent[st->head++ % STRIDE_RECENT] = page;
	/* A stream's own pages are at multiples of its step. */
	if (!step || (s && !(stride_length(step) % stride_length(s->step))))
		return s;
	if (!s)
		s = &sp->stream[stride_find_idle(sp) % STRIDE_STREAMS];
	s->step = step;
	s->window = swap_min(STRIDE_FIRST_WINDOW, max);
	s->confirmed = 0;
	return s;
}

/**
 * stride_confirm() - a stream was of use: its misses need no other explanation
 * @st: the thread
 * @s: the stream, resumed for the first time
 *
 * Equal distances between arrays walked in step look like streams as well; those
 * are never resumed, and must not use up the misses that tell the real ones.
 */
static __always_inline void stride_confirm(struct stride_thread *st,
					   struct stride_stream *s)
{
	u64 step = stride_length(s->step);
	u32 i;

	for (i = 0; i < STRIDE_RECENT; i++)
		if (!((s->next - st->recent[i]) % step))
			st->recent[i] = 0;
	s->confirmed = 1;
}

/** stride_is_sure() - a stream that was of use before waited for this page */
static __always_inline bool stride_is_sure(const struct stride_stream *s,
					   u64 page)
{
	return s && s->confirmed && s->next == page;
}

/**
 * stride_explain() - the stream of a miss, where stride_resume() is not sure of it
 * @sp: the process
 * @st: the thread
 * @s: what stride_resume() found
 * @page: that missed
 * @max: most pages of a window
 *
 * A page near the one expected may be another stream's: the end of a walk, or
 * another thread's, lies everywhere. Then three misses tell, as for any other.
 *
 * Return: the stream, NULL if there is none yet.
 */
static __always_inline struct stride_stream *
stride_explain(struct stride_process *sp, struct stride_thread *st,
	       struct stride_stream *s, u64 page, u32 max)
{
	if (!s || s->next != page)
		s = stride_learn(sp, st, s, page, max);
	else
		stride_confirm(st, s);
	return s;
}

/**
 * stride_advance() - a stream now waits for the page after these
 * @sp: the process
 * @s: the stream
 * @page: that missed
 * @pages: how many after it were asked for
 */
static __always_inline void stride_advance(struct stride_process *sp,
					   struct stride_stream *s, u64 page,
					   u32 pages)
{
	s->next = page + (pages + 1) * s->step;
	s->used = ++sp->clock;
}

/**
 * stride_plan() - ask for the window of a stream
 *
 * No more than fits, so that the stream knows where its window ended.
 */
static __always_inline void stride_plan(struct stride_process *sp,
					struct stride_stream *s,
					const struct swap_ext_fault *f,
					struct swap_ext_plan *plan)
{
	u32 window = swap_min(s->window, f->max_pages);
	s64 page = swap_fault_page(f);

	swap_plan_steps(plan, f, page + s->step, s->step, window);
	stride_advance(sp, s, page, window);
}

#endif /* __SWAP_EXT_ALGO_STRIDE_BPF_H */
