// SPDX-License-Identifier: GPL-2.0
/* swxctl version: of swxctl, of the interface it speaks and of its libbpf. */
#include <bpf/libbpf.h>
#include <linux/swap_ext.h>

#include "command.h"

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct json_object *row = ctx_row(ctx);

	(void)argc;
	(void)argv;
	row_string(row, "swxctl", SWX_VERSION);
	row_number(row, "interface", SWAP_EXT_VERSION);
	row_string(row, "libbpf", libbpf_version_string());
	ctx_say(ctx, "swxctl %s, swap_ext interface %d, libbpf %s\n", SWX_VERSION,
		SWAP_EXT_VERSION, libbpf_version_string());
	return 0;
}

COMMAND(version, .group = GROUP_SYSTEM, .args = "", .no_kernel = true,
	.summary = "version of swxctl", .run = run, .help = "");
