// SPDX-License-Identifier: GPL-2.0
/*
 * A policy's own source, compiled for the host, and a memory for it. POLICY_FILE names
 * it; build.mk builds this once for each.
 */
#include POLICY_FILE

#include "memory.h"
#include "policy.h"
#include "recorded.h"

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

/* Tasks by process and thread of the trace. */
struct tasks {
	struct task_struct **task;
	u32 nr;
};

static bool is_task(const struct task_struct *task, int tgid, int pid)
{
	return task->tgid == tgid && task->pid == pid;
}

static struct task_struct *find_task(struct tasks *t, int tgid, int pid)
{
	struct task_struct *leader;
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (is_task(t->task[i], tgid, pid))
			return t->task[i];
	leader = pid == tgid ? NULL : find_task(t, tgid, tgid);
	t->task = grow_array(t->task, t->nr, sizeof(*t->task));
	if (!t->task)
		abort();
	return t->task[t->nr++] = host_task_create(leader, pid);
}

static void run_as(struct tasks *t, u32 process, u32 thread)
{
	/* 0 is no process id. */
	int tgid = process + 1, pid = thread + 1;

	if (!host.current || !is_task(host.current, tgid, pid))
		host.current = find_task(t, tgid, pid);
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

/* What the policy has to say for itself; nothing is left of it then. */
static void finish(struct policy_run *run, struct tasks *tasks)
{
	memcpy(run->stat, host.stat, sizeof(run->stat));
	memcpy(run->gave_up, host.exit_msg, sizeof(run->gave_up));
	if (host_values.stats)
		memcpy(run->stats, host_values.stats(HOST_CGROUP), run->stats_size);
	exit_tasks(tasks);
	memory_free();
	host_reset();
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
		run_as(&tasks, a->process[i], a->process[i]);
		/* Nobody measures anything, but time must not stand still. */
		host.now_ns += 1000;
		memory_touch(a->page[i]);
	}
	run->nr_misses = memory.nr_misses;
	run->nr_new = memory.nr_new;
	finish(run, &tasks);
	return err;
}

int policy_replay_recording(const struct recording *r, struct policy_run *run)
{
	struct tasks tasks = { 0 };
	const struct trace_record *e;
	int err;
	u64 i;

	recorded_begin(r);
	err = attach(run);
	host_task_exit(host.current);
	for (i = 0; i < r->nr && !err && !host.exit_kind; i++) {
		e = &r->event[i];
		if (e->type == TRACE_FAULT)
			run_as(&tasks, e->process, e->thread);
		host.now_ns = e->time_ns;
		recorded_event(e, &memory.page[r->page[i]]);
	}
	run->counts = recorded_counts();
	run->nr_same = recorded.nr_same;
	finish(run, &tasks);
	return err;
}
