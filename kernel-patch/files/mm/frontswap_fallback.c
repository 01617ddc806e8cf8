// SPDX-License-Identifier: GPL-2.0
/*
 * frontswap - the device answers for a backend that cannot
 *
 * A read that failed at a backend may end in any context, and to read a device one has
 * to sleep: a work does. There is no bound on how many fail at once, as when a machine
 * is lost, and no memory to count on. So the folios are chained by themselves, through
 * ->index: they are locked, not up to date and mapped nowhere, and a folio has an
 * index when it is mapped.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/init.h>
#include <linux/llist.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/workqueue.h>
#include "frontswap.h"

static LLIST_HEAD(fallback_list);
static struct workqueue_struct *fallback_wq;

static void end_fallback(struct bio *bio)
{
	frontswap_fallback_end(bio_first_folio_all(bio), blk_status_to_errno(bio->bi_status));
	bio_put(bio);
}

static void read_device(struct folio *folio)
{
	struct bio *bio;

	/* What the device has is not complete before. */
	frontswap_wait_copies(folio->swap, 1);
	if (!(frontswap_read_slot(folio->swap) & SLOT_SAFE)) {
		frontswap_fallback_end(folio, -EIO);
		return;
	}
	bio = bio_alloc(swp_swap_info(folio->swap)->bdev, 1, REQ_OP_READ, GFP_NOIO);
	bio->bi_iter.bi_sector = swap_folio_sector(folio);
	bio->bi_end_io = end_fallback;
	bio_add_folio_nofail(bio, folio, folio_size(folio), 0);
	submit_bio(bio);
}

static void read_devices(struct work_struct *work)
{
	struct llist_node *node = llist_del_all(&fallback_list), *next;

	for (; node; node = next) {
		next = node->next;
		read_device((void *)node - offsetof(struct folio, index));
	}
}

static DECLARE_WORK(fallback_work, read_devices);

/**
 * frontswap_fall_back - read a page from the device after all
 * @folio: locked, not up to date, of order 0; frontswap_fallback_end() follows
 *
 * Context: any.
 */
void frontswap_fall_back(struct folio *folio)
{
	BUILD_BUG_ON(sizeof(folio->index) != sizeof(struct llist_node));
	llist_add((struct llist_node *)&folio->index, &fallback_list);
	queue_work(fallback_wq, &fallback_work);
}

static int __init frontswap_fallback_init(void)
{
	fallback_wq = alloc_workqueue("frontswap_fallback",
				      WQ_MEM_RECLAIM | WQ_UNBOUND | WQ_HIGHPRI, 0);
	return fallback_wq ? 0 : -ENOMEM;
}
subsys_initcall(frontswap_fallback_init);
