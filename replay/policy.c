// SPDX-License-Identifier: GPL-2.0
/*
 * A policy's own source, compiled for the host, and a memory for it. POLICY_FILE names
 * it; build.mk builds this once for each.
 */
#include POLICY_FILE

#include "memory.h"
#include "policy.h"

const struct swap_ext_ops *policy_ops(void)
{
	return &host_policy;
}

static enum memory_eviction find_eviction(void)
{
	return host_policy.evict ? MEMORY_EVICT :
	       host_policy.reclaim ? MEMORY_RECLAIM : MEMORY_LRU;
}

const char *policy_eviction(void)
{
	static const char *const names[] = {
		[MEMORY_EVICT]	 = "evict",
		[MEMORY_RECLAIM] = "reclaim",
		[MEMORY_LRU]	 = "true LRU",
	};

	return names[find_eviction()];
}

/* Tasks by process of the trace. */
struct tasks {
	struct task_struct **task;
	u32 nr;
};

static void run_as(struct tasks *t, u32 process)
{
	/* 0 is no process id. */
	int tgid = process + 1;
	u32 i;

	if (host.current && host.current->tgid == tgid)
		return;
	for (i = 0; i < t->nr && t->task[i]->tgid != tgid; i++)
		;
	if (i == t->nr) {
		t->task = realloc(t->task, (t->nr + 1) * sizeof(*t->task));
		if (!t->task)
			abort();
		t->task[t->nr++] = host_task_create(NULL, tgid);
	}
	host.current = t->task[i];
}

static void exit_tasks(struct tasks *t)
{
	while (t->nr)
		host_task_exit(t->task[--t->nr]);
	free(t->task);
}

static int attach(const struct policy_run *run)
{
	if (host_values.params)
		memcpy(host_values.params(HOST_CGROUP), run->params, run->params_size);
	/* Nobody counts where there are no counters. */
	if (host_values.stats)
		host_values.stats(HOST_CGROUP);
	return memory_attach();
}

int policy_replay(const struct accesses *a, u32 limit, struct policy_run *run)
{
	struct tasks tasks = { 0 };
	int err;
	u64 i;

	memory_begin(a->nr_pages, a->number, limit, find_eviction());
	err = attach(run);
	host_task_exit(host.current);
	for (i = 0; i < a->nr && !err && !host.exit_kind; i++) {
		run_as(&tasks, a->process[i]);
		/* Nobody measures anything, but time must not stand still. */
		host.now_ns += 1000;
		memory_touch(a->page[i]);
	}
	run->nr_misses = memory.nr_misses;
	run->nr_new = memory.nr_new;
	memcpy(run->stat, host.stat, sizeof(run->stat));
	memcpy(run->gave_up, host.exit_msg, sizeof(run->gave_up));
	if (host_values.stats)
		memcpy(run->stats, host_values.stats(HOST_CGROUP), run->stats_size);
	exit_tasks(&tasks);
	memory_free();
	host_reset();
	return err;
}
