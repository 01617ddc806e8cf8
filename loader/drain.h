/* SPDX-License-Identifier: GPL-2.0 */
/* Brings home what a backend or a node holds. */
#ifndef __SWXCTL_DRAIN_H
#define __SWXCTL_DRAIN_H

#include "command.h"

/*
 * @fd is the file "drain" of @name, which has @nr_pages(@name) pages, -1 if it is gone. On a
 * terminal a line says how many are left; a signal ends it. Whatever comes of it, nothing
 * more is accepted then. Returns 0 or the errno: EINTR and EAGAIN if interrupted, EIO if
 * pages that cannot be read are left, ENOMEM, or what a write may end with.
 */
int drain(const struct ctx *ctx, const char *name, int fd,
	  long long (*nr_pages)(const char *name));

#endif /* __SWXCTL_DRAIN_H */
