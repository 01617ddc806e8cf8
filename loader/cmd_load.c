// SPDX-License-Identifier: GPL-2.0
/* swxctl load: loads and pins a policy, to be attached later, perhaps often. */
#include <string.h>

#include "command.h"
#include "pin.h"
#include "settings.h"
#include "source.h"

static const struct option_def options[] = {
	{ "name", 'N', "NAME", "load it under this name" },
	{ NULL },
};

static int already_loaded(struct ctx *ctx, const char *name, const char *policy)
{
	int ret;

	ret = err_set(&ctx->err, ERR_LOADED, name, "policy '%s' is loaded already",
		      name);
	err_hint(&ctx->err, "load it beside that: swxctl load %s --name NAME\nor in its place: swxctl unload %s",
		 policy, name);
	return ret;
}

static int load(struct ctx *ctx, struct source *src, char **assignments, int nr)
{
	struct settings s = {
		.owner = src->policy->name, .params = &src->policy->params,
		.consts = &src->policy->consts, .policy = src->policy,
	};
	struct json_object *row;
	char pin[PATH_MAX];
	int ret;

	ret = settings_apply(&s, assignments, nr, &ctx->err);
	if (!ret && !ctx->dry_run)
		ret = source_load(src, true, &ctx->err);
	if (ret)
		return ret;
	snprintf(pin, sizeof(pin), "%s/%s", PIN_POLICIES, src->name);
	row = ctx_row(ctx);
	row_string(row, "name", src->name);
	row_string(row, "policy", src->policy->name);
	row_string(row, "file", src->policy->path);
	row_string(row, "pin", pin);
	json_object_object_add(row, "map_id", src->loaded ?
			       json_object_new_int64(src->loaded->ops_id) : NULL);
	row_bool(row, "dry_run", ctx->dry_run);
	ctx_say(ctx, "%s %s\n  attach:  swxctl attach CGROUP %s        undo:  swxctl unload %s\n",
		src->name, ctx->dry_run ? "would be loaded" : "loaded", src->name,
		src->name);
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *name = ctx_option(ctx, "name");
	struct source src = { 0 };
	int ret;

	ret = source_open_file(argv[0], &src.policy, &ctx->err);
	if (ret)
		return ret;
	if (name)
		ret = policy_rename(src.policy, name, &ctx->err);
	snprintf(src.name, sizeof(src.name), "%s", name ?: src.policy->name);
	if (!ret && loaded_exists(src.name))
		ret = already_loaded(ctx, src.name, argv[0]);
	if (!ret)
		ret = load(ctx, &src, argv + 1, argc - 1);
	source_close(&src);
	return ret;
}

COMMAND(load, .group = GROUP_POLICIES, .args = "POLICY [CONST=VAL...]",
	.min_args = 1, .max_args = -1, .changes = true,
	.summary = "load a policy, to be attached by name",
	.options = options, .run = run,
	.help = "Constants are fixed for as long as the policy is loaded; parameters are given\n"
		"to attach. A policy that load loaded stays until unload, whatever is attached.\n\n"
		"Examples:\n"
		"  swxctl load leap\n"
		"  swxctl load ./mine.bpf.o --name trial depth=4\n");
