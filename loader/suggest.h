/* SPDX-License-Identifier: GPL-2.0 */
/* The nearest of a set of names, for "did you mean". */
#ifndef __SWXCTL_SUGGEST_H
#define __SWXCTL_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char	*wrong;		/* what was typed */
	const char	*best;		/* nearest so far; NULL: none near enough */
	size_t		distance;
};

void suggest_consider(struct suggestion *s, const char *name);

#endif /* __SWXCTL_SUGGEST_H */
