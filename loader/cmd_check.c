// SPDX-License-Identifier: GPL-2.0
/* swxctl check: runs the verifier over policies and prints their cost. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "policy.h"
#include "source.h"
#include "util.h"

static const struct column columns[] = {
	{ "POLICY",	"policy",		FMT_TEXT, false },
	{ "OP",		"op",			FMT_TEXT, false },
	{ "VERIFIED",	"verified_insns",	FMT_COUNT, false },
	{ "BPF",	"xlated_bytes",		FMT_COUNT, false },
	{ "NATIVE",	"jited_bytes",		FMT_COUNT, false },
	{ "PROGRAM",	"program",		FMT_TEXT, true },
};

static int add_program(struct ctx *ctx, const struct policy *p,
		       const struct policy_op *op, struct json_object *table)
{
	struct json_object *row = json_object_new_object();
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_prog_get_info_by_fd(bpf_program__fd(op->prog), &info, &len)) {
		json_object_put(row);
		return err_set(&ctx->err, ERR_FAILED, p->path, "%s: %s: %s",
			       p->name, op->name, strerror(errno));
	}
	row_string(row, "policy", p->name);
	row_string(row, "op", op->name);
	row_string(row, "program", bpf_program__name(op->prog));
	row_number(row, "verified_insns", info.verified_insns);
	row_number(row, "xlated_bytes", info.xlated_prog_len);
	row_number(row, "jited_bytes", info.jited_prog_len);
	json_object_array_add(table, row);
	return 0;
}

static int check(struct ctx *ctx, const char *arg)
{
	struct policy *p;
	size_t i;
	int ret;

	ret = source_open_file(arg, &p, &ctx->err);
	if (ret)
		return ret;
	ret = policy_load(p, &ctx->err);
	for (i = 0; i < p->nr_ops && !ret; i++)
		ret = add_program(ctx, p, &p->ops[i], ctx->rows);
	policy_close(p);
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	int i, ret;

	ret = out_check_columns(&ctx->out, columns, ARRAY_SIZE(columns), &ctx->err);
	if (ret)
		return ret;
	/* All of them: one run tells everything that has to be mended. */
	for (i = 0; i < argc; i++)
		if (check(ctx, argv[i]))
			ctx_report(ctx);
	if (!ctx->out.json && !ctx->out.quiet && json_object_array_length(ctx->rows))
		out_table(&ctx->out, ctx->rows, columns, ARRAY_SIZE(columns));
	return 0;
}

COMMAND(check, .group = GROUP_POLICIES, .args = "POLICY...", .min_args = 1,
	.max_args = -1, .summary = "verifier only; print what each op costs",
	.run = run,
	.help = "Loads each policy and lets it go again. VERIFIED is how many instructions the\n"
		"verifier walked, BPF and NATIVE the bytes of the program before and after the\n"
		"JIT. A refused policy is reported with the source line.\n\n"
		"Examples:\n"
		"  swxctl check ./mine.bpf.o\n"
		"  swxctl -d check ./mine.bpf.o     the whole log\n");
