/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPF maps in memory, for a policy compiled for the host. The definition a policy
 * gives libbpf tells type, sizes and max_entries at compile time; contents are
 * found by the definition's address. Full maps refuse, LRU maps evict, as in the
 * kernel (which approximates LRU where this is exact). Included by host.h only.
 */
#ifndef __SWAP_EXT_HOST_MAP_H
#define __SWAP_EXT_HOST_MAP_H

#define HOST_MAX_MAPS	32
#define HOST_BUCKETS	4096

struct host_elem {
	struct host_elem *chain;		/* in its bucket */
	struct host_elem *older, *newer;	/* in order of use */
	char *value;
	char key[];
};

struct host_map {
	const void *def;
	u32 type, key_size, value_size, max_entries, nr;
	struct host_elem *bucket[HOST_BUCKETS];
	struct host_elem *oldest, *newest;
	char *array;
};

static struct host_map host_maps[HOST_MAX_MAPS];

/* Deleted, but a policy may hold the pointer until its op returns. */
static struct host_elem *host_limbo;

static inline void *host_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		abort();
	return p;
}

static inline struct host_map *host_map_get(const void *def, u32 type,
					    u32 key_size, u32 value_size,
					    u32 max_entries)
{
	struct host_map *m;

	for (m = host_maps; m < host_maps + HOST_MAX_MAPS; m++) {
		if (m->def == def)
			return m;
		if (!m->def)
			break;
	}
	if (m == host_maps + HOST_MAX_MAPS)
		abort();
	m->def = def;
	m->type = type;
	m->key_size = key_size;
	m->value_size = value_size;
	m->max_entries = max_entries;
	if (type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY)
		m->array = host_alloc((size_t)value_size * max_entries);
	return m;
}

#define HOST_ATTR(m, attr)	(sizeof(*(m)->attr) / sizeof(int))
#define HOST_MAP(m)							\
	host_map_get(m, HOST_ATTR(m, type), sizeof(*(m)->key),		\
		     sizeof(*(m)->value), HOST_ATTR(m, max_entries))
/* Storage maps have no max_entries; their key is the task. */
#define HOST_TASK_MAP(m)						\
	host_map_get(m, HOST_ATTR(m, type), sizeof(void *),		\
		     sizeof(*(m)->value), 0)

static inline bool host_map_is_lru(const struct host_map *m)
{
	return m->type == BPF_MAP_TYPE_LRU_HASH ||
	       m->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* FNV-1a */
static inline u32 host_map_bucket(const struct host_map *m, const void *key)
{
	const unsigned char *k = key;
	u32 h = 2166136261u, i;

	for (i = 0; i < m->key_size; i++)
		h = (h ^ k[i]) * 16777619u;
	return h % HOST_BUCKETS;
}

static inline void host_map_unlink_age(struct host_map *m, struct host_elem *e)
{
	*(e->older ? &e->older->newer : &m->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &m->newest) = e->older;
}

static inline void host_map_link_newest(struct host_map *m, struct host_elem *e)
{
	e->older = m->newest;
	e->newer = NULL;
	*(m->newest ? &m->newest->newer : &m->oldest) = e;
	m->newest = e;
}

static inline struct host_elem **host_map_find(struct host_map *m,
					       const void *key)
{
	struct host_elem **p = &m->bucket[host_map_bucket(m, key)];

	while (*p && memcmp((*p)->key, key, m->key_size))
		p = &(*p)->chain;
	return p;
}

static inline void host_map_remove(struct host_map *m, struct host_elem **p)
{
	struct host_elem *e = *p;

	*p = e->chain;
	host_map_unlink_age(m, e);
	m->nr--;
	e->chain = host_limbo;
	host_limbo = e;
}

static inline struct host_elem *host_map_add(struct host_map *m,
					     const void *key)
{
	struct host_elem *e, **p;

	if (m->max_entries && m->nr == m->max_entries) {
		if (!host_map_is_lru(m))
			return NULL;
		host_map_remove(m, host_map_find(m, m->oldest->key));
	}
	e = host_alloc(sizeof(*e) + m->key_size);
	e->value = host_alloc(m->value_size);
	memcpy(e->key, key, m->key_size);
	p = &m->bucket[host_map_bucket(m, key)];
	e->chain = *p;
	*p = e;
	host_map_link_newest(m, e);
	m->nr++;
	return e;
}

static inline void *host_map_lookup(struct host_map *m, const void *key)
{
	struct host_elem *e;
	u32 i;

	if (m->array) {
		memcpy(&i, key, sizeof(i));
		return i < m->max_entries ?
		       m->array + (size_t)i * m->value_size : NULL;
	}
	e = *host_map_find(m, key);
	if (!e)
		return NULL;
	host_map_unlink_age(m, e);
	host_map_link_newest(m, e);
	return e->value;
}

static inline long host_map_update(struct host_map *m, const void *key,
				   const void *value, u64 flags)
{
	char *old = host_map_lookup(m, key);
	struct host_elem *e;

	if (old && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!old && m->array)
		return -E2BIG;
	if (!old && flags == BPF_EXIST)
		return -ENOENT;
	if (!old) {
		e = host_map_add(m, key);
		if (!e)
			return -E2BIG;
		old = e->value;
	}
	memcpy(old, value, m->value_size);
	return 0;
}

static inline long host_map_delete(struct host_map *m, const void *key)
{
	struct host_elem **p;

	if (m->array)
		return -EINVAL;
	p = host_map_find(m, key);
	if (!*p)
		return -ENOENT;
	host_map_remove(m, p);
	return 0;
}

static inline void *host_task_storage(struct host_map *m, void *task,
				      const void *value, u64 flags)
{
	struct host_elem *e;
	void *old;

	if (!task)
		return NULL;
	old = host_map_lookup(m, &task);
	if (old || !(flags & BPF_LOCAL_STORAGE_GET_F_CREATE))
		return old;
	e = host_map_add(m, &task);
	if (value)
		memcpy(e->value, value, m->value_size);
	return e->value;
}

#define bpf_map_lookup_elem(m, key)	host_map_lookup(HOST_MAP(m), key)
#define bpf_map_update_elem(m, key, value, flags)			\
	host_map_update(HOST_MAP(m), key, value, flags)
#define bpf_map_delete_elem(m, key)	host_map_delete(HOST_MAP(m), key)
#define bpf_task_storage_get(m, task, value, flags)			\
	host_task_storage(HOST_TASK_MAP(m), task, value, flags)
#define bpf_task_storage_delete(m, task)				\
({									\
	void *___task = (task);						\
									\
	host_map_delete(HOST_TASK_MAP(m), &___task);			\
})

/* The value of a key, all 0 if there was none. */
static inline void *host_map_value(struct host_map *m, const void *key)
{
	void *value = host_map_lookup(m, key);
	struct host_elem *e = value ? NULL : host_map_add(m, key);

	return e ? e->value : value;
}

/* After an op has returned: what it deleted is gone now. */
static inline void host_map_quiesce(void)
{
	struct host_elem *e;

	while ((e = host_limbo)) {
		host_limbo = e->chain;
		free(e->value);
		free(e);
	}
}

static inline void host_map_forget_task(void *task)
{
	struct host_map *m;
	struct host_elem **p;

	for (m = host_maps; m < host_maps + HOST_MAX_MAPS && m->def; m++) {
		if (m->type != BPF_MAP_TYPE_TASK_STORAGE)
			continue;
		p = host_map_find(m, &task);
		if (*p)
			host_map_remove(m, p);
	}
	host_map_quiesce();
}

static inline void host_map_forget_all(void)
{
	struct host_map *m;

	for (m = host_maps; m < host_maps + HOST_MAX_MAPS && m->def; m++) {
		while (m->oldest)
			host_map_remove(m, host_map_find(m, m->oldest->key));
		free(m->array);
	}
	host_map_quiesce();
	memset(host_maps, 0, sizeof(host_maps));
}

#endif /* __SWAP_EXT_HOST_MAP_H */
