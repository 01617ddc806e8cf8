/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RDMA resources and their undoing. Nothing here decides anything: conn.c and
 * session.c do.
 */
#ifndef __MEMD_VERBS_H
#define __MEMD_VERBS_H

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

#include "memd.h"

/*
 * struct memd_device - an RDMA device that somebody connected through
 * @holder: bound to it, connects to nobody: as long as it is there, so is @verbs, and
 *	the removal of the device is an event even if no client is connected
 * @channel: completions of all control connections on it
 * @max_reads: READs that a queue pair can answer at a time
 */
struct memd_device {
	TAILQ_ENTRY(memd_device)	node;
	struct memd			*memd;
	struct rdma_cm_id		*holder;
	struct ibv_context		*verbs;
	struct ibv_comp_channel		*channel;
	struct memd_watch		comp_watch;
	struct memd_watch		async_watch;
	__u32				max_reads;
};

/*
 * struct memd_control - what a control connection has of its own
 * @pd: so that not even a control message's buffer is in reach of another client
 * @buf: SWX_WIRE_RECVS buffers to receive into, then as many to send from
 * @free_sends: bit per buffer to send from
 */
struct memd_control {
	struct ibv_pd	*pd;
	struct ibv_cq	*cq;
	struct ibv_mr	*mr;
	__u8		*buf;
	__u32		free_sends;
};

/* The device of a connection, opened at its first use; NULL: see the log. */
struct memd_device *memd_device_get(struct memd *memd, struct rdma_cm_id *id);
/* Whose holder is this? NULL: nobody's */
struct memd_device *memd_device_held_by(struct memd *memd, const struct rdma_cm_id *id);
/* Nothing may be left that was made on it. */
void memd_device_close(struct memd_device *dev);

/* Everything for control messages on @id, receives posted; undone by control_free. */
int memd_control_init(struct memd_control *ctl, struct memd_device *dev,
		      struct rdma_cm_id *id, void *context);
void memd_control_free(struct memd_control *ctl, struct rdma_cm_id *id);
/* -ENOBUFS if the peer does not take what was sent before. */
int memd_control_send(struct memd_control *ctl, struct rdma_cm_id *id, const void *msg,
		      size_t len);
int memd_control_repost(struct memd_control *ctl, struct rdma_cm_id *id, unsigned int i);

/* A queue pair that only answers the peer's READs and WRITEs. */
int memd_data_qp(struct rdma_cm_id *id, struct ibv_pd *pd, struct ibv_cq *cq,
		 void *context);
/* READ and WRITE for the peer, for all of a slab. */
struct ibv_mr *memd_register(struct ibv_pd *pd, void *addr, size_t len);

#define MEMD_RECV_ID(i)		(i)
#define MEMD_SEND_ID(i)		(SWX_WIRE_RECVS + (i))

#endif /* __MEMD_VERBS_H */
