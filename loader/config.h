/* SPDX-License-Identifier: GPL-2.0 */
/* swxctl.conf: one line per cgroup, "CGROUP POLICY [PARAM=VALUE...]". */
#ifndef __SWXCTL_CONFIG_H
#define __SWXCTL_CONFIG_H

#include <stddef.h>

#include "err.h"

struct config_line {
	char	*cgroup;
	char	*policy;
	char	**assignments;
	int	nr_assignments;
	int	number;		/* in the file, from 1 */
};

struct config {
	char			*path;
	struct config_line	*lines;
	size_t			nr;
};

int config_read(const char *path, struct config *config, struct err *err);
void config_free(struct config *config);

#endif /* __SWXCTL_CONFIG_H */
