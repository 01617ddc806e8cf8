// SPDX-License-Identifier: GPL-2.0
/* swxctl status: what governs which cgroup, since when, how well. */
#include "cgroup.h"
#include "command.h"
#include "report.h"
#include "state.h"

static const struct option_def options[] = {
	{ "interval", 'i', "SEC", "take rates over SEC seconds (0.5); 0: no rates" },
	{ NULL },
};

static int nothing(struct ctx *ctx, const struct cgroup *cg, bool named)
{
	int ret;

	ret = named ? err_set(&ctx->err, ERR_NOT_ATTACHED, cg->path,
			      "cgroup %s has no policy, nor has any below it",
			      cg->path) :
		      err_set(&ctx->err, ERR_NOT_ATTACHED, NULL,
			      "no cgroup has a policy");
	err_hint(&ctx->err, "attach one: swxctl attach CGROUP POLICY");
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *interval = ctx_option(ctx, "interval");
	__u64 sample_ns = 500000000;
	struct cgroup cg;
	struct state st;
	int ret;

	ret = out_check_columns(&ctx->out, report_columns, nr_report_columns,
				&ctx->err);
	if (!ret && interval)
		ret = report_parse_seconds(interval, "-i", &sample_ns, &ctx->err);
	if (!ret)
		ret = cgroup_open(argc ? argv[0] : "/", &cg, &ctx->err);
	if (ret)
		return ret;
	/* Says what is wrong with a cgroup that cannot have a policy. */
	ret = state_read(&cg, &st, &ctx->err);
	if (!ret)
		ret = report_rows(&cg, sample_ns, ctx->rows, &ctx->err);
	if (!ret && !json_object_array_length(ctx->rows))
		ret = nothing(ctx, &cg, argc);
	cgroup_close(&cg);
	if (ret || ctx->out.json || ctx->out.quiet)
		return ret;
	out_table(&ctx->out, ctx->rows, report_columns, nr_report_columns);
	if (!ctx->out.no_headings && !ctx->out.columns && sample_ns)
		printf("rates over %.1f s, percentages of all faults under a policy\n",
		       sample_ns / 1e9);
	return 0;
}

COMMAND(status, .group = GROUP_LOOK, .args = "[CGROUP]", .max_args = 1,
	.summary = "what runs, since when, how well",
	.options = options, .run = run,
	.help = "One line per cgroup with a policy of its own, and for CGROUP even if it only\n"
		"follows an ancestor's. ACC% is how many prefetched pages were used, COV% how\n"
		"many swap-in faults a prefetched page served, LATE% how many of these had to\n"
		"wait for it. BACKEND, where anything is on one, is how much of the cgroup is where.\n"
		"More columns with -o: LINK MAP WINDOW FAULTS MAJOR FETCHED USED LATE UNUSED, and of\n"
		"pages that were to be reclaimed JUDGED KEPT SENT OVERRULED EVICTED.\n\n"
		"Examples:\n"
		"  swxctl status\n"
		"  swxctl status -o cgroup,policy,faults,major redis.service\n"
		"  swxctl -j status | jq '.[] | select(.state == \"stopped\")'\n");
