/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What swxctl record has written, ready to be replayed: faults, each with the plan that was
 * made for it, pages that came and pages that went, in the order of time.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "trace.h"

/* Where a page was when the recording began. */
enum recording_place {
	RECORDING_NOWHERE,
	RECORDING_IN_MEMORY,
	RECORDING_IN_SWAP,
};

/**
 * struct prefetch_counts - what became of faults and plans
 * @nr_misses: faults that had to read their page.
 * @nr_hits: faults that found it read.
 * @nr_waits: faults that waited for a read that somebody had begun.
 * @nr_plans: plans.
 * @nr_planned: pages that they named and that needed a read.
 * @nr_read: of these, pages that were read.
 * @nr_used: of these, pages that were used; some in time, some had to be waited for.
 * @nr_unused: of these, pages that went to swap again before anybody used them.
 */
struct prefetch_counts {
	uint64_t nr_misses;
	uint64_t nr_hits;
	uint64_t nr_waits;
	uint64_t nr_plans;
	uint64_t nr_planned;
	uint64_t nr_read;
	uint64_t nr_used;
	uint64_t nr_unused;
};

/**
 * struct recording - all of it
 * @nr: events: faults, arrivals and evictions.
 * @event: them; a fault that a plan was made for has the numbers of that.
 * @page: index of the page, for each of them.
 * @nr_pages: how many different pages.
 * @number: page number, by index.
 * @place: where it was at the start, by index.
 * @counts: what the machine has done.
 * @nr_faults: how many of the events are faults.
 * @nr_odd: evictions of pages that were not in memory: several processes have memory at
 *	the same address, or events are missing.
 * @has_pages: it says which pages came and went.
 * @thread: the last fault of each, while it is read.
 * @nr_threads: of those.
 */
struct recording {
	uint64_t nr;
	struct trace_record *event;
	uint32_t *page;
	uint32_t nr_pages;
	uint64_t *number;
	uint8_t *place;
	struct prefetch_counts counts;
	uint64_t nr_faults;
	uint64_t nr_odd;
	bool has_pages;
	struct recording_thread *thread;
	uint32_t nr_threads;
};

/* All records but accesses, as they are read. 0 or -ENOMEM. */
int recording_add(struct recording *r, const struct trace_record *rec);
/* That was all. 0, -ENOMEM, or -E2BIG: more than 2^32 events. */
int recording_finish(struct recording *r);
void recording_free(struct recording *r);

#endif /* RECORDING_H */
