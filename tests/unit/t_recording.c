// SPDX-License-Identifier: GPL-2.0
/*
 * cc: replay/number.c replay/recording.c
 *
 * A recording as it is taken in: in the order of time, each plan with the last fault of its
 * thread; where pages were at the start, and what became of faults and plans.
 */
#include "../../replay/recording.h"
#include "expect.h"

#include <errno.h>
#include <linux/swap_ext.h>

#define HIT	SWAP_EXT_F_HIT
#define AHEAD	SWAP_EXT_F_PREFETCHED
#define READ	SWAP_EXT_P_SWAPIN
#define PLANNED	(SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED)

static struct recording take_in(const struct trace_record *rec, size_t nr)
{
	struct recording r = { 0 };

	while (nr--)
		EXPECT(!recording_add(&r, rec++), "no memory");
	EXPECT(!recording_finish(&r), "not finished");
	return r;
}

#define TAKE_IN(records)	take_in(records, sizeof(records) / sizeof((records)[0]))

static void test_order(void)
{
	static const struct trace_record records[] = {
		{ .type = TRACE_FAULT, .page = 50, .thread = 1, .time_ns = 30 },
		{ .type = TRACE_EVICT, .page = 40, .time_ns = 10 },
		{ .type = TRACE_FAULT, .page = 60, .thread = 2, .time_ns = 31 },
		{ .type = TRACE_ARRIVE, .page = 40, .time_ns = 31, .flags = READ },
		{ .type = TRACE_PLAN, .thread = 1, .nr_planned = 5, .nr_read = 4 },
		{ .type = TRACE_PLAN, .thread = 3, .nr_planned = 7, .nr_read = 7 },
		{ .type = TRACE_EVICT, .page = 60, .time_ns = 20 },
	};
	static const uint64_t pages[] = { 40, 60, 50, 60, 40 };
	struct recording r = TAKE_IN(records);
	size_t i;

	EXPECT(r.nr == 5 && r.nr_pages == 3 && r.nr_faults == 2 && r.has_pages, "numbers");
	for (i = 0; i < 5; i++)
		EXPECT(r.event[i].page == pages[i] && r.number[r.page[i]] == pages[i],
		       "event %zu is of page %lu", i, (unsigned long)r.event[i].page);
	EXPECT(r.event[2].nr_planned == 5 && r.event[2].nr_read == 4, "the plan of thread 1");
	EXPECT(!r.event[3].nr_planned, "a plan that thread 2 has not made");
	EXPECT(r.counts.nr_plans == 2 && r.counts.nr_planned == 12 && r.counts.nr_read == 11,
	       "plans");
	recording_free(&r);
}

static void test_places(void)
{
	static const struct trace_record records[] = {
		{ .type = TRACE_FAULT, .page = 0 },
		{ .type = TRACE_FAULT, .page = 1, .flags = HIT },
		{ .type = TRACE_FAULT, .page = 2, .flags = SWAP_EXT_F_INFLIGHT },
		{ .type = TRACE_ARRIVE, .page = 3 },
		{ .type = TRACE_ARRIVE, .page = 4, .flags = READ },
		{ .type = TRACE_ARRIVE, .page = 5, .flags = SWAP_EXT_P_MOVED },
		{ .type = TRACE_EVICT, .page = 6 },
		/* What comes later says nothing. */
		{ .type = TRACE_EVICT, .page = 3 },
		{ .type = TRACE_FAULT, .page = 6 },
	};
	static const uint8_t places[] = {
		RECORDING_IN_SWAP, RECORDING_IN_MEMORY, RECORDING_IN_MEMORY, RECORDING_NOWHERE,
		RECORDING_IN_SWAP, RECORDING_IN_MEMORY, RECORDING_IN_MEMORY,
	};
	struct recording r = TAKE_IN(records);
	size_t i;

	for (i = 0; i < sizeof(places); i++)
		EXPECT(r.place[i] == places[i], "page %zu: %d", i, r.place[i]);
	EXPECT(!r.nr_odd, "%lu odd ones", (unsigned long)r.nr_odd);
	recording_free(&r);
}

static void test_counts(void)
{
	static const struct trace_record records[] = {
		{ .type = TRACE_FAULT, .page = 0 },
		{ .type = TRACE_ARRIVE, .page = 1, .flags = PLANNED },
		{ .type = TRACE_ARRIVE, .page = 2, .flags = PLANNED },
		{ .type = TRACE_ARRIVE, .page = 3, .flags = PLANNED },
		{ .type = TRACE_ARRIVE, .page = 4, .flags = READ },
		{ .type = TRACE_FAULT, .page = 1, .flags = HIT | AHEAD },
		{ .type = TRACE_FAULT, .page = 1, .flags = HIT },
		{ .type = TRACE_FAULT, .page = 2, .flags = SWAP_EXT_F_INFLIGHT | AHEAD },
		{ .type = TRACE_FAULT, .page = 4, .flags = SWAP_EXT_F_INFLIGHT },
		{ .type = TRACE_EVICT, .page = 1 },
		{ .type = TRACE_EVICT, .page = 3 },
		{ .type = TRACE_EVICT, .page = 4 },
		{ .type = TRACE_EVICT, .page = 4 },
	};
	struct recording r = TAKE_IN(records);
	const struct prefetch_counts *c = &r.counts;

	EXPECT(c->nr_misses == 1 && c->nr_hits == 2 && c->nr_waits == 2, "faults");
	EXPECT(c->nr_used == 2 && c->nr_unused == 1, "%lu used, %lu unused",
	       (unsigned long)c->nr_used, (unsigned long)c->nr_unused);
	EXPECT(r.nr_odd == 1, "%lu odd ones", (unsigned long)r.nr_odd);
	recording_free(&r);
}

static void test_nothing(void)
{
	static const struct trace_record plan = { .type = TRACE_PLAN, .nr_planned = 1 };
	struct recording r = take_in(&plan, 1);

	EXPECT(!r.nr && !r.has_pages && r.counts.nr_plans == 1, "something");
	recording_free(&r);
}

int main(void)
{
	test_order();
	test_places();
	test_counts();
	test_nothing();
	return !!nr_failed;
}
