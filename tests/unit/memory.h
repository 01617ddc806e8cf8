/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work for the memory of replay/memory.h, under the policy of a test or without one.
 * Include after drive.h.
 */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include <math.h>

#include "../../replay/memory.h"

#define MEMORY_PAGES	65536

/* True LRU, until memory_attach(). */
static inline void memory_without(u32 limit)
{
	memory_begin(MEMORY_PAGES, NULL, limit, MEMORY_EVICT);
}

static inline void memory_start(u32 limit)
{
	memory_without(limit);
	memory_attach();
}

/* Misses of @nr touches, Zipf with exponent @skew over @nr_pages pages, ranks mixed. */
static inline u64 memory_zipf(u32 nr_pages, double skew, u32 nr)
{
	static double sum[MEMORY_PAGES + 1];
	u64 before = memory.nr_misses;
	u32 i, low, high, mid;
	double x;

	for (i = 0; i < nr_pages; i++)
		sum[i + 1] = sum[i] + pow(i + 1, -skew);
	while (nr--) {
		x = bpf_get_prandom_u32() / 4294967296.0 * sum[nr_pages];
		for (low = 0, high = nr_pages; high - low > 1;) {
			mid = (low + high) / 2;
			if (sum[mid] <= x)
				low = mid;
			else
				high = mid;
		}
		/* An odd factor visits every page of a power of two. */
		memory_touch(low * 40503U % nr_pages);
	}
	return memory.nr_misses - before;
}

static inline u64 memory_loop(u32 first, u32 nr_pages, u32 times)
{
	u64 before = memory.nr_misses;
	u32 i;

	while (times--)
		for (i = 0; i < nr_pages; i++)
			memory_touch(first + i);
	return memory.nr_misses - before;
}

#endif /* TEST_MEMORY_H */
