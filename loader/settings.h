/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The PARAM=VALUE arguments of attach, replace, set and load: parameters belong
 * to an attachment, constants to a loaded policy and only while it is opened.
 */
#ifndef __SWXCTL_SETTINGS_H
#define __SWXCTL_SETTINGS_H

#include <stdbool.h>

#include "err.h"
#include "loaded.h"
#include "policy.h"

struct settings {
	const char		*owner;		/* name of the policy */
	const struct fields	*params;
	const struct fields	*consts;
	void			*data;		/* value of the params map; NULL: */
						/*   parameters are not taken here */
	struct policy		*policy;	/* takes constants; NULL: loaded */
	const struct loaded	*loaded;	/* knows their values then */
};

int settings_apply(const struct settings *settings, char **assignments, int nr,
		   struct err *err);
/* What a constant of a loaded policy was fixed to; false if it has none such. */
bool settings_read_const(const struct loaded *loaded, const char *name,
			 __u64 *value);

#endif /* __SWXCTL_SETTINGS_H */
