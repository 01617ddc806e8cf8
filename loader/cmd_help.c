// SPDX-License-Identifier: GPL-2.0
/* swxctl help: written by the table of verbs, so that it cannot fall behind. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "util.h"

static const struct option_def options[] = {
	{ "list", 'l', NULL, "verbs and options, for programs" },
	{ NULL },
};

static const char footer[] =
	"POLICY is a name of 'swxctl list' or the path of a .bpf.o file. CGROUP is a path\n"
	"below /sys/fs/cgroup, with or without that prefix, the name of a systemd unit, or\n"
	"@PID.\n\n"
	"Exit codes: 0 done, 1 failed, 2 usage, 3 nothing attached, 4 kernel lacks swap_ext.\n\n"
	"Examples:\n"
	"  swxctl attach redis.service leap max_window=32\n"
	"  swxctl status\n"
	"  swxctl detach redis.service\n";

static int compare(const void *a, const void *b)
{
	const struct command *x = *(const struct command *const *)a;
	const struct command *y = *(const struct command *const *)b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->is_default != y->is_default)
		return x->is_default ? -1 : 1;
	return strcmp(x->name, y->name);
}

static size_t sort_commands(const struct command **sorted, size_t max)
{
	const struct command *const *c;
	size_t nr = 0;

	for_each_command(c)
		if (nr < max)
			sorted[nr++] = *c;
	qsort(sorted, nr, sizeof(*sorted), compare);
	return nr;
}

static void print_option(const struct option_def *o)
{
	char letter[8] = "    ", name[32];

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(name, sizeof(name), "--%s%s%s", o->name, o->metavar ? " " : "",
		 o->metavar ?: "");
	printf("  %s%-18s  %s\n", letter, name, o->help);
}

static void print_options(const char *title, const struct option_def *o)
{
	if (!o || !o->name)
		return;
	printf("\n%s\n", title);
	for (; o->name; o++)
		print_option(o);
}

static void print_command(const struct command *c)
{
	printf("Usage: swxctl [OPTIONS] %s%s%s%s\n%c%s.\n", c->name,
	       c->options ? " [OPTIONS]" : "", c->args[0] ? " " : "", c->args,
	       c->summary[0] - ('a' <= c->summary[0] && c->summary[0] <= 'z' ?
				'a' - 'A' : 0), c->summary + 1);
	if (c->help[0])
		printf("\n%s", c->help);
	print_options("Options:", c->options);
	putchar('\n');
}

static void print_all(const struct command **sorted, size_t nr)
{
	enum command_group group = NR_GROUPS;
	char usage[128];
	size_t i;

	puts("Usage: swxctl [OPTIONS] COMMAND [ARGS]\n"
	     "Load BPF swap policies and attach them to cgroups.\n");
	for (i = 0; i < nr; i++) {
		snprintf(usage, sizeof(usage), "%s %s", sorted[i]->name,
			 sorted[i]->args);
		printf("%-10s %-40s  %s\n", sorted[i]->group == group ? "" :
		       command_groups[sorted[i]->group], usage, sorted[i]->summary);
		group = sorted[i]->group;
	}
	print_options("Options", common_options);
	printf("\n%s", footer);
}

/* "verb<TAB>args<TAB>--option --option=": what the completion reads. */
static void print_list_line(const char *name, const char *args,
			    const struct option_def *o)
{
	printf("%s\t%s\t", name, args);
	for (; o && o->name; o++)
		printf("--%s%s ", o->name, o->metavar ? "=" : "");
	putchar('\n');
}

static struct json_object *option_rows(const struct option_def *o)
{
	struct json_object *rows = json_object_new_array(), *row;

	for (; o && o->name; o++) {
		row = json_object_new_object();
		row_string(row, "name", o->name);
		row_string(row, "letter", o->letter ? (char[2]){ o->letter } : NULL);
		row_string(row, "metavar", o->metavar);
		row_string(row, "help", o->help);
		json_object_array_add(rows, row);
	}
	return rows;
}

static void add_row(struct ctx *ctx, const struct command *c)
{
	struct json_object *row = ctx_row(ctx);

	row_string(row, "command", c->name);
	row_string(row, "group", command_groups[c->group]);
	row_string(row, "args", c->args);
	row_string(row, "summary", c->summary);
	row_bool(row, "changes", c->changes);
	json_object_object_add(row, "options", option_rows(c->options));
}

/* Keeps the command of that name, or all that begin with it as their first word. */
static size_t choose_commands(const struct command **sorted, size_t nr,
			      const char *name, struct err *err)
{
	size_t i, n = 0;

	if (!command_find(name, err))
		return 0;
	for (i = 0; i < nr; i++)
		if (!strcmp(sorted[i]->name, name) || !strcmp(sorted[i]->verb, name))
			sorted[n++] = sorted[i];
	return n;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	bool list = ctx_option(ctx, "list");
	const struct command *sorted[64];
	char name[64];
	size_t nr, i;

	nr = sort_commands(sorted, ARRAY_SIZE(sorted));
	if (argc) {
		snprintf(name, sizeof(name), "%s%s%s", argv[0], argc > 1 ? " " : "",
			 argc > 1 ? argv[1] : "");
		nr = choose_commands(sorted, nr, name, &ctx->err);
		if (!nr)
			return -1;
	}
	for (i = 0; i < nr; i++)
		add_row(ctx, sorted[i]);
	if (ctx->out.json)
		return 0;
	if (list) {
		print_list_line("-", "", common_options);
		for (i = 0; i < nr; i++)
			print_list_line(sorted[i]->name, sorted[i]->args,
					sorted[i]->options);
	} else if (argc) {
		for (i = 0; i < nr; i++)
			print_command(sorted[i]);
		puts("Common options: swxctl help");
	} else {
		print_all(sorted, nr);
	}
	return 0;
}

COMMAND(help, .group = GROUP_SYSTEM, .args = "[COMMAND]", .max_args = 2,
	.no_kernel = true, .summary = "this text, or that of one command",
	.options = options, .run = run,
	.help = "Examples:\n"
		"  swxctl help attach\n"
		"  swxctl help backend drain\n"
		"  swxctl -j help\n");
