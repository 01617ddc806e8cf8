// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - how long pages have been idle
 *
 * The accessed bits of many pages are read and cleared in one walk of their page tables,
 * at the pace of whoever asks: a policy from a workqueue, or a program from user space.
 * When a page was last found in use is kept by page frame, four bytes each, in pieces
 * that are made when first one of theirs is seen.
 *
 * The stock kernel finds a page in use that it would have found in use: what is cleared
 * here is left in the page's young flag, which it asks for as well.
 */
#include <linux/btf.h>
#include <linux/hash.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/page_idle.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/timekeeping.h>
#include <linux/xarray.h>
#include <asm/tlbflush.h>
#include "swap_ext.h"

/* Pages that are idle for longer look as if it were so long. */
#define MAX_IDLE_S	BIT(15)

/*
 * When each page was last in use: below, in seconds modulo 65536, never 0; above, a hash
 * that tells whose page it was. Nobody resets the word of a page that is freed.
 */
#define PIECE_SHIFT	(PAGE_SHIFT - 2)
static DEFINE_XARRAY_FLAGS(stamps, XA_FLAGS_LOCK_IRQ);

static u32 *find_stamp(unsigned long pfn)
{
	u32 *piece = xa_load(&stamps, pfn >> PIECE_SHIFT);

	return piece ? piece + (pfn & (BIT(PIECE_SHIFT) - 1)) : NULL;
}

static u16 stamp_now(void)
{
	return (u16)ktime_get_seconds() ?: 1;
}

static u32 whose(struct folio *folio)
{
	return hash_64((unsigned long)folio->mapping + folio->index, 16);
}

static void set_stamp(u32 *stamp, struct folio *folio, u16 when)
{
	WRITE_ONCE(*stamp, whose(folio) << 16 | when);
}

/* @stamp may be NULL. */
static int stamp_idle_s(const u32 *stamp, struct folio *folio, u16 now)
{
	u32 word = stamp ? READ_ONCE(*stamp) : 0;

	if (!(u16)word || word >> 16 != whose(folio))
		return -ENOENT;
	return (u16)(now - (u16)word);
}

/**
 * swap_ext_see_use - a page was found in use by somebody who clears accessed bits
 * @folio: the page
 */
void swap_ext_see_use(struct folio *folio)
{
	u32 *stamp = xa_empty(&stamps) ? NULL : find_stamp(folio_pfn(folio));

	if (stamp)
		set_stamp(stamp, folio, stamp_now());
}

/**
 * struct scan
 * @memcg: whose pages; NULL: anybody's
 * @h: they are counted here
 * @now: for stamps
 * @unit_s: seconds from each age to the next
 * @nr_pages: seen so far
 * @err: what ended it
 * @owner: memcg_data of the last page
 * @owner_is_wanted: what came of it: the next page is mostly of the same
 * @piece: stamps near that of the last page, which mostly are those of the next, too
 * @piece_nr: which
 */
struct scan {
	struct mem_cgroup		*memcg;
	struct swap_ext_histogram	*h;
	u16				now;
	u32				unit_s;
	long				nr_pages;
	int				err;
	unsigned long			owner;
	bool				owner_is_wanted;
	u32				*piece;
	unsigned long			piece_nr;
};

/* What is locked does not go: nobody need know for how long it has been idle. */
static bool is_wanted(struct scan *s, struct folio *folio)
{
	unsigned long owner;

	if (!folio || !folio_test_swapbacked(folio) || folio_test_unevictable(folio))
		return false;
	if (!s->memcg)
		return true;
	owner = READ_ONCE(folio->memcg_data);
	if (owner != s->owner) {
		s->owner = owner;
		s->owner_is_wanted = swap_ext_is_of(folio, s->memcg);
	}
	return s->owner_is_wanted;
}

/* As find_stamp(), but there is one unless there is no memory. */
static u32 *make_stamp(struct scan *s, unsigned long pfn)
{
	unsigned long nr = pfn >> PIECE_SHIFT;

	if (!s->piece || s->piece_nr != nr) {
		s->piece = swap_ext_make_piece(&stamps, nr, PAGE_SIZE);
		s->piece_nr = nr;
	}
	return s->piece ? s->piece + (pfn & (BIT(PIECE_SHIFT) - 1)) : NULL;
}

/* A page table was found to have @folio, and to have used it or not. */
static void see_page(struct scan *s, struct folio *folio, bool used, u32 nr_pages)
{
	u32 *stamp = make_stamp(s, folio_pfn(folio));
	int idle_s = stamp_idle_s(stamp, folio, s->now);
	u32 age;

	if (used)
		folio_set_young(folio);
	s->nr_pages += nr_pages;
	if (!stamp)
		return;
	if (used || idle_s < 0)
		set_stamp(stamp, folio, s->now);
	else if (idle_s > MAX_IDLE_S)
		set_stamp(stamp, folio, (u16)(s->now - MAX_IDLE_S) ?: 1);
	age = min(max(idle_s, 0) / s->unit_s, SWAP_EXT_AGES - 1);
	if (used)
		s->h->used[age] += nr_pages;
	else
		s->h->idle[age] += nr_pages;
}

static void scan_huge(pmd_t *pmd, unsigned long addr, struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;
	struct folio *folio;

	if (!pmd_present(*pmd))
		return;
	folio = vm_normal_folio_pmd(vma, addr, *pmd);
	if (is_wanted(walk->private, folio))
		see_page(walk->private, folio, pmdp_test_and_clear_young(vma, addr, pmd),
			 HPAGE_PMD_NR);
}

static int scan_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
		    struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;
	pte_t *start, *pte;
	spinlock_t *ptl;	/* of the page table */

	ptl = pmd_trans_huge_lock(pmd, vma);
	if (ptl) {
		/* For sparse, which cannot see it. */
		__acquire(ptl);
		scan_huge(pmd, addr, walk);
		spin_unlock(ptl);
		return 0;
	}
	start = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	if (!start)
		return 0;
	__acquire(ptl);
	for (pte = start; addr != end; pte++, addr += PAGE_SIZE) {
		pte_t val = ptep_get(pte);
		struct folio *folio;

		if (!pte_present(val))
			continue;
		folio = vm_normal_folio(vma, addr, val);
		if (is_wanted(walk->private, folio))
			see_page(walk->private, folio, pte_young(val) &&
				 ptep_test_and_clear_young(vma, addr, pte), 1);
	}
	pte_unmap_unlock(start, ptl);
	cond_resched();
	return 0;
}

static const struct mm_walk_ops scan_ops = {
	.pmd_entry = scan_pmd,
	.walk_lock = PGWALK_RDLOCK,
};

static int scan_range(struct scan *s, struct task_struct *task, u64 start, u64 end)
{
	struct mm_struct *mm = get_task_mm(task);
	int err;

	if (!mm)
		return 0;
	err = mmap_read_lock_killable(mm);
	if (!err) {
		end = min(end, mm->task_size);
		if (start < end)
			err = walk_page_range(mm, start, end, &scan_ops, s);
		/* A CPU that remembers a translation does not set the bit again. */
		flush_tlb_mm(mm);
		mmap_read_unlock(mm);
	}
	mmput_async(mm);
	return err;
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct scan *s = arg;

	s->err = scan_range(s, task, 0, U64_MAX);
	return s->err;
}

__bpf_kfunc_start_defs();

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
	return stamp_idle_s(find_stamp(folio_pfn(folio)), folio, stamp_now());
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
	ret = bpf_swap_folio_idle_s(folio);
	folio_put(folio);
	return ret;
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
	struct scan s = { .h = h, .now = stamp_now(), .unit_s = unit_s };

	s.memcg = unit_s ? swap_ext_get_memcg(cgroup_id) : ERR_PTR(-EINVAL);
	if (IS_ERR(s.memcg))
		return PTR_ERR(s.memcg);
	mem_cgroup_scan_tasks(s.memcg, scan_task, &s);
	css_put(&s.memcg->css);
	return s.err ?: s.nr_pages;
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
	struct scan s = { .h = h, .now = stamp_now(), .unit_s = unit_s };

	if (!unit_s)
		return -EINVAL;
	if (current->swap_ext_call)
		return -EDEADLK;
	return scan_range(&s, task, start, end) ?: s.nr_pages;
}

__bpf_kfunc_end_defs();
