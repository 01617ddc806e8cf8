// SPDX-License-Identifier: GPL-2.0
/* Errors as data: filled where they happen, printed once by main.c. */
#include "err.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *code;
	int exit_code;
	int errnum;
} err_kinds[] = {
#define X(kind, name, exit, errnum) [kind] = { name, exit, errnum },
	ERR_KINDS(X)
#undef X
};

static char *format(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? NULL : s;
}

int err_set(struct err *err, enum err_kind kind, const char *object,
	    const char *fmt, ...)
{
	va_list ap;

	if (err->kind == ERR_NONE) {
		err->kind = kind;
		err->object = object ? strdup(object) : NULL;
		va_start(ap, fmt);
		err->message = format(fmt, ap);
		va_end(ap);
	}
	return -err_kinds[kind].errnum;
}

void err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (err->hint)
		return;
	va_start(ap, fmt);
	err->hint = format(fmt, ap);
	va_end(ap);
}

void err_detail(struct err *err, const char *text)
{
	if (!err->detail && text)
		err->detail = strdup(text);
}

int err_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, NULL, "out of memory");
}

void err_clear(struct err *err)
{
	free(err->object);
	free(err->message);
	free(err->hint);
	free(err->detail);
	memset(err, 0, sizeof(*err));
}

int err_exit_code(const struct err *err)
{
	return err_kinds[err->kind].exit_code;
}

const char *err_code(const struct err *err)
{
	return err_kinds[err->kind].code;
}

static void add_string(struct json_object *row, const char *key, const char *s)
{
	json_object_object_add(row, key, s ? json_object_new_string(s) : NULL);
}

static void print_json(const struct err *err, FILE *f)
{
	struct json_object *row = json_object_new_object();

	add_string(row, "code", err_code(err));
	add_string(row, "message", err->message);
	add_string(row, "object", err->object);
	add_string(row, "hint", err->hint);
	fprintf(f, "%s\n",
		json_object_to_json_string_ext(row, JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(row);
}

/* Continuation lines stand under the first word of the message. */
static void print_indented(const char *prefix, const char *text, FILE *f)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end, prefix = "        ") {
		end = strchrnul(text, '\n');
		fprintf(f, "%s%.*s\n", prefix, (int)(end - text), text);
	}
}

void err_print(const struct err *err, bool json, bool debug, FILE *f)
{
	if (debug && err->detail)
		fprintf(f, "%s\n", err->detail);
	if (json) {
		print_json(err, f);
		return;
	}
	print_indented("swxctl: ", err->message ?: "out of memory", f);
	if (err->hint)
		print_indented("        ", err->hint, f);
}
