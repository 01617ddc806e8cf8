// SPDX-License-Identifier: GPL-2.0
/* swxctl backend add: take memory of a server. */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "command.h"
#include "key.h"
#include "node.h"
#include "node_add.h"
#include "util.h"

static const struct option_def options[] = {
	{ "name", 0, "NODE", "name of the node, instead of its address" },
	{ "key", 0, "FILE", "the shared key (" KEY_FILE ")" },
	{ NULL },
};

static bool swap_is_on(void)
{
	char *swaps = read_file("/proc/swaps"), *line = swaps ? strchr(swaps, '\n') : NULL;
	bool on = line && line[1];

	free(swaps);
	return on;
}

static void say_notes(const struct ctx *ctx, struct json_object *row)
{
	const char *note = out_get_string(row, "note");

	if (note)
		ctx_say(ctx, "  %s\n", note);
	if (!json_object_get_boolean(out_get(row, "swap_on")))
		ctx_say(ctx, "  no swap is on: nothing goes there before swapon of any device\n");
	if (!json_object_get_boolean(out_get(row, "accept")))
		ctx_say(ctx, "  " NODE_BACKEND " accepts no pages: swxctl backend accept "
			NODE_BACKEND " on\n");
}

static void say_added(const struct ctx *ctx, const struct node_request *req, struct json_object *row)
{
	long long slabs = node_number(row, "slabs");
	char bytes[32], server[ADDRESS_LEN + 32] = "";

	if (ctx_option(ctx, "name"))
		snprintf(server, sizeof(server), " (%s)", req->server);
	out_bytes(&ctx->out, node_number(row, "slab_bytes"), bytes, sizeof(bytes));
	ctx_say(ctx, "%s%s: %s, %s in %lld slab%s\n", *server ? req->name : req->server, server,
		out_get_string(row, "state") ?: "gone again", bytes, slabs, slabs == 1 ? "" : "s");
	say_notes(ctx, row);
	ctx_say(ctx, "  look:  swxctl backend nodes %s        undo:  swxctl backend remove %s\n",
		req->name, req->name);
}

static void say_dry(const struct ctx *ctx, const struct node_request *req)
{
	char bytes[32];

	out_bytes(&ctx->out, req->size, bytes, sizeof(bytes));
	ctx_say(ctx, "%s: would be asked for %s, as memory node '%s'\n", req->server, bytes,
		req->name);
}

static void add_row(struct ctx *ctx, const struct node_request *req)
{
	struct json_object *row = ctx->dry_run ? NULL : node_read(req->name);
	struct json_object *backend;

	if (!row) {
		row = json_object_new_object();
		row_string(row, "node", req->name);
		row_string(row, "server", req->server);
		row_number(row, "size_bytes", req->size);
	}
	backend = backend_read(NODE_BACKEND);
	row_bool(row, "swap_on", swap_is_on());
	row_bool(row, "accept", backend && json_object_get_boolean(out_get(backend, "accept")));
	row_bool(row, "dry_run", ctx->dry_run);
	json_object_put(backend);
	json_object_array_add(ctx->rows, row);
	if (ctx->dry_run)
		say_dry(ctx, req);
	else
		say_added(ctx, req, row);
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct node_request req = { 0 };
	int ret;

	(void)argc;
	ret = node_request_parse(&req, argv[0], argv[1], ctx_option(ctx, "name"),
				 ctx_option(ctx, "key") ?: KEY_FILE, &ctx->err);
	if (!ret)
		ret = backend_check_kernel(&ctx->err);
	if (!ret)
		ret = key_read(req.key_file, &req.key, &ctx->err);
	if (!ret)
		ret = node_add(&req, ctx->dry_run, &ctx->err);
	explicit_bzero(&req.key, sizeof(req.key));
	if (!ret)
		add_row(ctx, &req);
	return ret;
}

SUBCOMMAND(backend, add, .group = GROUP_BACKENDS, .args = "ADDR[:PORT] SIZE",
	.min_args = 2, .max_args = 2, .changes = true, .no_pins = true, .options = options,
	.summary = "take memory of a server, swx-memd", .run = run,
	.help = "Loads the module swap_ext_rdma if it is not there, makes a memory node and connects\n"
		"it; if that fails, says why and leaves nothing behind. ADDR is an IPv4 address, an\n"
		"IPv6 address in brackets, or a name, which is looked up once; PORT is 7493 unless it\n"
		"is given. SIZE is in bytes, or in K, M, G or T of 1024 each, and rounded up to the\n"
		"server's slabs; a server that has less gives that. The key is the one that swx-memd\n"
		"has; a file that others can read is refused. Several servers may be added: each\n"
		"page goes to one of them.\n\n"
		"Examples:\n"
		"  swxctl backend add 10.0.0.1 64G\n"
		"  swxctl backend add [fd00::1]:7494 64G --name one --key ./memd.key\n");
