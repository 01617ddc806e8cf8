// SPDX-License-Identifier: GPL-2.0
/*
 * A verifier log walks the program and stops where it gives up:
 *
 *	; return *(u32 *)p; @ leap.bpf.c:88
 *	12: (61) r0 = *(u32 *)(r2 +0)
 *	R2 invalid mem access 'scalar'
 *	processed 14 insns (limit 1000000) ...
 *
 * so the last source annotation and the last line that is neither an
 * instruction nor a statistic say it all. Called by policy.c.
 */
#include "verifier.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_statistic(const char *line)
{
	static const char *const prefixes[] = {
		"processed ", "verification time ", "stack depth ",
		"max_states_per_insn ", "-- END PROG",
	};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(line, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* "12: (61) r0 = ..." or "12: R0=..." or "from 3 to 7: ..." */
static bool is_trace(const char *line)
{
	const char *p = line;

	if (!strncmp(line, "from ", 5))
		return true;
	while (isdigit((unsigned char)*p))
		p++;
	return p > line && *p == ':';
}

/* "; text @ file:line" */
static bool parse_source(const char *line, struct verifier_note *note)
{
	const char *at = NULL, *colon, *p;

	if (strncmp(line, "; ", 2))
		return false;
	for (p = line; (p = strstr(p, " @ ")); p += 3)
		at = p;
	colon = at ? strrchr(at, ':') : NULL;
	if (!colon || !isdigit((unsigned char)colon[1]))
		return false;
	snprintf(note->file, sizeof(note->file), "%.*s",
		 (int)(colon - at - 3), at + 3);
	snprintf(note->source, sizeof(note->source), "%.*s",
		 (int)(at - line - 2), line + 2);
	note->line = atoi(colon + 1);
	return true;
}

bool verifier_explain(const char *log, struct verifier_note *note)
{
	char line[1024];
	const char *end;

	memset(note, 0, sizeof(*note));
	for (; *log; log = *end ? end + 1 : end) {
		end = strchrnul(log, '\n');
		snprintf(line, sizeof(line), "%.*s", (int)(end - log), log);
		if (!line[0] || parse_source(line, note) || line[0] == ';' ||
		    is_statistic(line) || is_trace(line))
			continue;
		snprintf(note->reason, sizeof(note->reason), "%s", line);
	}
	return note->reason[0] || note->line;
}
