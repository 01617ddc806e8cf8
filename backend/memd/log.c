// SPDX-License-Identifier: GPL-2.0
/* Messages on stderr: with a priority for the journal, with the name for people. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util.h"

#define WARNINGS_PER_SECOND 10

static const struct {
	const char *name;
	int priority;		/* of syslog */
} levels[] = {
	[MEMD_LOG_ERROR]	= { "error", 3 },
	[MEMD_LOG_WARNING]	= { "warning", 4 },
	[MEMD_LOG_INFO]		= { "info", 6 },
	[MEMD_LOG_DEBUG]	= { "debug", 7 },
};

static enum memd_log_level max_level = MEMD_LOG_INFO;
static bool to_journal;

int memd_err_set(struct memd_err *err, int ret, const char *fmt, ...)
{
	va_list ap;

	if (!err->message[0]) {
		va_start(ap, fmt);
		vsnprintf(err->message, sizeof(err->message), fmt, ap);
		va_end(ap);
	}
	return ret;
}

void memd_err_hint(struct memd_err *err, const char *fmt, ...)
{
	va_list ap;

	if (err->hint[0])
		return;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

void memd_err_log(const struct memd_err *err)
{
	memd_error("%s%s%s", err->message, err->hint[0] ? "\n" : "", err->hint);
}

int memd_log_parse(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++)
		if (!strcmp(name, levels[i].name))
			return i;
	return -EINVAL;
}

void memd_log_init(enum memd_log_level level)
{
	max_level = level;
	to_journal = getenv("JOURNAL_STREAM");
}

/* Continuation lines stand under the first word of the message. */
static void print(enum memd_log_level level, const char *text)
{
	const char *end, *indent = "swx-memd: ";

	for (; *text; text = *end ? end + 1 : end, indent = "          ") {
		end = strchrnul(text, '\n');
		if (to_journal)
			fprintf(stderr, "<%d>%.*s\n", levels[level].priority,
				(int)(end - text), text);
		else
			fprintf(stderr, "%s%.*s\n", indent, (int)(end - text), text);
	}
}

static void vlog(enum memd_log_level level, const char *fmt, va_list ap)
{
	char text[1024];

	if (level > max_level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	print(level, text);
}

void memd_log(enum memd_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(level, fmt, ap);
	va_end(ap);
}

void memd_warn_limited(const char *fmt, ...)
{
	static unsigned int said, kept_back;
	static time_t second;
	struct timespec now;
	va_list ap;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec != second) {
		if (kept_back)
			memd_warn("%u more messages like the last ones", kept_back);
		second = now.tv_sec;
		said = 0;
		kept_back = 0;
	}
	if (said >= WARNINGS_PER_SECOND) {
		kept_back++;
		return;
	}
	said++;
	va_start(ap, fmt);
	vlog(MEMD_LOG_WARNING, fmt, ap);
	va_end(ap);
}
