// SPDX-License-Identifier: GPL-2.0
/*
 * leap against the paper's rules by hand: a trend needs more than half of the
 * newest 8 differences (then 16, then 32), of which unknown ones count as 0. The
 * window is the power of two above the hits; without hits 1 if the fault follows
 * the trend, else 0; at least half of the last.
 */
#include "../../policies/leap.bpf.c"
#include "drive.h"
#include "sim.h"

static void start(u32 max_window)
{
	drive_start();
	DRIVE_PARAMS(.max_window = max_window);
}

static void use(u64 first, s64 step, int nr)
{
	while (nr--) {
		drive_use(first);
		first += step;
	}
}

/* Pages 7 to 42: five differences of 7, the least of which 8 can have. */
static void learn(void)
{
	EXPECT_NONE(7);		/* no difference yet */
	EXPECT_NONE(14);
	EXPECT_NONE(21);
	EXPECT_NONE(28);
	EXPECT_NONE(35);	/* 4 of 8 are 7: half, not more */
	EXPECT_PLAN(42, 49);	/* 5 of 8; no hits, on the trend: 1 page */
}

static void test_window(void)
{
	start(8);
	learn();
	use(49, 7, 1);
	EXPECT_PLAN(56, 63, 70);			/* 1 hit: 2 */
	use(63, 7, 2);
	EXPECT_PLAN(77, 84, 91, 98, 105);		/* 2 hits: 4 */
	use(84, 7, 3);
	/* 3 hits: 4; one page of the last window was not there any more */
	EXPECT_PLAN(105, 112, 119, 126, 133);
	use(112, 7, 4);
	EXPECT_PLAN(140, 147, 154, 161, 168, 175, 182, 189, 196);
	use(147, 7, 8);
	/* 8 hits: 16, at most 8 */
	EXPECT_PLAN(203, 210, 217, 224, 231, 238, 245, 252, 259);
}

static void test_stray(void)
{
	start(8);
	learn();
	use(49, 7, 1);
	EXPECT_PLAN(56, 63, 70);
	use(63, 7, 2);
	EXPECT_PLAN(77, 84, 91, 98, 105);
	/* elsewhere: 7 of the newest 8 still are 7; no hits: half of 4 */
	EXPECT_PLAN(5000, 5007, 5014);
	/* and back: 6 of 8; half of 2 */
	EXPECT_PLAN(84, 91);
	/* half of 1 is 0, but the fault follows the trend again: 1 */
	EXPECT_PLAN(91, 98);
	/* a stray when the window is 1: 0 */
	EXPECT_NONE(7000);
}

static void test_backward(void)
{
	struct stats *s;

	start(8);
	s = DRIVE_STATS();
	EXPECT_NONE(100);
	EXPECT_NONE(99);
	EXPECT_NONE(98);
	EXPECT_NONE(97);
	EXPECT_NONE(96);
	EXPECT_PLAN(95, 94);
	drive_use(94);
	EXPECT_PLAN(93, 92, 91);
	EXPECT(s->trends == 2 && s->blind == 0, "%llu trends, %llu blind",
	       (unsigned long long)s->trends, (unsigned long long)s->blind);
}

/* Hits without a trend: the window lies around the fault. */
static void test_blind(void)
{
	struct stats *s;

	start(8);
	s = DRIVE_STATS();
	EXPECT_NONE(100);
	drive_use(150);
	EXPECT_PLAN(300, 299, 301);		/* 1 hit: 2, one before */
	drive_use(17);
	drive_use(1017);
	EXPECT_PLAN(400, 398, 399, 401, 402);	/* 2 hits: 4, two before */
	EXPECT(s->trends == 0 && s->blind == 2, "%llu trends, %llu blind",
	       (unsigned long long)s->trends, (unsigned long long)s->blind);
}

/* Differences 5 and 9 by turns: never more than half of any window. */
static void test_no_majority(void)
{
	u64 page = 1000;
	int i;

	start(8);
	for (i = 0; i < 100; i++) {
		EXPECT_NONE(page);
		page += i % 2 ? 5 : 9;
	}
}

static void test_edges(void)
{
	/* never above the mapping, nor below it */
	start(8);
	drive.nr_pages = 60;
	learn();
	use(49, 7, 1);
	EXPECT_PLAN(56);

	start(8);
	EXPECT_NONE(38);
	EXPECT_NONE(31);
	EXPECT_NONE(24);
	EXPECT_NONE(17);
	EXPECT_NONE(10);
	EXPECT_PLAN(3);		/* 3 - 7 */

	/* around page 0 of the address space */
	start(8);
	drive.base = 0;
	EXPECT_NONE(900);
	drive_use(150);
	EXPECT_PLAN(0, 1);

	/* a plan with room for one page */
	start(8);
	drive.max_pages = 1;
	learn();
	use(49, 7, 1);
	EXPECT_PLAN(56, 63);
}

static void test_flags(void)
{
	u32 i;

	start(8);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(7);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_NONE(7);

	/* shared memory: the same, by file offset */
	start(8);
	drive.flags = SWAP_EXT_F_SHMEM;
	learn();
	EXPECT(drive.plan.page[0].target == HOST_PGOFF, "planned by %d",
	       drive.plan.page[0].target);

	/* not attached by swxctl: no parameters */
	drive_start();
	EXPECT_DEFAULT(7);

	/* inline devices where the administrator says so */
	drive_start();
	DRIVE_PARAMS(.max_window = 8, .sync = 1);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	for (i = 0; i < 5; i++)
		EXPECT_NONE(10 * i);
	EXPECT_PLAN(50, 60);
}

/* The history is the process's: a thread goes on where another began. */
static void test_threads(void)
{
	struct task_struct *leader, *other;

	start(8);
	leader = host.current;
	other = host_task_create(leader, 101);
	EXPECT_NONE(7);
	EXPECT_NONE(14);
	host.current = other;
	EXPECT_NONE(21);
	EXPECT_NONE(28);
	EXPECT_NONE(35);
	EXPECT_PLAN(42, 49);
	host_task_exit(other);
	host.current = leader;
}

/* Default parameters: waits of a stride over 32 MiB, each page once. */
static void test_waits(void)
{
	sim_start(8192, 0);
	DRIVE_PARAMS(.max_window = swap_default_max_window);
	sim_walk(8192, 1, 7);
	EXPECT(sim_wait_percent() <= 4, "%.1f %% waits", sim_wait_percent());
	EXPECT(sim_used_percent() >= 99, "%.1f %% used", sim_used_percent());
}

int main(void)
{
	test_window();
	test_stray();
	test_backward();
	test_blind();
	test_no_majority();
	test_edges();
	test_flags();
	test_threads();
	test_waits();
	return drive_finish();
}
