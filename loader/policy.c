// SPDX-License-Identifier: GPL-2.0
/*
 * Opens a policy with libbpf and finds in its BTF what it declares about itself.
 * The ops table is looked up by the name of its type; which program serves which
 * op is read from libbpf's copy of the table, so no naming rule is relied on.
 */
#include "policy.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libbpf_log.h"
#include "verifier.h"

#define OPS_TYPE "swap_ext_ops"

/* Longest log seen for the shipped policies: 300 KiB. Touched only on failure. */
#define VERIFIER_LOG_SIZE (4U << 20)

static bool is_policy_ops(const struct btf *btf, const struct bpf_map *map)
{
	const struct btf_type *t;
	int id;

	if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return false;
	id = btf__find_by_name_kind(btf, bpf_map__name(map), BTF_KIND_VAR);
	t = id > 0 ? btf__type_by_id(btf, id) : NULL;
	t = t ? btf__type_by_id(btf, t->type) : NULL;
	return t && btf_is_struct(t) &&
	       !strcmp(btf__name_by_offset(btf, t->name_off), OPS_TYPE);
}

static int add_map(struct policy *p, struct bpf_map *map, const struct btf *btf,
		   struct err *err)
{
	const char *name = bpf_map__name(map), *dot = strchr(name, '.');
	struct policy_map *v;

	v = realloc(p->maps, (p->nr_maps + 1) * sizeof(*v));
	if (!v)
		return err_no_memory(err);
	p->maps = v;
	v[p->nr_maps++] = (struct policy_map) {
		/*
		 * libbpf calls data sections OBJECT.rodata; and a copy, because
		 * bpf_map__reuse_fd() frees the name of the map.
		 */
		.name = strdup(dot ?: name),
		.map = map,
		.state = schema_var_tag(btf, name, "swap_state"),
		.shared = schema_var_tag(btf, name, "swap_shared"),
	};
	return v[p->nr_maps - 1].name ? 0 : err_no_memory(err);
}

static int find_maps(struct policy *p, const struct btf *btf, struct err *err)
{
	struct bpf_map *map;
	int ret;

	bpf_object__for_each_map(map, p->obj) {
		if (is_policy_ops(btf, map)) {
			if (p->ops_map)
				return err_set(err, ERR_BAD_POLICY, p->path,
					       "%s declares two policies, '%s' and '%s'; one file holds one",
					       p->path, bpf_map__name(p->ops_map),
					       bpf_map__name(map));
			p->ops_map = map;
			continue;
		}
		ret = add_map(p, map, btf, err);
		if (ret)
			return ret;
	}
	if (p->ops_map)
		return 0;
	ret = err_set(err, ERR_NO_OPS, p->path,
		      "%s holds no policy: no struct swap_ext_ops in section .struct_ops.link",
		      p->path);
	err_hint(err, "declare one with SWAP_POLICY() of <swap_ext/policy.bpf.h>");
	return ret;
}

static const struct btf_type *ops_type(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, OPS_TYPE, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

/* libbpf leaves the program of each op in the table, where the pointer goes. */
static int find_ops(struct policy *p, const struct btf *btf, struct err *err)
{
	const struct btf_type *t = ops_type(btf), *mt;
	const struct btf_member *m = btf_members(t);
	const char *table = bpf_map__initial_value(p->ops_map, NULL);
	int i;

	p->ops = calloc(btf_vlen(t), sizeof(*p->ops));
	if (!p->ops)
		return err_no_memory(err);
	for (i = 0; i < btf_vlen(t); i++) {
		struct bpf_program *prog;

		mt = btf__type_by_id(btf, m[i].type);
		if (!btf_is_ptr(mt))
			continue;
		memcpy(&prog, table + m[i].offset / 8, sizeof(prog));
		if (!prog)
			continue;
		p->ops[p->nr_ops].name = btf__name_by_offset(btf, m[i].name_off);
		p->ops[p->nr_ops++].prog = prog;
	}
	return 0;
}

static int read_map_fields(struct policy *p, const char *map, const char *tag,
			   const struct btf *btf, struct fields *out,
			   struct err *err)
{
	struct policy_map *m = policy_find_map(p, map);

	if (!m)
		return 0;
	return schema_read_struct(btf, bpf_map__btf_value_type_id(m->map), tag,
				  p->path, out, err);
}

static int describe(struct policy *p, struct err *err)
{
	const struct btf *btf = bpf_object__btf(p->obj);
	int ret;

	if (!btf) {
		ret = err_set(err, ERR_NO_OPS, p->path,
			      "%s holds no policy: it has no BTF", p->path);
		err_hint(err, "compile it with clang -g");
		return ret;
	}
	ret = find_maps(p, btf, err);
	if (ret)
		return ret;
	p->name = bpf_map__name(p->ops_map);
	p->summary = schema_var_tag(btf, p->name, "swap_policy") ?: "";
	ret = find_ops(p, btf, err);
	if (!ret)
		ret = read_map_fields(p, "params", "swap_param", btf, &p->params, err);
	if (!ret)
		ret = read_map_fields(p, "stats", "swap_stat", btf, &p->stats, err);
	if (!ret)
		ret = schema_read_section(btf, ".rodata", "swap_const", p->path,
					  &p->consts, err);
	return ret;
}

static int open_object(struct policy *p, struct err *err)
{
	struct libbpf_log log;
	int ret;

	if (access(p->path, R_OK))
		return err_set(err, errno == EACCES ? ERR_PERMISSION : ERR_NO_POLICY,
			       p->path, "%s: %s", p->path, strerror(errno));
	libbpf_log_to(&log);
	p->obj = bpf_object__open_file(p->path, NULL);
	libbpf_log_to(NULL);
	if (p->obj)
		return 0;
	ret = err_set(err, ERR_NOT_BPF, p->path, "%s is not a BPF object: %s",
		      p->path, log.first[0] ? log.first : strerror(errno));
	err_hint(err, "a policy is compiled with clang --target=bpf: see 'make policies'");
	return ret;
}

int policy_open(const char *path, struct policy **policy, struct err *err)
{
	struct policy *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return err_no_memory(err);
	p->path = strdup(path);
	ret = p->path ? open_object(p, err) : err_no_memory(err);
	if (!ret)
		ret = describe(p, err);
	if (ret)
		policy_close(p);
	else
		*policy = p;
	return ret;
}

void policy_close(struct policy *policy)
{
	char **log;
	size_t i;

	if (!policy)
		return;
	for (i = 0; i < policy->nr_maps; i++)
		free(policy->maps[i].name);
	for (log = policy->logs; log && *log; log++)
		free(*log);
	free(policy->logs);
	fields_free(&policy->params);
	fields_free(&policy->stats);
	fields_free(&policy->consts);
	bpf_object__close(policy->obj);
	free(policy->maps);
	free(policy->ops);
	free(policy->path);
	free(policy);
}

struct policy_map *policy_find_map(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->nr_maps; i++)
		if (!strcmp(policy->maps[i].name, name))
			return &policy->maps[i];
	return NULL;
}

int policy_set_const(struct policy *policy, const struct field *field,
		     __u64 value, struct err *err)
{
	struct policy_map *rodata = policy_find_map(policy, ".rodata");
	void *data = rodata ? bpf_map__initial_value(rodata->map, &(size_t){ 0 })
			    : NULL;

	if (!data)
		return err_set(err, ERR_BAD_POLICY, policy->path,
			       "%s: no data section holds the constant %s",
			       policy->path, field->name);
	field_set(field, data, value);
	return 0;
}

int policy_rename(struct policy *policy, const char *name, struct err *err)
{
	const struct btf *btf = bpf_object__btf(policy->obj);
	const struct btf_type *t = ops_type(btf);
	const struct btf_member *m = btf_members(t);
	char *table = bpf_map__initial_value(policy->ops_map, NULL);
	const char *c;
	int i;

	for (c = name; isalnum((unsigned char)*c) || *c == '_' || *c == '-'; c++)
		;
	if (*c || c == name || c - name >= SWAP_EXT_NAME_LEN)
		return err_set(err, ERR_USAGE, name,
			       "'%s' cannot be the name of a policy: 1 to %d letters, digits, '_' or '-'",
			       name, SWAP_EXT_NAME_LEN - 1);
	for (i = 0; i < btf_vlen(t); i++) {
		if (strcmp(btf__name_by_offset(btf, m[i].name_off), "name"))
			continue;
		memset(table + m[i].offset / 8, 0, SWAP_EXT_NAME_LEN);
		memcpy(table + m[i].offset / 8, name, c - name);
	}
	return 0;
}

static const char *op_of(const struct policy *policy,
			 const struct bpf_program *prog)
{
	size_t i;

	for (i = 0; i < policy->nr_ops; i++)
		if (policy->ops[i].prog == prog)
			return policy->ops[i].name;
	return bpf_program__name(prog);
}

static int set_rejected(const struct policy *policy,
			const struct bpf_program *prog, const char *log,
			struct err *err)
{
	const char *op = op_of(policy, prog);
	struct verifier_note note;
	int ret;

	verifier_explain(log, &note);
	if (note.line)
		ret = err_set(err, ERR_REJECTED, policy->path,
			      "%s: %s rejected by the verifier at %s:%d\n%s:%d: %s\n%s",
			      policy->name, op, note.file, note.line,
			      note.file, note.line, note.source, note.reason);
	else
		ret = err_set(err, ERR_REJECTED, policy->path,
			      "%s: %s rejected by the verifier\n%s",
			      policy->name, op, note.reason);
	err_hint(err, "whole log: swxctl -d check %s", policy->path);
	err_detail(err, log);
	return ret;
}

static bool may_load_bpf(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	__u64 caps;

	if (syscall(SYS_capget, &header, data))
		return true;
	caps = data[0].effective | (__u64)data[1].effective << 32;
	return caps & (1ULL << CAP_SYS_ADMIN) ||
	       (caps & (1ULL << CAP_BPF) && caps & (1ULL << CAP_PERFMON));
}

static int explain_load_failure(const struct policy *policy, int errnum,
				const struct libbpf_log *log, struct err *err)
{
	struct bpf_program *prog;
	const char *text;
	size_t size;
	int ret;

	bpf_object__for_each_program(prog, policy->obj) {
		text = bpf_program__log_buf(prog, &size);
		if (text && text[0])
			return set_rejected(policy, prog, text, err);
	}
	/* libbpf reports the lack of a capability in one way or another. */
	if (errnum == EPERM || !may_load_bpf()) {
		ret = err_set(err, ERR_PERMISSION, policy->path,
			      "%s: no permission to load BPF", policy->name);
		err_hint(err, "run as root, or with CAP_BPF and CAP_PERFMON");
		return ret;
	}
	return err_set(err, ERR_REJECTED, policy->path, "%s: cannot be loaded: %s",
		       policy->name, log->first[0] ? log->first : strerror(errnum));
}

/* One log per program: libbpf does not say which of them was refused. */
static int set_log_bufs(struct policy *policy, struct err *err)
{
	struct bpf_program *prog;
	size_t nr = 0;

	bpf_object__for_each_program(prog, policy->obj)
		nr++;
	policy->logs = calloc(nr + 1, sizeof(*policy->logs));
	if (!policy->logs)
		return err_no_memory(err);
	nr = 0;
	bpf_object__for_each_program(prog, policy->obj) {
		char *log = malloc(VERIFIER_LOG_SIZE);

		if (!log)
			return err_no_memory(err);
		log[0] = '\0';
		policy->logs[nr++] = log;
		bpf_program__set_log_buf(prog, log, VERIFIER_LOG_SIZE);
	}
	return 0;
}

int policy_load(struct policy *policy, struct err *err)
{
	struct libbpf_log log;
	int ret;

	ret = set_log_bufs(policy, err);
	if (ret)
		return ret;
	libbpf_log_to(&log);
	ret = bpf_object__load(policy->obj);
	if (!ret)
		ret = bpf_map__prepare_struct_ops(policy->ops_map);
	libbpf_log_to(NULL);
	return ret ? explain_load_failure(policy, -ret, &log, err) : 0;
}
