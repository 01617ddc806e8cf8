// SPDX-License-Identifier: GPL-2.0
/* What becomes of connections, and how they end. */
#include "conn.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"
#include "session.h"

#define LINGER_MS	300	/* for a last message to be read */

void memd_conn_join(struct memd_conn *conn, struct memd_session *s)
{
	conn->session = s;
	if (conn->kind == SWX_WIRE_CONTROL) {
		s->control = conn;
		return;
	}
	TAILQ_INSERT_TAIL(&s->data, conn, of_session);
	s->nr_data[conn->kind]++;
}

void memd_conn_opened(struct memd_conn *conn, struct memd_session *session)
{
	conn->memd->nr_handshakes--;
	conn->state = CONN_OPEN;
	conn->deadline = 0;
	memd_conn_join(conn, session);
}

void memd_conn_event(struct memd_conn *conn, enum rdma_cm_event_type type, int status)
{
	switch (type) {
	case RDMA_CM_EVENT_ESTABLISHED:
		if (conn->kind != SWX_WIRE_CONTROL)
			conn->deadline = 0;
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		/* A BYE may have come just before. */
		if (conn->kind == SWX_WIRE_CONTROL && conn->state != CONN_DEAD)
			memd_conn_completions(conn);
		memd_conn_dead(conn);
		break;
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_REJECTED:
		memd_debug("%s: %s (%d)", conn->text, rdma_event_str(type), status);
		memd_conn_dead(conn);
		break;
	default:
		break;
	}
}

void memd_conn_send(struct memd_conn *conn, const void *msg, size_t len)
{
	int ret;

	if (conn->state == CONN_DEAD)
		return;
	ret = memd_control_send(&conn->ctl, conn->id, msg, len);
	if (!ret)
		return;
	memd_warn_limited("%s: cannot send to it: %s", conn->text, strerror(-ret));
	memd_conn_dead(conn);
}

void memd_conn_error(struct memd_conn *conn, __le32 tag, enum swx_wire_code code,
		     __u32 detail, bool fatal, const char *fmt, ...)
{
	struct swx_wire_error e = {
		.hdr = { htole16(SWX_WIRE_ERROR), htole16(sizeof(e)), tag },
		.code = htole32(code),
		.detail = htole32(detail),
		.fatal = htole32(fatal),
	};
	char text[SWX_WIRE_TEXT_LEN + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(e.text, text, strlen(text));
	memd_warn_limited("%s: %s", conn->text, text);
	memd_conn_send(conn, &e, sizeof(e));
	if (fatal)
		memd_conn_close(conn);
}

/* Whose it was has it no longer. */
static void leave_session(struct memd_conn *conn)
{
	struct memd_session *s = conn->session;

	if (!s) {
		if (conn->state == CONN_HELLO || conn->state == CONN_AUTH)
			conn->memd->nr_handshakes--;
		return;
	}
	conn->session = NULL;
	if (conn->kind == SWX_WIRE_CONTROL) {
		s->control = NULL;
		memd_session_lost(s);
		return;
	}
	TAILQ_REMOVE(&s->data, conn, of_session);
	s->nr_data[conn->kind]--;
}

void memd_conn_close(struct memd_conn *conn)
{
	if (conn->state == CONN_DEAD || conn->state == CONN_CLOSING)
		return;
	leave_session(conn);
	conn->state = CONN_CLOSING;
	conn->deadline = memd_now_ms() + LINGER_MS;
}

void memd_conn_dead(struct memd_conn *conn)
{
	if (conn->state == CONN_DEAD)
		return;
	leave_session(conn);
	conn->state = CONN_DEAD;
	TAILQ_REMOVE(&conn->memd->conns, conn, node);
	TAILQ_INSERT_TAIL(&conn->memd->dead_conns, conn, node);
}

void memd_conn_failed(struct memd_conn *conn, const char *why)
{
	conn->memd->count.access_errors++;
	memd_warn_limited("%s: connection closed: %s", conn->text, why);
	memd_conn_dead(conn);
}

void memd_conn_release(struct memd *memd, const struct memd_device *dev)
{
	struct memd_conn *conn;

	TAILQ_FOREACH(conn, &memd->dead_conns, node)
		if (conn->dev == dev)
			memd_control_free(&conn->ctl, conn->id);
}

void memd_conn_reap(struct memd *memd)
{
	struct memd_conn *conn;

	while ((conn = TAILQ_FIRST(&memd->dead_conns))) {
		TAILQ_REMOVE(&memd->dead_conns, conn, node);
		/* The queue pair goes first: after this nothing is in reach. */
		memd_control_free(&conn->ctl, conn->id);
		rdma_destroy_id(conn->id);
		free(conn);
	}
}

void memd_conn_completions(struct memd_conn *conn)
{
	struct ibv_wc wc;
	unsigned int i;

	if (ibv_req_notify_cq(conn->ctl.cq, 0)) {
		memd_conn_dead(conn);
		return;
	}
	while (conn->state != CONN_DEAD && ibv_poll_cq(conn->ctl.cq, 1, &wc) > 0) {
		if (wc.status != IBV_WC_SUCCESS) {
			if (wc.status != IBV_WC_WR_FLUSH_ERR)
				memd_debug("%s: %s", conn->text,
					   ibv_wc_status_str(wc.status));
			memd_conn_dead(conn);
			return;
		}
		if (wc.wr_id >= MEMD_SEND_ID(0)) {
			conn->ctl.free_sends |= 1U << (wc.wr_id - MEMD_SEND_ID(0));
			continue;
		}
		i = wc.wr_id;
		if (conn->state != CONN_CLOSING)
			memd_request(conn, conn->ctl.buf + i * SWX_WIRE_MSG_MAX,
				     wc.byte_len);
		if (conn->state != CONN_DEAD &&
		    memd_control_repost(&conn->ctl, conn->id, i))
			memd_conn_dead(conn);
	}
}

void memd_conn_tick(struct memd *memd, __u64 now)
{
	struct memd_conn *conn, *next;

	/* A connection with a deadline takes no other along when it goes. */
	for (conn = TAILQ_FIRST(&memd->conns); conn; conn = next) {
		next = TAILQ_NEXT(conn, node);
		if (!conn->deadline || now < conn->deadline)
			continue;
		if (conn->state == CONN_HELLO || conn->state == CONN_AUTH) {
			memd->count.handshake_timeouts++;
			memd_conn_error(conn, 0, SWX_WIRE_E_TIMEOUT, 0, true,
					"handshake not finished within %llu ms",
					(unsigned long long)memd->cfg.handshake_timeout);
		} else {
			memd_conn_dead(conn);
		}
	}
}
