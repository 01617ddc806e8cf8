/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One set of rows, printed as JSON or as a table: a verb fills JSON objects and
 * says which of their keys make columns, so the two forms cannot drift apart.
 */
#ifndef __SWXCTL_OUT_H
#define __SWXCTL_OUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct out {
	bool		json;
	bool		pretty;
	bool		no_headings;
	bool		bytes;		/* numbers as they are: no K, M, 2h4m */
	bool		quiet;
	bool		color;
	const char	*columns;	/* -o: names separated by commas */
};

enum column_format {
	FMT_TEXT,		/* strings and numbers as they are; lists joined */
	FMT_COUNT,		/* 12.4K */
	FMT_SIZE,		/* bytes: 2.1G, of 1024 each */
	FMT_LIMIT,		/* the same; null is "max" */
	FMT_SIZES,		/* an object of bytes by name: "rdma 2.1G" */
	FMT_PERCENT,
	FMT_DURATION_NS,	/* 2h4m */
	FMT_BELOW_NS,		/* of latency.h: <8.2us */
};

/* Shown only with -o, or as long as no row has anything there. */
enum column_hidden {
	HIDDEN_NO	= false,
	HIDDEN_YES	= true,
	HIDDEN_IF_EMPTY,
};

struct column {
	const char		*title;
	const char		*key;		/* "stats.faults" goes down one level */
	enum column_format	format;
	enum column_hidden	hidden;
};

int out_check_columns(const struct out *out, const struct column *cols,
		      size_t nr, struct err *err);
void out_table(const struct out *out, struct json_object *rows,
	       const struct column *cols, size_t nr);
void out_json(const struct out *out, struct json_object *rows);
/* Of an object, going down at dots; NULL for null and for no such key. */
struct json_object *out_get(struct json_object *row, const char *key);
const char *out_get_string(struct json_object *row, const char *key);

/* Convenience for verbs. @s may be NULL. */
void row_string(struct json_object *row, const char *key, const char *s);
void row_number(struct json_object *row, const char *key, long long n);
void row_bool(struct json_object *row, const char *key, bool b);
/* With one decimal. */
void row_percent(struct json_object *row, const char *key, double percent);

/* Bytes as a table has them, for a sentence. */
void out_bytes(const struct out *out, double bytes, char *text, size_t size);
/* A bound of latency.h: "<8.2us" */
void out_below_ns(unsigned long long ns, char *text, size_t size);

#define COLOR_RED	"\033[31m"
#define COLOR_BOLD	"\033[1m"
#define COLOR_OFF	"\033[0m"

#endif /* __SWXCTL_OUT_H */
