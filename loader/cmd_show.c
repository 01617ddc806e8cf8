// SPDX-License-Identifier: GPL-2.0
/* swxctl show: what a policy file declares about itself; loads nothing. */
#include <string.h>

#include "command.h"
#include "policy.h"
#include "source.h"
#include "util.h"

static struct json_object *bound(const struct field *f, __u64 value)
{
	return f->is_signed ? json_object_new_int64(value) :
			      json_object_new_uint64(value);
}

static struct json_object *fields_rows(const struct fields *fields, bool limits)
{
	struct json_object *rows = json_object_new_array(), *row;
	size_t i;

	for (i = 0; i < fields->nr; i++) {
		const struct field *f = &fields->v[i];

		row = json_object_new_object();
		row_string(row, "name", f->name);
		row_string(row, "help", f->help);
		if (limits) {
			row_string(row, "type", f->type);
			json_object_object_add(row, "default", bound(f, f->def));
			json_object_object_add(row, "min", bound(f, f->min));
			json_object_object_add(row, "max", bound(f, f->max));
		}
		json_object_array_add(rows, row);
	}
	return rows;
}

static struct json_object *ops_rows(const struct policy *p)
{
	struct json_object *rows = json_object_new_array(), *row;
	size_t i;

	for (i = 0; i < p->nr_ops; i++) {
		row = json_object_new_object();
		row_string(row, "name", p->ops[i].name);
		row_string(row, "program", bpf_program__name(p->ops[i].prog));
		row_bool(row, "sleepable",
			 bpf_program__flags(p->ops[i].prog) & BPF_F_SLEEPABLE ||
			 !strncmp(bpf_program__section_name(p->ops[i].prog),
				  "struct_ops.s/", 13));
		row_number(row, "insns", bpf_program__insn_cnt(p->ops[i].prog));
		json_object_array_add(rows, row);
	}
	return rows;
}

static struct json_object *maps_rows(const struct policy *p)
{
	struct json_object *rows = json_object_new_array(), *row;
	const struct policy_map *m;
	size_t i;

	for (i = 0; i < p->nr_maps; i++) {
		m = &p->maps[i];
		row = json_object_new_object();
		row_string(row, "name", m->name);
		row_string(row, "type", libbpf_bpf_map_type_str(bpf_map__type(m->map)));
		row_number(row, "key_bytes", bpf_map__key_size(m->map));
		row_number(row, "value_bytes", bpf_map__value_size(m->map));
		row_number(row, "max_entries", bpf_map__max_entries(m->map));
		row_bool(row, "state", m->state);
		row_bool(row, "shared", m->shared);
		json_object_array_add(rows, row);
	}
	return rows;
}

static void print_fields(const char *title, struct json_object *list)
{
	size_t i, nr = json_object_array_length(list);
	struct json_object *f;
	char range[64];

	for (i = 0; i < nr; i++) {
		f = json_object_array_get_idx(list, i);
		range[0] = '\0';
		if (out_get(f, "type"))
			snprintf(range, sizeof(range), "%s %s (%s to %s)",
				 out_get_string(f, "type"),
				 out_get_string(f, "default"),
				 out_get_string(f, "min"), out_get_string(f, "max"));
		printf("%-11s %-18s %-24s %s\n", i ? "" : title,
		       out_get_string(f, "name"), range, out_get_string(f, "help"));
	}
}

static void print_maps(struct json_object *list)
{
	size_t i, nr = json_object_array_length(list);
	struct json_object *m;
	char size[64];

	for (i = 0; i < nr; i++) {
		m = json_object_array_get_idx(list, i);
		snprintf(size, sizeof(size), "%s * (%s + %s bytes)",
			 out_get_string(m, "max_entries"),
			 out_get_string(m, "key_bytes"),
			 out_get_string(m, "value_bytes"));
		printf("%-11s %-18s %-24s %s%s%s\n", i ? "" : "maps",
		       out_get_string(m, "name"), out_get_string(m, "type"), size,
		       json_object_get_boolean(out_get(m, "state")) ? ", saved" : "",
		       json_object_get_boolean(out_get(m, "shared")) ? ", shared" : "");
	}
}

static void print_ops(struct json_object *list)
{
	size_t i, nr = json_object_array_length(list);
	struct json_object *op;

	for (i = 0; i < nr; i++) {
		op = json_object_array_get_idx(list, i);
		printf("%-11s %-18s %s instructions%s\n", i ? "" : "ops",
		       out_get_string(op, "name"), out_get_string(op, "insns"),
		       json_object_get_boolean(out_get(op, "sleepable")) ?
		       ", may sleep" : "");
	}
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	struct json_object *row;
	struct policy *p;
	int ret;

	(void)argc;
	ret = source_open_file(argv[0], &p, &ctx->err);
	if (ret)
		return ret;
	row = ctx_row(ctx);
	row_string(row, "policy", p->name);
	row_string(row, "summary", p->summary);
	row_string(row, "file", p->path);
	json_object_object_add(row, "ops", ops_rows(p));
	json_object_object_add(row, "params", fields_rows(&p->params, true));
	json_object_object_add(row, "consts", fields_rows(&p->consts, true));
	json_object_object_add(row, "stats", fields_rows(&p->stats, false));
	json_object_object_add(row, "maps", maps_rows(p));
	if (!ctx->out.json && !ctx->out.quiet) {
		printf("%s - %s  (%s)\n", p->name, p->summary, p->path);
		print_ops(out_get(row, "ops"));
		print_fields("parameters", out_get(row, "params"));
		print_fields("constants", out_get(row, "consts"));
		print_fields("counters", out_get(row, "stats"));
		print_maps(out_get(row, "maps"));
	}
	policy_close(p);
	return 0;
}

COMMAND(show, .group = GROUP_POLICIES, .args = "POLICY", .no_kernel = true,
	.min_args = 1, .max_args = 1,
	.summary = "ops, parameters, counters and maps of a policy", .run = run,
	.help = "Reads the policy's file; nothing is loaded and no kernel is needed. Parameters\n"
		"belong to an attachment and can be set at any time, constants are fixed when\n"
		"the policy is loaded.\n\n"
		"Examples:\n"
		"  swxctl show leap\n"
		"  swxctl -jp show ./mine.bpf.o\n");
