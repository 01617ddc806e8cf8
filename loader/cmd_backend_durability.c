// SPDX-License-Identifier: GPL-2.0
/* swxctl backend durability: what the swap device is to have of a backend's pages. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "command.h"
#include "util.h"

/* What the kernel takes, in the words of its file. */
static const char * const modes[] = { "none", "write-behind", "write-through" };

static int check_mode(const char *text, struct err *err)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(text, modes[i]))
			return 0;
	ret = err_set(err, ERR_BAD_VALUE, text, "'%s' is no durability", text);
	err_hint(err, "none, write-behind or write-through: swxctl help backend durability");
	return ret;
}

/* Pages of a window of so many bytes. */
static int parse_window(const char *text, unsigned long long *pages, struct err *err)
{
	unsigned long long bytes, page = sysconf(_SC_PAGESIZE);
	int ret;

	if (parse_size(text, &bytes) && bytes >= page && bytes / page <= 1 << 20) {
		*pages = bytes / page;
		return 0;
	}
	ret = err_set(err, ERR_BAD_VALUE, text, "'%s' is no size of a window", text);
	err_hint(err, "4K to 4G, bytes or K, M, G of 1024 each; it is allocated at once");
	return ret;
}

static int apply(struct ctx *ctx, int argc, char **argv)
{
	unsigned long long pages = 0;
	char text[32];
	int ret;

	if (argc < 2)
		return 0;
	ret = check_mode(argv[1], &ctx->err);
	if (!ret && argc > 2) {
		ret = parse_window(argv[2], &pages, &ctx->err);
		if (ret)
			return ret;
		snprintf(text, sizeof(text), "%llu", pages);
		ret = backend_write(argv[0], "window_pages", text, ctx->dry_run, &ctx->err);
	}
	if (!ret)
		ret = backend_write(argv[0], "durability", argv[1], ctx->dry_run, &ctx->err);
	return ret;
}

static void say(struct ctx *ctx, struct json_object *backend, const char *mode)
{
	long long unsafe = json_object_get_int64(out_get(backend, "unsafe_pages"));
	char pages[64];

	ctx_say(ctx, "%s: %s%s, %s on it only\n", json_object_get_string(out_get(backend, "backend")),
		ctx->dry_run ? "would be " : "", mode,
		backend_describe(&ctx->out, unsafe, pages, sizeof(pages)));
	if (unsafe && !strcmp(mode, "none"))
		ctx_say(ctx, "  what is only there is lost with it: write-behind or write-through\n");
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct json_object *backend, *row;
	const char *mode;
	int ret;

	ret = backend_find(argv[0], &ctx->err);
	if (!ret)
		ret = apply(ctx, argc, argv);
	if (ret)
		return ret;
	backend = backend_read(argv[0]);
	if (!backend)
		return backend_find(argv[0], &ctx->err);
	mode = ctx->dry_run && argc > 1 ? argv[1] :
	       json_object_get_string(out_get(backend, "durability"));
	row = ctx_row(ctx);
	row_string(row, "backend", argv[0]);
	row_string(row, "durability", mode);
	row_number(row, "window_pages",
		   json_object_get_int64(out_get(backend, "window_pages")));
	row_number(row, "unsafe_pages",
		   json_object_get_int64(out_get(backend, "unsafe_pages")));
	row_bool(row, "dry_run", ctx->dry_run);
	say(ctx, backend, mode);
	json_object_put(backend);
	return 0;
}

SUBCOMMAND(backend, durability, .group = GROUP_BACKENDS,
	.args = "BACKEND [none|write-behind|write-through [WINDOW]]",
	.min_args = 1, .max_args = 3, .changes = true, .no_pins = true,
	.summary = "what the swap device has as well", .run = run,
	.help = "What only a backend has is lost with it. From now on the swap device gets\n"
		"  none           nothing\n"
		"  write-behind   the same pages, soon: copies wait for it in a window of WINDOW bytes\n"
		"                 (4M); where that is full, pages are written through\n"
		"  write-through  the same pages, before they are out of memory\n"
		"and answers for what the backend cannot read or brings wrong. Pages that are there\n"
		"already stay as they are. Without a word, shows what is and how many pages are on\n"
		"the backend only.\n\n"
		"Examples:\n"
		"  swxctl backend durability rdma write-behind 16M\n"
		"  swxctl -j backend durability rdma | jq '.[0].unsafe_pages'\n");
