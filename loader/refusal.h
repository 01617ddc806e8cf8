/* SPDX-License-Identifier: GPL-2.0 */
/* Why a cgroup got no policy: the error, from an errno of the kernel or without. */
#ifndef __SWXCTL_REFUSAL_H
#define __SWXCTL_REFUSAL_H

#include "cgroup.h"
#include "err.h"
#include "state.h"

int refusal_no_permission(const struct cgroup *cg, struct err *err);
int refusal_has_policy(const struct cgroup *cg, const struct state *st,
		       const char *policy, struct err *err);

/* BPF_LINK_CREATE failed. */
int refusal_of_create(const struct cgroup *cg, const char *policy, int errnum,
		      struct err *err);
/* BPF_LINK_UPDATE failed: the cgroup has a link, and we may use it. */
int refusal_of_update(const struct cgroup *cg, const char *policy, int errnum,
		      struct err *err);

#endif /* __SWXCTL_REFUSAL_H */
