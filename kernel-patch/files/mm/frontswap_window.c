// SPDX-License-Identifier: GPL-2.0
/*
 * frontswap - copies of pages on their way to the device (write-behind)
 *
 * A store ends when the backend has the page. The device gets it from a copy, which
 * waits in a window of bounded size: that is as much as may be without a second place
 * at a time. All memory is allocated with the window, since a store is where there is
 * none. When the window is full, pages are written through.
 *
 * A copy whose page is of no use any more is cancelled, unless it is under way. Its
 * slot may then be somebody else's: whoever is about to write to the device waits for
 * it first, see frontswap_wait_copies(). There is one copy of a slot at most.
 *
 * A window belongs to a backend and is replaced as a whole. The old one is freed
 * when its copies have ended.
 */
#define pr_fmt(fmt) "frontswap: " fmt

#include <linux/bio.h>
#include <linux/bitfield.h>
#include <linux/blkdev.h>
#include <linux/hashtable.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/rcupdate.h>
#include <linux/swap.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "frontswap.h"

/*
 * struct frontswap_copy - a copy of a page
 * @node: in &frontswap_window.free or .queue, or in the list of who took it.
 * @hash: in &frontswap_window.queued while it is in .queue.
 * @window: whose it is.
 * @page: the bytes.
 * @entry: where they belong.
 * @generation: of the store.
 * @bdev: the device, which swapoff keeps until copies have ended.
 * @sector: on @bdev.
 */
struct frontswap_copy {
	struct list_head	node;
	struct hlist_node	hash;
	struct frontswap_window	*window;
	struct page		*page;
	swp_entry_t		entry;
	u64			generation;
	struct block_device	*bdev;
	sector_t		sector;
};

/**
 * struct frontswap_window - copies of a backend's pages
 * @b: the backend.
 * @work: writes what is in @queue.
 * @lock: the next five.
 * @free: nobody uses them.
 * @queue: to be written, the oldest first.
 * @queued: the same by slot.
 * @nr_free: in @free.
 * @nr_busy: the others, by device.
 * @nr: of @copy.
 * @copy: all of them.
 */
struct frontswap_window {
	struct frontswap_backend	*b;
	struct work_struct		work;
	spinlock_t			lock;	/* see above */
	struct list_head		free;
	struct list_head		queue;
	DECLARE_HASHTABLE(queued, 8);
	unsigned int			nr_free;
	unsigned int			nr_busy[MAX_SWAPFILES];
	unsigned int			nr;
	struct frontswap_copy		copy[] __counted_by(nr);
};

static struct workqueue_struct *window_wq;
/* Copies have ended. */
static DECLARE_WAIT_QUEUE_HEAD(window_wait);

static void put_copy(struct frontswap_copy *copy)
{
	struct frontswap_window *w = copy->window;
	unsigned long flags;

	spin_lock_irqsave(&w->lock, flags);
	list_add(&copy->node, &w->free);
	w->nr_free++;
	w->nr_busy[swp_type(copy->entry)]--;
	spin_unlock_irqrestore(&w->lock, flags);
	wake_up_all(&window_wait);
}

static void end_copy(struct bio *bio)
{
	struct frontswap_copy *copy = bio->bi_private;
	int err = blk_status_to_errno(bio->bi_status);

	if (err)
		pr_alert_ratelimited("slot %#lx cannot be written to the device: error %d\n",
				     copy->entry.val, err);
	frontswap_behind_end(copy->window->b, copy->entry, copy->generation, err);
	bio_put(bio);
	put_copy(copy);
}

/* The oldest copy that waits; from now on it is under way and cannot be cancelled. */
static struct frontswap_copy *next_copy(struct frontswap_window *w)
{
	struct frontswap_copy *copy;

	spin_lock_irq(&w->lock);
	copy = list_first_entry_or_null(&w->queue, struct frontswap_copy, node);
	if (copy) {
		list_del(&copy->node);
		hash_del(&copy->hash);
	}
	spin_unlock_irq(&w->lock);
	return copy;
}

static void write_copies(struct work_struct *work)
{
	struct frontswap_window *w = container_of(work, struct frontswap_window, work);
	struct frontswap_copy *copy;
	struct blk_plug plug;
	struct bio *bio;

	blk_start_plug(&plug);
	while ((copy = next_copy(w))) {
		bio = bio_alloc(copy->bdev, 1, REQ_OP_WRITE | REQ_SWAP, GFP_NOIO);
		bio->bi_iter.bi_sector = copy->sector;
		bio->bi_end_io = end_copy;
		bio->bi_private = copy;
		__bio_add_page(bio, copy->page, PAGE_SIZE, 0);
		submit_bio(bio);
	}
	blk_finish_plug(&plug);
}

static void free_window(struct frontswap_window *w)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++)
		if (w->copy[i].page)
			__free_page(w->copy[i].page);
	kvfree(w);
}

static struct frontswap_window *new_window(struct frontswap_backend *b, unsigned int nr)
{
	struct frontswap_window *w;
	unsigned int i;

	w = kvzalloc(struct_size(w, copy, nr), GFP_KERNEL);
	if (!w)
		return NULL;
	w->b = b;
	w->nr = nr;
	w->nr_free = nr;
	INIT_WORK(&w->work, write_copies);
	spin_lock_init(&w->lock);
	INIT_LIST_HEAD(&w->free);
	INIT_LIST_HEAD(&w->queue);
	hash_init(w->queued);
	for (i = 0; i < nr; i++) {
		w->copy[i].window = w;
		list_add_tail(&w->copy[i].node, &w->free);
		w->copy[i].page = alloc_page(GFP_KERNEL);
		if (!w->copy[i].page) {
			free_window(w);
			return NULL;
		}
	}
	return w;
}

/* Whoever returned the last copy may still hold the lock. */
static void sync_window(struct frontswap_window *w)
{
	spin_lock_irq(&w->lock);
	spin_unlock_irq(&w->lock);
}

/**
 * frontswap_flush_window - wait for all copies that go to a device
 * @b: the backend
 * @type: the device, no slot of which is in use: no copy comes in addition
 *
 * Context: frontswap_lock held, may sleep.
 */
void frontswap_flush_window(struct frontswap_backend *b, unsigned int type)
{
	struct frontswap_window *w;

	w = rcu_dereference_protected(b->window, lockdep_is_held(&frontswap_lock));
	if (!w)
		return;
	wait_event(window_wait, !READ_ONCE(w->nr_busy[type]));
	sync_window(w);
}

/**
 * frontswap_set_window - give a backend a window of another size
 * @b: the backend
 * @nr_pages: copies at a time; 0: none
 *
 * Context: frontswap_lock held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int frontswap_set_window(struct frontswap_backend *b, unsigned int nr_pages)
{
	struct frontswap_window *old, *w = NULL;

	if (nr_pages) {
		w = new_window(b, nr_pages);
		if (!w)
			return -ENOMEM;
	}
	old = rcu_replace_pointer(b->window, w, lockdep_is_held(&frontswap_lock));
	if (!old)
		return 0;
	synchronize_rcu();
	wait_event(window_wait, READ_ONCE(old->nr_free) == old->nr);
	sync_window(old);
	flush_work(&old->work);
	free_window(old);
	return 0;
}

/**
 * frontswap_set_durability - say what the device is to have of a backend's pages
 * @b: the backend
 * @durability: of what is stored from now on
 *
 * Context: frontswap_lock held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int frontswap_set_durability(struct frontswap_backend *b,
			     enum frontswap_durability durability)
{
	bool behind = durability == FRONTSWAP_WRITE_BEHIND;
	int err = 0;

	/* There is a window whenever somebody looks for one. */
	if (behind && !rcu_access_pointer(b->window))
		err = frontswap_set_window(b, b->window_pages);
	if (err)
		return err;
	WRITE_ONCE(b->durability, durability);
	return behind ? 0 : frontswap_set_window(b, 0);
}

static bool any_behind(swp_entry_t entry, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (frontswap_read_slot((swp_entry_t) { entry.val + i }) & SLOT_BEHIND)
			return true;
	return false;
}

/* @nr free copies for slots from @entry on; false: there are not so many. */
static bool take_copies(struct frontswap_window *w, swp_entry_t entry, unsigned int nr,
			struct list_head *copies)
{
	struct frontswap_copy *copy;
	unsigned long flags;
	unsigned int i;
	bool taken;

	spin_lock_irqsave(&w->lock, flags);
	taken = w->nr_free >= nr;
	for (i = 0; taken && i < nr; i++) {
		copy = list_first_entry(&w->free, struct frontswap_copy, node);
		list_move_tail(&copy->node, copies);
		copy->entry.val = entry.val + i;
		w->nr_busy[swp_type(entry)]++;
		w->nr_free--;
	}
	spin_unlock_irqrestore(&w->lock, flags);
	return taken;
}

/**
 * frontswap_copy_folio - copy a folio that is about to be stored
 * @b: who is asked to take it
 * @folio: the folio, whose slots are claimed
 * @copies: one for each of its pages, for frontswap_queue_copies() or
 *	frontswap_forget_copies()
 *
 * Context: RCU read lock held.
 * Return: 0; -EBUSY: the window is full, or an older copy of one of its slots is
 * still under way.
 */
int frontswap_copy_folio(struct frontswap_backend *b, struct folio *folio,
			 struct list_head *copies)
{
	struct frontswap_window *w = rcu_dereference(b->window);
	unsigned int i = 0, nr = folio_nr_pages(folio);
	sector_t sector = swap_folio_sector(folio);
	struct frontswap_copy *copy;

	if (any_behind(folio->swap, nr) || !w || !take_copies(w, folio->swap, nr, copies))
		return -EBUSY;
	list_for_each_entry(copy, copies, node) {
		copy->generation = FIELD_GET(SLOT_GENERATION,
					     frontswap_read_slot(copy->entry));
		copy->bdev = swp_swap_info(folio->swap)->bdev;
		copy->sector = sector + i * (PAGE_SIZE >> SECTOR_SHIFT);
		copy_highpage(copy->page, folio_page(folio, i));
		i++;
	}
	return 0;
}

/**
 * frontswap_forget_copies - copies are not needed: the folio was not taken
 * @copies: of frontswap_copy_folio(), or none
 */
void frontswap_forget_copies(struct list_head *copies)
{
	struct frontswap_copy *copy, *next;

	list_for_each_entry_safe(copy, next, copies, node)
		put_copy(copy);
}

/**
 * frontswap_queue_copies - have the device written: the folio was taken
 * @copies: of frontswap_copy_folio(), or none
 *
 * Context: RCU read lock held.
 */
void frontswap_queue_copies(struct list_head *copies)
{
	struct frontswap_window *w;
	struct frontswap_copy *copy;
	unsigned long flags;

	if (list_empty(copies))
		return;
	w = list_first_entry(copies, struct frontswap_copy, node)->window;
	spin_lock_irqsave(&w->lock, flags);
	list_for_each_entry(copy, copies, node) {
		frontswap_mark_behind(copy->entry);
		hash_add(w->queued, &copy->hash, copy->entry.val);
	}
	list_splice_tail(copies, &w->queue);
	spin_unlock_irqrestore(&w->lock, flags);
	queue_work(window_wq, &w->work);
}

/**
 * frontswap_cancel_copy - the page of a slot is of no use any more
 * @b: the backend
 * @entry: the slot, which has %SLOT_BEHIND
 *
 * If the copy is under way already, it stays so.
 *
 * Context: any.
 */
void frontswap_cancel_copy(struct frontswap_backend *b, swp_entry_t entry)
{
	struct frontswap_copy *copy, *found = NULL;
	struct frontswap_window *w;
	unsigned long flags;

	guard(rcu)();
	w = rcu_dereference(b->window);
	if (!w)
		return;
	spin_lock_irqsave(&w->lock, flags);
	hash_for_each_possible(w->queued, copy, hash, entry.val)
		if (copy->entry.val == entry.val)
			found = copy;
	if (found) {
		hash_del(&found->hash);
		list_del(&found->node);
	}
	spin_unlock_irqrestore(&w->lock, flags);
	if (found) {
		frontswap_behind_end(b, entry, found->generation, -ECANCELED);
		put_copy(found);
	}
}

/**
 * frontswap_wait_copies - wait until no copy is on its way to these slots
 * @entry: the first slot, pinned
 * @nr: how many
 *
 * Waits for nothing but the device.
 *
 * Context: may sleep; reclaim, too.
 */
void frontswap_wait_copies(swp_entry_t entry, unsigned int nr)
{
	wait_event(window_wait, !any_behind(entry, nr));
}

static int __init frontswap_window_init(void)
{
	window_wq = alloc_workqueue("frontswap", WQ_MEM_RECLAIM | WQ_UNBOUND | WQ_HIGHPRI, 0);
	return window_wq ? 0 : -ENOMEM;
}
subsys_initcall(frontswap_window_init);
