/* SPDX-License-Identifier: GPL-2.0 */
/* Brings home what a backend holds. */
#ifndef __SWXCTL_DRAIN_H
#define __SWXCTL_DRAIN_H

#include "command.h"

/*
 * @fd is the file "drain" of the backend @name. On a terminal a line says how many pages
 * are left; a signal ends it. Whatever comes of it, the backend accepts no more then.
 * Returns 0 or the errno: EINTR and EAGAIN if interrupted, EIO if pages that cannot be
 * read are left, ENOMEM, or what backend_error() knows.
 */
int drain_backend(const struct ctx *ctx, const char *name, int fd);

#endif /* __SWXCTL_DRAIN_H */
