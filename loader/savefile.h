/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Saved state of a policy: the entries of its SWAP_STATE maps in one file that
 * describes itself, so that restoring can refuse what does not fit.
 *
 *	struct save_header
 *	nr_maps times	struct save_map, then nr_entries times key and value
 *	crc32 of all before it
 *
 * Integers are in the byte order of the machine; on one with the other order
 * @version does not match. A map whose key is a struct with a member
 * "__u64 cgroup_id" is per attachment: only the entries of the cgroup saved are
 * in the file, and restoring gives them the id of the cgroup restored to.
 */
#ifndef __SWXCTL_SAVEFILE_H
#define __SWXCTL_SAVEFILE_H

#include <linux/types.h>

#include "err.h"
#include "loaded.h"

#define SAVE_MAGIC	"SWXSTATE"
#define SAVE_VERSION	1
#define SAVE_NAME_LEN	64

struct save_header {
	char	magic[8];
	__u32	version;
	__u32	nr_maps;
	char	policy[SWAP_EXT_NAME_LEN];
};

struct save_map {
	char	name[SAVE_NAME_LEN];
	__u32	type;
	__u32	key_bytes;
	__u32	value_bytes;
	__u32	nr_entries;
	__u64	btf_hash;		/* of the key's and value's types */
};

struct save_counts {
	__u64	maps;
	__u64	entries;
	__u64	file_bytes;
};

/* Does a saved state have the entries of this map? */
bool savefile_covers(const struct loaded_map *m);
/* @path is the old file, if there was one, or the whole new one at any time. */
int savefile_write(const struct loaded *loaded, __u64 cgroup_id,
		   const char *path, struct save_counts *counts,
		   struct err *err);
/*
 * Is it whole, and of this policy? Whether the maps fit is known when the policy
 * is loaded.
 */
int savefile_check(const char *path, const char *policy, struct err *err);
/* Nothing is written to any map unless the whole file fits. */
int savefile_restore(const struct loaded *loaded, __u64 cgroup_id,
		     const char *path, struct save_counts *counts,
		     struct err *err);

#endif /* __SWXCTL_SAVEFILE_H */
