/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A loaded policy, read back from its pins: maps, parameters and counters come
 * from the kernel, so no object file is needed to attach, set or show it.
 *
 * A policy that "swxctl load" loaded stays until "unload"; the sticky bit on its
 * pin directory marks it. One that "attach" loaded goes with its last link.
 */
#ifndef __SWXCTL_LOADED_H
#define __SWXCTL_LOADED_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <stdbool.h>

#include "err.h"
#include "policy.h"
#include "schema.h"

#define LOADED_NAME_LEN 256	/* NAME_MAX + 1 */

struct loaded_map {
	char			name[LOADED_NAME_LEN];	/* of its pin */
	int			fd;
	struct bpf_map_info	info;
	bool			state;
	bool			shared;
};

struct loaded {
	char			name[LOADED_NAME_LEN];
	char			policy[BPF_OBJ_NAME_LEN];	/* in the source */
	char			*summary;
	bool			kept;
	int			ops_fd;
	__u32			ops_id;
	struct btf		*btf;
	struct loaded_map	*maps;		/* without the ops map */
	size_t			nr_maps;
	struct fields		params;
	struct fields		stats;
	struct fields		consts;
};

bool loaded_exists(const char *name);
int loaded_open(const char *name, struct loaded **loaded, struct err *err);
/* The one whose ops map has this id; ERR_NOT_LOADED if swxctl did not load it. */
int loaded_open_by_id(__u32 map_id, struct loaded **loaded, struct err *err);
void loaded_close(struct loaded *loaded);
struct loaded_map *loaded_find_map(const struct loaded *loaded, const char *name);

/* Pins a policy that has just been loaded. */
int loaded_pin(const struct policy *policy, const char *name, bool keep,
	       struct err *err);
void loaded_unpin(const char *name);

/* Calls @fn with each name in use until it returns non-zero. */
int loaded_for_each(int (*fn)(const char *name, void *arg), void *arg);

struct link_list {
	__u64	*cgroup_ids;
	size_t	nr;
};

/* Cgroups that links of this map are attached to. */
int loaded_find_links(__u32 map_id, struct link_list *list, struct err *err);
void link_list_free(struct link_list *list);

#endif /* __SWXCTL_LOADED_H */
