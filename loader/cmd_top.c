// SPDX-License-Identifier: GPL-2.0
/* swxctl top: status again and again; with -j one array that ends with the run. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "command.h"
#include "report.h"

static const struct option_def options[] = {
	{ "interval", 'i', "SEC", "seconds between two readings (2)" },
	{ "count", 'c', "N", "stop after N readings" },
	{ NULL },
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void print_json(const struct ctx *ctx, struct json_object *rows,
		       bool *first)
{
	int flags = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	size_t i;

	if (ctx->out.pretty)
		flags |= JSON_C_TO_STRING_PRETTY;
	for (i = 0; i < json_object_array_length(rows); i++) {
		printf("%s%s", *first ? "" : ",\n",
		       json_object_to_json_string_ext(
				json_object_array_get_idx(rows, i), flags));
		*first = false;
	}
	fflush(stdout);
}

static void print_table(const struct ctx *ctx, struct json_object *rows)
{
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	if (json_object_array_length(rows))
		out_table(&ctx->out, rows, report_columns, nr_report_columns);
	else
		puts("no cgroup has a policy");
	if (!isatty(STDOUT_FILENO))
		putchar('\n');
	fflush(stdout);
}

static int loop(struct ctx *ctx, const struct cgroup *cg, __u64 interval_ns,
		long count)
{
	struct json_object *rows;
	bool first = true;
	int ret = 0;

	while (!ret && !stopped && count--) {
		rows = json_object_new_array();
		ret = report_rows(cg, interval_ns, rows, &ctx->err);
		/* Nothing attached: report_rows() has nothing to wait for. */
		if (!ret && !json_object_array_length(rows) && count)
			usleep(interval_ns / 1000);
		if (!ret && ctx->out.json)
			print_json(ctx, rows, &first);
		else if (!ret)
			print_table(ctx, rows);
		json_object_put(rows);
		if (ferror(stdout))
			break;
	}
	return ret;
}

static int parse_count(struct ctx *ctx, long *count)
{
	const char *text = ctx_option(ctx, "count");
	char *end;

	*count = -1;
	if (!text)
		return 0;
	*count = strtol(text, &end, 10);
	if (end != text && !*end && *count > 0)
		return 0;
	return err_set(&ctx->err, ERR_USAGE, "-c",
		       "-c takes a number of readings, not '%s'", text);
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *interval = ctx_option(ctx, "interval");
	struct sigaction action = { .sa_handler = stop };
	__u64 interval_ns = 2000000000;
	struct cgroup cg;
	long count;
	int ret;

	ret = out_check_columns(&ctx->out, report_columns, nr_report_columns,
				&ctx->err);
	if (!ret)
		ret = parse_count(ctx, &count);
	if (!ret && interval)
		ret = report_parse_seconds(interval, "-i", &interval_ns, &ctx->err);
	if (!ret && !interval_ns)
		ret = err_set(&ctx->err, ERR_USAGE, "-i", "-i takes more than 0 seconds here");
	if (!ret)
		ret = cgroup_open(argc ? argv[0] : "/", &cg, &ctx->err);
	if (ret)
		return ret;
	/* No SA_RESTART: the signal ends the sleep between two readings. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	ctx->streamed = true;
	if (ctx->out.json)
		puts("[");
	ret = loop(ctx, &cg, interval_ns, count);
	if (ctx->out.json)
		puts("\n]");
	cgroup_close(&cg);
	return ret;
}

COMMAND(top, .group = GROUP_LOOK, .args = "[CGROUP]", .max_args = 1,
	.summary = "status, live",
	.options = options, .run = run,
	.help = "The columns of status, redrawn in place on a terminal, one block per reading\n"
		"elsewhere. With -j one array that is closed when the run ends.\n\n"
		"Examples:\n"
		"  swxctl top -i 1\n"
		"  swxctl -j top -c 10 batch.slice > run.json\n");
