// SPDX-License-Identifier: GPL-2.0
/* Tables and JSON on stdout. The table may change; the JSON keys are a promise. */
#include "out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "latency.h"
#include "suggest.h"
#include "util.h"

#define CELL_LEN	320
#define MAX_COLUMNS	32
#define MAX_NAMED	16

struct json_object *out_get(struct json_object *row, const char *key)
{
	char part[64];
	const char *dot;

	for (; row && key; key = *dot ? dot + 1 : NULL) {
		dot = strchrnul(key, '.');
		snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
		if (!json_object_object_get_ex(row, part, &row))
			return NULL;
	}
	return row;
}

const char *out_get_string(struct json_object *row, const char *key)
{
	struct json_object *value = out_get(row, key);

	return value ? json_object_get_string(value) : NULL;
}

static void format_count(double n, char *cell)
{
	static const char units[] = " KMGTPE";
	const char *unit = units;

	while (n >= 1000 && unit[1]) {
		n /= 1000;
		unit++;
	}
	if (unit == units)
		snprintf(cell, CELL_LEN, "%.0f", n);
	else
		snprintf(cell, CELL_LEN, "%.1f%c", n, *unit);
}

void out_bytes(const struct out *out, double n, char *text, size_t size)
{
	static const char units[] = " KMGTPE";
	const char *unit = units;

	while (!out->bytes && n >= 1024 && unit[1]) {
		n /= 1024;
		unit++;
	}
	if (unit == units)
		snprintf(text, size, "%.0f", n);
	else
		snprintf(text, size, "%.1f%c", n, *unit);
}

void out_below_ns(unsigned long long ns, char *text, size_t size)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double n = ns;
	size_t unit;

	/* Of the bucket without a bound it is known where it begins. */
	if (ns == LATENCY_LAST_NS)
		n /= 2;
	for (unit = 0; n >= 1000 && unit < ARRAY_SIZE(units) - 1; unit++)
		n /= 1000;
	snprintf(text, size, "%c%.*f%s", ns == LATENCY_LAST_NS ? '>' : '<', unit && n < 10, n,
		 units[unit]);
}

struct named_size {
	const char	*name;
	double		bytes;
};

static int compare_sizes(const void *a, const void *b)
{
	const struct named_size *x = a, *y = b;

	return x->bytes > y->bytes ? -1 : x->bytes < y->bytes;
}

/* {"NAME": BYTES}: what is not 0, the largest first. */
static void format_named_sizes(const struct out *out, struct json_object *sizes,
			       char *cell)
{
	struct named_size list[MAX_NAMED];
	size_t i, nr = 0, len = 0;
	char bytes[32];

	json_object_object_foreach(sizes, name, value) {
		double n = json_object_get_double(value);

		if (n > 0 && nr < MAX_NAMED)
			list[nr++] = (struct named_size) { name, n };
	}
	qsort(list, nr, sizeof(*list), compare_sizes);
	strcpy(cell, "-");
	for (i = 0; i < nr && len < CELL_LEN; i++) {
		out_bytes(out, list[i].bytes, bytes, sizeof(bytes));
		len += snprintf(cell + len, CELL_LEN - len, "%s%s %s",
				i ? ", " : "", list[i].name, bytes);
	}
}

static void format_duration(double ns, char *cell)
{
	unsigned long s = ns / 1e9;

	if (s >= 86400)
		snprintf(cell, CELL_LEN, "%lud%luh", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(cell, CELL_LEN, "%luh%lum", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(cell, CELL_LEN, "%lum%lus", s / 60, s % 60);
	else
		snprintf(cell, CELL_LEN, "%lus", s);
}

static void format_list(struct json_object *list, char *cell)
{
	size_t i, len = 0;

	cell[0] = '\0';
	for (i = 0; i < json_object_array_length(list) && len < CELL_LEN; i++)
		len += snprintf(cell + len, CELL_LEN - len, "%s%s", i ? " " : "",
			json_object_get_string(json_object_array_get_idx(list, i)));
}

static void format_cell(const struct out *out, const struct column *col,
			struct json_object *value, char *cell)
{
	enum column_format format = col->format;

	if (!value) {
		strcpy(cell, format == FMT_LIMIT ? "max" : "-");
		return;
	}
	if (out->bytes && format != FMT_SIZES)
		format = FMT_TEXT;
	switch (format) {
	case FMT_SIZES:
		format_named_sizes(out, value, cell);
		return;
	case FMT_SIZE:
	case FMT_LIMIT:
		out_bytes(out, json_object_get_double(value), cell, CELL_LEN);
		return;
	case FMT_COUNT:
		format_count(json_object_get_double(value), cell);
		return;
	case FMT_DURATION_NS:
		format_duration(json_object_get_double(value), cell);
		return;
	case FMT_BELOW_NS:
		out_below_ns(json_object_get_uint64(value), cell, CELL_LEN);
		return;
	case FMT_PERCENT:
		snprintf(cell, CELL_LEN, "%.1f", json_object_get_double(value));
		return;
	case FMT_TEXT:
		break;
	}
	if (json_object_is_type(value, json_type_array))
		format_list(value, cell);
	else if (json_object_is_type(value, json_type_boolean))
		strcpy(cell, json_object_get_boolean(value) ? "yes" : "no");
	else
		snprintf(cell, CELL_LEN, "%s", json_object_get_string(value));
}

static const struct column *find_column(const struct column *cols, size_t nr,
					const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strlen(cols[i].title) == len &&
		    !strncasecmp(cols[i].title, name, len))
			return &cols[i];
	return NULL;
}

static bool is_empty(const struct out *out, const struct column *col,
		     struct json_object *rows)
{
	size_t nr = rows ? json_object_array_length(rows) : 0, i;
	char cell[CELL_LEN];

	for (i = 0; i < nr; i++) {
		format_cell(out, col,
			    out_get(json_object_array_get_idx(rows, i), col->key), cell);
		if (strcmp(cell, "-"))
			return false;
	}
	return true;
}

/* Fills @chosen; returns how many, or 0 with @bad set to an unknown name. */
static size_t choose_columns(const struct out *out, const struct column *cols,
			     size_t nr, struct json_object *rows,
			     const struct column **chosen, const char **bad)
{
	const char *p, *end;
	size_t i, n = 0;

	if (!out->columns) {
		for (i = 0; i < nr; i++)
			if (!cols[i].hidden ||
			    (cols[i].hidden == HIDDEN_IF_EMPTY &&
			     !is_empty(out, &cols[i], rows)))
				chosen[n++] = &cols[i];
		return n;
	}
	for (p = out->columns; *p && n < MAX_COLUMNS; p = *end ? end + 1 : end) {
		end = strchrnul(p, ',');
		chosen[n] = find_column(cols, nr, p, end - p);
		if (!chosen[n++]) {
			*bad = p;
			return 0;
		}
	}
	return n;
}

int out_check_columns(const struct out *out, const struct column *cols,
		      size_t nr, struct err *err)
{
	const struct column *chosen[MAX_COLUMNS];
	const char *bad = "";
	char names[512] = "";
	size_t i, len = 0;
	int ret;

	if (choose_columns(out, cols, nr, NULL, chosen, &bad))
		return 0;
	ret = err_set(err, ERR_USAGE, "-o", "there is no column '%.*s'",
		      (int)strcspn(bad, ","), bad);
	for (i = 0; i < nr && len < sizeof(names); i++)
		len += snprintf(names + len, sizeof(names) - len, "%s%s",
				i ? "," : "", cols[i].title);
	err_hint(err, "columns: %s", names);
	return ret;
}

static bool is_right_aligned(const struct column *col)
{
	return col->format != FMT_TEXT && col->format != FMT_SIZES;
}

static void print_row(const struct out *out, const struct column **cols,
		      char (*cells)[CELL_LEN], const size_t *widths, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		bool red = out->color && !strcmp(cells[i], "stopped");

		if (i)
			fputs("  ", stdout);
		if (red)
			fputs(COLOR_RED, stdout);
		if (is_right_aligned(cols[i]))
			printf("%*s", (int)widths[i], cells[i]);
		else if (i + 1 < nr)
			printf("%-*s", (int)widths[i], cells[i]);
		else
			fputs(cells[i], stdout);
		if (red)
			fputs(COLOR_OFF, stdout);
	}
	putchar('\n');
}

static void print_headings(const struct out *out, const struct column **cols,
			   const size_t *widths, size_t nr)
{
	char cells[MAX_COLUMNS][CELL_LEN];
	size_t i;

	for (i = 0; i < nr; i++)
		snprintf(cells[i], CELL_LEN, "%s", cols[i]->title);
	if (out->color)
		fputs(COLOR_BOLD, stdout);
	print_row(out, cols, cells, widths, nr);
	if (out->color)
		fputs(COLOR_OFF, stdout);
}

/* What the table has no column for: a sentence below the row it is about. */
static void print_note(const struct out *out, struct json_object *row)
{
	const char *note = out_get_string(row, "note");

	if (note && !out->columns)
		printf("  %s\n", note);
}

static void fill_cells(const struct out *out, const struct column **cols,
		       size_t nr, struct json_object *row, char (*cells)[CELL_LEN])
{
	size_t i;

	for (i = 0; i < nr; i++)
		format_cell(out, cols[i], out_get(row, cols[i]->key), cells[i]);
}

void out_table(const struct out *out, struct json_object *rows,
	       const struct column *cols, size_t nr)
{
	size_t nr_rows = json_object_array_length(rows), n, i, r;
	const struct column *chosen[MAX_COLUMNS];
	char cells[MAX_COLUMNS][CELL_LEN];
	size_t widths[MAX_COLUMNS], len;
	struct json_object *row;
	const char *bad;

	n = choose_columns(out, cols, nr, rows, chosen, &bad);
	for (i = 0; i < n; i++)
		widths[i] = out->no_headings ? 0 : strlen(chosen[i]->title);
	for (r = 0; r < nr_rows; r++) {
		fill_cells(out, chosen, n, json_object_array_get_idx(rows, r), cells);
		for (i = 0; i < n; i++) {
			len = strlen(cells[i]);
			widths[i] = len > widths[i] ? len : widths[i];
		}
	}
	if (!out->no_headings)
		print_headings(out, chosen, widths, n);
	for (r = 0; r < nr_rows; r++) {
		row = json_object_array_get_idx(rows, r);
		fill_cells(out, chosen, n, row, cells);
		print_row(out, chosen, cells, widths, n);
		print_note(out, row);
	}
}

void out_json(const struct out *out, struct json_object *rows)
{
	int flags = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;

	if (out->pretty)
		flags |= JSON_C_TO_STRING_PRETTY;
	puts(json_object_to_json_string_ext(rows, flags));
}

void row_string(struct json_object *row, const char *key, const char *s)
{
	json_object_object_add(row, key, s ? json_object_new_string(s) : NULL);
}

void row_number(struct json_object *row, const char *key, long long n)
{
	json_object_object_add(row, key, json_object_new_int64(n));
}

void row_bool(struct json_object *row, const char *key, bool b)
{
	json_object_object_add(row, key, json_object_new_boolean(b));
}

void row_percent(struct json_object *row, const char *key, double percent)
{
	char text[32];

	snprintf(text, sizeof(text), "%.1f", percent);
	json_object_object_add(row, key, json_object_new_double_s(percent, text));
}
