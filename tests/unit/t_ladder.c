// SPDX-License-Identifier: GPL-2.0
/*
 * ladder by hand: the newest differences must repeat for one whole period and for
 * three differences; the plan goes on with the differences of one period ago. 4
 * pages at first, then the power of two above the hits.
 */
#include "../../policies/ladder.bpf.c"
#include "drive.h"
#include "sim.h"

static void start(u32 max_window)
{
	drive_start();
	DRIVE_PARAMS(.max_window = max_window);
}

static void use(const u64 *page, u32 nr)
{
	while (nr--)
		drive_use(*page++);
}
#define USE(pages...)							\
do {									\
	const u64 ___u[] = { pages };					\
									\
	use(___u, sizeof(___u) / sizeof(___u[0]));			\
} while (0)

/* Three pages of every ten: differences 1, 1, 8. */
static void test_cycle(void)
{
	start(8);
	EXPECT_NONE(0);
	EXPECT_NONE(1);
	EXPECT_NONE(2);		/* 1 1: one repetition of one */
	EXPECT_NONE(10);
	EXPECT_NONE(11);
	EXPECT_NONE(12);	/* 1 1 8 1 1: two of the three needed */
	EXPECT_PLAN(20, 21, 22, 30, 31);
	USE(21, 22, 30, 31);
	/* 4 hits: 8; from 32 on 8, 1, 1 */
	EXPECT_PLAN(32, 40, 41, 42, 50, 51, 52, 60, 61);
	USE(40, 41, 42, 50);
	/* 51 had to be read again; 4 hits: 8 */
	EXPECT_PLAN(51, 52, 60, 61, 62, 70, 71, 72, 80);
}

/* A constant stride is a cycle of one: four equal differences. */
static void test_stride(void)
{
	start(32);
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_NONE(21);
	EXPECT_NONE(28);
	EXPECT_PLAN(35, 42, 49, 56, 63);
	start(32);
	EXPECT_NONE(700);
	EXPECT_NONE(699);
	EXPECT_NONE(698);
	EXPECT_NONE(697);
	EXPECT_PLAN(696, 695, 694, 693, 692);
}

/* The next column: one jump in place of the 8, and the cycle goes on. */
static void test_jump(void)
{
	start(4);
	EXPECT_NONE(1000);
	EXPECT_NONE(1001);
	EXPECT_NONE(1002);
	EXPECT_NONE(1010);
	EXPECT_NONE(1011);
	EXPECT_NONE(1012);
	EXPECT_PLAN(1020, 1021, 1022, 1030, 1031);
	USE(1021, 1022, 1030, 1031);
	EXPECT_PLAN(1032, 1040, 1041, 1042, 1050);
	EXPECT_PLAN(3, 4, 5, 13, 14);
	USE(4, 5, 13, 14);
	EXPECT_PLAN(15, 23, 24, 25, 33);
	/* again, before the first jump is two cycles old */
	EXPECT_PLAN(7777, 7778, 7779, 7787, 7788);
	/* three jumps in two cycles are no cycle */
	EXPECT_NONE(7000);
}

/* A long stride is a cycle of one, which two jumps in a row of ten do not end. */
static void test_shortest_period(void)
{
	u64 page;

	start(4);
	for (page = 0; page < 40 * 7; page += 7)
		drive_miss(page);
	EXPECT_PLAN(5000, 5007, 5014, 5021, 5028);
	for (page = 5007; page < 5077; page += 7)
		drive_use(page);
	EXPECT_PLAN(9000, 9007, 9014, 9021, 9028);
}

/* What is no cycle any more is not followed for long. */
static void test_forget(void)
{
	static const u16 lot[] = { 5, 9001, 77, 4000, 311, 6100, 150, 2999 };
	u64 page;
	u32 i, planned = 0;

	start(4);
	for (page = 0; page < 40 * 7; page += 7)
		drive_miss(page);
	for (i = 0; i < 8; i++)
		planned += drive_miss(lot[i]) == SWAP_EXT_PF_PLAN;
	EXPECT(planned == 2, "%u plans after the stride ended", planned);
}

/* Rows of three are three equal differences' worth of two only: no stride. */
static void test_rows_are_no_stride(void)
{
	u64 row;

	start(8);
	for (row = 0; row < 20; row++) {
		drive_miss(100 * row);
		EXPECT(!drive.plan.nr || row >= 2, "row %llu",
		       (unsigned long long)row);
		drive_miss(100 * row + 1);
		drive_miss(100 * row + 2);
	}
}

static void test_longest_period(void)
{
	u64 page = 0;
	u32 i;

	/* 15 times 1, then 20: period 16, known after 32 differences */
	start(4);
	for (i = 0; i < 32; i++) {
		drive_miss(page);
		page += i % 16 == 15 ? 20 : 1;
	}
	EXPECT_PLAN(page, page + 1, page + 2, page + 3, page + 4);
	EXPECT(page == 70, "page %llu", (unsigned long long)page);
	/* and across the jump */
	USE(71, 72, 73, 74);
	for (i = 75; i < 84; i++)
		drive_use(i);
	EXPECT_PLAN(84, 85, 105, 106, 107);
}

static void test_random(void)
{
	int i, planned = 0;

	start(32);
	for (i = 0; i < 10000; i++)
		planned += drive_miss(bpf_get_prandom_u32() %
				      drive.nr_pages) == SWAP_EXT_PF_PLAN;
	EXPECT(!planned, "%d of 10000 random misses planned", planned);
}

static void test_edges(void)
{
	start(8);
	drive.nr_pages = 50;
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_NONE(21);
	EXPECT_NONE(28);
	EXPECT_PLAN(35, 42, 49);

	start(8);
	EXPECT_NONE(35);
	EXPECT_NONE(28);
	EXPECT_NONE(21);
	EXPECT_NONE(14);
	EXPECT_PLAN(7, 0);

	start(8);
	drive.base = 0;
	EXPECT_NONE(34);
	EXPECT_NONE(27);
	EXPECT_NONE(20);
	EXPECT_NONE(13);
	EXPECT_PLAN(6);

	start(8);
	drive.max_pages = 3;
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_NONE(21);
	EXPECT_NONE(28);
	EXPECT_PLAN(35, 42, 49, 56);
}

static void test_flags(void)
{
	start(8);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(7);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_NONE(7);
	drive_start();
	EXPECT_DEFAULT(7);
}

static void simulate(u32 width, u32 row)
{
	sim_start(8192, 0);
	DRIVE_PARAMS(.max_window = swap_default_max_window);
	sim_walk(8192, width, row);
	EXPECT(sim_wait_percent() <= 5 && sim_used_percent() >= 99,
	       "%u of %u: %.1f %% waits, %.1f %% used", width, row,
	       sim_wait_percent(), sim_used_percent());
}

int main(void)
{
	test_cycle();
	test_stride();
	test_jump();
	test_shortest_period();
	test_forget();
	test_rows_are_no_stride();
	test_longest_period();
	test_random();
	test_edges();
	test_flags();
	simulate(4, 32);
	simulate(3, 10);
	simulate(16, 64);
	simulate(1, 7);
	return drive_finish();
}
