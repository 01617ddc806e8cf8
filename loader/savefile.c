// SPDX-License-Identifier: GPL-2.0
/* Saves and restores SWAP_STATE maps. Called by "save" and "attach --state". */
#include "savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "util.h"

#define HASH_SEED	0xcbf29ce484222325ULL	/* FNV-1a, 64 bits */
#define HASH_PRIME	0x100000001b3ULL
#define MAX_DEPTH	16

static __u64 hash_bytes(__u64 hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		hash = (hash ^ *p++) * HASH_PRIME;
	return hash;
}

static __u64 hash_string(__u64 hash, const char *s)
{
	return hash_bytes(hash, s, strlen(s) + 1);
}

/* Names, sizes and offsets of a type; two layouts that differ hash differently. */
static __u64 hash_type(const struct btf *btf, __u32 id, __u64 hash, int depth)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m;
	__u32 kind, size, i;

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		id = t->type;
		t = btf__type_by_id(btf, id);
	}
	if (!t || depth > MAX_DEPTH)
		return hash;
	kind = btf_kind(t);
	size = btf__resolve_size(btf, id);
	hash = hash_bytes(hash, &kind, sizeof(kind));
	hash = hash_bytes(hash, &size, sizeof(size));
	if (btf_is_array(t))
		return hash_type(btf, btf_array(t)->type, hash, depth + 1);
	if (!btf_is_composite(t))
		return hash;
	m = btf_members(t);
	for (i = 0; i < btf_vlen(t); i++) {
		hash = hash_string(hash, btf__name_by_offset(btf, m[i].name_off));
		hash = hash_bytes(hash, &m[i].offset, sizeof(m[i].offset));
		hash = hash_type(btf, m[i].type, hash, depth + 1);
	}
	return hash;
}

static struct save_map describe(const struct loaded *loaded,
				const struct loaded_map *m)
{
	struct save_map sm = {
		.type = m->info.type,
		.key_bytes = m->info.key_size,
		.value_bytes = m->info.value_size,
		.btf_hash = HASH_SEED,
	};

	snprintf(sm.name, sizeof(sm.name), "%.*s", SAVE_NAME_LEN - 1, m->name);
	if (loaded->btf) {
		sm.btf_hash = hash_type(loaded->btf, m->info.btf_key_type_id,
					sm.btf_hash, 0);
		sm.btf_hash = hash_type(loaded->btf, m->info.btf_value_type_id,
					sm.btf_hash, 0);
	}
	return sm;
}

/* Offset of the key's cgroup_id, -1 for a map that is not per attachment. */
static int cgroup_id_offset(const struct loaded *loaded,
			    const struct loaded_map *m)
{
	const struct btf_type *t;
	const struct btf_member *member;
	int i;

	t = loaded->btf ? btf__type_by_id(loaded->btf, m->info.btf_key_type_id) : NULL;
	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(loaded->btf, t->type);
	if (!t || !btf_is_struct(t))
		return -1;
	member = btf_members(t);
	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(loaded->btf, member[i].name_off),
			    "cgroup_id") &&
		    btf__resolve_size(loaded->btf, member[i].type) == sizeof(__u64))
			return btf_member_bit_offset(t, i) / 8;
	return -1;
}

static bool can_save(__u32 type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH ||
	       type == BPF_MAP_TYPE_ARRAY;
}

bool savefile_covers(const struct loaded_map *m)
{
	return m->state && can_save(m->info.type);
}

static bool is_zero(const char *data, size_t len)
{
	return !len || (!data[0] && !memcmp(data, data + 1, len - 1));
}

struct writer {
	FILE	*f;
	__u32	crc;
};

static void put(struct writer *w, const void *data, size_t len)
{
	if (!len)
		return;
	w->crc = crc32(w->crc, data, len);
	fwrite(data, 1, len, w->f);
}

/* A running policy may change the map meanwhile: what is gone is left out. */
static char *collect(const struct loaded *loaded, const struct loaded_map *m,
		     __u64 cgroup_id, __u32 *nr)
{
	size_t ks = m->info.key_size, vs = m->info.value_size;
	int id_at = cgroup_id_offset(loaded, m);
	char *buf = NULL, *tmp, *entry, *key = NULL, *next;
	size_t room = 0;
	__u32 seen;

	*nr = 0;
	next = malloc(ks);
	key = malloc(ks);
	for (seen = 0; next && key && seen < m->info.max_entries; seen++) {
		if (bpf_map_get_next_key(m->fd, seen ? key : NULL, next))
			break;
		memcpy(key, next, ks);
		if (id_at >= 0 && memcmp(key + id_at, &cgroup_id, sizeof(cgroup_id)))
			continue;
		if (*nr == room) {
			room = room ? 2 * room : 64;
			tmp = realloc(buf, room * (ks + vs));
			if (!tmp)
				break;
			buf = tmp;
		}
		entry = buf + *nr * (ks + vs);
		memcpy(entry, key, ks);
		if (bpf_map_lookup_elem(m->fd, key, entry + ks))
			continue;
		if (m->info.type != BPF_MAP_TYPE_ARRAY || !is_zero(entry + ks, vs))
			++*nr;
	}
	free(key);
	free(next);
	return buf;
}

static int write_maps(const struct loaded *loaded, __u64 cgroup_id,
		      struct writer *w, struct save_counts *counts,
		      struct err *err)
{
	struct save_header h = { .magic = SAVE_MAGIC, .version = SAVE_VERSION };
	const struct loaded_map *m;
	struct save_map sm;
	char *entries;
	size_t i;

	for (i = 0; i < loaded->nr_maps; i++) {
		m = &loaded->maps[i];
		if (m->state && !can_save(m->info.type))
			return err_set(err, ERR_BAD_POLICY, m->name,
				       "map %s of policy '%s' is not a hash or array: its state cannot be saved",
				       m->name, loaded->policy);
		h.nr_maps += m->state;
	}
	if (!h.nr_maps)
		return err_set(err, ERR_BAD_POLICY, loaded->policy,
			       "policy '%s' declares no state to save (SWAP_STATE)",
			       loaded->policy);
	snprintf(h.policy, sizeof(h.policy), "%s", loaded->policy);
	put(w, &h, sizeof(h));
	for (i = 0; i < loaded->nr_maps; i++) {
		m = &loaded->maps[i];
		if (!m->state)
			continue;
		sm = describe(loaded, m);
		entries = collect(loaded, m, cgroup_id, &sm.nr_entries);
		put(w, &sm, sizeof(sm));
		put(w, entries, (size_t)sm.nr_entries * (sm.key_bytes + sm.value_bytes));
		free(entries);
		counts->maps++;
		counts->entries += sm.nr_entries;
	}
	fwrite(&w->crc, 1, sizeof(w->crc), w->f);
	return 0;
}

static int cannot_write(const char *path, struct err *err)
{
	return err_set(err, ERR_FAILED, path, "cannot write %s: %s", path,
		       strerror(errno));
}

/* A rename would put a file where a device or a pipe has been. */
static int check_target(const char *path, struct err *err)
{
	struct stat st;
	int ret;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	ret = err_set(err, ERR_FAILED, path, "cannot save to %s: it is no regular file",
		      path);
	err_hint(err, "name a new file, or a saved state to replace");
	return ret;
}

/* What belongs to nobody else, beside @path; its name is to be freed. */
static FILE *open_temp(const char *path, char **temp, struct err *err)
{
	mode_t mask;
	FILE *f;
	int fd;

	if (asprintf(temp, "%s.XXXXXX", path) < 0) {
		err_no_memory(err);
		return NULL;
	}
	mask = umask(0);
	umask(mask);
	fd = mkostemp(*temp, O_CLOEXEC);
	f = fd < 0 || fchmod(fd, 0666 & ~mask) ? NULL : fdopen(fd, "w");
	if (f)
		return f;
	cannot_write(path, err);
	if (fd >= 0) {
		close(fd);
		unlink(*temp);
	}
	free(*temp);
	return NULL;
}

int savefile_write(const struct loaded *loaded, __u64 cgroup_id,
		   const char *path, struct save_counts *counts,
		   struct err *err)
{
	struct writer w = { 0 };
	char *temp;
	int ret;

	memset(counts, 0, sizeof(*counts));
	ret = check_target(path, err);
	if (ret)
		return ret;
	w.f = open_temp(path, &temp, err);
	if (!w.f)
		return -EIO;
	w.crc = crc32(0, NULL, 0);
	ret = write_maps(loaded, cgroup_id, &w, counts, err);
	counts->file_bytes = ftell(w.f);
	if (!ret && (fflush(w.f) || ferror(w.f) || fsync(fileno(w.f))))
		ret = cannot_write(path, err);
	fclose(w.f);
	if (!ret && rename(temp, path))
		ret = cannot_write(path, err);
	if (ret)
		unlink(temp);
	free(temp);
	return ret;
}

struct reader {
	const char	*p;
	const char	*end;
};

static const void *take(struct reader *r, size_t len)
{
	const void *data = r->p;

	if ((size_t)(r->end - r->p) < len)
		return NULL;
	r->p += len;
	return data;
}

static int bad_format(const char *path, const char *why, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_STATE_FORMAT, path, "%s is no saved state: %s",
		      path, why);
	err_hint(err, "files of 'swxctl save' can be restored");
	return ret;
}

static int mismatch(const char *path, const struct loaded *loaded,
		    const char *map, const char *why, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_STATE_MISMATCH, path,
		      "%s does not fit policy '%s': map %s %s", path,
		      loaded->policy, map, why);
	err_hint(err, "it was saved by another version of the policy: attach without --state, or with the version that saved it");
	return ret;
}

static int check_header(const char *policy, const char *path,
			const struct save_header *h, struct err *err)
{
	int ret;

	if (h->version != SAVE_VERSION) {
		ret = err_set(err, ERR_STATE_MISMATCH, path,
			      "%s has format version %u, this swxctl reads %u",
			      path, h->version, SAVE_VERSION);
		err_hint(err, "restore it with the swxctl that saved it");
		return ret;
	}
	if (!strncmp(h->policy, policy, sizeof(h->policy)))
		return 0;
	ret = err_set(err, ERR_STATE_MISMATCH, path,
		      "%s was saved from policy '%.*s', not '%s'", path,
		      (int)sizeof(h->policy), h->policy, policy);
	err_hint(err, "name policy '%.*s', or leave out --state",
		 (int)sizeof(h->policy), h->policy);
	return ret;
}

/* Hands each map's entries to @fn, checked against the policy. */
static int for_each_map(const struct loaded *loaded, const char *path,
			struct reader r, struct err *err,
			int (*fn)(const struct loaded *loaded,
				  const struct loaded_map *m, char *entries,
				  __u32 nr, void *arg, struct err *err),
			void *arg)
{
	const struct save_header *h = take(&r, sizeof(*h));
	struct save_map sm, now;
	const struct loaded_map *m;
	const void *p;
	__u32 i;
	int ret;

	if (!h || memcmp(h->magic, SAVE_MAGIC, sizeof(h->magic)))
		return bad_format(path, "it does not begin with " SAVE_MAGIC, err);
	ret = check_header(loaded->policy, path, h, err);
	for (i = 0; i < h->nr_maps && !ret; i++) {
		p = take(&r, sizeof(sm));
		if (!p)
			return bad_format(path, "it is cut short", err);
		memcpy(&sm, p, sizeof(sm));
		sm.name[SAVE_NAME_LEN - 1] = '\0';
		m = loaded_find_map(loaded, sm.name);
		if (!m || !m->state)
			return mismatch(path, loaded, sm.name, "is no state of it", err);
		now = describe(loaded, m);
		if (sm.type != now.type || sm.key_bytes != now.key_bytes ||
		    sm.value_bytes != now.value_bytes || sm.btf_hash != now.btf_hash)
			return mismatch(path, loaded, sm.name,
					"has another type or layout", err);
		p = take(&r, (size_t)sm.nr_entries * (sm.key_bytes + sm.value_bytes));
		if (!p)
			return bad_format(path, "it is cut short", err);
		ret = fn(loaded, m, (char *)p, sm.nr_entries, arg, err);
	}
	return ret;
}

static int check_room(const struct loaded *loaded, const struct loaded_map *m,
		      char *entries, __u32 nr, void *arg, struct err *err)
{
	(void)entries;
	if (nr > m->info.max_entries)
		return mismatch(arg, loaded, m->name, "has room for fewer entries", err);
	return 0;
}

struct restore {
	const char		*path;
	__u64			cgroup_id;
	struct save_counts	*counts;
};

static int restore_map(const struct loaded *loaded, const struct loaded_map *m,
		       char *entries, __u32 nr, void *arg, struct err *err)
{
	size_t ks = m->info.key_size, vs = m->info.value_size;
	int id_at = cgroup_id_offset(loaded, m);
	struct restore *r = arg;
	__u32 i;

	for (i = 0; i < nr; i++, entries += ks + vs) {
		if (id_at >= 0)
			memcpy(entries + id_at, &r->cgroup_id, sizeof(r->cgroup_id));
		if (bpf_map_update_elem(m->fd, entries, entries + ks, BPF_ANY))
			return err_set(err, ERR_FAILED, r->path,
				       "cannot restore map %s of policy '%s': %s",
				       m->name, loaded->policy, strerror(errno));
	}
	r->counts->maps++;
	r->counts->entries += nr;
	return 0;
}

static char *read_checked(const char *path, size_t *size, struct err *err)
{
	struct stat st;
	char *buf = NULL;
	__u32 crc;
	FILE *f;

	f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st)) {
		err_set(err, ERR_STATE_FORMAT, path, "cannot read saved state %s: %s",
			path, strerror(errno));
		goto out;
	}
	*size = st.st_size;
	buf = malloc(*size + 1);
	if (!buf || fread(buf, 1, *size, f) != *size) {
		err_set(err, ERR_STATE_FORMAT, path, "cannot read saved state %s", path);
		goto err_free;
	}
	if (*size < sizeof(struct save_header) + sizeof(crc) ||
	    memcmp(buf, SAVE_MAGIC, sizeof(SAVE_MAGIC) - 1)) {
		bad_format(path, "it does not begin with " SAVE_MAGIC, err);
		goto err_free;
	}
	*size -= sizeof(crc);
	memcpy(&crc, buf + *size, sizeof(crc));
	/* Of another version we do not know that it ends in a checksum. */
	if (((struct save_header *)buf)->version == SAVE_VERSION &&
	    crc != crc32(crc32(0, NULL, 0), (void *)buf, *size)) {
		bad_format(path, "it is damaged, its checksum is wrong", err);
		goto err_free;
	}
	goto out;

err_free:
	free(buf);
	buf = NULL;
out:
	if (f)
		fclose(f);
	return buf;
}

int savefile_check(const char *path, const char *policy, struct err *err)
{
	size_t size;
	char *buf;
	int ret;

	buf = read_checked(path, &size, err);
	if (!buf)
		return -EINVAL;
	ret = check_header(policy, path, (void *)buf, err);
	free(buf);
	return ret;
}

int savefile_restore(const struct loaded *loaded, __u64 cgroup_id,
		     const char *path, struct save_counts *counts,
		     struct err *err)
{
	struct restore restore = {
		.path = path, .cgroup_id = cgroup_id, .counts = counts,
	};
	struct reader r;
	size_t size;
	char *buf;
	int ret;

	memset(counts, 0, sizeof(*counts));
	buf = read_checked(path, &size, err);
	if (!buf)
		return -EINVAL;
	r = (struct reader) { .p = buf, .end = buf + size };
	ret = for_each_map(loaded, path, r, err, check_room, (void *)path);
	if (!ret)
		ret = for_each_map(loaded, path, r, err, restore_map, &restore);
	free(buf);
	return ret;
}
