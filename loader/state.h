/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel says about a cgroup: memory.swap_ext.{state,stat,log,backends}
 * and /sys/kernel/mm/swap_ext. Read anew each time, never remembered.
 */
#ifndef __SWXCTL_STATE_H
#define __SWXCTL_STATE_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stdbool.h>

#include "cgroup.h"
#include "err.h"

#define SYSFS_DIR "/sys/kernel/mm/swap_ext"

struct state {
	char	policy[32];		/* of the governor; "" if there is none */
	char	state[16];		/* none active stopping stopped inherited disabled */
	__u64	governor;		/* cgroup id; 0: none */
	__u32	link_id;		/* own attachment; 0: none */
	__u32	map_id;			/* of its own policy, else the governor's */
	__u64	attached_ns;
	__u32	window_pages;
	bool	prefetch_on;
};

/* ERR_NO_SWAP_EXT unless the running kernel has the interface we speak. */
int state_check_kernel(struct err *err);
/* One of the files of /sys/kernel/mm/swap_ext, without the newline; NULL. */
char *state_read_sysfs(const char *file);

int state_read(const struct cgroup *cg, struct state *state, struct err *err);
/* Did its own policy end, by the kernel or by itself? Its exit() may still run. */
bool state_is_stopped(const struct state *state);
/* ERR_NOT_ATTACHED unless the cgroup has an attachment of its own. */
int state_read_attached(const struct cgroup *cg, struct state *state,
			struct err *err);
/*
 * {"faults": N, ...}, with every counter the kernel has, and "refaults": anonymous and
 * shared memory that came back, policy or not; NULL on error.
 */
struct json_object *state_read_stat(const struct cgroup *cg);
/* {"NAME": BYTES, ...}: what it and all below have on each backend; NULL on error. */
struct json_object *state_read_backends(const struct cgroup *cg);
/* The last exit record, NULL if there is none. */
struct json_object *state_read_log(const struct cgroup *cg);

#endif /* __SWXCTL_STATE_H */
