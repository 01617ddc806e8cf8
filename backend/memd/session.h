/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: what a client has, whether it is connected or expected back. Slabs change
 * hands in small steps, one registration or a few MiB of zeroes at a time.
 */
#ifndef __MEMD_SESSION_H
#define __MEMD_SESSION_H

#include "conn.h"

/*
 * enum memd_session_state
 * @SESSION_ACTIVE: has a control connection
 * @SESSION_GRACE: may come back
 * @SESSION_ENDED: is taken apart
 */
enum memd_session_state { SESSION_ACTIVE, SESSION_GRACE, SESSION_ENDED };

/*
 * struct memd_session - one client's memory and connections
 * @key: S of wire.h
 * @quota_id: client that @quota is counted for, together with its other sessions
 * @pd: of its slabs and data connections
 * @window: serial numbers of data connections
 * @slabs: granted, @nr_slabs, by rising id
 * @doomed: to be unregistered and given back to the pool
 * @incoming: registered for a SLAB_ALLOC that is not answered yet
 * @alloc_tag: of that request; @alloc_want slabs wanted, @alloc_got of them here
 * @free_tag: of a SLAB_FREE that waits for @doomed to be empty; @free_count slabs
 * @last_seen: when its last message came, in ms
 * @expires: when the grace period is over
 */
struct memd_session {
	TAILQ_ENTRY(memd_session)	node;
	struct memd			*memd;
	struct memd_device		*dev;
	enum memd_session_state		state;
	__u64				id;
	struct memd_key			key;
	char				name[SWX_WIRE_NAME_LEN + 1];
	char				addr[INET6_ADDRSTRLEN];
	__u8				client_addr[16];
	char				quota_id[SWX_WIRE_NAME_LEN + 1];
	__u64				quota;
	struct memd_conn		*control;
	TAILQ_HEAD(, memd_conn)		data;
	__u32				nr_data[SWX_WIRE_NR_KINDS];
	struct ibv_pd			*pd;
	struct ibv_cq			*cq;
	struct memd_window		window;
	struct memd_slabs		slabs;
	struct memd_slabs		doomed;
	struct memd_slabs		incoming;
	__u32				nr_slabs;
	__le32				alloc_tag;
	__u32				alloc_want;
	__u32				alloc_got;
	__le32				free_tag;
	__u32				free_count;
	__u64				last_seen;
	__u64				expires;
};

/* Bound to @conn and counted; NULL: see the log. */
struct memd_session *memd_session_new(struct memd_conn *conn);
/* The one to resume or to connect to; NULL */
struct memd_session *memd_session_find(struct memd *memd, __u64 id);
/* @conn takes the place of the control connection that was. */
void memd_session_resume(struct memd_session *s, struct memd_conn *conn);
/* Its control connection is gone. */
void memd_session_lost(struct memd_session *s);
/* No way back: slabs are released. */
void memd_session_end(struct memd_session *s);

__u32 memd_session_nr_data(const struct memd_session *s);
/* Slabs that the quota leaves, over all sessions of the client. */
__u32 memd_session_quota_left(const struct memd_session *s);
/* Slabs were promised by the pool: begin to register them. */
void memd_session_alloc(struct memd_session *s, __u32 count, __le32 tag);
/* Marks slabs of @ids for release, all or none; the first that is not its own, or 0. */
__u32 memd_session_free(struct memd_session *s, const __le32 *ids, __u32 count,
			__le32 tag);

struct swx_wire_slab memd_session_wire_slab(const struct memd_session *s,
					    const struct memd_slab *slab);

/* All of them on a device (NULL: on any) end now, at one go. */
void memd_session_end_all(struct memd *memd, const struct memd_device *dev);

void memd_session_tick(struct memd *memd, __u64 now);
/* One step of what is to be done; false: nothing is. */
bool memd_session_work(struct memd *memd);

void memd_drain_begin(struct memd *memd);
void memd_drain_end(struct memd *memd);
__u32 memd_drain_left(const struct memd *memd);
void memd_session_send_drain(struct memd_session *s);

#endif /* __MEMD_SESSION_H */
