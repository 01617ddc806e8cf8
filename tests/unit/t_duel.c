// SPDX-License-Identifier: GPL-2.0
/*
 * duel: who is named when, by hand, and that the winner plans as its own policy
 * would. The first touch of a thread begins a sample, the 16 after it are the first
 * round: the 17th touch is the first that can be planned for.
 */
#include "../../policies/duel.bpf.c"
#include "drive.h"
#include "sim.h"

static struct stats *start(u32 max_window)
{
	drive_start();
	DRIVE_PARAMS(.max_window = max_window, .wait_cost = 1);
	return DRIVE_STATS();
}

static struct duel_thread *thread(void)
{
	return bpf_task_storage_get(&threads, host.current, NULL, 0);
}

static void test_judge(void)
{
	struct duel_score s = { 0 };
	u32 i;

	duel_judge(&s, 100, 104, 1);
	EXPECT(s.points == -1, "%d points", s.points);
	duel_judge(&s, 104, 0, 1);		/* came true; no new guess */
	EXPECT(s.points == 1, "%d points", s.points);
	duel_judge(&s, 104, 0, 1);		/* but only once */
	EXPECT(s.points == 1, "%d points", s.points);
	/* the 17th guess drives out the first */
	for (i = 1; i <= 17; i++)
		duel_judge(&s, 1000, 2000 + i, 1);
	EXPECT(s.points == 1 - 17, "%d points", s.points);
	duel_judge(&s, 2001, 0, 1);
	EXPECT(s.points == 1 - 17, "%d points", s.points);
	duel_judge(&s, 2002, 0, 1);
	EXPECT(s.points == 1 - 17 + 2, "%d points", s.points);

	/* one good guess makes up for as many bad ones as a wait costs */
	s = (struct duel_score){ 0 };
	for (i = 0; i < 5; i++)
		duel_judge(&s, 1000, 200 + i, 4);
	EXPECT(s.points == -5, "%d points", s.points);
	duel_judge(&s, 204, 0, 4);
	EXPECT(s.points == 0, "%d points", s.points);
}

static void test_first_round(void)
{
	struct stats *s = start(32);
	u64 i;

	for (i = 1; i <= 16; i++)
		EXPECT_NONE(7 * i);
	/*
	 * ladder guesses from the 5th touch on, leap from the 6th, stride from
	 * the 4th: 13, 12 and 14 guesses, of which those made before the 14th
	 * have come true: 2 * 9 - 13 = 5, 2 * 8 - 12 = 4, 2 * 10 - 14 = 6. All
	 * are within 4 of the best, and ladder is the first. It plans 4 pages to
	 * begin with. Points are halved.
	 */
	EXPECT_PLAN(119, 126, 133, 140, 147);
	EXPECT(thread()->winner == DUEL_LADDER + 1, "winner %u",
	       thread()->winner);
	EXPECT(thread()->score[DUEL_LADDER].points == 2 &&
	       thread()->score[DUEL_LEAP].points == 2 &&
	       thread()->score[DUEL_STRIDE].points == 3,
	       "ladder has %d, leap %d, stride %d",
	       thread()->score[DUEL_LADDER].points,
	       thread()->score[DUEL_LEAP].points,
	       thread()->score[DUEL_STRIDE].points);
	EXPECT(s->nobody == 16 && s->by_ladder == 1 && s->changes == 1,
	       "%llu by nobody, %llu by ladder, %llu changes",
	       (unsigned long long)s->nobody,
	       (unsigned long long)s->by_ladder,
	       (unsigned long long)s->changes);
}

/* Random access: nobody's guesses come true, nothing is fetched. */
static void test_random(void)
{
	struct stats *s = start(32);
	u32 i;

	for (i = 0; i < 5000; i++)
		EXPECT_NONE(bpf_get_prandom_u32() % drive.nr_pages);
	EXPECT(s->changes == 0, "%llu changes", (unsigned long long)s->changes);
}

/*
 * Two streams of one thread, whose turns are drawn by lot: differences have neither
 * period nor majority, the streams do have strides.
 */
static void test_stride_wins(void)
{
	struct stats *s;
	u64 page[2] = { 0, 8192 };
	int i;

	sim_start(16384, 0);
	DRIVE_PARAMS(.max_window = swap_default_max_window,
		     .wait_cost = swap_default_wait_cost);
	s = DRIVE_STATS();
	while (page[0] < 8192 && page[1] < 16384) {
		i = bpf_get_prandom_u32() % 2;
		sim_access(page[i]);
		page[i] += i ? 5 : 3;
	}
	EXPECT(s->by_stride > s->by_ladder + s->by_leap + s->by_readahead,
	       "stride planned %llu windows",
	       (unsigned long long)s->by_stride);
	EXPECT(sim_wait_percent() <= 12, "%.1f %% waits", sim_wait_percent());
}

/* And takes over from another within two samples. */
static void test_take_over(void)
{
	struct stats *s;
	u64 page[2] = { 0, 8192 };
	int i;

	sim_start(16384, 256);
	DRIVE_PARAMS(.max_window = swap_default_max_window,
		     .wait_cost = swap_default_wait_cost);
	s = DRIVE_STATS();
	sim_walk(16384, 4, 32);
	EXPECT(s->by_ladder && !s->by_stride, "stride planned %llu windows",
	       (unsigned long long)s->by_stride);
	while (page[0] < 8192 && page[1] < 16384) {
		i = bpf_get_prandom_u32() % 2;
		sim_access(page[i]);
		page[i] += i ? 5 : 3;
	}
	EXPECT(s->by_stride > 20, "stride planned %llu windows",
	       (unsigned long long)s->by_stride);
}

/* One stride with strays of no pattern every ten touches or so. */
static void test_leap_wins(void)
{
	struct stats *s;
	u64 page, next = 0;

	sim_start(16384, 0);
	DRIVE_PARAMS(.max_window = swap_default_max_window,
		     .wait_cost = swap_default_wait_cost);
	s = DRIVE_STATS();
	for (page = 0; page < 12000; page += 3) {
		sim_access(page);
		if (page < next)
			continue;
		sim_access(12000 + bpf_get_prandom_u32() % 4000);
		next = page + 15 + bpf_get_prandom_u32() % 30;
	}
	EXPECT(s->by_leap && s->by_leap + s->by_stride > s->by_ladder + s->by_readahead,
	       "leap planned %llu, stride %llu, ladder %llu",
	       (unsigned long long)s->by_leap,
	       (unsigned long long)s->by_stride,
	       (unsigned long long)s->by_ladder);
}

/* Runs of three pages anywhere: no stride reaches four touches ahead. */
static void walk_runs(void)
{
	u64 page;
	u32 i;

	for (i = 0; i < 3000; i++) {
		page = bpf_get_prandom_u32() % 16000;
		sim_access(page);
		sim_access(page + 1);
		sim_access(page + 2);
	}
}

static void test_readahead_wins(void)
{
	struct stats *s;

	sim_start(16384, 1024);
	DRIVE_PARAMS(.max_window = swap_default_max_window,
		     .wait_cost = swap_default_wait_cost);
	s = DRIVE_STATS();
	walk_runs();
	EXPECT(s->by_readahead > s->by_leap + s->by_stride + s->by_ladder,
	       "readahead planned %llu, leap %llu, stride %llu, ladder %llu",
	       (unsigned long long)s->by_readahead, (unsigned long long)s->by_leap,
	       (unsigned long long)s->by_stride, (unsigned long long)s->by_ladder);

	/* no more than it may, and never where the kernel's own window is one page */
	sim_start(16384, 1024);
	DRIVE_PARAMS(.max_window = 2, .wait_cost = swap_default_wait_cost);
	s = DRIVE_STATS();
	walk_runs();
	EXPECT(s->by_readahead && sim.prefetched <= 2 * s->by_readahead,
	       "%llu pages by %llu plans", (unsigned long long)sim.prefetched,
	       (unsigned long long)s->by_readahead);
	EXPECT(thread()->winner == DUEL_READAHEAD + 1, "winner %u", thread()->winner);
	drive.page_cluster = 0;
	walk_runs();
	EXPECT(thread()->winner != DUEL_READAHEAD + 1, "a winner without a window");
}

/* A change of phase is noticed, whatever the thread did before. */
static void test_change(void)
{
	u64 before;
	u32 i;

	sim_start(16384, 1024);
	DRIVE_PARAMS(.max_window = swap_default_max_window,
		     .wait_cost = swap_default_wait_cost);
	sim_walk(8192, 1, 7);
	EXPECT(sim_wait_percent() <= 5, "%.1f %% waits", sim_wait_percent());
	before = sim.prefetched;
	for (i = 0; i < 8192; i++)
		sim_access(bpf_get_prandom_u32() % 16384);
	EXPECT(sim.prefetched - before <= 8192 / 20, "%llu pages at random",
	       (unsigned long long)(sim.prefetched - before));
	sim.faults = 0;
	sim.misses = 0;
	sim_walk(16384, 4, 32);
	EXPECT(sim_wait_percent() <= 6, "%.1f %% waits", sim_wait_percent());
}

static void test_threads(void)
{
	struct task_struct *a, *b;
	u64 i;

	start(4);
	a = host.current;
	b = host_task_create(a, 101);
	/* a walks, b does not; in turns */
	for (i = 1; i <= 16; i++) {
		host.current = b;
		EXPECT_NONE(100000 + bpf_get_prandom_u32() % 100000);
		host.current = a;
		EXPECT_NONE(7 * i);
	}
	EXPECT_PLAN(119, 126, 133, 140, 147);
	host.current = b;
	EXPECT_NONE(54321);
	host_task_exit(b);
	host.current = a;
}

static void test_flags(void)
{
	start(4);
	drive.flags = SWAP_EXT_F_REMOTE;
	EXPECT_DEFAULT(7);
	drive.flags = SWAP_EXT_F_SYNC_IO;
	EXPECT_NONE(7);
	drive_start();
	EXPECT_DEFAULT(7);
}

static void simulate(u32 limit, u32 width, u32 row)
{
	sim_start(8192, limit);
	DRIVE_PARAMS(.max_window = swap_default_max_window,
		     .wait_cost = swap_default_wait_cost);
	sim_walk(8192, width, row);
	EXPECT(sim_wait_percent() <= 5 && sim_used_percent() >= 98,
	       "%u of %u, room for %u: %.1f %% waits, %.1f %% used", width,
	       row, limit, sim_wait_percent(), sim_used_percent());
}

int main(void)
{
	test_judge();
	test_first_round();
	test_random();
	test_stride_wins();
	test_take_over();
	test_leap_wins();
	test_readahead_wins();
	test_change();
	test_threads();
	test_flags();
	simulate(0, 1, 1);
	simulate(0, 1, 3);
	simulate(0, 4, 32);
	simulate(4096, 1, 1);
	simulate(4096, 1, 7);
	simulate(4096, 4, 32);
	return drive_finish();
}
