// SPDX-License-Identifier: GPL-2.0
/* swxctl features: what this kernel has; exit code 4 if the verbs cannot use it. */
#include <limits.h>
#include <linux/swap_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cgroup.h"
#include "command.h"
#include "pin.h"
#include "state.h"

static struct json_object *split_words(char *text)
{
	struct json_object *words = json_object_new_array();
	char *word, *save = NULL;

	for (word = text ? strtok_r(text, " ", &save) : NULL; word;
	     word = strtok_r(NULL, " ", &save))
		json_object_array_add(words, json_object_new_string(word));
	return words;
}

static void add_number(struct json_object *row, const char *key, const char *file)
{
	char *text = state_read_sysfs(file);

	json_object_object_add(row, key, text ?
			       json_object_new_int64(strtoll(text, NULL, 10)) : NULL);
	free(text);
}

static struct json_object *swap_ext_row(bool built_in)
{
	struct json_object *row = json_object_new_object();
	char *enabled = state_read_sysfs("enabled");
	char *ops = state_read_sysfs("ops");

	row_bool(row, "built_in", built_in);
	json_object_object_add(row, "enabled", enabled ?
			       json_object_new_boolean(*enabled == '1') : NULL);
	add_number(row, "version", "version");
	json_object_object_add(row, "ops", split_words(ops));
	add_number(row, "nr_attached", "nr_attached");
	add_number(row, "nr_stopped", "nr_stopped");
	add_number(row, "nr_rejected", "nr_rejected");
	free(enabled);
	free(ops);
	return row;
}

static const char *mounted(int error, struct err *err)
{
	err_clear(err);
	return error ? "not mounted" : "mounted";
}

static bool is_usable(struct err *err)
{
	bool usable = !state_check_kernel(err);

	err_clear(err);
	return usable;
}

static void print_text(const struct ctx *ctx, struct json_object *row, bool usable,
		       const char *bpffs, const char *cgroup2)
{
	struct json_object *sx = out_get(row, "swap_ext");
	bool built_in = json_object_get_boolean(out_get(sx, "built_in"));
	struct json_object *ops = out_get(sx, "ops");
	size_t i;

	ctx_say(ctx, "kernel     %s\n", out_get_string(row, "kernel"));
	if (built_in)
		ctx_say(ctx, "swap_ext   %s, interface version %s, %s attached, %s stopped\n",
			json_object_get_boolean(out_get(sx, "enabled")) ? "enabled" :
			"switched off", out_get_string(sx, "version"),
			out_get_string(sx, "nr_attached"),
			out_get_string(sx, "nr_stopped"));
	else
		ctx_say(ctx, "swap_ext   not in this kernel: it needs CONFIG_SWAP_EXT=y\n");
	if (built_in && !usable)
		ctx_say(ctx, "           swxctl is built for version %d: use both of the same release\n",
			SWAP_EXT_VERSION);
	ctx_say(ctx, "ops       ");
	for (i = 0; i < json_object_array_length(ops); i++)
		ctx_say(ctx, " %s", json_object_get_string(
				json_object_array_get_idx(ops, i)));
	ctx_say(ctx, "%s\nbpffs      %s\ncgroup2    %s\n", i ? "" : " none", bpffs,
		cgroup2);
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	bool built_in = !access(SYSFS_DIR, F_OK), usable = is_usable(&ctx->err);
	struct json_object *row = ctx_row(ctx);
	const char *bpffs, *cgroup2;
	char mount[PATH_MAX];
	struct utsname uts;

	(void)argc;
	(void)argv;
	uname(&uts);
	bpffs = mounted(pin_check_bpffs(&ctx->err), &ctx->err);
	cgroup2 = mounted(cgroup_mount_point(mount, sizeof(mount), &ctx->err),
			  &ctx->err);
	row_string(row, "kernel", uts.release);
	json_object_object_add(row, "swap_ext", swap_ext_row(built_in));
	row_bool(row, "bpffs", !strcmp(bpffs, "mounted"));
	row_bool(row, "cgroup2", !strcmp(cgroup2, "mounted"));
	print_text(ctx, row, usable, bpffs, cgroup2);
	if (!usable)
		ctx->exit_code = EXIT_NO_SWAP_EXT;
	return 0;
}

COMMAND(features, .group = GROUP_SYSTEM, .args = "", .no_kernel = true,
	.summary = "what this kernel supports", .run = run,
	.help = "Exits with 4 if the kernel lacks swap_ext or has another version of its\n"
		"interface; what it found is printed all the same.\n\n"
		"Example:\n"
		"  swxctl -q features || echo 'no swap_ext here'\n");
