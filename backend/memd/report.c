// SPDX-License-Identifier: GPL-2.0
/* The numbers, once as JSON and once as Prometheus wants them. */
#include <inttypes.h>
#include <json-c/json.h>

#include "session.h"
#include "stat.h"

static const char *const state_names[] = {
	[SESSION_ACTIVE] = "active", [SESSION_GRACE] = "grace", [SESSION_ENDED] = "ended",
};

static const char *const kind_names[SWX_WIRE_NR_KINDS] = {
	[SWX_WIRE_DEMAND] = "demand", [SWX_WIRE_PREFETCH] = "prefetch",
	[SWX_WIRE_WRITE] = "write",
};

static void add_number(struct json_object *o, const char *key, __u64 value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static void add_string(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

/* A 64-bit number of which every bit matters: too large for many readers of JSON. */
static void add_hex(struct json_object *o, const char *key, __u64 value)
{
	char text[17];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)value);
	add_string(o, key, text);
}

static __u64 reserved_bytes(const struct memd *memd)
{
	return (__u64)memd->pool.nr * memd->pool.slab_size;
}

static struct json_object *session_row(const struct memd_session *s, __u64 now)
{
	struct json_object *row = json_object_new_object(), *data;
	int kind;

	add_hex(row, "session", s->id);
	add_string(row, "name", s->name);
	add_string(row, "address", s->addr);
	add_string(row, "device", ibv_get_device_name(s->dev->verbs->device));
	add_string(row, "state", state_names[s->state]);
	add_number(row, "slabs", s->nr_slabs);
	add_number(row, "used_bytes", s->nr_slabs * (__u64)s->memd->pool.slab_size);
	json_object_object_add(row, "quota_bytes", s->quota == ~0ULL ? NULL :
			       json_object_new_uint64(s->quota));
	data = json_object_new_object();
	for (kind = SWX_WIRE_DEMAND; kind < SWX_WIRE_NR_KINDS; kind++)
		add_number(data, kind_names[kind], s->nr_data[kind]);
	json_object_object_add(row, "connections", data);
	add_number(row, "idle_ms", now - s->last_seen);
	add_number(row, "grace_ms", s->state == SESSION_GRACE && s->expires > now ?
		   s->expires - now : 0);
	return row;
}

void memd_stat_json(const struct memd *memd, FILE *f)
{
	struct json_object *o = json_object_new_object(), *part;
	const struct memd_pool *pool = &memd->pool;
	const struct memd_session *s;
	__u64 now = memd_now_ms();

	add_string(o, "version", SWX_VERSION);
	add_number(o, "protocol", SWX_WIRE_VERSION);
	add_hex(o, "epoch", memd->epoch);
	add_string(o, "state", memd->drain_until ? "draining" : "running");
	add_number(o, "uptime_ms", now - memd->started);
	add_number(o, "drain_ms", memd_drain_left(memd));
	add_number(o, "port", memd->cfg.port);

	part = json_object_new_object();
	add_number(part, "size_bytes", reserved_bytes(memd));
	add_number(part, "slab_bytes", pool->slab_size);
	add_number(part, "total", pool->nr);
	add_number(part, "huge", pool->nr_huge);
	add_number(part, "used", pool->nr_used);
	add_number(part, "free", pool->nr_free);
	add_number(part, "dirty", pool->nr_dirty);
	add_number(part, "zeroed_bytes", pool->bytes_zeroed);
	json_object_object_add(o, "slabs", part);

	part = json_object_new_object();
#define X(name, help) add_number(part, #name, memd->count.name);
	MEMD_COUNTERS(X)
#undef X
	json_object_object_add(o, "counters", part);

	part = json_object_new_array();
	TAILQ_FOREACH(s, &memd->sessions, node)
		if (s->state != SESSION_ENDED)
			json_object_array_add(part, session_row(s, now));
	json_object_object_add(o, "sessions", part);

	fprintf(f, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void metric(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP swx_memd_%s %s\n# TYPE swx_memd_%s %s\n", name, help, name, type);
}

static void gauge(FILE *f, const char *name, const char *help, __u64 value)
{
	metric(f, name, "gauge", help);
	fprintf(f, "swx_memd_%s %llu\n", name, (unsigned long long)value);
}

/* A client chose it, and quotes would end the label. */
static void label(FILE *f, const char *name, const char *value)
{
	fprintf(f, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', f);
		fputc(*value, f);
	}
	fputc('"', f);
}

static void session_metrics(const struct memd *memd, FILE *f)
{
	const struct memd_session *s;

	metric(f, "session_used_bytes", "gauge", "memory that a session has");
	TAILQ_FOREACH(s, &memd->sessions, node) {
		if (s->state == SESSION_ENDED)
			continue;
		fprintf(f, "swx_memd_session_used_bytes{session=\"%016llx\",",
			(unsigned long long)s->id);
		label(f, "name", s->name);
		fputc(',', f);
		label(f, "address", s->addr);
		fprintf(f, ",state=\"%s\"} %llu\n", state_names[s->state],
			(unsigned long long)(s->nr_slabs * (__u64)memd->pool.slab_size));
	}
}

void memd_stat_prometheus(const struct memd *memd, FILE *f)
{
	const struct memd_pool *pool = &memd->pool;

	gauge(f, "size_bytes", "memory for clients", reserved_bytes(memd));
	gauge(f, "slab_bytes", "size of a slab", pool->slab_size);
	gauge(f, "huge_slabs", "slabs of huge pages", pool->nr_huge);
	gauge(f, "used_slabs", "slabs that clients have", pool->nr_used);
	gauge(f, "free_slabs", "slabs that are zeroed and nobody's", pool->nr_free);
	gauge(f, "dirty_slabs", "slabs to be zeroed", pool->nr_dirty);
	gauge(f, "sessions", "sessions, those within their grace included",
	      memd->nr_sessions);
	gauge(f, "draining", "1: clients are asked to leave", !!memd->drain_until);
	gauge(f, "uptime_seconds", "time since the start",
	      (memd_now_ms() - memd->started) / 1000);
	metric(f, "zeroed_bytes_total", "counter", "memory zeroed after use");
	fprintf(f, "swx_memd_zeroed_bytes_total %llu\n",
		(unsigned long long)pool->bytes_zeroed);
#define X(name, help)							      \
	metric(f, #name "_total", "counter", help);			      \
	fprintf(f, "swx_memd_" #name "_total %llu\n",			      \
		(unsigned long long)memd->count.name);
	MEMD_COUNTERS(X)
#undef X
	session_metrics(memd, f);
}
