/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel functions a policy may call, and where. mm/swap_ext_bpf.c lists them; a
 * call from an op it is not meant for is refused when the policy is loaded.
 */
#ifndef __SWAP_EXT_KFUNCS_BPF_H
#define __SWAP_EXT_KFUNCS_BPF_H

/**
 * bpf_swap_plan_addr() - ask for pages by address
 * @plan: the plan handed to prefetch()
 * @addr: address in the first page wanted, in any mapping of the faulting process;
 *	in its own one only if the fault is on shared memory
 * @nr: how many pages
 * @step: pages from each to the next: 1 for consecutive ones, negative to descend
 *
 * Pages that are resident, in flight or not in swap are skipped and counted
 * (memory.swap_ext.stat, dropped_*), and all that follow the first one outside any
 * mapping, or in one that somebody is changing. The faulting page itself is being
 * read already; naming it is harmless. One call of prefetch() may name 1,024 pages,
 * whatever becomes of them.
 *
 * Context: prefetch().
 * Return: how many pages will be read; -ENOSPC if the plan was full before the
 * first of them; -EINVAL if @step is 0.
 */
extern int bpf_swap_plan_addr(struct swap_ext_plan *plan, u64 addr, u32 nr,
			      s64 step) __ksym;

/**
 * bpf_swap_plan_pgoff() - ask for pages of the faulting shared memory file
 * @plan: the plan handed to prefetch()
 * @pgoff: page offset in the file
 * @nr: how many pages
 * @step: pages from each to the next: 1 for consecutive ones, negative to descend
 *
 * Context: prefetch().
 * Return: as bpf_swap_plan_addr(); -EINVAL also if the fault is not on shared
 * memory.
 */
extern int bpf_swap_plan_pgoff(struct swap_ext_plan *plan, u64 pgoff, u32 nr,
			       s64 step) __ksym;

/**
 * bpf_swap_plan_entry() - ask for pages by swap slot
 * @plan: the plan handed to prefetch()
 * @entry: the first slot: the fault's entry, plus or minus some slots
 * @nr: how many slots, ascending
 *
 * Free slots and slots of cgroups the policy does not govern are skipped and
 * counted.
 *
 * Context: prefetch().
 * Return: as bpf_swap_plan_addr().
 */
extern int bpf_swap_plan_entry(struct swap_ext_plan *plan, u64 entry,
			       u32 nr) __ksym;

/**
 * bpf_swap_plan_room() - how many pages the plan would still take
 * @plan: the plan handed to prefetch()
 *
 * Context: prefetch().
 */
extern u32 bpf_swap_plan_room(const struct swap_ext_plan *plan) __ksym;

/**
 * bpf_swap_memcg_stat() - read a counter of a memory cgroup
 * @memcg: the cgroup handed to the op; its descendants are not included
 * @item: enum swap_ext_stat
 *
 * Context: any op.
 * Return: the counter; 0 for an unknown @item.
 */
extern u64 bpf_swap_memcg_stat(struct mem_cgroup *memcg, u32 item) __ksym;

/**
 * bpf_swap_folio_state() - eight bytes of the policy's that go with a page
 * @folio: the page handed to the op
 * @rdwr_buf_size: 8
 *
 * They are with the page while it is in memory and with its slot while it is not. At
 * first, and after the policy was attached anew, they are 0. The policy needs
 * %SWAP_EXT_OPS_PAGE_STATE among its flags.
 *
 * Context: evict(), reclaim(), added(), removed(), place().
 * Return: where they are, until the op returns; NULL if there is no memory for them.
 */
extern u64 *bpf_swap_folio_state(struct folio *folio, u32 rdwr_buf_size) __ksym;

/**
 * bpf_swap_entry_state() - the same of a page that is not in memory
 * @entry: its slot
 * @rdwr_buf_size: 8
 *
 * Context: any op that may not sleep.
 * Return: where they are, until the op returns; NULL: they are 0, or the page is in
 * memory.
 */
extern u64 *bpf_swap_entry_state(u64 entry, u32 rdwr_buf_size) __ksym;

/**
 * bpf_iter_swap_folio_new() - begin to look at pages that may be victims
 * @it: the iterator
 * @victims: the plan handed to evict()
 * @nr: how many to look at, at most %SWAP_EXT_CANDIDATES_MAX
 *
 * swap_for_each_candidate() makes a loop of the three. The pages are taken from the
 * cold end of all lists of the memcg, from each in proportion to its length. Those that
 * do not become victims go to the other end when the op has returned: all pages come by
 * in turn, each as often as any other. A second loop in the same call meets the same
 * pages.
 *
 * Context: evict().
 * Return: 0.
 */
extern int bpf_iter_swap_folio_new(struct bpf_iter_swap_folio *it,
				   struct swap_ext_victims *victims, u32 nr) __ksym;
extern struct folio *bpf_iter_swap_folio_next(struct bpf_iter_swap_folio *it) __ksym;
extern void bpf_iter_swap_folio_destroy(struct bpf_iter_swap_folio *it) __ksym;

/**
 * bpf_swap_page_folio() - the page behind a handle
 * @victims: the plan handed to evict()
 * @page: the handle, from struct swap_ext_page, say; anything
 *
 * Context: evict().
 * Return: the page, to be given back by bpf_swap_folio_put() before the op returns; NULL:
 * it cannot be a victim of this plan, or not any longer. A page that took the place of
 * another one has its handle, too.
 */
extern struct folio *bpf_swap_page_folio(struct swap_ext_victims *victims,
					 u64 page) __ksym;

/** bpf_swap_folio_put() - give back what bpf_swap_page_folio() returned */
extern void bpf_swap_folio_put(struct folio *folio) __ksym;

/**
 * bpf_swap_folio_used() - has a page been used since somebody last looked?
 * @folio: the page
 *
 * The stock kernel will find it used nevertheless, whenever it looks.
 *
 * Context: evict().
 * Return: how many page tables have used it since; -EBUSY: that is not known.
 */
extern int bpf_swap_folio_used(struct folio *folio) __ksym;

/**
 * bpf_swap_victim() - name a page that is to go
 * @victims: the plan handed to evict()
 * @folio: the page, from the iterator or from bpf_swap_page_folio()
 * @score: those with the lowest go; of equal ones that which was named first
 *
 * Any number of pages may be named: the plan keeps as many as are wanted.
 *
 * Context: evict().
 * Return: 0; -ENOSPC if all that are wanted have lower scores.
 */
extern int bpf_swap_victim(struct swap_ext_victims *victims, struct folio *folio,
			   s64 score) __ksym;

/**
 * bpf_swap_victims_end() - no pages are to go but those that are named
 * @victims: the plan handed to evict()
 *
 * Where reclaim is asked for and nobody is in need (%SWAP_EXT_R_PROACTIVE), by
 * bpf_swap_reclaim_memcg(), say, other pages in use stay; evict() is called again while it
 * names some and more are wanted.
 *
 * Context: evict().
 * Return: 0; -EPERM: memory is wanted, and the kernel chooses what the policy does not.
 */
extern int bpf_swap_victims_end(struct swap_ext_victims *victims) __ksym;

/**
 * bpf_swap_folio_idle_s() - for how long has a page been idle?
 * @folio: a page
 *
 * Context: any op that is handed pages.
 * Return: seconds since a scan or evict() last found it in use; -ENOENT: no scan has seen
 * it.
 */
extern int bpf_swap_folio_idle_s(struct folio *folio) __ksym;

/**
 * bpf_swap_page_idle_s() - the same of a page that nobody holds
 * @page: its handle, from struct swap_ext_page, say; anything
 *
 * Context: any op, programs that user space runs (SEC("syscall")), callbacks of bpf_wq.
 * Return: as bpf_swap_folio_idle_s(); -ESTALE: no page in use has that handle.
 */
extern int bpf_swap_page_idle_s(u64 page) __ksym;

/**
 * bpf_swap_entry_where() - who has what is in a swap slot?
 * @entry: the slot, from struct swap_ext_fault, say; anything
 *
 * Context: as bpf_swap_page_idle_s().
 * Return: bits of enum swap_ext_backends: one for a backend; those of the device and of
 * zswap if either may have it; 0: nothing is there.
 */
extern u64 bpf_swap_entry_where(u64 entry) __ksym;

/**
 * bpf_swap_scan_memcg() - which pages of a cgroup and all below it are in use?
 * @cgroup_id: the cgroup; not the root
 * @unit_s: seconds from each age to the next, 1 or more
 * @h: pages of anonymous and shared memory are added up here, by age
 *
 * Reads and clears the accessed bits of all processes. The stock kernel will find used
 * what it would have found used. A page that several processes have counts for each, one
 * that is locked for none.
 *
 * Context: programs that user space runs (SEC("syscall")) and callbacks of bpf_wq.
 * Return: how many pages; -ENOENT, -ENODEV: there is no such cgroup, or it has no memory
 * controller; -EINVAL; -EDEADLK: called from init(), exit() or dump().
 */
extern s64 bpf_swap_scan_memcg(u64 cgroup_id, u32 unit_s,
			       struct swap_ext_histogram *h) __ksym;

/**
 * bpf_swap_scan_task() - which pages of a range of a process are in use?
 * @task: the process
 * @start: address of the range
 * @end: the first behind it
 * @unit_s: as for bpf_swap_scan_memcg()
 * @h: as there
 *
 * Context: as there.
 * Return: as there.
 */
extern s64 bpf_swap_scan_task(struct task_struct *task, u64 start, u64 end, u32 unit_s,
			      struct swap_ext_histogram *h) __ksym;

/**
 * bpf_swap_reclaim_memcg() - reclaim before there is need
 * @cgroup_id: the cgroup, with all below it; not the root
 * @nr_pages: how many pages
 * @swappiness: 0: from files only, to 200: anonymous and shared memory only; or
 *	%SWAP_EXT_SWAPPINESS_DEFAULT
 *
 * As a write to memory.reclaim, but once: whoever wants the rest asks again.
 *
 * Context: as bpf_swap_scan_memcg().
 * Return: how many pages were freed; -errno as there.
 */
extern s64 bpf_swap_reclaim_memcg(u64 cgroup_id, u64 nr_pages, u32 swappiness) __ksym;

/**
 * bpf_swap_clean_page() - write a page to swap, and leave it where it is
 * @cgroup_id: the cgroup whose page it is, or of which below
 * @page: its handle, from struct swap_ext_page, say; anything
 *
 * If it then goes before anybody writes to it again, it goes without a write.
 *
 * Context: as bpf_swap_scan_memcg().
 * Return: 0: it is being written, or need not be; -ESTALE: it is not, or no longer, a page
 * of anonymous memory in use there; -EBUSY: it cannot be done at the moment; -EOPNOTSUPP:
 * not a large or a locked one, not with zswap, not with a device that needs stable pages;
 * -ENOSPC: there is no swap; or as bpf_swap_scan_memcg().
 */
extern int bpf_swap_clean_page(u64 cgroup_id, u64 page) __ksym;

/* Behind the printf-like macros below. */
extern void bpf_swap_ext_error_bstr(struct mem_cgroup *memcg, char *fmt,
				    unsigned long long *data,
				    u32 data__sz) __ksym;
extern void bpf_swap_ext_exit_bstr(struct mem_cgroup *memcg, s64 code,
				   char *fmt, unsigned long long *data,
				   u32 data__sz) __ksym;
extern void bpf_swap_ext_dump_bstr(struct mem_cgroup *memcg, char *fmt,
				   unsigned long long *data,
				   u32 data__sz) __ksym;

/* At least one element, or the verifier has nothing to point to. */
#define ___swap_bstr(fmt, args...)					\
	static char ___fmt[] = fmt;					\
	unsigned long long ___data[___bpf_narg(args) ?: 1] = {};	\
									\
	_Pragma("GCC diagnostic push")					\
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")		\
	___bpf_fill(___data, args);					\
	_Pragma("GCC diagnostic pop")

/**
 * bpf_swap_ext_error() - this policy cannot go on: stop it with an error
 * @memcg: the cgroup handed to the op
 * @fmt: one line for a person, as for printf(), %s excepted; and its arguments
 *
 * The attachment's exit record gets %SWAP_EXT_EXIT_ERROR and the message, dump()
 * is called, and the stock kernel decides from the next fault on.
 *
 * Context: any op.
 */
#define bpf_swap_ext_error(memcg, fmt, args...)				\
({									\
	___swap_bstr(fmt, ##args)					\
	bpf_swap_ext_error_bstr(memcg, ___fmt, ___data,			\
				sizeof(___data));			\
})

/**
 * bpf_swap_ext_exit() - this policy is done: stop it without an error
 * @memcg: the cgroup handed to the op
 * @code: a number for the exit record
 * @fmt: as for bpf_swap_ext_error()
 *
 * Context: any op.
 */
#define bpf_swap_ext_exit(memcg, code, fmt, args...)			\
({									\
	___swap_bstr(fmt, ##args)					\
	bpf_swap_ext_exit_bstr(memcg, code, ___fmt, ___data,		\
			       sizeof(___data));			\
})

/**
 * bpf_swap_ext_dump() - add a line to the text kept with the exit record
 * @memcg: the cgroup handed to dump()
 * @fmt: as for bpf_swap_ext_error(); newlines in it are kept
 *
 * Context: dump(). Text beyond SWAP_EXT_DUMP_LEN is dropped.
 */
#define bpf_swap_ext_dump(memcg, fmt, args...)				\
({									\
	___swap_bstr(fmt, ##args)					\
	bpf_swap_ext_dump_bstr(memcg, ___fmt, ___data,			\
			       sizeof(___data));			\
})

#endif /* __SWAP_EXT_KFUNCS_BPF_H */
