// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing home the pages of one node
 *
 * Because somebody writes to its file drain, or because the server says that it is
 * about to stop. The node takes no stores meanwhile. In the second case it then
 * leaves: the session ends, and the node waits for a server to come.
 */
#include "rdma.h"

#define RETRY_MS	200

static bool can_come_home(swp_entry_t entry, void *data)
{
	return swx_can_come_home(data, entry);
}

/**
 * swx_bring_home - bring home the pages of a node, which takes no stores any more
 * @n: the node; ->drained or ->leaving is set
 *
 * Context: may sleep, for as long as it takes.
 * Return: 0; -EINTR; -EIO or -ENOMEM: some are still there.
 */
int swx_bring_home(struct swx_node *n)
{
	u64 lost;
	int err;

	/* Whoever did not see that the node takes no stores has counted its slots. */
	synchronize_rcu();
	err = frontswap_bring_home(&swx_backend, can_come_home, n);
	if (!err && swx_count_live(n, &lost))
		err = -EIO;
	return err;
}

/**
 * swx_leave - the server is about to stop
 * @n: the node
 *
 * Context: any.
 */
void swx_leave(struct swx_node *n)
{
	WRITE_ONCE(n->home, false);
	WRITE_ONCE(n->leaving, true);
	mod_delayed_work(system_unbound_wq, &n->home_work, 0);
}

/**
 * swx_home_work - bring home all that can be, then have the node's work end the session
 * @work: &swx_node.home_work
 *
 * A path that is down is left alone: when it comes up again, the server says again
 * that it is about to stop.
 *
 * Context: system_unbound_wq: not one that reclaim waits for.
 */
void swx_home_work(struct work_struct *work)
{
	struct swx_node *n = container_of(work, struct swx_node, home_work.work);
	u64 live, lost;

	swx_bring_home(n);
	live = swx_count_live(n, &lost);
	if (!READ_ONCE(n->leaving) || !rcu_access_pointer(n->path))
		return;
	if (live > lost) {
		queue_delayed_work(system_unbound_wq, &n->home_work, swx_jiffies(RETRY_MS));
		return;
	}
	WRITE_ONCE(n->home, true);
	swx_kick(n);
}
