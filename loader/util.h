/* SPDX-License-Identifier: GPL-2.0 */
/* Small things the C library leaves out. */
#ifndef __SWXCTL_UTIL_H
#define __SWXCTL_UTIL_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Everything until the end, NUL-terminated, to be freed; NULL with errno. */
char *read_all(int fd);
/* The same by path. */
char *read_file(const char *path);

/* "1G", "512k", "4096": K, M, G and T are powers of 1024. False: no such number. */
bool parse_size(const char *text, unsigned long long *bytes);

#endif /* __SWXCTL_UTIL_H */
