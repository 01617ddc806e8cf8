/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names below /sys/fs/bpf/swap_ext, the only memory swxctl has:
 *
 *	policy/NAME/{ops,MAP...}		a loaded policy
 *	cgroup/PATH/{link,params,stats}		an attachment
 *
 * bpffs allows no dot in a name, so in PATH '.' is written ':'. What that makes
 * ambiguous, and components called like a pin, are written with %XX or a final
 * '%'; a cgroup's name and its pin path determine each other.
 */
#ifndef __SWXCTL_PIN_H
#define __SWXCTL_PIN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define PIN_ROOT	"/sys/fs/bpf/swap_ext"
#define PIN_POLICIES	PIN_ROOT "/policy"
#define PIN_CGROUPS	PIN_ROOT "/cgroup"

/* Directory of a cgroup's pins; path as in struct cgroup. See pin_make_dir(). */
void pin_cgroup_dir(const char *path, char *dir, size_t size);
/* The cgroup path of a directory below PIN_CGROUPS. */
void pin_cgroup_path(const char *dir, char *path, size_t size);
/* File name of a map's pin: ".rodata" becomes "rodata". */
void pin_map_name(const char *map, char *name, size_t size);

/* Is bpffs mounted where it should be? Says how to mount it. */
int pin_check_bpffs(struct err *err);
/* Serializes everything that changes pins; the lock goes with the fd. */
int pin_lock(int *fd, struct err *err);
/* Refuses a path that has no room for the names of pins. */
int pin_make_dir(const char *dir, struct err *err);
/* Removes the directory and its parents up to PIN_ROOT as far as empty. */
void pin_remove_dir(const char *dir);
int pin_object(int fd, const char *dir, const char *name, struct err *err);
/* The same over an existing pin, in one step. */
int pin_replace(int fd, const char *dir, const char *name, struct err *err);
/*
 * Fd of the object, negative errno if there is none. Where pin_replace() was
 * killed half way, what it left is the pin, for the others here too.
 */
int pin_open(const char *dir, const char *name);
void pin_remove(const char *dir, const char *name);

/* Calls @fn for each directory below PIN_CGROUPS that holds a link. */
int pin_walk_cgroups(int (*fn)(const char *dir, void *arg), void *arg);

#endif /* __SWXCTL_PIN_H */
