// SPDX-License-Identifier: GPL-2.0
/*
 * lfu against true LRU where it should win, after a change of what is popular, and by
 * hand: who was used most stays, counts go out and come back, and decay.
 * cc: -lm
 */
#include "../../policies/lfu.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096
#define PAGES	(4 * MEMORY)

static void start(u32 limit, u32 half_life)
{
	memory_start(limit);
	DRIVE_PARAMS(.candidates = 96, .half_life = half_life);
}

/* Popularity that lasts: a tenth fewer misses than true LRU, more when it is known. */
static void test_zipf(void)
{
	u64 lru[2], lfu[2];
	int i;

	memory_without(MEMORY);
	for (i = 0; i < 2; i++)
		lru[i] = memory_zipf(PAGES, 0.9, 8 * PAGES);
	start(MEMORY, 8);
	for (i = 0; i < 2; i++)
		lfu[i] = memory_zipf(PAGES, 0.9, 8 * PAGES);
	EXPECT(lfu[0] * 100 < lru[0] * 95, "%llu misses, LRU %llu", lfu[0], lru[0]);
	EXPECT(lfu[1] * 100 < lru[1] * 85, "%llu later misses, LRU %llu", lfu[1], lru[1]);
}

/* A working set that fits stays whatever is read once beside it. */
static void test_scan(void)
{
	u64 before = 0;
	int i;

	start(MEMORY, 8);
	for (i = 0; i < 20; i++) {
		if (i == 10)
			before = memory.nr_misses;
		memory_loop(0, MEMORY / 2, 1);
		memory_loop(MEMORY + i * 2048, 2048, 1);
	}
	EXPECT(memory.nr_misses - before == 10 * 2048, "%llu misses of what was used",
	       memory.nr_misses - before - 10 * 2048);
}

/* What was popular once is forgotten in as many half-lives as its counts have bits. */
static void test_change(void)
{
	u64 misses[2];
	int i;

	for (i = 0; i < 2; i++) {
		start(MEMORY, i ? 1 : 1000000);
		memory_loop(0, MEMORY / 2, 1);
		for (int round = 0; round < 30; round++) {
			memory_loop(0, MEMORY / 2, 1);
			memory_loop(MEMORY, MEMORY, 1);
		}
		memory_loop(2 * MEMORY, MEMORY, 10);
		misses[i] = memory_loop(2 * MEMORY, MEMORY, 10);
	}
	EXPECT(misses[0] > 10 * MEMORY / 4, "without decay: %llu misses", misses[0]);
	EXPECT(misses[1] < misses[0] / 4, "%llu misses with decay, %llu without", misses[1],
	       misses[0]);
}

int main(void)
{
	test_zipf();
	test_scan();
	test_change();
	return drive_finish();
}
