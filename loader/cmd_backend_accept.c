// SPDX-License-Identifier: GPL-2.0
/* swxctl backend accept: whether a backend is offered pages. */
#include <string.h>

#include "backend.h"
#include "command.h"

static int parse_switch(const char *text, bool *on, struct err *err)
{
	int ret;

	*on = !strcmp(text, "on");
	if (*on || !strcmp(text, "off"))
		return 0;
	ret = err_set(err, ERR_USAGE, text,
		      "swxctl backend accept takes on or off, not '%s'", text);
	err_hint(err, "swxctl help backend accept");
	return ret;
}

static void say(struct ctx *ctx, const char *name, bool on, long long nr_pages)
{
	char pages[64];

	ctx_say(ctx, "%s: %saccepts %s", name, ctx->dry_run ? "would be told that it " : "",
		on ? "pages" : "no more pages");
	if (!on && nr_pages > 0)
		ctx_say(ctx, ", holds %s",
			backend_describe(&ctx->out, nr_pages, pages, sizeof(pages)));
	ctx_say(ctx, "\n");
	if (!on && nr_pages > 0 && !ctx->dry_run)
		ctx_say(ctx, "  bring them home:  swxctl backend drain %s\n", name);
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct json_object *row;
	long long nr_pages;
	bool on;
	int ret;

	(void)argc;
	ret = parse_switch(argv[1], &on, &ctx->err);
	if (!ret)
		ret = backend_find(argv[0], &ctx->err);
	if (!ret)
		ret = backend_set_accept(argv[0], on, ctx->dry_run, &ctx->err);
	if (ret)
		return ret;
	nr_pages = backend_nr_pages(argv[0]);
	row = ctx_row(ctx);
	row_string(row, "backend", argv[0]);
	row_bool(row, "accept", on);
	row_number(row, "nr_pages", nr_pages);
	row_bool(row, "dry_run", ctx->dry_run);
	say(ctx, argv[0], on, nr_pages);
	return 0;
}

SUBCOMMAND(backend, accept, .group = GROUP_BACKENDS, .args = "BACKEND on|off",
	.min_args = 2, .max_args = 2, .changes = true, .no_pins = true,
	.summary = "whether it is offered pages", .run = run,
	.help = "What it holds stays there and is read from there; pages that it is not offered\n"
		"go to another backend or to the swap device.\n\n"
		"Examples:\n"
		"  swxctl backend accept dram off\n"
		"  swxctl backend accept dram on\n");
