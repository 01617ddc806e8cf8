// SPDX-License-Identifier: GPL-2.0
/*
 * The connection manager: addresses listened on, who may connect, devices that go.
 * Everything else about a connection is in conn.c.
 */
#include "cm.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "message.h"
#include "session.h"

#define BACKLOG 64

static void wire_addr(const struct sockaddr *sa, __u8 *addr)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (sa->sa_family == AF_INET6) {
		memcpy(addr, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
		return;
	}
	memcpy(addr, mapped, 12);
	memcpy(addr + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
}

static void addr_text(const __u8 *addr, char *text, size_t len)
{
	if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)addr))
		inet_ntop(AF_INET, addr + 12, text, len);
	else
		inet_ntop(AF_INET6, addr, text, len);
}

/* What a peer asks for before anything about it is known. */
struct request {
	struct rdma_cm_id	*id;
	const void		*data;
	size_t			len;
	__u8			responder_resources;
	__u8			initiator_depth;
};

static void reject(struct memd *memd, struct rdma_cm_id *id, enum swx_wire_code code,
		   __u32 detail, const char *why)
{
	struct swx_wire_reject r = {
		.magic = htole32(SWX_WIRE_MAGIC),
		.version = htole16(SWX_WIRE_VERSION),
		.code = htole32(code),
		.detail = htole32(detail),
	};
	char text[INET6_ADDRSTRLEN];
	__u8 addr[16];

	wire_addr(rdma_get_peer_addr(id), addr);
	addr_text(addr, text, sizeof(text));
	memd->count.rejections++;
	memd_warn_limited("%s: refused: %s", text, why);
	rdma_reject(id, &r, sizeof(r));
	rdma_destroy_id(id);
}

/* May it join the session it names? Its serial number is used up by that. */
static const char *check_data(struct memd *memd, const struct rdma_cm_id *id,
			      const struct memd_conn *conn, struct memd_session **session,
			      enum swx_wire_code *code, __u32 *detail)
{
	const struct swx_wire_connect *c = &conn->request;
	__u8 proof[SWX_WIRE_PROOF_LEN];
	struct memd_session *s;

	s = memd_session_find(memd, le64toh(c->session));
	*code = SWX_WIRE_E_SESSION;
	if (!s || s->state != SESSION_ACTIVE)
		return "no such session";
	if (s->dev->verbs != id->verbs)
		return "its session is on another device";
	*code = SWX_WIRE_E_AUTH;
	if (memcmp(s->client_addr, conn->client_addr, sizeof(conn->client_addr)) ||
	    memd_hmac(&s->key, c, offsetof(struct swx_wire_connect, proof), proof) ||
	    !memd_proof_equal(proof, c->proof)) {
		memd->count.auth_failures++;
		return "a wrong proof";
	}
	if (!memd_window_take(&s->window, le32toh(c->serial)))
		return "a serial number that was used before";
	*code = SWX_WIRE_E_LIMIT;
	*detail = memd->cfg.max_connections;
	if (memd_session_nr_data(s) >= memd->cfg.max_connections)
		return "too many connections of its session";
	*session = s;
	return NULL;
}

static int accept_conn(struct memd_conn *conn, const struct request *r)
{
	struct swx_wire_accept a = {
		.magic		= htole32(SWX_WIRE_MAGIC),
		.version	= htole16(SWX_WIRE_VERSION),
		.kind		= conn->kind,
		.session	= conn->request.session,
		.serial		= conn->request.serial,
		.qpn		= htole32(conn->id->qp->qp_num),
		.client_qpn	= conn->request.qpn,
	};
	__u32 reads = r->responder_resources < conn->dev->max_reads ?
		      r->responder_resources : conn->dev->max_reads;
	struct rdma_conn_param param = {
		.private_data		= &a,
		.private_data_len	= sizeof(a),
		.responder_resources	= reads,
		/* This side reads nothing; but iWARP may need one to begin. */
		.initiator_depth	= r->initiator_depth ? 1 : 0,
		.rnr_retry_count	= 6,
	};

	if (conn->session && memd_hmac(&conn->session->key, &a,
				       offsetof(struct swx_wire_accept, proof), a.proof))
		return -EIO;
	return rdma_accept(conn->id, &param) ? -errno : 0;
}

static struct memd_conn *conn_new(struct memd *memd, struct rdma_cm_id *id,
				  const struct swx_wire_connect *request)
{
	struct memd_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->memd = memd;
	conn->request = *request;
	conn->kind = request->kind;
	conn->deadline = memd_now_ms() + memd->cfg.handshake_timeout;
	wire_addr(rdma_get_peer_addr(id), conn->client_addr);
	wire_addr(rdma_get_local_addr(id), conn->server_addr);
	addr_text(conn->client_addr, conn->text, sizeof(conn->text));
	return conn;
}

/* Resources, then the reply. On failure the id is still the caller's. */
static int conn_set_up(struct memd_conn *conn, const struct request *r,
		       struct memd_session *session)
{
	int ret;

	conn->dev = memd_device_get(conn->memd, r->id);
	if (!conn->dev)
		return -ENODEV;
	conn->id = r->id;
	if (session) {
		ret = memd_data_qp(r->id, session->pd, session->cq, conn);
		conn->state = CONN_OPEN;
		memd_conn_join(conn, session);
	} else {
		ret = memd_control_init(&conn->ctl, conn->dev, r->id, conn);
		conn->memd->nr_handshakes++;
	}
	TAILQ_INSERT_TAIL(&conn->memd->conns, conn, node);
	r->id->context = conn;
	return ret ?: accept_conn(conn, r);
}

static void connect_request(struct memd *memd, const struct request *r)
{
	struct swx_wire_connect request;
	struct memd_session *session = NULL;
	enum swx_wire_code code;
	struct memd_conn *conn;
	__u32 detail = 0;
	const char *why;
	int ret;

	why = memd_connect_check(r->data, r->len, &code);
	if (why) {
		reject(memd, r->id, code, 0, why);
		return;
	}
	memcpy(&request, r->data, sizeof(request));
	conn = conn_new(memd, r->id, &request);
	if (!conn) {
		reject(memd, r->id, SWX_WIRE_E_INTERNAL, 0, "out of memory");
		return;
	}
	if (conn->kind != SWX_WIRE_CONTROL) {
		why = check_data(memd, r->id, conn, &session, &code, &detail);
	} else if (memd->nr_handshakes >= memd->cfg.max_handshakes) {
		why = "too many clients shake hands";
		code = SWX_WIRE_E_BUSY;
		detail = memd->cfg.max_handshakes;
	}
	if (why) {
		free(conn);
		reject(memd, r->id, code, detail, why);
		return;
	}
	ret = conn_set_up(conn, r, session);
	if (!ret) {
		memd->count.connections++;
		memd_debug("%s: connection accepted, kind %u", conn->text, conn->kind);
		return;
	}
	memd_error("%s: cannot set up a connection: %s", conn->text, strerror(-ret));
	if (conn->id) {
		memd->count.rejections++;
		memd_conn_dead(conn);
	} else {
		free(conn);
		reject(memd, r->id, SWX_WIRE_E_INTERNAL, 0, "its device cannot be used");
	}
}

static void device_removed(struct memd_device *dev)
{
	struct memd *memd = dev->memd;
	struct memd_conn *conn, *next;

	memd_error("%s: the device was removed; its sessions end",
		   ibv_get_device_name(dev->verbs->device));
	memd_session_end_all(memd, dev);
	for (conn = TAILQ_FIRST(&memd->conns); conn; conn = next) {
		next = TAILQ_NEXT(conn, node);
		if (conn->dev == dev)
			memd_conn_dead(conn);
	}
	memd_conn_reap(memd);
	memd_device_close(dev);
}

static void listener_removed(struct memd *memd, struct rdma_cm_id *id)
{
	unsigned int i;

	for (i = 0; i < MEMD_MAX_LISTEN; i++) {
		if (memd->listeners[i] != id)
			continue;
		memd_error("%s: the device of this address was removed; waiting for its return",
			   i < memd->cfg.nr_listen ? memd->cfg.listen[i] : "any address");
		memd->listeners[i] = NULL;
		rdma_destroy_id(id);
		return;
	}
}

static void removal_event(struct memd *memd, struct rdma_cm_id *id)
{
	struct memd_device *dev = memd_device_held_by(memd, id);
	struct memd_conn *conn = id->context;

	if (conn)
		dev = conn->dev;
	if (dev)
		device_removed(dev);
	else
		listener_removed(memd, id);
}

static void cm_ready(struct memd_watch *w, __u32 events)
{
	struct memd *memd = container_of(w, struct memd, cm_watch);
	struct rdma_cm_event *e, copy;
	__u8 data[256];
	struct request r;

	(void)events;
	if (rdma_get_cm_event(memd->cm, &e))
		return;
	/* An id cannot be destroyed before its event is acknowledged. */
	copy = *e;
	r = (struct request) { .id = e->id, .data = data };
	if (e->event == RDMA_CM_EVENT_CONNECT_REQUEST) {
		r.len = e->param.conn.private_data ? e->param.conn.private_data_len : 0;
		r.responder_resources = e->param.conn.responder_resources;
		r.initiator_depth = e->param.conn.initiator_depth;
		if (r.len)
			memcpy(data, e->param.conn.private_data, r.len);
	}
	rdma_ack_cm_event(e);

	if (copy.event == RDMA_CM_EVENT_CONNECT_REQUEST)
		connect_request(memd, &r);
	else if (copy.event == RDMA_CM_EVENT_DEVICE_REMOVAL)
		removal_event(memd, copy.id);
	else if (copy.id->context)
		memd_conn_event(copy.id->context, copy.event, copy.status);
}

static int listen_on(struct memd *memd, unsigned int i, const char *text,
		     struct memd_err *err)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&v6;
	struct rdma_cm_id *id;
	int ret;

	v6.sin6_port = htons(memd->cfg.port);
	v4.sin_port = v6.sin6_port;
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1) {
		inet_pton(AF_INET, text, &v4.sin_addr);
		sa = (struct sockaddr *)&v4;
	}
	if (rdma_create_id(memd->cm, &id, NULL, RDMA_PS_TCP))
		return memd_err_set(err, -errno, "cannot listen: %s", strerror(errno));
	if (!rdma_bind_addr(id, sa) && !rdma_listen(id, BACKLOG)) {
		memd->listeners[i] = id;
		memd_info("listening on %s port %llu", text,
			  (unsigned long long)memd->cfg.port);
		return 0;
	}
	ret = -errno;
	rdma_destroy_id(id);
	memd_err_set(err, 0, "%s port %llu: cannot listen: %s", text,
		     (unsigned long long)memd->cfg.port, strerror(-ret));
	if (ret == -EADDRINUSE)
		memd_err_hint(err, "another swx-memd runs, or choose another --port");
	else
		memd_err_hint(err, "is it an address of an RDMA device? rdma link; ip addr");
	return ret;
}

int memd_listen(struct memd *memd, struct memd_err *err)
{
	unsigned int i;
	int ret;

	memd->cm = rdma_create_event_channel();
	if (!memd->cm) {
		ret = -errno;
		memd_err_set(err, 0, "no RDMA connection manager: %s", strerror(-ret));
		memd_err_hint(err, "modprobe rdma_ucm; is there an RDMA device? rdma link");
		return ret;
	}
	memd->cm_watch = (struct memd_watch) { memd->cm->fd, cm_ready };
	ret = memd_set_nonblocking(memd->cm->fd) ?:
	      memd_loop_add(memd->epoll, &memd->cm_watch, EPOLLIN);
	if (ret)
		return memd_err_set(err, ret, "cannot wait for connections: %s",
				    strerror(-ret));
	if (!memd->cfg.nr_listen) {
		/* Both families where there are both. */
		struct memd_err ignored = { 0 };

		if (!listen_on(memd, 0, "::", &ignored))
			return 0;
		return listen_on(memd, 0, "0.0.0.0", err);
	}
	for (i = 0; i < memd->cfg.nr_listen; i++) {
		ret = listen_on(memd, i, memd->cfg.listen[i], err);
		if (ret)
			return ret;
	}
	return 0;
}

void memd_listen_again(struct memd *memd)
{
	struct memd_err ignored = { 0 };
	unsigned int i;

	for (i = 0; i < memd->cfg.nr_listen; i++)
		if (!memd->listeners[i])
			listen_on(memd, i, memd->cfg.listen[i], &ignored);
}

void memd_cm_stop(struct memd *memd)
{
	struct memd_conn *conn;
	unsigned int i;

	while ((conn = TAILQ_FIRST(&memd->conns)))
		memd_conn_dead(conn);
	memd_session_end_all(memd, NULL);
	memd_conn_reap(memd);
	while (!TAILQ_EMPTY(&memd->devices))
		memd_device_close(TAILQ_FIRST(&memd->devices));
	for (i = 0; i < MEMD_MAX_LISTEN; i++)
		if (memd->listeners[i])
			rdma_destroy_id(memd->listeners[i]);
	if (memd->cm)
		rdma_destroy_event_channel(memd->cm);
}
