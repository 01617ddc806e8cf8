/* SPDX-License-Identifier: GPL-2.0 */
/* The policy that a program was built with, run on this machine: policy.c. */
#ifndef REPLAY_POLICY_H
#define REPLAY_POLICY_H

#include <linux/swap_ext.h>
#include <stddef.h>

#include "accesses.h"

/* Less memory than the kernel looks at in one go is none. */
#define POLICY_MIN_LIMIT	SWAP_EXT_CANDIDATES_MAX

/**
 * struct policy_run - one run
 * @params: parameters, of the policy's struct params.
 * @params_size: bytes.
 * @stats: set to its own counters, of the policy's struct stats.
 * @stats_size: bytes.
 * @nr_misses: accesses that did not find their page.
 * @nr_new: of these, first accesses, which read nothing.
 * @stat: enum swap_ext_stat, as far as there is such a thing without a kernel.
 * @counts: of a recording: what the policy would have done.
 * @nr_same: of a recording: pages that were read ahead in it and by the policy.
 * @gave_up: what it said when it called for its end; "" if it did not.
 */
struct policy_run {
	const void *params;
	size_t params_size;
	void *stats;
	size_t stats_size;
	uint64_t nr_misses;
	uint64_t nr_new;
	uint64_t stat[SWAP_EXT_NR_STATS];
	struct prefetch_counts counts;
	uint64_t nr_same;
	char gave_up[SWAP_EXT_MSG_LEN];
};

const struct swap_ext_ops *policy_ops(void);
/* Who says which pages go: "evict", "reclaim", or "true LRU" if it has no say. */
const char *policy_eviction(void);
/* 0; -errno: its init() refused. */
int policy_replay(const struct accesses *a, uint32_t limit, struct policy_run *run);
/* The same for a recording; @run->counts is set then, @nr_misses and @nr_new are not. */
int policy_replay_recording(const struct recording *r, struct policy_run *run);

#endif /* REPLAY_POLICY_H */
