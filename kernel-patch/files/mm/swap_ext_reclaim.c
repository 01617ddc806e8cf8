// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - reclaim: which pages go and which stay
 *
 * Called from shrink_folio_list() for each page of anonymous or shared memory, for
 * the classic LRU and for MGLRU. The page is locked and off its list; any task may be
 * here, in the middle of an allocation, so nothing here sleeps or allocates more than
 * a page that it can do without.
 */
#include <linux/list.h>
#include <linux/math.h>
#include <linux/memcontrol.h>
#include <linux/mm_inline.h>
#include <linux/swap.h>
#include <linux/xarray.h>
#include "internal.h"
#include "swap_ext.h"

#define DEFAULT_MAX_KEEPS	32

/*
 * How often each page has been kept since it last was to go: a byte each, in pieces of
 * a page that are made when first one of theirs is kept. Nobody resets the byte of a
 * page that is freed: the next owner then is overruled earlier, never later.
 */
#define KEEPS_SHIFT	PAGE_SHIFT
static DEFINE_XARRAY_FLAGS(keeps, XA_FLAGS_LOCK_IRQ);

static u8 *find_keeps(unsigned long pfn)
{
	u8 *piece = xa_load(&keeps, pfn >> KEEPS_SHIFT);

	return piece ? piece + (pfn & ((1UL << KEEPS_SHIFT) - 1)) : NULL;
}

/* As find_keeps(). NULL: there is no memory to count in. */
static u8 *make_keeps(unsigned long pfn)
{
	u8 *nr = find_keeps(pfn);

	if (!nr && swap_ext_make_piece(&keeps, pfn >> KEEPS_SHIFT, 1UL << KEEPS_SHIFT))
		nr = find_keeps(pfn);
	return nr;
}

static void forget_keeps(struct folio *folio)
{
	u8 *nr;

	if (xa_empty(&keeps))
		return;
	nr = find_keeps(folio_pfn(folio));
	if (nr && READ_ONCE(*nr))
		WRITE_ONCE(*nr, 0);
}

/* Count one more; false: it was kept often enough, or nobody knows. */
static bool count_keep(struct folio *folio, const struct swap_ext_ops *ops)
{
	u8 *nr = make_keeps(folio_pfn(folio));

	/* The page is locked: nobody else counts. */
	if (!nr || READ_ONCE(*nr) >= (ops->max_keeps ?: DEFAULT_MAX_KEEPS))
		return false;
	WRITE_ONCE(*nr, *nr + 1);
	return true;
}

#ifdef CONFIG_LRU_GEN
static unsigned long nr_in_gens(struct lruvec *lruvec, enum lru_list lru)
{
	unsigned long nr = 0;
	int gen, zid;

	for (gen = 0; gen < MAX_NR_GENS; gen++) {
		if (lru_gen_is_active(lruvec, gen) != is_active_lru(lru))
			continue;
		for (zid = 0; zid < MAX_NR_ZONES; zid++)
			nr += max(READ_ONCE(lruvec->lrugen.nr_pages[gen][is_file_lru(lru)][zid]),
				  0L);
	}
	return nr;
}
#else
static unsigned long nr_in_gens(struct lruvec *lruvec, enum lru_list lru)
{
	return 0;
}
#endif

/**
 * swap_ext_nr_on_list - how many pages a memcg has on one list
 * @lruvec: of the memcg, on one node
 * @lru: the list; on MGLRU, which does not keep these counts, the generations that stand
 *	for it: the two youngest are the active list
 */
unsigned long swap_ext_nr_on_list(struct lruvec *lruvec, enum lru_list lru)
{
	unsigned long nr = 0;
	int zid;

	if (lru_gen_enabled())
		return nr_in_gens(lruvec, lru);
	for (zid = 0; zid < MAX_NR_ZONES; zid++)
		nr += mem_cgroup_get_zone_lru_size(lruvec, lru, zid);
	return nr;
}

/*
 * Is the inactive list shorter than the stock kernel would have it? inactive_is_low()
 * goes by numbers that are up to two seconds old. A policy that activates can empty the
 * list in that time, and on an empty one the stock kernel finds nothing to reclaim.
 */
static bool inactive_is_short(struct folio *folio)
{
	struct lruvec *lruvec = folio_lruvec(folio);
	unsigned long inactive = swap_ext_nr_on_list(lruvec, LRU_INACTIVE_ANON);
	unsigned long active = swap_ext_nr_on_list(lruvec, LRU_ACTIVE_ANON);
	unsigned long gb = (inactive + active) >> (30 - PAGE_SHIFT);

	return inactive * (gb ? int_sqrt(10 * gb) : 1) < active;
}

/* Where a page goes that stays. MGLRU has generations for that, any number of pages each. */
static enum swap_ext_verdict place_kept(struct folio *folio, enum swap_ext_verdict verdict)
{
	if (verdict == SWAP_EXT_V_ACTIVATE && !lru_gen_enabled() && inactive_is_short(folio))
		return SWAP_EXT_V_KEEP;
	return verdict;
}

/**
 * swap_ext_forget_keeps - the last policy that says which pages stay is gone
 *
 * Context: may sleep; no call of reclaim() is under way.
 */
void swap_ext_forget_keeps(void)
{
	swap_ext_free_pieces(&keeps);
}

/*
 * Does a reclaim near its end have nothing to show? The pages that a policy let go may
 * be pinned. The priority alone says nothing: one for a small memcg, or one whose pages
 * take their time to be written, gets to the last while all is well.
 */
static bool is_stuck(const struct swap_ext_round *round)
{
	return round->priority <= SWAP_EXT_KEEP_PRIORITY && !round->progress->nr_gone;
}

/* How many may be kept: half of what is left when the first one is. */
static void begin_keeps(struct swap_ext_round *round, struct folio *folio)
{
	const struct list_head *pos;
	u32 nr_pages = folio_nr_pages(folio);

	list_for_each(pos, round->rest)
		nr_pages += folio_nr_pages(list_entry(pos, struct folio, lru));
	round->nr_left = nr_pages / 2;
	round->keeps = true;
}

/* May a page be kept that the stock kernel would reclaim? */
static bool may_keep(struct swap_ext_memcg *se, const struct swap_ext_call *call,
		     struct folio *folio, struct swap_ext_round *round)
{
	u32 nr_pages = folio_nr_pages(folio);

	if (!round->keeps)
		begin_keeps(round, folio);
	if (is_stuck(round) || READ_ONCE(se->gov.no_keeps) ||
	    round->nr_left < nr_pages || !count_keep(folio, call->ops))
		return false;
	round->nr_left -= nr_pages;
	return true;
}

/* What becomes of the page, of which the policy said @verdict. */
static enum swap_ext_verdict apply_verdict(struct mem_cgroup *memcg,
					   const struct swap_ext_call *call,
					   struct folio *folio, s32 verdict,
					   bool referenced, struct swap_ext_round *round)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	u32 nr_pages = folio_nr_pages(folio);

	swap_ext_add(se, SWAP_EXT_STAT_JUDGED, nr_pages);
	switch (verdict) {
	case SWAP_EXT_V_KEEP:
	case SWAP_EXT_V_ACTIVATE:
		if (referenced)
			return place_kept(folio, verdict);
		swap_ext_check_progress(memcg, call, nr_pages);
		if (may_keep(se, call, folio, round)) {
			swap_ext_add(se, SWAP_EXT_STAT_KEPT, nr_pages);
			return place_kept(folio, verdict);
		}
		swap_ext_add(se, SWAP_EXT_STAT_OVERRULED, nr_pages);
		forget_keeps(folio);
		return SWAP_EXT_V_RECLAIM;
	case SWAP_EXT_V_RECLAIM:
		if (referenced)
			swap_ext_add(se, SWAP_EXT_STAT_SENT, nr_pages);
		break;
	case SWAP_EXT_V_DEFAULT:
		break;
	case SWAP_EXT_V_DEFAULT_ROUND:
		round->is_stock = true;
		verdict = SWAP_EXT_V_DEFAULT;
		break;
	default:
		swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_RETURN);
		verdict = SWAP_EXT_V_DEFAULT;
		break;
	}
	if (se->gov.nr_kept)
		se->gov.nr_kept = 0;
	forget_keeps(folio);
	return verdict;
}

static u32 reclaim_flags(struct folio *folio, bool referenced,
			 const struct swap_ext_round *round)
{
	u32 flags = swap_ext_round_flags(round);

	if (referenced)
		flags |= SWAP_EXT_R_REFERENCED;
	if (folio_test_dirty(folio) || !folio_test_swapcache(folio))
		flags |= SWAP_EXT_R_DIRTY;
	if (!folio_test_anon(folio))
		flags |= SWAP_EXT_R_SHMEM;
	if (folio_mapped(folio))
		flags |= SWAP_EXT_R_MAPPED;
	return flags;
}

/**
 * swap_ext_reclaim - ask the policy what becomes of a page
 * @folio: the page, swap_ext_asks(), locked and isolated; its memcg does not change
 * @referenced: the stock kernel would keep it
 * @round: the pages it is one of
 *
 * Return: what becomes of it; %SWAP_EXT_V_DEFAULT if no policy has a say.
 */
enum swap_ext_verdict swap_ext_reclaim(struct folio *folio, bool referenced,
				       struct swap_ext_round *round)
{
	enum swap_ext_verdict ret = SWAP_EXT_V_DEFAULT;
	struct swap_ext_reclaim r __uninitialized;
	struct mem_cgroup *memcg;
	struct swap_ext_call call __uninitialized;
	s32 verdict;

	rcu_read_lock();
	memcg = folio_memcg(folio);
	if (!swap_ext_prepare_call(&call, swap_ext_of(memcg)) || !call.ops->reclaim) {
		round->is_stock = true;
		goto unlock;
	}
	r = (struct swap_ext_reclaim) {
		.cgroup_id = call.dom->cgroup_id,
		.page	   = folio_pfn(folio),
		.pgoff	   = folio->index,
		.entry	   = folio_test_swapcache(folio) ? folio->swap.val : 0,
		.nr_pages  = folio_nr_pages(folio),
		.priority  = round->priority,
		.flags	   = reclaim_flags(folio, referenced, round),
		.pad	   = 0,
	};
	swap_ext_begin_call(&call, SWAP_EXT_TIMED_RECLAIM);
	verdict = call.ops->reclaim(folio, &r, memcg);
	swap_ext_end_call(&call, memcg, SWAP_EXT_TIMED_RECLAIM);
	ret = apply_verdict(memcg, &call, folio, verdict, referenced, round);
unlock:
	rcu_read_unlock();
	return ret;
}
