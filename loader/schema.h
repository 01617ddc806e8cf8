/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a policy declares about its parameters and counters, read from BTF.
 *
 * bpf/include/swap_ext/policy.bpf.h writes each declaration as a BTF tag:
 *	struct member	"swap_param:DEFAULT:MIN:MAX:HELP", "swap_stat:HELP"
 *	variable	"swap_const:DEFAULT:MIN:MAX:HELP", "swap_policy:SUMMARY",
 *			"swap_state", "swap_shared"
 * The tags are in an object file and in the kernel's copy of its BTF alike.
 */
#ifndef __SWXCTL_SCHEMA_H
#define __SWXCTL_SCHEMA_H

#include <bpf/btf.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "suggest.h"

struct field {
	char	*name;
	char	*type;		/* as the policy spells it: u32 */
	char	*help;
	__u32	offset;		/* into the map value or data section */
	__u32	size;		/* 1, 2, 4 or 8 bytes */
	bool	is_signed;
	bool	is_bool;
	__u64	def, min, max;	/* sign extended where is_signed */
};

struct fields {
	struct field	*v;
	size_t		nr;
	__u32		size;	/* of the whole value */
};

/*
 * @tag: "swap_param" or "swap_stat". A type without tagged members is empty.
 * @owner: the policy or file that an error names.
 */
int schema_read_struct(const struct btf *btf, __u32 type_id, const char *tag,
		       const char *owner, struct fields *out, struct err *err);
/* Tagged variables of a data section such as ".rodata"; none is no error. */
int schema_read_section(const struct btf *btf, const char *section,
			const char *tag, const char *owner, struct fields *out,
			struct err *err);
/* The text behind "@tag:" on a variable, "" for a bare tag, NULL if absent. */
const char *schema_var_tag(const struct btf *btf, const char *var,
			   const char *tag);
void fields_free(struct fields *fields);

const struct field *fields_find(const struct fields *fields, const char *name);
void fields_suggest(const struct fields *fields, struct suggestion *s);
void fields_set_defaults(const struct fields *fields, void *data);

/* Checked against type and range; @owner is the policy the message names. */
int field_parse(const struct field *field, const char *owner, const char *text,
		__u64 *value, struct err *err);
bool field_in_range(const struct field *field, __u64 value);
__u64 field_get(const struct field *field, const void *data);
void field_set(const struct field *field, void *data, __u64 value);
void field_format(const struct field *field, __u64 value, char *buf, size_t size);
/* {"max_window": 8} */
struct json_object *fields_json(const struct fields *fields, const void *data);

#endif /* __SWXCTL_SCHEMA_H */
