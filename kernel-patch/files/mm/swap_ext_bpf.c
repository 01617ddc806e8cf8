// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - the BPF side: struct_ops registration and kfuncs
 *
 * Which kfunc an op may call is decided when the program is loaded: the kfunc
 * filter sees the type and the member a program is for. Nothing here checks it
 * again at run time.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include "swap_ext.h"

/* The ops come first in the struct, so index and offset agree. */
#define OP_INDEX(op)	(offsetof(struct swap_ext_ops, op) / sizeof(void *))

BTF_ID_LIST_SINGLE(swap_ext_ops_id, struct, swap_ext_ops)

__bpf_kfunc_start_defs();

/**
 * bpf_swap_plan_addr - plan pages by address
 * @plan: the plan given to ops->prefetch()
 * @addr: address in the first page, in any mapping of the faulting process; in the
 *	faulting one only if it is of shared memory
 * @nr: how many pages
 * @step: pages from each to the next: 1 for consecutive ones, negative to descend
 *
 * Pages that are resident or being read, or not in swap, are skipped and counted;
 * at the first that is outside any mapping the rest is.
 *
 * Context: ops->prefetch(), under rcu_read_lock().
 * Return: pages added; -ENOSPC if the plan was full already; -EINVAL if @step is 0.
 */
__bpf_kfunc int bpf_swap_plan_addr(struct swap_ext_plan *plan, u64 addr, u32 nr,
				   s64 step)
{
	return swap_ext_plan_addr(plan, addr, nr, step);
}

/**
 * bpf_swap_plan_pgoff - plan pages of the faulting shared memory file
 * @plan: the plan given to ops->prefetch()
 * @pgoff: page offset of the first
 * @nr: how many pages
 * @step: pages from each to the next: 1 for consecutive ones, negative to descend
 *
 * Context: ops->prefetch(), under rcu_read_lock().
 * Return: pages added; -ENOSPC if the plan was full already; -EINVAL if the
 * fault is not on shared memory or @step is 0.
 */
__bpf_kfunc int bpf_swap_plan_pgoff(struct swap_ext_plan *plan, u64 pgoff, u32 nr,
				    s64 step)
{
	return swap_ext_plan_pgoff(plan, pgoff, nr, step);
}

/**
 * bpf_swap_plan_entry - plan pages by swap slot
 * @plan: the plan given to ops->prefetch()
 * @entry: the first slot, as in struct swap_ext_fault
 * @nr: how many consecutive slots
 *
 * Slots that are free, cached, outside the device, or not of a cgroup the policy
 * governs are skipped and counted, some of them only when they are read.
 *
 * Context: ops->prefetch(), under rcu_read_lock().
 * Return: slots added; -ENOSPC if the plan was full already.
 */
__bpf_kfunc int bpf_swap_plan_entry(struct swap_ext_plan *plan, u64 entry, u32 nr)
{
	return swap_ext_plan_entry(plan, (swp_entry_t){ .val = entry }, nr);
}

/**
 * bpf_swap_plan_room - pages that can still be added to a plan
 * @plan: the plan given to ops->prefetch()
 *
 * Context: ops->prefetch(), under rcu_read_lock().
 */
__bpf_kfunc u32 bpf_swap_plan_room(const struct swap_ext_plan *plan)
{
	return plan->max - plan->nr;
}

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

/**
 * bpf_swap_folio_state - eight bytes of the policy's that go with a page
 * @folio: the page given to the op
 * @rdwr_buf_size: 8
 *
 * The kernel keeps them with the page while it is in memory and with its slot while it
 * is not, for as long as the policy is attached and has %SWAP_EXT_OPS_PAGE_STATE. They
 * are 0 at first. Of a large page that is split or written out, its first page has them.
 *
 * Context: an op that is given a folio, under rcu_read_lock().
 * Return: where they are, until the op returns; NULL if there is no memory for them.
 */
__bpf_kfunc u64 *bpf_swap_folio_state(struct folio *folio, u32 rdwr_buf_size)
{
	return rdwr_buf_size == sizeof(u64) ? swap_ext_folio_word(folio) : NULL;
}

/**
 * bpf_swap_entry_state - the same of a page that is not in memory
 * @entry: its slot, as in struct swap_ext_fault
 * @rdwr_buf_size: 8
 *
 * Context: an op that does not sleep, under rcu_read_lock().
 * Return: where they are, until the op returns; NULL: they are 0, as of all slots that
 * are not of a cgroup the policy is attached to, and of pages that are in memory.
 */
__bpf_kfunc u64 *bpf_swap_entry_state(u64 entry, u32 rdwr_buf_size)
{
	return rdwr_buf_size == sizeof(u64) ?
		swap_ext_slot_word((swp_entry_t){ .val = entry }) : NULL;
}

struct swap_ext_candidates {
	struct swap_ext_victims	*victims;
	u32			pos;
	u32			nr;
};

/**
 * bpf_iter_swap_folio_new - begin to look at pages that may be victims
 * @it: the iterator
 * @victims: the plan given to ops->evict()
 * @nr: how many to look at, at most %SWAP_EXT_CANDIDATES_MAX
 *
 * They are taken from the cold end of all lists of the memcg on its node, from each in
 * proportion to its length. Those that are not named as victims go to the other end of
 * their list when the op has returned: so all come by in turn. A second iterator of the
 * same call meets the same pages.
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: 0.
 */
__bpf_kfunc int bpf_iter_swap_folio_new(struct bpf_iter_swap_folio *it,
					struct swap_ext_victims *victims, u32 nr)
{
	struct swap_ext_candidates *c = (void *)it;

	BUILD_BUG_ON(sizeof(*c) != sizeof(*it));
	BUILD_BUG_ON(__alignof__(*c) != __alignof__(*it));
	c->victims = victims;
	c->pos = 0;
	c->nr = nr;
	return 0;
}

/**
 * bpf_iter_swap_folio_next - the next page that may be a victim
 * @it: the iterator
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: the page, coldest first in each list; NULL: there are no more.
 */
__bpf_kfunc struct folio *bpf_iter_swap_folio_next(struct bpf_iter_swap_folio *it)
{
	struct swap_ext_candidates *c = (void *)it;

	return swap_ext_candidate(c->victims, c->pos++, c->nr);
}

/**
 * bpf_iter_swap_folio_destroy - end of the iteration
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_swap_folio_destroy(struct bpf_iter_swap_folio *it)
{
}

/**
 * bpf_swap_page_folio - the page behind a handle
 * @victims: the plan given to ops->evict()
 * @page: the handle, from a context of another op; anything
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: the page, to be given back by bpf_swap_folio_put(); NULL: it is not, or no
 * longer, one that could be a victim of this plan. A page that took the place of another
 * one has its handle, too.
 */
__bpf_kfunc struct folio *bpf_swap_page_folio(struct swap_ext_victims *victims, u64 page)
{
	return swap_ext_page_folio(victims, page);
}

/**
 * bpf_swap_folio_put - give back what bpf_swap_page_folio() returned
 * @folio: the page
 */
__bpf_kfunc void bpf_swap_folio_put(struct folio *folio)
{
	folio_put(folio);
}

/**
 * bpf_swap_folio_used - has a page been used since somebody last looked?
 * @folio: a page
 *
 * Reads and clears the accessed bit in each page table that has the page. The stock
 * kernel will find it used nevertheless.
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: how many page tables have used it; -EBUSY: that is not known.
 */
__bpf_kfunc int bpf_swap_folio_used(struct folio *folio)
{
	return swap_ext_was_used(folio);
}

/**
 * bpf_swap_victim - name a page that is to go
 * @victims: the plan given to ops->evict()
 * @folio: the page
 * @score: those with the lowest go; of equal ones that which was named first
 *
 * Any number of pages may be named: the plan keeps as many as are wanted. A page that
 * cannot go is skipped and counted (memory.swap_ext.stat, dropped_victim).
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: 0; -ENOSPC if all that are wanted have lower scores.
 */
__bpf_kfunc int bpf_swap_victim(struct swap_ext_victims *victims, struct folio *folio,
				s64 score)
{
	return swap_ext_name_victim(victims, folio, score);
}

/**
 * bpf_swap_victims_end - no pages are to go but those that are named
 * @victims: the plan handed to evict()
 *
 * Where reclaim is asked for and nobody is in need (%SWAP_EXT_R_PROACTIVE), by
 * bpf_swap_reclaim_memcg(), say, other pages in use stay; evict() is called again while it
 * names some and more are wanted.
 *
 * Context: evict().
 * Return: 0; -EPERM: memory is wanted, and the kernel chooses what the policy does not.
 */
__bpf_kfunc int bpf_swap_victims_end(struct swap_ext_victims *victims)
{
	return swap_ext_end_naming(victims);
}

/**
 * bpf_swap_folio_idle_s - for how long has a page been idle?
 * @folio: a page
 *
 * Context: any op that is handed pages.
 * Return: seconds since a scan or evict() last found it in use; -ENOENT: no scan has seen
 * it.
 */
__bpf_kfunc int bpf_swap_folio_idle_s(struct folio *folio)
{
	return swap_ext_idle_s(folio);
}

/**
 * bpf_swap_page_idle_s - the same of a page that nobody holds
 * @page: its handle; anything
 *
 * Context: any op, programs of user space, callbacks of bpf_wq.
 * Return: as bpf_swap_folio_idle_s(); -ESTALE: no page in use has that handle.
 */
__bpf_kfunc int bpf_swap_page_idle_s(u64 page)
{
	struct folio *folio = swap_ext_get_folio(page);
	int ret;

	if (!folio)
		return -ESTALE;
	ret = swap_ext_idle_s(folio);
	folio_put(folio);
	return ret;
}

/**
 * bpf_swap_entry_where - who has what is in a swap slot?
 * @entry: the slot; anything
 *
 * Context: as bpf_swap_page_idle_s().
 * Return: bits of enum swap_ext_backends: one for a backend; those of the device and of
 * zswap if either may have it; 0: nothing is there.
 */
__bpf_kfunc u64 bpf_swap_entry_where(u64 entry)
{
	return swap_ext_entry_where((swp_entry_t){ entry });
}

/*
 * A memcg to work on, referenced. Not from an op that sleeps: attach and detach of all
 * struct_ops wait for that.
 */
static struct mem_cgroup *get_memcg(u64 cgroup_id)
{
	struct cgroup_subsys_state *css;
	struct cgroup *cgrp;

	if (current->swap_ext_call)
		return ERR_PTR(-EDEADLK);
	cgrp = cgroup_get_from_id(cgroup_id);
	if (IS_ERR(cgrp))
		return ERR_CAST(cgrp);
	css = cgroup_get_e_css(cgrp, &memory_cgrp_subsys);
	cgroup_put(cgrp);
	/* That of a cgroup above, whose pages are not meant. */
	if (css->cgroup == cgrp && !mem_cgroup_is_root(mem_cgroup_from_css(css)))
		return mem_cgroup_from_css(css);
	css_put(css);
	return ERR_PTR(-ENODEV);
}

/**
 * bpf_swap_scan_memcg - which pages of a cgroup and all below it are in use?
 * @cgroup_id: the cgroup; not the root
 * @unit_s: seconds from each age to the next, 1 or more
 * @h: pages of anonymous and shared memory are added up here, by age
 *
 * Reads and clears the accessed bits of all processes. The stock kernel will find used
 * what it would have found used. A page that several processes have counts for each, one
 * that is locked for none.
 *
 * Context: may sleep; programs of user space (BPF_PROG_TYPE_SYSCALL) and callbacks of
 * bpf_wq. Waits for the mmap lock of each process.
 * Return: how many pages; -errno: -ENOENT, -ENODEV: no such cgroup, or without memory
 * controller; -EDEADLK: called from init(), exit() or dump().
 */
__bpf_kfunc s64 bpf_swap_scan_memcg(u64 cgroup_id, u32 unit_s,
				    struct swap_ext_histogram *h)
{
	struct mem_cgroup *memcg = unit_s ? get_memcg(cgroup_id) : ERR_PTR(-EINVAL);
	s64 ret;

	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	ret = swap_ext_scan_memcg(memcg, unit_s, h);
	css_put(&memcg->css);
	return ret;
}

/**
 * bpf_swap_scan_task - which pages of a range of a process are in use?
 * @task: the process
 * @start: address of the range
 * @end: the first behind it
 * @unit_s: as for bpf_swap_scan_memcg()
 * @h: as there
 *
 * Context: as there.
 * Return: as there.
 */
__bpf_kfunc s64 bpf_swap_scan_task(struct task_struct *task, u64 start, u64 end, u32 unit_s,
				   struct swap_ext_histogram *h)
{
	if (!unit_s)
		return -EINVAL;
	if (current->swap_ext_call)
		return -EDEADLK;
	return swap_ext_scan_task(task, start, end, unit_s, h);
}

/**
 * bpf_swap_reclaim_memcg - reclaim before there is need
 * @cgroup_id: the cgroup, with all below it; not the root
 * @nr_pages: how many pages
 * @swappiness: 0: from files only, to 200: anonymous and shared memory only; or
 *	%SWAP_EXT_SWAPPINESS_DEFAULT
 *
 * As a write to memory.reclaim, but once, and without waiting for more than comes easily.
 *
 * Context: as bpf_swap_scan_memcg().
 * Return: how many pages were freed; -errno as there.
 */
__bpf_kfunc s64 bpf_swap_reclaim_memcg(u64 cgroup_id, u64 nr_pages, u32 swappiness)
{
	struct mem_cgroup *memcg;
	int value = swappiness;
	s64 ret;

	if (swappiness != SWAP_EXT_SWAPPINESS_DEFAULT && swappiness > MAX_SWAPPINESS)
		return -EINVAL;
	memcg = get_memcg(cgroup_id);
	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	ret = try_to_free_mem_cgroup_pages(memcg, min(nr_pages, LONG_MAX), GFP_KERNEL,
					   MEMCG_RECLAIM_MAY_SWAP | MEMCG_RECLAIM_PROACTIVE,
					   swappiness <= MAX_SWAPPINESS ? &value : NULL);
	css_put(&memcg->css);
	return ret;
}

/**
 * bpf_swap_clean_page - write a page to swap, and leave it where it is
 * @cgroup_id: the cgroup whose page it is, or of which below
 * @page: its handle, from a context of an op; anything
 *
 * If it then goes before anybody writes to it again, it goes without a write.
 *
 * Context: as bpf_swap_scan_memcg().
 * Return: 0: it is being written, or need not be; -ESTALE: it is not, or no longer, a page
 * of anonymous memory in use there; -EBUSY: it cannot be done at the moment; -EOPNOTSUPP:
 * not a large or a locked one, not with zswap, not with a device that needs stable pages;
 * -ENOSPC: there is no swap; or as bpf_swap_scan_memcg().
 */
__bpf_kfunc int bpf_swap_clean_page(u64 cgroup_id, u64 page)
{
	struct mem_cgroup *memcg = get_memcg(cgroup_id);
	int err;

	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	err = swap_ext_clean_page(memcg, page);
	css_put(&memcg->css);
	return err;
}

/* Format into @buf; the message says so itself if the format is bad. */
static int format_bstr(char *buf, size_t size, const char *fmt,
		       const unsigned long long *data, u32 data__sz)
{
	struct bpf_bprintf_data bprintf = { .get_bin_args = true };
	char own_fmt[SWAP_EXT_MSG_LEN] __uninitialized;
	u64 args[MAX_BPRINTF_VARARGS];
	int ret;

	if (data__sz % 8 || data__sz > sizeof(args) || (data__sz && !data))
		return scnprintf(buf, size, "(message with bad arguments)");
	memcpy(args, data, data__sz);
	/* The verifier knows of one byte there, not that a NUL follows. */
	if (strncpy_from_kernel_nofault(own_fmt, fmt, sizeof(own_fmt)) < 0)
		return scnprintf(buf, size, "(message with bad format)");
	ret = bpf_bprintf_prepare(own_fmt, sizeof(own_fmt), args, data__sz / 8, &bprintf);
	if (ret < 0)
		return scnprintf(buf, size, "(message with bad format)");
	ret = bstr_printf(buf, size, own_fmt, bprintf.bin_args);
	bpf_bprintf_cleanup(&bprintf);
	return min_t(int, ret, size - 1);
}

/* It is the call under way that fails, whoever governs the memcg by now. */
static void fail_bstr(enum swap_ext_exit_kind kind, s64 code, const char *fmt,
		      const unsigned long long *data, u32 data__sz)
{
	const struct swap_ext_call *call = current->swap_ext_call;
	char msg[SWAP_EXT_MSG_LEN];

	/* A callback of a policy, a timer's say, is no call. */
	if (!call)
		return;
	format_bstr(msg, sizeof(msg), fmt, data, data__sz);
	swap_ext_fail(call, kind, code, msg);
}

/**
 * bpf_swap_ext_error_bstr - stop this policy: something is wrong with it
 * @memcg: the memcg given to the op
 * @fmt: bpf_printk() format
 * @data: its arguments
 * @data__sz: size of @data in bytes
 *
 * Context: any op.
 */
__bpf_kfunc void bpf_swap_ext_error_bstr(struct mem_cgroup *memcg, char *fmt,
					 unsigned long long *data, u32 data__sz)
{
	fail_bstr(SWAP_EXT_EXIT_ERROR, 0, fmt, data, data__sz);
}

/**
 * bpf_swap_ext_exit_bstr - stop this policy: its work here is done
 * @memcg: the memcg given to the op
 * @code: for whoever reads the record
 * @fmt: bpf_printk() format
 * @data: its arguments
 * @data__sz: size of @data in bytes
 *
 * Context: any op.
 */
__bpf_kfunc void bpf_swap_ext_exit_bstr(struct mem_cgroup *memcg, s64 code,
					char *fmt, unsigned long long *data,
					u32 data__sz)
{
	fail_bstr(SWAP_EXT_EXIT_USER, code, fmt, data, data__sz);
}

/**
 * bpf_swap_ext_dump_bstr - add a line to the record of a policy that failed
 * @memcg: the memcg given to ops->dump()
 * @fmt: bpf_printk() format
 * @data: its arguments
 * @data__sz: size of @data in bytes
 *
 * What does not fit into SWAP_EXT_DUMP_LEN is cut.
 *
 * Context: ops->dump().
 */
__bpf_kfunc void bpf_swap_ext_dump_bstr(struct mem_cgroup *memcg, char *fmt,
					unsigned long long *data, u32 data__sz)
{
	const struct swap_ext_call *call = current->swap_ext_call;
	struct swap_ext_record *rec;

	if (!call || !call->record->dump)
		return;
	/* Only the task that runs dump() appends: no lock. */
	rec = call->record;
	if (rec->dump_len && rec->dump_len < SWAP_EXT_DUMP_LEN - 1)
		rec->dump[rec->dump_len++] = '\n';
	rec->dump_len += format_bstr(rec->dump + rec->dump_len,
				     SWAP_EXT_DUMP_LEN - rec->dump_len,
				     fmt, data, data__sz);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(swap_ext_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_plan_addr, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_plan_pgoff, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_plan_entry, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_plan_room, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_memcg_stat, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_folio_state, KF_TRUSTED_ARGS | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_swap_entry_state, KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_swap_folio_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_swap_folio_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_swap_folio_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_swap_page_folio, KF_TRUSTED_ARGS | KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_swap_folio_put, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_swap_folio_used, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_victim, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_victims_end, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_folio_idle_s, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_page_idle_s)
BTF_ID_FLAGS(func, bpf_swap_entry_where)
BTF_ID_FLAGS(func, bpf_swap_scan_memcg, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_scan_task, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_reclaim_memcg, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_clean_page, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_ext_error_bstr, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_ext_exit_bstr, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_ext_dump_bstr, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(swap_ext_kfuncs)

/* For programs that user space runs. */
BTF_KFUNCS_START(swap_ext_syscall_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_page_idle_s)
BTF_ID_FLAGS(func, bpf_swap_entry_where)
BTF_ID_FLAGS(func, bpf_swap_scan_memcg, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_scan_task, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_reclaim_memcg, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_clean_page, KF_SLEEPABLE)
BTF_KFUNCS_END(swap_ext_syscall_kfuncs)

BTF_SET_START(swap_ext_plan_kfuncs)
BTF_ID(func, bpf_swap_plan_addr)
BTF_ID(func, bpf_swap_plan_pgoff)
BTF_ID(func, bpf_swap_plan_entry)
BTF_ID(func, bpf_swap_plan_room)
BTF_SET_END(swap_ext_plan_kfuncs)

BTF_SET_START(swap_ext_victim_kfuncs)
BTF_ID(func, bpf_iter_swap_folio_new)
BTF_ID(func, bpf_iter_swap_folio_next)
BTF_ID(func, bpf_iter_swap_folio_destroy)
BTF_ID(func, bpf_swap_page_folio)
BTF_ID(func, bpf_swap_folio_put)
BTF_ID(func, bpf_swap_folio_used)
BTF_ID(func, bpf_swap_victim)
BTF_ID(func, bpf_swap_victims_end)
BTF_SET_END(swap_ext_victim_kfuncs)

BTF_SET_START(swap_ext_state_kfuncs)
BTF_ID(func, bpf_swap_folio_state)
BTF_ID(func, bpf_swap_entry_state)
BTF_SET_END(swap_ext_state_kfuncs)

BTF_ID_LIST_SINGLE(swap_ext_dump_kfunc, func, bpf_swap_ext_dump_bstr)

/* Asked for every kfunc that any struct_ops program calls: most are not ours. */
static int swap_ext_kfunc_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	u32 op = prog->expected_attach_type;

	if (!btf_id_set8_contains(&swap_ext_kfuncs, kfunc_id))
		return 0;
	if (prog->aux->attach_btf_id != swap_ext_ops_id[0])
		return -EACCES;
	if (btf_id_set_contains(&swap_ext_plan_kfuncs, kfunc_id))
		return op == OP_INDEX(prefetch) ? 0 : -EACCES;
	if (btf_id_set_contains(&swap_ext_victim_kfuncs, kfunc_id))
		return op == OP_INDEX(evict) ? 0 : -EACCES;
	/* They are pinned by RCU, which sleepable ops do not hold. */
	if (btf_id_set_contains(&swap_ext_state_kfuncs, kfunc_id))
		return prog->sleepable ? -EACCES : 0;
	if (kfunc_id == swap_ext_dump_kfunc[0])
		return op == OP_INDEX(dump) ? 0 : -EACCES;
	return 0;
}

static const struct btf_kfunc_id_set swap_ext_kfunc_set = {
	.owner	= THIS_MODULE,
	.set	= &swap_ext_kfuncs,
	.filter	= swap_ext_kfunc_filter,
};

static const struct btf_kfunc_id_set swap_ext_syscall_kfunc_set = {
	.owner	= THIS_MODULE,
	.set	= &swap_ext_syscall_kfuncs,
};

static const struct bpf_func_proto *
swap_ext_get_func_proto(enum bpf_func_id func_id, const struct bpf_prog *prog)
{
	switch (func_id) {
	case BPF_FUNC_task_storage_get:
		return &bpf_task_storage_get_proto;
	case BPF_FUNC_task_storage_delete:
		return &bpf_task_storage_delete_proto;
	default:
		return bpf_base_func_proto(func_id, prog);
	}
}

static const struct bpf_verifier_ops swap_ext_verifier_ops = {
	.get_func_proto		= swap_ext_get_func_proto,
	.is_valid_access	= bpf_tracing_btf_ctx_access,
};

static int swap_ext_btf_init(struct btf *btf)
{
	return 0;
}

static int swap_ext_check_member(const struct btf_type *t,
				 const struct btf_member *member,
				 const struct bpf_prog *prog)
{
	u32 moff = __btf_member_bit_offset(t, member) / 8;

	switch (moff) {
	case offsetof(struct swap_ext_ops, init):
	case offsetof(struct swap_ext_ops, exit):
	case offsetof(struct swap_ext_ops, dump):
		return 0;
	}
	/* The fault path holds rcu_read_lock(). */
	return prog->sleepable ? -EINVAL : 0;
}

static bool is_valid_name(const char *name)
{
	size_t i, len = strnlen(name, SWAP_EXT_NAME_LEN);

	if (!len || len == SWAP_EXT_NAME_LEN)
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && name[i] != '_' && name[i] != '-')
			return false;
	return true;
}

static int swap_ext_init_member(const struct btf_type *t,
				const struct btf_member *member,
				void *kdata, const void *udata)
{
	const struct swap_ext_ops *uops = udata;
	struct swap_ext_ops *ops = kdata;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct swap_ext_ops, flags):
		if (uops->flags & ~(SWAP_EXT_OPS_NO_OVERRIDE | SWAP_EXT_OPS_PAGE_STATE))
			return -EINVAL;
		ops->flags = uops->flags;
		return 1;
	case offsetof(struct swap_ext_ops, max_inflight):
		ops->max_inflight = uops->max_inflight;
		return 1;
	case offsetof(struct swap_ext_ops, min_accuracy):
		if (uops->min_accuracy > 100)
			return -EINVAL;
		ops->min_accuracy = uops->min_accuracy;
		return 1;
	case offsetof(struct swap_ext_ops, max_keeps):
		if (uops->max_keeps > U8_MAX)
			return -EINVAL;
		ops->max_keeps = uops->max_keeps;
		return 1;
	case offsetof(struct swap_ext_ops, name):
		if (!is_valid_name(uops->name))
			return -EINVAL;
		strscpy(ops->name, uops->name);
		return 1;
	}
	return 0;
}

static int swap_ext_reg(void *kdata, struct bpf_link *link)
{
	struct cgroup *cgrp = link ? bpf_struct_ops_link_cgroup(link) : NULL;

	/* There is no system-wide attachment; the root cgroup is that. */
	return cgrp ? swap_ext_attach(kdata, cgrp, link) : -EOPNOTSUPP;
}

static void swap_ext_unreg(void *kdata, struct bpf_link *link)
{
	if (link)
		swap_ext_detach(link);
}

static int swap_ext_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	return swap_ext_replace(kdata, link);
}

static void swap_ext_stub_fault(const struct swap_ext_fault *f,
				struct vm_area_struct *vma__nullable,
				struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_prefetch(const struct swap_ext_fault *f,
				  struct swap_ext_plan *plan,
				  struct vm_area_struct *vma__nullable,
				  struct mem_cgroup *memcg)
{
	return SWAP_EXT_PF_DEFAULT;
}

static u32 swap_ext_stub_wait(const struct swap_ext_fault *f,
			      struct vm_area_struct *vma__nullable,
			      struct mem_cgroup *memcg)
{
	return 0;
}

static void swap_ext_stub_evict(struct swap_ext_victims *victims,
				const struct swap_ext_evict *e,
				struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_reclaim(struct folio *folio,
				 const struct swap_ext_reclaim *r,
				 struct mem_cgroup *memcg)
{
	return SWAP_EXT_V_DEFAULT;
}

static void swap_ext_stub_added(struct folio *folio, const struct swap_ext_page *p,
				struct mem_cgroup *memcg)
{
}

static void swap_ext_stub_removed(struct folio *folio, const struct swap_ext_page *p,
				  struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_place(struct folio *folio, const struct swap_ext_page *p,
			       struct mem_cgroup *memcg)
{
	return SWAP_EXT_PLACE_DEFAULT;
}

static u64 swap_ext_stub_select_backend(struct folio *folio,
					const struct swap_ext_page *p, u64 offered,
					struct mem_cgroup *memcg)
{
	return offered;
}

static void swap_ext_stub_swapped_out(struct folio *folio, const struct swap_ext_page *p,
				      u64 where, struct mem_cgroup *memcg)
{
}

static void swap_ext_stub_slot_freed(const struct swap_ext_slots *s,
				     struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_init(struct mem_cgroup *memcg, u64 cgroup_id)
{
	return 0;
}

static void swap_ext_stub_exit(struct mem_cgroup *memcg,
			       struct swap_ext_exit_info *ei)
{
}

static void swap_ext_stub_dump(struct mem_cgroup *memcg, u64 cgroup_id)
{
}

static struct swap_ext_ops swap_ext_stubs = {
	.fault		= swap_ext_stub_fault,
	.prefetch	= swap_ext_stub_prefetch,
	.wait		= swap_ext_stub_wait,
	.evict		= swap_ext_stub_evict,
	.reclaim	= swap_ext_stub_reclaim,
	.added		= swap_ext_stub_added,
	.removed	= swap_ext_stub_removed,
	.place		= swap_ext_stub_place,
	.select_backend	= swap_ext_stub_select_backend,
	.swapped_out	= swap_ext_stub_swapped_out,
	.slot_freed	= swap_ext_stub_slot_freed,
	.init		= swap_ext_stub_init,
	.exit		= swap_ext_stub_exit,
	.dump		= swap_ext_stub_dump,
};

static struct bpf_struct_ops bpf_swap_ext_ops = {
	.verifier_ops	= &swap_ext_verifier_ops,
	.reg		= swap_ext_reg,
	.unreg		= swap_ext_unreg,
	.update		= swap_ext_update,
	.check_member	= swap_ext_check_member,
	.init_member	= swap_ext_init_member,
	.init		= swap_ext_btf_init,
	.name		= "swap_ext_ops",
	.cfi_stubs	= &swap_ext_stubs,
	.link_flags	= BPF_F_CGROUP_FD,
	.owner		= THIS_MODULE,
};

static int __init swap_ext_bpf_init(void)
{
	int err;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &swap_ext_kfunc_set);
	err = err ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL,
					       &swap_ext_syscall_kfunc_set);
	return err ?: register_bpf_struct_ops(&bpf_swap_ext_ops, swap_ext_ops);
}
late_initcall(swap_ext_bpf_init);
