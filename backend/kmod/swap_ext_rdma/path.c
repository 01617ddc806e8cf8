// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a node: up, down, when to try again
 *
 *	OFF --connect--> CONNECTING --> UP <--> SUSPECT
 *			  ^   |		 |	   |
 *		  backoff |   v RESYNC	 v	   v
 *			  +------------ DOWN <-----+
 *
 * SUSPECT is UP with something slow: an answer to a heartbeat, or a request that has
 * used up half of its time. Reads go on, stores are refused and go to the device.
 * DOWN: stores are refused, reads wait for as long as they could have if they had
 * been posted (hold.c). RESYNC: connected again, the server is asked whether it
 * still has our session. If not, whatever is in its slabs is lost, and each read of
 * it ends with an error at once.
 *
 * Deadlines are ours, since no transport has one that we can rely on. What passes
 * its deadline takes the path down and so is flushed; it is not let go of before.
 */
#include <linux/random.h>
#include <linux/sched/mm.h>
#include "rdma.h"
#include "trace.h"

/* The first one, unless even the longest is shorter. */
#define BACKOFF_MIN_MS	500

/**
 * swx_kick - have the node's work look at once
 * @n: the node
 *
 * Context: any.
 */
void swx_kick(struct swx_node *n)
{
	mod_delayed_work(swx_wq, &n->work, 0);
}

/**
 * swx_path_fail - a path is no good any more
 * @p: the path
 * @err: why: -errno
 * @fmt: the same in words
 *
 * The first to say so is believed, unless it only saw the connection go
 * (-ECONNRESET) and somebody knows why.
 *
 * Context: any.
 */
void swx_path_fail(struct swx_path *p, int err, const char *fmt, ...)
{
	struct swx_node *n = p->node;
	va_list args;

	scoped_guard(spinlock_irqsave, &n->text_lock) {
		if (p->fail_err && (p->fail_err != -ECONNRESET || err == -ECONNRESET))
			return;
		va_start(args, fmt);
		vscnprintf(p->fail_text, sizeof(p->fail_text), fmt, args);
		va_end(args);
		/* Pairs with swx_path_failed(). */
		smp_store_release(&p->fail_err, err);
	}
	wake_up(&p->wait);
	swx_kick(n);
}

/**
 * swx_set_state - say what a node is about
 * @n: the node
 * @state: what it is
 *
 * Context: the node's work.
 */
void swx_set_state(struct swx_node *n, enum swx_state state)
{
	if (n->state == state)
		return;
	WRITE_ONCE(n->state, state);
	trace_state(n, state);
}

static struct swx_path *new_path(struct swx_node *n)
{
	struct swx_path *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->node = n;
	init_waitqueue_head(&p->wait);
	if (!swx_control_init(&p->ctl))
		return p;
	swx_control_exit(&p->ctl);
	kfree(p);
	return NULL;
}

/* The end of a path, of which everything that is under way ends, too. */
static void end_path(struct swx_node *n)
{
	struct swx_path *p = n->own;

	rcu_assign_pointer(n->path, NULL);
	/* Whoever found it has posted, or will find its queues dead. */
	synchronize_rcu();
	swx_disconnect(p);
	synchronize_rcu();
	swx_control_exit(&p->ctl);
	n->own = NULL;
	kfree(p);
}

static int connect_path(struct swx_node *n)
{
	struct swx_path *p = new_path(n);
	int err;

	if (!p)
		return -ENOMEM;
	n->own = p;
	WRITE_ONCE(n->leaving, false);
	err = swx_connect_control(p);
	if (!err)
		err = swx_hello(p);
	if (!err)
		err = swx_get_slabs(p);
	if (!err)
		err = swx_connect_queues(p);
	if (!err)
		err = swx_path_failed(p);
	if (err) {
		/* Says nothing if it was said. */
		swx_path_fail(p, err, "cannot connect: error %d", err);
		swx_say(n, "%s", p->fail_text);
		err = swx_path_failed(p);
		/* There will be no other attempt, so that it need not be kept. */
		if (n->first && n->session)
			swx_bye(p);
		end_path(n);
		return err;
	}
	p->up_at = jiffies;
	p->ctl.ping_at = jiffies;
	p->ctl.pong_at = jiffies;
	if (n->quota_text[0])
		swx_say(n, "%llu of %llu MiB: %s", n->slab_bytes >> 20, n->size >> 20,
			n->quota_text);
	else
		swx_say(n, "%s", "");
	swx_set_state(n, SWX_UP);
	rcu_assign_pointer(n->path, p);
	swx_hold_kick(n);
	/* The server said so before there was a path to bring anything home by. */
	if (READ_ONCE(n->leaving))
		swx_leave(n);
	return 0;
}

/* When to try again, with some jitter so that not all clients come at once. */
static void back_off(struct swx_node *n)
{
	unsigned int ms = n->backoff_ms;

	n->backoff_ms = min(max(2 * ms, BACKOFF_MIN_MS), swx_backoff_max_ms);
	if (ms)
		ms -= get_random_u32_below(ms / 2 + 1);
	n->next_try = jiffies + msecs_to_jiffies(ms);
	swx_set_state(n, SWX_DOWN);
}

/* The path of @n is up: is all well? */
static void watch(struct swx_node *n)
{
	u64 age = 0, limit = swx_op_timeout_ns();
	struct swx_path *p = n->own;
	unsigned int kind, cpu;

	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++)
		for (cpu = 0; cpu < p->nr_cpus; cpu++) {
			struct swx_queue *q = swx_queue_of(p, kind, cpu);
			u64 oldest = swx_oldest(q), now = ktime_get_ns();

			if (oldest >= now)
				continue;
			age = max(age, now - oldest);
			/* It may have arrived long ago, for a task that gets no CPU to poll. */
			if (now - oldest > limit / 4)
				swx_queue_look(q);
		}
	if (age > limit) {
		swx_count(n, SWX_TIMEOUTS, 1);
		swx_path_fail(p, -ETIMEDOUT, "a request took longer than %u ms",
			      swx_scaled(swx_op_timeout_ms));
		return;
	}
	swx_heartbeat(p);
	WRITE_ONCE(p->suspect, age > limit / 2 ||
		   (READ_ONCE(p->ctl.ping) &&
		    time_after(jiffies, p->ctl.ping_at + swx_jiffies(swx_heartbeat_ms) / 2)));
	/* A node that was up for a while is tried again at once. */
	if (time_after(jiffies, p->up_at + swx_jiffies(swx_op_timeout_ms) * 5))
		n->backoff_ms = 0;
}

/* The server is about to stop, and nothing is left there that could come home. */
static void leave(struct swx_node *n)
{
	swx_say(n, "the server was about to stop; its pages are home");
	swx_bye(n->own);
	swx_set_state(n, SWX_DOWN);
	end_path(n);
	swx_slabs_lose(n);
	n->session = 0;
	back_off(n);
}

/* Returns false if there is nothing left to do. */
static bool step(struct swx_node *n)
{
	bool wanted = READ_ONCE(n->wanted);
	int err;

	if (n->own && (swx_path_failed(n->own) || !wanted)) {
		if (wanted) {
			swx_count(n, SWX_PATH_FAILURES, 1);
			swx_say(n, "%s", n->own->fail_text);
		} else if (!swx_path_failed(n->own)) {
			swx_bye(n->own);
		}
		swx_set_state(n, wanted ? SWX_DOWN : SWX_OFF);
		end_path(n);
		if (wanted)
			back_off(n);
	}
	if (!wanted) {
		swx_slabs_lose(n);
		n->session = 0;
		swx_set_state(n, SWX_OFF);
		complete_all(&n->settled);
		return false;
	}
	if (n->own && READ_ONCE(n->leaving) && READ_ONCE(n->home)) {
		leave(n);
		return true;
	}
	if (n->own) {
		watch(n);
		return true;
	}
	if (time_before(jiffies, n->next_try))
		return true;

	swx_set_state(n, SWX_CONNECTING);
	err = connect_path(n);
	if (n->first) {
		n->first = false;
		n->first_err = err;
		if (err) {
			WRITE_ONCE(n->wanted, false);
			return step(n);
		}
		n->backoff_ms = 0;
		complete_all(&n->settled);
	} else if (err) {
		back_off(n);
	} else {
		swx_count(n, SWX_RECONNECTS, 1);
	}
	return true;
}

/**
 * swx_node_work - whatever is to be done about a node now
 * @work: of the node
 *
 * Context: swx_wq, which reclaim may wait for: under memalloc_noio_save().
 */
void swx_node_work(struct work_struct *work)
{
	struct swx_node *n = container_of(work, struct swx_node, work.work);
	unsigned int noio = memalloc_noio_save();
	unsigned long delay = swx_jiffies(min(swx_op_timeout_ms, swx_heartbeat_ms)) / 4;

	if (step(n)) {
		/* At once, if somebody kicked us meanwhile. */
		if (!n->own)
			delay = time_before(jiffies, n->next_try) ? n->next_try - jiffies : 0;
		else if (swx_path_failed(n->own))
			delay = 0;
		queue_delayed_work(swx_wq, &n->work, delay);
	}
	memalloc_noio_restore(noio);
}
