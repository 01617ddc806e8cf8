// SPDX-License-Identifier: GPL-2.0
/*
 * sieve against true LRU where it should win, uneven popularity; and by hand: the order in
 * which the hand takes pages, those without a place, and when all are used.
 * cc: -lm
 */
#include "../../policies/sieve.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096

static void start(void)
{
	memory_start(MEMORY);
	DRIVE_STATS();
}

static void test_zipf(void)
{
	u32 nr = 32 * MEMORY;
	u64 lru, misses;

	memory_without(MEMORY);
	memory_zipf(4 * MEMORY, 0.9, nr);
	lru = memory_zipf(4 * MEMORY, 0.9, nr);
	start();
	memory_zipf(4 * MEMORY, 0.9, nr);
	misses = memory_zipf(4 * MEMORY, 0.9, nr);
	EXPECT(misses * 100 < lru * 87, "%llu misses, LRU %llu", misses, lru);
}

/* A working set that fits takes over from one that is not used any more. */
static void test_change(void)
{
	u64 misses;

	start();
	memory_loop(0, MEMORY / 2, 50);
	memory_loop(MEMORY, MEMORY / 4 * 3, 20);
	misses = memory_loop(MEMORY, MEMORY / 4 * 3, 10);
	EXPECT(!misses, "%llu misses in 10 rounds of a set that fits", misses);
}

/* The number of the page that is to go if one is wanted, -1: none; it is not there then. */
static int next_victim(void)
{
	struct swap_ext_evict e = { .cgroup_id = DRIVE_CGROUP, .nr_wanted = 1 };
	struct swap_ext_victims v = { .max = 1 };
	struct memory_page *p;

	host_policy.evict(&v, &e, NULL);
	host_map_quiesce();
	if (!v.nr)
		return -1;
	p = (struct memory_page *)v.victim[0].folio;
	memory_evict(p);
	return p - memory.page;
}

#define EXPECT_VICTIMS(pages...)					\
do {									\
	const int ___want[] = { pages };				\
									\
	for (u32 ___i = 0; ___i < sizeof(___want) / sizeof(int); ___i++) { \
		int ___page = next_victim();				\
									\
		EXPECT(___page == ___want[___i], "victim %u: page %d, expected %d", \
		       ___i, ___page, ___want[___i]);			\
	}								\
} while (0)

/* Survivors keep their place: those that came later are ahead of the hand. */
static void test_order(void)
{
	start();
	memory_loop(0, 8, 1);
	EXPECT_VICTIMS(0);
	memory_touch(1);
	memory_touch(2);
	EXPECT_VICTIMS(3);
	memory_touch(8);
	EXPECT_VICTIMS(4, 5, 6, 7, 8, 1);
	/* The hand begins anew. */
	memory_touch(9);
	memory_touch(2);
	EXPECT_VICTIMS(9, 2, -1);
}

/* If all of the pages it comes to are used none goes, and they are not used any more. */
static void test_all_used(void)
{
	u32 i;

	start();
	memory_loop(0, 200, 1);
	EXPECT_VICTIMS(0);
	for (i = 0; i < 2; i++)
		EXPECT_VICTIMS(i + 1);
	memory_loop(3, 197, 1);
	EXPECT_VICTIMS(-1, 3);
}

/* What was there before is found on the lists; the longer these, the more is looked at. */
static void test_unplaced(void)
{
	const u64 id = DRIVE_CGROUP;
	struct sieve *s;
	u32 i, nr = 0;

	memory_without(MEMORY);
	memory_loop(0, MEMORY, 1);
	for (i = 0; i < MEMORY; i++)
		memory.page[i].folio.nr_used = 0;
	memory_attach();
	DRIVE_STATS();
	s = bpf_map_lookup_elem(&sieves, &id);
	memory_loop(MEMORY, MEMORY / 2, 1);
	EXPECT(s->nr_candidates == SWAP_QUEUE_CANDIDATES_MAX, "looks at %u", s->nr_candidates);
	for (i = 0; i < MEMORY; i++)
		nr += memory.page[i].is_there;
	EXPECT(nr < MEMORY * 5 / 8, "%u pages that nobody uses are there", nr);
	memory_loop(2 * MEMORY, 8 * MEMORY, 1);
	EXPECT(s->nr_candidates == SWAP_QUEUE_CANDIDATES_MIN, "looks at %u", s->nr_candidates);
}

int main(void)
{
	test_zipf();
	test_change();
	test_order();
	test_all_used();
	test_unplaced();
	return drive_finish();
}
