// SPDX-License-Identifier: GPL-2.0
/* Catches libbpf's messages; with -d they also go to stderr as they come. */
#include "libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool debug;
static __thread struct libbpf_log *current_log;

static void keep_first(struct libbpf_log *log, const char *fmt, va_list ap)
{
	char line[sizeof(log->first)], *text = line;

	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(text, "libbpf: ", 8))
		text += 8;
	memcpy(log->first, text, strlen(text) + 1);
}

__attribute__((format(printf, 2, 0)))
static int print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	va_list copy;

	if (level == LIBBPF_WARN && current_log && !current_log->first[0]) {
		va_copy(copy, ap);
		keep_first(current_log, fmt, copy);
		va_end(copy);
	}
	return debug ? vfprintf(stderr, fmt, ap) : 0;
}

void libbpf_log_debug(bool on)
{
	debug = on;
	libbpf_set_print(print);
}

void libbpf_log_to(struct libbpf_log *log)
{
	if (log)
		log->first[0] = '\0';
	current_log = log;
	libbpf_set_print(print);
}
