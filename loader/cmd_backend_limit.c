// SPDX-License-Identifier: GPL-2.0
/* swxctl backend limit: how much of a cgroup may be on backends, and what is. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "cgroup.h"
#include "command.h"
#include "state.h"
#include "util.h"

#define LIMIT_FILE	"memory.swap_ext.backends.max"
#define NO_LIMIT	(~0ULL)

static const struct column columns[] = {
	{ "CGROUP",	"cgroup",	 FMT_TEXT, false },
	{ "LIMIT",	"limit_bytes",	 FMT_LIMIT, false },
	{ "USED",	"used_bytes",	 FMT_SIZE, false },
	{ "BACKENDS",	"backends",	 FMT_SIZES, false },
	{ "ALLOWED",	"allowed_bytes", FMT_LIMIT, true },
	{ "BY",		"allowed_by",	 FMT_TEXT, true },
};

static bool is_root(const struct cgroup *cg)
{
	return !strcmp(cg->path, "/");
}

static int parse_limit(const char *text, unsigned long long *limit, struct err *err)
{
	int ret;

	*limit = NO_LIMIT;
	if (!strcmp(text, "max") || parse_size(text, limit))
		return 0;
	ret = err_set(err, ERR_BAD_VALUE, text, "'%s' is no size", text);
	err_hint(err, "bytes, K, M, G or T of 1024 each, or max: 512M; 0 keeps all pages on this machine");
	return ret;
}

static int limit_error(const struct cgroup *cg, int errnum, bool writing,
		       struct err *err)
{
	int ret = 0;

	if (errnum == ENOENT)
		ret = cgroup_check_memory(cg, err);
	if (ret)
		return ret;
	switch (errnum) {
	case EPERM:
	case EACCES:
		ret = err_set(err, ERR_PERMISSION, cg->path,
			      "no permission to %s " LIMIT_FILE " of %s",
			      writing ? "write" : "read", cg->path);
		err_hint(err, "run as root, or as the owner of that file");
		return ret;
	case ENODEV:
		return err_set(err, ERR_NO_CGROUP, cg->path,
			       "cgroup %s is being removed", cg->path);
	default:
		return err_set(err, ERR_FAILED, cg->path,
			       "cannot %s " LIMIT_FILE " of %s: %s",
			       writing ? "write" : "read", cg->path, strerror(errnum));
	}
}

static int write_limit(const struct cgroup *cg, unsigned long long limit,
		       bool dry_run, struct err *err)
{
	char text[32] = "max";
	int fd, ret = 0;

	if (is_root(cg)) {
		ret = err_set(err, ERR_FAILED, cg->path, "the root cgroup has no limit");
		err_hint(err, "limit cgroups below it, or nobody's pages go: swxctl backend accept BACKEND off");
		return ret;
	}
	if (limit != NO_LIMIT)
		snprintf(text, sizeof(text), "%llu", limit);
	fd = openat(cg->fd, LIMIT_FILE, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return limit_error(cg, errno, true, err);
	if (!dry_run && write(fd, text, strlen(text)) < 0)
		ret = limit_error(cg, errno, true, err);
	close(fd);
	return ret;
}

static int read_limit(const struct cgroup *cg, unsigned long long *limit,
		      struct err *err)
{
	char *text;

	*limit = NO_LIMIT;
	if (is_root(cg))
		return 0;
	text = cgroup_read(cg, LIMIT_FILE);
	if (!text)
		return limit_error(cg, errno, false, err);
	if (strncmp(text, "max", 3))
		*limit = strtoull(text, NULL, 10);
	free(text);
	return 0;
}

/* The tightest limit of its ancestors, of which @path becomes one. */
static unsigned long long ancestors_limit(const struct cgroup *cg, char *path,
					  size_t size)
{
	unsigned long long limit, least = NO_LIMIT;
	struct err ignored = { 0 };
	char up[PATH_MAX], *slash;
	struct cgroup ancestor;

	snprintf(up, sizeof(up), "%s", cg->path);
	while ((slash = strrchr(up, '/')) && slash != up) {
		*slash = '\0';
		if (!cgroup_open_path(up, &ancestor, &ignored)) {
			if (!read_limit(&ancestor, &limit, &ignored) && limit < least) {
				least = limit;
				snprintf(path, size, "%s", up);
			}
			cgroup_close(&ancestor);
		}
		err_clear(&ignored);
	}
	return least;
}

static void add_limit(struct json_object *row, const char *key,
		      unsigned long long limit)
{
	json_object_object_add(row, key, limit == NO_LIMIT ? NULL :
			       json_object_new_uint64(limit));
}

static unsigned long long sum(struct json_object *backends)
{
	unsigned long long bytes = 0;

	json_object_object_foreach(backends, name, value) {
		(void)name;
		bytes += json_object_get_uint64(value);
	}
	return bytes;
}

static void add_note(const struct ctx *ctx, struct json_object *row,
		     unsigned long long used, unsigned long long allowed,
		     const char *by, bool own)
{
	char note[PATH_MAX + 128], bytes[32];

	if (allowed == NO_LIMIT || (own && used <= allowed))
		return;
	out_bytes(&ctx->out, allowed, bytes, sizeof(bytes));
	if (own)
		snprintf(note, sizeof(note),
			 "more than that is out: it stays until it is used, and nothing more goes");
	else
		snprintf(note, sizeof(note), "%s and all below it may have %s together%s",
			 by, bytes, used > allowed ? ", more is out: nothing more goes" : "");
	row_string(row, "note", note);
}

static int add_row(struct ctx *ctx, const struct cgroup *cg, unsigned long long limit)
{
	struct json_object *row, *backends = state_read_backends(cg);
	unsigned long long above, used;
	char by[PATH_MAX] = "";

	if (!backends)
		return limit_error(cg, errno, false, &ctx->err);
	above = ancestors_limit(cg, by, sizeof(by));
	used = sum(backends);
	row = ctx_row(ctx);
	row_string(row, "cgroup", cg->path);
	row_number(row, "cgroup_id", cg->id);
	add_limit(row, "limit_bytes", limit);
	row_number(row, "used_bytes", used);
	json_object_object_add(row, "backends", backends);
	add_limit(row, "allowed_bytes", above < limit ? above : limit);
	row_string(row, "allowed_by", above < limit ? by :
		   limit == NO_LIMIT ? NULL : cg->path);
	row_bool(row, "dry_run", ctx->dry_run);
	add_note(ctx, row, used, above < limit ? above : limit, by, above >= limit);
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	unsigned long long limit;
	struct cgroup cg;
	int ret;

	ret = out_check_columns(&ctx->out, columns, ARRAY_SIZE(columns), &ctx->err);
	if (!ret)
		ret = backend_check_kernel(&ctx->err);
	if (!ret && argc > 1)
		ret = parse_limit(argv[1], &limit, &ctx->err);
	if (!ret)
		ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	if (argc > 1)
		ret = write_limit(&cg, limit, ctx->dry_run, &ctx->err);
	/* The kernel rounds to pages: what it made of it is what is shown. */
	if (!ret && !(argc > 1 && ctx->dry_run))
		ret = read_limit(&cg, &limit, &ctx->err);
	if (!ret)
		ret = add_row(ctx, &cg, limit);
	cgroup_close(&cg);
	if (ret || ctx->out.json || ctx->out.quiet)
		return ret;
	if (ctx->dry_run)
		puts("would be:");
	out_table(&ctx->out, ctx->rows, columns, ARRAY_SIZE(columns));
	return 0;
}

SUBCOMMAND(backend, limit, .group = GROUP_BACKENDS, .args = "CGROUP [SIZE|max]",
	.min_args = 1, .max_args = 2, .changes = true, .no_pins = true,
	.summary = "how much of a cgroup may be out, and is", .run = run,
	.help = "Of a cgroup and all below it, on all backends together. SIZE is in bytes, or in\n"
		"K, M, G or T of 1024 each. 0: its pages never leave this machine; max: no limit.\n"
		"A limit below what is out brings nothing back, but nothing more goes. Without\n"
		"SIZE, the limit and what is where. More columns with -o: ALLOWED BY, the tightest\n"
		"limit, its own or from above, and whose it is.\n\n"
		"Examples:\n"
		"  swxctl backend limit batch.slice 2G\n"
		"  swxctl backend limit redis.service 0\n"
		"  swxctl -j backend limit / | jq '.[0].backends'\n");
