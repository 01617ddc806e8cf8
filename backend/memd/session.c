// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions and how slabs come and go.
 *
 *	pool free -> registered (incoming) -> granted (slabs)
 *	granted -> doomed -> unregistered -> pool dirty -> zeroed -> pool free
 *
 * Requests and events only mark; memd_session_work() does one step of it at a time.
 */
#include "session.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static void set_quota(struct memd_session *s)
{
	const struct memd_config *cfg = &s->memd->cfg;
	const struct memd_quota *q = memd_config_quota(cfg, s->name, s->addr);

	s->quota = q ? q->bytes : cfg->quota;
	snprintf(s->quota_id, sizeof(s->quota_id), "%s", q ? q->client : s->addr);
}

struct memd_session *memd_session_new(struct memd_conn *conn)
{
	struct memd *memd = conn->memd;
	struct memd_session *s;

	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->memd = memd;
	s->dev = conn->dev;
	s->pd = ibv_alloc_pd(s->dev->verbs);
	if (!s->pd)
		goto err_free;
	s->cq = ibv_create_cq(s->dev->verbs, 1, NULL, NULL, 0);
	if (!s->cq)
		goto err_pd;
	s->id = memd_random_id();
	s->state = SESSION_ACTIVE;
	TAILQ_INIT(&s->data);
	TAILQ_INIT(&s->slabs);
	TAILQ_INIT(&s->doomed);
	TAILQ_INIT(&s->incoming);
	memcpy(s->name, conn->hello.name, SWX_WIRE_NAME_LEN);
	memcpy(s->addr, conn->text, sizeof(s->addr));
	memcpy(s->client_addr, conn->client_addr, sizeof(s->client_addr));
	set_quota(s);
	s->last_seen = memd_now_ms();
	TAILQ_INSERT_TAIL(&memd->sessions, s, node);
	memd->nr_sessions++;
	memd_conn_opened(conn, s);
	return s;

err_pd:
	ibv_dealloc_pd(s->pd);
err_free:
	memd_error("%s: cannot begin a session: %s", conn->text, strerror(errno));
	free(s);
	return NULL;
}

struct memd_session *memd_session_find(struct memd *memd, __u64 id)
{
	struct memd_session *s;

	TAILQ_FOREACH(s, &memd->sessions, node)
		if (s->id == id && s->state != SESSION_ENDED)
			return s;
	return NULL;
}

/* Closes every connection, without losing the session by that. */
static void drop_connections(struct memd_session *s)
{
	struct memd_conn *conn, *control = s->control;

	while ((conn = TAILQ_FIRST(&s->data)))
		memd_conn_dead(conn);
	if (!control)
		return;
	s->control = NULL;
	control->session = NULL;
	memd_conn_close(control);
}

static void doom(struct memd_session *s, struct memd_slab *slab)
{
	memd_pool_doom(&s->memd->pool);
	TAILQ_INSERT_TAIL(&s->doomed, slab, node);
}

/* An answer that nobody waits for any more is not given. */
static void cancel_requests(struct memd_session *s)
{
	struct memd_slab *slab;

	while ((slab = TAILQ_FIRST(&s->incoming))) {
		TAILQ_REMOVE(&s->incoming, slab, node);
		doom(s, slab);
	}
	memd_pool_unpromise(&s->memd->pool, s->alloc_want - s->alloc_got);
	s->alloc_want = 0;
	s->alloc_got = 0;
	s->free_count = 0;
}

void memd_session_resume(struct memd_session *s, struct memd_conn *conn)
{
	drop_connections(s);
	cancel_requests(s);
	s->state = SESSION_ACTIVE;
	s->last_seen = memd_now_ms();
	memcpy(s->addr, conn->text, sizeof(s->addr));
	memcpy(s->client_addr, conn->client_addr, sizeof(s->client_addr));
	memd_conn_opened(conn, s);
}

void memd_session_end(struct memd_session *s)
{
	struct memd_slab *slab;

	if (s->state == SESSION_ENDED)
		return;
	drop_connections(s);
	cancel_requests(s);
	while ((slab = TAILQ_FIRST(&s->slabs))) {
		TAILQ_REMOVE(&s->slabs, slab, node);
		doom(s, slab);
	}
	s->memd->count.slabs_freed += s->nr_slabs;
	s->nr_slabs = 0;
	s->state = SESSION_ENDED;
	s->memd->nr_sessions--;
}

void memd_session_lost(struct memd_session *s)
{
	__u64 grace = s->memd->cfg.grace;

	s->memd->count.sessions_lost++;
	drop_connections(s);
	cancel_requests(s);
	memd_info("%s: session %016llx of '%s' lost its connection; %u slabs kept for %llu ms",
		  s->addr, (unsigned long long)s->id, s->name, s->nr_slabs,
		  (unsigned long long)grace);
	s->state = SESSION_GRACE;
	s->expires = memd_now_ms() + grace;
	if (!grace)
		memd_session_end(s);
}

__u32 memd_session_nr_data(const struct memd_session *s)
{
	__u32 nr = 0;
	int kind;

	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++)
		nr += s->nr_data[kind];
	return nr;
}

__u32 memd_session_quota_left(const struct memd_session *s)
{
	__u64 most = s->quota / s->memd->pool.slab_size, used = 0;
	const struct memd_session *other;

	TAILQ_FOREACH(other, &s->memd->sessions, node)
		if (!strcmp(other->quota_id, s->quota_id))
			used += other->nr_slabs + other->alloc_want;
	if (used >= most)
		return 0;
	return most - used > ~0U ? ~0U : most - used;
}

void memd_session_alloc(struct memd_session *s, __u32 count, __le32 tag)
{
	s->alloc_want = count;
	s->alloc_got = 0;
	s->alloc_tag = tag;
}

static struct memd_slab *find_slab(struct memd_session *s, __u32 id)
{
	struct memd_slab *slab;

	TAILQ_FOREACH(slab, &s->slabs, node)
		if (slab->id == id)
			return slab;
	return NULL;
}

__u32 memd_session_free(struct memd_session *s, const __le32 *ids, __u32 count,
			__le32 tag)
{
	struct memd_slab *slab, *found[SWX_WIRE_FREES_MAX];
	__u32 i, j;

	for (i = 0; i < count; i++) {
		found[i] = find_slab(s, le32toh(ids[i]));
		for (j = 0; j < i; j++)
			if (found[j] == found[i])
				found[i] = NULL;
		if (!found[i])
			return le32toh(ids[i]) ?: ~0U;
	}
	for (i = 0; i < count; i++) {
		slab = found[i];
		TAILQ_REMOVE(&s->slabs, slab, node);
		doom(s, slab);
	}
	s->nr_slabs -= count;
	s->memd->count.slabs_freed += count;
	s->free_count = count;
	s->free_tag = tag;
	return 0;
}

struct swx_wire_slab memd_session_wire_slab(const struct memd_session *s,
					    const struct memd_slab *slab)
{
	return (struct swx_wire_slab) {
		.id	= htole32(slab->id),
		.rkey	= htole32(slab->mr->rkey),
		.addr	= htole64((uintptr_t)slab->addr),
		.len	= htole64(s->memd->pool.slab_size),
	};
}

/* Into the list of granted ones, by rising id. */
static void insert_slab(struct memd_session *s, struct memd_slab *slab)
{
	struct memd_slab *other;

	TAILQ_FOREACH_REVERSE(other, &s->slabs, memd_slabs, node) {
		if (other->id < slab->id) {
			TAILQ_INSERT_AFTER(&s->slabs, other, slab, node);
			return;
		}
	}
	TAILQ_INSERT_HEAD(&s->slabs, slab, node);
}

static void grant(struct memd_session *s)
{
	struct {
		struct swx_wire_slab_grant	g;
		struct swx_wire_slab		slab[SWX_WIRE_SLABS_MAX];
	} m = { 0 };
	__u32 n = s->alloc_want;
	size_t len = sizeof(m.g) + n * sizeof(m.slab[0]);
	struct memd_slab *slab;
	__u32 i;

	for (i = 0; i < n; i++) {
		slab = TAILQ_FIRST(&s->incoming);
		TAILQ_REMOVE(&s->incoming, slab, node);
		m.slab[i] = memd_session_wire_slab(s, slab);
		insert_slab(s, slab);
	}
	s->nr_slabs += n;
	s->memd->count.slabs_granted += n;
	s->alloc_want = 0;
	s->alloc_got = 0;
	m.g.hdr = (struct swx_wire_header) { htole16(SWX_WIRE_SLAB_GRANT), htole16(len),
					     s->alloc_tag };
	m.g.count = htole32(n);
	memd_conn_send(s->control, &m, len);
}

static bool register_one(struct memd_session *s)
{
	struct memd_slab *slab = memd_pool_get(&s->memd->pool);

	if (!slab)
		return false;
	slab->mr = memd_register(s->pd, slab->addr, s->memd->pool.slab_size);
	if (!slab->mr) {
		memd_error("%s: cannot register a slab: %s\n"
			   "is LimitMEMLOCK= (ulimit -l) infinity?", s->addr,
			   strerror(errno));
		s->alloc_got++;
		doom(s, slab);
		cancel_requests(s);
		memd_conn_error(s->control, s->alloc_tag, SWX_WIRE_E_INTERNAL, 0, false,
				"cannot register memory: see the server's log");
		return true;
	}
	TAILQ_INSERT_TAIL(&s->incoming, slab, node);
	if (++s->alloc_got == s->alloc_want)
		grant(s);
	return true;
}

static void freed(struct memd_session *s)
{
	struct swx_wire_slab_freed f = {
		.hdr	  = { htole16(SWX_WIRE_SLAB_FREED), htole16(sizeof(f)), s->free_tag },
		.count	  = htole32(s->free_count),
		.nr_slabs = htole32(s->nr_slabs),
	};

	s->free_count = 0;
	memd_conn_send(s->control, &f, sizeof(f));
}

static void unregister_one(struct memd_session *s)
{
	struct memd_slab *slab = TAILQ_FIRST(&s->doomed);
	int ret = slab->mr ? ibv_dereg_mr(slab->mr) : 0;

	TAILQ_REMOVE(&s->doomed, slab, node);
	if (ret) {
		/* Somebody may still reach it: nobody gets it again. */
		memd_error("slab %u: cannot be unregistered, lost until a restart: %s",
			   slab->id, strerror(ret));
		s->memd->pool.nr_used++;
	} else {
		slab->mr = NULL;
		memd_pool_put(&s->memd->pool, slab);
	}
	if (TAILQ_EMPTY(&s->doomed) && s->free_count)
		freed(s);
}

static void destroy(struct memd_session *s)
{
	TAILQ_REMOVE(&s->memd->sessions, s, node);
	ibv_destroy_cq(s->cq);
	ibv_dealloc_pd(s->pd);
	explicit_bzero(&s->key, sizeof(s->key));
	free(s);
}

static bool release_step(struct memd *memd)
{
	struct memd_session *s;

	TAILQ_FOREACH(s, &memd->sessions, node) {
		if (!TAILQ_EMPTY(&s->doomed)) {
			unregister_one(s);
			return true;
		}
		if (s->state == SESSION_ENDED) {
			destroy(s);
			return true;
		}
	}
	return false;
}

static bool register_step(struct memd *memd)
{
	struct memd_session *s;

	TAILQ_FOREACH(s, &memd->sessions, node) {
		if (!s->alloc_want)
			continue;
		if (!register_one(s))
			return false;
		/* The next one is the next client's. */
		TAILQ_REMOVE(&memd->sessions, s, node);
		TAILQ_INSERT_TAIL(&memd->sessions, s, node);
		return true;
	}
	return false;
}

void memd_session_end_all(struct memd *memd, const struct memd_device *dev)
{
	struct memd_session *s, *next;

	for (s = TAILQ_FIRST(&memd->sessions); s; s = next) {
		next = TAILQ_NEXT(s, node);
		if (dev && s->dev != dev)
			continue;
		memd_session_end(s);
		memd_conn_release(memd, s->dev);
		while (!TAILQ_EMPTY(&s->doomed))
			unregister_one(s);
		destroy(s);
	}
}

bool memd_session_work(struct memd *memd)
{
	return release_step(memd) || register_step(memd) || memd_pool_zero(&memd->pool);
}

void memd_session_tick(struct memd *memd, __u64 now)
{
	struct memd_session *s;

	TAILQ_FOREACH(s, &memd->sessions, node) {
		if (s->state == SESSION_ACTIVE &&
		    now > s->last_seen + memd->cfg.idle_timeout) {
			memd_warn("%s: session %016llx silent for %llu ms", s->addr,
				  (unsigned long long)s->id,
				  (unsigned long long)(now - s->last_seen));
			memd_conn_dead(s->control);
		} else if (s->state == SESSION_GRACE && now >= s->expires) {
			memd->count.sessions_expired++;
			memd_info("%s: session %016llx of '%s' did not come back; %u slabs released",
				  s->addr, (unsigned long long)s->id, s->name, s->nr_slabs);
			memd_session_end(s);
		}
	}
}

__u32 memd_drain_left(const struct memd *memd)
{
	__u64 now = memd_now_ms();

	if (!memd->drain_until)
		return 0;
	return memd->drain_until > now ? memd->drain_until - now : 1;
}

void memd_session_send_drain(struct memd_session *s)
{
	struct swx_wire_drain d = {
		.hdr = { htole16(SWX_WIRE_DRAIN), htole16(sizeof(d)), 0 },
		.deadline_ms = htole32(memd_drain_left(s->memd)),
	};

	memd_conn_send(s->control, &d, sizeof(d));
}

void memd_drain_begin(struct memd *memd)
{
	struct memd_session *s;

	memd->drain_until = memd_now_ms() + memd->cfg.drain_timeout;
	TAILQ_FOREACH(s, &memd->sessions, node)
		if (s->state == SESSION_ACTIVE)
			memd_session_send_drain(s);
}

void memd_drain_end(struct memd *memd)
{
	struct swx_wire_header bye = { htole16(SWX_WIRE_BYE), htole16(sizeof(bye)), 0 };
	struct memd_session *s;

	TAILQ_FOREACH(s, &memd->sessions, node) {
		if (s->control)
			memd_conn_send(s->control, &bye, sizeof(bye));
		memd_session_end(s);
	}
}
