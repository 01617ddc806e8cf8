// SPDX-License-Identifier: GPL-2.0
/* Connections, messages and one-sided operations of a test client, one at a time. */
#include "peer.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define IO_SIZE		(1 << 20)	/* largest data_io() */
#define CTL_SIZE	((SWX_WIRE_RECVS + 4) * SWX_WIRE_MSG_MAX)
#define SEND_ID		100
#define IO_ID		200

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "FAIL: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(1);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void hmac(const void *key, size_t len, const void *data, size_t data_len,
	  unsigned char *proof)
{
	unsigned int out = 0;

	HMAC(EVP_sha256(), key, len, data, data_len, proof, &out);
	EXPECT(out == SWX_WIRE_PROOF_LEN, "HMAC of %u bytes", out);
}

void peer_init(struct peer *p, const char *addr, int port, const char *key_file,
	       const char *name)
{
	FILE *f = fopen(key_file, "rb");

	EXPECT(f, "%s: %m", key_file);
	memset(p, 0, sizeof(*p));
	p->addr = addr;
	p->port = port;
	p->key_len = fread(p->key, 1, sizeof(p->key), f);
	fclose(f);
	memcpy(p->name, name, strnlen(name, sizeof(p->name)));
	p->slab_min = 4096;
	p->slab_max = 1ULL << 40;
}

/* The next event of the connection; -1 after @ms. */
static int wait_event(struct link *l, int ms, struct rdma_cm_event *copy,
		      unsigned char *data)
{
	struct pollfd fd = { .fd = l->channel->fd, .events = POLLIN };
	struct rdma_cm_event *e;

	if (poll(&fd, 1, ms) != 1 || rdma_get_cm_event(l->channel, &e))
		return -1;
	*copy = *e;
	copy->param.conn.private_data_len = e->param.conn.private_data ?
					    e->param.conn.private_data_len : 0;
	if (copy->param.conn.private_data_len)
		memcpy(data, e->param.conn.private_data, copy->param.conn.private_data_len);
	rdma_ack_cm_event(e);
	if (copy->event == RDMA_CM_EVENT_DISCONNECTED)
		l->gone = true;
	return copy->event;
}

static void resolve(struct link *l, const struct peer *p)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	struct rdma_cm_event e;
	unsigned char data[256];
	int got;

	EXPECT(inet_pton(AF_INET, p->addr, &addr.sin_addr) == 1, "%s: no address", p->addr);
	EXPECT(!rdma_resolve_addr(l->id, NULL, (struct sockaddr *)&addr, 2000),
	       "resolve %s: %m", p->addr);
	got = wait_event(l, PATIENCE_MS, &e, data);
	EXPECT(got == RDMA_CM_EVENT_ADDR_RESOLVED, "resolve %s: event %d", p->addr, got);
	EXPECT(!rdma_resolve_route(l->id, 2000), "route to %s: %m", p->addr);
	got = wait_event(l, PATIENCE_MS, &e, data);
	EXPECT(got == RDMA_CM_EVENT_ROUTE_RESOLVED, "route to %s: event %d", p->addr, got);
}

static void post_receive(struct link *l, unsigned int i)
{
	struct ibv_sge sge = { (uintptr_t)l->buf + i * SWX_WIRE_MSG_MAX, SWX_WIRE_MSG_MAX,
			       l->mr->lkey };
	struct ibv_recv_wr wr = { .wr_id = i, .sg_list = &sge, .num_sge = 1 }, *bad;

	EXPECT(!ibv_post_recv(l->id->qp, &wr, &bad), "post receive");
}

static void make_qp(struct link *l, bool control)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 16, .max_recv_wr = control ? SWX_WIRE_RECVS : 1,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	size_t size = control ? CTL_SIZE : IO_SIZE;
	unsigned int i;

	l->pd = ibv_alloc_pd(l->id->verbs);
	l->cq = ibv_create_cq(l->id->verbs, 64, NULL, NULL, 0);
	EXPECT(l->pd && l->cq, "PD or CQ: %m");
	attr.send_cq = l->cq;
	attr.recv_cq = l->cq;
	EXPECT(!rdma_create_qp(l->id, l->pd, &attr), "QP: %m");
	l->buf = aligned_alloc(4096, size);
	/* iWARP writes what it READs by a remote key. */
	l->mr = ibv_reg_mr(l->pd, l->buf, size,
			   IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE);
	EXPECT(l->mr, "MR: %m");
	for (i = 0; control && i < SWX_WIRE_RECVS; i++)
		post_receive(l, i);
}

static void read_refusal(struct link *l, const unsigned char *data, size_t len)
{
	struct swx_wire_reject r;

	if (len < sizeof(r))
		return;
	memcpy(&r, data, sizeof(r));
	if (le32toh(r.magic) != SWX_WIRE_MAGIC)
		return;
	EXPECT(le16toh(r.version) == SWX_WIRE_VERSION, "version %u in a refusal",
	       le16toh(r.version));
	l->refused = le32toh(r.code);
	l->detail = le32toh(r.detail);
}

bool link_connect(struct link *l, const struct peer *p, const void *request, size_t len)
{
	struct swx_wire_connect r = { 0 };
	struct rdma_conn_param param = {
		.private_data = &r, .private_data_len = len,
		.initiator_depth = 4, .retry_count = 6, .rnr_retry_count = 6,
	};
	struct rdma_cm_event e;
	__u8 ack_timeout = 19;	/* 4.096 us << 19 is 2 s */
	unsigned char data[256];
	int got;

	memset(l, 0, sizeof(*l));
	memcpy(&r, request, len < sizeof(r) ? len : sizeof(r));
	l->channel = rdma_create_event_channel();
	EXPECT(l->channel, "event channel: %m");
	EXPECT(!rdma_create_id(l->channel, &l->id, NULL, RDMA_PS_TCP), "id: %m");
	/* A CPU of a guest may stand still for seconds: rxe must not give up so soon. */
	rdma_set_option(l->id, RDMA_OPTION_ID, RDMA_OPTION_ID_ACK_TIMEOUT, &ack_timeout,
			sizeof(ack_timeout));
	resolve(l, p);
	make_qp(l, r.kind == SWX_WIRE_CONTROL);
	if (len == sizeof(r) && !r.qpn) {
		r.qpn = htole32(l->id->qp->qp_num);
		if (r.kind != SWX_WIRE_CONTROL)
			hmac(p->session_key, sizeof(p->session_key), &r,
			     offsetof(struct swx_wire_connect, proof), r.proof);
	}
	l->request = r;
	EXPECT(!rdma_connect(l->id, &param), "connect: %m");
	do
		got = wait_event(l, PATIENCE_MS, &e, data);
	while (got >= 0 && got != RDMA_CM_EVENT_ESTABLISHED &&
	       got != RDMA_CM_EVENT_REJECTED && got != RDMA_CM_EVENT_UNREACHABLE &&
	       got != RDMA_CM_EVENT_CONNECT_ERROR);
	if (got == RDMA_CM_EVENT_ESTABLISHED) {
		EXPECT(e.param.conn.private_data_len >= sizeof(l->accept),
		       "%u bytes of private data in the reply",
		       e.param.conn.private_data_len);
		memcpy(&l->accept, data, sizeof(l->accept));
		/*
		 * siw_accept() takes over the socket's callbacks only after it has sent
		 * its reply: what comes in between is not seen until more comes.
		 */
		if (l->id->verbs->device->transport_type == IBV_TRANSPORT_IWARP)
			usleep(100 * 1000);
		return true;
	}
	if (got == RDMA_CM_EVENT_REJECTED)
		read_refusal(l, data, e.param.conn.private_data_len);
	link_close(l);
	return false;
}

void link_close(struct link *l)
{
	if (!l->id)
		return;
	rdma_disconnect(l->id);
	rdma_destroy_qp(l->id);
	ibv_destroy_cq(l->cq);
	ibv_dereg_mr(l->mr);
	ibv_dealloc_pd(l->pd);
	rdma_destroy_id(l->id);
	rdma_destroy_event_channel(l->channel);
	free(l->buf);
	l->id = NULL;
}

bool link_closed(struct link *l, int ms)
{
	struct rdma_cm_event e;
	unsigned char data[256];
	long end = now_ms() + ms;

	while (!l->gone && now_ms() < end)
		wait_event(l, end - now_ms(), &e, data);
	return l->gone;
}

bool peer_connect(struct peer *p)
{
	struct swx_wire_connect r = {
		.magic = htole32(SWX_WIRE_MAGIC), .version = htole16(SWX_WIRE_VERSION),
		.kind = SWX_WIRE_CONTROL,
	};

	return link_connect(&p->control, p, &r, sizeof(r));
}

/* Completions; received messages are queued. False after @ms without the one wanted. */
static bool poll_cq(struct link *l, __u64 wanted, int ms, struct ibv_wc *wc)
{
	long end = now_ms() + ms;

	for (;;) {
		int n = ibv_poll_cq(l->cq, 1, wc);

		if (n < 1) {
			if (now_ms() >= end)
				return false;
			usleep(200);
			continue;
		}
		if (wc->wr_id < SWX_WIRE_RECVS && wc->status == IBV_WC_SUCCESS) {
			l->pending[l->nr_pending] = wc->wr_id;
			l->pending_len[l->nr_pending++] = wc->byte_len;
		}
		if (wc->wr_id == wanted ||
		    (wanted < SWX_WIRE_RECVS && wc->wr_id < SWX_WIRE_RECVS))
			return true;
		if (wc->status != IBV_WC_SUCCESS)
			return false;
	}
}

void peer_send(struct peer *p, const void *msg, size_t len)
{
	struct link *l = &p->control;
	struct ibv_sge sge = { (uintptr_t)l->buf + SWX_WIRE_RECVS * SWX_WIRE_MSG_MAX,
			       len, l->mr->lkey };
	struct ibv_send_wr wr = { .wr_id = SEND_ID, .sg_list = &sge, .num_sge = 1,
				  .opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED };
	struct ibv_send_wr *bad;
	struct ibv_wc wc;

	memcpy((void *)(uintptr_t)sge.addr, msg, len);
	/* A server that hung up is for the caller to find out. */
	if (!ibv_post_send(l->id->qp, &wr, &bad))
		poll_cq(l, SEND_ID, PATIENCE_MS, &wc);
}

bool peer_receive(struct peer *p, union message *m, int ms)
{
	struct link *l = &p->control;
	struct ibv_wc wc;
	unsigned int i;
	__u32 len;

	if (!l->nr_pending && (!poll_cq(l, 0, ms, &wc) || wc.status != IBV_WC_SUCCESS))
		return false;
	i = l->pending[0];
	len = l->pending_len[0];
	memset(m, 0, sizeof(*m));
	memcpy(m, l->buf + i * SWX_WIRE_MSG_MAX, len);
	l->nr_pending--;
	memmove(l->pending, l->pending + 1, l->nr_pending * sizeof(l->pending[0]));
	memmove(l->pending_len, l->pending_len + 1,
		l->nr_pending * sizeof(l->pending_len[0]));
	post_receive(l, i);
	EXPECT(len >= sizeof(m->hdr) && le16toh(m->hdr.len) == len,
	       "a message of %u bytes that says %u", len, le16toh(m->hdr.len));
	return true;
}

void peer_ask(struct peer *p, enum swx_wire_type type, void *msg, size_t len,
	      union message *answer)
{
	struct swx_wire_header *hdr = msg;

	hdr->type = htole16(type);
	hdr->len = htole16(len);
	hdr->tag = htole32(++p->tag);
	peer_send(p, msg, len);
	do
		EXPECT(peer_receive(p, answer, PATIENCE_MS), "no answer to type %d", type);
	while (answer->hdr.tag != hdr->tag);
}

void expect_error(const union message *m, enum swx_wire_code code, bool fatal)
{
	EXPECT(le16toh(m->hdr.type) == SWX_WIRE_ERROR, "want error %d, got message %u",
	       code, le16toh(m->hdr.type));
	EXPECT(le32toh(m->error.code) == code, "want error %d, got %u: %.128s", code,
	       le32toh(m->error.code), m->error.text);
	EXPECT(!!le32toh(m->error.fatal) == fatal, "error %d is fatal: %u", code,
	       le32toh(m->error.fatal));
	EXPECT(m->error.text[0], "error %d without a text", code);
}

static void prove(const struct peer *p, const void *key, size_t len,
		  enum swx_wire_purpose purpose, __u64 session, __u64 epoch,
		  unsigned char *proof)
{
	struct swx_wire_transcript t = {
		.purpose = htole32(purpose), .version = htole16(SWX_WIRE_VERSION),
		.session = htole64(session), .epoch = htole64(epoch),
		.client_addr = { [10] = 0xff, [11] = 0xff },
		.server_addr = { [10] = 0xff, [11] = 0xff },
		.client_qpn = p->control.request.qpn, .server_qpn = p->control.accept.qpn,
	};
	struct sockaddr_in *in;

	in = (struct sockaddr_in *)rdma_get_local_addr(p->control.id);
	memcpy(t.client_addr + 12, &in->sin_addr, 4);
	in = (struct sockaddr_in *)rdma_get_peer_addr(p->control.id);
	memcpy(t.server_addr + 12, &in->sin_addr, 4);
	memcpy(t.client_nonce, p->client_nonce, sizeof(t.client_nonce));
	memcpy(t.server_nonce, p->server_nonce, sizeof(t.server_nonce));
	memcpy(t.name, p->name, sizeof(t.name));
	hmac(key, len, &t, sizeof(t), proof);
}

static void check_welcome(struct peer *p, bool resume, const union message *m)
{
	const void *key = resume ? p->session_key : p->key;
	size_t len = resume ? sizeof(p->session_key) : p->key_len;
	unsigned char proof[SWX_WIRE_PROOF_LEN];

	p->welcome = m->welcome;
	EXPECT(!resume || p->session == le64toh(m->welcome.session), "another session");
	p->session = le64toh(m->welcome.session);
	p->epoch = le64toh(m->welcome.epoch);
	p->slab_size = le64toh(m->welcome.slab_size);
	EXPECT(p->session && p->epoch && p->slab_size, "zeros in WELCOME");
	prove(p, key, len, SWX_WIRE_PROOF_SERVER, p->session, p->epoch, proof);
	EXPECT(!memcmp(proof, m->welcome.proof, sizeof(proof)), "the server's proof is wrong");
	if (!resume)
		prove(p, p->key, p->key_len, SWX_WIRE_PROOF_SESSION, p->session, p->epoch,
		      p->session_key);
}

void peer_greet(struct peer *p, bool resume, union message *answer)
{
	struct swx_wire_hello h = {
		.slab_min = htole64(p->slab_min), .slab_max = htole64(p->slab_max),
	};
	struct swx_wire_auth a = { .session = htole64(resume ? p->session : 0) };

	EXPECT(getrandom(p->client_nonce, sizeof(p->client_nonce), 0) ==
	       sizeof(p->client_nonce), "no random numbers");
	memcpy(h.nonce, p->client_nonce, sizeof(h.nonce));
	memcpy(h.name, p->name, sizeof(h.name));
	peer_ask(p, SWX_WIRE_HELLO, &h, sizeof(h), answer);
	if (le16toh(answer->hdr.type) != SWX_WIRE_CHALLENGE)
		return;
	memcpy(p->server_nonce, answer->challenge.nonce, sizeof(p->server_nonce));
	if (resume)
		prove(p, p->session_key, sizeof(p->session_key), SWX_WIRE_PROOF_RESUME,
		      p->session, 0, a.proof);
	else
		prove(p, p->key, p->key_len, SWX_WIRE_PROOF_CLIENT, 0, 0, a.proof);
	peer_ask(p, resume ? SWX_WIRE_RESUME : SWX_WIRE_AUTH, &a, sizeof(a), answer);
	if (le16toh(answer->hdr.type) == SWX_WIRE_WELCOME)
		check_welcome(p, resume, answer);
}

static void expect_welcome(const union message *m)
{
	EXPECT(le16toh(m->hdr.type) == SWX_WIRE_WELCOME, "not welcome: message %u: %.128s",
	       le16toh(m->hdr.type),
	       le16toh(m->hdr.type) == SWX_WIRE_ERROR ? (const char *)m->error.text : "");
}

void peer_begin(struct peer *p)
{
	union message m;

	EXPECT(peer_connect(p), "connection refused: code %d", p->control.refused);
	peer_greet(p, false, &m);
	expect_welcome(&m);
}

void peer_resume(struct peer *p)
{
	union message m;

	EXPECT(peer_connect(p), "connection refused: code %d", p->control.refused);
	peer_greet(p, true, &m);
	expect_welcome(&m);
}

void peer_bye(struct peer *p)
{
	struct swx_wire_header bye = { htole16(SWX_WIRE_BYE), htole16(sizeof(bye)), 0 };

	peer_send(p, &bye, sizeof(bye));
	link_close(&p->control);
}

enum swx_wire_code peer_try_alloc(struct peer *p, unsigned int count, __u32 *detail)
{
	struct swx_wire_slab_alloc a = { .count = htole32(count) };
	union message m;

	peer_ask(p, SWX_WIRE_SLAB_ALLOC, &a, sizeof(a), &m);
	if (le16toh(m.hdr.type) == SWX_WIRE_SLAB_GRANT)
		return 0;
	expect_error(&m, le32toh(m.error.code), false);
	*detail = le32toh(m.error.detail);
	return le32toh(m.error.code);
}

void peer_alloc(struct peer *p, unsigned int count, struct swx_wire_slab *slabs)
{
	struct swx_wire_slab_alloc a = { .count = htole32(count) };
	union message m;
	unsigned int i;

	peer_ask(p, SWX_WIRE_SLAB_ALLOC, &a, sizeof(a), &m);
	EXPECT(le16toh(m.hdr.type) == SWX_WIRE_SLAB_GRANT, "%u slabs: %.128s", count,
	       m.error.text);
	EXPECT(le32toh(m.grant.count) == count, "%u slabs instead of %u",
	       le32toh(m.grant.count), count);
	EXPECT(le16toh(m.hdr.len) == sizeof(m.grant) + count * sizeof(*slabs),
	       "a grant of %u bytes", le16toh(m.hdr.len));
	for (i = 0; i < count; i++) {
		slabs[i] = m.grant.slab[i];
		EXPECT(le64toh(slabs[i].len) == p->slab_size, "a slab of another size");
		EXPECT(!(le64toh(slabs[i].addr) % 4096), "a slab that is not aligned");
	}
}

void peer_free(struct peer *p, const struct swx_wire_slab *slabs, unsigned int count)
{
	struct {
		struct swx_wire_slab_free	f;
		__le32				id[SWX_WIRE_FREES_MAX];
	} msg = { .f.count = htole32(count) };
	union message m;
	unsigned int i;

	for (i = 0; i < count; i++)
		msg.id[i] = slabs[i].id;
	peer_ask(p, SWX_WIRE_SLAB_FREE, &msg, sizeof(msg.f) + count * sizeof(__le32), &m);
	EXPECT(le16toh(m.hdr.type) == SWX_WIRE_SLAB_FREED, "free: %.128s", m.error.text);
	EXPECT(le32toh(m.freed.count) == count, "%u freed", le32toh(m.freed.count));
}

bool data_connect(struct peer *p, struct link *l, enum swx_wire_kind kind)
{
	struct swx_wire_connect r = {
		.magic = htole32(SWX_WIRE_MAGIC), .version = htole16(SWX_WIRE_VERSION),
		.kind = kind, .session = htole64(p->session), .serial = htole32(++p->serial),
	};
	unsigned char proof[SWX_WIRE_PROOF_LEN];

	if (!link_connect(l, p, &r, sizeof(r)))
		return false;
	hmac(p->session_key, sizeof(p->session_key), &l->accept,
	     offsetof(struct swx_wire_accept, proof), proof);
	EXPECT(!memcmp(proof, l->accept.proof, sizeof(proof)),
	       "the proof of a data connection is wrong");
	EXPECT(l->accept.client_qpn == l->request.qpn && l->accept.serial == r.serial,
	       "the reply to another request");
	return true;
}

void data_open(struct peer *p, struct link *l, enum swx_wire_kind kind)
{
	EXPECT(data_connect(p, l, kind), "data connection refused: code %d", l->refused);
}

enum ibv_wc_status data_io(struct link *l, enum ibv_wr_opcode op, __u32 rkey, __u64 addr,
			   void *buf, size_t len)
{
	struct ibv_sge sge = { (uintptr_t)l->buf, len, l->mr->lkey };
	struct ibv_send_wr wr = {
		.wr_id = IO_ID, .sg_list = &sge, .num_sge = 1, .opcode = op,
		.send_flags = IBV_SEND_SIGNALED,
		.wr.rdma = { .remote_addr = addr, .rkey = rkey },
	};
	struct ibv_send_wr *bad;
	struct ibv_wc wc;

	EXPECT(len <= IO_SIZE, "%zu bytes at once", len);
	if (op == IBV_WR_RDMA_WRITE)
		memcpy(l->buf, buf, len);
	if (ibv_post_send(l->id->qp, &wr, &bad))
		return IBV_WC_WR_FLUSH_ERR;
	if (!poll_cq(l, IO_ID, PATIENCE_MS, &wc) && wc.status == IBV_WC_SUCCESS)
		return IBV_WC_RESP_TIMEOUT_ERR;
	if (wc.status == IBV_WC_SUCCESS && op == IBV_WR_RDMA_READ)
		memcpy(buf, l->buf, len);
	return wc.status;
}
