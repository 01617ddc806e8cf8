// SPDX-License-Identifier: GPL-2.0
/*
 * frontswap - bring home what a backend holds
 *
 * Page by page through the swap cache, as zswap writes back: what nobody has mapped
 * goes straight on to its slot on the device, or to another backend; what somebody
 * has is dirty from now on and goes when it is reclaimed.
 */
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/mempolicy.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/writeback.h>
#include "frontswap.h"
#include "swap.h"

/* Is @folio, which is locked, still the page of that slot? It may be a large one. */
static bool is_of_slot(struct folio *folio, swp_entry_t entry)
{
	return folio_test_swapcache(folio) && swp_type(folio->swap) == swp_type(entry) &&
	       swp_offset(entry) - swp_offset(folio->swap) < folio_nr_pages(folio);
}

static void write_folio(struct folio *folio)
{
	struct writeback_control wbc = { .sync_mode = WB_SYNC_NONE };

	folio_clear_dirty_for_io(folio);
	/* To where reclaim finds it first once it is written. */
	folio_set_reclaim(folio);
	/* Unlocks it. */
	__swap_writepage(folio, &wbc);
}

/*
 * Returns 0 if the slot has been dealt with, by us or by its owner; -EAGAIN if the
 * page is on the move; -EIO if the backend cannot read it.
 */
static int drain_slot(struct frontswap_backend *b, swp_entry_t entry)
{
	struct folio *folio;
	bool allocated;
	int err = -EAGAIN;

	folio = __read_swap_cache_async(entry, GFP_KERNEL, get_task_policy(current),
					NO_INTERLEAVE_INDEX, &allocated, false);
	if (!folio)
		return frontswap_holder(entry) == b ? -ENOMEM : 0;
	if (allocated && frontswap_read_slot(entry) & SLOT_SAFE) {
		/* The device has it: nobody needs to read anything. */
		__frontswap_invalidate(entry, 1);
		delete_from_swap_cache(folio);
		err = 0;
		goto unlock;
	}
	if (allocated)
		swap_read_folio(folio, NULL);
	folio_lock(folio);
	/* An earlier read has failed: this may be another time. */
	if (!allocated && is_of_slot(folio, entry) && !folio_test_uptodate(folio)) {
		swap_read_folio(folio, NULL);
		folio_lock(folio);
	}
	folio_wait_writeback(folio);
	if (!is_of_slot(folio, entry))
		goto unlock;
	err = 0;
	if (frontswap_holder(entry) != b)
		goto unlock;
	err = -EIO;
	if (!folio_test_uptodate(folio))
		goto unlock;
	err = 0;
	__frontswap_invalidate(folio->swap, folio_nr_pages(folio));
	/* There is no other copy of it now. */
	folio_mark_dirty(folio);
	if (folio_mapped(folio))
		goto unlock;
	write_folio(folio);
	folio_put(folio);
	return 0;

unlock:
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static bool is_wanted(swp_entry_t entry, bool (*wanted)(swp_entry_t entry, void *data),
		      void *data)
{
	guard(rcu)();
	return !wanted || wanted(entry, data);
}

static int drain_device(struct frontswap_backend *b, unsigned int type,
			bool (*wanted)(swp_entry_t entry, void *data), void *data)
{
	swp_entry_t entry = swp_entry(type, 1);
	int err, ret = 0;

	while ((entry = frontswap_next(b, entry)).val) {
		err = is_wanted(entry, wanted, data) ? drain_slot(b, entry) : 0;
		if (err != -EAGAIN) {
			/* What cannot be read does not keep the rest from coming home. */
			ret = err ?: ret;
			entry.val++;
		}
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return ret;
}

/**
 * frontswap_bring_home - bring home some of what a backend holds
 * @b: the backend; it refuses whatever of it is offered again and is not welcome
 * @wanted: is the page of this slot one of them? Called under rcu_read_lock(), while
 *	the slot may be freed; NULL: all are.
 * @data: for @wanted
 *
 * Context: may sleep, for as long as it takes.
 * Return: 0; -EINTR; -EIO: some pages cannot be read, and stay where they are;
 * -ENOMEM.
 */
int frontswap_bring_home(struct frontswap_backend *b,
			 bool (*wanted)(swp_entry_t entry, void *data), void *data)
{
	unsigned int type;
	int err, ret = 0;

	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct swap_info_struct *si = swp_swap_info(swp_entry(type, 1));

		if (!si || !READ_ONCE(si->max) || !get_swap_device(swp_entry(type, 1)))
			continue;
		err = drain_device(b, type, wanted, data);
		put_swap_device(si);
		if (err == -EINTR)
			return err;
		ret = ret ?: err;
	}
	return ret;
}
EXPORT_SYMBOL_GPL(frontswap_bring_home);

/**
 * frontswap_drain - bring home all that a backend holds
 * @b: the backend; accepts nothing from now on
 *
 * Context: may sleep, for as long as it takes.
 * Return: as frontswap_bring_home()
 */
int frontswap_drain(struct frontswap_backend *b)
{
	WRITE_ONCE(b->accept, false);
	synchronize_rcu();
	return frontswap_bring_home(b, NULL, NULL);
}
