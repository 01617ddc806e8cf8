// SPDX-License-Identifier: GPL-2.0
/*
 * What a client may do with swx-memd and what it must not. Each scenario ends with
 * exit status 0 or with a reason; scripts run them against a daemon of their own.
 */
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "peer.h"

#define MAX_SLABS	SWX_WIRE_SLABS_MAX
#define CHUNK		(64 << 10)

static const char *addr, *key_file;
static int port;

static struct peer new_peer(const char *name)
{
	struct peer p;

	peer_init(&p, addr, port, key_file, name);
	return p;
}

/* What a chunk of a slab holds: another for every seed, slab and place. */
static void pattern(unsigned char *buf, size_t len, __u32 seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = (seed + i * 2654435761U) >> 13 | 1;
}

static void expect_io(enum ibv_wc_status status, const char *what)
{
	EXPECT(status == IBV_WC_SUCCESS, "%s: %s", what, ibv_wc_status_str(status));
}

static void write_slab(struct link *l, const struct swx_wire_slab *slab, __u32 seed)
{
	unsigned char buf[CHUNK];
	__u64 at;

	for (at = 0; at < le64toh(slab->len); at += CHUNK) {
		pattern(buf, CHUNK, seed + at);
		expect_io(data_io(l, IBV_WR_RDMA_WRITE, le32toh(slab->rkey),
				  le64toh(slab->addr) + at, buf, CHUNK), "WRITE");
	}
}

static void check_slab(struct link *l, const struct swx_wire_slab *slab, __u32 seed)
{
	unsigned char buf[CHUNK], want[CHUNK] = { 0 };
	__u64 at;

	for (at = 0; at < le64toh(slab->len); at += CHUNK) {
		if (seed)
			pattern(want, CHUNK, seed + at);
		expect_io(data_io(l, IBV_WR_RDMA_READ, le32toh(slab->rkey),
				  le64toh(slab->addr) + at, buf, CHUNK), "READ");
		EXPECT(!memcmp(buf, want, CHUNK), "slab %u, offset %llu: not what was written",
		       le32toh(slab->id), (unsigned long long)at);
	}
}

/* A READ of 8 bytes: does it go through? */
static bool reaches(struct link *l, const struct swx_wire_slab *slab, __u64 offset)
{
	__u64 word;

	return data_io(l, IBV_WR_RDMA_READ, le32toh(slab->rkey),
		       le64toh(slab->addr) + offset, &word, sizeof(word)) == IBV_WC_SUCCESS;
}

static void ping(struct peer *p, struct swx_wire_pong *pong)
{
	struct swx_wire_header msg;
	union message m;

	peer_ask(p, SWX_WIRE_PING, &msg, sizeof(msg), &m);
	EXPECT(le16toh(m.hdr.type) == SWX_WIRE_PONG, "message %u to a PING",
	       le16toh(m.hdr.type));
	EXPECT(le64toh(m.pong.epoch) == p->epoch, "another epoch");
	*pong = m.pong;
}

/* Everything once: slabs, three kinds of connections, contents, numbers, return. */
static void basic(void)
{
	struct peer p = new_peer("basic");
	struct swx_wire_slab slab[3];
	struct swx_wire_pong pong;
	struct link demand, prefetch, write;
	__u64 left;

	peer_begin(&p);
	left = le64toh(p.welcome.free_bytes);
	EXPECT(!le32toh(p.welcome.nr_slabs), "slabs in a new session");
	peer_alloc(&p, 3, slab);
	data_open(&p, &write, SWX_WIRE_WRITE);
	data_open(&p, &demand, SWX_WIRE_DEMAND);
	data_open(&p, &prefetch, SWX_WIRE_PREFETCH);
	check_slab(&prefetch, &slab[0], 0);
	write_slab(&write, &slab[0], 1);
	write_slab(&write, &slab[2], 3);
	check_slab(&write, &slab[0], 1);
	check_slab(&demand, &slab[0], 1);
	check_slab(&prefetch, &slab[2], 3);
	check_slab(&demand, &slab[1], 0);
	ping(&p, &pong);
	EXPECT(le32toh(pong.nr_slabs) == 3, "%u slabs", le32toh(pong.nr_slabs));
	EXPECT(le64toh(pong.free_bytes) == left - 3 * p.slab_size, "free bytes are off");

	/* A slab that was freed is out of reach, and empty when it comes again. */
	peer_free(&p, &slab[0], 1);
	EXPECT(!reaches(&demand, &slab[0], 0), "a freed slab can be read");
	link_close(&demand);
	check_slab(&write, &slab[2], 3);
	peer_free(&p, &slab[1], 2);
	ping(&p, &pong);
	EXPECT(le64toh(pong.free_bytes) == left, "not all came back");
	peer_bye(&p);
	link_close(&prefetch);
	link_close(&write);
}

/* Between two clients, and past the ends of what one has. */
static void isolation(void)
{
	struct peer a = new_peer("a"), b = new_peer("b");
	struct swx_wire_slab mine[2], theirs[2], wrong;
	struct link la, lb, forged;
	unsigned char junk[64] = { 0xff };

	peer_begin(&a);
	peer_begin(&b);
	EXPECT(a.session != b.session, "two clients, one session");
	peer_alloc(&a, 2, mine);
	peer_alloc(&b, 2, theirs);
	data_open(&a, &la, SWX_WIRE_WRITE);
	write_slab(&la, &mine[0], 7);

	data_open(&b, &lb, SWX_WIRE_DEMAND);
	EXPECT(!reaches(&lb, &mine[0], 0), "another client's slab can be read");
	link_close(&lb);
	data_open(&b, &lb, SWX_WIRE_WRITE);
	/* iWARP only learns of it afterwards: the contents are what counts. */
	data_io(&lb, IBV_WR_RDMA_WRITE, le32toh(mine[0].rkey), le64toh(mine[0].addr), junk,
		sizeof(junk));
	link_close(&lb);
	check_slab(&la, &mine[0], 7);

	/* One's own key does not open another's memory, nor what lies between. */
	wrong = theirs[0];
	wrong.addr = mine[0].addr;
	data_open(&b, &lb, SWX_WIRE_DEMAND);
	EXPECT(!reaches(&lb, &wrong, 0), "one's own key opens another's slab");
	link_close(&lb);
	data_open(&b, &lb, SWX_WIRE_DEMAND);
	EXPECT(!reaches(&lb, &theirs[0], b.slab_size - 4), "past the end of a slab");
	link_close(&lb);
	data_open(&b, &lb, SWX_WIRE_DEMAND);
	EXPECT(!reaches(&lb, &theirs[0], -8ULL), "before the start of a slab");
	link_close(&lb);

	/* Nor does one's session open another's. */
	b.session = a.session;
	b.serial = 1000;
	EXPECT(!data_connect(&b, &forged, SWX_WIRE_DEMAND) &&
	       forged.refused == SWX_WIRE_E_AUTH, "a connection to another's session");
	check_slab(&la, &mine[0], 7);
	link_close(&la);
	peer_bye(&a);
	link_close(&b.control);
}

/* A serial number is good once; one too many connections is refused. */
static void connections(void)
{
	struct peer p = new_peer("connections");
	struct link l[4], again;
	__u32 max, i;

	peer_begin(&p);
	max = le32toh(p.welcome.max_connections);
	EXPECT(max == 3, "this scenario wants max_connections 3, not %u", max);
	for (i = 0; i < max; i++)
		data_open(&p, &l[i], SWX_WIRE_DEMAND);
	EXPECT(!data_connect(&p, &l[3], SWX_WIRE_DEMAND) &&
	       l[3].refused == SWX_WIRE_E_LIMIT && l[3].detail == max,
	       "one connection too many: code %d", l[3].refused);
	link_close(&l[0]);
	p.serial = 0;
	EXPECT(!data_connect(&p, &again, SWX_WIRE_DEMAND) &&
	       again.refused == SWX_WIRE_E_AUTH, "a serial number used twice");
	p.serial = 20;
	data_open(&p, &l[0], SWX_WIRE_WRITE);
	/* Late, but not used before. */
	link_close(&l[1]);
	p.serial = 14;
	data_open(&p, &l[1], SWX_WIRE_WRITE);
	for (i = 0; i < max; i++)
		link_close(&l[i]);
	peer_bye(&p);
}

static void wrong_key(void)
{
	struct peer p = new_peer("stranger");
	union message m;

	p.key[5] ^= 1;
	EXPECT(peer_connect(&p), "connection refused");
	peer_greet(&p, false, &m);
	expect_error(&m, SWX_WIRE_E_AUTH, true);
	EXPECT(link_closed(&p.control, PATIENCE_MS), "a stranger's connection stays");
	link_close(&p.control);
}

static void wrong_version(void)
{
	struct swx_wire_connect r = {
		.magic = htole32(SWX_WIRE_MAGIC), .version = htole16(SWX_WIRE_VERSION + 1),
	};
	struct peer p = new_peer("version");
	struct link l;

	EXPECT(!link_connect(&l, &p, &r, sizeof(r)) &&
	       l.refused == SWX_WIRE_E_VERSION, "version: code %d", l.refused);
	/* Of an older client, that sends less. */
	EXPECT(!link_connect(&l, &p, &r, 8) && l.refused == SWX_WIRE_E_VERSION,
	       "short version: code %d", l.refused);
	r.magic = htole32(1);
	EXPECT(!link_connect(&l, &p, &r, sizeof(r)) &&
	       l.refused == SWX_WIRE_E_PROTOCOL, "magic: code %d", l.refused);
	EXPECT(!link_connect(&l, &p, &r, 0) && l.refused == SWX_WIRE_E_PROTOCOL,
	       "no private data: code %d", l.refused);
	r.magic = htole32(SWX_WIRE_MAGIC);
	r.version = htole16(SWX_WIRE_VERSION);
	r.kind = 9;
	EXPECT(!link_connect(&l, &p, &r, sizeof(r)) &&
	       l.refused == SWX_WIRE_E_PROTOCOL, "kind: code %d", l.refused);
	r.kind = SWX_WIRE_DEMAND;
	r.session = htole64(12345);
	EXPECT(!link_connect(&l, &p, &r, sizeof(r)) &&
	       l.refused == SWX_WIRE_E_SESSION, "session: code %d", l.refused);
}

static void slab_size(void)
{
	struct peer p = new_peer("small");
	union message m;

	p.slab_max = 4096;
	EXPECT(peer_connect(&p), "connection refused");
	peer_greet(&p, false, &m);
	expect_error(&m, SWX_WIRE_E_SLAB_SIZE, true);
	link_close(&p.control);
}

/* Sends it; the server must say what it thinks of it and hang up. */
static void expect_rude(struct peer *p, const void *msg, size_t len, const char *what)
{
	union message m;

	peer_send(p, msg, len);
	EXPECT(peer_receive(p, &m, PATIENCE_MS), "%s: no answer", what);
	expect_error(&m, SWX_WIRE_E_PROTOCOL, true);
	EXPECT(link_closed(&p->control, PATIENCE_MS), "%s: the connection stays", what);
	link_close(&p->control);
}

static void fill_random(unsigned char *buf, size_t len, unsigned int *seed)
{
	while (len--)
		*buf++ = rand_r(seed) >> 7;
}

/* Before and after the handshake: lengths, types, counts, plain noise. */
static void garbage(void)
{
	static const struct {
		__u16 type, len, count;
	} bad[] = {
		{ 0, 8, 0 }, { 99, 8, 0 }, { SWX_WIRE_WELCOME, 112, 0 },
		{ SWX_WIRE_ERROR, 152, 0 }, { SWX_WIRE_HELLO, 128, 0 },
		{ SWX_WIRE_AUTH, 48, 0 }, { SWX_WIRE_AUTH, 47, 0 },
		{ SWX_WIRE_RESUME, 48, 0 }, { SWX_WIRE_PING, 9, 0 },
		{ SWX_WIRE_SLAB_ALLOC, 16, 0 }, { SWX_WIRE_SLAB_ALLOC, 16, 41 },
		{ SWX_WIRE_SLAB_ALLOC, 15, 1 }, { SWX_WIRE_SLAB_FREE, 16, 1 },
		{ SWX_WIRE_SLAB_FREE, 24, 1 }, { SWX_WIRE_SLAB_FREE, 1020, 251 },
		{ SWX_WIRE_SLAB_LIST, 12, 0 }, { SWX_WIRE_DRAIN, 16, 0 },
	};
	unsigned char msg[SWX_WIRE_MSG_MAX] = { 0 };
	struct swx_wire_slab_alloc *m = (void *)msg;
	struct peer p = new_peer("garbage");
	unsigned int i, seed = 1;
	union message reply;
	size_t len;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(msg, 0, sizeof(msg));
		m->hdr.type = htole16(bad[i].type);
		m->hdr.len = htole16(bad[i].len);
		m->hdr.tag = htole32(1);
		m->count = htole32(bad[i].count);
		peer_begin(&p);
		expect_rude(&p, msg, bad[i].len, "malformed message");
	}
	for (i = 0; i < 24; i++) {
		len = 1 + rand_r(&seed) % SWX_WIRE_MSG_MAX;
		fill_random(msg, len, &seed);
		EXPECT(peer_connect(&p), "connection refused");
		expect_rude(&p, msg, len, "noise");
	}
	/* A request that only a session may make, one without a tag, bad names. */
	EXPECT(peer_connect(&p), "connection refused");
	m->hdr = (struct swx_wire_header) { htole16(SWX_WIRE_PING), htole16(8), htole32(1) };
	expect_rude(&p, msg, 8, "PING before HELLO");
	peer_begin(&p);
	m->hdr.tag = 0;
	expect_rude(&p, msg, 8, "no tag");
	EXPECT(peer_connect(&p), "connection refused");
	memcpy(p.name, "a\nb", 4);
	peer_greet(&p, false, &reply);
	expect_error(&reply, SWX_WIRE_E_PROTOCOL, true);
	link_close(&p.control);
	/* Longer than any message: the transport itself refuses it. */
	p = new_peer("garbage");
	peer_begin(&p);
	memset(msg, 0, sizeof(msg));
	peer_send(&p, p.control.buf, SWX_WIRE_MSG_MAX + 500);
	EXPECT(link_closed(&p.control, PATIENCE_MS), "a giant's connection stays");
	link_close(&p.control);
}

/* The handshake stops half-way, with as many clients as may shake hands at all. */
static void vanish(void)
{
	struct peer p[3] = { new_peer("v0"), new_peer("v1"), new_peer("v2") };
	struct swx_wire_hello h = {
		.hdr = { htole16(SWX_WIRE_HELLO), htole16(sizeof(h)), htole32(1) },
	};
	union message m;

	EXPECT(peer_connect(&p[0]) && peer_connect(&p[1]), "connection refused");
	peer_send(&p[1], &h, sizeof(h));
	EXPECT(peer_receive(&p[1], &m, PATIENCE_MS), "no challenge");
	EXPECT(!peer_connect(&p[2]) && p[2].control.refused == SWX_WIRE_E_BUSY &&
	       p[2].control.detail == 2, "a third handshake: code %d", p[2].control.refused);
	EXPECT(peer_receive(&p[0], &m, PATIENCE_MS), "no word of a timeout");
	expect_error(&m, SWX_WIRE_E_TIMEOUT, true);
	EXPECT(peer_receive(&p[1], &m, PATIENCE_MS), "no word of a timeout");
	expect_error(&m, SWX_WIRE_E_TIMEOUT, true);
	EXPECT(link_closed(&p[0].control, PATIENCE_MS) &&
	       link_closed(&p[1].control, PATIENCE_MS), "connections stay");
	peer_begin(&p[2]);
	peer_bye(&p[2]);
	link_close(&p[0].control);
	link_close(&p[1].control);
}

static void max_clients(void)
{
	struct peer p[3] = { new_peer("m0"), new_peer("m1"), new_peer("m2") };
	union message m;

	peer_begin(&p[0]);
	peer_begin(&p[1]);
	EXPECT(peer_connect(&p[2]), "connection refused");
	peer_greet(&p[2], false, &m);
	expect_error(&m, SWX_WIRE_E_BUSY, true);
	link_close(&p[2].control);
	peer_bye(&p[0]);
	peer_begin(&p[2]);
	peer_bye(&p[1]);
	peer_bye(&p[2]);
}

/* 12 slabs in all; "rich" may have 8 of them, everybody else together 4. */
static void quota(void)
{
	struct peer rich = new_peer("rich"), poor = new_peer("poor"), kin = new_peer("kin");
	struct swx_wire_slab slab[8], few[4];
	enum swx_wire_code code;
	__u32 detail = 0;

	peer_begin(&rich);
	peer_begin(&poor);
	peer_begin(&kin);
	EXPECT(le64toh(poor.welcome.quota_bytes) == 4 * poor.slab_size, "quota in WELCOME");
	code = peer_try_alloc(&poor, 5, &detail);
	EXPECT(code == SWX_WIRE_E_QUOTA && detail == 4, "code %d, detail %u", code, detail);
	peer_alloc(&poor, 3, few);
	/* Another name from the same address is not another quota. */
	code = peer_try_alloc(&kin, 2, &detail);
	EXPECT(code == SWX_WIRE_E_QUOTA && detail == 1, "code %d, detail %u", code, detail);
	peer_free(&poor, few, 3);
	peer_alloc(&kin, 4, few);

	code = peer_try_alloc(&rich, 9, &detail);
	EXPECT(code == SWX_WIRE_E_QUOTA && detail == 8, "code %d, detail %u", code, detail);
	peer_alloc(&rich, 8, slab);
	code = peer_try_alloc(&rich, 1, &detail);
	EXPECT(code == SWX_WIRE_E_QUOTA && !detail, "code %d, detail %u", code, detail);
	peer_bye(&rich);
	peer_bye(&poor);
	peer_bye(&kin);
}

/* All there is, and one more; then all of it once more, and nothing in it. */
static void exhaust(void)
{
	struct peer a = new_peer("a"), b = new_peer("b");
	struct swx_wire_slab slab[MAX_SLABS], list[MAX_SLABS];
	unsigned int i, j, nr;
	struct link l;
	enum swx_wire_code code;
	__u32 detail = 0;

	peer_begin(&a);
	nr = le64toh(a.welcome.free_bytes) / a.slab_size;
	EXPECT(nr > 1 && nr <= MAX_SLABS, "%u slabs", nr);
	peer_alloc(&a, nr - 1, slab);
	code = peer_try_alloc(&a, 2, &detail);
	EXPECT(code == SWX_WIRE_E_MEMORY && detail == 1, "code %d, detail %u", code, detail);
	peer_alloc(&a, 1, slab + nr - 1);
	for (i = 0; i < nr; i++)
		for (j = 0; j < i; j++)
			EXPECT(slab[i].id != slab[j].id && slab[i].addr != slab[j].addr,
			       "the same slab twice");
	data_open(&a, &l, SWX_WIRE_WRITE);
	for (i = 0; i < nr; i++)
		write_slab(&l, &slab[i], i + 1);
	for (i = 0; i < nr; i++)
		check_slab(&l, &slab[i], i + 1);
	link_close(&l);
	peer_bye(&a);

	peer_begin(&b);
	do
		code = peer_try_alloc(&b, nr, &detail);
	while (code == SWX_WIRE_E_MEMORY);
	EXPECT(!code, "all slabs again: code %d", code);
	data_open(&b, &l, SWX_WIRE_DEMAND);
	struct swx_wire_slab_list ask = { 0 };
	union message m;

	peer_ask(&b, SWX_WIRE_SLAB_LIST, &ask, sizeof(ask), &m);
	EXPECT(le32toh(m.grant.count) == nr, "%u slabs listed", le32toh(m.grant.count));
	memcpy(list, m.grant.slab, nr * sizeof(list[0]));
	for (i = 0; i < nr; i++)
		check_slab(&l, &list[i], 0);
	link_close(&l);
	peer_bye(&b);
}

/* Slabs that are not there, are not one's own, or are named twice. */
static void bad_free(void)
{
	struct peer a = new_peer("a"), b = new_peer("b");
	struct {
		struct swx_wire_slab_free	f;
		__le32				id[2];
	} msg = { .f.count = htole32(2) };
	struct swx_wire_slab mine[2], theirs[1];
	struct swx_wire_pong pong;
	union message m;
	__le32 second[3];
	int i;

	peer_begin(&a);
	peer_begin(&b);
	peer_alloc(&a, 2, mine);
	peer_alloc(&b, 1, theirs);
	second[0] = theirs[0].id;
	second[1] = mine[0].id;
	second[2] = htole32(~0U);
	for (i = 0; i < 3; i++) {
		msg.id[0] = mine[0].id;
		msg.id[1] = second[i];
		peer_ask(&a, SWX_WIRE_SLAB_FREE, &msg, sizeof(msg), &m);
		expect_error(&m, SWX_WIRE_E_SLAB, false);
		EXPECT(m.error.detail == second[i], "the wrong slab is named");
	}
	ping(&a, &pong);
	EXPECT(le32toh(pong.nr_slabs) == 2, "%u slabs left", le32toh(pong.nr_slabs));
	peer_bye(&a);
	peer_bye(&b);
}

static void check_list(struct peer *p, const struct swx_wire_slab *slab, unsigned int nr)
{
	struct swx_wire_slab_list ask = { 0 };
	unsigned int i, j, found = 0;
	union message m;

	/* Two at a time, as if there were more than fit. */
	for (;;) {
		peer_ask(p, SWX_WIRE_SLAB_LIST, &ask, sizeof(ask), &m);
		EXPECT(le16toh(m.hdr.type) == SWX_WIRE_SLAB_GRANT, "no list");
		if (!m.grant.count)
			break;
		for (i = 0; i < le32toh(m.grant.count) && i < 2; i++) {
			EXPECT(le32toh(m.grant.slab[i].id) > le32toh(ask.after), "no order");
			ask.after = m.grant.slab[i].id;
			for (j = 0; j < nr; j++)
				found += !memcmp(&m.grant.slab[i], &slab[j], sizeof(slab[j]));
		}
	}
	EXPECT(found == nr, "%u of %u slabs listed", found, nr);
}

/* The connection is lost, then the server's idea of it is, and all is still there. */
static void resume(void)
{
	struct peer p = new_peer("resume"), old, thief;
	struct swx_wire_slab slab[5];
	struct link l, l2;
	union message m;
	int i;

	peer_begin(&p);
	peer_alloc(&p, 5, slab);
	data_open(&p, &l, SWX_WIRE_WRITE);
	for (i = 0; i < 5; i++)
		write_slab(&l, &slab[i], i + 1);
	link_close(&p.control);
	EXPECT(link_closed(&l, PATIENCE_MS), "a data connection outlives its session's");
	link_close(&l);

	/* Who only knows the shared key is not who had the session. */
	thief = p;
	thief.session_key[0] ^= 1;
	EXPECT(peer_connect(&thief), "connection refused");
	peer_greet(&thief, true, &m);
	expect_error(&m, SWX_WIRE_E_AUTH, true);
	link_close(&thief.control);

	peer_resume(&p);
	EXPECT(le32toh(p.welcome.nr_slabs) == 5, "%u slabs kept",
	       le32toh(p.welcome.nr_slabs));
	check_list(&p, slab, 5);
	i = p.serial;
	p.serial = 0;
	EXPECT(!data_connect(&p, &l, SWX_WIRE_DEMAND) && l.refused == SWX_WIRE_E_AUTH,
	       "a serial number from before the resumption");
	p.serial = i;
	data_open(&p, &l, SWX_WIRE_DEMAND);
	for (i = 0; i < 5; i++)
		check_slab(&l, &slab[i], i + 1);

	/* The client gives up on a connection that the server takes for alive. */
	old = p;
	peer_resume(&p);
	EXPECT(link_closed(&old.control, PATIENCE_MS), "the old connection stays");
	EXPECT(link_closed(&l, PATIENCE_MS), "its data connection stays");
	link_close(&l);
	link_close(&old.control);
	data_open(&p, &l2, SWX_WIRE_WRITE);
	for (i = 0; i < 5; i++)
		check_slab(&l2, &slab[i], i + 1);
	peer_free(&p, slab, 5);
	link_close(&l2);
	peer_bye(&p);
}

/* Too late: the session is gone, and the same connection may begin a new one. */
static void expire(void)
{
	struct peer p = new_peer("expire");
	struct swx_wire_slab slab[4];
	struct swx_wire_auth a = { 0 };
	struct link l;
	union message m;
	unsigned int grace;

	peer_begin(&p);
	grace = le32toh(p.welcome.grace_ms);
	peer_alloc(&p, 4, slab);
	data_open(&p, &l, SWX_WIRE_WRITE);
	write_slab(&l, &slab[0], 9);
	link_close(&l);
	link_close(&p.control);
	usleep((grace + 1000) * 1000);
	EXPECT(peer_connect(&p), "connection refused");
	peer_greet(&p, true, &m);
	expect_error(&m, SWX_WIRE_E_SESSION, false);
	/* A wrong proof now, to see that AUTH is looked at. */
	peer_ask(&p, SWX_WIRE_AUTH, &a, sizeof(a), &m);
	expect_error(&m, SWX_WIRE_E_AUTH, true);
	link_close(&p.control);
	peer_begin(&p);
	EXPECT(!le32toh(p.welcome.nr_slabs), "slabs of a session that expired");
	peer_bye(&p);
}

/* Says nothing for longer than it may: the server takes it for disconnected. */
static void idle(void)
{
	struct peer p = new_peer("idle");
	struct swx_wire_slab slab[1];
	struct swx_wire_pong pong;
	unsigned int ms;
	int i;

	peer_begin(&p);
	peer_alloc(&p, 1, slab);
	ms = le32toh(p.welcome.idle_timeout_ms);
	for (i = 0; i < 6; i++) {
		usleep(ms / 3 * 1000);
		ping(&p, &pong);
	}
	EXPECT(link_closed(&p.control, ms * 3 + PATIENCE_MS), "silence is not noticed");
	link_close(&p.control);
	peer_resume(&p);
	EXPECT(le32toh(p.welcome.nr_slabs) == 1, "the slab was not kept");
	peer_bye(&p);
}

/* Waits for DRAIN, then leaves or, if it is "stubborn", does not. */
static void wait_for_drain(bool leave)
{
	struct peer p = new_peer("drain"), late = new_peer("late");
	struct swx_wire_slab slab[2];
	struct swx_wire_pong pong;
	struct link l;
	union message m;
	__u32 detail;

	peer_begin(&p);
	peer_alloc(&p, 2, slab);
	data_open(&p, &l, SWX_WIRE_WRITE);
	write_slab(&l, &slab[0], 5);
	puts("ready");
	fflush(stdout);
	EXPECT(peer_receive(&p, &m, 2 * PATIENCE_MS), "no DRAIN");
	EXPECT(le16toh(m.hdr.type) == SWX_WIRE_DRAIN && le32toh(m.drain.deadline_ms),
	       "message %u instead of DRAIN", le16toh(m.hdr.type));
	/* Pages come home; nothing new comes here. */
	check_slab(&l, &slab[0], 5);
	EXPECT(peer_try_alloc(&p, 1, &detail) == SWX_WIRE_E_DRAINING, "a slab while draining");
	ping(&p, &pong);
	EXPECT(le32toh(pong.drain_ms), "PONG knows of no deadline");
	EXPECT(peer_connect(&late), "connection refused");
	peer_greet(&late, false, &m);
	expect_error(&m, SWX_WIRE_E_DRAINING, true);
	link_close(&late.control);
	/* Somebody whose connection breaks just now still gets at its pages. */
	link_close(&l);
	link_close(&p.control);
	peer_resume(&p);
	EXPECT(peer_receive(&p, &m, PATIENCE_MS) && le16toh(m.hdr.type) == SWX_WIRE_DRAIN,
	       "no second DRAIN after RESUME");
	data_open(&p, &l, SWX_WIRE_WRITE);
	check_slab(&l, &slab[0], 5);
	if (leave) {
		link_close(&l);
		peer_bye(&p);
		return;
	}
	EXPECT(peer_receive(&p, &m, 2 * PATIENCE_MS), "no BYE");
	EXPECT(le16toh(m.hdr.type) == SWX_WIRE_BYE, "message %u instead of BYE",
	       le16toh(m.hdr.type));
	EXPECT(link_closed(&l, PATIENCE_MS), "data connection after BYE");
	link_close(&l);
	link_close(&p.control);
}

static void drain(void)
{
	wait_for_drain(true);
}

static void stubborn(void)
{
	wait_for_drain(false);
}

/* Holds a session with 2 slabs and 3 connections until it is told otherwise. */
static void hold(void)
{
	struct peer p = new_peer("ho\"ld");
	struct swx_wire_slab slab[2];
	struct link l[3];
	int i;

	peer_begin(&p);
	peer_alloc(&p, 2, slab);
	for (i = 0; i < 3; i++)
		data_open(&p, &l[i], SWX_WIRE_DEMAND + i);
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		pause();
	for (i = 0; i < 3; i++)
		link_close(&l[i]);
	peer_bye(&p);
}

/* Comes and goes, in every way there is. */
static void churn(void)
{
	struct swx_wire_slab slab[2];
	struct link l;
	int i;

	for (i = 0; i < 40; i++) {
		struct peer p = new_peer("churn");

		EXPECT(peer_connect(&p), "round %d: connection refused: code %d", i,
		       p.control.refused);
		if (i % 5 == 0) {
			link_close(&p.control);
			continue;
		}
		link_close(&p.control);
		peer_begin(&p);
		peer_alloc(&p, 2, slab);
		data_open(&p, &l, SWX_WIRE_WRITE);
		EXPECT(reaches(&l, &slab[1], 0), "round %d: no READ", i);
		if (i % 2)
			link_close(&l);
		peer_bye(&p);
		link_close(&l);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
#define S(name) { #name, name }
	S(basic), S(isolation), S(connections), S(wrong_key), S(wrong_version),
	S(slab_size), S(garbage), S(vanish), S(max_clients), S(quota), S(exhaust),
	S(bad_free), S(resume), S(expire), S(idle), S(drain), S(stubborn), S(hold),
	S(churn),
#undef S
};

/* The answer of the daemon's socket for statistics. */
static void ask(const char *path, const char *format)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char buf[4096];
	ssize_t n;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	EXPECT(!connect(fd, (struct sockaddr *)&un, sizeof(un)), "%s: %m", path);
	dprintf(fd, "%s\n", format);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	close(fd);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 4 && !strcmp(argv[1], "ask")) {
		ask(argv[2], argv[3]);
		return 0;
	}
	if (argc != 5) {
		fprintf(stderr, "Usage: client ADDR PORT KEY_FILE SCENARIO\n"
			"       client ask SOCKET json|prometheus\n");
		return 2;
	}
	addr = argv[1];
	port = atoi(argv[2]);
	key_file = argv[3];
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (strcmp(argv[4], scenarios[i].name))
			continue;
		scenarios[i].run();
		return 0;
	}
	fprintf(stderr, "client: there is no scenario '%s'\n", argv[4]);
	return 2;
}
