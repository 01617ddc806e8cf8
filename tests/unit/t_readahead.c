// SPDX-License-Identifier: GPL-2.0
/*
 * readahead against windows worked out by hand from the stock kernel's rule:
 *	pages = hits + 2, as a power of two from 4 up; 1 (2 beside the previous
 *	page) without hits; at most 8 (page_cluster 3); at least half of the last.
 * and its place: forward after page - 1, backward after page + 1, else centred
 * with (pages - 1) / 2 before. A fresh mapping counts as 4 hits.
 */
#include "../../policies/readahead.bpf.c"
#include "drive.h"

static void start(u32 max_window)
{
	drive_start();
	DRIVE_PARAMS(.max_window = max_window);
}

static void test_forward(void)
{
	start(0);
	/* 4 hits: 6 -> 8; previous page is 0 of the address space: centred */
	EXPECT_PLAN(100, 97, 98, 99, 101, 102, 103, 104);
	drive_use(101);
	drive_use(102);
	drive_use(103);
	drive_use(104);
	/* 4 hits again, now after 104: forward */
	EXPECT_PLAN(105, 106, 107, 108, 109, 110, 111, 112);
	/* one page used: 3 -> 4; half of 8 is 4 as well; previous is 106 */
	drive_use(106);
	EXPECT_PLAN(107, 108, 109, 110);
}

static void test_backward(void)
{
	start(0);
	EXPECT_PLAN(100, 97, 98, 99, 101, 102, 103, 104);
	drive_use(99);
	drive_use(98);
	drive_use(97);
	/* 3 hits: 5 -> 8; previous is 97 = page + 1: the eight that end at 96 */
	EXPECT_PLAN(96, 89, 90, 91, 92, 93, 94, 95);
}

static void test_shrink(void)
{
	start(0);
	EXPECT_PLAN(100, 97, 98, 99, 101, 102, 103, 104);
	/* no hits: 1, but half of 8: 4; (4 - 1) / 2 = 1 before */
	EXPECT_PLAN(1000, 999, 1001, 1002);
	/* half of 4: 2; (2 - 1) / 2 = 0 before */
	EXPECT_PLAN(5000, 5001);
	/* half of 2: 1 */
	EXPECT_NONE(9000);
	EXPECT_NONE(300);
	/* a neighbour of the page before: 2, forward; then backward */
	EXPECT_PLAN(301, 302);
	EXPECT_PLAN(300, 299);
	/* down to 1 again; two hits are 4 pages, not yet 8 */
	EXPECT_NONE(9000);
	drive_use(9001);
	drive_use(9002);
	EXPECT_PLAN(9003, 9004, 9005, 9006);
}

static void test_stride(void)
{
	int i;

	start(0);
	EXPECT_PLAN(7, 4, 5, 6, 8, 9, 10, 11);
	EXPECT_PLAN(14, 13, 15, 16);
	EXPECT_PLAN(21, 22);
	for (i = 28; i < 280; i += 7)
		EXPECT_NONE(i);
}

/* Every touch in the swap cache moves "previous", prefetched or not. */
static void test_previous(void)
{
	start(0);
	EXPECT_PLAN(100, 97, 98, 99, 101, 102, 103, 104);
	drive_touch(199, SWAP_EXT_F_HIT);
	/* no hits, half of 8; previous is 199: forward */
	EXPECT_PLAN(200, 201, 202, 203);
	/* late counts as a hit: 3 -> 4 and previous 201: forward */
	drive_touch(201, SWAP_EXT_F_INFLIGHT | SWAP_EXT_F_PREFETCHED);
	EXPECT_PLAN(202, 203, 204, 205);
}

/* 70 hits do not fit six bits: 63, and the window is cut to 8 in any case. */
static void test_saturation(void)
{
	int i;

	start(0);
	drive.page_cluster = 9;		/* stops at 2^5 = 32 pages */
	drive_miss(5000);
	for (i = 5001; i < 5071; i++)
		drive_use(i);
	drive_miss(5071);
	EXPECT(drive.plan.nr == 31, "planned %u of 31 pages", drive.plan.nr);
	drive_use(5072);
	/* 1 hit: 4, but half of 32 */
	drive_miss(5073);
	EXPECT(drive.plan.nr == 15, "planned %u of 15 pages", drive.plan.nr);
}

static void test_edges(void)
{
	start(0);
	/* the mapping's first and last page: 8 centred, cut */
	EXPECT_PLAN(0, 1, 2, 3, 4);
	start(0);
	EXPECT_PLAN(drive.nr_pages - 1, drive.nr_pages - 4, drive.nr_pages - 3,
		    drive.nr_pages - 2);

	/* 512 pages have one page table, and windows stay within it */
	start(0);
	EXPECT_PLAN(511, 508, 509, 510);
	start(0);
	EXPECT_PLAN(512, 513, 514, 515, 516);
	start(0);
	EXPECT_PLAN(1023, 1020, 1021, 1022);
	/* 4 hits, after 508: 509 to 516 forward, of which 512 is across the edge */
	start(0);
	EXPECT_PLAN(504, 501, 502, 503, 505, 506, 507, 508);
	drive_use(505);
	drive_use(506);
	drive_use(507);
	drive_use(508);
	EXPECT_PLAN(509, 510, 511);
}

static void test_address_zero(void)
{
	start(0);
	drive.base = 0;
	/* nothing below address 0, and page 0 is nobody's successor */
	EXPECT_PLAN(1, 2, 3, 4, 5, 6, 7, 8);
	start(0);
	drive.base = 0;
	EXPECT_PLAN(2, 0, 1, 3, 4, 5, 6);
}

static void test_page_cluster(void)
{
	start(0);
	drive.page_cluster = 0;
	EXPECT_NONE(100);
	EXPECT_NONE(101);

	start(0);
	drive.page_cluster = 1;
	/* 4 hits: 8, cut to 2; nothing before, one after */
	EXPECT_PLAN(100, 101);

	/* touches count while page_cluster is 0 */
	start(0);
	drive.page_cluster = 0;
	EXPECT_NONE(100);
	drive_use(101);
	drive.page_cluster = 3;
	/* initial 4 hits and one more: 7 -> 8, after 101: forward */
	EXPECT_PLAN(102, 103, 104, 105, 106, 107, 108, 109);
}

/* Each mapping has its own window; more than fit forget, but nothing breaks. */
static void test_mappings(void)
{
	u64 first = 1ULL << 34;
	int i;

	start(0);
	drive.nr_pages = 1024;
	EXPECT_PLAN(100, 97, 98, 99, 101, 102, 103, 104);
	drive.base = first + 4096;
	EXPECT_PLAN(600, 597, 598, 599, 601, 602, 603, 604);
	drive.base = first;
	/* 100's window was 8 and had no hit, the other mapping's does not count */
	EXPECT_PLAN(200, 199, 201, 202);

	for (i = 1; i < 1000; i++) {
		drive.base = first + i * 8192ULL;
		EXPECT_PLAN(300, 297, 298, 299, 301, 302, 303, 304);
	}
}

/* Of one cgroup, whatever page_cluster says; the last page of 64 has no place. */
static void test_max_window(void)
{
	u32 i;

	start(4);
	EXPECT_PLAN(100, 99, 101, 102);
	start(1);
	EXPECT_NONE(100);
	start(63);
	EXPECT_PLAN(100, 97, 98, 99, 101, 102, 103, 104);
	for (i = 101; i < 105; i++)
		drive_use(i);
	for (i = 0; i < 80; i++)
		drive_use(104);
	/* sequential and all hits: 62 pages behind the fault */
	drive_miss(105);
	EXPECT(drive.plan.nr == 62, "planned %u", drive.plan.nr);
	EXPECT(drive.plan.page[0].n - drive.base == 106 &&
	       drive.plan.page[61].n - drive.base == 167, "not what follows");
}

static void test_left_to_kernel(void)
{
	start(0);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_DEFAULT(100);
	drive.flags = SWAP_EXT_F_SHMEM;
	EXPECT_DEFAULT(100);
	/* on behalf of another process: neither plan nor history */
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(100);
	drive_use(101);
	drive.flags = 0;
	EXPECT_PLAN(102, 99, 100, 101, 103, 104, 105, 106);
}

int main(void)
{
	test_forward();
	test_backward();
	test_shrink();
	test_stride();
	test_previous();
	test_saturation();
	test_edges();
	test_address_zero();
	test_page_cluster();
	test_mappings();
	test_max_window();
	test_left_to_kernel();
	return drive_finish();
}
