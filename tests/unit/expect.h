/* SPDX-License-Identifier: GPL-2.0 */
/* What a unit test expects, and how often that was not so: its main() returns it. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>

static int nr_failed;

/* Goes on when @cond does not hold, so that one run tells all. */
#define EXPECT(cond, fmt, args...)					\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: " fmt "\n", __FILE__, __LINE__,	\
			##args);					\
		nr_failed++;						\
	}								\
} while (0)

#endif /* EXPECT_H */
