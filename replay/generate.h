/* SPDX-License-Identifier: GPL-2.0 */
/* The traces of replay/traces/, made anew: the same name gives the same bytes. */
#ifndef GENERATE_H
#define GENERATE_H

#include "trace.h"

#define GENERATE_NAMES	"zipf, loop-scan, phases"

/* -ENOENT: there is none of that name. */
int generate_trace(const char *name, FILE *file);

#endif /* GENERATE_H */
