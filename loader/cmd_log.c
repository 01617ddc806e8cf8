// SPDX-License-Identifier: GPL-2.0
/* swxctl log: why policies left their cgroups, with message and dump. */
#include <string.h>

#include "cgroup.h"
#include "command.h"
#include "state.h"

/* Without a name: every cgroup whose last exit was not somebody's wish. */
static bool is_trouble(const char *kind)
{
	static const char *const quiet[] = { "detach", "replaced", "offline" };
	size_t i;

	for (i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (kind && !strcmp(kind, quiet[i]))
			return false;
	return true;
}

static void print_record(const struct ctx *ctx, struct json_object *row)
{
	const char *dump = out_get_string(row, "dump");

	ctx_say(ctx, "%s: %s %s, code %s: %s\n", out_get_string(row, "cgroup"),
		out_get_string(row, "policy"), out_get_string(row, "kind"),
		out_get_string(row, "code"), out_get_string(row, "msg"));
	if (dump && *dump)
		ctx_say(ctx, "%s%s", dump,
			dump[strlen(dump) - 1] == '\n' ? "" : "\n");
}

static bool add_record(struct ctx *ctx, const struct cgroup *cg, bool trouble_only)
{
	struct json_object *log = state_read_log(cg), *row;

	if (!log || (trouble_only && !is_trouble(out_get_string(log, "kind")))) {
		json_object_put(log);
		return false;
	}
	row = ctx_row(ctx);
	row_string(row, "cgroup", cg->path);
	json_object_object_foreach(log, key, value)
		json_object_object_add(row, key, json_object_get(value));
	json_object_put(log);
	print_record(ctx, row);
	return true;
}

static int visit(const struct cgroup *cg, void *arg)
{
	add_record(arg, cg, true);
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct cgroup cg;
	struct state st;
	int ret;

	if (!argc)
		return cgroup_walk("/", visit, ctx, &ctx->err);
	ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	/* Says what is wrong with a cgroup that has no such files. */
	ret = state_read(&cg, &st, &ctx->err);
	if (!ret && !add_record(ctx, &cg, false))
		ctx_say(ctx, "%s: no policy has left it\n", cg.path);
	cgroup_close(&cg);
	return ret;
}

COMMAND(log, .group = GROUP_LOOK, .args = "[CGROUP]", .max_args = 1,
	.summary = "why policies were stopped", .run = run,
	.help = "With CGROUP its last exit record, whatever the reason; without, the records of\n"
		"all cgroups whose policy was stopped by the kernel or ended itself.\n\n"
		"Examples:\n"
		"  swxctl log\n"
		"  swxctl -j log redis.service | jq -r '.[0].dump'\n");
