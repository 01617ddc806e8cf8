// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: rdma_cm, queue pairs, completion queues
 *
 * Made one step at a time by the node's work, which waits for the rdma_cm to say how
 * each has ended. Nothing here asks what the provider is; what kind of transport it
 * has is asked once, because of what a completed WRITE means (struct swx_path.commits).
 *
 * Context of all but the handlers: the node's work, may sleep.
 */
#include <crypto/utils.h>
#include <linux/inet.h>
#include "rdma.h"

static const char * const kind_names[SWX_WIRE_NR_KINDS] = {
	[SWX_WIRE_CONTROL]	= "control",
	[SWX_WIRE_DEMAND]	= "demand",
	[SWX_WIRE_PREFETCH]	= "prefetch",
	[SWX_WIRE_WRITE]	= "write",
};

/* Events */

static void step_ended(struct swx_conn *c, int err)
{
	c->err = err;
	/* Pairs with the acquire in step_has_ended(). */
	smp_store_release(&c->event, true);
	wake_up(&c->path->wait);
}

static void take_reject(struct swx_conn *c, struct rdma_cm_event *event)
{
	const void *data;
	u8 len;

	data = rdma_consumer_reject_data(c->id, event, &len);
	/* iWARP does not pad, the others do. */
	if (data && len >= sizeof(c->reject))
		memcpy(&c->reject, data, sizeof(c->reject));
}

/*
 * Context: a workqueue, with the id's handler lock held: the id is not to be
 * destroyed from here.
 */
static int handle_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct swx_conn *c = id->context;

	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		step_ended(c, 0);
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		if (event->param.conn.private_data &&
		    event->param.conn.private_data_len >= sizeof(c->accept))
			memcpy(&c->accept, event->param.conn.private_data, sizeof(c->accept));
		WRITE_ONCE(c->established, true);
		step_ended(c, 0);
		break;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
		step_ended(c, event->status < 0 ? event->status : -EHOSTUNREACH);
		break;
	case RDMA_CM_EVENT_REJECTED:
		take_reject(c, event);
		step_ended(c, -ECONNREFUSED);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
	case RDMA_CM_EVENT_ADDR_CHANGE:
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		/* The core waits until the node's work has destroyed the id. */
		swx_path_fail(c->path, event->event == RDMA_CM_EVENT_DEVICE_REMOVAL ?
			      -ENODEV : -ECONNRESET, "%s connection: %s",
			      kind_names[c->kind], rdma_event_msg(event->event));
		step_ended(c, -ECONNRESET);
		break;
	default:
		break;
	}
	return 0;
}

/* Context: any. */
static void handle_qp_event(struct ib_event *event, void *context)
{
	struct swx_conn *c = context;

	if (event->event != IB_EVENT_COMM_EST && event->event != IB_EVENT_SQ_DRAINED &&
	    event->event != IB_EVENT_QP_LAST_WQE_REACHED)
		swx_path_fail(c->path, -ECONNRESET, "%s connection: %s", kind_names[c->kind],
			      ib_event_msg(event->event));
}

static void handle_cq_event(struct ib_event *event, void *context)
{
	struct swx_queue *q = context;

	handle_qp_event(event, &q->conn);
}

static bool step_has_ended(struct swx_conn *c)
{
	/* Pairs with the release in step_ended(). */
	return smp_load_acquire(&c->event);
}

static int wait_for_step(struct swx_conn *c)
{
	struct swx_path *p = c->path;

	wait_event_timeout(p->wait, step_has_ended(c) || swx_path_failed(p),
			   swx_jiffies(swx_connect_timeout_ms));
	if (step_has_ended(c))
		return c->err;
	return swx_path_failed(p) ?: -ETIMEDOUT;
}

/* Making a connection */

static int resolve(struct swx_conn *c)
{
	struct swx_node *n = c->path->node;
	struct sockaddr_storage addr;
	struct rdma_cm_id *id;
	char port[8];
	int err;

	snprintf(port, sizeof(port), "%u", n->port);
	err = inet_pton_with_scope(&init_net, AF_UNSPEC, n->address, port, &addr);
	if (err) {
		swx_path_fail(c->path, -EINVAL, "'%s' is not an address", n->address);
		return -EINVAL;
	}
	id = rdma_create_id(&init_net, handle_event, c, RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(id))
		return PTR_ERR(id);
	c->id = id;

	c->event = false;
	err = rdma_resolve_addr(id, NULL, (struct sockaddr *)&addr,
				swx_scaled(swx_connect_timeout_ms));
	if (!err)
		err = wait_for_step(c);
	if (err) {
		swx_path_fail(c->path, err, "no RDMA device leads to %s: error %d",
			      n->address, err);
		return err;
	}
	/* Fails where there is no such thing, as on iWARP. */
	rdma_set_ack_timeout(id, min(swx_ack_timeout + ilog2(swx_time_scale), 31U));
	c->event = false;
	err = rdma_resolve_route(id, swx_scaled(swx_connect_timeout_ms));
	if (!err)
		err = wait_for_step(c);
	if (err)
		swx_path_fail(c->path, err, "no route to %s: error %d", n->address, err);
	return err;
}

static int create_qp(struct swx_conn *c, u32 nr_sends, u32 nr_recvs, u32 nr_sges)
{
	struct ib_qp_init_attr attr = {
		.event_handler	= handle_qp_event,
		.qp_context	= c,
		.send_cq	= c->cq,
		.recv_cq	= c->cq,
		.cap = {
			/* One more of each for ib_drain_qp(). */
			.max_send_wr	= nr_sends + 1,
			.max_recv_wr	= nr_recvs + 1,
			.max_send_sge	= nr_sges,
			.max_recv_sge	= 1,
		},
		.sq_sig_type	= IB_SIGNAL_REQ_WR,
		.qp_type	= IB_QPT_RC,
	};

	return rdma_create_qp(c->id, c->path->pd, &attr);
}

static const char *reject_text(struct swx_conn *c)
{
	if (c->reject.magic != cpu_to_le32(SWX_WIRE_MAGIC))
		return "nobody listens there";
	switch (le32_to_cpu(c->reject.code)) {
	case SWX_WIRE_E_VERSION:
		return "the server speaks another version";
	case SWX_WIRE_E_AUTH:
		return "the server does not believe that we are who we are";
	case SWX_WIRE_E_BUSY:
		return "the server has as many clients as it may have";
	case SWX_WIRE_E_LIMIT:
		return "the server allows no more connections";
	case SWX_WIRE_E_SESSION:
		return "the server does not know the session";
	case SWX_WIRE_E_DRAINING:
		return "the server is about to stop";
	default:
		return "the server refused";
	}
}

/* Did the server accept what we asked for? */
static bool accept_fits(struct swx_conn *c, const struct swx_wire_connect *req)
{
	const struct swx_wire_accept *a = &c->accept;
	u8 proof[SWX_WIRE_PROOF_LEN];

	if (a->magic != req->magic || a->version != req->version || a->kind != req->kind ||
	    a->session != req->session || a->serial != req->serial || a->client_qpn != req->qpn)
		return false;
	if (c->kind == SWX_WIRE_CONTROL)
		return true;
	return !swx_sign(c->path->node, a, offsetof(typeof(*a), proof), proof) &&
	       !crypto_memneq(proof, a->proof, sizeof(proof));
}

static int connect_conn(struct swx_conn *c, u8 max_reads)
{
	struct swx_path *p = c->path;
	struct swx_node *n = p->node;
	struct swx_wire_connect req = {
		.magic		= cpu_to_le32(SWX_WIRE_MAGIC),
		.version	= cpu_to_le16(SWX_WIRE_VERSION),
		.kind		= c->kind,
		.qpn		= cpu_to_le32(c->id->qp->qp_num),
	};
	struct rdma_conn_param param = {
		.private_data		= &req,
		.private_data_len	= sizeof(req),
		.initiator_depth	= max_reads,
		/* 7 would be for ever on some providers, of either. */
		.retry_count		= min(swx_retry_count, 6U),
		.rnr_retry_count	= min(swx_retry_count, 6U),
	};
	int err;

	if (c->kind != SWX_WIRE_CONTROL) {
		c->serial = ++n->serial;
		req.session = cpu_to_le64(n->session);
		req.serial = cpu_to_le32(c->serial);
		err = swx_sign(n, &req, offsetof(typeof(req), proof), req.proof);
		if (err)
			return err;
	}
	c->event = false;
	err = rdma_connect(c->id, &param);
	if (!err)
		err = wait_for_step(c);
	if (err == -ECONNREFUSED) {
		swx_path_fail(p, err, "%s port %u: %s", n->address, n->port, reject_text(c));
	} else if (err == -ETIMEDOUT) {
		swx_path_fail(p, err, "no answer from %s port %u", n->address, n->port);
	} else if (err) {
		swx_path_fail(p, err, "cannot connect to %s port %u: error %d", n->address,
			      n->port, err);
	} else if (!accept_fits(c, &req)) {
		err = -EPROTO;
		swx_path_fail(p, err, "%s port %u: not a memory server, or not ours",
			      n->address, n->port);
	}
	return err;
}

/* Whatever of it there is. No request is under way. */
static void end_conn(struct swx_conn *c)
{
	struct swx_queue *q = container_of(c, struct swx_queue, conn);

	if (!c->id)
		return;
	if (c->id->qp)
		rdma_destroy_qp(c->id);
	if (c->cq && c->kind == SWX_WIRE_CONTROL) {
		ib_free_cq(c->cq);
	} else if (c->cq) {
		disable_work_sync(&q->work);
		ib_destroy_cq(c->cq);
		/* No event any more, and one that is under way finds the work disabled. */
		irq_work_sync(&q->irq_work);
	}
	/* No event comes after this. */
	rdma_destroy_id(c->id);
	c->id = NULL;
}

/**
 * swx_connect_control - make the control connection
 * @p: the path, new
 *
 * Return: 0 or -errno; swx_disconnect() in any case.
 */
int swx_connect_control(struct swx_path *p)
{
	struct swx_conn *c = &p->ctl.conn;
	int err;

	c->path = p;
	c->kind = SWX_WIRE_CONTROL;
	err = resolve(c);
	if (err)
		return err;
	p->dev = c->id->device;
	p->commits = rdma_protocol_iwarp(p->dev, c->id->port_num);
	p->pd = ib_alloc_pd(p->dev, 0);
	if (IS_ERR(p->pd)) {
		err = PTR_ERR(p->pd);
		p->pd = NULL;
		return err;
	}
	err = swx_control_map(&p->ctl);
	if (err)
		return err;
	c->cq = ib_alloc_cq(p->dev, &p->ctl, SWX_NR_SENDS + SWX_WIRE_RECVS + 2, 0,
			    IB_POLL_WORKQUEUE);
	if (IS_ERR(c->cq)) {
		err = PTR_ERR(c->cq);
		c->cq = NULL;
		return err;
	}
	err = create_qp(c, SWX_NR_SENDS, SWX_WIRE_RECVS, 1);
	if (!err)
		err = swx_control_start(&p->ctl);
	return err ?: connect_conn(c, 0);
}

static int init_commit(struct swx_queue *q)
{
	struct ib_device *dev = q->conn.path->dev;

	q->commit_buf = kzalloc(sizeof(*q->commit_buf), GFP_KERNEL);
	if (!q->commit_buf)
		return -ENOMEM;
	q->commit_addr = ib_dma_map_single(dev, q->commit_buf, sizeof(*q->commit_buf),
					   DMA_FROM_DEVICE);
	if (!ib_dma_mapping_error(dev, q->commit_addr))
		return 0;
	kfree(q->commit_buf);
	q->commit_buf = NULL;
	return -EIO;
}

static int connect_queue(struct swx_path *p, u8 kind, unsigned int cpu)
{
	struct swx_queue *q = swx_queue_of(p, kind, cpu);
	struct swx_conn *c = &q->conn;
	struct ib_cq_init_attr attr = {};
	u32 per_request, nr_sends, max_sge;
	int err;

	err = resolve(c);
	if (err)
		return err;
	if (c->id->device != p->dev) {
		swx_path_fail(p, -EXDEV, "%s is behind another device by now", p->node->address);
		return -EXDEV;
	}
	max_sge = p->dev->attrs.max_send_sge;
	if (p->dev->attrs.max_sge_rd)
		max_sge = min_t(u32, max_sge, p->dev->attrs.max_sge_rd);
	q->max_sge = kind == SWX_WIRE_WRITE ? 1 : min_t(u32, max_sge, SWX_MAX_SGE);
	per_request = kind == SWX_WIRE_WRITE && p->commits ? 2 : 1;
	q->nr_requests = min_t(u32, swx_queue_depth,
			       (p->dev->attrs.max_qp_wr - 2) / per_request);
	nr_sends = q->nr_requests * per_request;
	err = swx_requests_init(q);
	if (!err && per_request == 2)
		err = init_commit(q);
	if (err)
		return err;

	attr.cqe = nr_sends + 3;
	attr.comp_vector = cpu % p->dev->num_comp_vectors;
	c->cq = ib_create_cq(p->dev, swx_queue_event, handle_cq_event, q, &attr);
	if (IS_ERR(c->cq)) {
		err = PTR_ERR(c->cq);
		c->cq = NULL;
		return err;
	}
	err = create_qp(c, nr_sends, 0, q->max_sge);
	if (!err)
		err = connect_conn(c, min3(p->max_reads, (u32)p->dev->attrs.max_qp_init_rd_atom,
					   U8_MAX));
	if (err)
		return err;
	if (kind != SWX_WIRE_DEMAND)
		swx_queue_arm(q);
	return 0;
}

/**
 * swx_connect_queues - make all data connections
 * @p: the path, after swx_hello()
 *
 * Return: 0 or -errno; swx_disconnect() in any case.
 */
int swx_connect_queues(struct swx_path *p)
{
	unsigned int cpu;
	int err;
	u8 kind;

	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++) {
		p->queue[kind - 1] = kvcalloc(p->nr_cpus, sizeof(struct swx_queue), GFP_KERNEL);
		if (!p->queue[kind - 1])
			return -ENOMEM;
		for (cpu = 0; cpu < p->nr_cpus; cpu++) {
			struct swx_queue *q = swx_queue_of(p, kind, cpu);

			q->conn.path = p;
			q->conn.kind = kind;
			spin_lock_init(&q->lock);
			spin_lock_init(&q->poll_lock);
			INIT_LIST_HEAD(&q->free);
			INIT_WORK(&q->work, swx_queue_work);
			init_irq_work(&q->irq_work, swx_queue_interrupt);
		}
	}
	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++)
		for (cpu = 0; cpu < p->nr_cpus; cpu++) {
			err = connect_queue(p, kind, cpu);
			if (err)
				return err;
		}
	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++)
		for (cpu = 0; cpu < p->nr_cpus; cpu++)
			swx_queue_of(p, kind, cpu)->live = true;
	return 0;
}

/* Unmaking */

/* No request is posted from here on. What is under way ends when it is drained. */
static void stop_queue(struct swx_queue *q)
{
	scoped_guard(spinlock_irqsave, &q->lock)
		q->live = false;
	if (!q->conn.established)
		return;
	/* Perhaps nobody polls any more. */
	swx_queue_arm(q);
}

static void end_queue(struct swx_queue *q)
{
	/*
	 * Not after rdma_disconnect(): on iWARP that closes the connection in good order,
	 * and READs that wait for an answer then are not flushed (siw).
	 */
	if (q->conn.established) {
		ib_drain_sq(q->conn.id->qp);
		rdma_disconnect(q->conn.id);
	}
	end_conn(&q->conn);
	swx_requests_flush(q);
	swx_requests_exit(q);
	if (q->commit_buf)
		ib_dma_unmap_single(q->conn.path->dev, q->commit_addr, sizeof(*q->commit_buf),
				    DMA_FROM_DEVICE);
	kfree(q->commit_buf);
}

/**
 * swx_disconnect - unmake all connections
 * @p: the path; nobody finds it any more
 *
 * All requests have ended when it returns.
 */
void swx_disconnect(struct swx_path *p)
{
	unsigned int cpu;
	u8 kind;

	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++)
		for (cpu = 0; p->queue[kind - 1] && cpu < p->nr_cpus; cpu++)
			stop_queue(swx_queue_of(p, kind, cpu));
	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++) {
		for (cpu = 0; p->queue[kind - 1] && cpu < p->nr_cpus; cpu++)
			end_queue(swx_queue_of(p, kind, cpu));
		kvfree(p->queue[kind - 1]);
		p->queue[kind - 1] = NULL;
	}
	if (p->ctl.conn.established) {
		rdma_disconnect(p->ctl.conn.id);
		ib_drain_qp(p->ctl.conn.id->qp);
	}
	end_conn(&p->ctl.conn);
	if (p->pd) {
		swx_control_unmap(&p->ctl);
		ib_dealloc_pd(p->pd);
		p->pd = NULL;
	}
}
