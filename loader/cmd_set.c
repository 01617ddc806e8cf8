// SPDX-License-Identifier: GPL-2.0
/* swxctl set: parameters of an attachment, while it runs. */
#include "attach.h"
#include "command.h"
#include "result.h"

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct attach_request req = {
		.assignments = argv + 1, .nr_assignments = argc - 1,
		.dry_run = ctx->dry_run,
	};
	struct attach_result res;
	struct cgroup cg;
	int ret;

	ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	req.cg = &cg;
	ret = attach_set(&req, &res, &ctx->err);
	if (!ret)
		result_set(ctx, &cg, &res);
	cgroup_close(&cg);
	return ret;
}

COMMAND(set, .group = GROUP_ATTACH, .args = "CGROUP PARAM=VAL...", .min_args = 2,
	.max_args = -1, .changes = true,
	.summary = "change parameters of an attachment", .run = run,
	.help = "Takes effect with the next fault, also in the cgroups that follow this one.\n"
		"All values are checked before any is written.\n\n"
		"Examples:\n"
		"  swxctl set redis.service max_window=16\n"
		"  swxctl -j set @4711 max_window=16 | jq '.[0].params'\n");
