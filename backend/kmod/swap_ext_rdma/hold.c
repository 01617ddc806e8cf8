// SPDX-License-Identifier: GPL-2.0
/*
 * Reads that cannot be posted now
 *
 * A store can be refused, a read cannot: if it ends with an error, a process dies.
 * So a read that finds its queue full, or was on a path that went down and may be
 * back in a moment (software RDMA loses a queue pair to a failed atomic allocation),
 * waits, for as long as a posted one might take, op_timeout_ms from when it was
 * submitted. Entries are preallocated; what finds none ends with an error. So does what
 * the device has as well, while the path is down: nobody needs to wait for it.
 *
 * They are tried again from a timer, since a timer needs no memory and no worker.
 */
#include "rdma.h"

#define HOLD_JIFFIES	max(1UL, msecs_to_jiffies(2))

static bool is_pointless(struct swx_node *n, struct folio *folio)
{
	guard(rcu)();
	return !swx_path_of(n) && frontswap_has_fallback(folio);
}

static void hold_timer(struct timer_list *t)
{
	struct swx_node *n = from_timer(n, t, hold_timer);
	LIST_HEAD(old);

	scoped_guard(spinlock_irqsave, &n->hold_lock)
		list_splice_init(&n->held, &old);
	while (!list_empty(&old)) {
		struct swx_held *h = list_first_entry(&old, struct swx_held, node);
		struct folio *folio = h->folio;
		bool expired = ktime_get_ns() - h->since > swx_op_timeout_ns() ||
			       is_pointless(n, folio);

		if (!expired && !swx_read_again(n, folio))
			break;
		scoped_guard(spinlock_irqsave, &n->hold_lock)
			list_move(&h->node, &n->hold_free);
		if (expired) {
			swx_count(n, SWX_EXPIRED_READS, 1);
			frontswap_read_end(folio, -ETIMEDOUT);
		}
	}
	guard(spinlock_irqsave)(&n->hold_lock);
	/* The older ones first. */
	list_splice(&old, &n->held);
	if (!list_empty(&n->held))
		mod_timer(&n->hold_timer, jiffies + HOLD_JIFFIES);
}

/**
 * swx_hold - post a read later, or end it with an error
 * @n: the node where its page is
 * @folio: the folio
 * @since: when it was submitted, in ns
 *
 * Context: any but hard interrupts; none of our locks held.
 */
void swx_hold(struct swx_node *n, struct folio *folio, u64 since)
{
	struct swx_held *h = NULL;

	scoped_guard(spinlock_irqsave, &n->hold_lock) {
		if (READ_ONCE(n->state) != SWX_OFF && !is_pointless(n, folio))
			h = list_first_entry_or_null(&n->hold_free, struct swx_held, node);
		if (h) {
			h->folio = folio;
			h->since = since;
			list_move_tail(&h->node, &n->held);
			if (!timer_pending(&n->hold_timer))
				mod_timer(&n->hold_timer, jiffies + HOLD_JIFFIES);
		}
	}
	if (h)
		swx_count(n, SWX_HELD_READS, 1);
	else
		frontswap_read_end(folio, -EIO);
}

/**
 * swx_hold_kick - what waits may go now
 * @n: the node
 *
 * Context: any.
 */
void swx_hold_kick(struct swx_node *n)
{
	if (!list_empty_careful(&n->held))
		mod_timer(&n->hold_timer, jiffies);
}

/**
 * swx_hold_init - allocate the entries
 * @n: the node
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int swx_hold_init(struct swx_node *n)
{
	unsigned int i;

	spin_lock_init(&n->hold_lock);
	INIT_LIST_HEAD(&n->held);
	INIT_LIST_HEAD(&n->hold_free);
	timer_setup(&n->hold_timer, hold_timer, 0);
	n->hold_pool = kvcalloc(swx_nr_held, sizeof(*n->hold_pool), GFP_KERNEL);
	if (!n->hold_pool)
		return -ENOMEM;
	for (i = 0; i < swx_nr_held; i++)
		list_add_tail(&n->hold_pool[i].node, &n->hold_free);
	return 0;
}

/**
 * swx_hold_exit - free the entries, which nobody uses
 * @n: the node
 *
 * Context: may sleep.
 */
void swx_hold_exit(struct swx_node *n)
{
	timer_shutdown_sync(&n->hold_timer);
	WARN_ON(n->hold_pool && list_count_nodes(&n->hold_free) != swx_nr_held);
	kvfree(n->hold_pool);
}
