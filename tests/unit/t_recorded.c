// SPDX-License-Identifier: GPL-2.0
/*
 * cc: replay/number.c replay/recording.c
 *
 * A recording of a policy that reads four pages behind each miss, made by hand: the same
 * policy does the same again, to the page; another one finds what it has read itself. What a
 * policy is told of a fault is what the recording says.
 */
#define POLICY_FILE "../tests/unit/recorded.h"
#include "../../replay/policy.c"
#include "expect.h"

#define HIT	SWAP_EXT_F_HIT
#define WAIT	SWAP_EXT_F_INFLIGHT
#define AHEAD	SWAP_EXT_F_PREFETCHED
#define READ	SWAP_EXT_P_SWAPIN
#define PLANNED	(SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED)

#define FAULT(nr, what)		{ .type = TRACE_FAULT, .page = (nr), .flags = (what),	\
				  .start = 100, .end = 112, .process = 7, .thread = 7 }
#define ARRIVE(nr, what)	{ .type = TRACE_ARRIVE, .page = (nr), .flags = (what) }
#define EVICT(nr)		{ .type = TRACE_EVICT, .page = (nr) }
#define PLAN(planned, read)	{ .type = TRACE_PLAN, .thread = 7,			\
				  .nr_planned = (planned), .nr_read = (read) }

/* Of pages 100 to 112; 110 is there when it begins, 111 and 112 are in swap. */
static const struct trace_record records[] = {
	ARRIVE(100, 0), ARRIVE(101, 0), ARRIVE(102, 0), ARRIVE(103, 0), ARRIVE(104, 0),
	ARRIVE(105, 0), ARRIVE(106, 0), ARRIVE(107, 0), ARRIVE(108, 0), ARRIVE(109, 0),
	EVICT(100), EVICT(101), EVICT(102), EVICT(103), EVICT(104),
	EVICT(105), EVICT(106), EVICT(107), EVICT(108), EVICT(109), EVICT(110),
	FAULT(100, 0), ARRIVE(101, PLANNED), ARRIVE(102, PLANNED), ARRIVE(103, PLANNED),
	ARRIVE(104, PLANNED), PLAN(4, 4), ARRIVE(100, READ),
	FAULT(101, HIT | AHEAD), FAULT(102, HIT | AHEAD), FAULT(103, HIT | AHEAD),
	FAULT(104, WAIT | AHEAD),
	/* There is room for two pages only. */
	FAULT(105, 0), ARRIVE(106, PLANNED), ARRIVE(107, PLANNED), PLAN(4, 2),
	FAULT(106, HIT | AHEAD),
	EVICT(107),
	FAULT(107, 0), ARRIVE(108, PLANNED), ARRIVE(109, PLANNED), ARRIVE(110, PLANNED),
	ARRIVE(111, PLANNED), PLAN(4, 4),
	FAULT(108, HIT | AHEAD),
	ARRIVE(112, READ),
};

static struct policy_run replay(const struct trace_record *rec, size_t nr, u32 window, s32 says)
{
	struct policy_run run = { 0 };
	struct recording r = { 0 };
	struct trace_record timed;
	size_t i;

	memset(&test, 0, sizeof(test));
	test.window = window;
	test.says = says;
	for (i = 0; i < nr; i++) {
		timed = rec[i];
		if (timed.type != TRACE_PLAN)
			timed.time_ns = 1000 + i;
		EXPECT(!recording_add(&r, &timed), "no memory");
	}
	EXPECT(!recording_finish(&r), "not finished");
	EXPECT(!policy_replay_recording(&r, &run), "refused");
	recording_free(&r);
	return run;
}

#define REPLAY(records, window, says)					\
	replay(records, sizeof(records) / sizeof((records)[0]), window, says)

static void expect_counts(const struct policy_run *run, const struct prefetch_counts *want)
{
	const struct prefetch_counts *got = &run->counts;

#define SAME(what)							\
	EXPECT(got->what == want->what, #what ": %lu, expected %lu",	\
	       (unsigned long)got->what, (unsigned long)want->what)
	SAME(nr_misses);
	SAME(nr_hits);
	SAME(nr_waits);
	SAME(nr_plans);
	SAME(nr_planned);
	SAME(nr_read);
	SAME(nr_used);
	SAME(nr_unused);
#undef SAME
}

static void test_same_policy(void)
{
	struct policy_run run = REPLAY(records, 4, SWAP_EXT_PF_PLAN);

	expect_counts(&run, &(struct prefetch_counts) {
		.nr_misses = 3, .nr_hits = 5, .nr_waits = 1, .nr_plans = 3, .nr_planned = 12,
		.nr_read = 10, .nr_used = 6, .nr_unused = 1,
	});
	EXPECT(run.nr_same == 10, "%lu pages are the same", (unsigned long)run.nr_same);
	/* Page 110 is no news, it was there; 112 comes with the readahead of nobody here. */
	EXPECT(!strcmp(test.told, "nnnnnnnnnnrrrrrrrrrrrspppppspprspppp") ||
	       !strcmp(test.told, "nnnnnnnnnnrrrrrrrrrrrsppppspprspppp"), "told %s", test.told);
}

/* Two pages at a time: 100 reads 101 and 102, 103 reads 104 and 105, and so on. */
static void test_other_policy(void)
{
	struct policy_run run = REPLAY(records, 2, SWAP_EXT_PF_PLAN);

	expect_counts(&run, &(struct prefetch_counts) {
		.nr_misses = 4, .nr_hits = 4, .nr_waits = 1, .nr_plans = 4, .nr_planned = 7,
		.nr_read = 7, .nr_used = 5, .nr_unused = 1,
	});
	EXPECT(run.nr_same == 4, "%lu pages are the same", (unsigned long)run.nr_same);
}

static void test_no_plans(void)
{
	struct policy_run run = REPLAY(records, 4, SWAP_EXT_PF_NONE);

	/* Each fault is a miss, be it that of a page that had been read ahead. */
	expect_counts(&run, &(struct prefetch_counts) { .nr_misses = 9 });
	EXPECT(run.stat[SWAP_EXT_STAT_NONES] == 9, "not asked at every miss");
}

/* The kernel's own readahead is as recorded for who leaves it to the kernel, only. */
static void test_stock(void)
{
	static const struct trace_record stock[] = {
		FAULT(100, 0), ARRIVE(101, READ), ARRIVE(100, READ),
		FAULT(101, HIT), FAULT(102, HIT), FAULT(103, WAIT), ARRIVE(102, READ),
		EVICT(101), FAULT(101, 0),
	};
	struct policy_run run = REPLAY(stock, 4, SWAP_EXT_PF_DEFAULT);

	expect_counts(&run, &(struct prefetch_counts) {
		.nr_misses = 2, .nr_hits = 2, .nr_waits = 1,
	});
	run = REPLAY(stock, 4, SWAP_EXT_PF_NONE);
	/* 102 and 103 were in memory all the time, as far as the recording knows. */
	expect_counts(&run, &(struct prefetch_counts) {
		.nr_misses = 3, .nr_hits = 1, .nr_waits = 1,
	});
}

static void test_told(void)
{
	static const struct trace_record told[] = {
		{ .type = TRACE_FAULT, .page = 1ULL << 30, .start = 1 << 29, .end = 1ULL << 31,
		  .process = 70, .thread = 71, .flags = SWAP_EXT_F_WRITE },
		{ .type = TRACE_FAULT, .page = TRACE_SHMEM + 5, .start = 8, .end = 9,
		  .process = 70, .thread = 70, .flags = SWAP_EXT_F_SHMEM | SWAP_EXT_F_SYNC_IO },
		{ .type = TRACE_FAULT, .page = 1ULL << 30, .start = 1 << 29, .end = 1ULL << 31,
		  .process = 70, .thread = 71, .flags = SWAP_EXT_F_HIT },
	};
	const struct call *c = test.call;

	REPLAY(told, 1, SWAP_EXT_PF_NONE);
	EXPECT(test.nr_calls == 3, "%u calls", test.nr_calls);
	EXPECT(c[0].f.addr == 1ULL << 42 && c[0].f.vm_start == 1ULL << 41 &&
	       c[0].f.vm_end == 1ULL << 43, "another address");
	EXPECT(c[0].f.flags == SWAP_EXT_F_WRITE && c[0].f.tgid == 70, "flags, process");
	EXPECT(c[0].tgid == c[1].tgid && c[0].pid != c[1].pid && c[1].pid == c[1].tgid &&
	       c[2].pid == c[0].pid, "processes and threads");
	EXPECT(c[0].now_ns == 1000 && c[1].now_ns == 1001, "another time");
	EXPECT(c[1].f.pgoff == 5 && !c[1].f.addr && c[1].f.vm_start == 8 << 12 &&
	       c[1].f.flags == (SWAP_EXT_F_SHMEM | SWAP_EXT_F_SYNC_IO), "shared memory");
	EXPECT(c[2].f.flags == SWAP_EXT_F_HIT, "a hit: flags %x", c[2].f.flags);
}

int main(void)
{
	test_same_policy();
	test_other_policy();
	test_no_plans();
	test_stock();
	test_told();
	return !!nr_failed;
}
