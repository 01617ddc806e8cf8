// SPDX-License-Identifier: GPL-2.0
/*
 * swxctl apply: brings the machine to a file, and changes nothing where it is
 * there already. What the file does not name is detached, if swxctl attached it.
 */
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "cgroup.h"
#include "command.h"
#include "config.h"
#include "pin.h"
#include "result.h"
#include "source.h"
#include "state.h"

#define DEFAULT_CONFIG "/etc/swxctl.conf"

static const struct option_def options[] = {
	{ "keep", 'k', NULL, "leave attachments alone that FILE does not name" },
	{ NULL },
};

struct apply {
	struct ctx	*ctx;
	struct config	*config;
	__u64		*cgroup_ids;	/* per line; 0: there is no such cgroup */
};

/* Errors of a line name the file and the line; the other lines go on. */
static void report_line(struct apply *a, const struct config_line *line)
{
	struct err *err = &a->ctx->err;
	char *message;

	if (asprintf(&message, "%s:%d: %s", a->config->path, line->number,
		     err->message ?: "") > 0) {
		free(err->message);
		err->message = message;
	}
	ctx_report(a->ctx);
}

static int resolve_lines(struct apply *a)
{
	struct config *config = a->config;
	struct cgroup cg;
	size_t i, j;

	for (i = 0; i < config->nr; i++) {
		if (cgroup_open(config->lines[i].cgroup, &cg, &a->ctx->err)) {
			report_line(a, &config->lines[i]);
			continue;
		}
		a->cgroup_ids[i] = cg.id;
		cgroup_close(&cg);
		for (j = 0; j < i; j++)
			if (a->cgroup_ids[j] == a->cgroup_ids[i])
				return err_set(&a->ctx->err, ERR_CONFIG, config->path,
					       "%s:%d: cgroup %s is in line %d already",
					       config->path, config->lines[i].number,
					       cg.path, config->lines[j].number);
	}
	return 0;
}

/* What the kernel calls the policy of a line. */
static int policy_name(const char *arg, char *name, size_t size, struct err *err)
{
	struct source src;
	int ret;

	ret = source_open(arg, &src, err);
	if (ret)
		return ret;
	snprintf(name, size, "%s", source_policy_name(&src));
	source_close(&src);
	return 0;
}

/* The line's parameters, and the default of each that it does not name. */
static char **complete_assignments(const struct fields *params,
				   const struct config_line *line, int *nr)
{
	char **v = calloc(params->nr + line->nr_assignments + 1, sizeof(*v));
	char value[24];
	size_t i;
	int j;

	*nr = 0;
	for (i = 0; v && i < params->nr; i++) {
		field_format(&params->v[i], params->v[i].def, value, sizeof(value));
		if (asprintf(&v[*nr], "%s=%s", params->v[i].name, value) > 0)
			++*nr;
	}
	for (j = 0; v && j < line->nr_assignments; j++)
		v[(*nr)++] = strdup(line->assignments[j]);
	return v;
}

static void free_assignments(char **v, int nr)
{
	while (nr)
		free(v[--nr]);
	free(v);
}

static void keep(struct ctx *ctx, const struct cgroup *cg,
		 const struct attach_result *res)
{
	struct json_object *row = ctx_row(ctx);

	row_string(row, "cgroup", cg->path);
	row_number(row, "cgroup_id", cg->id);
	row_string(row, "action", "kept");
	row_string(row, "policy", res->policy);
	row_number(row, "link_id", res->link_id);
	row_number(row, "map_id", res->map_id);
	row_bool(row, "dry_run", ctx->dry_run);
	json_object_object_add(row, "params", res->params);
	ctx_say(ctx, "%s: %s kept\n", cg->path, res->policy);
}

/* The right policy is there: only its parameters may have to change. */
static int adjust(struct apply *a, const struct cgroup *cg,
		  const struct state *st, const struct config_line *line)
{
	struct attach_request req = { .cg = cg, .dry_run = true };
	struct err *err = &a->ctx->err;
	struct json_object *now;
	struct attach_result res;
	struct loaded *l;
	bool same;
	int ret;

	ret = loaded_open_by_id(st->map_id, &l, err);
	if (ret)
		return ret;
	req.assignments = complete_assignments(&l->params, line, &req.nr_assignments);
	ret = req.assignments ? attach_set(&req, &res, err) : err_no_memory(err);
	if (ret)
		goto out;
	now = attach_read_params(l, cg->id);
	same = !now || json_object_equal(now, res.params);
	json_object_put(now);
	if (same) {
		keep(a->ctx, cg, &res);
		goto out;
	}
	json_object_put(res.params);
	req.dry_run = a->ctx->dry_run;
	ret = attach_set(&req, &res, err);
	if (!ret)
		result_set(a->ctx, cg, &res);
out:
	free_assignments(req.assignments, req.nr_assignments);
	loaded_close(l);
	return ret;
}

static int start(struct apply *a, const struct cgroup *cg,
		 const struct state *st, const struct config_line *line)
{
	struct attach_request req = {
		.cg = cg, .policy = line->policy, .assignments = line->assignments,
		.nr_assignments = line->nr_assignments,
		.dry_run = a->ctx->dry_run,
	};
	struct attach_result res;
	int ret;

	if (st->link_id)
		ret = attach_replace(&req, &res, &a->ctx->err);
	else
		ret = attach_policy(&req, &res, &a->ctx->err);
	if (!ret)
		result_attached(a->ctx, cg, &res, st->link_id ? "replaced" : "attached");
	return ret;
}

static int apply_line(struct apply *a, const struct config_line *line)
{
	struct err *err = &a->ctx->err;
	char name[LOADED_NAME_LEN];
	struct cgroup cg;
	struct state st;
	int ret;

	ret = cgroup_open(line->cgroup, &cg, err);
	if (ret)
		return ret;
	ret = state_read(&cg, &st, err);
	if (!ret)
		ret = policy_name(line->policy, name, sizeof(name), err);
	if (ret)
		goto out;
	/* Replacing a stopped policy, be it by itself, starts it again. */
	if (st.link_id && strcmp(st.state, "stopped") && !strcmp(st.policy, name))
		ret = adjust(a, &cg, &st, line);
	else
		ret = start(a, &cg, &st, line);
out:
	cgroup_close(&cg);
	return ret;
}

static int detach_unnamed(const char *dir, void *arg)
{
	struct apply *a = arg;
	struct attach_result res;
	struct err *err = &a->ctx->err;
	char path[PATH_MAX];
	struct cgroup cg;
	size_t i;

	pin_cgroup_path(dir, path, sizeof(path));
	if (cgroup_open_path(path, &cg, err)) {
		/* Gone: for "clean". */
		err_clear(err);
		return 0;
	}
	for (i = 0; i < a->config->nr; i++)
		if (a->cgroup_ids[i] == cg.id)
			goto out;
	if (!attach_detach(&cg, a->ctx->dry_run, &res, err))
		result_detached(a->ctx, &cg, &res);
	else if (err->kind == ERR_NOT_ATTACHED)
		err_clear(err);
	else
		ctx_report(a->ctx);
out:
	cgroup_close(&cg);
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct config config;
	struct apply a = { .ctx = ctx, .config = &config };
	size_t i;
	int ret;

	ret = config_read(argc ? argv[0] : DEFAULT_CONFIG, &config, &ctx->err);
	if (ret)
		return ret;
	a.cgroup_ids = calloc(config.nr + 1, sizeof(*a.cgroup_ids));
	ret = a.cgroup_ids ? resolve_lines(&a) : err_no_memory(&ctx->err);
	if (ret)
		goto out;
	for (i = 0; i < config.nr; i++)
		if (a.cgroup_ids[i] && apply_line(&a, &config.lines[i]))
			report_line(&a, &config.lines[i]);
	if (!ctx_option(ctx, "keep"))
		pin_walk_cgroups(detach_unnamed, &a);
out:
	free(a.cgroup_ids);
	config_free(&config);
	return ret;
}

COMMAND(apply, .group = GROUP_ATTACH, .args = "[FILE]", .max_args = 1,
	.changes = true, .summary = "bring the machine to a file (/etc/swxctl.conf)",
	.options = options, .run = run,
	.help = "Attaches, replaces and sets what differs from the file, and detaches what it\n"
		"does not name. Running it twice changes nothing the second time. Lines that\n"
		"fail are reported and the others applied. The file: swxctl.conf(5).\n\n"
		"Examples:\n"
		"  swxctl apply --dry-run\n"
		"  swxctl apply --keep ./trial.conf\n");
