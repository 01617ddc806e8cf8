// SPDX-License-Identifier: GPL-2.0
/* swxctl attach: gives a cgroup a policy of its own. */
#include "attach.h"
#include "command.h"
#include "result.h"

static const struct option_def options[] = {
	{ "state", 's', "FILE", "restore what 'swxctl save' saved" },
	{ NULL },
};

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct attach_request req = {
		.policy = argv[1], .assignments = argv + 2,
		.nr_assignments = argc - 2, .dry_run = ctx->dry_run,
		.state_file = ctx_option(ctx, "state"),
	};
	struct attach_result res;
	struct cgroup cg;
	int ret;

	ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	req.cg = &cg;
	ret = attach_policy(&req, &res, &ctx->err);
	if (!ret)
		result_attached(ctx, &cg, &res, "attached");
	cgroup_close(&cg);
	return ret;
}

COMMAND(attach, .group = GROUP_ATTACH, .args = "CGROUP POLICY|NAME [PARAM=VAL...]",
	.min_args = 2, .max_args = -1, .changes = true,
	.summary = "give a cgroup a policy; fails if it has one",
	.options = options, .run = run,
	.help = "The policy governs the cgroup and everything below it that has none of its own.\n"
		"A name that is loaded means that policy; another name, or a path, is loaded\n"
		"first and goes with its last detach. The attachment stays when swxctl ends.\n\n"
		"Examples:\n"
		"  swxctl attach redis.service leap\n"
		"  swxctl attach /batch.slice ./mine.bpf.o max_window=32\n"
		"  swxctl attach @4711 tape --state run.swx\n");
