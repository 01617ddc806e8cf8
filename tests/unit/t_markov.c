// SPDX-License-Identifier: GPL-2.0
/*
 * markov by hand: a successor seen twice is followed; one seen once is tried, 16
 * times per thread plus once for every hit. 1 page at first, then the power of two
 * above the hits, at least half of the last window.
 */
#include "../../policies/markov.bpf.c"
#include "drive.h"
#include "sim.h"

static void start(u32 max_window)
{
	drive_start();
	DRIVE_PARAMS(.max_window = max_window);
}

static void test_chain(void)
{
	static const u64 walk[] = { 5, 900, 17, 300, 44, 8, 71 };
	struct stats *s;
	u32 i;

	start(8);
	s = DRIVE_STATS();
	for (i = 0; i < 7; i++)
		EXPECT_NONE(walk[i]);		/* nothing follows yet */
	EXPECT(s->learned == 6, "%llu learned", (unsigned long long)s->learned);
	/* the second time: 5 was followed by 900 */
	EXPECT_PLAN(5, 900);
	drive_use(900);
	EXPECT_PLAN(17, 300, 44);		/* 1 hit: 2 */
	drive_use(300);
	drive_use(44);
	EXPECT_PLAN(8, 71, 5, 900, 17);		/* 2 hits: 4; the walk is a ring */
	EXPECT(s->followed == 3, "%llu followed",
	       (unsigned long long)s->followed);
}

/* A successor is replaced when another came more often since. */
static void test_change_of_mind(void)
{
	start(1);
	EXPECT_NONE(1);
	EXPECT_NONE(2);			/* 1: 2 once */
	EXPECT_PLAN(1, 2);
	EXPECT_PLAN(2, 1);		/* 1: 2 twice; 2: 1 */
	EXPECT_PLAN(1, 2);
	EXPECT_NONE(3);			/* 1: 2 once, 3 once */
	EXPECT_NONE(1000);
	EXPECT_PLAN(1, 2);
	EXPECT_PLAN(3, 1000);		/* 1: 3 twice, 2 never */
	EXPECT_PLAN(1, 3);
}

/* Guesses that never come true run out. */
static void test_credit(void)
{
	u64 page;
	int pass, planned = 0;

	start(8);
	for (pass = 0; pass < 50; pass++)
		for (page = 0; page < 100; page++)
			planned += drive_miss(page * (2 * pass + 1) % 101) ==
				   SWAP_EXT_PF_PLAN;
	EXPECT(planned == 16, "%d plans", planned);
}

static void next_process(u64 base, u64 nr_pages)
{
	host_task_exit(host.current);
	host.current = host_task_create(NULL, 200);
	drive.base = base;
	drive.nr_pages = nr_pages;
}

/* What one process learned serves the next, wherever its mapping is. */
static void test_next_process(void)
{
	start(8);
	EXPECT_NONE(5);
	EXPECT_NONE(900);
	/* but a mapping of another size is another */
	next_process(1ULL << 33, 50000);
	EXPECT_NONE(5);
	next_process(1ULL << 32, 1U << 18);
	EXPECT_PLAN(5, 900);
}

/* The table forgets what was not used for 65,536 places. */
static void test_bound(void)
{
	u64 page;

	start(8);
	EXPECT_NONE(5);
	EXPECT_NONE(900);
	for (page = 1000; page < 1000 + MARKOV_PLACES; page++)
		drive_miss(page);
	EXPECT_NONE(5);
}

static void test_flags(void)
{
	start(8);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(5);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_NONE(5);
	EXPECT_NONE(6);
	EXPECT_NONE(5);
	/* shared memory: by file offset */
	drive.flags = SWAP_EXT_F_SHMEM;
	EXPECT_NONE(5);
	EXPECT_NONE(900);
	EXPECT_PLAN(5, 900);
	EXPECT(drive.plan.page[0].target == HOST_PGOFF, "planned by %d",
	       drive.plan.page[0].target);
	drive_start();
	EXPECT_DEFAULT(5);
}

static void test_waits(void)
{
	static u32 order[8192];
	u32 i, j, t, pass;

	sim_start(8192, 4096);
	DRIVE_PARAMS(.max_window = swap_default_max_window);
	for (i = 0; i < 8192; i++)
		order[i] = i;
	for (i = 8192; i > 1; i--) {
		j = bpf_get_prandom_u32() % i;
		t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
	for (pass = 0; pass < 3; pass++) {
		if (pass == 1)
			sim.faults = sim.misses = sim.prefetched = sim.used = 0;
		for (i = 0; i < 8192; i++)
			sim_access(order[i]);
	}
	EXPECT(sim_wait_percent() <= 10 && sim_used_percent() >= 95,
	       "%.1f %% waits, %.1f %% used", sim_wait_percent(),
	       sim_used_percent());
}

int main(void)
{
	test_chain();
	test_change_of_mind();
	test_credit();
	test_next_process();
	test_bound();
	test_flags();
	test_waits();
	return drive_finish();
}
