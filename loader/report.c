// SPDX-License-Identifier: GPL-2.0
/*
 * Reads every attachment twice and computes rates in between. Percentages are of
 * the counters' whole life; the kernel counts while some policy governs:
 *
 *	accuracy	of prefetched pages whose fate is known, used or late
 *	coverage	of swap-in faults that found or awaited a prefetched page
 *	late		of prefetched pages that were used, still in flight
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach.h"
#include "loaded.h"
#include "pin.h"
#include "state.h"
#include "util.h"

const struct column report_columns[] = {
	{ "CGROUP",	"cgroup",		FMT_TEXT, false },
	{ "POLICY",	"policy",		FMT_TEXT, false },
	{ "STATE",	"state",		FMT_TEXT, false },
	{ "UP",		"up_ns",		FMT_DURATION_NS, false },
	{ "FAULT/s",	"rates_per_s.faults",	FMT_COUNT, false },
	{ "FETCH/s",	"rates_per_s.prefetched", FMT_COUNT, false },
	{ "ACC%",	"accuracy_pct",		FMT_PERCENT, false },
	{ "COV%",	"coverage_pct",		FMT_PERCENT, false },
	{ "LATE%",	"late_pct",		FMT_PERCENT, false },
	{ "BACKEND",	"backends",		FMT_SIZES, HIDDEN_IF_EMPTY },
	{ "LINK",	"link_id",		FMT_TEXT, true },
	{ "MAP",	"map_id",		FMT_TEXT, true },
	{ "WINDOW",	"window_pages",		FMT_TEXT, true },
	{ "FAULTS",	"stats.faults",		FMT_COUNT, true },
	{ "MAJOR",	"stats.major",		FMT_COUNT, true },
	{ "FETCHED",	"stats.prefetched",	FMT_COUNT, true },
	{ "USED",	"stats.used",		FMT_COUNT, true },
	{ "LATE",	"stats.late",		FMT_COUNT, true },
	{ "UNUSED",	"stats.unused",		FMT_COUNT, true },
	{ "JUDGED",	"stats.judged",		FMT_COUNT, true },
	{ "KEPT",	"stats.kept",		FMT_COUNT, true },
	{ "SENT",	"stats.sent",		FMT_COUNT, true },
	{ "OVERRULED",	"stats.overruled",	FMT_COUNT, true },
	{ "EVICTED",	"stats.evicted",	FMT_COUNT, true },
	{ "VICTIMS",	"stats.victims",	FMT_COUNT, true },
	{ "REFAULTS",	"stats.refaults",	FMT_COUNT, true },
};
const size_t nr_report_columns = ARRAY_SIZE(report_columns);

struct entry {
	struct cgroup		cg;
	struct state		state;
	struct json_object	*stat;		/* NULL: could not be read */
	__u64			at_ns;
};

struct entries {
	struct entry	*v;
	size_t		nr;
	const char	*named;		/* shown even if it only inherits */
};

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int add_entry(const struct cgroup *cg, void *arg)
{
	struct entries *e = arg;
	struct err ignored = { 0 };
	struct entry *v;
	struct state st;
	int ret;

	ret = state_read(cg, &st, &ignored);
	err_clear(&ignored);
	if (ret || (!st.link_id && (strcmp(cg->path, e->named) || !st.governor)))
		return 0;
	v = realloc(e->v, (e->nr + 1) * sizeof(*v));
	if (!v)
		return -1;
	e->v = v;
	v += e->nr++;
	*v = (struct entry) { .cg = *cg, .state = st, .at_ns = now_ns() };
	/* There may be more cgroups than a process may have open files. */
	v->cg.fd = -1;
	v->stat = state_read_stat(cg);
	return 0;
}

static double counter(struct json_object *stat, const char *name)
{
	struct json_object *value = out_get(stat, name);

	return value ? (double)json_object_get_uint64(value) : 0;
}

static void add_ratio(struct json_object *row, const char *key, double part,
		      double whole)
{
	if (whole > 0)
		row_percent(row, key, 100 * part / whole);
	else
		json_object_object_add(row, key, NULL);
}

static void add_ratios(struct json_object *row, struct json_object *stat)
{
	double hit = counter(stat, "used") + counter(stat, "late");

	add_ratio(row, "accuracy_pct", hit, hit + counter(stat, "unused"));
	add_ratio(row, "coverage_pct", hit, counter(stat, "faults"));
	add_ratio(row, "late_pct", counter(stat, "late"), hit);
}

static void add_rates(struct json_object *row, const struct entry *e,
		      struct json_object *stat, __u64 elapsed_ns)
{
	struct json_object *rates = NULL;
	struct json_object_iterator it, end;
	const char *key;

	if (elapsed_ns && e->stat) {
		rates = json_object_new_object();
		it = json_object_iter_begin(stat);
		end = json_object_iter_end(stat);
		for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
			key = json_object_iter_peek_name(&it);
			row_percent(rates, key, (counter(stat, key) -
				    counter(e->stat, key)) * 1e9 / elapsed_ns);
		}
	}
	json_object_object_add(row, "rates_per_s", rates);
	json_object_object_add(row, "sample_ns", elapsed_ns ?
			       json_object_new_uint64(elapsed_ns) : NULL);
}

static void add_policy(struct json_object *row, const struct entry *e)
{
	struct json_object *params = NULL, *stats = NULL;
	struct err ignored = { 0 };
	struct loaded *l;
	__u64 id;

	/* A stopped policy governs nothing, not even its own cgroup. */
	id = e->state.link_id ? e->cg.id : e->state.governor;
	if (!loaded_open_by_id(e->state.map_id, &l, &ignored)) {
		params = attach_read_params(l, id);
		stats = attach_read_stats(l, id);
		loaded_close(l);
	}
	err_clear(&ignored);
	json_object_object_add(row, "params", params);
	json_object_object_add(row, "policy_stats", stats);
}

static void add_note(struct json_object *row, const struct entry *e,
		     struct json_object *exit)
{
	char note[2 * PATH_MAX + 640];

	if (state_is_stopped(&e->state))
		snprintf(note, sizeof(note), "%s: %s (swxctl log %s)", e->cg.path,
			 out_get_string(exit, "msg") ?: "stopped", e->cg.path);
	else if (!strcmp(e->state.state, "disabled"))
		snprintf(note, sizeof(note),
			 "%s: all policies are off (echo 1 > " SYSFS_DIR "/enabled)",
			 e->cg.path);
	else if (!e->state.prefetch_on)
		snprintf(note, sizeof(note),
			 "%s: too few prefetched pages were used, prefetch is off here",
			 e->cg.path);
	else
		return;
	row_string(row, "note", note);
}

/* The second reading; NULL if the cgroup went away since the first. */
static struct json_object *read_again(const struct entry *e,
				      struct json_object **backends,
				      struct json_object **exit)
{
	struct json_object *stat = NULL;
	struct err ignored = { 0 };
	struct cgroup cg;

	if (cgroup_open_path(e->cg.path, &cg, &ignored)) {
		err_clear(&ignored);
		return NULL;
	}
	/* Another one may have its path by now. */
	if (cg.id == e->cg.id)
		stat = state_read_stat(&cg);
	*backends = stat ? state_read_backends(&cg) : NULL;
	*exit = stat ? state_read_log(&cg) : NULL;
	cgroup_close(&cg);
	return stat;
}

static void add_row(struct json_object *rows, const struct entry *e,
		    bool sampled)
{
	struct json_object *row, *stat, *backends, *exit;
	const struct state *st = &e->state;
	char path[PATH_MAX];
	__u64 now;

	stat = read_again(e, &backends, &exit);
	if (!stat)
		return;
	now = now_ns();
	row = json_object_new_object();
	row_string(row, "cgroup", e->cg.path);
	row_number(row, "cgroup_id", e->cg.id);
	row_string(row, "policy", st->policy);
	row_string(row, "state", st->state);
	row_string(row, "inherited_from", !st->link_id &&
		   cgroup_find_ancestor(&e->cg, st->governor, path, sizeof(path)) ?
		   path : NULL);
	json_object_object_add(row, "link_id", st->link_id ?
			       json_object_new_int64(st->link_id) : NULL);
	row_number(row, "map_id", st->map_id);
	pin_cgroup_dir(e->cg.path, path, sizeof(path));
	row_string(row, "pin", st->link_id ? path : NULL);
	json_object_object_add(row, "attached_ns", st->link_id ?
			       json_object_new_uint64(st->attached_ns) : NULL);
	json_object_object_add(row, "up_ns", st->link_id ?
			       json_object_new_uint64(now - st->attached_ns) : NULL);
	row_number(row, "window_pages", st->window_pages);
	row_bool(row, "prefetch_on", st->prefetch_on);
	add_policy(row, e);
	json_object_object_add(row, "stats", stat);
	add_ratios(row, stat);
	add_rates(row, e, stat, sampled ? now - e->at_ns : 0);
	json_object_object_add(row, "backends", backends);
	json_object_object_add(row, "exit", exit);
	add_note(row, e, exit);
	json_object_array_add(rows, row);
}

int report_rows(const struct cgroup *cg, __u64 sample_ns,
		struct json_object *rows, struct err *err)
{
	struct entries e = { .named = cg->path };
	struct timespec ts = {
		.tv_sec = sample_ns / 1000000000, .tv_nsec = sample_ns % 1000000000,
	};
	size_t i;
	int ret;

	ret = cgroup_walk(cg->path, add_entry, &e, err);
	if (!ret && e.nr && sample_ns)
		nanosleep(&ts, NULL);
	for (i = 0; i < e.nr; i++) {
		if (!ret)
			add_row(rows, &e.v[i], sample_ns);
		json_object_put(e.v[i].stat);
	}
	free(e.v);
	return ret < 0 && !err->kind ? err_no_memory(err) : ret;
}

struct follower_count {
	__u64	governor;
	int	nr;
};

static int count_follower(const struct cgroup *cg, void *arg)
{
	struct follower_count *f = arg;
	struct err ignored = { 0 };
	struct state st;

	if (!state_read(cg, &st, &ignored) && !st.link_id &&
	    st.governor == f->governor)
		f->nr++;
	err_clear(&ignored);
	return 0;
}

int report_count_followers(const struct cgroup *cg)
{
	struct follower_count f = { .governor = cg->id };
	struct err ignored = { 0 };

	cgroup_walk(cg->path, count_follower, &f, &ignored);
	err_clear(&ignored);
	return f.nr;
}

int report_parse_seconds(const char *text, const char *option, __u64 *ns,
			 struct err *err)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0 && seconds <= 86400))
		return err_set(err, ERR_USAGE, option,
			       "%s takes seconds, 0 to 86400, not '%s'", option,
			       text);
	*ns = seconds * 1e9;
	return 0;
}
