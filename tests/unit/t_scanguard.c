// SPDX-License-Identifier: GPL-2.0
/*
 * scanguard where it should win, against true LRU: a loop that does not fit, a scan
 * beside a working set; and a working set that changes. Pages that lose their place in the
 * queue, as those of another node do, are members and go like these.
 * cc: -lm
 */
#include "../../policies/scanguard.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096

static struct stats *start(void)
{
	memory_start(MEMORY);
	DRIVE_PARAMS(.candidates = 48, .retire = 3, .probation = 5, .luck = 8);
	return DRIVE_STATS();
}

/* Of 5 pages 4 fit: LRU misses all, the best possible is 1 of 5. */
static void test_loop(void)
{
	u32 nr = MEMORY + MEMORY / 4;
	u64 misses;

	memory_without(MEMORY);
	misses = memory_loop(0, nr, 10);
	EXPECT(misses == 10 * nr, "LRU misses %llu of %u", misses, 10 * nr);
	start();
	memory_loop(0, nr, 2);
	misses = memory_loop(0, nr, 20);
	EXPECT(misses * 100 < 20 * nr * 35, "%llu misses of %u", misses, 20 * nr);
}

/* A working set of half the memory, used once for each 4096 pages read beside it. */
static u64 scan_beside(int nr_rounds)
{
	u64 nr_hot = 0;
	int i;

	for (i = 0; i < nr_rounds; i++) {
		nr_hot += memory_loop(0, MEMORY / 2, 1);
		memory_loop((1 + i % 8) * MEMORY, MEMORY, 1);
	}
	return nr_hot;
}

static void test_scan(void)
{
	struct stats *s;
	u64 misses;

	memory_without(MEMORY);
	scan_beside(5);
	misses = scan_beside(20);
	EXPECT(misses == 20 * MEMORY / 2, "LRU misses %llu", misses);
	s = start();
	scan_beside(10);
	misses = scan_beside(20);
	EXPECT(misses * 100 < 20 * MEMORY / 2 * 5, "%llu misses of what is used", misses);
	EXPECT(s->failed > 20 * MEMORY, "%llu failed", s->failed);
}

/* Members that nobody uses any more make room. */
static void test_change(void)
{
	struct stats *s = start();
	u64 misses;

	memory_loop(0, MEMORY / 2, 50);
	memory_loop(MEMORY, MEMORY, 20);
	misses = memory_loop(MEMORY, MEMORY, 10);
	EXPECT(misses < MEMORY, "%llu misses in 10 rounds of a set that fits", misses);
	EXPECT(s->passed + s->failed > 0, "nobody was on probation");
}

static u32 nr_forgotten(const struct guard *g)
{
	struct swap_queued *page;
	u32 i, nr = 0;

	for (i = 0; i < MEMORY_PAGES; i++) {
		page = swap_queued(&memory.page[i].folio);
		nr += memory.page[i].is_there && page->queue == PROBATION &&
		      !swap_queue_has(&g->queue[0], page);
	}
	return nr;
}

static struct folio *find_none(u64 nr, void *arg)
{
	return NULL;
}

static void test_lost_places(void)
{
	u64 id = DRIVE_CGROUP;
	struct guard *g;

	start();
	memory_loop(0, 4 * MEMORY, 1);
	host.find_folio = find_none;
	memory_loop(4 * MEMORY, MEMORY, 1);
	g = bpf_map_lookup_elem(&guards, &id);
	EXPECT(nr_forgotten(g) > 0, "nobody lost its place");
	host.find_folio = memory_find_folio;
	memory_loop(5 * MEMORY, 8 * MEMORY, 1);
	EXPECT(!nr_forgotten(g), "%u pages are neither members nor on probation",
	       nr_forgotten(g));
}

int main(void)
{
	test_loop();
	test_scan();
	test_change();
	test_lost_places();
	return drive_finish();
}
