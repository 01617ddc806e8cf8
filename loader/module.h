/* SPDX-License-Identifier: GPL-2.0 */
/* Loads kernel modules the way the kernel does, by modprobe(8). */
#ifndef __SWXCTL_MODULE_H
#define __SWXCTL_MODULE_H

#include <stdbool.h>

#include "err.h"

bool module_is_loaded(const char *name);
/* With its parameters in modprobe.d(5); ERR_MODULE says what modprobe said. */
int module_load(const char *name, struct err *err);
/* Takes that back; what modprobe loaded before it, it may have for others, stays. */
void module_unload(const char *name);

#endif /* __SWXCTL_MODULE_H */
