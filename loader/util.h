/* SPDX-License-Identifier: GPL-2.0 */
/* Small things the C library leaves out. */
#ifndef __SWXCTL_UTIL_H
#define __SWXCTL_UTIL_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Everything until the end, NUL-terminated, to be freed; NULL with errno. */
char *read_all(int fd);
/* The same by path. */
char *read_file(const char *path);

#endif /* __SWXCTL_UTIL_H */
