/* SPDX-License-Identifier: GPL-2.0 */
/* The cgroup a workload runs in, and the counters that say what swap did. */
#ifndef SWAPWORK_CGROUP_H
#define SWAPWORK_CGROUP_H

#include <stdint.h>
#include <stdio.h>

#define COUNTERS_MAX	48

/**
 * struct counters - values of a flat keyed file at one moment
 * @name: keys.
 * @value: their values.
 * @nr: how many.
 */
struct counters {
	char name[COUNTERS_MAX][32];
	uint64_t value[COUNTERS_MAX];
	uint32_t nr;
};

/* Write @text to @file of the cgroup directory @path; 0 or -errno. */
int cgroup_write(const char *path, const char *file, const char *text);

/*
 * Ask the kernel to reclaim everything in @path, more than once: pages whose
 * write to an asynchronous device was under way are in the swap cache until then.
 */
void cgroup_reclaim(const char *path, uint64_t bytes);

/* Wait until no page is on its way to a device any more. */
void wait_for_writeback(void);

/*
 * The counters of @path, of the whole machine if that is NULL. A cgroup on a
 * kernel without swap_ext has none. Returns 0 or -errno.
 */
int counters_read(struct counters *c, const char *path);

/* Print what was added from @from to @to as a JSON object. */
void counters_print(FILE *out, const struct counters *from, const struct counters *to);

#endif /* SWAPWORK_CGROUP_H */
