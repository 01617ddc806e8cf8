// SPDX-License-Identifier: GPL-2.0
/*
 * cc: loader/transcript.c replay/trace.c -ljson-c
 *
 * The kernel's events as a trace: which page is in a slot is known from what went there, from a
 * fault, or too late; memory of files and shared memory has numbers of its own; large pages
 * are many; what nobody ever names is counted.
 */
#include "../../loader/transcript.h"
#include "expect.h"

#include <errno.h>
#include <linux/swap_ext.h>
#include <stdlib.h>
#include <string.h>

#define SLOT	(1ULL << 58)
#define HIT	SWAP_EXT_F_HIT
#define READ	SWAP_EXT_P_SWAPIN
#define PLANNED	(SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED)

#define FAULT(number, slot, what)					\
	{ .type = RECORD_FAULT, .pgoff = (number), .addr = (number) * 4096ULL,	\
	  .entry = SLOT + (slot), .flags = (what), .vm_start = 4096, .vm_end = 1 << 30, \
	  .process = 5, .thread = 6 }
#define ADDED(handle, number, slot, what)				\
	{ .type = RECORD_ADDED, .page = (handle), .pgoff = (number),	\
	  .entry = (slot) ? SLOT + (slot) : 0, .flags = (what), .nr = 1 }
#define EVICTED(handle, number, slot)					\
	{ .type = RECORD_REMOVED, .page = (handle), .pgoff = (number),	\
	  .entry = SLOT + (slot), .flags = SWAP_EXT_P_EVICTED, .nr = 1 }
#define RELEASED(handle)						\
	{ .type = RECORD_REMOVED, .page = (handle), .nr = 1 }

/* What the trace says, a line for each record: "e 7" is an eviction of page 7. */
static char *transcribe(const struct record_event *events, size_t nr,
			struct transcript_counts *counts)
{
	static const char letters[] = { [TRACE_FAULT] = 'f', [TRACE_PLAN] = 'p',
					[TRACE_ARRIVE] = 'a', [TRACE_EVICT] = 'e' };
	static const struct trace_header header = { .page_size = 4096 };
	FILE *file = tmpfile(), *out;
	struct trace_reader reader;
	struct record_event timed;
	struct transcript *t;
	struct trace_record r;
	char *text = NULL;
	size_t i, len;
	int ret;

	EXPECT(!transcript_begin(&t, file, &header), "not begun");
	for (i = 0; i < nr; i++) {
		timed = events[i];
		timed.time_ns = i;
		EXPECT(!transcript_event(t, &timed), "event %zu", i);
	}
	EXPECT(!transcript_finish(t), "not finished");
	*counts = transcript_count(t);
	transcript_free(t);
	rewind(file);
	out = open_memstream(&text, &len);
	EXPECT(!trace_open(&reader, file), "%s", reader.error);
	while ((ret = trace_read(&reader, &r)) > 0)
		fprintf(out, "%c %llu @%llu\n", letters[r.type],
			r.type == TRACE_PLAN ? r.nr_planned : (unsigned long long)r.page,
			(unsigned long long)r.time_ns);
	EXPECT(!ret, "%s", reader.error);
	fclose(out);
	fclose(file);
	return text;
}

static void expect_unknown(const struct record_event *events, size_t nr, __u64 nr_unknown,
			   const char *want)
{
	struct transcript_counts counts;
	char *got = transcribe(events, nr, &counts);

	EXPECT(!strcmp(got, want), "got\n%sexpected\n%s", got, want);
	EXPECT(counts.nr_unknown == nr_unknown, "%llu unknown, expected %llu", counts.nr_unknown,
	       nr_unknown);
	free(got);
}

#define EXPECT_TRACE(events, nr_unknown, want)				\
	expect_unknown(events, sizeof(events) / sizeof((events)[0]), nr_unknown, want)

static void test_round_trip(void)
{
	static const struct record_event events[] = {
		ADDED(900, 7, 0, 0), EVICTED(900, 7, 1), FAULT(7, 1, 0), ADDED(901, 0, 1, READ),
		{ .type = RECORD_PLAN, .thread = 6, .nr = 3, .nr_read = 2 },
		/* By its handle, whatever it says. */
		EVICTED(901, 0, 2), ADDED(902, 0, 2, PLANNED), FAULT(7, 2, HIT),
	};

	EXPECT_TRACE(events, 0, "a 7 @0\ne 7 @1\nf 7 @2\na 7 @3\np 3 @0\n"
		     "e 7 @5\na 7 @6\nf 7 @7\n");
}

/* Swapped out before anybody looked: the fault says what has come, or where it goes. */
static void test_late(void)
{
	static const struct record_event events[] = {
		ADDED(900, 0, 1, PLANNED), ADDED(901, 0, 2, PLANNED), ADDED(902, 0, 3, PLANNED),
		FAULT(8, 2, HIT), EVICTED(900, 7, 9), EVICTED(901, 8, 2), ADDED(903, 0, 9, READ),
	};

	EXPECT_TRACE(events, 1, "a 8 @1\nf 8 @3\na 7 @0\ne 7 @4\ne 8 @5\na 7 @6\n");
}

/* Freed, its frame taken by another, its slot by another: nobody will ever say. */
static void test_never(void)
{
	static const struct record_event events[] = {
		ADDED(900, 0, 1, READ), RELEASED(900),
		ADDED(901, 0, 2, READ), ADDED(901, 5, 0, 0),
		ADDED(902, 0, 3, READ), EVICTED(901, 5, 3), FAULT(5, 3, 0),
		ADDED(903, 0, 4, READ), ADDED(904, 0, 4, READ), FAULT(6, 4, HIT),
	};

	EXPECT_TRACE(events, 4, "a 5 @3\ne 5 @5\nf 5 @6\na 6 @8\nf 6 @9\n");
}

static void test_numbers(void)
{
	static const struct record_event events[] = {
		/* Page 3 of a file, mapped privately at page 1000: the mapping is moved with it. */
		{ .type = RECORD_FAULT, .pgoff = 3, .addr = 1000 * 4096, .entry = SLOT,
		  .vm_start = 998 * 4096, .vm_end = 1001 * 4096 },
		EVICTED(900, 3, 1),
		{ .type = RECORD_FAULT, .pgoff = 3, .addr = 0, .entry = SLOT + 2,
		  .flags = SWAP_EXT_F_SHMEM },
		ADDED(901, 4, 0, SWAP_EXT_P_SHMEM), EVICTED(901, 4, 3), ADDED(902, 0, 3, READ),
	};

	EXPECT_TRACE(events, 0, "f 3 @0\ne 3 @1\nf 4503599627370499 @2\na 4503599627370500 @3\n"
		     "e 4503599627370500 @4\na 4503599627370500 @5\n");
}

static void test_large(void)
{
	static const struct record_event events[] = {
		{ .type = RECORD_ADDED, .page = 900, .pgoff = 40, .nr = 3 },
		{ .type = RECORD_REMOVED, .page = 900, .pgoff = 40, .entry = SLOT + 8,
		  .flags = SWAP_EXT_P_EVICTED, .nr = 3 },
		ADDED(903, 0, 10, READ),
	};

	EXPECT_TRACE(events, 0, "a 40 @0\na 41 @0\na 42 @0\ne 40 @1\ne 41 @1\ne 42 @1\na 42 @2\n");
}

static void test_not_of_the_format(void)
{
	static const struct record_event events[] = {
		FAULT(7, 1, 0x8000), FAULT(8, 1, 0),
		{ .type = RECORD_PLAN, .nr = 1, .nr_read = 2 },
	};

	EXPECT_TRACE(events, 2, "f 8 @1\n");
}

/* More than any table or array has room for at first. */
static void test_many(void)
{
	const int nr = 10000;
	struct record_event *events = calloc(2 * nr, sizeof(*events));
	struct transcript_counts counts;
	int i;

	for (i = 0; i < nr; i++) {
		events[i] = (struct record_event)ADDED(i, 0, nr - i, PLANNED);
		events[nr + i] = (struct record_event)FAULT(2 + i, nr - i, HIT);
	}
	free(transcribe(events, 2 * nr - 1, &counts));
	EXPECT(counts.nr_arrivals == (__u64)nr - 1 && counts.nr_unknown == 1,
	       "%llu arrivals, %llu unknown", counts.nr_arrivals, counts.nr_unknown);
	free(events);
}

static void test_full_disk(void)
{
	static const struct trace_header header = { .page_size = 4096 };
	static const struct record_event event = ADDED(900, 7, 0, 0);
	FILE *full = fopen("/dev/full", "w");
	struct transcript *t;
	int i, ret = 0;

	EXPECT(!transcript_begin(&t, full, &header), "not begun");
	for (i = 0; i < 100000 && !ret; i++)
		ret = transcript_event(t, &event);
	EXPECT(ret == -ENOSPC, "%d", ret);
	EXPECT(transcript_finish(t) < 0, "a trace on a full disk is complete");
	transcript_free(t);
	fclose(full);
}

int main(void)
{
	test_round_trip();
	test_late();
	test_never();
	test_numbers();
	test_large();
	test_not_of_the_format();
	test_many();
	test_full_disk();
	return !!nr_failed;
}
