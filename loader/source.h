/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what a person calls a policy to the policy: the name of a loaded one, a
 * file, or the name of a file in the policy directories.
 */
#ifndef __SWXCTL_SOURCE_H
#define __SWXCTL_SOURCE_H

#include <stdbool.h>

#include "err.h"
#include "loaded.h"
#include "policy.h"

struct source {
	struct loaded	*loaded;	/* either loaded already ... */
	struct policy	*policy;	/* ... or opened, to be loaded as @name */
	char		name[LOADED_NAME_LEN];
};

/* @arg is a path if it holds a slash or ends in ".o". */
int source_locate(const char *arg, char *path, size_t size, struct err *err);
int source_open_file(const char *arg, struct policy **policy, struct err *err);
/* A loaded policy called @arg, else its file. */
int source_open(const char *arg, struct source *src, struct err *err);
/* The file even if @arg is loaded, under a name that is free. */
int source_open_fresh(const char *arg, struct source *src, struct err *err);
/* Loads and pins what is not loaded yet; source_undo() takes that back. */
int source_load(struct source *src, bool keep, struct err *err);
void source_undo(struct source *src);
void source_close(struct source *src);

const char *source_policy_name(const struct source *src);
const struct fields *source_params(const struct source *src);
const struct fields *source_consts(const struct source *src);

/* Calls @fn with the path of each policy file, first directory first. */
int source_for_each_file(int (*fn)(const char *path, void *arg), void *arg);

#endif /* __SWXCTL_SOURCE_H */
