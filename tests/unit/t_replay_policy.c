// SPDX-License-Identifier: GPL-2.0
/*
 * One run of a policy over accesses: it has the parameters it was given, sees the kernel's
 * counters, and when it gives up that is the end.
 */
#define POLICY_FILE "../../examples/05-safety-net/quits.bpf.c"
#include "../../replay/policy.c"
#include "expect.h"

#define LIMIT	128
#define PAGES	200
#define ROUNDS	3

static void run_with_patience(u32 patience, struct policy_run *run)
{
	static uint32_t page[ROUNDS * PAGES], process[ROUNDS * PAGES];
	static uint64_t number[PAGES];
	struct accesses a = {
		.nr = ROUNDS * PAGES, .page = page, .process = process,
		.nr_pages = PAGES, .number = number,
	};
	struct params params = { .patience = patience };
	u32 i;

	for (i = 0; i < ROUNDS * PAGES; i++) {
		page[i] = i % PAGES;
		process[i] = i % 5;
		number[page[i]] = 3 * page[i];
	}
	*run = (struct policy_run) { .params = &params, .params_size = sizeof(params) };
	EXPECT(!policy_replay(&a, LIMIT, run), "refused");
}

int main(void)
{
	struct policy_run run;

	EXPECT(!strcmp(policy_ops()->name, "quits"), "another policy");
	EXPECT(!strcmp(policy_eviction(), "true LRU"), "eviction %s", policy_eviction());
	run_with_patience(1000, &run);
	EXPECT(!*run.gave_up, "gave up: %s", run.gave_up);
	/* Of a loop that does not fit nothing is there. */
	EXPECT(run.nr_misses == ROUNDS * PAGES && run.nr_new == PAGES, "%lu misses, %lu new",
	       (unsigned long)run.nr_misses, (unsigned long)run.nr_new);
	EXPECT(run.stat[SWAP_EXT_STAT_MAJOR] == (ROUNDS - 1) * PAGES &&
	       run.stat[SWAP_EXT_STAT_DEFAULTS] == (ROUNDS - 1) * PAGES, "counters");
	run_with_patience(10, &run);
	EXPECT(!strcmp(run.gave_up, "11 misses, patience ends at 10"), "'%s'", run.gave_up);
	EXPECT(run.nr_misses == PAGES + 11, "%lu misses", (unsigned long)run.nr_misses);
	return !!nr_failed;
}
