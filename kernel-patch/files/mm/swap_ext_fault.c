// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - the swap-in fault path: count, tell the policy, ask it, act
 *
 * A miss goes: submit the demand read, call the policy while that is on the
 * wire, submit the reads it planned; the caller waits for the demand page last.
 * Called from do_swap_page() and shmem_swapin_folio() with the mmap or VMA lock
 * held (or none, shmem by read(2)), the swap device pinned, nothing else.
 */
#include <linux/blkdev.h>
#include <linux/mempolicy.h>
#include <linux/oom.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include "frontswap.h"
#include "internal.h"
#include "swap.h"
#include "swap_ext.h"

#include <trace/events/swap_ext.h>

/*
 * Bits for each slot of each device. PG_readahead will not do: it is PG_reclaim,
 * which an asynchronous write-out sets as well. A map is there as long as a slot
 * of its device can be pinned.
 */
static struct {
	unsigned long		*map;
	struct swap_info_struct	*si;
} devices[1 << MAX_SWAPFILES_SHIFT] __read_mostly;

enum {
	SLOT_PREFETCHED,	/* a plan brought the page in; untouched so far */
	SLOT_INFLIGHT,		/* its read has not ended */
	NR_SLOT_BITS,
};

static unsigned long slot_bit(swp_entry_t entry, int bit)
{
	return swp_offset(entry) * NR_SLOT_BITS + bit;
}

static unsigned long *slot_map(swp_entry_t entry)
{
	return devices[swp_type(entry)].map;
}

/**
 * swap_ext_swapon - a swap device comes up
 * @si: the device
 * @nr_pages: its slots
 *
 * Return: 0 or -errno.
 */
int swap_ext_swapon(struct swap_info_struct *si, unsigned long nr_pages)
{
	devices[si->type].si = si;
	devices[si->type].map = kvcalloc(BITS_TO_LONGS(nr_pages * NR_SLOT_BITS),
					 sizeof(long), GFP_KERNEL);
	if (!devices[si->type].map)
		return -ENOMEM;
	/* What it leaves behind if it fails, swap_ext_swapoff() takes away. */
	return frontswap_swapon(si->type, nr_pages);
}

/**
 * swap_ext_swapoff - a swap device went down; no slot of it is in use
 * @si: the device
 */
void swap_ext_swapoff(struct swap_info_struct *si)
{
	frontswap_swapoff(si->type);
	kvfree(devices[si->type].map);
	devices[si->type].map = NULL;
}

static struct swap_ext_memcg *folio_state(struct folio *folio)
{
	return swap_ext_of(folio_memcg(folio));
}

/* Most slots have no bit set: look before taking the cache line. */
static __always_inline bool clear_slot(swp_entry_t entry, int which)
{
	unsigned long bit = slot_bit(entry, which);
	unsigned long *map = slot_map(entry);

	return test_bit(bit, map) && test_and_clear_bit(bit, map);
}

/**
 * swap_ext_is_prefetched - did a plan bring in the page of a slot, untouched so far?
 * @entry: the slot, pinned
 */
bool swap_ext_is_prefetched(swp_entry_t entry)
{
	return test_bit(slot_bit(entry, SLOT_PREFETCHED), slot_map(entry));
}

/**
 * __swap_ext_unlock_read - a swap read ended: uncount it, unlock its page
 * @folio: the page, locked, up to date unless the read failed
 *
 * Context: any, mostly interrupt.
 */
void __swap_ext_unlock_read(struct folio *folio)
{
	struct swap_ext_memcg *se;

	/* Once it is unlocked it may leave the swap cache, and the slot be reused. */
	if (clear_slot(folio->swap, SLOT_INFLIGHT)) {
		guard(rcu)();
		se = folio_state(folio);
		if (se)
			atomic_dec(&se->gov.nr_inflight);
	}
	folio_unlock(folio);
}

/**
 * __swap_ext_uncache - a page leaves the swap cache: if untouched, it was unused
 * @folio: the page
 * @entry: its slot
 *
 * Context: the xarray lock of the swap cache is held, interrupts are off.
 */
void __swap_ext_uncache(struct folio *folio, swp_entry_t entry)
{
	struct swap_ext_memcg *se;

	if (swap_ext_watches() && !folio_ref_count(folio))
		__swap_ext_evicted(folio, entry);
	/* Plans bring in single pages. */
	if (folio_test_large(folio) || !clear_slot(entry, SLOT_PREFETCHED))
		return;
	guard(rcu)();
	se = folio_state(folio);
	if (se)
		swap_ext_inc(se, SWAP_EXT_STAT_UNUSED);
}

/**
 * swap_ext_mark - a plan is about to read a slot
 * @se: state of the memcg the slot belongs to
 * @entry: the slot, pinned by the caller
 *
 * Context: in one RCU read-side section with the check that the policy governs
 * @se, so that no slot is marked once swap_ext_switch() has returned.
 */
void swap_ext_mark(struct swap_ext_memcg *se, swp_entry_t entry)
{
	unsigned long *map = slot_map(entry);

	set_bit(slot_bit(entry, SLOT_PREFETCHED), map);
	set_bit(slot_bit(entry, SLOT_INFLIGHT), map);
	atomic_inc(&se->gov.nr_inflight);
	swap_ext_inc(se, SWAP_EXT_STAT_PREFETCHED);
}

/**
 * swap_ext_unmark - the read of a marked slot could not be submitted
 * @se: as for swap_ext_mark()
 * @entry: the slot, still pinned
 */
void swap_ext_unmark(struct swap_ext_memcg *se, swp_entry_t entry)
{
	/* swap_ext_settle() may have been here. */
	if (clear_slot(entry, SLOT_INFLIGHT))
		atomic_dec(&se->gov.nr_inflight);
	if (clear_slot(entry, SLOT_PREFETCHED))
		swap_ext_add(se, SWAP_EXT_STAT_PREFETCHED, -1);
}

static void settle_folio(swp_entry_t entry, struct folio *folio)
{
	struct swap_ext_memcg *se;

	guard(rcu)();
	se = folio_state(folio);
	if (se && clear_slot(entry, SLOT_INFLIGHT))
		atomic_dec(&se->gov.nr_inflight);
	if (se && clear_slot(entry, SLOT_PREFETCHED))
		swap_ext_inc(se, SWAP_EXT_STAT_UNUSED);
}

static void settle_slot(swp_entry_t entry)
{
	struct address_space *cache = swap_address_space(entry);
	struct folio *folio;

	for (;;) {
		folio = filemap_get_folio(cache, swap_cache_index(entry));
		if (!IS_ERR(folio)) {
			settle_folio(entry, folio);
			folio_put(folio);
		}
		if (!swap_ext_is_prefetched(entry) &&
		    !test_bit(slot_bit(entry, SLOT_INFLIGHT), slot_map(entry)))
			return;
		/*
		 * A reader between mark and swap cache, or a page that migrates
		 * and is nobody's for a moment: neither waits for us.
		 */
		schedule_timeout_uninterruptible(1);
	}
}

/**
 * swap_ext_settle - the last policy is leaving: nobody will count any more
 *
 * What plans brought in and nobody has touched so far counts as unused, and no
 * mark is left behind that a later policy would take for one of its own.
 */
void swap_ext_settle(void)
{
	unsigned int type;

	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct swap_info_struct *si = swp_swap_info(swp_entry(type, 1));
		unsigned long bit = 0, *map;

		if (!si || !READ_ONCE(si->max) ||
		    !get_swap_device(swp_entry(type, 1)))
			continue;
		map = devices[type].map;
		for_each_set_bit_from(bit, map, (unsigned long)si->max * NR_SLOT_BITS) {
			settle_slot(swp_entry(type, bit / NR_SLOT_BITS));
			cond_resched();
		}
		put_swap_device(si);
	}
}

/*
 * Shared memory comes back for swapoff the way it does for a fault; swapoff is
 * known by having offered itself to the OOM killer.
 */
static bool is_swapoff(const struct swap_ext_target *t)
{
	return t->mapping && oom_task_origin(current);
}

/* Only what a task asked for, and only the first pass of a fault. */
static __always_inline bool is_task_fault(const struct swap_ext_target *t)
{
	return !(current->flags & PF_KTHREAD) && !is_swapoff(t) &&
	       !(t->vmf && t->vmf->flags & FAULT_FLAG_TRIED);
}

/*
 * A fault under a VMA lock that finds the page locked comes again under the mmap
 * lock, and without FAULT_FLAG_TRIED unless it was a major one: remember it.
 */
static bool is_second_pass(const struct swap_ext_target *t, bool will_wait)
{
	unsigned long waited = current->swap_ext_wait;

	if (!t->vmf)
		return false;
	if (t->vmf->flags & FAULT_FLAG_VMA_LOCK) {
		current->swap_ext_wait = will_wait ? t->entry.val : 0;
		return false;
	}
	current->swap_ext_wait = 0;
	return waited == t->entry.val;
}

static struct mm_struct *target_mm(const struct swap_ext_target *t)
{
	return t->vma ? t->vma->vm_mm : current->mm;
}

/* The faulting memcg. Caller holds rcu_read_lock(). */
static struct mem_cgroup *target_memcg(const struct swap_ext_target *t)
{
	struct mm_struct *mm = target_mm(t);

	return mm ? mem_cgroup_from_task(rcu_dereference(mm->owner)) : NULL;
}

static __always_inline bool policies_run(void)
{
	return static_branch_unlikely(&swap_ext_policy_key);
}

/* A page fault each: what is called here is worth a few instructions more of code. */
static __always_inline void fill_fault(struct swap_ext_fault *f,
				       const struct swap_ext_target *t,
				       const struct swap_ext_domain *dom, u32 flags)
{
	struct mm_struct *mm = target_mm(t);
	struct task_struct *owner = mm ? rcu_dereference(mm->owner) : NULL;

	f->addr = t->addr;
	f->pgoff = t->pgoff;
	f->entry = t->entry.val;
	f->cgroup_id = dom->cgroup_id;
	f->vm_start = t->vma ? t->vma->vm_start : 0;
	f->vm_end = t->vma ? t->vma->vm_end : 0;
	f->flags = flags;
	if (frontswap_is_sync(devices[swp_type(t->entry)].si, t->entry))
		f->flags |= SWAP_EXT_F_SYNC_IO;
	if (t->mapping)
		f->flags |= SWAP_EXT_F_SHMEM;
	if (t->vmf && t->vmf->flags & FAULT_FLAG_WRITE)
		f->flags |= SWAP_EXT_F_WRITE;
	if (mm != current->mm)
		f->flags |= SWAP_EXT_F_REMOTE;
	f->max_pages = 0;
	f->page_cluster = READ_ONCE(page_cluster);
	f->tgid = owner ? owner->tgid : 0;
}

/* Does anybody want to be told of faults? */
static __always_inline bool is_fault_heard(const struct swap_ext_call *call)
{
	return call->ops->fault || trace_swap_ext_fault_enabled();
}

/* Caller holds rcu_read_lock(). */
static __always_inline void call_fault(struct swap_ext_call *call,
				       const struct swap_ext_target *t,
				       const struct swap_ext_fault *f,
				       struct mem_cgroup *memcg)
{
	trace_swap_ext_fault(f, memcg);
	if (!call->ops->fault)
		return;
	swap_ext_begin_call(call, SWAP_EXT_TIMED_FAULT);
	call->ops->fault(f, t->vma, memcg);
	swap_ext_end_call(call, memcg, SWAP_EXT_TIMED_FAULT);
}

/* As call_fault(). */
static s32 call_prefetch(struct swap_ext_call *call, struct swap_ext_plan *plan,
			 const struct swap_ext_fault *f, struct mem_cgroup *memcg)
{
	s32 ret;

	swap_ext_begin_call(call, SWAP_EXT_TIMED_PREFETCH);
	ret = call->ops->prefetch(f, plan, plan->target->vma, memcg);
	swap_ext_end_call(call, memcg, SWAP_EXT_TIMED_PREFETCH);
	swap_ext_check_accuracy(memcg, call);
	return ret;
}

/* How long the policy that governs the fault wants to poll; @ns if it does not say. */
static u64 call_wait(const struct swap_ext_target *t, u32 flags, u64 ns)
{
	struct swap_ext_fault f __uninitialized;
	struct swap_ext_memcg *se;
	struct swap_ext_call call;
	struct mem_cgroup *memcg;

	if (!policies_run())
		return ns;
	guard(rcu)();
	memcg = target_memcg(t);
	se = swap_ext_of(memcg);
	if (!swap_ext_prepare_call(&call, se) || !call.ops->wait)
		return ns;
	fill_fault(&f, t, call.dom, flags);
	swap_ext_begin_call(&call, SWAP_EXT_TIMED_WAIT);
	ns = call.ops->wait(&f, t->vma, memcg);
	swap_ext_end_call(&call, memcg, SWAP_EXT_TIMED_WAIT);
	if (ns > SWAP_EXT_WAIT_MAX_NS) {
		swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_RETURN);
		ns = SWAP_EXT_WAIT_MAX_NS;
	}
	return ns;
}

/* Wait a little for the read of @folio before the caller goes to sleep for it. */
static void poll_read(const struct swap_ext_target *t, struct folio *folio,
		      struct frontswap_ticket ticket, u32 flags)
{
	u64 ns = 0;

	if (!folio_test_locked(folio))
		return;
	/* Whoever does not want to wait for a page does not want to poll for it. */
	if (!t->vmf || !(t->vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		ns = call_wait(t, flags, frontswap_poll_ns(ticket));
	if (ns)
		frontswap_poll(folio, ticket, ns);
	else
		frontswap_arm(ticket);
}

/**
 * __swap_ext_hit - a task faulted on a page that is in the swap cache
 * @t: the fault
 * @folio: the page, referenced, not locked
 */
void __swap_ext_hit(struct swap_ext_target *t, struct folio *folio)
{
	bool late = !folio_test_uptodate(folio);
	struct swap_ext_call call __uninitialized;
	struct swap_ext_memcg *se, *owner;
	enum swap_ext_stat kind;
	struct frontswap_ticket ticket;
	struct mem_cgroup *memcg;
	bool first, wait = false;
	u32 flags;

	/* To swapoff no page is of use. */
	if ((!late && !policies_run()) || is_swapoff(t))
		return;
	/* Not up to date and nobody at it: its read failed. */
	if (late && (folio_test_locked(folio) ||
		     !frontswap_reread(folio, t->entry, &ticket)))
		ticket = frontswap_join(t->entry);
	rcu_read_lock();
	memcg = target_memcg(t);
	se = swap_ext_of(memcg);
	/* While a page migrates it is nobody's: then it keeps its mark. */
	owner = folio_test_large(folio) ? NULL : folio_state(folio);
	first = owner && clear_slot(t->entry, SLOT_PREFETCHED);
	kind = late ? SWAP_EXT_STAT_JOINED : SWAP_EXT_STAT_HITS;
	if (first) {
		/*
		 * Late belongs to the faults of one memcg and to the pages of
		 * one: a neighbour's page counts as used there, joined here.
		 */
		if (late && owner == se)
			kind = SWAP_EXT_STAT_LATE;
		else
			swap_ext_inc(owner, SWAP_EXT_STAT_USED);
	}
	if (!is_task_fault(t) ||
	    is_second_pass(t, late || folio_test_locked(folio)) ||
	    !swap_ext_prepare_call(&call, se)) {
		/* A fault that is not counted, but the page was of use. */
		if (kind == SWAP_EXT_STAT_LATE)
			swap_ext_inc(se, SWAP_EXT_STAT_USED);
		wait = late && is_task_fault(t);
		goto unlock;
	}
	wait = late;
	swap_ext_inc(se, SWAP_EXT_STAT_FAULTS);
	swap_ext_inc(se, kind);
	if (is_fault_heard(&call)) {
		struct swap_ext_fault f __uninitialized;

		flags = late ? SWAP_EXT_F_INFLIGHT : SWAP_EXT_F_HIT;
		if (first)
			flags |= SWAP_EXT_F_PREFETCHED;
		fill_fault(&f, t, call.dom, flags);
		call_fault(&call, t, &f, memcg);
	}
unlock:
	rcu_read_unlock();
	if (wait)
		poll_read(t, folio, ticket, SWAP_EXT_F_INFLIGHT);
	else if (late)
		frontswap_arm(ticket);
}

/*
 * Tell the policy about a miss, and @ask it what to prefetch. Returns enum
 * swap_ext_prefetch_ret; a plan comes with a reference to its memcg.
 */
static s32 call_policy(struct swap_ext_target *t, struct swap_ext_plan *plan, bool ask)
{
	struct swap_ext_fault f __uninitialized;
	struct swap_ext_call call;
	struct swap_ext_memcg *se;
	struct mem_cgroup *memcg;

	guard(rcu)();
	memcg = target_memcg(t);
	se = swap_ext_of(memcg);
	if (!swap_ext_prepare_call(&call, se))
		return SWAP_EXT_PF_DEFAULT;
	swap_ext_inc(se, SWAP_EXT_STAT_FAULTS);
	swap_ext_inc(se, SWAP_EXT_STAT_MAJOR);
	ask = ask && call.ops->prefetch && !READ_ONCE(se->gov.off);
	if (ask || is_fault_heard(&call)) {
		fill_fault(&f, t, call.dom, 0);
		call_fault(&call, t, &f, memcg);
	}
	/* Not asked: not counted either. */
	if (!ask)
		return SWAP_EXT_PF_DEFAULT;
	plan->target = t;
	plan->domain = call.dom;
	plan->memcg = memcg;
	plan->mm = target_mm(t);
	plan->nr = 0;
	plan->nr_named = 0;
	plan->max = swap_ext_budget(se, call.ops);
	f.max_pages = plan->max;
	switch (call_prefetch(&call, plan, &f, memcg)) {
	case SWAP_EXT_PF_PLAN:
		swap_ext_inc(se, SWAP_EXT_STAT_PLANS);
		return css_tryget(&memcg->css) ? SWAP_EXT_PF_PLAN : SWAP_EXT_PF_NONE;
	case SWAP_EXT_PF_NONE:
		swap_ext_inc(se, SWAP_EXT_STAT_NONES);
		return SWAP_EXT_PF_NONE;
	default:
		swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_RETURN);
		fallthrough;
	case SWAP_EXT_PF_DEFAULT:
		swap_ext_inc(se, SWAP_EXT_STAT_DEFAULTS);
		return SWAP_EXT_PF_DEFAULT;
	}
}

/* Does a policy govern the fault? Then: will it be asked what to prefetch? */
static bool is_governed(const struct swap_ext_target *t, bool *prefetchp)
{
	struct swap_ext_memcg *se;
	struct swap_ext_call call;

	if (!policies_run())
		return false;
	guard(rcu)();
	se = swap_ext_of(target_memcg(t));
	if (!swap_ext_prepare_call(&call, se))
		return false;
	*prefetchp = call.ops->prefetch && !READ_ONCE(se->gov.off);
	return true;
}

/* What the stock kernel would read, the demand page among it. */
static struct folio *stock_swapin(struct swap_ext_target *t)
{
	if (t->vmf)
		return swapin_readahead(t->entry, t->gfp, t->vmf);
	return swap_cluster_readahead(t->entry, t->gfp, t->mpol, t->ilx);
}

/*
 * A page that a backend has: its read is under way while it is charged, reclaim for
 * that included, and finds its place. Else as __read_swap_cache_async(). Returns
 * -EAGAIN if another one has the slot at the moment, or a backend no longer has it.
 */
static struct folio *submit_remote(struct swap_ext_target *t,
				   struct frontswap_ticket *ticket)
{
	bool early = READ_ONCE(frontswap_read_early);
	struct folio *folio;
	void *shadow = NULL;

	folio = folio_alloc_mpol(t->gfp, 0, t->mpol, t->ilx, numa_node_id());
	if (!folio)
		return NULL;
	if (swapcache_prepare(t->entry, 1)) {
		folio_put(folio);
		return ERR_PTR(-EAGAIN);
	}
	if (!frontswap_holder(t->entry)) {
		put_swap_folio(folio, t->entry);
		folio_put(folio);
		return ERR_PTR(-EAGAIN);
	}
	__folio_set_locked(folio);
	__folio_set_swapbacked(folio);
	folio->swap = t->entry;
	if (early)
		*ticket = frontswap_post_demand(folio);

	if (mem_cgroup_swapin_charge_folio(folio, NULL, t->gfp, t->entry))
		goto err_wait;
	if (add_to_swap_cache(folio, t->entry, t->gfp & GFP_RECLAIM_MASK, &shadow))
		goto err_wait;
	mem_cgroup_swapin_uncharge_swap(t->entry, 1);
	if (shadow)
		workingset_refault(folio, shadow);
	folio_add_lru(folio);
	if (!early)
		*ticket = frontswap_post_demand(folio);
	frontswap_release_demand(folio);
	return folio;

err_wait:
	/* The backend may still write into it. */
	if (early) {
		frontswap_release_demand(folio);
		frontswap_arm(*ticket);
		folio_lock(folio);
	}
	put_swap_folio(folio, t->entry);
	folio_unlock(folio);
	folio_put(folio);
	return NULL;
}

/*
 * @held: a backend has the page, or had it a moment ago. *@allocated is false if
 * somebody else read the page first; @ticket says where to wait for it if a backend
 * reads it.
 */
static struct folio *submit_demand(struct swap_ext_target *t, bool held, bool *allocated,
				   struct frontswap_ticket *ticket)
{
	struct folio *folio = ERR_PTR(-EAGAIN);

	ticket->id = 0;
	ticket->queue = FRONTSWAP_NO_QUEUE;
	if (held) {
		folio = submit_remote(t, ticket);
		*allocated = folio;
	}
	if (IS_ERR(folio)) {
		folio = __read_swap_cache_async(t->entry, t->gfp, t->mpol, t->ilx,
						allocated, false);
		if (*allocated)
			swap_read_folio(folio, NULL);
	}
	/* A caller's plug would hold the read back until we sleep. */
	if (current->plug)
		blk_flush_plug(current->plug, false);
	return folio;
}

/**
 * __swap_ext_swapin - read a page that is not in the swap cache
 * @t: the fault
 *
 * Return: the folio, referenced, its read submitted or done; NULL if there is
 * no memory or the slot was freed. As swapin_readahead().
 */
struct folio *__swap_ext_swapin(struct swap_ext_target *t)
{
	struct swap_ext_plan plan __uninitialized;
	bool held, governed, allocated, prefetch = false;
	struct frontswap_ticket ticket;
	struct mempolicy *mpol = NULL;
	struct folio *folio;

	if (!is_task_fault(t) || is_second_pass(t, false))
		return stock_swapin(t);
	governed = is_governed(t, &prefetch);
	held = frontswap_is_held(t->entry, 1);
	if (!prefetch && !held) {
		if (!governed)
			return stock_swapin(t);
		folio = stock_swapin(t);
		if (folio && swap_ext_is_prefetched(t->entry))
			__swap_ext_hit(t, folio);
		else if (folio)
			call_policy(t, &plan, false);
		return folio;
	}

	if (!t->mapping) {
		mpol = get_vma_policy(t->vma, t->addr, 0, &t->ilx);
		t->mpol = mpol;
	}
	folio = submit_demand(t, held, &allocated, &ticket);
	if (!folio)
		goto put_mpol;
	if (!allocated) {
		__swap_ext_hit(t, folio);
		goto put_mpol;
	}
	switch (governed ? call_policy(t, &plan, true) : SWAP_EXT_PF_DEFAULT) {
	case SWAP_EXT_PF_PLAN:
		swap_ext_plan_read(&plan);
		break;
	case SWAP_EXT_PF_DEFAULT: {
		struct folio *again = stock_swapin(t);

		if (again)
			folio_put(again);
		break;
	}
	}
	poll_read(t, folio, ticket, 0);
put_mpol:
	mpol_cond_put(mpol);
	return folio;
}

/* Every member by name: nothing is cleared first. */
static __always_inline void init_anon_target(struct swap_ext_target *t,
					     swp_entry_t entry, struct vm_fault *vmf)
{
	*t = (struct swap_ext_target) {
		.entry	 = entry,
		.gfp	 = GFP_HIGHUSER_MOVABLE,
		.vma	 = vmf->vma,
		.addr	 = vmf->address,
		.pgoff	 = vmf->pgoff,
		.vmf	 = vmf,
		.mapping = NULL,
		.mpol	 = NULL,
		.ilx	 = 0,
	};
}

/*
 * May the page of this slot, whose device is pinned, be in the swap cache? It gets the
 * flag before it is put there, and loses it after it was taken out. To search a place of
 * the cache that is empty takes 150 instructions, to find that out here takes ten.
 */
static __always_inline bool may_be_cached(swp_entry_t entry)
{
	const unsigned char *map = devices[swp_type(entry)].si->swap_map;

	return READ_ONCE(map[swp_offset(entry)]) & SWAP_HAS_CACHE;
}

/* Apart, to keep what a miss takes short. */
static noinline struct folio *look_up_cached(swp_entry_t entry, struct vm_fault *vmf)
{
	struct folio *folio = swap_cache_get_folio(entry, vmf->vma, vmf->address);
	struct swap_ext_target t __uninitialized;

	if (!folio)
		return NULL;
	/*
	 * Every demand page comes by again: most of them end here. It may have left
	 * meanwhile and come back with a plan.
	 */
	if (vmf->flags & FAULT_FLAG_TRIED) {
		current->swap_ext_wait = 0;
		if (!swap_ext_is_prefetched(entry))
			return folio;
	}
	init_anon_target(&t, entry, vmf);
	__swap_ext_hit(&t, folio);
	return folio;
}

/**
 * swap_ext_anon_lookup - swap_cache_get_folio() for a fault of a task
 * @entry: the slot
 * @vmf: the fault
 *
 * Return: the page, referenced, or NULL.
 */
struct folio *swap_ext_anon_lookup(swp_entry_t entry, struct vm_fault *vmf)
{
	return may_be_cached(entry) ? look_up_cached(entry, vmf) : NULL;
}

/**
 * swap_ext_anon_swapin - swapin_readahead() for a fault of a task
 * @entry: the slot
 * @vmf: the fault
 *
 * Return: as __swap_ext_swapin().
 */
struct folio *swap_ext_anon_swapin(swp_entry_t entry, struct vm_fault *vmf)
{
	struct swap_ext_target t __uninitialized;

	init_anon_target(&t, entry, vmf);
	return __swap_ext_swapin(&t);
}

/**
 * swap_ext_anon_read - swap_read_folio() past the swap cache, for a fault of a task
 * @folio: the page
 * @vmf: the fault
 *
 * Synchronous devices bypass the swap cache and all readahead in the stock
 * kernel, which therefore is what DEFAULT means here. Nothing overlaps: the
 * demand page has arrived when the policy is asked, and each page of a plan is
 * read before this returns.
 */
void swap_ext_anon_read(struct folio *folio, struct vm_fault *vmf)
{
	struct swap_ext_plan plan __uninitialized;
	struct swap_ext_target t __uninitialized;
	struct mempolicy *mpol;

	swap_read_folio(folio, NULL);
	if (!policies_run())
		return;
	/* The entry of the folio is aligned down to its size. */
	init_anon_target(&t, pte_to_swp_entry(vmf->orig_pte), vmf);
	if (!is_task_fault(&t))
		return;
	if (call_policy(&t, &plan, true) == SWAP_EXT_PF_PLAN) {
		mpol = get_vma_policy(t.vma, t.addr, 0, &t.ilx);
		t.mpol = mpol;
		swap_ext_plan_read(&plan);
		mpol_cond_put(mpol);
	}
}
