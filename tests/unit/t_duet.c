// SPDX-License-Identifier: GPL-2.0
/*
 * duet: a scan is read ahead as leap does it, the working set beside it stays as with
 * s3fifo, and a page that was read ahead and used once is no part of that.
 * cc: -lm
 */
#include "../../policies/duet.bpf.c"
#include "drive.h"
#include "memory.h"

#define MEMORY	4096
#define NR_HOT	(MEMORY / 2 + 32)	/* with which LRU does not fit beside a scan */

static struct stats *start(void)
{
	memory_start(MEMORY);
	DRIVE_PARAMS(.max_window = 32, .candidates = 48, .small = 10, .ghosts = 90);
	return DRIVE_STATS();
}

static u64 nr_reads(void)
{
	return host.stat[SWAP_EXT_STAT_MAJOR] + host.stat[SWAP_EXT_STAT_PREFETCHED];
}

/* Eight passes over twice the memory, of every third page, then the rest. */
static void scan(void)
{
	u32 pass, first, i;

	for (pass = 0; pass < 8; pass++)
		for (first = 0; first < 3; first++)
			for (i = first; i < 2 * MEMORY; i += 3)
				memory_touch(i);
}

static void test_scan(void)
{
	struct stats *s = start();
	u64 misses, used;

	scan();
	misses = host.stat[SWAP_EXT_STAT_MAJOR];
	used = host.stat[SWAP_EXT_STAT_USED];
	EXPECT(used > 30 * misses, "%llu waits, %llu pages were there in time", misses, used);
	EXPECT(!host.stat[SWAP_EXT_STAT_UNUSED], "%llu read in vain",
	       host.stat[SWAP_EXT_STAT_UNUSED]);
	EXPECT(s->trends > 0, "no trend");
	/* Each was used once when it got to the end of the small queue. */
	EXPECT(!s->promoted, "%llu pages of a scan are taken for a working set", s->promoted);
}

/* A page of each in turn: this round and round, and a scan, by two processes. */
static u64 scan_beside(struct task_struct *hot, struct task_struct *cold, u32 nr)
{
	u64 before, misses = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		before = memory.nr_misses;
		host.current = hot;
		memory_touch(i % NR_HOT);
		misses += memory.nr_misses - before;
		host.current = cold;
		memory_touch(MEMORY + i % (8 * MEMORY));
	}
	return misses;
}

static void test_both(void)
{
	struct task_struct *hot, *cold;
	u64 misses, reads;

	start();
	hot = host.current;
	cold = host_task_create(NULL, 200);
	scan_beside(hot, cold, 16 * MEMORY);
	reads = nr_reads();
	misses = scan_beside(hot, cold, 16 * MEMORY);
	reads = nr_reads() - reads;
	host.current = hot;
	EXPECT(misses < MEMORY / 16, "%llu misses of the working set", misses);
	EXPECT(reads < 18 * MEMORY, "%llu reads for a scan of %u pages", reads, 16 * MEMORY);
	host_task_exit(cold);
}

/* A synchronous device: each page of a plan would be waited for. */
static void test_sync(void)
{
	struct stats *s = start();
	struct swap_ext_fault f = { .cgroup_id = DRIVE_CGROUP, .flags = SWAP_EXT_F_SYNC_IO };
	struct swap_ext_plan plan = { .f = &f };

	EXPECT(host_policy.prefetch(&f, &plan, NULL, NULL) == SWAP_EXT_PF_NONE,
	       "reads ahead where reads are inline");
	EXPECT(!plan.nr && !s->trends && !s->blind, "made a plan");
}

int main(void)
{
	test_scan();
	test_both();
	test_sync();
	return drive_finish();
}
