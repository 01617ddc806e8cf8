// SPDX-License-Identifier: GPL-2.0
/*
 * cleaner: which pages it writes, and when: not before they are cold, not twice, no more than
 * it may; and that it forgets those that go.
 */
#include "../../policies/cleaner.bpf.c"
#include "drive.h"

#define NR	16

/* Pages by handle, from 1; what was asked for, in order. */
static struct folio folios[NR + 1];
static u64 cleaned[64];
static u32 nr_cleaned;
static int answer;
static s64 scanned;

static struct folio *find(u64 page, void *arg)
{
	return page <= NR && folios[page].page ? &folios[page] : NULL;
}

static s64 scan(struct swap_ext_histogram *h, void *arg)
{
	return scanned;
}

static int clean_page(u64 page, void *arg)
{
	if (!find(page, arg))
		return -ESTALE;
	cleaned[nr_cleaned++ % 64] = page;
	return answer;
}

static void move(u64 page, u32 flags)
{
	struct swap_ext_page p = {
		.cgroup_id = DRIVE_CGROUP, .page = page, .nr_pages = 1, .flags = flags,
	};

	folios[page].page = page;
	host_policy.added(&folios[page], &p, NULL);
}

static void go(u64 page, u32 flags)
{
	struct swap_ext_page p = {
		.cgroup_id = DRIVE_CGROUP, .page = page, .nr_pages = 1, .flags = flags,
	};

	host_policy.removed(&folios[page], &p, NULL);
	memset(&folios[page], 0, sizeof(folios[page]));
}

static struct cleaner *start(u32 batch, u32 share, u32 nr)
{
	const u64 id = DRIVE_CGROUP;
	u64 i;

	drive_start();
	memset(folios, 0, sizeof(folios));
	nr_cleaned = 0;
	answer = 0;
	scanned = nr;
	host.find_folio = find;
	host.scan = scan;
	host.clean = clean_page;
	host.now_ns = 1000 * NSEC_PER_SEC;
	DRIVE_PARAMS(.period_s = 10, .age_s = 60, .batch = batch, .share = share);
	EXPECT(!host_policy.init(NULL, id), "init");
	for (i = 1; i <= nr; i++)
		move(i, 0);
	return bpf_map_lookup_elem(&cleaners, &id);
}

/* Ten seconds later; who was not used is idle for so much longer. Returns how many it cleans. */
static u32 tick(struct cleaner *c)
{
	u32 before = nr_cleaned, i;

	host.now_ns += 10 * NSEC_PER_SEC;
	for (i = 1; i <= NR; i++)
		if (folios[i].idle_s)
			folios[i].idle_s += 10;
	scan_and_clean(DRIVE_CGROUP, c);
	host_map_quiesce();
	return nr_cleaned - before;
}

static void test_age(void)
{
	struct cleaner *c = start(100, 100, 4);
	struct stats *st = DRIVE_STATS();

	EXPECT(!tick(c), "%u pages that no scan has seen", nr_cleaned);
	folios[1].idle_s = 40;
	folios[3].idle_s = 50;
	EXPECT(tick(c) == 1 && cleaned[0] == 3, "%u pages, the first %llu", nr_cleaned,
	       cleaned[0]);
	EXPECT(tick(c) == 1 && cleaned[1] == 1, "%u pages, the second %llu", nr_cleaned,
	       cleaned[1]);
	/* It is clean as long as nobody uses it. */
	EXPECT(!tick(c), "%u pages", nr_cleaned);
	folios[3].idle_s = 1;
	EXPECT(!tick(c), "%u pages, one in use", nr_cleaned);
	folios[3].idle_s = 50;
	EXPECT(!st->again, "%llu again", st->again);
	host.now_ns += 60 * NSEC_PER_SEC;
	folios[1].idle_s += 60;
	EXPECT(tick(c) == 1 && cleaned[2] == 3, "%u pages, the third %llu", nr_cleaned, cleaned[2]);
	EXPECT(st->cleaned == 3 && st->again == 1 && st->scans == 6 && !st->refused,
	       "cleaned %llu, again %llu, scans %llu", st->cleaned, st->again, st->scans);
}

static void be_idle(u32 first, u32 nr)
{
	while (nr--)
		folios[first++].idle_s = 100;
}

static void test_batch(void)
{
	struct cleaner *c = start(5, 100, NR);

	be_idle(1, NR);
	EXPECT(tick(c) == 5 && cleaned[4] == 5, "%u pages", nr_cleaned);
	EXPECT(tick(c) == 5 && cleaned[9] == 10, "%u pages", nr_cleaned);
	tick(c);
	EXPECT(tick(c) == 1 && cleaned[15] == 16, "%u pages", nr_cleaned);
	EXPECT(!tick(c), "%u pages", nr_cleaned);
}

static void test_looks(void)
{
	struct cleaner *c = start(1, 100, NR);

	be_idle(LOOKS + 1, 1);
	EXPECT(!tick(c), "the ninth page after %u looks", LOOKS);
	EXPECT(tick(c) == 1, "not the first of the next");
}

static void test_share(void)
{
	struct cleaner *c = start(100, 50, NR);

	be_idle(1, NR);
	EXPECT(tick(c) == NR / 2, "%u pages", nr_cleaned);
	EXPECT(!tick(c), "%u pages", nr_cleaned);
	/* Two that are clean go: others take their place. */
	go(1, SWAP_EXT_P_EVICTED);
	go(2, SWAP_EXT_P_EVICTED);
	tick(c);
	EXPECT(nr_cleaned == NR / 2 + 2, "%u pages", nr_cleaned);
}

static u32 count_places(const struct cleaner *c)
{
	struct place place = { .cgroup_id = DRIVE_CGROUP };
	u32 nr = 0;

	for (place.nr = 0; place.nr < c->nr_in; place.nr++)
		nr += !!bpf_map_lookup_elem(&places, &place);
	return nr;
}

static void test_going(void)
{
	struct cleaner *c = start(100, 100, 4);
	struct stats *st = DRIVE_STATS();
	u32 i;

	be_idle(1, 3);
	tick(c);
	tick(c);
	folios[2].idle_s = 1;
	go(1, SWAP_EXT_P_EVICTED);
	go(2, SWAP_EXT_P_EVICTED);
	go(3, 0);
	go(4, SWAP_EXT_P_EVICTED);
	EXPECT(st->went_clean == 1 && st->went_dirty == 2, "%llu went clean, %llu dirty",
	       st->went_clean, st->went_dirty);
	EXPECT(!count_places(c), "%u have a place", count_places(c));
	/* As often as you like, in the same frame. */
	for (i = 0; i < 1000; i++) {
		move(1, 0);
		go(1, 0);
	}
	move(1, SWAP_EXT_P_SWAPIN);
	EXPECT(count_places(c) == 1, "%u have a place", count_places(c));
	be_idle(1, 1);
	nr_cleaned = 0;
	EXPECT(tick(c) == 1 && cleaned[0] == 1, "%u pages", nr_cleaned);
	EXPECT(!st->again, "it is another page");
	/* Without a word, as one that was locked when its cgroup ended. */
	memset(&folios[1], 0, sizeof(folios[1]));
	tick(c);
	EXPECT(!count_places(c), "%u have a place", count_places(c));
}

static void test_refusals(void)
{
	struct cleaner *c = start(3, 100, 6);
	struct stats *st = DRIVE_STATS();
	struct swap_ext_page large = { .cgroup_id = DRIVE_CGROUP, .page = 9, .nr_pages = 16 };
	struct swap_ext_page shmem = {
		.cgroup_id = DRIVE_CGROUP, .page = 10, .nr_pages = 1, .flags = SWAP_EXT_P_SHMEM,
	};

	host_policy.added(&folios[9], &large, NULL);
	host_policy.added(&folios[10], &shmem, NULL);
	EXPECT(count_places(c) == 6, "%u have a place", count_places(c));
	be_idle(1, 6);
	answer = -EBUSY;
	EXPECT(tick(c) == 3 && st->refused == 3 && !st->cleaned, "%llu refused", st->refused);
	answer = 0;
	EXPECT(tick(c) == 3 && cleaned[3] == 4, "%u pages", nr_cleaned);
	EXPECT(tick(c) == 3 && cleaned[6] == 1, "those that were refused stay dirty");
	scanned = -ENOENT;
	be_idle(1, 6);
	host.now_ns += 1000 * NSEC_PER_SEC;
	EXPECT(!tick(c), "cleans after a scan that failed");
}

/* Each page has one place, whatever is said of it and whoever is late. */
static void test_places(void)
{
	struct cleaner *c = start(100, 100, 2);
	struct place late = { .cgroup_id = DRIVE_CGROUP };
	struct stats *st = DRIVE_STATS();
	u64 page = 1;

	move(1, SWAP_EXT_P_MOVED);
	EXPECT(count_places(c) == 2, "%u places", count_places(c));
	tick(c);
	bpf_map_update_elem(&places, &late, &page, BPF_ANY);
	c->nr_out = 0;
	tick(c);
	EXPECT(count_places(c) == 2, "%u places of two pages", count_places(c));
	/* It is of another cgroup by now. */
	be_idle(1, 2);
	answer = -ESTALE;
	EXPECT(tick(c) == 2 && !st->refused, "%llu refused", st->refused);
	EXPECT(!count_places(c), "%u places", count_places(c));
}

static void test_exit(void)
{
	struct swap_ext_exit_info ei = { .cgroup_id = DRIVE_CGROUP };
	struct known_page key = { .cgroup_id = DRIVE_CGROUP };
	struct cleaner *c = start(100, 100, NR);
	struct cleaner before;

	be_idle(1, 4);
	tick(c);
	before = *c;
	host_policy.exit(NULL, &ei);
	host_map_quiesce();
	EXPECT(!count_places(&before), "%u have a place", count_places(&before));
	for (key.page = 1; key.page <= NR; key.page++)
		EXPECT(!bpf_map_lookup_elem(&known_pages, &key), "%llu is known", key.page);
}

int main(void)
{
	test_age();
	test_batch();
	test_looks();
	test_share();
	test_going();
	test_refusals();
	test_places();
	test_exit();
	return drive_finish();
}
