// SPDX-License-Identifier: GPL-2.0
/* swxctl clean: drops what removed cgroups and killed loaders leave behind. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "cgroup.h"
#include "command.h"
#include "loaded.h"
#include "pin.h"

/* The cgroup is gone, or another one of the same name has come. */
static bool is_stale(const char *dir, const char *path)
{
	struct bpf_link_info info = { 0 };
	struct err ignored = { 0 };
	__u32 len = sizeof(info);
	struct cgroup cg;
	bool stale;
	int fd;

	fd = pin_open(dir, "link");
	if (fd < 0)
		return false;
	stale = bpf_link_get_info_by_fd(fd, &info, &len) ||
		!info.struct_ops.map_id;
	close(fd);
	if (stale)
		return true;
	if (cgroup_open_path(path, &cg, &ignored)) {
		err_clear(&ignored);
		return true;
	}
	stale = cg.id != info.struct_ops.cgroup_id;
	cgroup_close(&cg);
	return stale;
}

static void say_dropped(struct ctx *ctx, const char *what, const char *name,
			const char *pin)
{
	struct json_object *row = ctx_row(ctx);

	row_string(row, "kind", what);
	row_string(row, "name", name);
	row_string(row, "pin", pin);
	row_bool(row, "dry_run", ctx->dry_run);
	ctx_say(ctx, "%s %s: %s %s\n", what, name, pin,
		ctx->dry_run ? "would be dropped" : "dropped");
}

static int clean_cgroup(const char *dir, void *arg)
{
	char path[PATH_MAX];
	struct ctx *ctx = arg;

	pin_cgroup_path(dir, path, sizeof(path));
	if (!is_stale(dir, path))
		return 0;
	if (!ctx->dry_run)
		attach_remove_pins(dir);
	say_dropped(ctx, "cgroup", path, dir);
	return 0;
}

/* An unmarked policy without a link: its loader was killed before attaching. */
static bool is_orphan(struct ctx *ctx, const char *name, const char *pin)
{
	struct link_list links = { 0 };
	struct err why = { 0 };
	struct loaded *l;
	unsigned int nr;
	bool orphan;

	if (loaded_open(name, &l, &why)) {
		/* No ops map: it was killed while pinning. */
		orphan = why.kind == ERR_NOT_LOADED;
		err_clear(&why);
		return orphan;
	}
	orphan = !loaded_find_links(l->ops_id, &links, &why);
	if (orphan) {
		nr = attach_prune_entries(l, &links, ctx->dry_run);
		if (nr)
			say_dropped(ctx, "entries", name, pin);
		orphan = !l->kept && !links.nr;
	}
	err_clear(&why);
	link_list_free(&links);
	loaded_close(l);
	return orphan;
}

static int clean_policy(const char *name, void *arg)
{
	struct ctx *ctx = arg;
	char pin[PATH_MAX];

	snprintf(pin, sizeof(pin), "%s/%s", PIN_POLICIES, name);
	if (!is_orphan(ctx, name, pin))
		return 0;
	if (!ctx->dry_run)
		loaded_unpin(name);
	say_dropped(ctx, "policy", name, pin);
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	int ret;

	(void)argc;
	(void)argv;
	ret = pin_check_bpffs(&ctx->err);
	if (ret)
		return ret;
	pin_walk_cgroups(clean_cgroup, ctx);
	loaded_for_each(clean_policy, ctx);
	if (!json_object_array_length(ctx->rows))
		ctx_say(ctx, "nothing to drop\n");
	return 0;
}

COMMAND(clean, .group = GROUP_SYSTEM, .args = "", .changes = true,
	.summary = "drop pins of deleted cgroups", .run = run,
	.help = "Also drops map entries of deleted cgroups, and policies that a killed swxctl\n"
		"loaded and did not attach.\n\n"
		"Example:\n"
		"  swxctl clean --dry-run\n");
