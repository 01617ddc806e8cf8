// SPDX-License-Identifier: GPL-2.0
/* swxctl backend drain: bring home what a backend holds. */
#include <errno.h>
#include <unistd.h>

#include "backend.h"
#include "command.h"
#include "drain.h"

static int drain_error(struct ctx *ctx, const char *name, int errnum)
{
	long long left = backend_nr_pages(name);
	struct err *err = &ctx->err;
	char pages[64];
	int ret;

	if (left < 0)
		return backend_error(name, "drain", ENODEV, err);
	backend_describe(&ctx->out, left, pages, sizeof(pages));
	switch (errnum) {
	case EINTR:
	case EAGAIN:
		ret = err_set(err, ERR_INTERRUPTED, name,
			      "%s: interrupted, still holds %s", name, pages);
		err_hint(err, "it accepts no more; go on: swxctl backend drain %s\n"
			 "take it back: swxctl backend accept %s on", name, name);
		return ret;
	case EIO:
		ret = err_set(err, ERR_UNREADABLE, name,
			      "%s: %s cannot be read and stay%s there; all others are home",
			      name, pages, left == 1 ? "s" : "");
		err_hint(err, "it accepts no more; why: dmesg; whose they are: swxctl backend limit CGROUP\n"
			 "once it can read them: swxctl backend drain %s\n"
			 "otherwise they go with their programs, which get SIGBUS if they touch one",
			 name);
		return ret;
	case ENOMEM:
		ret = err_set(err, ERR_NO_MEMORY, name,
			      "%s: no memory to bring pages home, still holds %s", name,
			      pages);
		err_hint(err, "make room, then go on: swxctl backend drain %s", name);
		return ret;
	default:
		return backend_error(name, "drain", errnum, err);
	}
}

static int drain_backend(struct ctx *ctx, const char *name)
{
	int fd, errnum = 0;

	fd = backend_open(name, "drain", &ctx->err);
	if (fd < 0)
		return fd;
	if (!ctx->dry_run)
		errnum = drain(ctx, name, fd, backend_nr_pages);
	close(fd);
	return errnum ? drain_error(ctx, name, errnum) : 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *name = argv[0];
	struct json_object *row;
	long long before;
	char pages[64];
	int ret;

	(void)argc;
	ret = backend_find(name, &ctx->err);
	before = ret ? 0 : backend_nr_pages(name);
	if (!ret)
		ret = drain_backend(ctx, name);
	if (ret)
		return ret;
	row = ctx_row(ctx);
	row_string(row, "backend", name);
	row_number(row, "nr_pages_before", before);
	row_number(row, "nr_pages", backend_nr_pages(name));
	row_bool(row, "dry_run", ctx->dry_run);
	backend_describe(&ctx->out, before, pages, sizeof(pages));
	if (ctx->dry_run) {
		ctx_say(ctx, "%s: %s would be brought home\n", name, pages);
		return 0;
	}
	ctx_say(ctx, "%s: %s came home, it accepts no more\n"
		"  look:  swxctl backend status %s        undo:  swxctl backend accept %s on\n",
		name, pages, name, name);
	return 0;
}

SUBCOMMAND(backend, drain, .group = GROUP_BACKENDS, .args = "BACKEND",
	.min_args = 1, .max_args = 1, .changes = true, .no_pins = true,
	.summary = "bring home all it holds", .run = run,
	.help = "The backend accepts no more, and its pages go to memory, to another backend or to\n"
		"the swap device; then its module can be unloaded. On a terminal it says how many\n"
		"are left. Ctrl-C ends it: what is home stays home, and the same command goes on.\n"
		"Pages that cannot be read stay and keep none of the others.\n\n"
		"Examples:\n"
		"  swxctl backend drain dram && rmmod swap_ext_dram\n"
		"  swxctl -j backend drain dram | jq '.[0].nr_pages_before'\n");
