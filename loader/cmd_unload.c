// SPDX-License-Identifier: GPL-2.0
/* swxctl unload: removes the pins of a loaded policy that no cgroup uses. */
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "command.h"
#include "loaded.h"

struct naming {
	const struct link_list	*links;
	char			*text;		/* ", " separated paths */
};

static int append_path(const struct cgroup *cg, void *arg)
{
	struct naming *n = arg;
	char *text;
	size_t i;

	for (i = 0; i < n->links->nr; i++) {
		if (n->links->cgroup_ids[i] != cg->id)
			continue;
		if (asprintf(&text, "%s%s%s", n->text ?: "", n->text ? ", " : "",
			     cg->path) < 0)
			return -1;
		free(n->text);
		n->text = text;
	}
	return 0;
}

static int in_use(struct ctx *ctx, const char *name, const struct link_list *links)
{
	struct naming n = { .links = links };
	int ret;

	cgroup_walk("/", append_path, &n, &ctx->err);
	ret = err_set(&ctx->err, ERR_IN_USE, name, "policy '%s' is attached to %s",
		      name, n.text ?: "a cgroup that is not visible here");
	err_hint(&ctx->err, "detach it first: swxctl detach CGROUP");
	free(n.text);
	return ret;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct json_object *row;
	struct link_list links;
	struct loaded *l;
	int ret;

	(void)argc;
	ret = loaded_open(argv[0], &l, &ctx->err);
	if (ret)
		return ret;
	ret = loaded_find_links(l->ops_id, &links, &ctx->err);
	if (!ret && links.nr)
		ret = in_use(ctx, argv[0], &links);
	link_list_free(&links);
	if (ret)
		goto out;
	if (!ctx->dry_run)
		loaded_unpin(argv[0]);
	row = ctx_row(ctx);
	row_string(row, "name", argv[0]);
	row_string(row, "policy", l->policy);
	row_bool(row, "dry_run", ctx->dry_run);
	ctx_say(ctx, "%s %s\n", argv[0], ctx->dry_run ? "would be unloaded" : "unloaded");
out:
	loaded_close(l);
	return ret;
}

COMMAND(unload, .group = GROUP_POLICIES, .args = "NAME", .min_args = 1,
	.max_args = 1, .changes = true,
	.summary = "let go of a loaded policy", .run = run,
	.help = "Refused while a cgroup has the policy; the message names the cgroups.\n\n"
		"Example:\n"
		"  swxctl unload leap\n");
