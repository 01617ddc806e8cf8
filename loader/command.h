/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A verb of swxctl. Each is one file, cmd_NAME.c, which ends in
 *
 *	COMMAND(name, .group = GROUP_LOOK, .args = "[CGROUP]",
 *		.summary = "one line", .help = "...", .run = run);
 *
 * The macro leaves the record in a section of the binary; main.c, "help", the
 * completion and the check of the manual find all of them there. A verb of two
 * words, "backend drain", is SUBCOMMAND(backend, drain, ...) in cmd_backend_drain.c.
 */
#ifndef __SWXCTL_COMMAND_H
#define __SWXCTL_COMMAND_H

#include <json-c/json.h>
#include <stdbool.h>

#include "err.h"
#include "out.h"

enum command_group {
	GROUP_POLICIES,
	GROUP_ATTACH,
	GROUP_LOOK,
	GROUP_BACKENDS,
	GROUP_SYSTEM,
	NR_GROUPS,
};

struct option_def {
	const char	*name;		/* long form; NULL ends the list */
	char		letter;		/* short form or 0 */
	const char	*metavar;	/* NULL: takes no argument */
	const char	*help;
};

struct ctx;

struct command {
	const char		*verb;		/* first word of the name */
	const char		*name;
	enum command_group	group;
	const char		*args;
	const char		*summary;
	const char		*help;		/* paragraphs, then examples */
	const struct option_def	*options;	/* of this verb alone */
	int			min_args;
	int			max_args;	/* -1: any number */
	bool			is_default;	/* what the first word alone means */
	bool			changes;	/* takes --dry-run and the lock */
	bool			no_pins;	/* changes none: takes no lock */
	bool			no_kernel;	/* works without swap_ext */
	int			(*run)(struct ctx *ctx, int argc, char **argv);
};

#define MAX_OPTIONS 32

struct ctx {
	const struct command	*command;
	struct out		out;
	bool			debug;
	bool			dry_run;
	struct json_object	*rows;		/* what -j prints */
	struct err		err;
	bool			streamed;	/* the verb printed its rows itself */
	bool			failed;		/* an error was reported */
	int			exit_code;
	const char		*values[MAX_OPTIONS];	/* of command->options */
};

#define COMMAND_RECORD(id, ...)						\
	static const struct command command_##id = { __VA_ARGS__ };	\
	static const struct command *const command_ptr_##id		\
	__attribute__((used, section("swxctl_commands"))) = &command_##id
#define COMMAND(id, ...)						\
	COMMAND_RECORD(id, .verb = #id, .name = #id, __VA_ARGS__)
#define SUBCOMMAND(first, second, ...)					\
	COMMAND_RECORD(first##_##second, .verb = #first,		\
		       .name = #first " " #second, __VA_ARGS__)

extern const struct command *const __start_swxctl_commands[];
extern const struct command *const __stop_swxctl_commands[];

#define for_each_command(c)						\
	for (c = __start_swxctl_commands; c < __stop_swxctl_commands; c++)

extern const char *const command_groups[NR_GROUPS];
extern const struct option_def common_options[];

/* By the whole name, or by the first word of one with two: its default then. */
const struct command *command_find(const char *name, struct err *err);
/* Value of a verb's own option: "" if it takes none, NULL if it was not given. */
const char *ctx_option(const struct ctx *ctx, const char *name);
/* Talk for people: stdout, silent with -j and -q. */
__attribute__((format(printf, 2, 3)))
void ctx_say(const struct ctx *ctx, const char *fmt, ...);
/* Prints an error now and goes on; the exit code remembers it. */
void ctx_report(struct ctx *ctx);
/* Prints it, but what the verb was asked for succeeds all the same. */
void ctx_warn(struct ctx *ctx);
/* A new row of the result. */
struct json_object *ctx_row(struct ctx *ctx);

#endif /* __SWXCTL_COMMAND_H */
