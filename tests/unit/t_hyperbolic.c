// SPDX-License-Identifier: GPL-2.0
/*
 * hyperbolic against true LRU: popularity that lasts, and one that moves.
 * cc: -lm
 */
#include "../../policies/hyperbolic.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096
#define PAGES	(4 * MEMORY)

static void start(void)
{
	memory_start(MEMORY);
	DRIVE_PARAMS(.candidates = 96);
}

static void test_zipf(void)
{
	u64 lru, hyperbolic;

	memory_without(MEMORY);
	lru = memory_zipf(PAGES, 0.9, 16 * PAGES);
	start();
	hyperbolic = memory_zipf(PAGES, 0.9, 16 * PAGES);
	EXPECT(hyperbolic * 100 < lru * 99, "%llu misses, LRU %llu", hyperbolic, lru);
}

/* A new working set takes over: nobody lives on what he was. */
static void test_change(void)
{
	u64 misses;

	start();
	memory_loop(0, MEMORY / 2, 100);
	memory_loop(MEMORY, MEMORY, 10);
	misses = memory_loop(MEMORY, MEMORY, 10);
	EXPECT(misses < MEMORY / 4, "%llu misses in a set that fits", misses);
}

int main(void)
{
	test_zipf();
	test_change();
	return drive_finish();
}
