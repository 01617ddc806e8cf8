// SPDX-License-Identifier: GPL-2.0
/* Devices, queue pairs, control messages, registrations. */
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "conn.h"

#define NR_SENDS	SWX_WIRE_RECVS
#define BUF_SIZE	((SWX_WIRE_RECVS + NR_SENDS) * SWX_WIRE_MSG_MAX)

static void completion_ready(struct memd_watch *w, __u32 events)
{
	struct memd_device *dev = container_of(w, struct memd_device, comp_watch);
	struct ibv_cq *cq;
	void *conn;

	(void)events;
	if (ibv_get_cq_event(dev->channel, &cq, &conn))
		return;
	ibv_ack_cq_events(cq, 1);
	memd_conn_completions(conn);
}

static void async_ready(struct memd_watch *w, __u32 events)
{
	struct memd_device *dev = container_of(w, struct memd_device, async_watch);
	const char *name = ibv_get_device_name(dev->verbs->device);
	enum ibv_event_type type;
	struct ibv_async_event e;
	void *conn = NULL;

	if (ibv_get_async_event(dev->verbs, &e)) {
		/* What is left of a device that was removed. */
		if (events & (EPOLLHUP | EPOLLERR))
			memd_loop_remove(dev->memd->epoll, w);
		return;
	}
	type = e.event_type;
	switch (type) {
	case IBV_EVENT_QP_FATAL:
	case IBV_EVENT_QP_REQ_ERR:
	case IBV_EVENT_QP_ACCESS_ERR:
		conn = e.element.qp->qp_context;
		break;
	case IBV_EVENT_DEVICE_FATAL:
		memd_error("%s: the device failed", name);
		break;
	default:
		break;
	}
	ibv_ack_async_event(&e);
	memd_debug("%s: %s", name, ibv_event_type_str(type));
	if (conn)
		memd_conn_failed(conn, ibv_event_type_str(type));
}

/* An id of our own on the device of @id. */
static int hold_device(struct memd_device *dev, struct rdma_cm_id *id)
{
	struct sockaddr_storage addr = { 0 };
	struct sockaddr *local = rdma_get_local_addr(id);

	if (local->sa_family == AF_INET) {
		memcpy(&addr, local, sizeof(struct sockaddr_in));
		((struct sockaddr_in *)&addr)->sin_port = 0;
	} else {
		memcpy(&addr, local, sizeof(struct sockaddr_in6));
		((struct sockaddr_in6 *)&addr)->sin6_port = 0;
	}
	if (rdma_create_id(dev->memd->cm, &dev->holder, NULL, RDMA_PS_TCP))
		return -errno;
	if (!rdma_bind_addr(dev->holder, (struct sockaddr *)&addr) &&
	    dev->holder->verbs == id->verbs)
		return 0;
	rdma_destroy_id(dev->holder);
	return -ENODEV;
}

static int watch_device(struct memd_device *dev)
{
	dev->comp_watch = (struct memd_watch) { dev->channel->fd, completion_ready };
	dev->async_watch = (struct memd_watch) { dev->verbs->async_fd, async_ready };
	return memd_set_nonblocking(dev->channel->fd) ?:
	       memd_set_nonblocking(dev->verbs->async_fd) ?:
	       memd_loop_add(dev->memd->epoll, &dev->comp_watch, EPOLLIN) ?:
	       memd_loop_add(dev->memd->epoll, &dev->async_watch, EPOLLIN);
}

static struct memd_device *device_open(struct memd *memd, struct rdma_cm_id *id)
{
	const char *name = ibv_get_device_name(id->verbs->device);
	struct ibv_device_attr attr;
	struct memd_device *dev;
	int ret;

	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return NULL;
	dev->memd = memd;
	dev->verbs = id->verbs;
	ret = -ibv_query_device(id->verbs, &attr);
	if (ret)
		goto err_free;
	dev->max_reads = attr.max_qp_rd_atom < 255 ? attr.max_qp_rd_atom : 255;
	ret = hold_device(dev, id);
	if (ret)
		goto err_free;
	dev->channel = ibv_create_comp_channel(id->verbs);
	if (!dev->channel) {
		ret = -errno;
		goto err_holder;
	}
	ret = watch_device(dev);
	if (ret)
		goto err_channel;
	TAILQ_INSERT_TAIL(&memd->devices, dev, node);
	memd_info("%s: in use, %u READs at a time per connection", name, dev->max_reads);
	return dev;

err_channel:
	memd_loop_remove(memd->epoll, &dev->comp_watch);
	ibv_destroy_comp_channel(dev->channel);
err_holder:
	rdma_destroy_id(dev->holder);
err_free:
	free(dev);
	memd_error("%s: cannot use the device: %s", name, strerror(-ret));
	return NULL;
}

struct memd_device *memd_device_get(struct memd *memd, struct rdma_cm_id *id)
{
	struct memd_device *dev;

	TAILQ_FOREACH(dev, &memd->devices, node)
		if (dev->verbs == id->verbs)
			return dev;
	return device_open(memd, id);
}

struct memd_device *memd_device_held_by(struct memd *memd, const struct rdma_cm_id *id)
{
	struct memd_device *dev;

	TAILQ_FOREACH(dev, &memd->devices, node)
		if (dev->holder == id)
			return dev;
	return NULL;
}

void memd_device_close(struct memd_device *dev)
{
	TAILQ_REMOVE(&dev->memd->devices, dev, node);
	memd_loop_remove(dev->memd->epoll, &dev->comp_watch);
	memd_loop_remove(dev->memd->epoll, &dev->async_watch);
	ibv_destroy_comp_channel(dev->channel);
	rdma_destroy_id(dev->holder);
	free(dev);
}

static struct ibv_sge buffer(const struct memd_control *ctl, unsigned int i, size_t len)
{
	return (struct ibv_sge) {
		.addr	= (uintptr_t)ctl->buf + i * SWX_WIRE_MSG_MAX,
		.length	= len,
		.lkey	= ctl->mr->lkey,
	};
}

int memd_control_repost(struct memd_control *ctl, struct rdma_cm_id *id, unsigned int i)
{
	struct ibv_sge sge = buffer(ctl, MEMD_RECV_ID(i), SWX_WIRE_MSG_MAX);
	struct ibv_recv_wr wr = { .wr_id = MEMD_RECV_ID(i), .sg_list = &sge, .num_sge = 1 };
	struct ibv_recv_wr *bad;

	return -ibv_post_recv(id->qp, &wr, &bad);
}

int memd_control_send(struct memd_control *ctl, struct rdma_cm_id *id, const void *msg,
		      size_t len)
{
	struct ibv_send_wr wr = {
		.num_sge = 1, .opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED,
	}, *bad;
	struct ibv_sge sge;
	int i, ret;

	if (!ctl->free_sends)
		return -ENOBUFS;
	i = ffs(ctl->free_sends) - 1;
	sge = buffer(ctl, MEMD_SEND_ID(i), len);
	wr.wr_id = MEMD_SEND_ID(i);
	wr.sg_list = &sge;
	memcpy((void *)(uintptr_t)sge.addr, msg, len);
	ret = ibv_post_send(id->qp, &wr, &bad);
	if (ret)
		return -ret;
	ctl->free_sends &= ~(1U << i);
	return 0;
}

static int create_qp(struct rdma_cm_id *id, struct ibv_pd *pd, struct ibv_cq *cq,
		     __u32 depth, void *context)
{
	struct ibv_qp_init_attr attr = {
		.qp_context	= context,
		.send_cq	= cq,
		.recv_cq	= cq,
		.qp_type	= IBV_QPT_RC,
		.cap		= { .max_send_wr = depth, .max_recv_wr = depth,
				    .max_send_sge = 1, .max_recv_sge = 1 },
	};

	return rdma_create_qp(id, pd, &attr) ? -errno : 0;
}

int memd_control_init(struct memd_control *ctl, struct memd_device *dev,
		      struct rdma_cm_id *id, void *context)
{
	unsigned int i;
	int ret;

	memset(ctl, 0, sizeof(*ctl));
	ctl->free_sends = (1U << NR_SENDS) - 1;
	ctl->buf = aligned_alloc(4096, BUF_SIZE);
	if (!ctl->buf)
		return -ENOMEM;
	memset(ctl->buf, 0, BUF_SIZE);
	ctl->pd = ibv_alloc_pd(dev->verbs);
	if (!ctl->pd)
		goto err_errno;
	ctl->mr = ibv_reg_mr(ctl->pd, ctl->buf, BUF_SIZE, IBV_ACCESS_LOCAL_WRITE);
	if (!ctl->mr)
		goto err_errno;
	ctl->cq = ibv_create_cq(dev->verbs, SWX_WIRE_RECVS + NR_SENDS, context,
				dev->channel, 0);
	if (!ctl->cq || ibv_req_notify_cq(ctl->cq, 0))
		goto err_errno;
	ret = create_qp(id, ctl->pd, ctl->cq, SWX_WIRE_RECVS, context);
	for (i = 0; !ret && i < SWX_WIRE_RECVS; i++)
		ret = memd_control_repost(ctl, id, i);
	if (ret)
		goto err;
	return 0;

err_errno:
	ret = -errno;
err:
	memd_control_free(ctl, id);
	return ret;
}

void memd_control_free(struct memd_control *ctl, struct rdma_cm_id *id)
{
	if (id->qp)
		rdma_destroy_qp(id);
	if (ctl->cq)
		ibv_destroy_cq(ctl->cq);
	if (ctl->mr)
		ibv_dereg_mr(ctl->mr);
	if (ctl->pd)
		ibv_dealloc_pd(ctl->pd);
	free(ctl->buf);
	memset(ctl, 0, sizeof(*ctl));
}

int memd_data_qp(struct rdma_cm_id *id, struct ibv_pd *pd, struct ibv_cq *cq,
		 void *context)
{
	/* Nothing is ever posted on it; not every device likes a queue of none. */
	return create_qp(id, pd, cq, 1, context);
}

struct ibv_mr *memd_register(struct ibv_pd *pd, void *addr, size_t len)
{
	/* LOCAL_WRITE because verbs want it with REMOTE_WRITE; iWARP insists. */
	return ibv_reg_mr(pd, addr, len, IBV_ACCESS_LOCAL_WRITE |
			  IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE);
}
