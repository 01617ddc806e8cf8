// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - what people and tools read: counters, state, records, switches
 *
 * memory.swap_ext.{stat,state,log} in each cgroup directory and
 * /sys/kernel/mm/swap_ext/. Documentation/ABI/testing/sysfs-kernel-mm-swap_ext
 * describes them all.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/cgroup.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>
#include "swap_ext.h"

static const char * const stat_names[SWAP_EXT_NR_STATS] = {
	[SWAP_EXT_STAT_FAULTS]			= "faults",
	[SWAP_EXT_STAT_MAJOR]			= "major",
	[SWAP_EXT_STAT_HITS]			= "hits",
	[SWAP_EXT_STAT_JOINED]			= "joined",
	[SWAP_EXT_STAT_PREFETCHED]		= "prefetched",
	[SWAP_EXT_STAT_USED]			= "used",
	[SWAP_EXT_STAT_LATE]			= "late",
	[SWAP_EXT_STAT_UNUSED]			= "unused",
	[SWAP_EXT_STAT_PLANS]			= "plans",
	[SWAP_EXT_STAT_DEFAULTS]		= "defaults",
	[SWAP_EXT_STAT_NONES]			= "nones",
	[SWAP_EXT_STAT_DROPPED_CACHED]		= "dropped_cached",
	[SWAP_EXT_STAT_DROPPED_UNMAPPED]	= "dropped_unmapped",
	[SWAP_EXT_STAT_DROPPED_RANGE]		= "dropped_range",
	[SWAP_EXT_STAT_DROPPED_FREE]		= "dropped_free",
	[SWAP_EXT_STAT_DROPPED_FOREIGN]		= "dropped_foreign",
	[SWAP_EXT_STAT_DROPPED_PRESSURE]	= "dropped_pressure",
	[SWAP_EXT_STAT_CLAMPED_BUDGET]		= "clamped_budget",
	[SWAP_EXT_STAT_CLAMPED_INFLIGHT]	= "clamped_inflight",
	[SWAP_EXT_STAT_CLAMPED_ACCURACY]	= "clamped_accuracy",
	[SWAP_EXT_STAT_CLAMPED_RETURN]		= "clamped_return",
	[SWAP_EXT_STAT_CLAMPED_TIME]		= "clamped_time",
	[SWAP_EXT_STAT_JUDGED]			= "judged",
	[SWAP_EXT_STAT_KEPT]			= "kept",
	[SWAP_EXT_STAT_SENT]			= "sent",
	[SWAP_EXT_STAT_OVERRULED]		= "overruled",
	[SWAP_EXT_STAT_ADDED]			= "added",
	[SWAP_EXT_STAT_EVICTED]			= "evicted",
	[SWAP_EXT_STAT_RELEASED]		= "released",
	[SWAP_EXT_STAT_PLACED_HOT]		= "placed_hot",
	[SWAP_EXT_STAT_PLACED_COLD]		= "placed_cold",
	[SWAP_EXT_STAT_VICTIMS]			= "victims",
	[SWAP_EXT_STAT_DROPPED_VICTIM]		= "dropped_victim",
	[SWAP_EXT_STAT_NARROWED]		= "narrowed",
};

/**
 * swap_ext_read_stat - one counter of one memcg, its descendants not included
 * @se: the memcg's state
 * @item: which
 */
u64 swap_ext_read_stat(struct swap_ext_memcg *se, enum swap_ext_stat item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(se->stats, cpu)->v[item]);
	return sum;
}

__bpf_kfunc_start_defs();

/**
 * bpf_swap_memcg_stat - read a counter of one memcg
 * @memcg: the memcg given to the op
 * @item: enum swap_ext_stat
 *
 * Context: any op.
 * Return: the counter, descendants not included; 0 for an unknown @item.
 */
__bpf_kfunc u64 bpf_swap_memcg_stat(struct mem_cgroup *memcg, u32 item)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);

	return se && item < SWAP_EXT_NR_STATS ? swap_ext_read_stat(se, item) : 0;
}

__bpf_kfunc_end_defs();

/**
 * swap_ext_fold_stats - a memcg goes away, its counters move up
 * @from: the memcg's state
 * @to: its parent's
 *
 * Once when it goes offline, and once for what its pages did after that: the last
 * of them may be gone long after the cgroup.
 */
void swap_ext_fold_stats(struct swap_ext_memcg *from, struct swap_ext_memcg *to)
{
	int i;

	guard(mutex)(&swap_ext_lock);
	for (i = 0; i < SWAP_EXT_NR_STATS; i++) {
		u64 nr = swap_ext_read_stat(from, i) + from->gone.v[i];

		to->gone.v[i] += nr - from->folded.v[i];
		from->folded.v[i] = nr;
	}
}

/*
 * Ends before beginnings, as the enum has them: a page is prefetched before it is
 * used, a fault counted before its kind, both in one memcg, so no sum of parts is
 * ever seen to exceed the whole.
 */
static void add_stats(struct swap_ext_memcg *se, u64 *val)
{
	int i;

	for (i = SWAP_EXT_NR_STATS - 1; i >= 0; i--)
		val[i] += swap_ext_read_stat(se, i) + se->gone.v[i] - se->folded.v[i];
}

static int stat_show(struct seq_file *m, void *v)
{
	struct mem_cgroup *memcg = mem_cgroup_from_seq(m);
	u64 val[SWAP_EXT_NR_STATS] = {};
	struct mem_cgroup *iter;
	int i;

	/* Nothing moves up from a removed memcg meanwhile. */
	mutex_lock(&swap_ext_lock);
	for (iter = mem_cgroup_iter(memcg, NULL, NULL); iter;
	     iter = mem_cgroup_iter(memcg, iter, NULL)) {
		struct swap_ext_memcg *se = swap_ext_of(iter);

		if (se)
			add_stats(se, val);
		cond_resched();
	}
	mutex_unlock(&swap_ext_lock);
	for (i = 0; i < SWAP_EXT_NR_STATS; i++)
		seq_printf(m, "%s %llu\n", stat_names[i], val[i]);
	return 0;
}

/* Id of the map of a policy; 0 if the link is gone, or there is none. */
static u32 map_id(struct swap_ext_domain *dom)
{
	struct bpf_link_info info = {};

	lockdep_assert_held(&swap_ext_lock);
	if (dom && dom->link)
		dom->link->ops->fill_link_info(dom->link, &info);
	return info.struct_ops.map_id;
}

static int state_show(struct seq_file *m, void *v)
{
	struct swap_ext_memcg *se = swap_ext_of(mem_cgroup_from_seq(m));
	struct swap_ext_domain *own = NULL, *gov = NULL;
	const char *state = "none", *name = "-";
	struct swap_ext_ops *ops = NULL;

	/* swap_ext_lock keeps links, rcu_read_lock() keeps domains. */
	guard(mutex)(&swap_ext_lock);
	guard(rcu)();
	if (se) {
		own = rcu_dereference(se->own);
		/* While init() runs the place is reserved, not more. */
		if (own && !own->attached_ns && !rcu_access_pointer(own->ops))
			own = NULL;
		gov = rcu_dereference(se->domain);
		ops = gov ? rcu_dereference(gov->ops) : NULL;
	}
	if (own && !rcu_access_pointer(own->ops)) {
		/* Once it is "stopped" the log says why. */
		state = READ_ONCE(own->started) ? "stopping" : "stopped";
		name = own->record.name;
	} else if (ops) {
		name = ops->name;
		if (!READ_ONCE(swap_ext_enabled))
			state = "disabled";
		else
			state = gov == own ? "active" : "inherited";
	}
	seq_printf(m, "policy %s\nstate %s\n", name, state);
	seq_printf(m, "governor %llu\nlink %u\nmap %u\n",
		   gov ? gov->cgroup_id : 0, own && own->link ? own->link->id : 0,
		   map_id(gov));
	seq_printf(m, "attached_ns %llu\n", own ? own->attached_ns : 0);
	seq_printf(m, "window %u\nprefetch %s\n",
		   se ? READ_ONCE(se->gov.window) : 0,
		   se && READ_ONCE(se->gov.off) ? "off" : "on");
	seq_printf(m, "inflight %d\n", se ? atomic_read(&se->gov.nr_inflight) : 0);
	return 0;
}

static const char *exit_kind_name(u32 kind)
{
	switch (kind) {
	case SWAP_EXT_EXIT_DETACH:
		return "detach";
	case SWAP_EXT_EXIT_REPLACED:
		return "replaced";
	case SWAP_EXT_EXIT_OFFLINE:
		return "offline";
	case SWAP_EXT_EXIT_USER:
		return "exit";
	case SWAP_EXT_EXIT_ERROR:
		return "error";
	case SWAP_EXT_EXIT_ACCURACY:
		return "accuracy";
	case SWAP_EXT_EXIT_STALLED:
		return "stalled";
	case SWAP_EXT_EXIT_SLOW:
		return "slow";
	}
	return "unknown";
}

static int log_show(struct seq_file *m, void *v)
{
	struct swap_ext_memcg *se = swap_ext_of(mem_cgroup_from_seq(m));
	struct swap_ext_record *rec;

	if (!se)
		return 0;
	guard(mutex)(&swap_ext_lock);
	rec = &se->last;
	if (rec->info.kind == SWAP_EXT_EXIT_NONE)
		return 0;
	seq_printf(m, "policy %s\nkind %s\ncode %lld\nat_ns %llu\nmsg %s\n",
		   rec->name, exit_kind_name(rec->info.kind), rec->info.code,
		   rec->at_ns, rec->info.msg);
	if (rec->dump_len)
		seq_printf(m, "dump\n%s\n", rec->dump);
	return 0;
}

static struct cftype swap_ext_files[] = {
	{ .name = "swap_ext.stat", .seq_show = stat_show },
	{ .name = "swap_ext.state", .seq_show = state_show },
	{ .name = "swap_ext.log", .seq_show = log_show },
	{ }
};

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d\n", swap_ext_enabled);
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	bool on;
	int err = kstrtobool(buf, &on);

	if (err)
		return err;
	WRITE_ONCE(swap_ext_enabled, on);
	/* When the write returns, no policy is running any more. */
	if (!on)
		synchronize_rcu();
	return count;
}

static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);

#define SWAP_EXT_ATTR_RO(_name, _fmt, _val)				\
static ssize_t _name##_show(struct kobject *kobj,			\
			    struct kobj_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, _fmt "\n", _val);			\
}									\
static struct kobj_attribute _name##_attr = __ATTR_RO(_name)

SWAP_EXT_ATTR_RO(version, "%d", SWAP_EXT_VERSION);
SWAP_EXT_ATTR_RO(ops, "%s",
		 "fault prefetch wait evict reclaim added removed place select_backend swapped_out slot_freed init exit dump");
SWAP_EXT_ATTR_RO(nr_attached, "%d", atomic_read(&swap_ext_nr_attached));
SWAP_EXT_ATTR_RO(nr_stopped, "%d", atomic_read(&swap_ext_nr_stopped));
SWAP_EXT_ATTR_RO(nr_rejected, "%d", atomic_read(&swap_ext_nr_rejected));

static struct attribute *swap_ext_attrs[] = {
	&enabled_attr.attr,
	&version_attr.attr,
	&ops_attr.attr,
	&nr_attached_attr.attr,
	&nr_stopped_attr.attr,
	&nr_rejected_attr.attr,
	NULL,
};

static const struct attribute_group swap_ext_group = {
	.name = "swap_ext",
	.attrs = swap_ext_attrs,
};

static int __init swap_ext_stat_init(void)
{
	int err = cgroup_add_dfl_cftypes(&memory_cgrp_subsys, swap_ext_files);

	return err ?: sysfs_create_group(mm_kobj, &swap_ext_group);
}
subsys_initcall(swap_ext_stat_init);
