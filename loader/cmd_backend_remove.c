// SPDX-License-Identifier: GPL-2.0
/* swxctl backend remove: give the memory of a server back. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "command.h"
#include "drain.h"
#include "node.h"

static const struct option_def options[] = {
	{ "drain", 0, NULL, "bring its pages home before" },
	{ NULL },
};

struct removal {
	const char	*name;
	long long	nr_pages;	/* at first */
	long long	nr_home;	/* pages that came home */
};

static int cannot_write(const struct removal *r, int errnum, struct err *err)
{
	int ret;

	if (errnum != EPERM && errnum != EACCES)
		return err_set(err, ERR_FAILED, r->name, "%s: not removed: %s", r->name,
			       strerror(errnum));
	ret = err_set(err, ERR_PERMISSION, r->name, "no permission to remove %s", r->name);
	err_hint(err, "run as root");
	return ret;
}

/* Pages and, of them, lost ones there now; -1 if the node is gone. */
static long long count_pages(const char *name, long long *lost)
{
	struct json_object *row = node_read(name);
	long long nr = row ? node_number(row, "nr_pages") : -1;

	*lost = row ? node_number(row, "lost_pages") : 0;
	json_object_put(row);
	return nr;
}

static const char *describe(const struct ctx *ctx, long long nr, long long lost, char *text,
			    size_t size)
{
	char pages[64], of_them[64] = "";

	if (lost)
		snprintf(of_them, sizeof(of_them), ", %lld of them lost", lost);
	snprintf(text, size, "%s%s", backend_describe(&ctx->out, nr, pages, sizeof(pages)),
		 lost && lost == nr ? ", lost" : of_them);
	return text;
}

static int holds_pages(struct ctx *ctx, const struct removal *r, long long nr, long long lost)
{
	char text[128];
	int ret;

	ret = err_set(&ctx->err, ERR_HOLDS_PAGES, r->name, "%s: not removed: it holds %s", r->name,
		      describe(ctx, nr, lost, text, sizeof(text)));
	err_hint(&ctx->err, "bring them home: swxctl backend remove %s --drain", r->name);
	return ret;
}

/* The kernel is done with draining, well or not: what is still there? */
static int check_drained(struct ctx *ctx, const struct removal *r, int errnum)
{
	long long lost, nr = count_pages(r->name, &lost);
	struct err *err = &ctx->err;
	char text[128];
	int ret;

	if (nr <= 0)
		return 0;
	describe(ctx, nr, lost, text, sizeof(text));
	switch (errnum) {
	case EINTR:
	case EAGAIN:
		ret = err_set(err, ERR_INTERRUPTED, r->name,
			      "%s: not removed: interrupted, it still holds %s", r->name, text);
		err_hint(err, "go on: swxctl backend remove %s --drain", r->name);
		return ret;
	case EIO:
		ret = err_set(err, ERR_UNREADABLE, r->name,
			      "%s: not removed: it holds %s, which cannot be read", r->name, text);
		if (lost == nr)
			err_hint(err, "whose server has lost them, and nobody else has them: they go with their\n"
				 "programs, which get SIGBUS if they touch one");
		else
			err_hint(err, "why: swxctl backend nodes %s; dmesg", r->name);
		return ret;
	case ENOMEM:
		ret = err_set(err, ERR_NO_MEMORY, r->name,
			      "%s: not removed: no memory to bring pages home, it still holds %s",
			      r->name, text);
		err_hint(err, "make room, then go on: swxctl backend remove %s --drain", r->name);
		return ret;
	case 0:
		return holds_pages(ctx, r, nr, lost);
	default:
		return cannot_write(r, errnum, err);
	}
}

static int disconnect(struct ctx *ctx, const struct removal *r)
{
	long long lost, nr;
	char path[PATH_MAX];
	int ret;

	ret = node_write_text(r->name, "connect", "0");
	if (ret == -EBUSY) {
		nr = count_pages(r->name, &lost);
		return holds_pages(ctx, r, nr, lost);
	}
	if (ret)
		return cannot_write(r, -ret, &ctx->err);
	snprintf(path, sizeof(path), NODES_DIR "/%s", r->name);
	return rmdir(path) ? cannot_write(r, errno, &ctx->err) : 0;
}

static long long nr_pages(const char *name)
{
	long long lost;

	return count_pages(name, &lost);
}

/* Nothing new comes to the node until it is gone; if it stays, all is as it was. */
static int drain_and_disconnect(struct ctx *ctx, struct removal *r)
{
	bool drained = node_flag(r->name, "drain");
	long long left;
	int fd, ret;

	fd = node_open(r->name, "drain");
	if (fd < 0)
		return cannot_write(r, -fd, &ctx->err);
	ret = drain(ctx, r->name, fd, nr_pages);
	close(fd);
	left = nr_pages(r->name);
	r->nr_home = left < r->nr_pages ? r->nr_pages - left : 0;
	ret = check_drained(ctx, r, ret);
	if (!ret)
		ret = disconnect(ctx, r);
	if (ret && !drained)
		node_write_text(r->name, "drain", "0");
	return ret;
}

static int do_remove(struct ctx *ctx, struct removal *r, bool drain)
{
	long long lost;

	r->nr_pages = count_pages(r->name, &lost);
	if (r->nr_pages > 0 && !drain)
		return holds_pages(ctx, r, r->nr_pages, lost);
	if (ctx->dry_run)
		return 0;
	return r->nr_pages > 0 ? drain_and_disconnect(ctx, r) : disconnect(ctx, r);
}

/* As "backend add" takes it. */
static const char *print_size(unsigned long long bytes, char *text, size_t size)
{
	static const char units[] = " KMGT";
	const char *unit = units;

	for (; bytes && bytes % 1024 == 0 && unit[1]; unit++)
		bytes /= 1024;
	snprintf(text, size, "%llu%.*s", bytes, unit > units, unit);
	return text;
}

static void say_removed(const struct ctx *ctx, const struct removal *r, struct json_object *node)
{
	const char *server = out_get_string(node, "server");
	char pages[64], size[32];

	if (ctx->dry_run) {
		ctx_say(ctx, "%s: would be removed%s\n", r->name, r->nr_pages > 0 ?
			", after its pages came home" : "");
		return;
	}
	ctx_say(ctx, "%s: removed", r->name);
	if (r->nr_home)
		ctx_say(ctx, ", %s came home",
			backend_describe(&ctx->out, r->nr_home, pages, sizeof(pages)));
	ctx_say(ctx, "\n");
	if (server)
		ctx_say(ctx, "  look:  swxctl backend nodes        undo:  swxctl backend add %s %s --name %s\n",
			server, print_size(node_number(node, "size_bytes"), size, sizeof(size)),
			r->name);
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct removal r = { 0 };
	char name[NODE_NAME_LEN];
	struct json_object *row, *node;
	int ret;

	(void)argc;
	ret = backend_check_kernel(&ctx->err);
	if (!ret)
		ret = node_find(argv[0], name, sizeof(name), &ctx->err);
	if (ret)
		return ret;
	node = node_read(name);
	r.name = name;
	ret = do_remove(ctx, &r, ctx_option(ctx, "drain"));
	if (!ret) {
		row = ctx_row(ctx);
		row_string(row, "node", name);
		row_string(row, "server", out_get_string(node, "server"));
		row_number(row, "size_bytes", node_number(node, "size_bytes"));
		row_number(row, "nr_pages_before", r.nr_pages);
		row_number(row, "nr_pages_home", r.nr_home);
		row_bool(row, "dry_run", ctx->dry_run);
		say_removed(ctx, &r, node);
	}
	json_object_put(node);
	return ret;
}

SUBCOMMAND(backend, remove, .group = GROUP_BACKENDS, .args = "NODE|ADDR[:PORT]",
	.min_args = 1, .max_args = 1, .changes = true, .no_pins = true, .options = options,
	.summary = "give the memory of a server back", .run = run,
	.help = "Disconnects a memory node and removes it. Refused while it holds pages, unless with\n"
		"--drain: then its pages come home before, to memory, other nodes or the swap device;\n"
		"Ctrl-C ends that, and the node goes on. Pages that the server has lost, and nobody\n"
		"else has, keep the node until their programs have ended.\n\n"
		"Examples:\n"
		"  swxctl backend remove 10.0.0.1\n"
		"  swxctl backend remove one --drain\n");
