// SPDX-License-Identifier: GPL-2.0
/* swxctl detach: back to what the cgroup would have without its own policy. */
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "command.h"
#include "result.h"
#include "state.h"

static const struct option_def options[] = {
	{ "all", 'a', NULL, "from every cgroup" },
	{ NULL },
};

static int detach(struct ctx *ctx, const struct cgroup *cg)
{
	struct attach_result res;
	int ret;

	ret = attach_detach(cg, ctx->dry_run, &res, &ctx->err);
	if (!ret)
		result_detached(ctx, cg, &res);
	return ret;
}

static int detach_attached(const struct cgroup *cg, void *arg)
{
	struct err ignored = { 0 };
	struct ctx *ctx = arg;
	struct state st;
	int ret;

	ret = state_read(cg, &st, &ignored);
	err_clear(&ignored);
	/* One that fails must not keep the others attached. */
	if (!ret && st.link_id && detach(ctx, cg))
		ctx_report(ctx);
	return 0;
}

static int detach_all(struct ctx *ctx)
{
	int ret;

	ret = cgroup_walk("/", detach_attached, ctx, &ctx->err);
	if (!ret && !ctx->failed && !json_object_array_length(ctx->rows))
		ret = err_set(&ctx->err, ERR_NOT_ATTACHED, NULL,
			      "no cgroup has a policy");
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct cgroup cg;
	int ret;

	if (!argc == !ctx_option(ctx, "all")) {
		ret = err_set(&ctx->err, ERR_USAGE, "detach",
			      "swxctl detach takes a CGROUP or --all%s",
			      argc ? ", not both" : "");
		err_hint(&ctx->err, "swxctl help detach");
		return ret;
	}
	if (!argc)
		return detach_all(ctx);
	ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	ret = detach(ctx, &cg);
	cgroup_close(&cg);
	return ret;
}

COMMAND(detach, .group = GROUP_ATTACH, .args = "CGROUP | --all", .max_args = 1,
	.changes = true, .summary = "take a cgroup's policy away",
	.options = options, .run = run,
	.help = "The cgroup follows its nearest ancestor with a policy again, or the kernel's\n"
		"own readahead. A policy that attach loaded is unloaded with its last cgroup.\n\n"
		"Examples:\n"
		"  swxctl detach redis.service\n"
		"  swxctl detach --all\n");
