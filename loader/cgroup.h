/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cgroups as people name them, and their control files.
 *
 * CGROUP is a path with or without the mount point in front, the name of a
 * systemd unit anywhere in the tree, or @PID. A unit of the system's manager goes
 * before those of users and containers.
 */
#ifndef __SWXCTL_CGROUP_H
#define __SWXCTL_CGROUP_H

#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>

#include "err.h"

struct cgroup {
	char	path[PATH_MAX];		/* below the mount, "/" for the root */
	int	fd;			/* of its directory; -1: not open */
	__u64	id;
};

/* Where cgroup2 is mounted. */
int cgroup_mount_point(char *buf, size_t size, struct err *err);

/*
 * "a//b/" and "./a/b" become "/a/b", what is empty "/". -ENAMETOOLONG rather
 * than a path that is cut short, which would be that of another cgroup.
 */
int cgroup_normalize(const char *name, char *path, size_t size);
int cgroup_open(const char *name, struct cgroup *cg, struct err *err);
/* A path as the kernel has it, no guessing. */
int cgroup_open_path(const char *path, struct cgroup *cg, struct err *err);
void cgroup_close(struct cgroup *cg);
/* For verbs that the whole machine is too much for. */
int cgroup_check_below_root(const struct cgroup *cg, const char *verb, struct err *err);
/* Nothing to attach to without it: says which file to write. */
int cgroup_check_memory(const struct cgroup *cg, struct err *err);

/* Whole content of a control file, to be freed; NULL with errno. */
char *cgroup_read(const struct cgroup *cg, const char *file);

/*
 * Calls @fn for the cgroup and everything below, parents first, until it
 * returns non-zero, which is passed on; sorted by name. Cgroups that go away are
 * skipped, and those too deep for struct cgroup to hold their path.
 */
int cgroup_walk(const char *path, int (*fn)(const struct cgroup *cg, void *arg),
		void *arg, struct err *err);
/* Path of the ancestor-or-self with this id; false if there is none. */
bool cgroup_find_ancestor(const struct cgroup *cg, __u64 id, char *path,
			  size_t size);
/* Path of the cgroup with this id, wherever it is; false if there is none. */
bool cgroup_find_id(__u64 id, char *path, size_t size);

#endif /* __SWXCTL_CGROUP_H */
