/* SPDX-License-Identifier: GPL-2.0 */
/* Finds the sentence in a verifier log that a person needs. */
#ifndef __SWXCTL_VERIFIER_H
#define __SWXCTL_VERIFIER_H

#include <stdbool.h>

struct verifier_note {
	char	file[256];	/* of the offending source line; "" if unknown */
	char	source[256];	/* its text */
	char	reason[1024];	/* what the verifier said */
	int	line;		/* 0 if unknown */
};

/* Returns false if the log holds nothing to explain. */
bool verifier_explain(const char *log, struct verifier_note *note);

#endif /* __SWXCTL_VERIFIER_H */
