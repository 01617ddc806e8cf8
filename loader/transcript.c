// SPDX-License-Identifier: GPL-2.0
/* Which page is in which slot, and what that makes of the kernel's events. */
#include "transcript.h"

#include <errno.h>
#include <json-c/linkhash.h>
#include <linux/swap_ext.h>
#include <stdlib.h>

#include "../replay/grow.h"

/*
 * What is known of a handle or a slot: 0: nothing; the page number plus 1; or the index of
 * an arrival that waits for it.
 */
#define WAITS	(1ULL << 62)

/* One that waits, or is free: the next free one then. */
struct waiting {
	struct trace_record	arrival;
	__u64			handle;
	__u64			entry;
	__u32			next_free;
};

#define NONE	(~0U)

struct transcript {
	struct trace_writer		trace;
	struct transcript_counts	counts;
	__u64				page_size;
	struct lh_table			*by_handle;
	struct lh_table			*by_entry;
	struct waiting			*waiting;
	__u32				nr_waiting;	/* of the array */
	__u32				first_free;
	int				error;		/* the first; then it is over */
};

static void fail(struct transcript *t, int error)
{
	t->error = t->error ?: error;
}

/* Nothing is ever deleted: a table of these only grows by what is there at once. */
static __u64 find(struct lh_table *table, __u64 key)
{
	struct lh_entry *e = lh_table_lookup_entry(table, (void *)key);

	return e ? (__u64)lh_entry_v(e) : 0;
}

static void know(struct transcript *t, struct lh_table *table, __u64 key, __u64 value)
{
	struct lh_entry *e = lh_table_lookup_entry(table, (void *)key);

	if (e)
		lh_entry_set_val(e, (void *)value);
	else if (lh_table_insert(table, (void *)key, (void *)value))
		fail(t, -ENOMEM);
}

static void write_record(struct transcript *t, const struct trace_record *r, __u64 *nr)
{
	int ret = trace_write(&t->trace, r);

	if (ret == -EINVAL)
		t->counts.nr_unknown++;
	else if (ret)
		fail(t, ret);
	else
		++*nr;
}

/* Arrivals that wait */

static void wait_for_number(struct transcript *t, const struct trace_record *arrival,
			    __u64 handle, __u64 entry)
{
	__u32 i = t->first_free;
	struct waiting *all;

	if (i == NONE) {
		all = grow_array(t->waiting, t->nr_waiting, sizeof(*all));
		if (!all) {
			fail(t, -ENOMEM);
			return;
		}
		t->waiting = all;
		i = t->nr_waiting++;
		all[i].next_free = NONE;
	}
	t->first_free = t->waiting[i].next_free;
	t->waiting[i] = (struct waiting) {
		.arrival = *arrival, .handle = handle, .entry = entry,
	};
	know(t, t->by_handle, handle, WAITS | i);
	know(t, t->by_entry, entry, WAITS | i);
}

/* It waits no more, and whoever points to it knows @value instead. */
static void end_wait(struct transcript *t, __u32 i, __u64 value)
{
	struct waiting *w = &t->waiting[i];

	if (find(t->by_handle, w->handle) == (WAITS | i))
		know(t, t->by_handle, w->handle, value);
	if (find(t->by_entry, w->entry) == (WAITS | i))
		know(t, t->by_entry, w->entry, value);
	w->next_free = t->first_free;
	t->first_free = i;
}

/* What waits for this to be known need not any longer. */
static void tell_number(struct transcript *t, __u64 known, __u64 number)
{
	__u32 i = known & ~WAITS;

	if (!(known & WAITS))
		return;
	t->waiting[i].arrival.page = number;
	write_record(t, &t->waiting[i].arrival, &t->counts.nr_arrivals);
	end_wait(t, i, number + 1);
}

/* Nobody will ever say. */
static void give_up(struct transcript *t, __u64 known)
{
	if (!(known & WAITS))
		return;
	t->counts.nr_unknown++;
	end_wait(t, known & ~WAITS, 0);
}

/* Events */

static __u64 number_of(__u64 pgoff, bool is_shmem)
{
	return pgoff + (is_shmem ? TRACE_SHMEM : 0);
}

/*
 * The number of a page of private memory is its place in the mapping's file, or where it
 * was mapped first: only that is known of it when it comes and goes. So the mapping is
 * where its first page would be by that.
 */
static void add_fault(struct transcript *t, const struct record_event *e)
{
	bool is_shmem = e->flags & SWAP_EXT_F_SHMEM;
	__u64 addr = e->addr / t->page_size, shift = is_shmem ? 0 : addr - e->pgoff;
	struct trace_record r = {
		.type = TRACE_FAULT, .time_ns = e->time_ns, .flags = e->flags,
		.page = number_of(e->pgoff, is_shmem), .process = e->process,
		.thread = e->thread,
	};

	if (e->vm_end) {
		r.start = e->vm_start / t->page_size - shift;
		r.end = e->vm_end / t->page_size - shift;
	}
	tell_number(t, find(t->by_entry, e->entry), r.page);
	know(t, t->by_entry, e->entry, r.page + 1);
	write_record(t, &r, &t->counts.nr_faults);
}

static void add_plan(struct transcript *t, const struct record_event *e)
{
	struct trace_record r = {
		.type = TRACE_PLAN, .thread = e->thread, .nr_planned = e->nr,
		.nr_read = e->nr_read,
	};

	write_record(t, &r, &t->counts.nr_plans);
}

static void add_arrival(struct transcript *t, const struct record_event *e, __u64 handle,
			__u64 entry, __u64 pgoff)
{
	struct trace_record r = {
		.type = TRACE_ARRIVE, .time_ns = e->time_ns, .flags = e->flags,
		.page = number_of(pgoff, e->flags & SWAP_EXT_P_SHMEM),
	};
	__u64 known;

	give_up(t, find(t->by_handle, handle));
	if (e->flags & SWAP_EXT_P_SWAPIN) {
		known = find(t->by_entry, entry);
		give_up(t, known);
		if (!known || known & WAITS) {
			wait_for_number(t, &r, handle, entry);
			return;
		}
		r.page = known - 1;
	}
	know(t, t->by_handle, handle, r.page + 1);
	write_record(t, &r, &t->counts.nr_arrivals);
}

static void add_departure(struct transcript *t, const struct record_event *e, __u64 handle,
			  __u64 entry, __u64 pgoff)
{
	__u64 known = find(t->by_handle, handle);
	struct trace_record r = {
		.type = TRACE_EVICT, .time_ns = e->time_ns,
		/* Whether it is shared memory is not said; what was there before is rarely. */
		.page = known && !(known & WAITS) ? known - 1 : number_of(pgoff, false),
	};

	if (!(e->flags & SWAP_EXT_P_EVICTED)) {
		give_up(t, known);
		know(t, t->by_handle, handle, 0);
		return;
	}
	tell_number(t, known, r.page);
	know(t, t->by_handle, handle, 0);
	give_up(t, find(t->by_entry, entry));
	know(t, t->by_entry, entry, r.page + 1);
	write_record(t, &r, &t->counts.nr_evictions);
}

/* Large ones come and go as one. */
static void for_each_page(struct transcript *t, const struct record_event *e,
			  void (*fn)(struct transcript *t, const struct record_event *e,
				     __u64 handle, __u64 entry, __u64 pgoff))
{
	__u32 i;

	for (i = 0; i < e->nr; i++)
		fn(t, e, e->page + i, e->entry + i, e->pgoff + i);
}

int transcript_event(struct transcript *t, const struct record_event *e)
{
	switch (e->type) {
	case RECORD_FAULT:
		add_fault(t, e);
		break;
	case RECORD_PLAN:
		add_plan(t, e);
		break;
	case RECORD_ADDED:
		for_each_page(t, e, add_arrival);
		break;
	case RECORD_REMOVED:
		for_each_page(t, e, add_departure);
		break;
	}
	return t->error;
}

int transcript_begin(struct transcript **transcript, FILE *file, const struct trace_header *h)
{
	struct transcript *t = calloc(1, sizeof(*t));
	int ret = -ENOMEM;

	if (!t)
		return ret;
	t->page_size = h->page_size;
	t->first_free = NONE;
	t->by_handle = lh_kptr_table_new(1024, NULL);
	t->by_entry = lh_kptr_table_new(1024, NULL);
	if (t->by_handle && t->by_entry)
		ret = trace_begin(&t->trace, file, h);
	if (ret) {
		transcript_free(t);
		return ret;
	}
	*transcript = t;
	return 0;
}

struct transcript_counts transcript_count(const struct transcript *t)
{
	return t->counts;
}

int transcript_finish(struct transcript *t)
{
	__u32 i, nr_free = 0;

	for (i = t->first_free; i != NONE; i = t->waiting[i].next_free)
		nr_free++;
	t->counts.nr_unknown += t->nr_waiting - nr_free;
	fail(t, trace_finish(&t->trace));
	return t->error;
}

void transcript_free(struct transcript *t)
{
	if (!t)
		return;
	if (t->by_handle)
		lh_table_free(t->by_handle);
	if (t->by_entry)
		lh_table_free(t->by_entry);
	free(t->waiting);
	free(t);
}
