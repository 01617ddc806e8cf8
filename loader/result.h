/* SPDX-License-Identifier: GPL-2.0 */
/* How attach, replace, set, detach and apply show what they did. */
#ifndef __SWXCTL_RESULT_H
#define __SWXCTL_RESULT_H

#include "attach.h"
#include "command.h"

/* Each adds a row and says a line; the result's params go into the row. */
void result_attached(struct ctx *ctx, const struct cgroup *cg,
		     struct attach_result *res, const char *action);
void result_set(struct ctx *ctx, const struct cgroup *cg,
		struct attach_result *res);
void result_detached(struct ctx *ctx, const struct cgroup *cg,
		     const struct attach_result *res);

#endif /* __SWXCTL_RESULT_H */
