// SPDX-License-Identifier: GPL-2.0
/*
 * Replays a trace against the policy this program was built with, and against what it is
 * to be compared with: its algorithm with full information, true LRU, and the optimum; or a
 * recording, which is compared with what the machine has done.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../loader/out.h"
#include "../loader/settings.h"
#include "../loader/util.h"
#include "model.h"
#include "opt.h"
#include "policy.h"

static const struct column columns[] = {
	{ "NAME",	"name",		FMT_TEXT, false },
	{ "KIND",	"kind",		FMT_TEXT, false },
	{ "MISSES",	"misses",	FMT_COUNT, false },
	{ "MISS%",	"miss_pct",	FMT_PERCENT, false },
	{ "FETCHED",	"prefetched",	FMT_COUNT, HIDDEN_IF_EMPTY },
	{ "USED",	"used",		FMT_COUNT, HIDDEN_IF_EMPTY },
	{ "UNUSED",	"unused",	FMT_COUNT, HIDDEN_IF_EMPTY },
	{ "ACC%",	"accuracy_pct",	FMT_PERCENT, HIDDEN_IF_EMPTY },
	{ "COV%",	"coverage_pct",	FMT_PERCENT, HIDDEN_IF_EMPTY },
};

static const struct column recording_columns[] = {
	{ "NAME",	"name",		FMT_TEXT, false },
	{ "KIND",	"kind",		FMT_TEXT, false },
	{ "MISSES",	"misses",	FMT_COUNT, false },
	{ "HITS",	"hits",		FMT_COUNT, false },
	{ "WAITS",	"waits",	FMT_COUNT, false },
	{ "PLANS",	"plans",	FMT_COUNT, false },
	{ "PLANNED",	"planned",	FMT_COUNT, false },
	{ "READ",	"read",		FMT_COUNT, false },
	{ "SAME",	"same",		FMT_COUNT, HIDDEN_IF_EMPTY },
	{ "USED",	"used",		FMT_COUNT, false },
	{ "UNUSED",	"unused",	FMT_COUNT, false },
	{ "ACC%",	"accuracy_pct",	FMT_PERCENT, HIDDEN_IF_EMPTY },
	{ "COV%",	"coverage_pct",	FMT_PERCENT, HIDDEN_IF_EMPTY },
};

struct options {
	const char *trace;
	uint64_t memory;	/* 0: the trace's */
	char **assignments;
	int nr_assignments;
	bool all;
	bool json;
};

/* What is in a trace, and how it is replayed. */
struct input {
	struct accesses accesses;
	struct recording recording;
	bool is_recording;	/* as it was recorded, not as accesses */
};

static void free_input(struct input *in)
{
	accesses_free(&in->accesses);
	recording_free(&in->recording);
}

static void add_percent(struct json_object *row, const char *key, double part, double whole)
{
	if (whole > 0)
		row_percent(row, key, 100 * part / whole);
	else
		json_object_object_add(row, key, NULL);
}

static struct json_object *add_named_row(struct json_object *rows, const char *name,
					 const char *kind, uint64_t nr_misses)
{
	struct json_object *row = json_object_new_object();

	row_string(row, "name", name);
	row_string(row, "kind", kind);
	row_number(row, "misses", nr_misses);
	json_object_array_add(rows, row);
	return row;
}

static struct json_object *add_row(struct json_object *rows, const char *name, const char *kind,
				   const struct accesses *a, uint64_t nr_misses)
{
	struct json_object *row = add_named_row(rows, name, kind, nr_misses);

	add_percent(row, "miss_pct", nr_misses, a->nr);
	return row;
}

static void add_ratios(struct json_object *row, double nr_used, double nr_unused,
		       double nr_faults)
{
	add_percent(row, "accuracy_pct", nr_used, nr_used + nr_unused);
	add_percent(row, "coverage_pct", nr_used, nr_faults);
}

/* The ratios are those of swxctl status. */
static void add_policy(struct json_object *rows, const struct accesses *a,
		       const struct policy_run *run)
{
	const struct swap_ext_ops *ops = policy_ops();
	const uint64_t *stat = run->stat;
	struct json_object *row = add_row(rows, ops->name, "policy", a, run->nr_misses);

	row_number(row, "new", run->nr_new);
	if (*run->gave_up)
		row_string(row, "note", run->gave_up);
	if (!ops->prefetch)
		return;
	row_number(row, "prefetched", stat[SWAP_EXT_STAT_PREFETCHED]);
	row_number(row, "used", stat[SWAP_EXT_STAT_USED]);
	row_number(row, "unused", stat[SWAP_EXT_STAT_UNUSED]);
	add_ratios(row, stat[SWAP_EXT_STAT_USED], stat[SWAP_EXT_STAT_UNUSED],
		   stat[SWAP_EXT_STAT_FAULTS]);
}

static void add_model(struct json_object *rows, const struct model *m, const struct accesses *a,
		      uint32_t limit)
{
	struct json_object *row = add_row(rows, m->name, "model", a, model_run(m, a, limit));

	row_string(row, "source", m->source);
}

/* The policy's own model first, then true LRU, then the others if they are wanted. */
static void add_models(struct json_object *rows, const struct accesses *a, uint32_t limit,
		       bool all)
{
	const struct model *own = model_find(policy_ops()->name), *lru = model_find("lru");
	const struct model *const *m;

	if (own && own != lru)
		add_model(rows, own, a, limit);
	add_model(rows, lru, a, limit);
	for_each_model(m)
		if (all && *m != own && *m != lru)
			add_model(rows, *m, a, limit);
}

static void print_settings(const char *what, struct json_object *values)
{
	if (!json_object_object_length(values))
		return;
	printf("%-9s", what);
	json_object_object_foreach(values, name, value)
		printf(" %s=%s", name, json_object_get_string(value));
	putchar('\n');
}

static void print_tables(const struct out *out, struct json_object *result,
			 const struct column *cols, size_t nr)
{
	print_settings("params", out_get(result, "params"));
	print_settings("counters", out_get(result, "policy_stats"));
	putchar('\n');
	out_table(out, out_get(result, "results"), cols, nr);
}

static void print_recorded(const struct options *o, const struct out *out,
			   struct json_object *result)
{
	const char *cgroup = out_get_string(result, "cgroup"), *by = out_get_string(result, "by");

	printf("trace     %s: %s faults of %s pages", o->trace, out_get_string(result, "faults"),
	       out_get_string(result, "pages"));
	printf(*cgroup ? ", recorded of %s" : "%s", cgroup);
	printf(*by ? " under %s\n" : "%s\n", by);
	print_tables(out, result, recording_columns, ARRAY_SIZE(recording_columns));
	if (json_object_get_int64(out_get(result, "odd")))
		printf("\n%s pages went that were not there: processes that have memory at the same\n"
		       "address are one to a trace, or events are missing\n",
		       out_get_string(result, "odd"));
}

static void print_result(const struct options *o, struct json_object *result)
{
	struct out out = { .json = o->json, .pretty = true, .bytes = true };
	bool are_faults = json_object_get_boolean(out_get(result, "are_faults"));

	if (o->json) {
		out_json(&out, result);
		return;
	}
	if (out_get(result, "odd")) {
		print_recorded(o, &out, result);
		return;
	}
	printf("trace     %s: %s %s of %s pages\n", o->trace, out_get_string(result, "accesses"),
	       are_faults ? "faults, taken for accesses," : "accesses",
	       out_get_string(result, "pages"));
	printf("memory    %s pages\n", out_get_string(result, "memory_pages"));
	printf("eviction  %s\n", out_get_string(result, "eviction"));
	print_tables(&out, result, columns, ARRAY_SIZE(columns));
}

/* What every result has; its rows are yet to be added. */
static struct json_object *begin_result(const struct options *o, const struct policy *policy,
					const struct policy_run *run, struct json_object **rows)
{
	struct json_object *result = json_object_new_object();

	*rows = json_object_new_array();
	row_string(result, "policy", policy->name);
	row_string(result, "trace", o->trace);
	json_object_object_add(result, "params", fields_json(&policy->params, run->params));
	json_object_object_add(result, "policy_stats", fields_json(&policy->stats, run->stats));
	json_object_object_add(result, "results", *rows);
	return result;
}

static struct json_object *add_counts(struct json_object *rows, const char *name,
				      const char *kind, const struct prefetch_counts *c)
{
	struct json_object *row = add_named_row(rows, name, kind, c->nr_misses);

	row_number(row, "hits", c->nr_hits);
	row_number(row, "waits", c->nr_waits);
	row_number(row, "plans", c->nr_plans);
	row_number(row, "planned", c->nr_planned);
	row_number(row, "read", c->nr_read);
	row_number(row, "used", c->nr_used);
	row_number(row, "unused", c->nr_unused);
	add_ratios(row, c->nr_used, c->nr_unused, c->nr_misses + c->nr_hits + c->nr_waits);
	return row;
}

/* What JSON=1 prints of a recording. */
static struct json_object *make_recorded(const struct options *o, const struct policy *policy,
					 const struct input *in, const struct policy_run *run)
{
	const struct trace_header *h = &in->accesses.header;
	const struct recording *r = &in->recording;
	struct json_object *result, *rows, *row;

	result = begin_result(o, policy, run, &rows);
	row_string(result, "cgroup", h->cgroup);
	row_string(result, "by", h->policy);
	row_number(result, "faults", r->nr_faults);
	row_number(result, "pages", r->nr_pages);
	row_number(result, "odd", r->nr_odd);
	add_counts(rows, *h->policy ? h->policy : "-", "recording", &r->counts);
	row = add_counts(rows, policy->name, "policy", &run->counts);
	row_number(row, "same", run->nr_same);
	if (*run->gave_up)
		row_string(row, "note", run->gave_up);
	return result;
}

/* The same of accesses; the models run here. */
static struct json_object *make_result(const struct options *o, const struct policy *policy,
				       const struct accesses *a, const struct policy_run *run)
{
	struct json_object *result, *rows;

	result = begin_result(o, policy, run, &rows);
	row_number(result, "accesses", a->nr);
	row_number(result, "pages", a->nr_pages);
	row_bool(result, "are_faults", a->are_faults);
	row_number(result, "memory_pages", o->memory);
	row_string(result, "eviction", policy_eviction());
	add_policy(rows, a, run);
	add_models(rows, a, o->memory, o->all);
	add_row(rows, "opt", "optimum", a, opt_run(a, o->memory));
	return result;
}

/* @policy is the object file of the policy, which knows its parameters and counters. */
static int compare(const struct options *o, const struct policy *policy,
		   const struct input *in, struct err *err)
{
	static const struct fields none;
	void *params = calloc(1, policy->params.size + 1);
	void *stats = calloc(1, policy->stats.size + 1);
	struct policy_run run = {
		.params = params, .params_size = policy->params.size,
		.stats = stats, .stats_size = policy->stats.size,
	};
	/* Constants are compiled in. */
	struct settings settings = {
		.owner = policy->name, .params = &policy->params, .consts = &none, .data = params,
	};
	struct json_object *result;
	int ret;

	if (!params || !stats) {
		ret = err_no_memory(err);
		goto out_free;
	}
	fields_set_defaults(&policy->params, params);
	ret = settings_apply(&settings, o->assignments, o->nr_assignments, err);
	if (ret)
		goto out_free;
	if (in->is_recording)
		ret = policy_replay_recording(&in->recording, &run);
	else
		ret = policy_replay(&in->accesses, o->memory, &run);
	if (ret) {
		err_set(err, ERR_INIT, policy->name, "policy '%s' refused to run: %s",
			policy->name, strerror(-ret));
		goto out_free;
	}
	if (in->is_recording)
		result = make_recorded(o, policy, in, &run);
	else
		result = make_result(o, policy, &in->accesses, &run);
	print_result(o, result);
	json_object_put(result);
	if (*run.gave_up)
		ret = err_set(err, ERR_FAILED, policy->name, "policy '%s' gave up: %s",
			      policy->name, run.gave_up);
out_free:
	free(params);
	free(stats);
	return ret;
}

static int choose_memory(struct options *o, const struct accesses *a, struct err *err)
{
	o->memory = o->memory ?: a->header.limit_pages;
	if (o->memory >= POLICY_MIN_LIMIT && o->memory <= UINT32_MAX)
		return 0;
	if (o->memory)
		err_set(err, ERR_USAGE, o->trace, "a memory of %llu pages: it takes %d to %u",
			(unsigned long long)o->memory, POLICY_MIN_LIMIT, UINT32_MAX);
	else
		err_set(err, ERR_USAGE, o->trace, "%s does not say how large the memory was",
			o->trace);
	err_hint(err, "--memory PAGES");
	return -EINVAL;
}

static int read_trace(struct options *o, struct input *in, struct err *err)
{
	FILE *file = fopen(o->trace, "r");
	char error[256];
	int ret;

	if (!file)
		return err_set(err, ERR_FAILED, o->trace, "%s: %s", o->trace, strerror(errno));
	ret = accesses_read(&in->accesses, &in->recording, file, error, sizeof(error));
	fclose(file);
	if (ret)
		return err_set(err, ERR_FAILED, o->trace, "%s: %s", o->trace, error);
	/* In another memory other pages would have gone: then its faults are accesses. */
	in->is_recording = in->accesses.are_faults && in->recording.has_pages && !o->memory;
	ret = in->is_recording ? 0 : choose_memory(o, &in->accesses, err);
	if (ret)
		free_input(in);
	return ret;
}

static int run(struct options *o, struct err *err)
{
	struct policy *policy;
	struct input in;
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), POLICY_DIR "/%s.bpf.o", policy_ops()->name);
	ret = policy_open(path, &policy, err);
	if (ret)
		return ret;
	ret = read_trace(o, &in, err);
	if (!ret) {
		ret = compare(o, policy, &in, err);
		free_input(&in);
	}
	policy_close(policy);
	return ret;
}

static const char usage[] =
	"usage: %s [OPTION...] TRACE\n"
	"Run policy %s against a trace, beside its model, true LRU and the optimum; or against\n"
	"a recording, beside what the machine did.\n\n"
	"  -m, --memory PAGES     instead of the trace's memory limit; of a recording, the\n"
	"                         faults are replayed as accesses then\n"
	"  -s, --set PARAM=VALUE  a parameter of the policy, as for swxctl attach\n"
	"  -a, --all              every model there is\n"
	"  -j, --json             JSON instead of a table\n"
	"  -h, --help             this\n";

/* Returns an exit code, or -1 to go on. */
static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "memory", required_argument, NULL, 'm' },
		{ "set", required_argument, NULL, 's' },
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	char *end;
	int opt;

	while ((opt = getopt_long(argc, argv, "m:s:ajh", longs, NULL)) != -1) {
		switch (opt) {
		case 'm':
			errno = 0;
			o->memory = strtoull(optarg, &end, 0);
			if (errno || *end || !o->memory || *optarg == '-')
				goto bad_usage;
			break;
		case 's':
			o->assignments[o->nr_assignments++] = optarg;
			break;
		case 'a':
			o->all = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			printf(usage, argv[0], policy_ops()->name);
			return EXIT_DONE;
		default:
			goto bad_usage;
		}
	}
	if (argc != optind + 1)
		goto bad_usage;
	o->trace = argv[optind];
	return -1;

bad_usage:
	fprintf(stderr, usage, argv[0], policy_ops()->name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct options o = { .assignments = calloc(argc, sizeof(char *)) };
	struct err err = { 0 };
	int ret;

	if (!o.assignments)
		return EXIT_FAILED;
	ret = parse_options(&o, argc, argv);
	if (ret < 0) {
		ret = EXIT_DONE;
		if (run(&o, &err)) {
			ret = err_exit_code(&err);
			fprintf(stderr, "replay: %s\n", err.message ?: "out of memory");
			if (err.hint)
				fprintf(stderr, "        %s\n", err.hint);
		}
	}
	err_clear(&err);
	free(o.assignments);
	return ret;
}
