/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A saved state goes into maps before the kernel has agreed to the attachment,
 * and other cgroups may use them, too: what it overwrites is kept until then.
 */
#ifndef __SWXCTL_RESTORE_H
#define __SWXCTL_RESTORE_H

#include <linux/types.h>

#include "err.h"
#include "loaded.h"
#include "savefile.h"

struct restore;

/* savefile_restore(); after an error the maps are as they were. */
int restore_state(const struct loaded *loaded, __u64 cgroup_id,
		  const char *path, struct restore **restore,
		  struct save_counts *counts, struct err *err);
/* Before the maps are closed. NULL: nothing was restored. */
void restore_undo(const struct restore *restore);
void restore_free(struct restore *restore);

#endif /* __SWXCTL_RESTORE_H */
