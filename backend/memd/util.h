/* SPDX-License-Identifier: GPL-2.0 */
/* Small things the C library leaves out. */
#ifndef __MEMD_UTIL_H
#define __MEMD_UTIL_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#endif /* __MEMD_UTIL_H */
