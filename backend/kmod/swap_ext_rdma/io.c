// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes
 *
 * Each CPU has a queue for reads that a fault waits for, one for other reads and one
 * for writes. Requests are allocated with their queue, as many as it can have under
 * way: nothing here allocates. A request is one READ or WRITE of memory that is
 * contiguous at the server; what is submitted at once is one chain and rings one
 * doorbell.
 *
 * A folio is let go of when the completion of its request says so, and not before,
 * whatever happens: until then the device may still write to it or send it. A
 * deadline takes the path down; that flushes its queues, and that brings the
 * completions.
 *
 * Completions are ended by whoever polls or by a work in softirq context (a BH
 * workqueue), which the handler of the CQ's event queues. Not by the handler itself:
 * providers call it from hard interrupts (mlx5) or with the lock of the CQ held that
 * ib_poll_cq() takes (rxe). The CQs are made by ib_create_cq() because those of
 * ib_alloc_cq() are either only polled or never.
 *
 * Any number of contexts may take completions from one CQ at a time: each gets
 * others, and a request belongs to whoever has its completion.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include "rdma.h"
#include "trace.h"

/* Completions taken at a time. */
#define WC_BATCH	8

/* Requests */

/**
 * swx_requests_init - allocate the requests of a queue
 * @q: the queue, whose ->nr_requests says how many
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int swx_requests_init(struct swx_queue *q)
{
	unsigned int i;

	q->request = kvcalloc(q->nr_requests, sizeof(*q->request), GFP_KERNEL);
	if (!q->request)
		return -ENOMEM;
	for (i = 0; i < q->nr_requests; i++) {
		q->request[i].queue = q;
		list_add_tail(&q->request[i].node, &q->free);
	}
	q->nr_free = q->nr_requests;
	return 0;
}

/**
 * swx_requests_exit - free the requests of a queue, all of which have ended
 * @q: the queue
 *
 * Context: may sleep.
 */
void swx_requests_exit(struct swx_queue *q)
{
	WARN_ON(q->request && q->nr_free != q->nr_requests);
	kvfree(q->request);
	q->request = NULL;
}

/**
 * swx_oldest - when the oldest request under way was posted
 * @q: the queue
 *
 * Context: any. A request that ends meanwhile may be the answer.
 * Return: ns, or U64_MAX.
 */
u64 swx_oldest(struct swx_queue *q)
{
	u64 start, oldest = U64_MAX;
	unsigned int i;

	if (READ_ONCE(q->nr_free) == q->nr_requests)
		return U64_MAX;
	for (i = 0; i < q->nr_requests; i++) {
		start = READ_ONCE(q->request[i].start);
		if (start && start < oldest)
			oldest = start;
	}
	return oldest;
}

static struct swx_request *get_request(struct swx_queue *q)
{
	struct swx_request *req;

	lockdep_assert_held(&q->lock);
	req = list_first_entry_or_null(&q->free, struct swx_request, node);
	if (!req)
		return NULL;
	list_del(&req->node);
	WRITE_ONCE(q->nr_free, q->nr_free - 1);
	req->nr = 0;
	req->err = 0;
	atomic_set(&req->pending, 1);
	return req;
}

static void put_request(struct swx_request *req)
{
	struct swx_queue *q = req->queue;

	lockdep_assert_held(&q->lock);
	WRITE_ONCE(req->start, 0);
	/* The one that was used last is in the cache. */
	list_add(&req->node, &q->free);
	WRITE_ONCE(q->nr_free, q->nr_free + 1);
}

static bool is_write(struct swx_request *req)
{
	return req->queue->conn.kind == SWX_WIRE_WRITE;
}

static enum dma_data_direction direction(struct swx_request *req)
{
	return is_write(req) ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
}

static int map_folio(struct swx_request *req, struct folio *folio)
{
	struct swx_path *p = req->queue->conn.path;
	struct ib_sge *sge = &req->sge[req->nr];
	u64 addr;

	addr = ib_dma_map_page(p->dev, folio_page(folio, 0), 0, folio_size(folio),
			       direction(req));
	if (ib_dma_mapping_error(p->dev, addr))
		return -EIO;
	sge->addr = addr;
	sge->length = folio_size(folio);
	sge->lkey = p->pd->local_dma_lkey;
	req->folio[req->nr++] = folio;
	swx_count(p->node, SWX_MAPPED, 1);
	return 0;
}

static void unmap_folios(struct swx_request *req)
{
	struct swx_path *p = req->queue->conn.path;
	unsigned int i;

	for (i = 0; i < req->nr; i++)
		ib_dma_unmap_page(p->dev, req->sge[i].addr, req->sge[i].length,
				  direction(req));
	swx_count(p->node, SWX_UNMAPPED, req->nr);
}

/* Completions */

/* A request has ended, or was not posted: let go of all it has. */
static void end_request(struct swx_request *req, int err)
{
	struct swx_queue *q = req->queue;
	struct swx_node *n = q->conn.path->node;
	struct folio *folio[SWX_MAX_SGE] __uninitialized;
	bool write = is_write(req);
	u64 start = req->start, ns = ktime_get_ns() - start;
	unsigned int i, nr = req->nr;

	unmap_folios(req);
	memcpy(folio, req->folio, nr * sizeof(*folio));
	scoped_guard(spinlock_irqsave, &q->lock)
		put_request(req);

	if (err)
		swx_count(n, write ? SWX_WRITE_ERRORS : SWX_READ_ERRORS, 1);
	else
		swx_count_latency(n, write, ns);
	trace_request(n, write, write ? folio_nr_pages(folio[0]) : nr, ns, err);
	if (write) {
		frontswap_write_end(folio[0], err);
		return;
	}
	for (i = 0; i < nr; i++) {
		/* The slab may outlive the path: once more, if there is time left. */
		if (err)
			swx_hold(n, folio[i], start);
		else
			frontswap_read_end(folio[i], 0);
	}
	swx_hold_kick(n);
}

static void request_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct swx_request *req = container_of(wc->wr_cqe, struct swx_request, cqe);

	if (unlikely(wc->status != IB_WC_SUCCESS)) {
		WRITE_ONCE(req->err, -EIO);
		if (wc->status != IB_WC_WR_FLUSH_ERR)
			swx_path_fail(req->queue->conn.path, -EIO, "%s failed: %s",
				      is_write(req) ? "a write" : "a read",
				      ib_wc_status_msg(wc->status));
		else
			swx_path_fail(req->queue->conn.path, -ECONNRESET,
				      "a connection was lost");
	}
	if (atomic_dec_and_test(&req->pending))
		end_request(req, READ_ONCE(req->err));
}

/* End what the CQ has; how much was that? */
static unsigned int reap(struct swx_queue *q)
{
	/* 512 bytes that are zeroed at each look would be most of what a look costs. */
	struct ib_wc wc[WC_BATCH] __uninitialized;
	unsigned int sum = 0;
	int i, nr;

	do {
		nr = ib_poll_cq(q->conn.cq, WC_BATCH, wc);
		for (i = 0; i < nr; i++)
			wc[i].wr_cqe->done(q->conn.cq, &wc[i]);
		sum += max(nr, 0);
	} while (nr == WC_BATCH);
	return sum;
}

/**
 * swx_queue_arm - have an event when something completes, or already has
 * @q: the queue
 *
 * Context: any.
 */
void swx_queue_arm(struct swx_queue *q)
{
	if (ib_req_notify_cq(q->conn.cq, IB_CQ_NEXT_COMP | IB_CQ_REPORT_MISSED_EVENTS) > 0)
		swx_queue_look(q);
}

/**
 * swx_queue_look - end what has completed, soon
 * @q: the queue
 *
 * A softirq that is raised by a thread runs in another, ksoftirqd, which costs more
 * than what it has to do here. Providers in software have threads that say when
 * something completes: with an interrupt of our own the softirq runs on their back.
 *
 * Context: any.
 */
void swx_queue_look(struct swx_queue *q)
{
	if (in_interrupt())
		queue_work(system_bh_highpri_wq, &q->work);
	else
		irq_work_queue(&q->irq_work);
}

/**
 * swx_queue_interrupt - swx_queue_look(), in the interrupt that it asked for
 * @irq_work: of the queue
 *
 * Context: hard interrupt; a thread where those are threads.
 */
void swx_queue_interrupt(struct irq_work *irq_work)
{
	struct swx_queue *q = container_of(irq_work, struct swx_queue, irq_work);

	queue_work(system_bh_highpri_wq, &q->work);
}

/**
 * swx_queue_event - something completed after the CQ was armed
 * @cq: the CQ
 * @context: its queue
 *
 * Context: any.
 */
void swx_queue_event(struct ib_cq *cq, void *context)
{
	swx_queue_look(context);
}

/**
 * swx_queue_work - end what has completed
 * @work: of the queue
 *
 * Context: softirq.
 */
void swx_queue_work(struct work_struct *work)
{
	struct swx_queue *q = container_of(work, struct swx_queue, work);

	reap(q);
	/*
	 * Demand reads are polled for: no events while nobody gave up polling. If
	 * somebody did, then their request is under way or was just ended.
	 */
	if (q->conn.kind != SWX_WIRE_DEMAND || READ_ONCE(q->nr_free) != q->nr_requests ||
	    !READ_ONCE(q->live))
		swx_queue_arm(q);
}

/**
 * swx_requests_flush - end what did not end when the queue was drained
 * @q: the queue, whose queue pair is destroyed: nothing is on its way any more
 *
 * There is nothing, unless the provider failed to drain it.
 *
 * Context: may sleep.
 */
void swx_requests_flush(struct swx_queue *q)
{
	unsigned int i;

	for (i = 0; q->request && i < q->nr_requests; i++)
		if (WARN_ON_ONCE(q->request[i].start))
			end_request(&q->request[i], -EIO);
}

/* Posting */

static void prepare(struct swx_request *req, struct swx_place *place)
{
	struct swx_queue *q = req->queue;

	req->cqe.done = request_done;
	req->wr = (struct ib_rdma_wr) {
		.wr = {
			.wr_cqe		= &req->cqe,
			.sg_list	= req->sge,
			.num_sge	= req->nr,
			.opcode		= is_write(req) ? IB_WR_RDMA_WRITE : IB_WR_RDMA_READ,
			.send_flags	= IB_SEND_SIGNALED,
		},
		.remote_addr	= place->addr,
		.rkey		= place->slab->rkey,
	};
	WRITE_ONCE(req->start, ktime_get_ns());
	if (!is_write(req) || !q->conn.path->commits)
		return;

	/*
	 * On iWARP a WRITE completes when it was handed to the network. A READ that
	 * comes after it on the same connection completes when it was placed.
	 */
	atomic_set(&req->pending, 2);
	req->commit_sge = (struct ib_sge) {
		.addr	= q->commit_addr,
		.length	= sizeof(*q->commit_buf),
		.lkey	= q->conn.path->pd->local_dma_lkey,
	};
	req->commit = (struct ib_rdma_wr) {
		.wr = {
			.wr_cqe		= &req->cqe,
			.sg_list	= &req->commit_sge,
			.num_sge	= 1,
			.opcode		= IB_WR_RDMA_READ,
			.send_flags	= IB_SEND_SIGNALED,
		},
		.remote_addr	= place->addr,
		.rkey		= place->slab->rkey,
	};
	req->wr.wr.next = &req->commit.wr;
}

/*
 * Post requests, linked through their work requests. Returns 0 or the first that
 * was not posted, if it was not: a WRITE that was posted without its commit ends
 * like any other that fails.
 */
static struct swx_request *post(struct swx_queue *q, struct swx_request *first)
{
	const struct ib_send_wr *bad = NULL;
	struct swx_request *req;
	int err;

	lockdep_assert_held(&q->lock);
	err = ib_post_send(q->conn.id->qp, &first->wr.wr, &bad);
	if (likely(!err))
		return NULL;
	q->live = false;
	swx_path_fail(q->conn.path, err, "a request could not be posted: error %d", err);
	req = container_of(bad->wr_cqe, struct swx_request, cqe);
	if (bad != &req->commit.wr)
		return req;
	WRITE_ONCE(req->err, -EIO);
	/* If its WRITE has completed by now, nobody else is going to end it. */
	return atomic_dec_and_test(&req->pending) ? req : NULL;
}

/* Where to post to @n, with the RCU read lock held: a queue of this CPU; NULL: down. */
static struct swx_queue *queue_for(struct swx_node *n, u8 kind)
{
	struct swx_path *p = swx_path_of(n);

	return p ? swx_queue_of(p, kind, raw_smp_processor_id() % p->nr_cpus) : NULL;
}

/* Make ready to write @folio to @place; *@req is what to post. RCU read lock held. */
static int prepare_write(struct folio *folio, struct swx_place *place,
			 struct swx_request **req)
{
	struct swx_node *n = place->slab->owner;
	unsigned int nr = folio_nr_pages(folio);
	struct swx_queue *q;
	int err = -EBUSY;

	if (READ_ONCE(place->slab->lost)) {
		swx_count(n, SWX_REFUSED_LOST, nr);
		return -EIO;
	}
	q = queue_for(n, SWX_WIRE_WRITE);
	if (!q || READ_ONCE(q->conn.path->suspect) || swx_takes_none(n)) {
		swx_count(n, SWX_REFUSED_DOWN, nr);
		return -EHOSTDOWN;
	}
	scoped_guard(spinlock_irqsave, &q->lock) {
		*req = q->live ? get_request(q) : NULL;
		if (!*req)
			break;
		err = map_folio(*req, folio);
		if (err)
			put_request(*req);
		else
			prepare(*req, place);
	}
	if (err)
		swx_count(n, SWX_REFUSED_BUSY, nr);
	return err;
}

static void cancel_write(struct swx_request *req)
{
	unmap_folios(req);
	guard(spinlock_irqsave)(&req->queue->lock);
	put_request(req);
}

static void post_write(struct swx_request *req, unsigned int nr)
{
	struct swx_queue *q = req->queue;
	struct swx_node *n = q->conn.path->node;
	struct swx_request *bad = req;

	swx_count(n, SWX_WRITES, nr);
	swx_count(n, SWX_WRITE_REQUESTS, 1);
	scoped_guard(spinlock_irqsave, &q->lock)
		if (q->live)
			bad = post(q, req);
	if (unlikely(bad))
		end_request(bad, -EIO);
}

/**
 * swx_submit_write - see struct frontswap_ops
 * @b: ours
 * @folio: the folio
 *
 * Where it has two places it is written to both, or refused. Between making ready and
 * posting the path stays: whoever ends it waits for RCU readers first.
 *
 * Context: reclaim, RCU read lock held.
 * Return: 0; -errno: it was refused.
 */
int swx_submit_write(struct frontswap_backend *b, struct folio *folio)
{
	unsigned int i, nr_places, nr = folio_nr_pages(folio);
	struct swx_request *req[SWX_MAX_COPIES];
	struct swx_place place[SWX_MAX_COPIES];
	swp_entry_t entry = folio->swap;
	int err;

	nr_places = swx_places_get(entry, nr, place);
	if (!nr_places)
		return -ENOSPC;
	for (i = 0; i < nr_places; i++) {
		err = prepare_write(folio, &place[i], &req[i]);
		if (err) {
			trace_refuse(place[i].slab->owner, nr, err);
			goto err_cancel;
		}
	}
	frontswap_write_begin(folio, nr_places);
	for (i = 0; i < nr_places; i++)
		post_write(req[i], nr);
	return 0;

err_cancel:
	while (i--)
		cancel_write(req[i]);
	swx_place_put(entry, nr);
	return err;
}

/* Is the page at @place the next of @req, whose pages are on @slab? */
static bool follows(struct swx_request *req, struct swx_slab *slab, struct swx_place *place,
		    u64 start)
{
	return req && req->nr < req->queue->max_sge && place->slab == slab &&
	       place->addr == start + req->nr * PAGE_SIZE;
}

/*
 * Post reads of the first of @folios that are on @n, in one chain. How many were
 * taken? Fewer than there are on @n if there was no request left, or an error.
 */
static unsigned int post_reads(struct swx_queue *q, struct swx_node *n,
			       struct folio **folios, unsigned int nr)
{
	struct swx_request *req = NULL, *first = NULL, *next, *bad = NULL;
	struct swx_place place, start = {};
	struct ib_send_wr *tail = NULL;
	unsigned int i, nr_reqs = 0;

	guard(spinlock_irqsave)(&q->lock);
	if (!q->live)
		return 0;
	for (i = 0; i < nr; i++) {
		place = swx_place_find(folios[i]->swap);
		if (!place.slab || place.slab->owner != n || READ_ONCE(place.slab->lost))
			break;
		if (!follows(req, start.slab, &place, start.addr)) {
			next = get_request(q);
			if (!next)
				break;
			if (map_folio(next, folios[i])) {
				put_request(next);
				break;
			}
			if (req) {
				prepare(req, &start);
				tail = &req->wr.wr;
			} else {
				first = next;
			}
			if (tail)
				tail->next = &next->wr.wr;
			req = next;
			start = place;
			nr_reqs++;
		} else if (map_folio(req, folios[i])) {
			break;
		}
	}
	if (!req)
		return 0;
	prepare(req, &start);
	bad = post(q, first);
	while (unlikely(bad)) {
		next = bad->wr.wr.next ?
		       container_of(bad->wr.wr.next, struct swx_request, wr.wr) : NULL;
		/* They are the last of @folios that we took: the caller still has them. */
		i -= bad->nr;
		unmap_folios(bad);
		put_request(bad);
		bad = next;
		nr_reqs--;
	}
	swx_count(n, SWX_READS, i);
	swx_count(n, SWX_READ_REQUESTS, nr_reqs);
	return i;
}

/* Read what is on a node; how many of @folios has that dealt with? At least one. */
static unsigned int read_some(struct folio **folios, unsigned int nr, u8 kind,
			      unsigned int *ticket)
{
	struct swx_place place = swx_place_find(folios[0]->swap);
	unsigned int done = 0, cpu, i;
	struct swx_queue *q;
	struct swx_node *n;

	if (!place.slab) {
		frontswap_read_end(folios[0], -EIO);
		return 1;
	}
	n = place.slab->owner;
	if (READ_ONCE(place.slab->lost)) {
		swx_count(n, SWX_LOST_READS, 1);
		frontswap_read_end(folios[0], -EIO);
		return 1;
	}
	q = queue_for(n, kind);
	if (q) {
		done = post_reads(q, n, folios, nr);
		/* Ours is full: another CPU's may not be. */
		for (cpu = 0; !done && cpu < q->conn.path->nr_cpus; cpu++) {
			q = swx_queue_of(q->conn.path, kind, cpu);
			done = post_reads(q, n, folios, nr);
		}
		if (done && kind == SWX_WIRE_DEMAND) {
			i = q - swx_queue_of(q->conn.path, kind, 0);
			*ticket = n->index << 16 | i;
		}
	}
	if (done)
		return done;
	swx_hold(n, folios[0], ktime_get_ns());
	return 1;
}

/**
 * swx_submit_read - see struct frontswap_ops
 * @b: ours
 * @folios: the folios
 * @nr: how many
 * @polled: somebody is going to poll, and then to arm
 *
 * Context: any but hard interrupts; must not sleep.
 * Return: node and CPU of the queue.
 */
unsigned int swx_submit_read(struct frontswap_backend *b, struct folio **folios,
			     unsigned int nr, bool polled)
{
	u8 kind = polled ? SWX_WIRE_DEMAND : SWX_WIRE_PREFETCH;
	unsigned int i, ticket = 0;

	guard(rcu)();
	for (i = 0; i < nr; )
		i += read_some(folios + i, nr - i, kind, &ticket);
	return ticket;
}

/* Post one read, to a queue that has events. Returns false if it cannot be now. */
static bool post_read_at(struct swx_place *place, struct folio *folio)
{
	struct swx_node *n = place->slab->owner;
	struct swx_queue *q = queue_for(n, SWX_WIRE_PREFETCH);
	struct swx_request *req;

	if (!q)
		return false;
	guard(spinlock_irqsave)(&q->lock);
	req = q->live ? get_request(q) : NULL;
	if (!req)
		return false;
	if (map_folio(req, folio))
		goto err_put;
	prepare(req, place);
	if (post(q, req))
		goto err_unmap;
	swx_count(n, SWX_READS, 1);
	swx_count(n, SWX_READ_REQUESTS, 1);
	return true;

err_unmap:
	unmap_folios(req);
err_put:
	put_request(req);
	return false;
}

/**
 * swx_read_again - try to post a read that was held
 * @n: the node where its page is, or one of two nodes
 * @folio: the folio
 *
 * Whoever wanted to poll for it has given up.
 *
 * Context: softirq.
 * Return: false: still not.
 */
bool swx_read_again(struct swx_node *n, struct folio *folio)
{
	struct swx_place place;

	guard(rcu)();
	place = swx_place_find(folio->swap);
	if (!place.slab || READ_ONCE(place.slab->lost)) {
		swx_count(n, SWX_LOST_READS, 1);
		frontswap_read_end(folio, -EIO);
		return true;
	}
	return post_read_at(&place, folio);
}

/**
 * swx_read_copy - see struct frontswap_ops
 * @b: ours
 * @folio: the folio
 * @copy: which
 *
 * Context: any but hard interrupts.
 * Return: false: there is no such copy, or it cannot be read now.
 */
bool swx_read_copy(struct frontswap_backend *b, struct folio *folio, unsigned int copy)
{
	struct swx_place place = swx_place_nth(folio->swap, copy);

	guard(rcu)();
	return place.slab && !READ_ONCE(place.slab->lost) && post_read_at(&place, folio);
}

static struct swx_queue *queue_of_ticket(unsigned int ticket)
{
	struct swx_node *n = rcu_dereference(swx_nodes[(ticket >> 16) % SWX_MAX_NODES]);
	struct swx_path *p = n ? rcu_dereference(n->path) : NULL;
	unsigned int cpu = ticket & 0xffff;

	/* Perhaps another path by now; then it is polled for nothing, which is harmless. */
	return p && cpu < p->nr_cpus ? swx_queue_of(p, SWX_WIRE_DEMAND, cpu) : NULL;
}

/**
 * swx_poll - see struct frontswap_ops
 * @b: ours
 * @queue: what swx_submit_read() said
 *
 * Context: RCU read lock held.
 */
void swx_poll(struct frontswap_backend *b, unsigned int queue)
{
	struct swx_queue *q = queue_of_ticket(queue);

	if (!q || !spin_trylock(&q->poll_lock))
		return;
	reap(q);
	spin_unlock(&q->poll_lock);
}

/**
 * swx_arm - see struct frontswap_ops
 * @b: ours
 * @queue: what swx_submit_read() said
 *
 * A path that goes down arms all its queues, so that there is nothing to do if it
 * is not there any more.
 *
 * Context: RCU read lock held.
 */
void swx_arm(struct frontswap_backend *b, unsigned int queue)
{
	struct swx_queue *q = queue_of_ticket(queue);

	if (q)
		swx_queue_arm(q);
}
