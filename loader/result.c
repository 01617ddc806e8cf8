// SPDX-License-Identifier: GPL-2.0
/* Rows and sentences about attachments. */
#include "result.h"

#include "pin.h"
#include "report.h"
#include "state.h"

static struct json_object *add_row(struct ctx *ctx, const struct cgroup *cg,
				   const struct attach_result *res,
				   const char *action)
{
	struct json_object *row = ctx_row(ctx);

	row_string(row, "cgroup", cg->path);
	row_number(row, "cgroup_id", cg->id);
	row_string(row, "action", action);
	row_string(row, "policy", res->policy);
	json_object_object_add(row, "link_id", res->link_id ?
			       json_object_new_int64(res->link_id) : NULL);
	json_object_object_add(row, "map_id", res->map_id ?
			       json_object_new_int64(res->map_id) : NULL);
	row_bool(row, "dry_run", ctx->dry_run);
	return row;
}

static void say_followers(struct ctx *ctx, int nr)
{
	if (nr)
		ctx_say(ctx, ", %d child cgroup%s", nr, nr == 1 ? " follows" :
			"s follow");
}

void result_attached(struct ctx *ctx, const struct cgroup *cg,
		     struct attach_result *res, const char *action)
{
	struct json_object *row = add_row(ctx, cg, res, action);
	char pin[PATH_MAX];
	int followers;

	followers = ctx->dry_run ? 0 : report_count_followers(cg);
	pin_cgroup_dir(cg->path, pin, sizeof(pin));
	row_string(row, "pin", pin);
	json_object_object_add(row, "params", res->params);
	row_number(row, "followers", followers);
	row_number(row, "restored_entries", res->restored.entries);

	if (ctx->dry_run) {
		ctx_say(ctx, "%s: %s would be %s\n", cg->path, res->policy, action);
		return;
	}
	ctx_say(ctx, "%s: %s active (link %u)", cg->path, res->policy, res->link_id);
	say_followers(ctx, followers);
	if (res->restored.maps)
		ctx_say(ctx, ", %llu entries restored", res->restored.entries);
	ctx_say(ctx, "\n  look:  swxctl status %s        undo:  swxctl detach %s\n",
		cg->path, cg->path);
}

void result_set(struct ctx *ctx, const struct cgroup *cg,
		struct attach_result *res)
{
	struct json_object *row = add_row(ctx, cg, res, "set");

	json_object_object_add(row, "params", res->params);
	ctx_say(ctx, "%s: %s", cg->path, res->policy);
	if (!ctx->out.json && !ctx->out.quiet) {
		json_object_object_foreach(res->params, name, value)
			printf(" %s=%s", name, json_object_get_string(value));
	}
	ctx_say(ctx, "%s\n", ctx->dry_run ? " would be set" : "");
}

void result_detached(struct ctx *ctx, const struct cgroup *cg,
		     const struct attach_result *res)
{
	struct json_object *row = add_row(ctx, cg, res, "detached");
	struct err ignored = { 0 };
	struct state st = { .policy = "" };

	if (!ctx->dry_run && state_read(cg, &st, &ignored))
		err_clear(&ignored);
	row_bool(row, "unloaded", res->unloaded);
	row_string(row, "follows", st.policy[0] ? st.policy : NULL);
	if (ctx->dry_run)
		ctx_say(ctx, "%s: %s would be detached\n", cg->path, res->policy);
	else
		ctx_say(ctx, "%s: %s detached, now %s\n", cg->path, res->policy,
			st.policy[0] ? st.policy : "the kernel's own readahead");
}
