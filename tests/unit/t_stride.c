// SPDX-License-Identifier: GPL-2.0
/*
 * stride by hand: the third miss of a thread at equal distances asks for 4 pages;
 * the page behind them, if it misses, for 8, then 16, at most max_window. A page
 * of the last window that misses again halves it.
 */
#include "../../policies/stride.bpf.c"
#include "drive.h"
#include "sim.h"

static void start(u32 max_window)
{
	drive_start();
	DRIVE_PARAMS(.max_window = max_window);
}

static void test_growth(void)
{
	struct stats *s;

	start(16);
	s = DRIVE_STATS();
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_PLAN(21, 28, 35, 42, 49);
	EXPECT(s->streams == 0, "a stream before it was of use");
	EXPECT_PLAN(56, 63, 70, 77, 84, 91, 98, 105, 112);
	EXPECT_PLAN(119, 126, 133, 140, 147, 154, 161, 168, 175, 182, 189, 196,
		    203, 210, 217, 224, 231);
	/* 32 is more than max_window */
	EXPECT_PLAN(238, 245, 252, 259, 266, 273, 280, 287, 294, 301, 308, 315,
		    322, 329, 336, 343, 350);
	EXPECT(s->streams == 1, "%llu streams", (unsigned long long)s->streams);
}

static void test_backward(void)
{
	start(8);
	EXPECT_NONE(300);
	EXPECT_NONE(299);
	EXPECT_PLAN(298, 297, 296, 295, 294);
	EXPECT_PLAN(293, 292, 291, 290, 289, 288, 287, 286, 285);
	/* 284 is expected; 288 was planned and is gone: 8 halved */
	EXPECT_PLAN(288, 287, 286, 285, 284);
}

static void test_lost_and_resident(void)
{
	start(8);
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_PLAN(21, 28, 35, 42, 49);
	EXPECT_PLAN(56, 63, 70, 77, 84, 91, 98, 105, 112);
	/* expected 119; 77 is 6 steps before: lost, 4 */
	EXPECT_PLAN(77, 84, 91, 98, 105);
	/* expected 112; 126 is 2 steps ahead: two were in memory; still 4 */
	EXPECT_PLAN(126, 133, 140, 147, 154);
	/* expected 161; 5 steps ahead is more than a window: another matter */
	EXPECT_NONE(196);
	/* nor is what lies between the steps */
	EXPECT_NONE(162);
	EXPECT_PLAN(161, 168, 175, 182, 189, 196, 203, 210, 217);
	/* each page of the window gone: down to 1, never 0 */
	EXPECT_PLAN(168, 175, 182, 189, 196);
	EXPECT_PLAN(175, 182, 189);
	EXPECT_PLAN(182, 189);
	EXPECT_PLAN(189, 196);
}

/* Three arrays in step, 5000 pages apart: also 0, 5000, 10000 is a row. */
static void test_arrays(void)
{
	start(8);
	EXPECT_NONE(0);
	EXPECT_NONE(5000);
	EXPECT_PLAN(10000, 15000, 20000, 25000, 30000);
	EXPECT_NONE(1);
	EXPECT_NONE(5001);
	EXPECT_PLAN(10001, 15001, 20001, 25001, 30001);
	/* the third of each; 1 is shorter than -4999 from 10000 by 5001 */
	EXPECT_PLAN(2, 3, 4, 5, 6);
	EXPECT_PLAN(5002, 5003, 5004, 5005, 5006);
	EXPECT_PLAN(10002, 10003, 10004, 10005, 10006);
	EXPECT_PLAN(7, 8, 9, 10, 11, 12, 13, 14, 15);
	EXPECT_PLAN(5007, 5008, 5009, 5010, 5011, 5012, 5013, 5014, 5015);
	EXPECT_PLAN(10007, 10008, 10009, 10010, 10011, 10012, 10013, 10014,
		    10015);
}

/* What a stream explains starts no other: columns 0, 1, 2 of rows of 7 pages. */
static void test_columns(void)
{
	start(4);
	drive.nr_pages = 60;
	EXPECT_NONE(0);
	EXPECT_NONE(7);
	EXPECT_PLAN(14, 21, 28, 35, 42);
	EXPECT_PLAN(49, 56);			/* to the end of the mapping */
	EXPECT_NONE(1);
	EXPECT_NONE(8);
	EXPECT_PLAN(15, 22, 29, 36, 43);
	EXPECT_PLAN(50, 57);
	/* 0, 1, 2 would be a row of step 1 */
	EXPECT_NONE(2);
	EXPECT_NONE(9);
	EXPECT_PLAN(16, 23, 30, 37, 44);
}

/* Misses of several threads are not mixed up, but a stream is everybody's. */
static void test_threads(void)
{
	struct task_struct *a, *b;

	start(8);
	a = host.current;
	b = host_task_create(a, 101);
	EXPECT_NONE(7);
	host.current = b;
	EXPECT_NONE(14);
	host.current = a;
	EXPECT_NONE(21);	/* 7, 14, 21, but not of one thread */
	host.current = b;
	EXPECT_NONE(1014);
	host.current = a;
	EXPECT_PLAN(35, 49, 63, 77, 91);	/* 7, 21, 35 */
	host.current = b;
	EXPECT_PLAN(105, 119, 133, 147, 161, 175, 189, 203, 217);
	host_task_exit(b);
	host.current = a;
	EXPECT_PLAN(231, 245, 259, 273, 287, 301, 315, 329, 343);
}

/* The end of one thread's walk lies where another's begins, and explains nothing. */
static void test_neighbours(void)
{
	struct task_struct *a, *b;

	start(8);
	a = host.current;
	b = host_task_create(a, 101);
	EXPECT_NONE(5);
	EXPECT_NONE(10);
	EXPECT_PLAN(15, 20, 25, 30, 35);
	EXPECT_PLAN(40, 45, 50, 55, 60, 65, 70, 75, 80);
	host.current = b;
	/* 85 is expected: one step ahead, but also b's first of three */
	EXPECT_PLAN(90, 95, 100, 105, 110, 115, 120, 125, 130);
	EXPECT_NONE(97);
	EXPECT_PLAN(104, 111, 118, 125, 132);
	EXPECT_PLAN(139, 146, 153, 160, 167, 174, 181, 188, 195);

	/* and if the third is near as well, b's takes the place of a's */
	start(8);
	a = host.current;
	b = host_task_create(a, 101);
	EXPECT_NONE(5);
	EXPECT_NONE(10);
	EXPECT_PLAN(15, 20, 25, 30, 35);
	EXPECT_PLAN(40, 45, 50, 55, 60, 65, 70, 75, 80);
	host.current = b;
	EXPECT_NONE(91);
	EXPECT_NONE(98);
	EXPECT_PLAN(105, 112, 119, 126, 133);
	EXPECT_NONE(85 + 5 * 9);
	host_task_exit(b);
	host.current = a;
}

/* Of 17 streams the one idle longest is forgotten. */
static void test_overflow(void)
{
	u64 base;
	int i;

	start(4);
	for (i = 0; i < 17; i++) {
		/* no three of these bases are a row */
		base = 1000 * i + (u64)i * i * 50;
		EXPECT_NONE(base);
		EXPECT_NONE(base + 3);
		EXPECT_PLAN(base + 6, base + 9, base + 12, base + 15, base + 18);
		EXPECT_PLAN(base + 21, base + 24, base + 27, base + 30,
			    base + 33);
	}
	/* stream 1 still is there, 0 is not */
	base = 1050;
	EXPECT_PLAN(base + 36, base + 39, base + 42, base + 45, base + 48);
	EXPECT_NONE(36);
}

static void test_random(void)
{
	int i, planned = 0;

	start(32);
	for (i = 0; i < 10000; i++)
		planned += drive_miss(bpf_get_prandom_u32() %
				      drive.nr_pages) == SWAP_EXT_PF_PLAN;
	EXPECT(planned < 10, "%d of 10000 random misses planned", planned);
}

static void test_edges(void)
{
	start(8);
	EXPECT_NONE(16);
	EXPECT_NONE(9);
	EXPECT_PLAN(2);		/* 2 - 7 is below the mapping */

	/* page 0 of the address space is no stream's, and nothing wraps */
	start(8);
	drive.base = 0;
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_PLAN(21, 28, 35, 42, 49);
	EXPECT_NONE(6);
	EXPECT_NONE(4);
	EXPECT_PLAN(2, 0);

	/* room for two pages: the stream goes on behind them */
	start(8);
	drive.max_pages = 2;
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_PLAN(21, 28, 35);
	EXPECT_PLAN(42, 49, 56);
	drive.max_pages = 0;
	EXPECT_PLAN(63);
	drive.max_pages = 64;
	EXPECT_PLAN(70, 77, 84, 91, 98, 105, 112, 119, 126);
}

static void test_flags(void)
{
	start(8);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(7);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_NONE(21);

	start(8);
	drive.flags = SWAP_EXT_F_SHMEM;
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	EXPECT_PLAN(21, 28, 35, 42, 49);
	EXPECT(drive.plan.page[0].target == HOST_PGOFF, "planned by %d",
	       drive.plan.page[0].target);

	drive_start();
	EXPECT_DEFAULT(7);
}

static void simulate(u32 limit, u32 row, double max_wait)
{
	sim_start(16384, limit);
	DRIVE_PARAMS(.max_window = swap_default_max_window);
	sim_walk(16384, 1, row);
	EXPECT(sim_wait_percent() <= max_wait && sim_used_percent() >= 99,
	       "every %u. page, room for %u: %.1f %% waits, %.1f %% used", row,
	       sim.limit, sim_wait_percent(), sim_used_percent());
}

/* Four threads, each its own stride in its own quarter, in random order. */
static void test_interleaved_threads(void)
{
	struct sim_walk w[4];
	struct task_struct *t[4];
	u64 page;
	u32 i, live = 15;

	sim_start(16384, 0);
	DRIVE_PARAMS(.max_window = swap_default_max_window);
	for (i = 0; i < 4; i++) {
		w[i] = (struct sim_walk){ .first = i * 4096, .nr = 4096,
					  .width = 1, .row = 3 + 2 * i };
		t[i] = i ? host_task_create(t[0], 100 + i) : host.current;
	}
	while (live) {
		i = bpf_get_prandom_u32() % 4;
		if (!(live & 1U << i))
			continue;
		host.current = t[i];
		if (sim_walk_next(&w[i], &page))
			sim_access(page);
		else
			live &= ~(1U << i);
	}
	for (i = 1; i < 4; i++)
		host_task_exit(t[i]);
	host.current = t[0];
	EXPECT(sim_wait_percent() <= 10, "%.1f %% waits", sim_wait_percent());
}

int main(void)
{
	test_growth();
	test_backward();
	test_lost_and_resident();
	test_arrays();
	test_columns();
	test_threads();
	test_neighbours();
	test_overflow();
	test_random();
	test_edges();
	test_flags();
	simulate(0, 7, 4);
	simulate(0, 1, 4);
	simulate(8192, 7, 4);
	simulate(512, 7, 4);
	test_interleaved_threads();
	return drive_finish();
}
