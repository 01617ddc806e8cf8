// SPDX-License-Identifier: GPL-2.0
/* swxctl replace: another policy in one step, without a moment of none. */
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
	ret = attach_replace(&req, &res, &ctx->err);
	if (!ret)
		result_attached(ctx, &cg, &res, "replaced");
	cgroup_close(&cg);
	return ret;
}

COMMAND(replace, .group = GROUP_ATTACH,
	.args = "CGROUP POLICY|NAME [PARAM=VAL...]",
	.min_args = 2, .max_args = -1, .changes = true,
	.summary = "change the policy in one step",
	.options = options, .run = run,
	.help = "If the new policy cannot be loaded or refuses the cgroup, the old one stays.\n"
		"Maps that both declare as shared are handed on. A new build of the same policy\n"
		"keeps the parameters that were set; another policy starts with its defaults.\n"
		"The name of a policy that \"load\" loaded means that one, not its file.\n\n"
		"Examples:\n"
		"  swxctl replace redis.service stride\n"
		"  swxctl replace /batch.slice ./mine.bpf.o\n");
