// SPDX-License-Identifier: GPL-2.0
/*
 * lhd against true LRU where it should win, uneven popularity and a loop that does not fit;
 * and by hand: what it makes of events, classes, what fades, who explores and who came last.
 * cc: -lm
 */
#include "../../policies/lhd.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096

static struct lhd *start(void)
{
	const u64 id = DRIVE_CGROUP;

	memory_without(MEMORY);
	DRIVE_PARAMS(.candidates = 96);
	memory_attach();
	return bpf_map_lookup_elem(&lhds, &id);
}

static void test_zipf(void)
{
	u64 lru, misses;

	memory_without(MEMORY);
	memory_zipf(4 * MEMORY, 0.9, 16 * MEMORY);
	lru = memory_zipf(4 * MEMORY, 0.9, 16 * MEMORY);
	start();
	memory_zipf(4 * MEMORY, 0.9, 16 * MEMORY);
	misses = memory_zipf(4 * MEMORY, 0.9, 16 * MEMORY);
	EXPECT(misses * 100 < lru * 96, "%llu misses, LRU %llu", misses, lru);
}

/* LRU misses all of it; at best a fifth does. */
static void test_loop(void)
{
	u64 misses;

	start();
	memory_loop(0, MEMORY / 4 * 5, 10);
	misses = memory_loop(0, MEMORY / 4 * 5, 10);
	EXPECT(misses < MEMORY / 4 * 5 * 10 * 35 / 100, "%llu misses in ten rounds", misses);
}

/* Nobody lives on what he was. */
static void test_change(void)
{
	u64 misses;

	start();
	memory_loop(0, MEMORY / 2, 100);
	memory_loop(MEMORY, MEMORY / 4 * 3, 10);
	misses = memory_loop(MEMORY, MEMORY / 4 * 3, 10);
	EXPECT(misses < MEMORY / 10, "%llu misses in a set that fits", misses);
}

/* Ten uses at age 2, thirty pages that went at age 5. */
static void test_learning(void)
{
	struct lhd *l = start();
	struct lhd_class *c = &l->class[3];
	u64 before, half = 1ULL << (DENSITY_SHIFT - 1);

	c->hits[2] = 10 * EVENT;
	c->evictions[5] = 30 * EVENT;
	learn(l);
	/* Time that is left, of age 5: 30 pages live for one age; of age 2: 3 more, and 10 more. */
	before = ((4ULL << (DENSITY_SHIFT - 4)) * 16) / 6 / (16 + 30);
	EXPECT(c->density[5] == before, "of age 5: %llu, not %llu", c->density[5], before);
	before = ((10ULL << DENSITY_SHIFT) + (4ULL << (DENSITY_SHIFT - 4)) * 16 / 3) /
		 (16 + 4 * 30 + 10);
	EXPECT(c->density[2] - before <= 1, "of age 2: %llu, not %llu", c->density[2], before);
	EXPECT(c->density[2] > c->density[1] && c->density[1] > c->density[0],
	       "%llu, %llu, %llu: the closer the use the denser", c->density[2],
	       c->density[1], c->density[0]);
	EXPECT(c->density[3] < half / 8, "behind the uses: %llu", c->density[3]);
	EXPECT(c->hits[2] == 10 * EVENT * 1010 / 1024, "%llu after it", c->hits[2]);
	/* Nothing is known of the others. */
	EXPECT(l->class[4].density[2] == (5ULL << (DENSITY_SHIFT - 4)) / 3, "class 4, age 2: %llu",
	       l->class[4].density[2]);
}

static void test_classes(void)
{
	EXPECT(find_class(0) == NR_CLASSES - 1, "used at once: %u", find_class(0));
	EXPECT(find_class(1) == 6, "a sum of 1: %u", find_class(1));
	EXPECT(find_class(NR_AGES / 2) == 1, "half of the ages: %u", find_class(NR_AGES / 2));
	EXPECT(find_class(NR_AGES) == 0, "all ages: %u", find_class(NR_AGES));
}

static struct seen *seen_at(u32 nr)
{
	return (struct seen *)&memory.page[nr].folio.state;
}

/* Who is to go first, of those that are there; -1: nobody. One is wanted. */
static int next_victim(struct folio **seen, u32 nr_seen)
{
	struct swap_ext_evict e = {
		.cgroup_id = DRIVE_CGROUP, .nr_wanted = 1, .nr_pages = MEMORY,
	};
	struct swap_ext_victims v = { .max = 32, .seen = seen, .nr_seen = nr_seen };
	u32 i, j;

	host_policy.evict(&v, &e, NULL);
	for (i = 0; i < v.nr; i++)
		for (j = 0; j < i; j++)
			EXPECT(v.victim[i].folio != v.victim[j].folio, "a page is named twice");
	return v.nr ? (struct memory_page *)v.victim[0].folio - memory.page : -1;
}

static void test_victims(void)
{
	struct lhd *l = start();
	struct folio *seen[4];
	u32 i;

	memory_loop(0, 4, 1);
	for (i = 0; i < 4; i++) {
		seen[i] = &memory.page[i].folio;
		seen_at(i)->explores = 0;
	}
	/* The use that brought them is none. */
	next_victim(seen, 4);
	EXPECT(!l->class[0].hits[0], "%llu uses", l->class[0].hits[0]);
	/* LRU, of what is equal otherwise. */
	l->now = 20;
	seen_at(1)->used = 18;
	seen_at(2)->used = 10;
	seen_at(3)->used = 17;
	EXPECT(next_victim(seen, 4) == 0, "not the oldest");
	/* A use is one at that age, and makes the page young. */
	memory_touch(0);
	EXPECT(next_victim(seen, 4) == 2, "not the second");
	EXPECT(l->class[0].hits[20] == EVENT, "%llu uses at age 20", l->class[0].hits[20]);
	EXPECT(seen_at(0)->used == 20 && seen_at(0)->class == find_class(20) &&
	       seen_at(0)->age == 20, "class %u", seen_at(0)->class);
	/* An explorer stays, until it is too old. */
	seen_at(2)->explores = 1;
	EXPECT(next_victim(seen, 4) == 3, "an explorer goes");
	l->now = 10 + NR_AGES - 1;
	EXPECT(next_victim(seen, 4) == 2, "an explorer of great age stays");
	/* On no list, and the last that came. */
	memory_touch(5);
	seen_at(5)->explores = 0;
	seen_at(5)->used = 0;
	EXPECT(next_victim(seen, 0) == 2, "a page without explorers");
	memory_evict(&memory.page[2]);
	EXPECT(l->class[0].evictions[NR_AGES - 1] == EVENT, "%llu went",
	       l->class[0].evictions[NR_AGES - 1]);
	EXPECT(next_victim(seen, 0) == 5, "who came last is not looked at");
	/* It comes back with its age. */
	l->now = 80;
	memory_touch(2);
	EXPECT(seen_at(2)->age == NR_AGES - 1 && seen_at(2)->used == 80, "age %u, used at %u",
	       seen_at(2)->age, seen_at(2)->used);
	memory_touch(6);
	EXPECT(!seen_at(6)->age && !seen_at(6)->class, "a new page of age %u", seen_at(6)->age);
}

/* An eighth of the memory is an age. */
static void test_clock(void)
{
	struct lhd *l = start();
	u32 i;

	for (i = 1; i < MEMORY / AGES_OF_MEMORY; i++)
		next_victim(NULL, 0);
	EXPECT(!l->now, "it is %u", l->now);
	next_victim(NULL, 0);
	EXPECT(l->now == 1 && !l->nr_gone, "it is %u", l->now);
}

int main(void)
{
	test_zipf();
	test_loop();
	test_change();
	test_learning();
	test_classes();
	test_victims();
	test_clock();
	return drive_finish();
}
