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
#include "settings.h"
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
	__u64		*cgroup_ids;	/* per line; 0: not found */
	bool		incomplete;	/* one was not found */
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
			a->incomplete = true;
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

/*
 * A line's policy is a file, even if an attachment has a copy of it loaded; only
 * what "load" loaded, or an instance by its own name, is meant as it is.
 */
static bool means_file(const struct source *src)
{
	return !src->loaded || (!src->loaded->kept &&
				!strcmp(src->name, src->loaded->policy));
}

static const char *find_assignment(const struct config_line *line, const char *name)
{
	size_t len = strlen(name);
	int i;

	/* The last one counts. */
	for (i = line->nr_assignments - 1; i >= 0; i--)
		if (!strncmp(line->assignments[i], name, len) &&
		    line->assignments[i][len] == '=')
			return line->assignments[i] + len + 1;
	return NULL;
}

static bool wanted_const(const struct source *src, const struct config_line *line,
			 const struct field *field, __u64 *value)
{
	const char *text = find_assignment(line, field->name);
	struct err ignored = { 0 };

	if (text && field_parse(field, line->policy, text, value, &ignored)) {
		err_clear(&ignored);
		return false;
	}
	if (text)
		return true;
	*value = field->def;
	return means_file(src) ||
	       settings_read_const(src->loaded, field->name, value);
}

/*
 * Was @l loaded with the constants of the line? False for a wrong value, which
 * attaching will report.
 */
static bool has_constants(const struct loaded *l, const struct source *src,
			  const struct config_line *line)
{
	const struct fields *consts = source_consts(src);
	__u64 now, wanted;
	size_t i;

	for (i = 0; i < consts->nr; i++)
		if (!wanted_const(src, line, &consts->v[i], &wanted) ||
		    !settings_read_const(l, consts->v[i].name, &now) ||
		    now != wanted)
			return false;
	return true;
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

/* The right policy, @l, is there: only its parameters may have to change. */
static int adjust(struct apply *a, const struct cgroup *cg,
		  const struct loaded *l, const struct config_line *line)
{
	struct attach_request req = { .cg = cg, .dry_run = true };
	struct err *err = &a->ctx->err;
	struct json_object *now;
	struct attach_result res;
	bool same;
	int ret;

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
	return ret;
}

/*
 * Turns to the file if the loaded copy of it has other constants, or is what is to
 * be replaced. @path names the file then, as the line's word means the copy.
 */
static int open_file_again(const struct state *st, struct source *src,
			   const struct config_line *line, char *path, size_t size,
			   struct err *err)
{
	int ret;

	snprintf(path, size, "%s", line->policy);
	if (!src->loaded || !means_file(src))
		return 0;
	if (!(st->link_id && src->loaded->ops_id == st->map_id) &&
	    has_constants(src->loaded, src, line))
		return 0;
	source_close(src);
	ret = source_locate(line->policy, path, size, err);
	return ret ?: source_open_fresh(path, src, err);
}

static int start(struct apply *a, const struct cgroup *cg,
		 const struct state *st, struct source *src,
		 const struct config_line *line)
{
	struct attach_request req = { .cg = cg, .dry_run = a->ctx->dry_run };
	struct err *err = &a->ctx->err;
	struct attach_result res;
	char path[PATH_MAX];
	int ret;

	ret = open_file_again(st, src, line, path, sizeof(path), err);
	if (ret)
		return ret;
	req.policy = path;
	/* All of them, or a policy that is replaced by itself would keep some. */
	req.assignments = complete_assignments(source_params(src), line,
					       &req.nr_assignments);
	if (!req.assignments)
		return err_no_memory(err);
	if (st->link_id)
		ret = attach_replace(&req, &res, err);
	else
		ret = attach_policy(&req, &res, err);
	if (!ret)
		result_attached(a->ctx, cg, &res, st->link_id ? "replaced" : "attached");
	free_assignments(req.assignments, req.nr_assignments);
	return ret;
}

/* By the name it has in the kernel, or as the very instance the line names. */
static bool runs(const struct state *st, const struct source *src)
{
	if (!st->link_id || state_is_stopped(st))
		return false;
	return !strcmp(st->policy, source_policy_name(src)) ||
	       (src->loaded && src->loaded->ops_id == st->map_id);
}

static int apply_policy(struct apply *a, const struct cgroup *cg,
			const struct state *st, struct source *src,
			const struct config_line *line)
{
	struct loaded *now = NULL;
	int ret;

	/* Replacing a stopped policy, be it by itself, starts it again. */
	if (!runs(st, src))
		return start(a, cg, st, src, line);
	ret = loaded_open_by_id(st->map_id, &now, &a->ctx->err);
	if (ret)
		return ret;
	if (has_constants(now, src, line))
		ret = adjust(a, cg, now, line);
	else
		ret = start(a, cg, st, src, line);
	loaded_close(now);
	return ret;
}

static int apply_line(struct apply *a, const struct config_line *line)
{
	struct err *err = &a->ctx->err;
	struct source src;
	struct cgroup cg;
	struct state st;
	int ret;

	ret = cgroup_open(line->cgroup, &cg, err);
	if (ret)
		return ret;
	ret = state_read(&cg, &st, err);
	if (!ret)
		ret = source_open(line->policy, &src, err);
	if (ret)
		goto out;
	ret = apply_policy(a, &cg, &st, &src, line);
	source_close(&src);
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

static void detach_others(struct apply *a)
{
	struct err *err = &a->ctx->err;

	if (!a->incomplete) {
		pin_walk_cgroups(detach_unnamed, a);
		return;
	}
	/* Which attachment that line was about is not known. */
	err_set(err, ERR_CONFIG, a->config->path,
		"%s: nothing is detached, because a line's cgroup was not found",
		a->config->path);
	err_hint(err, "take away what the file does not name one by one: swxctl detach CGROUP");
	ctx_report(a->ctx);
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
	/* First: what goes may forbid those below it what the file gives them. */
	if (!ctx_option(ctx, "keep"))
		detach_others(&a);
	for (i = 0; i < config.nr; i++)
		if (a.cgroup_ids[i] && apply_line(&a, &config.lines[i]))
			report_line(&a, &config.lines[i]);
out:
	free(a.cgroup_ids);
	config_free(&config);
	return ret;
}

COMMAND(apply, .group = GROUP_ATTACH, .args = "[FILE]", .max_args = 1,
	.changes = true, .summary = "bring the machine to a file (/etc/swxctl.conf)",
	.options = options, .run = run,
	.help = "Detaches what the file does not name, and attaches, replaces and sets what\n"
		"differs from it. Running it twice changes nothing the second time. Lines that\n"
		"fail are reported and the others applied; nothing is detached if the cgroup\n"
		"of a line is not found. The file: swxctl.conf(5).\n\n"
		"Examples:\n"
		"  swxctl apply --dry-run\n"
		"  swxctl apply --keep ./trial.conf\n");
