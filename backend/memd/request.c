// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake and the requests of a session: what is asked, whether it may be, and
 * what is answered. session.c does what takes long.
 */
#include "request.h"

#include <endian.h>
#include <string.h>

#include "message.h"
#include "session.h"

#define HDR(type, msg, tag)	{ htole16(type), htole16(sizeof(msg)), tag }

static struct swx_wire_transcript transcript(const struct memd_conn *conn)
{
	struct swx_wire_transcript t = {
		.client_qpn = conn->request.qpn,
		.server_qpn = htole32(conn->id->qp->qp_num),
	};

	memcpy(t.client_addr, conn->client_addr, sizeof(t.client_addr));
	memcpy(t.server_addr, conn->server_addr, sizeof(t.server_addr));
	memcpy(t.client_nonce, conn->hello.nonce, sizeof(t.client_nonce));
	memcpy(t.server_nonce, conn->nonce, sizeof(t.server_nonce));
	memcpy(t.name, conn->hello.name, sizeof(t.name));
	return t;
}

static bool proves(struct memd_conn *conn, const struct swx_wire_auth *msg,
		   const struct memd_key *key, enum swx_wire_purpose purpose)
{
	struct swx_wire_transcript t = transcript(conn);
	__u8 proof[SWX_WIRE_PROOF_LEN];

	if (!memd_prove(key, &t, purpose, le64toh(msg->session), 0, proof) &&
	    memd_proof_equal(proof, msg->proof))
		return true;
	conn->memd->count.auth_failures++;
	memd_conn_error(conn, msg->hdr.tag, SWX_WIRE_E_AUTH, 0, true,
			"wrong proof: is the key file the same on both machines?");
	return false;
}

static void hello(struct memd_conn *conn, const struct swx_wire_hello *msg)
{
	struct swx_wire_challenge c = { .hdr = HDR(SWX_WIRE_CHALLENGE, c, msg->hdr.tag) };

	conn->hello = *msg;
	memd_random(conn->nonce, sizeof(conn->nonce));
	memcpy(c.nonce, conn->nonce, sizeof(c.nonce));
	conn->state = CONN_AUTH;
	memd_conn_send(conn, &c, sizeof(c));
}

static void welcome(struct memd_session *s, __le32 tag, const struct memd_key *key)
{
	struct memd *memd = s->memd;
	const struct memd_config *cfg = &memd->cfg;
	bool huge = memd->pool.nr_huge == memd->pool.nr;
	struct swx_wire_welcome w = {
		.hdr		 = HDR(SWX_WIRE_WELCOME, w, tag),
		.session	 = htole64(s->id),
		.epoch		 = htole64(memd->epoch),
		.features	 = htole64(huge ? SWX_WIRE_F_HUGE : 0),
		.slab_size	 = htole64(memd->pool.slab_size),
		.free_bytes	 = htole64((__u64)memd_pool_left(&memd->pool) *
					   memd->pool.slab_size),
		.quota_bytes	 = htole64(s->quota),
		.nr_slabs	 = htole32(s->nr_slabs),
		.max_connections = htole32(cfg->max_connections),
		.max_reads	 = htole32(s->dev->max_reads),
		.idle_timeout_ms = htole32(cfg->idle_timeout),
		.grace_ms	 = htole32(cfg->grace),
	};
	struct swx_wire_transcript t = transcript(s->control);

	if (memd_prove(key, &t, SWX_WIRE_PROOF_SERVER, s->id, memd->epoch, w.proof)) {
		memd_conn_dead(s->control);
		return;
	}
	memd_conn_send(s->control, &w, sizeof(w));
}

/* After the proof: whoever has no key learns nothing about the slabs. */
static bool slabs_suit(struct memd_conn *conn, __le32 tag)
{
	__u64 size = conn->memd->pool.slab_size;
	__u64 min = le64toh(conn->hello.slab_min), max = le64toh(conn->hello.slab_max);

	if (size >= min && size <= max)
		return true;
	memd_conn_error(conn, tag, SWX_WIRE_E_SLAB_SIZE, size >> 10, true,
			"slabs of %llu KiB; the client takes %llu to %llu KiB: set slab_size",
			(unsigned long long)size >> 10, (unsigned long long)min >> 10,
			(unsigned long long)max >> 10);
	return false;
}

static void auth(struct memd_conn *conn, const struct swx_wire_auth *msg)
{
	struct memd *memd = conn->memd;
	struct swx_wire_transcript t;
	struct memd_session *s;

	if (msg->session) {
		memd_conn_error(conn, msg->hdr.tag, SWX_WIRE_E_PROTOCOL, 0, true,
				"AUTH that names a session");
		return;
	}
	if (!proves(conn, msg, &memd->key, SWX_WIRE_PROOF_CLIENT) ||
	    !slabs_suit(conn, msg->hdr.tag))
		return;
	if (memd->drain_until) {
		memd_conn_error(conn, msg->hdr.tag, SWX_WIRE_E_DRAINING, 0, true,
				"the server is about to stop");
		return;
	}
	if (memd->nr_sessions >= memd->cfg.max_clients) {
		memd_conn_error(conn, msg->hdr.tag, SWX_WIRE_E_BUSY, memd->cfg.max_clients,
				true, "%llu sessions are the most there may be: raise max_clients",
				(unsigned long long)memd->cfg.max_clients);
		return;
	}
	s = memd_session_new(conn);
	if (!s) {
		memd_conn_error(conn, msg->hdr.tag, SWX_WIRE_E_INTERNAL, 0, true,
				"cannot begin a session: see the server's log");
		return;
	}
	t = transcript(conn);
	s->key.len = SWX_WIRE_PROOF_LEN;
	if (memd_prove(&memd->key, &t, SWX_WIRE_PROOF_SESSION, s->id, memd->epoch,
		       s->key.bytes)) {
		memd_conn_dead(conn);
		return;
	}
	memd->count.sessions_begun++;
	memd_info("%s: session %016llx of '%s' begun", s->addr, (unsigned long long)s->id,
		  s->name);
	welcome(s, msg->hdr.tag, &memd->key);
}

static void resume(struct memd_conn *conn, const struct swx_wire_auth *msg)
{
	struct memd_session *s = memd_session_find(conn->memd, le64toh(msg->session));

	if (!s || s->dev != conn->dev) {
		memd_conn_error(conn, msg->hdr.tag, SWX_WIRE_E_SESSION, 0, false,
				s ? "the session is on another device" :
				"no such session: it ended, or the server was restarted");
		return;
	}
	if (!proves(conn, msg, &s->key, SWX_WIRE_PROOF_RESUME) ||
	    !slabs_suit(conn, msg->hdr.tag))
		return;
	memd_session_resume(s, conn);
	conn->memd->count.sessions_resumed++;
	memd_info("%s: session %016llx of '%s' resumed, %u slabs", s->addr,
		  (unsigned long long)s->id, s->name, s->nr_slabs);
	welcome(s, msg->hdr.tag, &s->key);
	if (conn->memd->drain_until && s->control)
		memd_session_send_drain(s);
}

static void slab_alloc(struct memd_session *s, const struct swx_wire_slab_alloc *msg)
{
	__u32 count = le32toh(msg->count), left = memd_session_quota_left(s);
	struct memd *memd = s->memd;

	if (memd->drain_until) {
		memd_conn_error(s->control, msg->hdr.tag, SWX_WIRE_E_DRAINING, 0, false,
				"the server is about to stop");
	} else if (s->alloc_want) {
		memd_conn_error(s->control, msg->hdr.tag, SWX_WIRE_E_LIMIT, 1, false,
				"a SLAB_ALLOC before the last one was answered");
	} else if (count > left) {
		memd->count.quota_refusals++;
		memd_conn_error(s->control, msg->hdr.tag, SWX_WIRE_E_QUOTA, left, false,
				"%u slabs wanted, %u left of the quota of '%s'", count, left,
				s->quota_id);
	} else if (!memd_pool_promise(&memd->pool, count)) {
		memd->count.memory_refusals++;
		left = memd_pool_left(&memd->pool);
		memd_conn_error(s->control, msg->hdr.tag, SWX_WIRE_E_MEMORY, left, false,
				"%u slabs wanted, the server has %u left", count, left);
	} else {
		memd_session_alloc(s, count, msg->hdr.tag);
	}
}

static void slab_free(struct memd_session *s, const struct swx_wire_slab_free *msg)
{
	__u32 wrong;

	if (s->free_count) {
		memd_conn_error(s->control, msg->hdr.tag, SWX_WIRE_E_LIMIT, 1, false,
				"a SLAB_FREE before the last one was answered");
		return;
	}
	wrong = memd_session_free(s, msg->id, le32toh(msg->count), msg->hdr.tag);
	if (wrong)
		memd_conn_error(s->control, msg->hdr.tag, SWX_WIRE_E_SLAB, wrong, false,
				"slab %u is not this session's; none was freed", wrong);
}

static void slab_list(struct memd_session *s, const struct swx_wire_slab_list *msg)
{
	struct {
		struct swx_wire_slab_grant	g;
		struct swx_wire_slab		slab[SWX_WIRE_SLABS_MAX];
	} m = { 0 };
	struct memd_slab *slab;
	size_t len;
	__u32 n = 0;

	TAILQ_FOREACH(slab, &s->slabs, node) {
		if (slab->id <= le32toh(msg->after))
			continue;
		if (n == SWX_WIRE_SLABS_MAX)
			break;
		m.slab[n++] = memd_session_wire_slab(s, slab);
	}
	len = sizeof(m.g) + n * sizeof(m.slab[0]);
	m.g.hdr = (struct swx_wire_header) { htole16(SWX_WIRE_SLAB_GRANT), htole16(len),
					     msg->hdr.tag };
	m.g.count = htole32(n);
	memd_conn_send(s->control, &m, len);
}

static void ping(struct memd_session *s, const struct swx_wire_header *msg)
{
	struct memd *memd = s->memd;
	struct swx_wire_pong p = {
		.hdr		= HDR(SWX_WIRE_PONG, p, msg->tag),
		.epoch		= htole64(memd->epoch),
		.free_bytes	= htole64((__u64)memd_pool_left(&memd->pool) *
					  memd->pool.slab_size),
		.nr_slabs	= htole32(s->nr_slabs),
		.drain_ms	= htole32(memd_drain_left(memd)),
	};

	memd_conn_send(s->control, &p, sizeof(p));
}

static void bye(struct memd_session *s)
{
	memd_info("%s: session %016llx of '%s' ends: the client leaves", s->addr,
		  (unsigned long long)s->id, s->name);
	memd_session_end(s);
}

/* False if a session has no business with this type. */
static bool session_request(struct memd_session *s, const void *msg)
{
	const struct swx_wire_header *hdr = msg;

	s->last_seen = memd_now_ms();
	switch (le16toh(hdr->type)) {
	case SWX_WIRE_SLAB_ALLOC:
		slab_alloc(s, msg);
		return true;
	case SWX_WIRE_SLAB_FREE:
		slab_free(s, msg);
		return true;
	case SWX_WIRE_SLAB_LIST:
		slab_list(s, msg);
		return true;
	case SWX_WIRE_PING:
		ping(s, msg);
		return true;
	case SWX_WIRE_BYE:
		bye(s);
		return true;
	default:
		return false;
	}
}

static bool handle(struct memd_conn *conn, const void *msg)
{
	const struct swx_wire_header *hdr = msg;
	__u16 type = le16toh(hdr->type);

	if (conn->state == CONN_OPEN)
		return session_request(conn->session, msg);
	if (type == SWX_WIRE_BYE)
		memd_conn_close(conn);
	else if (conn->state == CONN_HELLO && type == SWX_WIRE_HELLO)
		hello(conn, msg);
	else if (conn->state == CONN_AUTH && type == SWX_WIRE_AUTH)
		auth(conn, msg);
	else if (conn->state == CONN_AUTH && type == SWX_WIRE_RESUME)
		resume(conn, msg);
	else
		return false;
	return true;
}

void memd_request(struct memd_conn *conn, const void *msg, size_t len)
{
	const char *wrong = memd_message_check(msg, len);
	const struct swx_wire_header *hdr = msg;

	if (!wrong && !handle(conn, msg))
		wrong = "a message that does not belong here";
	if (!wrong)
		return;
	conn->memd->count.protocol_errors++;
	memd_conn_error(conn, len >= sizeof(*hdr) ? hdr->tag : 0, SWX_WIRE_E_PROTOCOL, 0,
			true, "%s", wrong);
}
