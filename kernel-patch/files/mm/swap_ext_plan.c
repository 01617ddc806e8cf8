// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - plans: what a policy may name, and reading it
 *
 * Naming happens inside the policy, under rcu_read_lock() and the mmap or VMA
 * lock of the fault: addresses and file offsets become swap slots, and what
 * needs no read is sorted out and counted. Reading happens after the policy
 * returned; a slot may have changed hands by then, so that is where it is pinned
 * and where its owner is checked. No step here waits for memory.
 */
#include <linux/blkdev.h>
#include <linux/btf.h>
#include <linux/hugetlb_inline.h>
#include <linux/mempolicy.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <linux/swap_cgroup.h>
#include <linux/swapops.h>
#include "frontswap.h"
#include "internal.h"
#include "swap.h"
#include "swap_ext.h"

#include <trace/events/swap_ext.h>

/*
 * As the demand page, but no direct reclaim and no reserves: for the folio, its
 * charge and the xarray node alike. A cgroup at its limit gets its room from
 * swap_ext_make_room().
 */
static gfp_t plan_gfp(const struct swap_ext_plan *plan)
{
	return (plan->target->gfp &
		~(__GFP_DIRECT_RECLAIM | __GFP_NOFAIL | __GFP_HIGH)) |
	       __GFP_NOMEMALLOC | __GFP_NOWARN;
}

static void plan_count(struct swap_ext_plan *plan, enum swap_ext_stat item, u64 nr)
{
	swap_ext_add(swap_ext_of(plan->memcg), item, nr);
}

/* How many of @nr the policy may still name; the rest is counted. */
static u32 plan_clamp(struct swap_ext_plan *plan, u32 nr)
{
	u32 left = SWAP_EXT_NAMED_MAX - plan->nr_named;

	if (nr > left) {
		plan_count(plan, SWAP_EXT_STAT_CLAMPED_BUDGET, nr - left);
		nr = left;
	}
	plan->nr_named += nr;
	return nr;
}

/**
 * swap_ext_slot_count - the byte of a slot in its device's map
 * @entry: the slot; anything but the entry of no device
 *
 * Context: rcu_read_lock(), which keeps the map if the device goes away meanwhile.
 * Return: the byte, %SWAP_MAP_BAD among them; -ERANGE: there is no such slot.
 */
int swap_ext_slot_count(swp_entry_t entry)
{
	struct swap_info_struct *si = swp_swap_info(entry);
	unsigned long offset = swp_offset(entry);

	if (!si || !(READ_ONCE(si->flags) & SWP_WRITEOK))
		return -ERANGE;
	/* Only of a device that is up RCU keeps the map; pairs with swapon. */
	smp_rmb();
	if (!offset || offset >= READ_ONCE(si->max))
		return -ERANGE;
	return READ_ONCE(si->swap_map[offset]);
}

/* Take @entry into the plan if it names a used slot whose page is not cached. */
static void plan_add(struct swap_ext_plan *plan, swp_entry_t entry)
{
	int count = swap_ext_slot_count(entry);

	if (count < 0)
		plan_count(plan, SWAP_EXT_STAT_DROPPED_RANGE, 1);
	else if (!swap_ext_holds_page(count))
		plan_count(plan, SWAP_EXT_STAT_DROPPED_FREE, 1);
	else if (count & SWAP_HAS_CACHE)
		plan_count(plan, SWAP_EXT_STAT_DROPPED_CACHED, 1);
	else
		plan->entry[plan->nr++] = entry;
}

/* Room for one more? If not, the @rest of a run is counted as over budget. */
static bool plan_has_room(struct swap_ext_plan *plan, u32 rest)
{
	if (plan->nr < plan->max)
		return true;
	plan_count(plan, SWAP_EXT_STAT_CLAMPED_BUDGET, rest);
	return false;
}

static int plan_result(struct swap_ext_plan *plan, u32 before)
{
	if (plan->nr == before && plan->nr >= plan->max)
		return -ENOSPC;
	return plan->nr - before;
}

static void plan_index(struct swap_ext_plan *plan, struct address_space *mapping,
		       pgoff_t index)
{
	XA_STATE(xas, &mapping->i_pages, index);
	swp_entry_t entry;
	void *p;

	if (index >= DIV_ROUND_UP(i_size_read(mapping->host), PAGE_SIZE)) {
		plan_count(plan, SWAP_EXT_STAT_DROPPED_RANGE, 1);
		return;
	}
	do {
		p = xas_load(&xas);
	} while (xas_retry(&xas, p));
	if (!xa_is_value(p)) {
		plan_count(plan, p ? SWAP_EXT_STAT_DROPPED_CACHED :
				     SWAP_EXT_STAT_DROPPED_UNMAPPED, 1);
		return;
	}
	entry = radix_to_swp_entry(p);
	if (non_swap_entry(entry)) {
		plan_count(plan, SWAP_EXT_STAT_DROPPED_UNMAPPED, 1);
		return;
	}
	/* A large entry stands at every index it covers and names its first slot. */
	entry.val += index & ((1UL << xas_get_order(&xas)) - 1);
	plan_add(plan, entry);
}

static int plan_indices(struct swap_ext_plan *plan, struct address_space *mapping,
			pgoff_t index, u32 nr, s64 step)
{
	u32 i, before = plan->nr;

	for (i = 0; i < nr; i++, index += step) {
		if (!plan_has_room(plan, nr - i))
			break;
		plan_index(plan, mapping, index);
	}
	return plan_result(plan, before);
}

/* How many of @addr, @addr + @step pages, ..., at most @nr, lie in [start, end). */
static u32 plan_run(unsigned long start, unsigned long addr, unsigned long end,
		    s64 step, u32 nr)
{
	u64 left = (step > 0 ? end - 1 - addr : addr - start) >> PAGE_SHIFT;
	u64 length = step > 0 ? step : -(u64)step;

	return min_t(u64, nr, left / length + 1);
}

/* Addresses that are all of one page table. */
static void plan_ptes(struct swap_ext_plan *plan, pmd_t *pmd, unsigned long addr,
		      u32 nr, s64 step)
{
	pte_t *start, *pte;

	start = pmd ? pte_offset_map(pmd, addr) : NULL;
	if (!start) {
		plan_count(plan, pmd && pmd_leaf(pmdp_get_lockless(pmd)) ?
			   SWAP_EXT_STAT_DROPPED_CACHED :
			   SWAP_EXT_STAT_DROPPED_UNMAPPED, nr);
		return;
	}
	/* For sparse, which does not see pte_offset_map() take it. */
	__acquire(RCU);
	for (pte = start; nr; nr--, pte += step) {
		pte_t val = ptep_get_lockless(pte);
		swp_entry_t entry;

		if (!plan_has_room(plan, nr))
			break;
		if (pte_present(val)) {
			plan_count(plan, SWAP_EXT_STAT_DROPPED_CACHED, 1);
			continue;
		}
		entry = pte_to_swp_entry(val);
		if (pte_none(val) || non_swap_entry(entry)) {
			plan_count(plan, SWAP_EXT_STAT_DROPPED_UNMAPPED, 1);
			continue;
		}
		plan_add(plan, entry);
	}
	pte_unmap(start);
}

/* The addresses all lie in @vma, whose lock we hold. */
static void plan_vma(struct swap_ext_plan *plan, struct vm_area_struct *vma,
		     unsigned long addr, u32 nr, s64 step)
{
	struct vm_fault *vmf = plan->target->vmf;
	u32 len;

	/* What a private mapping wrote is anonymous memory, in its page table. */
	if (vma->vm_flags & VM_SHARED && vma->vm_file &&
	    shmem_mapping(vma->vm_file->f_mapping)) {
		plan_indices(plan, vma->vm_file->f_mapping,
			     linear_page_index(vma, addr), nr, step);
		return;
	}
	/* Elsewhere nothing is in swap, and a table may not be one of pages. */
	if (!vma->anon_vma || is_vm_hugetlb_page(vma) || vma_is_dax(vma) ||
	    vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) {
		plan_count(plan, SWAP_EXT_STAT_DROPPED_UNMAPPED, nr);
		return;
	}
	for (; nr; nr -= len, addr += len * (u64)step * PAGE_SIZE) {
		unsigned long table = addr & PMD_MASK;
		pmd_t *pmd;

		len = plan_run(table, addr, table + PMD_SIZE, step, nr);
		if (vmf && vma == vmf->vma &&
		    table == (vmf->address & PMD_MASK))
			pmd = vmf->pmd;
		else
			pmd = mm_find_pmd(vma->vm_mm, addr);
		plan_ptes(plan, pmd, addr, len, step);
	}
}

/*
 * The mapping that holds @addr, locked as the fault's own is. Another one is
 * only tried for: two VMA locks held, none waited for.
 */
static struct vm_area_struct *plan_find_vma(struct swap_ext_plan *plan,
					    unsigned long addr, bool *unlock)
{
	struct vm_area_struct *vma = plan->target->vma;
	struct vm_fault *vmf = plan->target->vmf;

	*unlock = false;
	if (!vma || (addr >= vma->vm_start && addr < vma->vm_end))
		return vma;
	/* Whether a shmem fault holds the mmap lock, it does not say. */
	if (!vmf)
		return NULL;
	if (!(vmf->flags & FAULT_FLAG_VMA_LOCK))
		return vma_lookup(vma->vm_mm, addr);
	vma = lock_vma_under_rcu(vma->vm_mm, addr);
	*unlock = vma;
	return vma;
}

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
	u32 before = plan->nr;

	if (!step)
		return -EINVAL;
	/* Beyond that the next page is out of range, and its address must not wrap. */
	step = clamp(step, -(s64)(TASK_SIZE_MAX >> PAGE_SHIFT),
		     (s64)(TASK_SIZE_MAX >> PAGE_SHIFT));
	nr = plan_clamp(plan, nr);
	addr &= PAGE_MASK;
	while (nr) {
		struct vm_area_struct *vma;
		bool unlock;
		u32 len;

		if (!plan_has_room(plan, nr))
			break;
		vma = plan_find_vma(plan, addr, &unlock);
		if (!vma || addr >= TASK_SIZE) {
			/* Nothing there; the next mapping is not our business. */
			plan_count(plan, SWAP_EXT_STAT_DROPPED_RANGE, nr);
			if (unlock)
				vma_end_read(vma);
			break;
		}
		len = plan_run(vma->vm_start, addr, vma->vm_end, step, nr);
		plan_vma(plan, vma, addr, len, step);
		if (unlock)
			vma_end_read(vma);
		addr += len * (u64)step * PAGE_SIZE;
		nr -= len;
	}
	return plan_result(plan, before);
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
	if (!plan->target->mapping || !step)
		return -EINVAL;
	return plan_indices(plan, plan->target->mapping, pgoff, plan_clamp(plan, nr),
			    step);
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
	u32 i, before = plan->nr;

	nr = plan_clamp(plan, nr);
	for (i = 0; i < nr; i++) {
		swp_entry_t slot = { .val = entry + i };

		if (!plan_has_room(plan, nr - i))
			break;
		if (non_swap_entry(slot))
			plan_count(plan, SWAP_EXT_STAT_DROPPED_RANGE, 1);
		else
			plan_add(plan, slot);
	}
	return plan_result(plan, before);
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

__bpf_kfunc_end_defs();

/*
 * If the slot belongs to a memcg that the asked attachment governs, mark it and
 * return the state of the memcg that is going to be charged, which the pinned
 * slot or the fault keeps. For a dead memcg its nearest live ancestor says who
 * governs; charged is, as ever, whoever faults.
 */
static struct swap_ext_memcg *plan_claim(struct swap_ext_plan *plan,
					 swp_entry_t entry)
{
	unsigned short id = lookup_swap_cgroup_id(entry);
	struct mem_cgroup *memcg, *up;
	struct swap_ext_memcg *se;

	guard(rcu)();
	/* Mostly our own; as long as the slot has the id, nobody else gets it. */
	memcg = id && id == mem_cgroup_id(plan->memcg) ? plan->memcg :
							 mem_cgroup_from_id(id);
	for (up = memcg; up && !mem_cgroup_online(up); )
		up = parent_mem_cgroup(up);
	se = swap_ext_of(up);
	if (up != memcg && se && rcu_access_pointer(se->domain) == plan->domain)
		se = swap_ext_of(plan->memcg);
	/* Whose prefetch was ended is left alone by others, too. */
	if (!se || rcu_access_pointer(se->domain) != plan->domain ||
	    READ_ONCE(se->gov.off))
		return NULL;
	swap_ext_mark(se, entry);
	return se;
}

/*
 * struct plan_reader - where reading a plan has got to
 * @spare: a folio left over from the page before, or NULL.
 * @splug: reads of a swap file that were not submitted yet.
 * @backend: whom to ask for what follows.
 * @nr_remote: pages it has that it was not asked for yet, and
 * @remote: their folios, referenced; @nr_remote of them.
 */
struct plan_reader {
	struct folio			*spare;
	struct swap_iocb		*splug;
	struct frontswap_backend	*backend;
	u32				nr_remote;
	struct folio			*remote[SWAP_EXT_PLAN_MAX];
};

static void plan_submit_remote(struct plan_reader *r)
{
	if (!r->nr_remote)
		return;
	frontswap_read_batch(r->backend, r->remote, r->nr_remote);
	while (r->nr_remote)
		folio_put(r->remote[--r->nr_remote]);
}

/* Pages that one backend has go down in one request, as long as no other comes between. */
static void plan_add_remote(struct plan_reader *r, struct frontswap_backend *b,
			    struct folio *folio)
{
	if (b != r->backend)
		plan_submit_remote(r);
	r->backend = b;
	r->remote[r->nr_remote++] = folio;
}

/* Bring in one slot. Returns 0, or the counter of the reason it was dropped. */
static int plan_read_page(struct swap_ext_plan *plan, swp_entry_t entry,
			  struct plan_reader *r)
{
	struct swap_ext_target *t = plan->target;
	struct folio *folio = r->spare;
	struct frontswap_backend *b;
	gfp_t gfp = plan_gfp(plan);
	struct swap_ext_memcg *se;
	int why, err;
	void *shadow = NULL;

	if (!folio)
		folio = folio_alloc_mpol(gfp, 0, t->mpol, t->ilx, numa_node_id());
	r->spare = folio;
	if (!folio)
		return SWAP_EXT_STAT_DROPPED_PRESSURE;

	/* Pins the slot. Somebody else reading it: theirs is the one read. */
	err = swapcache_prepare(entry, 1);
	if (err)
		return err == -EEXIST ? SWAP_EXT_STAT_DROPPED_CACHED :
					SWAP_EXT_STAT_DROPPED_FREE;
	se = plan_claim(plan, entry);
	if (!se) {
		put_swap_folio(folio, entry);
		return SWAP_EXT_STAT_DROPPED_FOREIGN;
	}

	/* From here the folio is this slot's: it may have been charged. */
	r->spare = NULL;
	__folio_set_locked(folio);
	__folio_set_swapbacked(folio);
	/* A neighbour who has no room is no reason to give up one's own pages. */
	why = se == swap_ext_of(plan->memcg) ? SWAP_EXT_STAT_DROPPED_PRESSURE :
					       SWAP_EXT_STAT_DROPPED_FOREIGN;
	if (mem_cgroup_swapin_charge_folio(folio, plan->mm, gfp, entry))
		goto err_unmark;
	/* The memcg may have died since, and somebody else have been charged. */
	why = SWAP_EXT_STAT_DROPPED_FOREIGN;
	if (swap_ext_of(folio_memcg(folio)) != se)
		goto err_unmark;
	why = SWAP_EXT_STAT_DROPPED_PRESSURE;
	if (add_to_swap_cache(folio, entry, gfp & GFP_RECLAIM_MASK, &shadow))
		goto err_unmark;
	mem_cgroup_swapin_uncharge_swap(entry, 1);
	if (shadow)
		workingset_refault(folio, shadow);
	folio_add_lru(folio);

	/* What the stock counters call readahead. */
	folio_set_readahead(folio);
	count_vm_event(SWAP_RA);
	b = frontswap_active() ? frontswap_holder(entry) : NULL;
	if (b) {
		plan_add_remote(r, b, folio);
		return 0;
	}
	swap_read_folio(folio, &r->splug);
	folio_put(folio);
	return 0;

err_unmark:
	swap_ext_unmark(se, entry);
	put_swap_folio(folio, entry);
	folio_unlock(folio);
	folio_put(folio);
	return why;
}

/**
 * swap_ext_plan_read - read what a policy planned
 * @plan: the plan; its reference to the memcg is dropped
 *
 * Context: may sleep; the demand read was submitted.
 */
void swap_ext_plan_read(struct swap_ext_plan *plan)
{
	u8 fault_type = swp_type(plan->target->entry);
	struct plan_reader r __uninitialized;
	struct blk_plug plug;
	u32 i, room, nr_read = 0;

	if (!plan->nr)
		goto trace;
	room = swap_ext_make_room(plan->memcg, plan->nr, plan->target->gfp);
	if (room < plan->nr)
		plan_count(plan, SWAP_EXT_STAT_DROPPED_PRESSURE, plan->nr - room);

	r.spare = NULL;
	r.splug = NULL;
	r.backend = NULL;
	r.nr_remote = 0;
	blk_start_plug(&plug);
	for (i = 0; i < room; i++) {
		swp_entry_t entry = plan->entry[i];
		struct swap_info_struct *si = NULL;
		int why;

		/* The fault pins its own device. */
		if (swp_type(entry) != fault_type) {
			si = get_swap_device(entry);
			if (!si) {
				plan_count(plan, SWAP_EXT_STAT_DROPPED_RANGE, 1);
				continue;
			}
		}
		why = plan_read_page(plan, entry, &r);
		if (why)
			plan_count(plan, why, 1);
		else
			nr_read++;
		if (si)
			put_swap_device(si);
		/* No memory now will be no memory for the next page as well. */
		if (why == SWAP_EXT_STAT_DROPPED_PRESSURE) {
			plan_count(plan, why, room - i - 1);
			break;
		}
	}
	blk_finish_plug(&plug);
	swap_read_unplug(r.splug);
	plan_submit_remote(&r);
	if (r.spare)
		folio_put(r.spare);
	/* Onto the LRU, where reclaim can find what nobody wanted. */
	lru_add_drain();
trace:
	trace_swap_ext_plan(plan->target, plan->memcg, plan->nr, nr_read);
	css_put(&plan->memcg->css);
}
