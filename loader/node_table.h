/* SPDX-License-Identifier: GPL-2.0 */
/* The columns of memory nodes. */
#ifndef __SWXCTL_NODE_TABLE_H
#define __SWXCTL_NODE_TABLE_H

#include "err.h"
#include "out.h"

int node_table_check(const struct out *out, struct err *err);
/* Of rows that node_read() made. */
void node_table(const struct out *out, struct json_object *rows);

#endif /* __SWXCTL_NODE_TABLE_H */
