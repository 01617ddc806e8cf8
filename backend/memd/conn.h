/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections: from the request to the end. Whatever ends one only marks it; it is
 * destroyed by memd_conn_reap(), when nobody holds a pointer to it any more.
 */
#ifndef __MEMD_CONN_H
#define __MEMD_CONN_H

#include <netinet/in.h>
#include <stdbool.h>

#include "verbs.h"

/*
 * enum memd_conn_state
 * @CONN_HELLO: control connection that waits for HELLO
 * @CONN_AUTH: and for AUTH or RESUME
 * @CONN_OPEN: belongs to a session
 * @CONN_CLOSING: all is said; the peer may disconnect, or the deadline comes
 * @CONN_DEAD: to be destroyed
 */
enum memd_conn_state { CONN_HELLO, CONN_AUTH, CONN_OPEN, CONN_CLOSING, CONN_DEAD };

/*
 * struct memd_conn - one connection
 * @node: in conns or dead_conns
 * @of_session: in the session's list of data connections
 * @session: NULL before and after it has one
 * @kind: enum swx_wire_kind
 * @deadline: when to give up on it, in ms; 0: never
 * @request: as the client sent it
 * @client_addr: as in proofs; @server_addr, too
 * @text: the client's address for people
 * @ctl: of a control connection
 * @hello: as the client sent it
 * @nonce: the server's
 */
struct memd_conn {
	TAILQ_ENTRY(memd_conn)	node;
	TAILQ_ENTRY(memd_conn)	of_session;
	struct memd		*memd;
	struct memd_device	*dev;
	struct memd_session	*session;
	struct rdma_cm_id	*id;
	enum memd_conn_state	state;
	__u8			kind;
	__u64			deadline;
	struct swx_wire_connect	request;
	__u8			client_addr[16];
	__u8			server_addr[16];
	char			text[INET6_ADDRSTRLEN];
	struct memd_control	ctl;
	struct swx_wire_hello	hello;
	__u8			nonce[SWX_WIRE_NONCE_LEN];
};

void memd_conn_event(struct memd_conn *conn, enum rdma_cm_event_type type, int status);
void memd_conn_completions(struct memd_conn *conn);
void memd_conn_send(struct memd_conn *conn, const void *msg, size_t len);
/* An ERROR; @fatal: and nothing more. */
__attribute__((format(printf, 6, 7)))
void memd_conn_error(struct memd_conn *conn, __le32 tag, enum swx_wire_code code,
		     __u32 detail, bool fatal, const char *fmt, ...);

/* The peer is to read what was sent last and disconnect. */
void memd_conn_close(struct memd_conn *conn);
/* It is of no more use; a session loses it. */
void memd_conn_dead(struct memd_conn *conn);
/* The same for a connection that the device reports as failed. */
void memd_conn_failed(struct memd_conn *conn, const char *why);
void memd_conn_reap(struct memd *memd);
/* The queue pairs of dead connections on a device go, their ids not yet. */
void memd_conn_release(struct memd *memd, const struct memd_device *dev);
void memd_conn_tick(struct memd *memd, __u64 now);

void memd_conn_join(struct memd_conn *conn, struct memd_session *s);
/* The same for a control connection: it no longer shakes hands. */
void memd_conn_opened(struct memd_conn *conn, struct memd_session *session);

#endif /* __MEMD_CONN_H */
