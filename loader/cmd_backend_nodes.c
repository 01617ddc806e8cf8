// SPDX-License-Identifier: GPL-2.0
/* swxctl backend nodes: the memory servers a backend has, and how they do. */
#include "backend.h"
#include "command.h"
#include "node.h"
#include "node_table.h"

static int run(struct ctx *ctx, int argc, char **argv)
{
	char name[NODE_NAME_LEN];
	struct json_object *row;
	int ret;

	ret = node_table_check(&ctx->out, &ctx->err);
	if (!ret)
		ret = backend_check_kernel(&ctx->err);
	if (!ret && argc)
		ret = node_find(argv[0], name, sizeof(name), &ctx->err);
	if (ret)
		return ret;
	if (argc) {
		row = node_read(name);
		if (row)
			json_object_array_add(ctx->rows, row);
	} else {
		json_object_put(ctx->rows);
		ctx->rows = node_read_all();
	}
	if (!ctx->out.json && !ctx->out.quiet)
		node_table(&ctx->out, ctx->rows);
	return 0;
}

SUBCOMMAND(backend, nodes, .group = GROUP_BACKENDS, .args = "[NODE|ADDR[:PORT]]",
	.max_args = 1, .summary = "memory servers, and how they do", .run = run,
	.help = "One line for each memory node of the backend rdma; a sentence below it says why\n"
		"its state is what it is. SIZE is what the server gave, USED what slots have of it,\n"
		"LOST of PAGES those whose server has lost them. Half of all reads since the node was\n"
		"added took less than READ50, 99 of 100 less than READ99; the kernel counts by powers\n"
		"of two, and each is the upper bound of one. More columns with -o: WANTED, what was\n"
		"asked for, SLABS CLIENT BACKEND. -j has all counters and the histogram.\n\n"
		"Examples:\n"
		"  swxctl backend nodes\n"
		"  swxctl -j backend nodes | jq '.[] | select(.state != \"up\") | .node'\n");
