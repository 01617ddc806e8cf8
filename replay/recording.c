// SPDX-License-Identifier: GPL-2.0
/* Takes a recording in, and tells from its own records where each page was all the time. */
#include "recording.h"

#include <errno.h>
#include <linux/swap_ext.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "number.h"

#define IS_THERE	(SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT)

struct recording_thread {
	uint32_t thread;
	uint64_t fault;		/* index of the event */
};

static struct recording_thread *find_thread(struct recording *r, uint32_t thread)
{
	uint32_t i;

	for (i = 0; i < r->nr_threads; i++)
		if (r->thread[i].thread == thread)
			return &r->thread[i];
	return NULL;
}

static int note_fault(struct recording *r, uint32_t thread)
{
	struct recording_thread *t = find_thread(r, thread), *all;

	if (!t) {
		all = grow_array(r->thread, r->nr_threads, sizeof(*t));
		if (!all)
			return -ENOMEM;
		r->thread = all;
		t = &all[r->nr_threads++];
		t->thread = thread;
	}
	t->fault = r->nr;
	r->nr_faults++;
	return 0;
}

/* One whose fault is missing is counted all the same. */
static void add_plan(struct recording *r, const struct trace_record *rec)
{
	struct recording_thread *t = find_thread(r, rec->thread);

	r->counts.nr_plans++;
	r->counts.nr_planned += rec->nr_planned;
	r->counts.nr_read += rec->nr_read;
	if (!t)
		return;
	r->event[t->fault].nr_planned = rec->nr_planned;
	r->event[t->fault].nr_read = rec->nr_read;
}

int recording_add(struct recording *r, const struct trace_record *rec)
{
	struct trace_record *all;

	if (rec->type == TRACE_PLAN) {
		add_plan(r, rec);
		return 0;
	}
	all = grow_array(r->event, r->nr, sizeof(*all));
	if (!all)
		return -ENOMEM;
	r->event = all;
	if (rec->type == TRACE_FAULT && note_fault(r, rec->thread))
		return -ENOMEM;
	if (rec->type != TRACE_FAULT)
		r->has_pages = true;
	r->event[r->nr++] = *rec;
	return 0;
}

static int compare_times(const void *a, const void *b, void *events)
{
	const struct trace_record *event = events;
	const uint32_t *x = a, *y = b;
	uint64_t one = event[*x].time_ns, other = event[*y].time_ns;

	/* What happened at once stays in the order of the file. */
	return one != other ? (one > other) - (one < other) : (*x > *y) - (*x < *y);
}

/* What is known late is written late. */
static int sort_by_time(struct recording *r)
{
	struct trace_record *sorted = malloc(r->nr * sizeof(*sorted));
	uint32_t *order = malloc(r->nr * sizeof(*order));
	uint64_t i;

	if (!sorted || !order) {
		free(sorted);
		free(order);
		return -ENOMEM;
	}
	for (i = 0; i < r->nr; i++)
		order[i] = i;
	qsort_r(order, r->nr, sizeof(*order), compare_times, r->event);
	for (i = 0; i < r->nr; i++)
		sorted[i] = r->event[order[i]];
	free(order);
	free(r->event);
	r->event = sorted;
	return 0;
}

static int number_events(struct recording *r)
{
	uint64_t i, *list = malloc(r->nr * sizeof(*list));
	int ret;

	if (!list)
		return -ENOMEM;
	for (i = 0; i < r->nr; i++)
		list[i] = r->event[i].page;
	ret = number_pages(list, r->nr, &r->page, &r->number, &r->nr_pages);
	free(list);
	return ret;
}

/* Where was a page before its first event? */
static enum recording_place place_before(const struct trace_record *e)
{
	switch (e->type) {
	case TRACE_FAULT:
		return e->flags & IS_THERE ? RECORDING_IN_MEMORY : RECORDING_IN_SWAP;
	case TRACE_ARRIVE:
		return e->flags & SWAP_EXT_P_SWAPIN ? RECORDING_IN_SWAP :
		       e->flags & SWAP_EXT_P_MOVED ? RECORDING_IN_MEMORY : RECORDING_NOWHERE;
	default:
		return RECORDING_IN_MEMORY;
	}
}

/* A page, as the events go by. */
struct page {
	bool is_known;
	bool is_there;
	bool is_untouched;	/* a plan brought it in, and nobody has used it since */
};

static void count_fault(struct prefetch_counts *c, const struct trace_record *e)
{
	if (e->flags & SWAP_EXT_F_HIT)
		c->nr_hits++;
	else if (e->flags & SWAP_EXT_F_INFLIGHT)
		c->nr_waits++;
	else
		c->nr_misses++;
	c->nr_used += !!(e->flags & SWAP_EXT_F_PREFETCHED);
}

static void count_event(struct recording *r, const struct trace_record *e, struct page *p)
{
	switch (e->type) {
	case TRACE_FAULT:
		count_fault(&r->counts, e);
		p->is_untouched = false;
		p->is_there = true;
		break;
	case TRACE_ARRIVE:
		p->is_untouched = e->flags & SWAP_EXT_P_PREFETCHED;
		p->is_there = true;
		break;
	default:
		r->counts.nr_unused += p->is_untouched;
		r->nr_odd += !p->is_there;
		p->is_untouched = false;
		p->is_there = false;
		break;
	}
}

static int count_events(struct recording *r)
{
	struct page *pages = calloc(r->nr_pages + 1, sizeof(*pages)), *p;
	uint64_t i;

	r->place = calloc(r->nr_pages + 1, sizeof(*r->place));
	if (!pages || !r->place) {
		free(pages);
		return -ENOMEM;
	}
	for (i = 0; i < r->nr; i++) {
		p = &pages[r->page[i]];
		if (!p->is_known) {
			r->place[r->page[i]] = place_before(&r->event[i]);
			p->is_known = true;
			p->is_there = r->place[r->page[i]] == RECORDING_IN_MEMORY;
		}
		count_event(r, &r->event[i], p);
	}
	free(pages);
	return 0;
}

int recording_finish(struct recording *r)
{
	int ret;

	if (!r->nr)
		return 0;
	if (r->nr > UINT32_MAX)
		return -E2BIG;
	ret = sort_by_time(r);
	ret = ret ?: number_events(r);
	return ret ?: count_events(r);
}

void recording_free(struct recording *r)
{
	free(r->event);
	free(r->page);
	free(r->number);
	free(r->place);
	free(r->thread);
	memset(r, 0, sizeof(*r));
}
