/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of "status" and "top": what governs which cgroup, and how well. */
#ifndef __SWXCTL_REPORT_H
#define __SWXCTL_REPORT_H

#include <json-c/json.h>
#include <linux/types.h>

#include "cgroup.h"
#include "err.h"
#include "out.h"

extern const struct column report_columns[];
extern const size_t nr_report_columns;

/*
 * Appends a row for @cg, or the root, if it has a policy, its own or inherited,
 * and for every cgroup below with one of its own. Rates come from two readings
 * @sample_ns apart; with 0 there are none. What goes away in between has no row.
 */
int report_rows(const struct cgroup *cg, __u64 sample_ns,
		struct json_object *rows, struct err *err);
/* How many cgroups below @cg follow its policy. */
int report_count_followers(const struct cgroup *cg);
/* "0.5" seconds as nanoseconds. */
int report_parse_seconds(const char *text, const char *option, __u64 *ns,
			 struct err *err);

#endif /* __SWXCTL_REPORT_H */
