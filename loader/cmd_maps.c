// SPDX-License-Identifier: GPL-2.0
/* swxctl maps: a policy's maps, and the bpftool line that dumps each. */
#include <bpf/libbpf.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "command.h"
#include "loaded.h"
#include "pin.h"
#include "state.h"
#include "util.h"

static const struct column columns[] = {
	{ "ID",		"id",		FMT_TEXT, false },
	{ "NAME",	"name",		FMT_TEXT, false },
	{ "TYPE",	"type",		FMT_TEXT, false },
	{ "MAX",	"max_entries",	FMT_COUNT, false },
	{ "DUMP",	"dump",		FMT_TEXT, false },
	{ "KEY",	"key_bytes",	FMT_TEXT, true },
	{ "VALUE",	"value_bytes",	FMT_TEXT, true },
	{ "PIN",	"pin",		FMT_TEXT, true },
};

static void add_map(struct ctx *ctx, const struct loaded *l,
		    const struct loaded_map *m, const char *dir)
{
	struct json_object *row = ctx_row(ctx);
	char pin[2 * PATH_MAX], dump[2 * PATH_MAX + 32] = "";

	/* Of the maps that the attachment pins, its own pin is the one to use. */
	snprintf(pin, sizeof(pin), "%s/%s", dir, m->name);
	if (access(pin, F_OK))
		snprintf(pin, sizeof(pin), "%s/%s/%s", PIN_POLICIES, l->name, m->name);
	/* What hangs on tasks has no keys that bpftool could walk. */
	if (m->info.type != BPF_MAP_TYPE_TASK_STORAGE)
		snprintf(dump, sizeof(dump), "bpftool map dump pinned %s", pin);
	row_number(row, "id", m->info.id);
	row_string(row, "name", m->name);
	row_string(row, "type", libbpf_bpf_map_type_str(m->info.type));
	row_number(row, "key_bytes", m->info.key_size);
	row_number(row, "value_bytes", m->info.value_size);
	row_number(row, "max_entries", m->info.max_entries);
	row_bool(row, "state", m->state);
	row_bool(row, "shared", m->shared);
	row_string(row, "pin", pin);
	row_string(row, "dump", *dump ? dump : NULL);
}

static int add_maps(struct ctx *ctx, const struct cgroup *cg)
{
	char dir[PATH_MAX], owner[PATH_MAX];
	struct loaded *l;
	struct state st;
	size_t i;
	int ret;

	ret = state_read(cg, &st, &ctx->err);
	if (!ret && !st.link_id && !st.governor)
		ret = err_set(&ctx->err, ERR_NOT_ATTACHED, cg->path,
			      "cgroup %s has no policy", cg->path);
	if (!ret)
		ret = loaded_open_by_id(st.map_id, &l, &ctx->err);
	if (ret)
		return ret;
	/* A stopped policy is the cgroup's own, whoever governs meanwhile. */
	if (st.link_id ||
	    !cgroup_find_ancestor(cg, st.governor, owner, sizeof(owner)))
		strcpy(owner, cg->path);
	pin_cgroup_dir(owner, dir, sizeof(dir));
	for (i = 0; i < l->nr_maps; i++)
		add_map(ctx, l, &l->maps[i], dir);
	loaded_close(l);
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct cgroup cg;
	int ret;

	(void)argc;
	ret = out_check_columns(&ctx->out, columns, ARRAY_SIZE(columns), &ctx->err);
	if (!ret)
		ret = cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	ret = add_maps(ctx, &cg);
	if (!ret && !ctx->out.json && !ctx->out.quiet)
		out_table(&ctx->out, ctx->rows, columns, ARRAY_SIZE(columns));
	cgroup_close(&cg);
	return ret;
}

COMMAND(maps, .group = GROUP_LOOK, .args = "CGROUP", .min_args = 1, .max_args = 1,
	.summary = "the policy's maps and how to dump them", .run = run,
	.help = "The maps of CGROUP's own policy, even if it was stopped, or of the ancestor's\n"
		"that governs it. More columns with -o: KEY VALUE PIN.\n\n"
		"Examples:\n"
		"  swxctl maps redis.service\n"
		"  swxctl -j maps @4711 | jq -r '.[].dump' | sh\n");
