// SPDX-License-Identifier: GPL-2.0
/*
 * senpai: how much it reclaims at which pressure, what it keeps for the next period, and that
 * it refuses a cgroup whose pressure nobody knows.
 */
#include "../../policies/senpai.bpf.c"
#include "drive.h"

/* What the kernel says, and what it was asked for. */
static u64 stalled_ns, nr_pages;
static u64 nr_asked, nr_calls;
static int known;

static int pressure(u64 *ns, u64 *nr, void *arg)
{
	*ns = stalled_ns;
	*nr = nr_pages;
	return known;
}

static s64 reclaim(u64 nr, void *arg)
{
	nr_asked += nr;
	nr_calls++;
	return nr / 2;
}

static s32 begin(u32 ratio, u32 threshold)
{
	drive_start();
	stalled_ns = 77 * NSEC_PER_SEC;
	nr_pages = 0;
	nr_asked = 0;
	nr_calls = 0;
	host.now_ns = 99 * NSEC_PER_SEC;
	host.pressure = pressure;
	host.reclaim = reclaim;
	DRIVE_PARAMS(.period_s = 6, .ratio = ratio, .threshold = threshold);
	return host_policy.init(NULL, DRIVE_CGROUP);
}

static struct senpai *start(u32 ratio, u32 threshold)
{
	const u64 id = DRIVE_CGROUP;

	known = 0;
	EXPECT(!begin(ratio, threshold), "init");
	return bpf_map_lookup_elem(&senpais, &id);
}

/* A period later, in which tasks have waited so long; how many pages were to go. */
static u64 tick(struct senpai *s, u64 more_ns)
{
	u64 before = nr_asked;

	host.now_ns += 6 * NSEC_PER_SEC;
	stalled_ns += more_ns;
	look_and_reclaim(DRIVE_CGROUP, s);
	return nr_asked - before;
}

/* 0.0005 of a million pages; all if nobody waits, none if it is 6 ms of 6 s. */
static void test_formula(void)
{
	struct senpai *s = start(500, 1000);
	struct stats *st = DRIVE_STATS();
	u64 nr;

	nr_pages = MILLION;
	nr = tick(s, 0);
	EXPECT(nr == 500, "nobody waits: %llu pages", nr);
	nr = tick(s, 1500000);
	EXPECT(nr == 375, "a quarter of the threshold: %llu pages", nr);
	nr = tick(s, 5994000);
	EXPECT(!nr, "just below it: %llu pages", nr);
	EXPECT(!st->held, "held %llu times", st->held);
	nr = tick(s, 6000000);
	EXPECT(!nr && st->held == 1, "the threshold: %llu pages", nr);
	nr = tick(s, 6 * NSEC_PER_SEC);
	EXPECT(!nr && st->held == 2, "they do nothing else: %llu pages", nr);
	nr = tick(s, 0);
	EXPECT(nr >= 500 && nr <= 501, "it is over: %llu pages", nr);
	EXPECT(st->periods == 6 && st->asked == nr_asked &&
	       st->reclaimed == 250 + 187 + nr / 2, "%llu periods, %llu asked, %llu went",
	       st->periods, st->asked, st->reclaimed);
	EXPECT(st->stalled_us == 1500 + 5994 + 6000 + 6000000, "%llu us", st->stalled_us);
}

/* 10 pages each time: none goes until it is 32. */
static void test_little(void)
{
	struct senpai *s = start(1000, 1000);
	u64 nr = 0;
	u32 i;

	nr_pages = 10500;
	for (i = 0; i < 3; i++)
		nr += tick(s, 0);
	EXPECT(!nr, "%llu of 31.5 pages", nr);
	nr = tick(s, 0);
	EXPECT(nr == 42 && nr_calls == 1, "%llu of 42 pages", nr);
	EXPECT(!s->due, "%llu are left", s->due);
	for (i = 0; i < 3; i++)
		nr += tick(s, 0);
	EXPECT(nr == 42, "%llu pages", nr);
	nr += tick(s, 6000000);
	EXPECT(nr == 42, "%llu pages from somebody who waits", nr);
}

static void test_fractions(void)
{
	struct senpai *s = start(1000, 1000);
	u64 nr;

	nr_pages = 33500;
	nr = tick(s, 0);
	EXPECT(nr == 33, "%llu of 33.5 pages", nr);
	nr = tick(s, 0);
	EXPECT(nr == 34, "%llu of 33.5 pages and a half", nr);
}

static void test_late(void)
{
	struct senpai *s = start(500, 1000);

	/* The share counts: 6 ms are half of it in 12 s. */
	nr_pages = MILLION;
	host.now_ns += 6 * NSEC_PER_SEC;
	EXPECT(tick(s, 6000000) == 250, "%llu pages", nr_asked);
}

static void test_refusals(void)
{
	struct senpai *s = start(500, 1000);

	nr_pages = MILLION;
	known = -ENOENT;
	EXPECT(!tick(s, 0), "%llu pages of a cgroup that is gone", nr_asked);
	known = -EOPNOTSUPP;
	EXPECT(begin(500, 1000) == -EOPNOTSUPP, "attached without PSI");
	known = 0;
}

int main(void)
{
	test_formula();
	test_little();
	test_fractions();
	test_late();
	test_refusals();
	return drive_finish();
}
