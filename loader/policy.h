/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One policy object file: opened, described, configured, loaded.
 *
 * Everything but policy_load() works without a kernel that has swap_ext and
 * without privileges, so the tests of policies can use it on any machine.
 */
#ifndef __SWXCTL_POLICY_H
#define __SWXCTL_POLICY_H

#include <bpf/libbpf.h>
#include <linux/swap_ext.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "schema.h"

struct policy_op {
	const char		*name;		/* member of struct swap_ext_ops */
	struct bpf_program	*prog;
};

struct policy_map {
	char			*name;		/* as in the source */
	struct bpf_map		*map;
	bool			state;		/* saved by "swxctl save" */
	bool			shared;		/* handed on by "swxctl replace" */
};

struct policy {
	char			*path;
	const char		*name;
	const char		*summary;
	struct bpf_object	*obj;
	struct bpf_map		*ops_map;
	struct policy_op	*ops;
	size_t			nr_ops;
	struct policy_map	*maps;		/* without the ops map */
	size_t			nr_maps;
	struct fields		params;		/* per attachment, at run time */
	struct fields		stats;
	struct fields		consts;		/* for all, when it is loaded */
	char			**logs;		/* of the verifier, per program */
};

int policy_open(const char *path, struct policy **policy, struct err *err);
void policy_close(struct policy *policy);

struct policy_map *policy_find_map(const struct policy *policy, const char *name);
int policy_set_const(struct policy *policy, const struct field *field,
		     __u64 value, struct err *err);
/* What the kernel will call it; at most SWAP_EXT_NAME_LEN - 1 characters. */
int policy_rename(struct policy *policy, const char *name, struct err *err);
/* Verify, create the maps and make the ops map ready for links. */
int policy_load(struct policy *policy, struct err *err);

#endif /* __SWXCTL_POLICY_H */
