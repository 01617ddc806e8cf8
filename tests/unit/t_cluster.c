// SPDX-License-Identifier: GPL-2.0
/*
 * cluster by hand: page p lies in slot 1000 + p, so blocks of 8 slots begin with
 * pages 0, 8, 16. Sizes as in t_readahead.c; "previous" moves without hits only.
 */
#include "../../policies/cluster.bpf.c"
#include "drive.h"

static void test_blocks(void)
{
	drive_start();
	/* 4 hits assumed: 8 */
	EXPECT_PLAN(3, 0, 1, 2, 4, 5, 6, 7);
	drive_use(4);
	/* 1 hit: 4, half of 8 as well: slots 1012 to 1015 */
	EXPECT_PLAN(13, 12, 14, 15);
	drive_use(12);
	drive_use(14);
	drive_use(15);
	/* 3 hits: 5, so 8 */
	EXPECT_PLAN(16, 17, 18, 19, 20, 21, 22, 23);
	/* none: half, 4; then 2; then 1 */
	EXPECT_PLAN(100, 101, 102, 103);
	EXPECT_PLAN(201, 200);
	EXPECT_NONE(300);
	/* the neighbour of the last slot without hits: 2 */
	EXPECT_PLAN(301, 300);
	EXPECT(drive.plan.page[0].target == HOST_ENTRY, "planned by %d",
	       drive.plan.page[0].target);
}

static void test_header(void)
{
	/* slot 0 is the device's header */
	drive_start();
	drive.slot = 0;
	EXPECT_PLAN(3, 1, 2, 4, 5, 6, 7);
}

static void test_page_cluster(void)
{
	drive_start();
	drive.page_cluster = 0;
	EXPECT_NONE(3);
	drive_start();
	drive.page_cluster = 1;
	EXPECT_PLAN(3, 2);
	drive_start();
	drive.page_cluster = 1;
	EXPECT_PLAN(3, 2);			/* 4 hits assumed */
	EXPECT_NONE(300);			/* none: 1; previous is 300 */
	EXPECT_PLAN(301, 300);			/* beside it; previous is 301 */
	drive_use(300);
	EXPECT_PLAN(400, 401);			/* a hit: 301 stays the previous */
	EXPECT_PLAN(302, 303);
	/* more than a plan holds is cut, not refused */
	drive_start();
	drive.page_cluster = 31;
	drive_use(1);
	drive_miss(3);
	EXPECT(drive.plan.nr == 7, "%u pages", drive.plan.nr);
}

static void test_flags(void)
{
	drive_start();
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_DEFAULT(3);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(3);
	/* shared memory has slots like any other */
	drive.flags = SWAP_EXT_F_SHMEM;
	EXPECT_PLAN(3, 0, 1, 2, 4, 5, 6, 7);
}

int main(void)
{
	test_blocks();
	test_header();
	test_page_cluster();
	test_flags();
	return drive_finish();
}
