/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pages of a cgroup are in use, from the accessed bits of its processes: read and
 * cleared by the kernel, which a BPF program asks for it.
 */
#ifndef __SWXCTL_SCAN_H
#define __SWXCTL_SCAN_H

#include <linux/swap_ext.h>

#include "cgroup.h"
#include "err.h"

struct scan;

int scan_open(struct scan **scan, struct err *err);
/* What has happened since the scan before, of whoever that was. */
int scan_run(struct scan *scan, const struct cgroup *cg, __u32 unit_s,
	     struct swap_ext_histogram *h, struct err *err);
void scan_close(struct scan *scan);

#endif /* __SWXCTL_SCAN_H */
