/* SPDX-License-Identifier: GPL-2.0 */
/* Loading test policies and attaching them, one system call at a time. */
#ifndef POLICY_H
#define POLICY_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/swap_ext.h>
#include <stdbool.h>

#include "probe.h"

/**
 * struct policy - one test policy
 * @obj: its object file.
 * @map: its struct_ops map.
 * @ops: what will be loaded; may be changed until then.
 * @control: of the probe, live memory; NULL for other policies.
 */
struct policy {
	struct bpf_object *obj;
	struct bpf_map *map;
	struct swap_ext_ops *ops;
	struct probe_control *control;
};

/* Open FILE.bpf.o beside the program; @name replaces that of the policy. */
struct policy policy_open(const char *file, const char *name);
/* Load it and make it ready for links; 0 or -errno. */
int policy_load(struct policy *p);
/* What libbpf and the verifier said since the last policy_load(). */
const char *policy_log(void);
void policy_unload(struct policy *p);

/* A loaded probe that returns @ret from prefetch(). */
struct policy probe_load(const char *name, int ret);
/* Also names @nr pages from the fault on, in addresses. */
struct policy probe_load_ahead(const char *name, unsigned int nr);
/* Its notes about one attachment. */
struct probe_calls probe_calls(const struct policy *p, const char *group);

/* Link descriptor or -errno. */
int policy_attach(const struct policy *p, const char *group);
int policy_attach_fd(const struct policy *p, int target_fd, unsigned int flags);
/* 0 or -errno. */
int policy_replace(int link, const struct policy *p);
int policy_detach(int link);
struct bpf_link_info policy_link_info(int link);
bool policy_link_is_hung_up(int link);

/* The same, and the case fails if that does. */
int policy_must_attach(const struct policy *p, const char *group);

#endif /* POLICY_H */
