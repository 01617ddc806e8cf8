/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swap_ext: where the memory manager asks a BPF swap policy.
 *
 * Every hook is a static-key no-op until a policy is attached somewhere, and
 * nothing at all without CONFIG_SWAP_EXT. See Documentation/mm/swap_ext.rst.
 */
#ifndef _LINUX_SWAP_EXT_H
#define _LINUX_SWAP_EXT_H

#include <linux/frontswap.h>
#include <linux/jump_label.h>
#include <linux/pagemap.h>
#include <linux/zswap.h>
#include <uapi/linux/swap_ext.h>

struct address_space;
struct mempolicy;
struct swap_info_struct;
struct vm_fault;

/**
 * struct swap_ext_target - a page a task faults on
 * @entry: its swap slot.
 * @gfp: allocation flags of the demand page.
 * @vma: the mapping, NULL for shmem by read(2).
 * @addr: page aligned address in @vma, 0 without one.
 * @pgoff: file offset (shmem) or linear index, in pages.
 * @vmf: the fault, NULL for shmem.
 * @mapping: the shmem file, NULL for anonymous memory.
 * @mpol: NUMA policy of the page (shmem; anonymous memory asks the VMA).
 * @ilx: interleave index that goes with @mpol.
 */
struct swap_ext_target {
	swp_entry_t		entry;
	gfp_t			gfp;
	struct vm_area_struct	*vma;
	unsigned long		addr;
	pgoff_t			pgoff;
	struct vm_fault		*vmf;
	struct address_space	*mapping;
	struct mempolicy	*mpol;
	pgoff_t			ilx;
};

/**
 * struct swap_ext_progress - what a reclaim has achieved since it began
 * @nr_gone: pages it has freed or begun to write out.
 * @nr_written: victims that a policy named which are being written, or were.
 * @nr_waits: how often it has slept for them.
 * @sufficed: a policy has named as many as are wanted of the memcg it looks at, or all
 *	that it wants to go.
 *
 * Nothing is left of it without CONFIG_SWAP_EXT.
 */
struct swap_ext_progress {
#ifdef CONFIG_SWAP_EXT
	unsigned long	nr_gone;
	unsigned long	nr_written;
	u32		nr_waits;
	bool		sufficed;
#endif
};

/**
 * struct swap_ext_round - pages that are looked at for reclaim one after the other
 * @rest: those that are still to come.
 * @progress: of the reclaim so far.
 * @priority: of the reclaim, 12 (it has just begun) to 0.
 * @proactive: somebody asked for it; there is no pressure.
 * @global: not for the limit of a memcg.
 * @may_enter_fs: what is in files of shared memory may be written.
 * @max_zone: pages of higher ones do not help.
 * @is_target: for the limit of the memcg looked at, not of one above it.
 * @nr_reclaimed: pages that the reclaim has freed.
 * @nr_wanted: victims of a policy, still.
 * @nr_tries: how often a plan may get nowhere, still.
 * @nr_left: of the pages that a policy may keep, how many more; set when it keeps the
 *	first.
 * @keeps: it has.
 * @is_stock: nobody is asked about the rest. All of them are of one memcg.
 */
struct swap_ext_round {
	const struct list_head	*rest;
	struct swap_ext_progress *progress;
	s8			priority;
	bool			proactive;
	bool			global;
	bool			may_enter_fs;
	s8			max_zone;
	bool			is_target;
	unsigned long		nr_reclaimed;
	unsigned long		nr_wanted;
	u32			nr_tries;
	bool			keeps;
	bool			is_stock;
	u32			nr_left;
};

/* Called in place of stock functions while swap_ext_active(). */
struct folio *swap_ext_anon_lookup(swp_entry_t entry, struct vm_fault *vmf);
struct folio *swap_ext_anon_swapin(swp_entry_t entry, struct vm_fault *vmf);
void swap_ext_anon_read(struct folio *folio, struct vm_fault *vmf);
struct folio *__swap_ext_swapin(struct swap_ext_target *t);
void __swap_ext_hit(struct swap_ext_target *t, struct folio *folio);

/* Called while swap_ext_judges(). */
enum swap_ext_verdict swap_ext_reclaim(struct folio *folio, bool referenced,
				       struct swap_ext_round *round);
bool swap_ext_begin_victims(struct lruvec *lruvec, struct swap_ext_round *round,
			    unsigned long nr_to_reclaim, int swappiness);
int swap_ext_take_victims(struct lruvec *lruvec, struct swap_ext_round *round,
			  struct list_head *list);
bool swap_ext_take_written(struct list_head *list, struct list_head *written);
void swap_ext_end_victims(struct swap_ext_round *round, struct list_head *list,
			  unsigned long nr_reclaimed);

/* Below their inline wrappers. */
void __swap_ext_unlock_read(struct folio *folio);
void __swap_ext_uncache(struct folio *folio, swp_entry_t entry);
void __swap_ext_added(struct folio *folio);
void __swap_ext_evicted(struct folio *folio, swp_entry_t entry);
void __swap_ext_released(struct folio *folio);
void __swap_ext_moved(struct folio *old, struct folio *new);
void __swap_ext_split(struct folio *folio, unsigned int nr_pages);
bool __swap_ext_may_compress(struct folio *folio);
void __swap_ext_swapped_out(struct folio *folio, u64 where);
void __swap_ext_slots_freed(swp_entry_t entry, unsigned int nr);

/* While a trace event is on. */
int swap_ext_get_pages(void);
void swap_ext_put_pages(void);

#ifdef CONFIG_SWAP_EXT

/* On while any policy runs or any backend is registered. */
DECLARE_STATIC_KEY_FALSE(swap_ext_key);

/* On while a policy runs that has one of the ops evict and reclaim. */
DECLARE_STATIC_KEY_FALSE(swap_ext_reclaim_key);

/* On while a policy runs, or a trace event is on, that wants to know of pages. */
DECLARE_STATIC_KEY_FALSE(swap_ext_page_key);

static __always_inline bool swap_ext_active(void)
{
	return static_branch_unlikely(&swap_ext_key);
}

/* Is there a policy that says which pages go and which stay? */
static __always_inline bool swap_ext_judges(void)
{
	return static_branch_unlikely(&swap_ext_reclaim_key);
}

/*
 * A page that was told to go comes by a second time when it has been written, and one
 * that was read ahead when nobody wanted it: what is only in the swap cache is nobody's.
 */
static __always_inline bool swap_ext_in_use(struct folio *folio)
{
	return folio_mapped(folio) || (folio->mapping && !folio_test_anon(folio));
}

/*
 * Is @folio, of @round, one that another one goes for? While a policy names as many victims
 * as are wanted, reclaim goes on to look at the lists for those of them that have been
 * written by now, and takes none that is in use.
 */
static __always_inline bool swap_ext_spares(struct folio *folio,
					    const struct swap_ext_round *round)
{
	return swap_ext_judges() && round->progress->sufficed &&
	       folio_test_swapbacked(folio) && swap_ext_in_use(folio);
}

/* May a policy have a say about @folio, of @round? */
static __always_inline bool swap_ext_asks(struct folio *folio,
					  const struct swap_ext_round *round)
{
	return swap_ext_judges() && !round->is_stock && folio_test_swapbacked(folio) &&
	       swap_ext_in_use(folio);
}

/* Does anybody want to know of pages that come and go? */
static __always_inline bool swap_ext_watches(void)
{
	return static_branch_unlikely(&swap_ext_page_key);
}

/*
 * How many pages of a list to look at, in place of @nr: while victims suffice just those
 * of them that have been written, which are at its end.
 */
static __always_inline unsigned long swap_ext_cap_scan(const struct swap_ext_progress *p,
						       unsigned long nr)
{
	return swap_ext_judges() && p->sufficed ?
	       min(nr, max(SWAP_CLUSTER_MAX, p->nr_written)) : nr;
}

/* As swap_ext_cap_scan(), of all lists: @nr by enum lru_list. */
static __always_inline void swap_ext_cap_scans(const struct swap_ext_progress *p,
					       unsigned long *nr)
{
	nr[LRU_INACTIVE_ANON] = swap_ext_cap_scan(p, nr[LRU_INACTIVE_ANON]);
	nr[LRU_ACTIVE_ANON] = swap_ext_cap_scan(p, nr[LRU_ACTIVE_ANON]);
}

/* All pages of @round were looked at; @nr_gone were freed or are being written out. */
static __always_inline void swap_ext_end_round(struct swap_ext_round *round,
					       unsigned long nr_gone)
{
	round->progress->nr_gone += nr_gone;
}

/* @folio has been written, to @where: bits of enum swap_ext_backends. Any context. */
static __always_inline void swap_ext_swapped_out(struct folio *folio, u64 where)
{
	if (swap_ext_watches())
		__swap_ext_swapped_out(folio, where);
}

/* May zswap take @folio, locked and in the swap cache, and does it? */
static __always_inline bool swap_ext_zswap_store(struct folio *folio)
{
	if (swap_ext_watches() && !__swap_ext_may_compress(folio))
		return false;
	if (!zswap_store(folio))
		return false;
	swap_ext_swapped_out(folio, SWAP_EXT_B_ZSWAP);
	return true;
}

int swap_ext_memcg_online(struct mem_cgroup *memcg);
void swap_ext_memcg_offline(struct mem_cgroup *memcg);
void swap_ext_memcg_free(struct mem_cgroup *memcg);

int swap_ext_swapon(struct swap_info_struct *si, unsigned long nr_pages);
void swap_ext_swapoff(struct swap_info_struct *si);

#else /* !CONFIG_SWAP_EXT: of the rest nothing is left by itself. */

static inline bool swap_ext_active(void) { return false; }
static inline bool swap_ext_judges(void) { return false; }
static inline bool swap_ext_watches(void) { return false; }
static inline bool swap_ext_spares(struct folio *folio,
				   const struct swap_ext_round *round) { return false; }
static inline bool swap_ext_asks(struct folio *folio,
				 const struct swap_ext_round *round) { return false; }

static inline unsigned long swap_ext_cap_scan(const struct swap_ext_progress *p,
					      unsigned long nr) { return nr; }
static inline void swap_ext_cap_scans(const struct swap_ext_progress *p, unsigned long *nr) {}
static inline void swap_ext_end_round(struct swap_ext_round *round, unsigned long nr_gone) {}
static inline void swap_ext_swapped_out(struct folio *folio, u64 where) {}
static inline bool swap_ext_zswap_store(struct folio *folio) { return zswap_store(folio); }

static inline int swap_ext_memcg_online(struct mem_cgroup *memcg) { return 0; }
static inline void swap_ext_memcg_offline(struct mem_cgroup *memcg) {}
static inline void swap_ext_memcg_free(struct mem_cgroup *memcg) {}

static inline int swap_ext_swapon(struct swap_info_struct *si,
				  unsigned long nr_pages) { return 0; }
static inline void swap_ext_swapoff(struct swap_info_struct *si) {}

#endif /* CONFIG_SWAP_EXT */

/* A swap read ended, well or not: unlock @folio. Any context. */
static __always_inline void swap_ext_unlock_read(struct folio *folio)
{
	if (swap_ext_active())
		__swap_ext_unlock_read(folio);
	else
		folio_unlock(folio);
}

/* @folio leaves the swap cache. The cache's xarray lock is held. */
static __always_inline void swap_ext_uncache(struct folio *folio,
					     swp_entry_t entry)
{
	if (swap_ext_active())
		__swap_ext_uncache(folio, entry);
}

/* @folio is about to be put on the LRU, maybe back there. */
static __always_inline void swap_ext_added(struct folio *folio)
{
	if (swap_ext_watches() && folio_test_swapbacked(folio))
		__swap_ext_added(folio);
}

/* @folio, charged, is freed. Any context. */
static __always_inline void swap_ext_released(struct folio *folio)
{
	if (swap_ext_watches())
		__swap_ext_released(folio);
}

/*
 * The device has been written; @folio is under writeback. Is a backend still busy with
 * it, which is going to end that?
 */
static __always_inline bool swap_ext_device_end(struct folio *folio, blk_status_t status)
{
	if (frontswap_active())
		return __frontswap_device_end(folio, status);
	if (!status)
		swap_ext_swapped_out(folio, SWAP_EXT_B_DEVICE);
	return false;
}

/* @new takes the place of @old. */
static __always_inline void swap_ext_moved(struct folio *old, struct folio *new)
{
	if (swap_ext_watches())
		__swap_ext_moved(old, new);
}

/* @folio, of @nr_pages before, is split. */
static __always_inline void swap_ext_split(struct folio *folio, unsigned int nr_pages)
{
	if (swap_ext_watches())
		__swap_ext_split(folio, nr_pages);
}

/* Nothing uses these slots any more; they are not free yet. */
static __always_inline void swap_ext_slots_freed(swp_entry_t entry, unsigned int nr)
{
	frontswap_invalidate(entry, nr);
	if (swap_ext_watches())
		__swap_ext_slots_freed(entry, nr);
}

#endif /* _LINUX_SWAP_EXT_H */
