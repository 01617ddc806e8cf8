// SPDX-License-Identifier: GPL-2.0
/*
 * frontswap - what each cgroup has on which backend, and how much it may have
 *
 * Hierarchical and without BPF: memory.swap_ext.backends says what a cgroup and all
 * below it have on each backend, memory.swap_ext.backends.max how much that may be
 * in all. 0: its pages never leave this machine.
 */
#include <linux/cgroup.h>
#include <linux/init.h>
#include <linux/memcontrol.h>
#include <linux/seq_file.h>
#include <linux/swap_cgroup.h>
#include "frontswap.h"
#include "swap_ext.h"

/*
 * The memcg that a slot is charged to; its id, and so itself, stays as long as the
 * slot is used. NULL where slots do not say (cgroup v1 records them too late, and
 * with cgroup_disable=memory there is nobody). Caller holds rcu_read_lock().
 */
static struct mem_cgroup *slot_memcg(swp_entry_t entry)
{
	if (!cgroup_subsys_on_dfl(memory_cgrp_subsys) || mem_cgroup_disabled())
		return NULL;
	return mem_cgroup_from_id(lookup_swap_cgroup_id(entry));
}

static void uncharge_up_to(struct mem_cgroup *memcg, struct mem_cgroup *end, u8 id,
			   unsigned int nr)
{
	for (; memcg != end; memcg = parent_mem_cgroup(memcg)) {
		struct swap_ext_remote *remote = &swap_ext_of(memcg)->remote;

		atomic_long_sub(nr, &remote->nr_pages[id]);
		atomic_long_sub(nr, &remote->total);
	}
}

/**
 * frontswap_charge - slots are going to be held by a backend
 * @b: the backend
 * @entry: the first slot
 * @nr: how many, of one folio and so of one memcg
 *
 * Context: any; caller holds rcu_read_lock().
 * Return: 1: charged; 0: there is nobody to charge; -ENOSPC: the memcg or one above
 * it may have no more; -EAGAIN: the memcg is not ready.
 */
int frontswap_charge(struct frontswap_backend *b, swp_entry_t entry, unsigned int nr)
{
	struct mem_cgroup *memcg = slot_memcg(entry), *up;

	if (!memcg)
		return 0;
	if (!swap_ext_of(memcg))
		return -EAGAIN;
	for (up = memcg; up; up = parent_mem_cgroup(up)) {
		struct swap_ext_remote *remote = &swap_ext_of(up)->remote;

		if (atomic_long_add_return(nr, &remote->total) >
		    READ_ONCE(remote->max)) {
			atomic_long_sub(nr, &remote->total);
			uncharge_up_to(memcg, up, b->id, nr);
			return -ENOSPC;
		}
		atomic_long_add(nr, &remote->nr_pages[b->id]);
	}
	return 1;
}

/**
 * frontswap_uncharge - slots that were charged are held no longer
 * @b: the backend that held them
 * @entry: the first slot
 * @nr: how many, of one memcg
 *
 * Context: any.
 */
void frontswap_uncharge(struct frontswap_backend *b, swp_entry_t entry, unsigned int nr)
{
	guard(rcu)();
	uncharge_up_to(slot_memcg(entry), NULL, b->id, nr);
}

static int backends_show(struct seq_file *m, void *v)
{
	struct swap_ext_memcg *se = swap_ext_of(mem_cgroup_from_seq(m));
	unsigned int i;

	if (!se)
		return 0;
	guard(rcu)();
	for (i = 1; i <= FRONTSWAP_MAX_BACKENDS; i++) {
		struct frontswap_backend *b = rcu_dereference(frontswap_backends[i]);

		/* Between two registrations under one number nobody has a page. */
		if (b)
			seq_printf(m, "%s %lu\n", b->name, PAGE_SIZE *
				   atomic_long_read(&se->remote.nr_pages[i]));
	}
	return 0;
}

static int backends_max_show(struct seq_file *m, void *v)
{
	struct swap_ext_memcg *se = swap_ext_of(mem_cgroup_from_seq(m));
	long max = se ? READ_ONCE(se->remote.max) : PAGE_COUNTER_MAX;

	if (max == PAGE_COUNTER_MAX)
		seq_puts(m, "max\n");
	else
		seq_printf(m, "%lu\n", max * PAGE_SIZE);
	return 0;
}

/* Less than is out already: nothing is brought back, and nothing goes any more. */
static ssize_t backends_max_write(struct kernfs_open_file *of, char *buf, size_t nbytes,
				  loff_t off)
{
	struct mem_cgroup *memcg = mem_cgroup_from_css(of_css(of));
	unsigned long max;
	int err;

	err = page_counter_memparse(strstrip(buf), "max", &max);
	if (err)
		return err;
	err = swap_ext_memcg_ready(memcg);
	if (err)
		return err;
	WRITE_ONCE(swap_ext_of(memcg)->remote.max, max);
	return nbytes;
}

static struct cftype frontswap_files[] = {
	{ .name = "swap_ext.backends", .seq_show = backends_show },
	{
		.name = "swap_ext.backends.max",
		.flags = CFTYPE_NOT_ON_ROOT,
		.seq_show = backends_max_show,
		.write = backends_max_write,
	},
	{ }
};

static int __init frontswap_memcg_init(void)
{
	return cgroup_add_dfl_cftypes(&memory_cgrp_subsys, frontswap_files);
}
subsys_initcall(frontswap_memcg_init);
