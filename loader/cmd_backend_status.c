// SPDX-License-Identifier: GPL-2.0
/* swxctl backend status: who takes pages, how many it holds and how that goes. */
#include <string.h>

#include "backend.h"
#include "command.h"
#include "node.h"
#include "node_table.h"
#include "util.h"

static const struct column columns[] = {
	{ "BACKEND",	"backend",	FMT_TEXT, false },
	{ "ACCEPTS",	"accept",	FMT_TEXT, false },
	{ "HELD",	"held_bytes",	FMT_SIZE, false },
	{ "UNSAFE",	"unsafe_bytes",	FMT_SIZE, false },
	{ "STORES",	"stores",	FMT_COUNT, false },
	{ "LOADS",	"loads",	FMT_COUNT, false },
	{ "REFUSED",	"refused",	FMT_COUNT, false },
	{ "ERRORS",	"errors",	FMT_COUNT, false },
	{ "CORRUPT",	"corrupt",	FMT_COUNT, false },
	{ "POLL%",	"polled_pct",	FMT_PERCENT, false },
	{ "PAGES",	"nr_pages",	FMT_COUNT, true },
	{ "WRITEERR",	"write_errors",	FMT_COUNT, true },
	{ "READERR",	"read_errors",	FMT_COUNT, true },
	{ "POLLED",	"polled",	FMT_COUNT, true },
	{ "POLL_NS",	"poll_ns",	FMT_TEXT, true },
	{ "DURABILITY",	"durability",	FMT_TEXT, true },
	{ "FELLBACK",	"fell_back",	FMT_COUNT, true },
};

/* One that goes away meanwhile has no row. */
static void add_row(struct ctx *ctx, const char *name)
{
	struct json_object *row = backend_read(name);

	if (!row)
		return;
	json_object_object_add(row, "nodes", strcmp(name, NODE_BACKEND) ?
			       json_object_new_array() : node_read_all());
	json_object_array_add(ctx->rows, row);
}

/* Below all backends: no more than one has any. */
static void print_nodes(const struct ctx *ctx)
{
	struct json_object *nodes;
	size_t i;

	for (i = 0; i < json_object_array_length(ctx->rows); i++) {
		nodes = out_get(json_object_array_get_idx(ctx->rows, i), "nodes");
		if (!json_object_array_length(nodes))
			continue;
		putchar('\n');
		node_table(&ctx->out, nodes);
	}
}

static int add_all(struct ctx *ctx)
{
	struct json_object *names;
	size_t i;
	int ret;

	ret = backend_check_kernel(&ctx->err);
	if (ret)
		return ret;
	names = backend_names();
	for (i = 0; i < json_object_array_length(names); i++)
		add_row(ctx, json_object_get_string(
				json_object_array_get_idx(names, i)));
	json_object_put(names);
	if (json_object_array_length(ctx->rows))
		return 0;
	ret = err_set(&ctx->err, ERR_NO_BACKEND, NULL, "no backend is registered");
	err_hint(&ctx->err, "loading its module registers one: modprobe swap_ext_dram\n"
		 "memory of a server: swxctl backend add ADDR SIZE");
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	int ret;

	ret = out_check_columns(&ctx->out, columns, ARRAY_SIZE(columns), &ctx->err);
	if (ret)
		return ret;
	if (argc) {
		ret = backend_find(argv[0], &ctx->err);
		if (!ret)
			add_row(ctx, argv[0]);
	} else {
		ret = add_all(ctx);
	}
	if (ret || ctx->out.json || ctx->out.quiet)
		return ret;
	out_table(&ctx->out, ctx->rows, columns, ARRAY_SIZE(columns));
	if (!ctx->out.columns)
		print_nodes(ctx);
	return 0;
}

SUBCOMMAND(backend, status, .group = GROUP_BACKENDS, .args = "[BACKEND]",
	.max_args = 1, .is_default = true,
	.summary = "who takes pages, how many it holds", .run = run,
	.help = "A backend takes pages on their way to swap and keeps them in memory of its own.\n"
		"One line for each that is registered: whether it is offered pages, what it holds\n"
		"now, what of that the swap device does not have (UNSAFE), the pages it took, read\n"
		"and refused, reads and writes that failed, reads that did not bring what was\n"
		"stored. POLL% is of the pages it read how many came while a fault polled for them.\n"
		"More columns with -o: PAGES WRITEERR READERR POLLED POLL_NS DURABILITY, and\n"
		"FELLBACK, reads that failed and were answered by the device. -j has every file of /sys/kernel/mm/frontswap/BACKEND by name, and\n"
		"nodes. Below them, without -o, the memory nodes: see swxctl help backend nodes.\n\n"
		"Examples:\n"
		"  swxctl backend\n"
		"  swxctl -j backend status dram | jq '.[0].nr_pages'\n");
