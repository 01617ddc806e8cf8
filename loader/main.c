// SPDX-License-Identifier: GPL-2.0
/*
 * swxctl: load BPF swap policies and attach them to cgroups. Parses the command
 * line, runs the verb, prints its rows or its error. The only file that exits.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "libbpf_log.h"
#include "pin.h"
#include "state.h"
#include "suggest.h"

const char *const command_groups[NR_GROUPS] = {
	[GROUP_POLICIES]	= "Policies",
	[GROUP_ATTACH]		= "Attach",
	[GROUP_LOOK]		= "Look",
	[GROUP_BACKENDS]	= "Backends",
	[GROUP_SYSTEM]		= "System",
};

enum common_option {
	OPT_JSON, OPT_PRETTY, OPT_OUTPUT, OPT_NO_HEADINGS, OPT_BYTES, OPT_QUIET,
	OPT_DEBUG, OPT_DRY_RUN, OPT_COLOR, OPT_HELP, OPT_VERSION, NR_COMMON,
};

const struct option_def common_options[] = {
	[OPT_JSON]	  = { "json", 'j', NULL, "print one JSON array" },
	[OPT_PRETTY]	  = { "pretty", 'p', NULL, "the same, indented" },
	[OPT_OUTPUT]	  = { "output", 'o', "COLS", "columns of a table" },
	[OPT_NO_HEADINGS] = { "noheadings", 'n', NULL, "no line of headings" },
	[OPT_BYTES]	  = { "bytes", 'b', NULL, "whole numbers: no K, M, 2h4m" },
	[OPT_QUIET]	  = { "quiet", 'q', NULL, "errors only" },
	[OPT_DEBUG]	  = { "debug", 'd', NULL, "libbpf's and the verifier's log" },
	[OPT_DRY_RUN]	  = { "dry-run", 0, NULL, "check everything, change nothing" },
	[OPT_COLOR]	  = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP]	  = { "help", 'h', NULL, "help for the command" },
	[OPT_VERSION]	  = { "version", 'V', NULL, "version of swxctl" },
	[NR_COMMON]	  = { NULL },
};

/* getopt's view of the common options and those of the verb. */
struct option_table {
	struct option	longs[MAX_OPTIONS + NR_COMMON + 1];
	char		shorts[2 * (MAX_OPTIONS + NR_COMMON) + 3];
};

#define LONG_ONLY 256

static void add_options(struct option_table *t, int *n, char **w,
			const struct option_def *defs)
{
	for (; defs && defs->name; defs++, (*n)++) {
		t->longs[*n] = (struct option) {
			.name = defs->name,
			.has_arg = defs->metavar ? required_argument : no_argument,
			.val = LONG_ONLY + *n,
		};
		if (!defs->letter)
			continue;
		*(*w)++ = defs->letter;
		if (defs->metavar)
			*(*w)++ = ':';
	}
}

static const struct option_def *option_at(const struct command *c, int i)
{
	return i < NR_COMMON ? &common_options[i] : &c->options[i - NR_COMMON];
}

/* Index into common options, then the verb's; -1 if it is neither. */
static int option_index(const struct option_table *t, const struct command *c,
			int val)
{
	int i;

	if (val >= LONG_ONLY)
		return val - LONG_ONLY;
	for (i = 0; t->longs[i].name; i++)
		if (option_at(c, i)->letter == val)
			return i;
	return -1;
}

static bool want_color(const char *when)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (when && strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(STDOUT_FILENO) && (!no_color || !*no_color) &&
	       (!term || strcmp(term, "dumb"));
}

static int set_common(struct ctx *ctx, enum common_option opt, const char *value,
		      const char **special)
{
	switch (opt) {
	case OPT_PRETTY:
		ctx->out.pretty = true;
		ctx->out.json = true;
		break;
	case OPT_JSON:
		ctx->out.json = true;
		break;
	case OPT_OUTPUT:
		ctx->out.columns = value;
		break;
	case OPT_NO_HEADINGS:
		ctx->out.no_headings = true;
		break;
	case OPT_BYTES:
		ctx->out.bytes = true;
		break;
	case OPT_QUIET:
		ctx->out.quiet = true;
		break;
	case OPT_DEBUG:
		ctx->debug = true;
		libbpf_log_debug(true);
		break;
	case OPT_DRY_RUN:
		ctx->dry_run = true;
		break;
	case OPT_COLOR:
		if (strcmp(value, "auto") && strcmp(value, "always") &&
		    strcmp(value, "never"))
			return err_set(&ctx->err, ERR_USAGE, "--color",
				       "--color is auto, always or never, not '%s'",
				       value);
		ctx->out.color = want_color(value);
		break;
	case OPT_HELP:
		*special = "help";
		break;
	case OPT_VERSION:
		*special = "version";
		break;
	case NR_COMMON:
		break;
	}
	return 0;
}

static int bad_option(struct ctx *ctx, const char *arg, int why)
{
	const char *name = ctx->command ? ctx->command->name : NULL;
	int ret;

	if (why == ':')
		ret = err_set(&ctx->err, ERR_USAGE, arg, "option %s needs a value",
			      arg);
	else
		ret = err_set(&ctx->err, ERR_USAGE, arg, "%s%s%s has no option %s",
			      "swxctl", name ? " " : "", name ?: "", arg);
	err_hint(&ctx->err, "swxctl help%s%s", name ? " " : "", name ?: "");
	return ret;
}

/*
 * Before the verb is known parsing stops at it (@stop), after that options and
 * arguments may be mixed.
 */
static int parse_options(struct ctx *ctx, int argc, char **argv, bool stop,
			 const char **special)
{
	const struct option_def *own = ctx->command ? ctx->command->options : NULL;
	struct option_table t = { 0 };
	char *w = t.shorts, letter[3] = "-";
	int n = 0, val, i, ret, before;

	if (stop)
		*w++ = '+';
	*w++ = ':';
	add_options(&t, &n, &w, common_options);
	add_options(&t, &n, &w, own);
	optind = 0;
	for (;;) {
		before = optind ?: 1;
		val = getopt_long(argc, argv, t.shorts, t.longs, NULL);
		if (val == -1)
			return 0;
		if (val == '?' || val == ':') {
			letter[1] = optopt;
			return bad_option(ctx, optopt && optopt < LONG_ONLY ?
					  letter : argv[optind - 1] ?: argv[before],
					  val);
		}
		i = option_index(&t, ctx->command, val);
		if (i >= NR_COMMON) {
			ctx->values[i - NR_COMMON] = optarg ?: "";
			continue;
		}
		ret = set_common(ctx, i, optarg, special);
		if (ret)
			return ret;
	}
}

const struct command *command_find(const char *name, struct err *err)
{
	const char *second = strchr(name, ' ');
	struct suggestion s = { .wrong = second ? second + 1 : name };
	int len = second ? second - name : 0;
	const struct command *const *c;

	for_each_command(c) {
		if (!strcmp((*c)->name, name) ||
		    ((*c)->is_default && !strcmp((*c)->verb, name)))
			return *c;
		if (!second)
			suggest_consider(&s, (*c)->verb);
		else if (!strncmp((*c)->name, name, len + 1))
			suggest_consider(&s, (*c)->name + len + 1);
	}
	err_set(err, ERR_USAGE, name, "there is no command '%s'", name);
	if (s.best)
		err_hint(err, "did you mean '%s'?", s.best);
	else
		err_hint(err, "commands: swxctl help%s%.*s", second ? " " : "", len,
			 name);
	return NULL;
}

const char *ctx_option(const struct ctx *ctx, const char *name)
{
	const struct option_def *o = ctx->command->options;
	int i;

	for (i = 0; o && o[i].name; i++)
		if (!strcmp(o[i].name, name))
			return ctx->values[i];
	return NULL;
}

void ctx_say(const struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	if (ctx->out.json || ctx->out.quiet)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void ctx_warn(struct ctx *ctx)
{
	fflush(stdout);
	err_print(&ctx->err, ctx->out.json, ctx->debug, stderr);
	err_clear(&ctx->err);
}

void ctx_report(struct ctx *ctx)
{
	ctx->exit_code = err_exit_code(&ctx->err);
	ctx->failed = true;
	ctx_warn(ctx);
}

struct json_object *ctx_row(struct ctx *ctx)
{
	struct json_object *row = json_object_new_object();

	json_object_array_add(ctx->rows, row);
	return row;
}

static int check_usage(struct ctx *ctx, int argc)
{
	const struct command *c = ctx->command;
	int ret;

	if (ctx->dry_run && !c->changes) {
		ret = err_set(&ctx->err, ERR_USAGE, "--dry-run",
			      "swxctl %s changes nothing: it takes no --dry-run",
			      c->name);
		return ret;
	}
	if (argc >= c->min_args && (c->max_args < 0 || argc <= c->max_args))
		return 0;
	ret = err_set(&ctx->err, ERR_USAGE, c->name, "swxctl %s takes %s%s", c->name,
		      c->args[0] ? c->args : "no arguments",
		      argc < c->min_args ? ": too few arguments" :
		      ": too many arguments");
	err_hint(&ctx->err, "swxctl help %s", c->name);
	return ret;
}

static int run_command(struct ctx *ctx, int argc, char **argv)
{
	int lock = -1, ret;

	ret = check_usage(ctx, argc);
	if (!ret && !ctx->command->no_kernel)
		ret = state_check_kernel(&ctx->err);
	if (!ret && ctx->command->changes && !ctx->command->no_pins &&
	    !ctx->dry_run)
		ret = pin_lock(&lock, &ctx->err);
	if (!ret)
		ret = ctx->command->run(ctx, argc, argv);
	if (lock >= 0)
		close(lock);
	return ret;
}

/*
 * Finds the command that the first words name and leaves @argv at the last of them;
 * @topic becomes what they say.
 */
static int parse_verb(struct ctx *ctx, int *argc, char ***argv,
		      const char **special, const char **topic)
{
	static char name[64];
	int ret;

	*topic = (*argv)[0];
	ctx->command = command_find(*topic, &ctx->err);
	if (!ctx->command)
		return -EINVAL;
	if (!strcmp(ctx->command->name, ctx->command->verb))
		return 0;
	/* Options may stand between the two words. */
	ret = parse_options(ctx, *argc, *argv, true, special);
	if (ret || *special)
		return ret;
	if (optind == *argc) {
		*argc = 1;
		return 0;
	}
	*argc -= optind;
	*argv += optind;
	snprintf(name, sizeof(name), "%s %s", ctx->command->verb, (*argv)[0]);
	*topic = name;
	ctx->command = command_find(name, &ctx->err);
	return ctx->command ? 0 : -EINVAL;
}

static int parse_and_run(struct ctx *ctx, int argc, char **argv)
{
	const char *special = NULL, *topic = NULL;
	int ret;

	ret = parse_options(ctx, argc, argv, true, &special);
	if (ret)
		return ret;
	argc -= optind;
	argv += optind;
	if (!special && !argc) {
		ret = err_set(&ctx->err, ERR_USAGE, NULL, "no command given");
		err_hint(&ctx->err, "commands: swxctl help");
		return ret;
	}
	if (!special) {
		ret = parse_verb(ctx, &argc, &argv, &special, &topic);
		if (ret)
			return ret;
	}
	if (!special) {
		ret = parse_options(ctx, argc, argv, false, &special);
		if (ret)
			return ret;
		argc -= optind;
		argv += optind;
	}
	if (!special)
		return run_command(ctx, argc, argv);

	/* "swxctl attach --help" is "swxctl help attach". */
	memset(ctx->values, 0, sizeof(ctx->values));
	ctx->dry_run = false;
	ctx->command = command_find(special, &ctx->err);
	return run_command(ctx, !strcmp(special, "help") && topic, (char **)&topic);
}

/* A bad command line may stop parsing before -j is seen. */
static bool asks_for_json(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "--pretty"))
			return true;
		if (argv[i][0] == '-' && argv[i][1] != '-' &&
		    strpbrk(argv[i], "jp") && strspn(argv[i] + 1, "jpnbqdhV") ==
		    strlen(argv[i] + 1))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct ctx ctx = { .rows = json_object_new_array() };

	ctx.out.json = asks_for_json(argc, argv);
	ctx.out.color = want_color(NULL);
	libbpf_log_debug(false);
	if (parse_and_run(&ctx, argc, argv))
		ctx_report(&ctx);
	if (ctx.failed) {
		json_object_put(ctx.rows);
		ctx.rows = json_object_new_array();
	}
	if (ctx.out.json && !ctx.streamed)
		out_json(&ctx.out, ctx.rows);
	json_object_put(ctx.rows);
	if (fflush(stdout) || ferror(stdout))
		return ctx.exit_code ?: EXIT_FAILED;
	return ctx.exit_code;
}
