// SPDX-License-Identifier: GPL-2.0
/*
 * Restores a saved state so that it can be taken back. The maps are read before
 * and after: what differs is what the file has written, and that alone is undone,
 * because running policies go on changing the rest. Called by attach.c.
 */
#include "restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entries {
	char	*v;		/* key, value; sorted by key */
	__u32	nr;
};

struct restored_map {
	const struct loaded_map	*map;
	struct entries		before;
	struct entries		after;
};

struct restore {
	size_t			nr;
	struct restored_map	maps[];
};

static size_t entry_size(const struct loaded_map *m)
{
	return m->info.key_size + m->info.value_size;
}

static int compare_keys(const void *a, const void *b, void *key_size)
{
	return memcmp(a, b, *(__u32 *)key_size);
}

static void join_entries(const struct loaded_map *m, const char *keys,
			 const char *values, struct entries *e)
{
	__u32 ks = m->info.key_size, vs = m->info.value_size, i;
	char *w = e->v;

	for (i = 0; i < e->nr; i++) {
		w = (char *)memcpy(w, keys + (size_t)i * ks, ks) + ks;
		w = (char *)memcpy(w, values + (size_t)i * vs, vs) + vs;
	}
	qsort_r(e->v, e->nr, entry_size(m), compare_keys, &ks);
}

static int read_entries(const struct loaded_map *m, struct entries *e,
			struct err *err)
{
	size_t room = m->info.max_entries;
	char *keys = malloc(room * m->info.key_size);
	char *values = malloc(room * m->info.value_size);
	__u32 batch;
	int ret = 0;

	e->nr = room;
	e->v = malloc(room * entry_size(m));
	if (!keys || !values || !e->v)
		ret = err_no_memory(err);
	/* It says ENOENT when there is no more to come. */
	else if (bpf_map_lookup_batch(m->fd, NULL, &batch, keys, values, &e->nr,
				      NULL) && errno != ENOENT)
		ret = err_set(err, ERR_FAILED, m->name, "cannot read map %s: %s",
			      m->name, strerror(errno));
	else
		join_entries(m, keys, values, e);
	if (ret) {
		free(e->v);
		e->v = NULL;
	}
	free(values);
	free(keys);
	return ret;
}

static int read_before(const struct loaded *loaded, struct restore *r,
		       struct err *err)
{
	struct restored_map *rm;
	size_t i;
	int ret = 0;

	for (i = 0; i < loaded->nr_maps && !ret; i++) {
		if (!savefile_covers(&loaded->maps[i]))
			continue;
		rm = &r->maps[r->nr++];
		rm->map = &loaded->maps[i];
		ret = read_entries(rm->map, &rm->before, err);
	}
	return ret;
}

static int read_after(struct restore *r, struct err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < r->nr && !ret; i++)
		ret = read_entries(r->maps[i].map, &r->maps[i].after, err);
	return ret;
}

int restore_state(const struct loaded *loaded, __u64 cgroup_id,
		  const char *path, struct restore **restore,
		  struct save_counts *counts, struct err *err)
{
	struct restore *r;
	int ret, ret_after;

	r = calloc(1, sizeof(*r) + loaded->nr_maps * sizeof(r->maps[0]));
	if (!r)
		return err_no_memory(err);
	ret = read_before(loaded, r, err);
	if (ret)
		goto err_free;
	ret = savefile_restore(loaded, cgroup_id, path, counts, err);
	/* Even if that failed: a map may have run full half way. */
	ret_after = read_after(r, err);
	ret = ret ?: ret_after;
	if (ret)
		goto err_undo;
	*restore = r;
	return 0;

err_undo:
	restore_undo(r);
err_free:
	restore_free(r);
	return ret;
}

static void undo_map(const struct restored_map *r)
{
	__u32 ks = r->map->info.key_size, vs = r->map->info.value_size;
	const char *was = r->before.v, *now = r->after.v;
	size_t size = entry_size(r->map);
	const char *was_end = was + r->before.nr * size;
	const char *now_end = now + r->after.nr * size;

	for (; now < now_end; now += size) {
		while (was < was_end && memcmp(was, now, ks) < 0)
			was += size;
		if (was == was_end || memcmp(was, now, ks))
			bpf_map_delete_elem(r->map->fd, now);
		else if (memcmp(was + ks, now + ks, vs))
			bpf_map_update_elem(r->map->fd, now, was + ks, BPF_ANY);
	}
}

void restore_undo(const struct restore *restore)
{
	size_t i;

	/* A map that could not be read again has nothing to compare with. */
	for (i = 0; restore && i < restore->nr; i++)
		if (restore->maps[i].after.v)
			undo_map(&restore->maps[i]);
}

void restore_free(struct restore *restore)
{
	size_t i;

	for (i = 0; restore && i < restore->nr; i++) {
		free(restore->maps[i].before.v);
		free(restore->maps[i].after.v);
	}
	free(restore);
}
