// SPDX-License-Identifier: GPL-2.0
/* swxctl save: what a policy has learned, for a later attach --state. */
#include "cgroup.h"
#include "command.h"
#include "savefile.h"
#include "state.h"

static int save(struct ctx *ctx, const struct cgroup *cg, const char *file)
{
	struct save_counts counts;
	struct json_object *row;
	struct loaded *l;
	struct state st;
	int ret;

	ret = state_read_attached(cg, &st, &ctx->err);
	if (!ret)
		ret = loaded_open_by_id(st.map_id, &l, &ctx->err);
	if (ret)
		return ret;
	ret = savefile_write(l, cg->id, file, &counts, &ctx->err);
	if (ret)
		goto out;
	row = ctx_row(ctx);
	row_string(row, "cgroup", cg->path);
	row_string(row, "policy", l->policy);
	row_string(row, "file", file);
	row_number(row, "maps", counts.maps);
	row_number(row, "entries", counts.entries);
	row_number(row, "file_bytes", counts.file_bytes);
	ctx_say(ctx, "%s: %llu entries of %llu maps saved\n  restore:  swxctl attach CGROUP %s --state %s\n",
		file, counts.entries, counts.maps, l->policy, file);
out:
	loaded_close(l);
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct cgroup cg;
	int ret;

	(void)argc;
	ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	ret = save(ctx, &cg, argv[1]);
	cgroup_close(&cg);
	return ret;
}

COMMAND(save, .group = GROUP_ATTACH, .args = "CGROUP FILE", .min_args = 2,
	.max_args = 2, .summary = "save what the policy has learned", .run = run,
	.help = "Writes the maps that the policy declares as state to FILE, which attach and\n"
		"replace take with --state. The file names policy, maps and layout, and is\n"
		"refused where they differ.\n\n"
		"Example:\n"
		"  swxctl save redis.service run.swx\n");
