// SPDX-License-Identifier: GPL-2.0
/*
 * regions: what is pinned stays though nobody uses it, what is dropped goes though it is
 * used, by parameters and by what a process says, also while it runs. More that is pinned
 * than fits leaves room for the rest. All else goes no worse
 * than by true LRU.
 * cc: -lm
 */
#include "../../policies/regions.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096

static struct stats *s;

#define SET(args...)							\
do {									\
	DRIVE_PARAMS(.max_pinned = 80, args);				\
	s = DRIVE_STATS();						\
} while (0)

#define START(args...)							\
do {									\
	memory_start(MEMORY);						\
	SET(args);							\
} while (0)

static u64 addr_of(u64 page)
{
	return (MEMORY_BASE + page) << SWAP_PAGE_SHIFT;
}

static void say(u32 tgid, struct ranges r)
{
	bpf_map_update_elem(&ranges, &tgid, &r, BPF_ANY);
}

static u32 nr_there(u32 first, u32 nr)
{
	u32 i, there = 0;

	for (i = first; i < first + nr; i++)
		there += memory.page[i].is_there;
	return there;
}

#define EXPECT_THERE(first, nr, want)					\
do {									\
	u32 ___there = nr_there(first, nr);				\
									\
	EXPECT(___there == (want), "of %u pages from %u %u are there, expected %u", \
	       nr, first, ___there, want);				\
} while (0)

static void expect_count(void)
{
	const u64 id = DRIVE_CGROUP;
	struct regions *r = bpf_map_lookup_elem(&attachments, &id);
	s32 i, nr = 0;

	for (i = 0; i < MEMORY_PAGES; i++)
		nr += memory.page[i].is_there &&
		      swap_queued(&memory.page[i].folio)->queue == PIN;
	EXPECT(r->nr_pinned == nr, "%d pages counted as pinned, %d are", r->nr_pinned, nr);
}

/* A quarter of the memory, touched once; what goes is what is not pinned. */
static void test_pin(void)
{
	START(.pin_start = addr_of(1000), .pin_pages = 1024);
	memory_loop(1000, 1024, 1);
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(1000, 1024, 1024);
	EXPECT(!s->pinned_gone, "%llu went", s->pinned_gone);
	expect_count();
	START();
	memory_loop(1000, 1024, 1);
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(1000, 1024, 0);
}

/* Used all the time, and yet nothing else goes. */
static void test_drop(void)
{
	u64 before, misses = 0;
	u32 i;

	START(.drop_start = addr_of(MEMORY), .drop_pages = MEMORY);
	for (i = 0; i < 20 * MEMORY; i++) {
		before = memory.nr_misses;
		memory_touch(i % (MEMORY - 256));
		if (i >= MEMORY)
			misses += memory.nr_misses - before;
		memory_touch(MEMORY + i % 1024);
		memory_touch(MEMORY + i % 16);
	}
	EXPECT(!misses, "%llu misses of what is not dropped", misses);
	EXPECT(s->dropped_gone > MEMORY, "%llu dropped ones went", s->dropped_gone);
}

/* What process 100 says is true of its pages, and more so than parameters. */
static void test_said(void)
{
	START(.pin_start = addr_of(512), .pin_pages = 512);
	say(100, (struct ranges) { {
		{ addr_of(0), addr_of(256), PIN },
		{ addr_of(0), addr_of(512), DROP },
		{ addr_of(512), addr_of(768), NORMAL },
		{ addr_of(2048), addr_of(3072), NR_KINDS + 1 },
	} });
	memory_loop(0, 1024, 1);
	memory_loop(2048, 1024, 1);
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(0, 256, 256);
	EXPECT_THERE(256, 512, 0);
	EXPECT_THERE(768, 256, 256);
	EXPECT_THERE(2048, 1024, 0);
}

static void test_another_process(void)
{
	START();
	say(101, (struct ranges) { { { addr_of(0), addr_of(256), PIN } } });
	memory_loop(0, 256, 1);
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(0, 256, 0);
	/* Whoever brings it back: it is the page of who had it first. */
	say(100, (struct ranges) { { { addr_of(0), addr_of(256), PIN } } });
	host.current->tgid = 101;
	memory_loop(0, 256, 1);
	say(101, (struct ranges) { { { addr_of(0), 0, PIN } } });
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(0, 256, 256);
	host.current->tgid = 100;
}

/* Pages are pinned, dropped and let go again while they are there. */
static void test_changes(void)
{
	START();
	memory_loop(0, 2048, 1);
	memory_loop(MEMORY, 1024, 1);
	say(100, (struct ranges) { {
		{ addr_of(0), addr_of(1024), PIN },
		{ addr_of(1024), addr_of(2048), DROP },
	} });
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	/* The first call has enough to do with moving them from queue to queue. */
	EXPECT(nr_there(0, 1024) >= 1024 - SWAP_EXT_VICTIMS_MAX, "%u of 1024 are there",
	       nr_there(0, 1024));
	EXPECT_THERE(1024, 1024, 0);
	expect_count();
	/* Who is in the queue of the pinned and is not is found on the lists only. */
	say(100, (struct ranges) { });
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(0, 1024, 0);
	expect_count();
}

/* All of a loop is pinned, and more than fits; what is used beside it stays. */
static void test_too_many(void)
{
	u64 before, misses = 0;
	u32 i;

	START(.pin_start = addr_of(MEMORY), .pin_pages = 2 * MEMORY);
	for (i = 0; i < 20 * MEMORY; i++) {
		before = memory.nr_misses;
		memory_touch(i % 256);
		if (i >= MEMORY)
			misses += memory.nr_misses - before;
		memory_touch(MEMORY + i % (2 * MEMORY));
	}
	EXPECT(misses < 256, "%llu misses of what is used beside it", misses);
	expect_count();
	START(.pin_start = 0, .pin_pages = 1ULL << 35);
	memory_loop(0, 2 * MEMORY, 4);
	EXPECT(s->pinned_gone > 4 * MEMORY, "%llu pinned ones went", s->pinned_gone);
	expect_count();
}

/* Those that were there before the policy, of which the process is not known. */
static void test_before(void)
{
	memory_without(MEMORY);
	memory_loop(0, 1024, 1);
	memory_attach();
	SET(.pin_start = addr_of(0), .pin_pages = 512);
	say(100, (struct ranges) { { { addr_of(512), addr_of(1024), PIN } } });
	memory_loop(4 * MEMORY, 4 * MEMORY, 1);
	EXPECT_THERE(0, 512, 512);
	EXPECT(nr_there(512, 512) < 256, "%u of the others are there", nr_there(512, 512));
}

static void test_shared(void)
{
	struct swap_ext_page page = {
		.cgroup_id = DRIVE_CGROUP, .page = 7, .pgoff = MEMORY_BASE + 7, .nr_pages = 1,
		.flags = SWAP_EXT_P_SHMEM,
	};
	struct folio *folio;

	START(.pin_start = addr_of(0), .pin_pages = 512);
	folio = &memory.page[7].folio;
	host_policy.added(folio, &page, NULL);
	EXPECT(swap_queued(folio)->queue == NORMAL, "shared memory is in queue %u",
	       swap_queued(folio)->queue);
	page.flags = 0;
	folio->state = 0;
	host_policy.added(folio, &page, NULL);
	EXPECT(swap_queued(folio)->queue == PIN, "other memory is in queue %u",
	       swap_queued(folio)->queue);
}

static void test_rest(void)
{
	u32 nr = 32 * MEMORY;
	u64 lru, misses;

	memory_without(MEMORY);
	memory_zipf(4 * MEMORY, 0.9, nr);
	lru = memory_zipf(4 * MEMORY, 0.9, nr);
	START();
	memory_zipf(4 * MEMORY, 0.9, nr);
	misses = memory_zipf(4 * MEMORY, 0.9, nr);
	EXPECT(misses < lru, "%llu misses, LRU %llu", misses, lru);
}

int main(void)
{
	test_pin();
	test_drop();
	test_said();
	test_another_process();
	test_changes();
	test_too_many();
	test_before();
	test_shared();
	test_rest();
	return drive_finish();
}
