// SPDX-License-Identifier: GPL-2.0
/* swxctl list: policy files, and loaded policies with how often they are attached. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "loaded.h"
#include "source.h"
#include "util.h"

static const struct column columns[] = {
	{ "POLICY",	"policy",	FMT_TEXT, false },
	{ "OPS",	"ops",		FMT_TEXT, false },
	{ "LOADED",	"loaded",	FMT_TEXT, false },
	{ "ATTACHED",	"nr_attached",	FMT_TEXT, false },
	{ "SUMMARY",	"summary",	FMT_TEXT, false },
	{ "FILE",	"file",		FMT_TEXT, true },
	{ "MAP",	"map_id",	FMT_TEXT, true },
};

static struct json_object *find_row(struct json_object *rows, const char *policy)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (!strcmp(out_get_string(row, "policy"), policy))
			return row;
	}
	return NULL;
}

static struct json_object *op_names(const struct policy *p)
{
	struct json_object *ops = json_object_new_array();
	size_t i;

	for (i = 0; i < p->nr_ops; i++)
		json_object_array_add(ops, json_object_new_string(p->ops[i].name));
	return ops;
}

static struct json_object *add_row(struct ctx *ctx, const char *policy,
				   const char *summary, const char *file,
				   struct json_object *ops)
{
	struct json_object *row = ctx_row(ctx);

	row_string(row, "policy", policy);
	row_string(row, "summary", summary);
	json_object_object_add(row, "ops", ops);
	row_string(row, "file", file);
	row_bool(row, "loaded", false);
	json_object_object_add(row, "nr_attached", NULL);
	json_object_object_add(row, "map_id", NULL);
	return row;
}

/* A file that is no policy is somebody's error, but not a reason to list none. */
static int add_file(const char *path, void *arg)
{
	struct ctx *ctx = arg;
	struct policy *p;

	if (policy_open(path, &p, &ctx->err)) {
		ctx_warn(ctx);
		return 0;
	}
	/* An earlier directory shadows a later one. */
	if (!find_row(ctx->rows, p->name))
		add_row(ctx, p->name, p->summary, path, op_names(p));
	policy_close(p);
	return 0;
}

static int add_loaded(const char *name, void *arg)
{
	struct err ignored = { 0 };
	struct json_object *row;
	struct ctx *ctx = arg;
	struct link_list links;
	struct loaded *l;

	/* Pins are root's; the files are worth listing for anybody. */
	if (loaded_open(name, &l, &ignored)) {
		err_clear(&ignored);
		return 0;
	}
	row = find_row(ctx->rows, name) ?:
	      add_row(ctx, name, l->summary, NULL, NULL);
	row_bool(row, "loaded", true);
	row_number(row, "map_id", l->ops_id);
	if (!loaded_find_links(l->ops_id, &links, &ignored)) {
		row_number(row, "nr_attached", links.nr);
		link_list_free(&links);
	}
	err_clear(&ignored);
	loaded_close(l);
	return 0;
}

static int compare_rows(const void *a, const void *b)
{
	return strcmp(out_get_string(*(struct json_object **)a, "policy"),
		      out_get_string(*(struct json_object **)b, "policy"));
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	int ret;

	(void)argc;
	(void)argv;
	ret = out_check_columns(&ctx->out, columns, ARRAY_SIZE(columns), &ctx->err);
	if (ret)
		return ret;
	source_for_each_file(add_file, ctx);
	loaded_for_each(add_loaded, ctx);
	json_object_array_sort(ctx->rows, compare_rows);
	if (!ctx->out.json && !ctx->out.quiet)
		out_table(&ctx->out, ctx->rows, columns, ARRAY_SIZE(columns));
	return 0;
}

COMMAND(list, .group = GROUP_POLICIES, .args = "", .no_kernel = true,
	.summary = "policies that can be attached", .run = run,
	.help = "Policies found in $SWAP_EXT_POLICY_DIR, in the build tree swxctl runs from and\n"
		"in the installed directory, and those that are loaded. More columns with -o:\n"
		"FILE MAP.\n\n"
		"Examples:\n"
		"  swxctl list\n"
		"  swxctl -j list | jq -r '.[].policy'\n");
