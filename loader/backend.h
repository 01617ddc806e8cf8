/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Backends of frontswap as /sys/kernel/mm/frontswap has them: a folder each, a value
 * in each file.
 */
#ifndef __SWXCTL_BACKEND_H
#define __SWXCTL_BACKEND_H

#include <dirent.h>
#include <json-c/json.h>

#include "err.h"
#include "out.h"

#define FRONTSWAP_DIR "/sys/kernel/mm/frontswap"

/* ERR_NO_SWAP_EXT unless the running kernel has frontswap. */
int backend_check_kernel(struct err *err);
/* ERR_NO_BACKEND unless @name is registered. */
int backend_find(const char *name, struct err *err);
/* Names of all that are, sorted, as an array of strings. */
struct json_object *backend_names(void);
/* The same of what is in a folder and passes @filter. */
struct json_object *backend_list_dir(const char *path, int (*filter)(const struct dirent *d));

/*
 * Every file's value under its name, and what follows from them: held_bytes,
 * unsafe_bytes, errors, polled_pct. NULL if there is no such backend any more.
 */
struct json_object *backend_read(const char *name);
/* Pages it holds, -1 if it is gone. */
long long backend_nr_pages(const char *name);
double backend_bytes(long long nr_pages);
/* "12 pages (48.0K)" */
const char *backend_describe(const struct out *out, long long nr_pages, char *text,
			     size_t size);

/* One of its files, to be written; a descriptor or -errno. */
int backend_open(const char *name, const char *file, struct err *err);
/* Writes it; with @dry_run it is only opened. */
int backend_write(const char *name, const char *file, const char *text, bool dry_run,
		  struct err *err);
int backend_set_accept(const char *name, bool on, bool dry_run, struct err *err);
/* What a write or open of one of its files failed with. */
int backend_error(const char *name, const char *file, int errnum, struct err *err);

#endif /* __SWXCTL_BACKEND_H */
