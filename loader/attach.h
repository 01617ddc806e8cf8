/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attach, replace, set and detach. Each either succeeds or leaves the machine as
 * it was: links, pins, map entries and policies loaded on the way are undone.
 * The caller holds pin_lock(), except with dry_run.
 */
#ifndef __SWXCTL_ATTACH_H
#define __SWXCTL_ATTACH_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stdbool.h>

#include "cgroup.h"
#include "err.h"
#include "loaded.h"
#include "savefile.h"

struct attach_request {
	const struct cgroup	*cg;
	const char		*policy;	/* name or path */
	char			**assignments;
	int			nr_assignments;
	const char		*state_file;	/* NULL: none */
	bool			dry_run;
};

struct attach_result {
	char			policy[LOADED_NAME_LEN];
	__u32			link_id;
	__u32			map_id;
	struct json_object	*params;	/* {"max_window": 8}, the caller's */
	struct save_counts	restored;
	bool			loaded;		/* for this, not before */
	bool			unloaded;	/* the policy that was there */
};

int attach_policy(const struct attach_request *req, struct attach_result *res,
		  struct err *err);
int attach_replace(const struct attach_request *req, struct attach_result *res,
		   struct err *err);
int attach_set(const struct attach_request *req, struct attach_result *res,
	       struct err *err);
int attach_detach(const struct cgroup *cg, bool dry_run,
		  struct attach_result *res, struct err *err);

/* Current parameters of an attachment, NULL if the policy has none. */
struct json_object *attach_read_params(const struct loaded *loaded,
				       __u64 cgroup_id);
/* The policy's own counters, summed over CPUs. */
struct json_object *attach_read_stats(const struct loaded *loaded,
				      __u64 cgroup_id);
/* Map entries of cgroups without a link; returns how many there were. */
unsigned int attach_prune_entries(const struct loaded *loaded,
				  const struct link_list *links, bool dry_run);
/* All pins of an attachment, the last thing that may keep its link; that is detached. */
void attach_remove_pins(const char *dir);

#endif /* __SWXCTL_ATTACH_H */
