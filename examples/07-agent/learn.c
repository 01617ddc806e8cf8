// SPDX-License-Identifier: GPL-2.0
/*
 * What agent.c has learned: streams of misses at equal distances, and pages in the order
 * of their arrival. The streams are found by the header that the policy stride is made of,
 * compiled for this machine.
 */
#include "learn.h"

#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_stride.bpf.h>

/* Nobody tells when a process ends: another one with the same remainder takes its place. */
#define NR_TASKS	1024

/* What is known of the last so many, 1 GiB; those before are left to the kernel. */
#define NR_PAGES	(1ULL << 18)

static struct known_process {
	u32			tgid;
	struct stride_process	state;
} processes[NR_TASKS];

static struct known_thread {
	u32			tid;
	struct stride_thread	state;
} threads[NR_TASKS];

/* Handles, by number; 0: it went. Numbers from oldest to end are known. */
static u64 pages[NR_PAGES], oldest, end;

static struct stride_process *find_process(u32 tgid)
{
	struct known_process *p = &processes[tgid % NR_TASKS];

	if (p->tgid != tgid)
		*p = (struct known_process){ .tgid = tgid };
	return &p->state;
}

static struct stride_thread *find_thread(u32 tid)
{
	struct known_thread *t = &threads[tid % NR_TASKS];

	if (t->tid != tid)
		*t = (struct known_thread){ .tid = tid };
	return &t->state;
}

/*
 * As the op prefetch of stride, with one difference: what is to be read now has been read
 * by the plan for this miss, if there was one; the plan that is made is for the next.
 */
void learn_miss(const struct agent_event *e, struct lesson *lesson)
{
	struct stride_process *sp = find_process(e->tgid);
	const struct stride_process before = *sp;
	const struct stride_stream *old;
	struct stride_stream *s;
	bool planned;

	*lesson = (struct lesson){ 0 };
	s = stride_resume(sp, e->page, AGENT_MAX_WINDOW);
	planned = s && s->next == e->page;
	if (!stride_is_sure(s, e->page))
		s = stride_explain(sp, find_thread(e->tid), s, e->page, AGENT_MAX_WINDOW);
	if (!s)
		return;
	stride_advance(sp, s, e->page, planned ? s->window : 0);
	old = &before.stream[s - sp->stream];
	/* The plan for this miss went when it was used. */
	lesson->forget = old->step && old->next != e->page && old->next != s->next;
	lesson->old = (struct agent_place){ .page = old->next, .tgid = e->tgid };
	lesson->expect = true;
	lesson->next = (struct agent_place){ .page = s->next, .tgid = e->tgid };
	lesson->plan = (struct agent_plan){
		.step = s->step,
		/* What stride_resume() will say if this page misses next. */
		.nr = swap_min(s->window * 2, AGENT_MAX_WINDOW),
	};
}

static bool is_known(u64 nr)
{
	return nr >= oldest && nr < end;
}

static void page_came(u64 nr, u64 page)
{
	if (!end)
		oldest = end = nr;
	/* Of those between nobody told: the ring buffer was full. */
	if (nr - end >= NR_PAGES && nr > end)
		oldest = end = nr;
	for (; end <= nr; end++)
		pages[end % NR_PAGES] = 0;
	if (end - oldest > NR_PAGES)
		oldest = end - NR_PAGES;
	if (is_known(nr))
		pages[nr % NR_PAGES] = page;
}

void learn_page(const struct agent_event *e)
{
	if (e->kind == AGENT_CAME)
		page_came(e->nr, e->page);
	else if (is_known(e->nr))
		pages[e->nr % NR_PAGES] = e->kind == AGENT_MOVED ? e->page : 0;
}

bool learn_find_victim(struct agent_victim *v)
{
	while (oldest < end && !pages[oldest % NR_PAGES])
		oldest++;
	*v = (struct agent_victim){ .page = pages[oldest % NR_PAGES], .nr = oldest };
	return oldest < end;
}

void learn_victim_named(void)
{
	oldest++;
}
