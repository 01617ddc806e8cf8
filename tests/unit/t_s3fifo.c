// SPDX-License-Identifier: GPL-2.0
/*
 * s3fifo against true LRU where it should win: uneven popularity, a scan beside a working
 * set, a loop that does not fit. By hand: who is used in the small queue goes to the main
 * queue, who is not is a ghost, for as long as it should be; frequencies; lost places.
 * cc: -lm
 */
#include "../../policies/s3fifo.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096

static struct stats *start(void)
{
	memory_start(MEMORY);
	DRIVE_PARAMS(.candidates = 48, .small = 10, .ghosts = 90);
	return DRIVE_STATS();
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
	EXPECT(misses * 100 < lru * 90, "%llu misses, LRU %llu", misses, lru);
}

/* A page of each in turn: this round and round, with which LRU no longer fits, and a scan. */
#define NR_HOT	(MEMORY / 2 + 32)

static u64 scan_beside(u32 nr)
{
	u64 before, misses = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		before = memory.nr_misses;
		memory_touch(i % NR_HOT);
		misses += memory.nr_misses - before;
		memory_touch((1 + i / MEMORY % 8) * MEMORY + i % MEMORY);
	}
	return misses;
}

static void test_scan(void)
{
	u64 misses;

	memory_without(MEMORY);
	misses = scan_beside(8 * MEMORY);
	EXPECT(misses > 7 * MEMORY, "LRU misses %llu", misses);
	start();
	scan_beside(8 * MEMORY);
	misses = scan_beside(8 * MEMORY);
	EXPECT(!misses, "%llu misses of what is used", misses);
}

static void test_loop(void)
{
	u32 nr = MEMORY + MEMORY / 4;
	u64 misses;

	start();
	memory_loop(0, nr, 2);
	misses = memory_loop(0, nr, 20);
	EXPECT(misses * 100 < 20 * nr * 45, "%llu misses of %u", misses, 20 * nr);
}

static const struct swap_queued *page_of(u32 nr)
{
	return swap_queued(&memory.page[nr].folio);
}

/* Of pages 0 to 99 the even ones are used while they are in the small queue. */
static void test_standing(void)
{
	struct swap_ext_evict e = { .cgroup_id = DRIVE_CGROUP, .nr_pages = MEMORY };
	struct swap_ext_victims v = { .max = 0 };
	struct stats *s = start();
	u32 i, nr_main = 0, nr_there = 0;

	memory_loop(0, MEMORY, 1);
	for (i = 0; i < 100; i++)
		EXPECT(page_of(i)->queue == S3FIFO_SMALL, "page %u is in queue %u", i,
		       page_of(i)->queue);
	/* The use that brought them is forgotten in the first call. */
	host_policy.evict(&v, &e, NULL);
	for (i = 0; i < 100; i += 2)
		memory_touch(i);
	memory_loop(MEMORY, 128, 1);
	for (i = 0; i < 100; i++) {
		nr_main += memory.page[i].is_there && page_of(i)->queue == S3FIFO_MAIN;
		nr_there += memory.page[i].is_there;
	}
	EXPECT(nr_main == 50 && nr_there == 50, "%u are there, %u in the main queue", nr_there,
	       nr_main);
	EXPECT(s->promoted == 50, "%llu promoted", s->promoted);
	EXPECT(!s->returned, "%llu returned", s->returned);
	memory_touch(1);
	EXPECT(page_of(1)->queue == S3FIFO_MAIN, "a ghost came back to queue %u", page_of(1)->queue);
	EXPECT(s->returned == 1, "%llu returned", s->returned);
}

/* A page out for longer than the ghost queue remembers is new. */
static void test_old_ghost(void)
{
	struct stats *s = start();

	memory_loop(0, 3 * MEMORY, 1);
	memory_touch(0);
	EXPECT(page_of(0)->queue == S3FIFO_SMALL && !s->returned, "queue %u, %llu returned",
	       page_of(0)->queue, s->returned);
}

/* Of five looks the first 0, 2, 4 and 5 find a page used: so long it stays after that. */
static void test_frequency(void)
{
	static const u8 want[] = { 0, 0, 2, 3 };
	struct swap_ext_evict e = {
		.cgroup_id = DRIVE_CGROUP, .nr_pages = MEMORY, .nr_wanted = 1,
	};
	struct folio *seen[4];
	u32 i, look;

	start();
	for (i = 0; i < 4; i++)
		seen[i] = &memory.page[i].folio;
	for (look = 0; look < 5; look++) {
		struct swap_ext_victims v = { .seen = seen, .nr_seen = 4, .max = 1 };

		for (i = 0; i < 4; i++)
			seen[i]->nr_used = look < 2 * i;
		host_policy.evict(&v, &e, NULL);
		EXPECT(v.victim[0].folio == seen[0], "look %u: page %td goes", look,
		       (struct memory_page *)v.victim[0].folio - memory.page);
	}
	for (i = 0; i < 4; i++)
		EXPECT(page_of(i)->own == want[i], "page %u: frequency %u, expected %u", i,
		       page_of(i)->own, want[i]);
}

static struct folio *find_none(u64 nr, void *arg)
{
	return NULL;
}

/*
 * As pages of another node do: out of the small queue, and not looked at there. They make
 * room for a working set like others of the main queue.
 */
static void test_lost_places(void)
{
	u32 i, nr = 0;

	start();
	host.find_folio = find_none;
	memory_loop(0, 2 * MEMORY, 1);
	host.find_folio = memory_find_folio;
	memory_loop(4 * MEMORY, MEMORY, 10);
	for (i = 0; i < 2 * MEMORY; i++)
		nr += memory.page[i].is_there;
	EXPECT(nr < MEMORY / 20, "%u of those that lost their place are still there", nr);
}

int main(void)
{
	test_zipf();
	test_scan();
	test_loop();
	test_standing();
	test_old_ghost();
	test_frequency();
	test_lost_places();
	return drive_finish();
}
