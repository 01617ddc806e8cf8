// SPDX-License-Identifier: GPL-2.0
/*
 * Declarations of a policy, read from BTF tags. Needs no kernel and keeps no
 * state: the host tests of the policies use it as swxctl does.
 */
#include "schema.h"

#include <ctype.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#define BUF_NUMBER 24

/* Text behind "@tag:" or at the end of a bare "@tag"; NULL if another tag. */
static const char *tag_text(const char *string, const char *tag)
{
	size_t len = strlen(tag);

	if (strncmp(string, tag, len))
		return NULL;
	if (string[len] == ':')
		return string + len + 1;
	return string[len] ? NULL : string + len;
}

static const char *find_tag(const struct btf *btf, __u32 target, int component,
			    const char *tag)
{
	const struct btf_type *t;
	const char *text;
	__u32 id;

	for (id = 1; id < btf__type_cnt(btf); id++) {
		t = btf__type_by_id(btf, id);
		if (!btf_is_decl_tag(t) || t->type != target ||
		    btf_decl_tag(t)->component_idx != component)
			continue;
		text = tag_text(btf__name_by_offset(btf, t->name_off), tag);
		if (text)
			return text;
	}
	return NULL;
}

const char *schema_var_tag(const struct btf *btf, const char *var,
			   const char *tag)
{
	int id = btf__find_by_name_kind(btf, var, BTF_KIND_VAR);

	return id > 0 ? find_tag(btf, id, -1, tag) : NULL;
}

static const struct btf_type *skip_modifiers(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* The outermost name, so that "u32" is not shown as "unsigned int". */
static const char *type_name(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && !t->name_off && btf_is_mod(t))
		t = btf__type_by_id(btf, t->type);
	return t ? btf__name_by_offset(btf, t->name_off) : "";
}

/* Decimal or, with 0x, hexadecimal; a leading zero is no octal to most people. */
static bool parse_integer(const char **text, bool is_signed, __u64 *value)
{
	const char *p = *text, *digits;
	char *end;
	int base;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == '-' && !is_signed)
		return false;
	digits = p + (*p == '-' || *p == '+');
	base = digits[0] == '0' && (digits[1] | 0x20) == 'x' ? 16 : 10;
	errno = 0;
	*value = is_signed ? (__u64)strtoll(p, &end, base) : strtoull(p, &end, base);
	if (end == p || errno)
		return false;
	*text = end;
	return true;
}

/*
 * A default or bound as the preprocessor left it: an integer with C suffixes
 * and parentheses, products and shifts of such, true or false.
 */
static bool parse_constant(const char *text, size_t len, bool is_signed,
			   __u64 *value)
{
	char buf[96], *w = buf;
	const char *p = buf;
	__u64 rhs;
	size_t i;

	for (i = 0; i < len && w < buf + sizeof(buf) - 1; i++)
		if (!strchr("() uUlL", text[i]))
			*w++ = text[i];
	*w = '\0';
	if (!strcmp(buf, "true") || !strcmp(buf, "false")) {
		*value = *buf == 't';
		return true;
	}
	if (!parse_integer(&p, is_signed, value))
		return false;
	while (*p) {
		bool shift = p[0] == '<' && p[1] == '<';

		if (!shift && *p != '*')
			return false;
		p += shift ? 2 : 1;
		if (!parse_integer(&p, is_signed, &rhs))
			return false;
		*value = shift ? *value << (rhs & 63) : *value * rhs;
	}
	return true;
}

static bool less(const struct field *field, __u64 a, __u64 b)
{
	return field->is_signed ? (__s64)a < (__s64)b : a < b;
}

/* "DEFAULT:MIN:MAX:HELP" */
static int parse_limits(struct field *field, const char *owner,
			const char *text, struct err *err)
{
	__u64 *const limits[] = { &field->def, &field->min, &field->max };
	const char *p = text, *colon;
	size_t i;

	for (i = 0; i < 3; i++, p = colon + 1) {
		colon = strchr(p, ':');
		if (!colon || !parse_constant(p, colon - p, field->is_signed,
					      limits[i]))
			goto err_bad;
	}
	if (less(field, field->def, field->min) ||
	    less(field, field->max, field->def))
		goto err_bad;
	field->help = strdup(p);
	return field->help ? 0 : err_no_memory(err);

err_bad:
	return err_set(err, ERR_BAD_POLICY, field->name,
		       "%s: %s is declared as '%s', not as DEFAULT:MIN:MAX:HELP with MIN <= DEFAULT <= MAX",
		       owner, field->name, text);
}

static int init_field(struct field *field, const struct btf *btf,
		      const char *name, __u32 type_id, __u32 offset,
		      const char *tag, const char *owner, const char *text,
		      struct err *err)
{
	const struct btf_type *t = skip_modifiers(btf, type_id);
	int encoding;

	field->name = strdup(name);
	field->type = strdup(type_name(btf, type_id));
	if (!field->name || !field->type)
		return err_no_memory(err);
	if (!t || !btf_is_int(t) || t->size > 8)
		return err_set(err, ERR_BAD_POLICY, name,
			       "%s: %s has type %s: only integers and bool can be declared",
			       owner, name, field->type);
	encoding = btf_int_encoding(t);
	field->offset = offset;
	field->size = t->size;
	field->is_signed = encoding & BTF_INT_SIGNED;
	field->is_bool = encoding & BTF_INT_BOOL;
	if (strcmp(tag, "swap_stat"))
		return parse_limits(field, owner, text, err);
	field->help = strdup(text);
	return field->help ? 0 : err_no_memory(err);
}

static int add_field(struct fields *out, const struct btf *btf,
		     const char *name, __u32 type_id, __u32 offset,
		     const char *tag, const char *owner, const char *text,
		     struct err *err)
{
	struct field *v;

	v = realloc(out->v, (out->nr + 1) * sizeof(*v));
	if (!v)
		return err_no_memory(err);
	out->v = v;
	memset(&v[out->nr], 0, sizeof(*v));
	return init_field(&v[out->nr++], btf, name, type_id, offset, tag, owner,
			  text, err);
}

int schema_read_struct(const struct btf *btf, __u32 type_id, const char *tag,
		       const char *owner, struct fields *out, struct err *err)
{
	const struct btf_type *t = skip_modifiers(btf, type_id);
	const struct btf_member *m;
	const char *text;
	int i, ret;

	memset(out, 0, sizeof(*out));
	if (!t || !btf_is_struct(t))
		return 0;
	/* Tags sit on the struct itself, below typedefs and qualifiers. */
	while (btf__type_by_id(btf, type_id) != t)
		type_id = btf__type_by_id(btf, type_id)->type;
	out->size = t->size;
	m = btf_members(t);
	for (i = 0; i < btf_vlen(t); i++) {
		text = find_tag(btf, type_id, i, tag);
		if (!text)
			continue;
		ret = add_field(out, btf, btf__name_by_offset(btf, m[i].name_off),
				m[i].type, btf_member_bit_offset(t, i) / 8,
				tag, owner, text, err);
		if (ret) {
			fields_free(out);
			return ret;
		}
	}
	return 0;
}

int schema_read_section(const struct btf *btf, const char *section,
			const char *tag, const char *owner, struct fields *out,
			struct err *err)
{
	const struct btf_var_secinfo *info;
	const struct btf_type *sec, *var;
	const char *text;
	int i, id, ret;

	memset(out, 0, sizeof(*out));
	id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	if (id < 0)
		return 0;
	sec = btf__type_by_id(btf, id);
	out->size = sec->size;
	info = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++) {
		text = find_tag(btf, info[i].type, -1, tag);
		if (!text)
			continue;
		var = btf__type_by_id(btf, info[i].type);
		ret = add_field(out, btf, btf__name_by_offset(btf, var->name_off),
				var->type, info[i].offset, tag, owner, text,
				err);
		if (ret) {
			fields_free(out);
			return ret;
		}
	}
	return 0;
}

void fields_free(struct fields *fields)
{
	size_t i;

	for (i = 0; i < fields->nr; i++) {
		free(fields->v[i].name);
		free(fields->v[i].type);
		free(fields->v[i].help);
	}
	free(fields->v);
	memset(fields, 0, sizeof(*fields));
}

const struct field *fields_find(const struct fields *fields, const char *name)
{
	size_t i;

	for (i = 0; i < fields->nr; i++)
		if (!strcmp(fields->v[i].name, name))
			return &fields->v[i];
	return NULL;
}

void fields_suggest(const struct fields *fields, struct suggestion *s)
{
	size_t i;

	for (i = 0; i < fields->nr; i++)
		suggest_consider(s, fields->v[i].name);
}

static bool parse_bool(const char *text, __u64 *value)
{
	static const char *const on[] = { "1", "true", "yes", "on" };
	static const char *const off[] = { "0", "false", "no", "off" };
	size_t i;

	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		*value = !strcmp(text, on[i]);
		if (*value || !strcmp(text, off[i]))
			return true;
	}
	return false;
}

static bool parse_value(const struct field *field, const char *text,
			__u64 *value)
{
	if (field->is_bool && parse_bool(text, value))
		return true;
	return parse_integer(&text, field->is_signed, value) && !*text;
}

bool field_in_range(const struct field *field, __u64 value)
{
	return !less(field, value, field->min) && !less(field, field->max, value);
}

int field_parse(const struct field *field, const char *owner, const char *text,
		__u64 *value, struct err *err)
{
	char min[BUF_NUMBER], max[BUF_NUMBER];
	int ret;

	if (parse_value(field, text, value) && field_in_range(field, *value))
		return 0;
	field_format(field, field->min, min, sizeof(min));
	field_format(field, field->max, max, sizeof(max));
	ret = err_set(err, ERR_BAD_VALUE, field->name,
		      "%s: '%s' is not a value for %s (%s)", owner, text,
		      field->name, field->type);
	err_hint(err, "it takes %s to %s: %s", min, max, field->help);
	return ret;
}

void fields_set_defaults(const struct fields *fields, void *data)
{
	size_t i;

	for (i = 0; i < fields->nr; i++)
		field_set(&fields->v[i], data, fields->v[i].def);
}

__u64 field_get(const struct field *field, const void *data)
{
	unsigned int shift = 64 - 8 * field->size;
	__u64 value = 0;

	memcpy((char *)&value + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ?
				 8 - field->size : 0),
	       (const char *)data + field->offset, field->size);
	if (!field->is_signed)
		return value;
	return (__u64)((__s64)(value << shift) >> shift);
}

void field_set(const struct field *field, void *data, __u64 value)
{
	memcpy((char *)data + field->offset,
	       (char *)&value + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ?
				 8 - field->size : 0),
	       field->size);
}

void field_format(const struct field *field, __u64 value, char *buf, size_t size)
{
	if (field->is_signed)
		snprintf(buf, size, "%lld", (long long)value);
	else
		snprintf(buf, size, "%llu", (unsigned long long)value);
}

static struct json_object *field_json(const struct field *field, const void *data)
{
	__u64 value = field_get(field, data);

	if (field->is_bool)
		return json_object_new_boolean(value);
	return field->is_signed ? json_object_new_int64(value) :
				  json_object_new_uint64(value);
}

struct json_object *fields_json(const struct fields *fields, const void *data)
{
	struct json_object *row = json_object_new_object();
	size_t i;

	for (i = 0; i < fields->nr; i++)
		json_object_object_add(row, fields->v[i].name,
				       field_json(&fields->v[i], data));
	return row;
}
