// SPDX-License-Identifier: GPL-2.0
/*
 * tape: what is recorded of one process is planned for another, whose mappings
 * lie elsewhere.
 */
#include "../../policies/tape.bpf.c"
#include "drive.h"
#include "sim.h"

static void set_params(bool record, u32 max_window)
{
	DRIVE_PARAMS(.record = record, .max_window = max_window);
}

/* The process ends and another begins; what is on the tape stays. */
static void next_process(u64 base)
{
	host_task_exit(host.current);
	host.current = host_task_create(NULL, 200);
	drive.base = base;
}

static void record(const u64 *page, u32 nr)
{
	drive_start();
	set_params(true, 0);
	tape_init(NULL, DRIVE_CGROUP);
	while (nr--)
		EXPECT_NONE(*page++);
	set_params(false, 4);
	next_process(1ULL << 33);
}

static const u64 song[] = { 5, 900, 17, 4, 3, 512, 44, 45, 7, 1000, 30, 31 };
#define SONG	song, sizeof(song) / sizeof(song[0])

static void test_play(void)
{
	struct stats *s;

	record(SONG);
	s = DRIVE_STATS();
	EXPECT_PLAN(5, 900, 17, 4, 3);
	EXPECT_PLAN(512, 44, 45, 7, 1000);
	EXPECT_PLAN(30, 31);
	EXPECT_NONE(77);
	/* from the start again */
	EXPECT_PLAN(5, 900, 17, 4, 3);
	EXPECT(s->followed == 4 && s->lost == 1, "%llu followed, %llu lost",
	       (unsigned long long)s->followed, (unsigned long long)s->lost);
}

static void test_lost_pages(void)
{
	record(SONG);
	EXPECT_PLAN(5, 900, 17, 4, 3);
	/* 17 was asked for and is gone */
	EXPECT_PLAN(17, 4, 3, 512, 44);
	/* 45, 7 and 1000 were in memory */
	EXPECT_PLAN(30, 31);
	/* a page that is not on the tape changes nothing */
	record(SONG);
	EXPECT_PLAN(5, 900, 17, 4, 3);
	EXPECT_NONE(600);
	EXPECT_PLAN(512, 44, 45, 7, 1000);
	EXPECT_NONE(601);
	EXPECT_PLAN(30, 31);
}

/* A lost page is found where it was planned, not by going once round the tape. */
static void test_long(void)
{
	u64 page;

	drive_start();
	set_params(true, 0);
	tape_init(NULL, DRIVE_CGROUP);
	for (page = 0; page < 1000; page++)
		drive_miss(7 * page);
	set_params(false, 4);
	next_process(1ULL << 33);
	EXPECT_PLAN(0, 7, 14, 21, 28);
	EXPECT_PLAN(35, 42, 49, 56, 63);
	EXPECT_PLAN(42, 49, 56, 63, 70);
}

/* Searches in vain become rarer: after 1, 2, 4, ... misses. */
static void test_backoff(void)
{
	struct stats *s;
	int i;

	record(SONG);
	s = DRIVE_STATS();
	for (i = 0; i < 1000; i++)
		EXPECT_NONE(2000 + i);
	/* 1 + 1 + 2 + 4 ... + 256 + 256 + ... */
	EXPECT(s->lost == 11, "%llu searches", (unsigned long long)s->lost);
	/* then it does find its way again */
	for (i = 0; i < 256 && drive_miss(5) != SWAP_EXT_PF_PLAN; i++)
		;
	EXPECT(i < 256, "never found its way again");
}

/* Only the first process is recorded, and recording begins with init. */
static void test_one_process(void)
{
	drive_start();
	set_params(true, 0);
	tape_init(NULL, DRIVE_CGROUP);
	EXPECT_NONE(1);
	EXPECT_NONE(2);
	next_process(1ULL << 33);
	EXPECT_NONE(3);
	EXPECT_NONE(4);
	EXPECT(tape_label()->nr == 2, "%u places", tape_label()->nr);
	tape_init(NULL, DRIVE_CGROUP);
	EXPECT(tape_label()->nr == 0, "%u places", tape_label()->nr);
	/* playing does not erase */
	EXPECT_NONE(3);
	set_params(false, 4);
	tape_init(NULL, DRIVE_CGROUP);
	EXPECT(tape_label()->nr == 1, "%u places", tape_label()->nr);
}

/* Two mappings of one size are told apart by their turn. */
static void test_mappings(void)
{
	drive_start();
	set_params(true, 0);
	tape_init(NULL, DRIVE_CGROUP);
	drive.nr_pages = 1000;
	EXPECT_NONE(1);
	drive.base += 5000;
	EXPECT_NONE(2);
	drive.base -= 5000;
	EXPECT_NONE(3);
	EXPECT_NONE(4);
	drive.base += 5000;
	EXPECT_NONE(5);

	set_params(false, 4);
	next_process(1ULL << 33);
	/* 5 and 2 are in a mapping not seen yet: passed over */
	EXPECT_PLAN(1, 3, 4);
	drive.base += 9000;
	EXPECT_NONE(77);
	drive.base -= 9000;
	EXPECT_PLAN(1, 9002, 3, 4, 9005);
}

static void test_full(void)
{
	u32 i;

	drive_start();
	set_params(true, 0);
	tape_init(NULL, DRIVE_CGROUP);
	for (i = 0; i < TAPE_MAX + 10; i++)
		drive_miss(i % drive.nr_pages);
	EXPECT(tape_label()->nr == TAPE_MAX, "%u places", tape_label()->nr);
}

static void test_empty(void)
{
	drive_start();
	set_params(false, 8);
	tape_init(NULL, DRIVE_CGROUP);
	EXPECT_NONE(1);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(1);
	drive_start();
	EXPECT_DEFAULT(1);
}

/* A random order, recorded and played with the default window. */
static void test_waits(void)
{
	static u32 order[8192];
	u32 i, j, t;

	sim_start(8192, 0);
	set_params(true, 0);
	tape_init(NULL, DRIVE_CGROUP);
	for (i = 0; i < 8192; i++)
		order[i] = i;
	for (i = 8192; i > 1; i--) {
		j = bpf_get_prandom_u32() % i;
		t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
	for (i = 0; i < 8192; i++)
		sim_access(order[i]);
	EXPECT(sim.misses == 8192, "%llu misses recorded",
	       (unsigned long long)sim.misses);

	set_params(false, swap_default_max_window);
	next_process(1ULL << 33);
	memset(&sim, 0, sizeof(sim));
	sim.limit = 8192;
	for (i = 0; i < 8192; i++)
		sim_access(order[i]);
	EXPECT(sim_wait_percent() <= 4 && sim_used_percent() >= 99,
	       "%.1f %% waits, %.1f %% used", sim_wait_percent(),
	       sim_used_percent());
}

int main(void)
{
	test_play();
	test_lost_pages();
	test_long();
	test_backoff();
	test_one_process();
	test_mappings();
	test_full();
	test_empty();
	test_waits();
	return drive_finish();
}
