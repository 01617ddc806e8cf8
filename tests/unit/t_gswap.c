// SPDX-License-Identifier: GPL-2.0
/*
 * gswap: which age it takes from what came back and what was used, how long it remembers,
 * how much it gives back, and which pages.
 */
#include "../../policies/gswap.bpf.c"
#include "drive.h"

/* What the next scan finds, and what was asked of reclaim. */
static struct swap_ext_histogram next;
static u64 nr_given_back;
static u32 nr_reclaims;
static u64 reclaim_max;		/* pages that one reclaim finds */
static u64 reclaim_all;		/* that there are to be found; then none */
static s64 scan_result;

static s64 scan(struct swap_ext_histogram *h, void *arg)
{
	u32 age;

	for (age = 0; age < SWAP_EXT_AGES; age++) {
		h->idle[age] += next.idle[age];
		h->used[age] += next.used[age];
	}
	return scan_result;
}

static s64 reclaim(u64 nr_pages, void *arg)
{
	u64 nr = swap_min(nr_pages, swap_min(reclaim_max, reclaim_all));

	nr_reclaims++;
	reclaim_all -= nr;
	nr_given_back += nr;
	return nr;
}

/* A minute from scan to scan, so that slo is of each scan. */
static struct gswap *start(u32 slo, u32 warmup)
{
	const u64 id = DRIVE_CGROUP;

	drive_start();
	memset(&next, 0, sizeof(next));
	nr_given_back = 0;
	nr_reclaims = 0;
	reclaim_max = reclaim_all = 1 << 20;
	scan_result = 1;
	host.scan = scan;
	host.reclaim = reclaim;
	DRIVE_PARAMS(.period_s = 60, .slo = slo, .percentile = 98, .warmup = warmup);
	DRIVE_STATS();
	EXPECT(!host_policy.init(NULL, id), "init");
	return bpf_map_lookup_elem(&gswaps, &id);
}

static void tick(struct gswap *g)
{
	scan_and_give_back(DRIVE_CGROUP, g);
}

static void test_threshold(void)
{
	struct gswap *g = start(100, 1);	/* 1 % of the working set */

	next.used[0] = 980;
	next.used[5] = 12;
	next.used[9] = 8;
	tick(g);	/* of 1000 ten may: the eight that had reached 9, not the twelve */
	EXPECT(g->books.threshold == 6, "threshold %u", g->books.threshold);

	g = start(100, 1);
	next.used[0] = 1000;
	tick(g);
	EXPECT(g->books.threshold == 1, "nothing came back: threshold %u",
	       g->books.threshold);

	g = start(0, 1);
	next.used[0] = 1000;
	next.used[SWAP_EXT_AGES - 1] = 1;
	tick(g);
	EXPECT(g->books.threshold == SWAP_EXT_AGES, "none may: threshold %u",
	       g->books.threshold);
}

/* One bad period counts at once, and then for as long as it is remembered. */
static void test_history(void)
{
	struct gswap *g = start(100, 1);
	u32 i;

	next.used[0] = 1000;
	for (i = 0; i < 40; i++)
		tick(g);
	EXPECT(g->books.threshold == 1, "threshold %u", g->books.threshold);
	next.used[30] = 100;
	tick(g);
	EXPECT(g->books.threshold == 31, "a bad period: threshold %u", g->books.threshold);
	next.used[30] = 0;
	/* One of 40 to 49 periods is more than two percent of them. */
	tick(g);
	EXPECT(g->books.threshold == 31, "one later: threshold %u", g->books.threshold);
	for (i = 0; i < HISTORY; i++)
		tick(g);
	EXPECT(g->books.threshold == 1, "forgotten: threshold %u", g->books.threshold);
	EXPECT(g->books.nr_best[1] == HISTORY, "%u periods are remembered",
	       g->books.nr_best[1]);
}

/* An age that no page can have reached yet is obeyed, and not remembered. */
static void test_first_periods(void)
{
	struct gswap *g = start(100, 1);
	u32 i;

	next.used[0] = 1000;
	for (i = 0; i < 20; i++) {
		next.used[i] = 100;	/* too many at any age */
		tick(g);
		EXPECT(g->books.threshold == i + 1, "period %u: threshold %u", i,
		       g->books.threshold);
	}
	EXPECT(!g->books.nr_known, "%u periods are remembered", g->books.nr_known);
	memset(&next, 0, sizeof(next));
	next.used[0] = 1000;
	next.used[15] = 100;
	tick(g);
	EXPECT(g->books.nr_known == 1 && g->books.nr_best[16] == 1, "%u periods are remembered",
	       g->books.nr_known);
}

static void test_giving_back(void)
{
	struct gswap *g = start(100, 3);

	next.used[0] = 1000;
	next.used[7] = 500;
	next.idle[7] = 40;
	next.idle[8] = 20;
	next.idle[SWAP_EXT_AGES - 1] = 3;
	tick(g);
	tick(g);
	EXPECT(!nr_given_back && !g->books.threshold, "%llu pages before it knows", nr_given_back);
	tick(g);
	EXPECT(nr_given_back == 23, "%llu pages as old as 8, or older", nr_given_back);
	scan_result = -ENOENT;
	tick(g);
	EXPECT(nr_given_back == 23, "%llu pages after a scan that failed", nr_given_back);
	EXPECT(g->books.nr_scans == 3, "%u scans", g->books.nr_scans);
}

/* A reclaim that finds some is followed by another one, until all pages have come by. */
static void test_reclaims(void)
{
	struct gswap *g = start(100, 1);

	next.used[0] = 10 * LOOKS * SWAP_EXT_CANDIDATES_MAX;
	next.idle[9] = 1000;
	reclaim_max = 100;
	tick(g);
	EXPECT(nr_given_back == 1000, "%llu pages, a hundred at a time", nr_given_back);
	EXPECT(nr_reclaims == 10, "%u reclaims for ten times a hundred", nr_reclaims);
	/* Some are locked, say. */
	nr_given_back = nr_reclaims = 0;
	reclaim_all = 200;
	tick(g);
	EXPECT(nr_given_back == 200, "%llu pages of the 200 that can go", nr_given_back);
	EXPECT(nr_reclaims == 2 + 11, "%u reclaims, two and once round", nr_reclaims);
	/* Few at a time are not worth to go on for. */
	nr_given_back = nr_reclaims = 0;
	reclaim_all = 1 << 20;
	reclaim_max = 1;
	tick(g);
	EXPECT(nr_reclaims == 11, "%u reclaims that find a page each", nr_reclaims);
}

static void move(u32 flags, struct folio *folio)
{
	struct swap_ext_page p = { .cgroup_id = DRIVE_CGROUP, .nr_pages = 1, .flags = flags };

	if (flags & SWAP_EXT_P_EVICTED)
		host_policy.removed(folio, &p, NULL);
	else
		host_policy.added(folio, &p, NULL);
}

/* What comes back from swap counts as what was used in memory at that age. */
static void test_promotions(void)
{
	struct gswap *g = start(100, 1);
	struct folio folio = { .idle_s = 4 * 60 }, fresh = {};
	u32 i;

	next.used[0] = 1000;
	tick(g);
	move(SWAP_EXT_P_EVICTED, &folio);
	for (i = 0; i < 3; i++)
		tick(g);
	move(SWAP_EXT_P_SWAPIN, &folio);
	EXPECT(g->books.promoted[7] == 1, "not of age 7: %llu", g->books.promoted[7]);
	move(SWAP_EXT_P_SWAPIN, &folio);
	move(0, &fresh);
	for (i = 0; i < SWAP_EXT_AGES; i++)
		EXPECT(g->books.promoted[i] == (i == 7), "%llu of age %u", g->books.promoted[i], i);
	/* More than one in a hundred. */
	g->books.promoted[7] = 11;
	tick(g);
	EXPECT(g->books.threshold == 8, "threshold %u", g->books.threshold);
	EXPECT(!g->books.promoted[7], "counted twice");
	/* Nobody waited for what a plan brought. */
	move(SWAP_EXT_P_EVICTED, &folio);
	move(SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED, &folio);
	for (i = 0; i < SWAP_EXT_AGES; i++)
		EXPECT(!g->books.promoted[i], "a page that was read ahead has age %u", i);
}

static void expect_victims(u32 flags, const int *idle_s, u32 nr)
{
	struct folio folios[4] = {
		{ .idle_s = 100 }, { .idle_s = 0 }, { .idle_s = 700 }, { .idle_s = 300 },
	};
	struct folio *seen[4] = { &folios[0], &folios[1], &folios[2], &folios[3] };
	struct swap_ext_evict e = { .cgroup_id = DRIVE_CGROUP, .flags = flags };
	bool asked_for = flags & SWAP_EXT_R_PROACTIVE;
	struct swap_ext_victims v = {
		.max = 4, .seen = seen, .nr_seen = 4, .may_end = asked_for,
	};
	u32 i;

	host_policy.evict(&v, &e, NULL);
	/* Nobody is in need: no younger page is to go for those that are not there. */
	EXPECT(v.ended == asked_for, "ended: %d", v.ended);
	EXPECT(v.nr == nr, "%u victims, expected %u", v.nr, nr);
	for (i = 0; i < swap_min(nr, v.nr); i++)
		EXPECT(v.victim[i].folio->idle_s == idle_s[i], "victim %u is idle for %d s", i,
		       v.victim[i].folio->idle_s);
}

static void test_victims(void)
{
	struct gswap *g = start(100, 1);

	expect_victims(0, NULL, 0);
	tick(g);
	g->books.threshold = 5;		/* of a minute */
	expect_victims(0, (int[]) { 700, 300, 100 }, 3);
	expect_victims(SWAP_EXT_R_PROACTIVE, (int[]) { 700, 300 }, 2);
	g->books.threshold = 12;
	expect_victims(SWAP_EXT_R_PROACTIVE, NULL, 0);
}

int main(void)
{
	test_threshold();
	test_history();
	test_first_periods();
	test_giving_back();
	test_reclaims();
	test_promotions();
	test_victims();
	return drive_finish();
}
