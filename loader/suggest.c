// SPDX-License-Identifier: GPL-2.0
/*
 * Edit distance with adjacent swaps, because those are what fingers do. Used for
 * verbs, policies and parameters; all are short, so the quadratic table is small.
 */
#include "suggest.h"

#include <string.h>

#define NAME_MAX_LEN 32

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t la = strnlen(a, NAME_MAX_LEN), lb = strnlen(b, NAME_MAX_LEN);
	size_t d[NAME_MAX_LEN + 1][NAME_MAX_LEN + 1], i, j;

	for (i = 0; i <= la; i++)
		d[i][0] = i;
	for (j = 0; j <= lb; j++)
		d[0][j] = j;
	for (i = 1; i <= la; i++) {
		for (j = 1; j <= lb; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
}

void suggest_consider(struct suggestion *s, const char *name)
{
	size_t len = strlen(s->wrong), distance;

	/* A third of the letters may be wrong; one typed prefix always counts. */
	distance = edit_distance(s->wrong, name);
	if (len >= 3 && !strncmp(s->wrong, name, len))
		distance = 1;
	if (distance > (len < 6 ? 2 : 1 + len / 3) || distance >= len)
		return;
	if (!s->best || distance < s->distance) {
		s->best = name;
		s->distance = distance;
	}
}
