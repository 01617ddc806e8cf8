// SPDX-License-Identifier: GPL-2.0
/*
 * swxctl ages: how much of a cgroup's memory has been idle for how long, and what was
 * used after such a time.
 */
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "report.h"
#include "scan.h"
#include "state.h"

static const struct option_def options[] = {
	{ "interval", 'i', "SEC", "seconds between the two scans (2); 0: one scan only" },
	{ "unit", 'u', "SEC", "seconds from each age to the next, of 256 (1)" },
	{ NULL },
};

static const struct column columns[] = {
	{ "SECONDS", "age_s", FMT_TEXT, HIDDEN_NO },
	{ "COLD", "cold_bytes", FMT_SIZE, HIDDEN_NO },
	{ "PROMOTED", "promoted_bytes", FMT_SIZE, HIDDEN_NO },
	{ "IDLE", "idle_bytes", FMT_SIZE, HIDDEN_YES },
	{ "USED", "used_bytes", FMT_SIZE, HIDDEN_YES },
};

static long long sum_bytes(const __u64 *pages, unsigned int first, unsigned int end)
{
	long long sum = 0;

	for (; first < end; first++)
		sum += pages[first];
	return sum * sysconf(_SC_PAGESIZE);
}

/* Ages double from row to row; those beyond the oldest page have none. */
static void add_rows(struct ctx *ctx, const struct cgroup *cg, unsigned int unit_s,
		     const struct swap_ext_histogram *h)
{
	unsigned int age, next;

	for (age = 0; age < SWAP_EXT_AGES; age = next) {
		long long cold = sum_bytes(h->idle, age, SWAP_EXT_AGES);
		long long promoted = sum_bytes(h->used, age, SWAP_EXT_AGES);
		struct json_object *row;

		if (age && !cold && !promoted)
			return;
		next = age ? 2 * age : 1;
		row = ctx_row(ctx);
		row_string(row, "cgroup", cg->path);
		row_number(row, "age_s", (long long)age * unit_s);
		row_number(row, "cold_bytes", cold);
		row_number(row, "promoted_bytes", promoted);
		row_number(row, "idle_bytes", sum_bytes(h->idle, age, next));
		row_number(row, "used_bytes", sum_bytes(h->used, age, next));
	}
}

static int parse_unit(struct ctx *ctx, __u32 *unit_s)
{
	const char *text = ctx_option(ctx, "unit");
	char *end;
	long n;

	*unit_s = 1;
	if (!text)
		return 0;
	n = strtol(text, &end, 10);
	*unit_s = n;
	if (end != text && !*end && n > 0 && n <= 86400)
		return 0;
	return err_set(&ctx->err, ERR_USAGE, "-u", "-u takes whole seconds, 1 to 86400, not '%s'",
		       text);
}

static int scan_twice(struct ctx *ctx, const struct cgroup *cg, __u64 interval_ns,
		      __u32 unit_s)
{
	struct swap_ext_histogram h;
	struct scan *scan;
	int ret;

	ret = scan_open(&scan, &ctx->err);
	if (ret)
		return ret;
	ret = scan_run(scan, cg, unit_s, &h, &ctx->err);
	if (!ret && interval_ns) {
		usleep(interval_ns / 1000);
		ret = scan_run(scan, cg, unit_s, &h, &ctx->err);
	}
	if (!ret)
		add_rows(ctx, cg, unit_s, &h);
	scan_close(scan);
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *interval = ctx_option(ctx, "interval");
	__u64 interval_ns = 2000000000;
	struct cgroup cg;
	__u32 unit_s;
	int ret;

	(void)argc;
	ret = out_check_columns(&ctx->out, columns, sizeof(columns) / sizeof(columns[0]),
				&ctx->err);
	if (!ret && interval)
		ret = report_parse_seconds(interval, "-i", &interval_ns, &ctx->err);
	if (!ret)
		ret = parse_unit(ctx, &unit_s);
	if (!ret)
		ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	ret = cgroup_check_below_root(&cg, ctx->command->name, &ctx->err);
	ret = ret ?: cgroup_check_memory(&cg, &ctx->err);
	ret = ret ?: scan_twice(ctx, &cg, interval_ns, unit_s);
	if (!ret && !ctx->out.json && !ctx->out.quiet)
		out_table(&ctx->out, ctx->rows, columns, sizeof(columns) / sizeof(columns[0]));
	cgroup_close(&cg);
	return ret;
}

COMMAND(ages, .group = GROUP_LOOK, .args = "CGROUP", .min_args = 1, .max_args = 1,
	.summary = "how long memory has been idle",
	.options = options, .run = run,
	.help = "Anonymous and shared memory of the cgroup and all below it, by the time since it\n"
		"was last found in use: COLD has been idle for so many seconds or longer, and\n"
		"PROMOTED was used between the two scans after it had been, which is what would\n"
		"have come back from swap had memory of that age been there. Ages are those since\n"
		"the first scan: run it again later, or every so often. Memory of several processes\n"
		"counts for each, memory that is locked for none.\n\n"
		"The accessed bits of all pages are read and cleared; the kernel finds them in use\n"
		"all the same when it reclaims. No policy need be attached.\n\n"
		"Examples:\n"
		"  swxctl ages app.service\n"
		"  swxctl ages -i 120 -u 120 app.service\n"
		"  swxctl -j ages -i 0 app.service | jq '.[] | select(.age_s >= 120).cold_bytes' | head -1\n");
