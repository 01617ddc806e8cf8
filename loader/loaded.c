// SPDX-License-Identifier: GPL-2.0
/* Loaded policies as bpffs and the kernel show them. Called by attach.c and verbs. */
#include "loaded.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pin.h"

static void policy_dir(const char *name, char *dir, size_t size)
{
	snprintf(dir, size, "%s/%s", PIN_POLICIES, name);
}

/* Of one directory in PIN_POLICIES; bpffs has no dots, so none leads out of it. */
static bool is_name(const char *name)
{
	return *name && !strpbrk(name, "/.");
}

bool loaded_exists(const char *name)
{
	char dir[PATH_MAX];

	if (!is_name(name))
		return false;
	policy_dir(name, dir, sizeof(dir));
	return !access(dir, F_OK);
}

static int not_loaded(const char *name, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_NOT_LOADED, name, "policy '%s' is not loaded", name);
	err_hint(err, "loaded policies: swxctl list");
	return ret;
}

static int read_map(struct loaded *l, const char *dir, const char *name,
		    struct err *err)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	struct loaded_map *v;
	int fd;

	fd = pin_open(dir, name);
	if (fd < 0)
		return err_set(err, fd == -EPERM || fd == -EACCES ?
			       ERR_PERMISSION : ERR_BPFFS, name,
			       "cannot open the pin %s/%s: %s", dir, name,
			       strerror(-fd));
	if (bpf_map_get_info_by_fd(fd, &info, &len)) {
		close(fd);
		return err_set(err, ERR_FAILED, name, "%s/%s: %s", dir, name,
			       strerror(errno));
	}
	if (info.type == BPF_MAP_TYPE_STRUCT_OPS) {
		l->ops_fd = fd;
		l->ops_id = info.id;
		snprintf(l->policy, sizeof(l->policy), "%s", info.name);
		return 0;
	}
	v = realloc(l->maps, (l->nr_maps + 1) * sizeof(*v));
	if (!v) {
		close(fd);
		return err_no_memory(err);
	}
	l->maps = v;
	v += l->nr_maps++;
	*v = (struct loaded_map) { .fd = fd, .info = info };
	snprintf(v->name, sizeof(v->name), "%s", name);
	return 0;
}

static int compare_maps(const void *a, const void *b)
{
	return strcmp(((const struct loaded_map *)a)->name,
		      ((const struct loaded_map *)b)->name);
}

static int read_maps(struct loaded *l, const char *dir, struct err *err)
{
	struct dirent *d;
	DIR *stream;
	int ret = 0;

	stream = opendir(dir);
	if (!stream && errno == EACCES)
		return err_set(err, ERR_PERMISSION, dir, "no permission to read %s", dir);
	while (stream && !ret && (d = readdir(stream)))
		if (d->d_name[0] != '.')
			ret = read_map(l, dir, d->d_name, err);
	if (stream)
		closedir(stream);
	if (ret)
		return ret;
	if (!l->ops_id)
		return not_loaded(l->name, err);
	if (l->nr_maps)
		qsort(l->maps, l->nr_maps, sizeof(*l->maps), compare_maps);
	return 0;
}

static int read_fields(struct loaded *l, const char *map, const char *tag,
		       struct fields *out, struct err *err)
{
	struct loaded_map *m = loaded_find_map(l, map);

	if (!m || !l->btf)
		return 0;
	return schema_read_struct(l->btf, m->info.btf_value_type_id, tag, l->name,
				  out, err);
}

/* Any map's BTF will do: libbpf gives all of a policy's maps the same. */
static int describe(struct loaded *l, struct err *err)
{
	const char *summary;
	size_t i;
	int ret;

	for (i = 0; i < l->nr_maps && !l->btf; i++)
		if (l->maps[i].info.btf_id)
			l->btf = btf__load_from_kernel_by_id(l->maps[i].info.btf_id);
	if (!l->btf)
		return 0;
	for (i = 0; i < l->nr_maps; i++) {
		struct loaded_map *m = &l->maps[i];

		m->state = schema_var_tag(l->btf, m->name, "swap_state");
		m->shared = schema_var_tag(l->btf, m->name, "swap_shared");
	}
	summary = schema_var_tag(l->btf, l->policy, "swap_policy");
	l->summary = summary ? strdup(summary) : NULL;
	ret = read_fields(l, "params", "swap_param", &l->params, err);
	if (!ret)
		ret = read_fields(l, "stats", "swap_stat", &l->stats, err);
	return ret ?: schema_read_section(l->btf, ".rodata", "swap_const", l->name,
					  &l->consts, err);
}

int loaded_open(const char *name, struct loaded **loaded, struct err *err)
{
	char dir[PATH_MAX];
	struct loaded *l;
	struct stat st;
	int ret;

	if (!is_name(name))
		return not_loaded(name, err);
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_no_memory(err);
	l->ops_fd = -1;
	snprintf(l->name, sizeof(l->name), "%s", name);
	policy_dir(name, dir, sizeof(dir));
	l->kept = !stat(dir, &st) && (st.st_mode & S_ISVTX);
	ret = read_maps(l, dir, err);
	if (!ret)
		ret = describe(l, err);
	if (ret)
		loaded_close(l);
	else
		*loaded = l;
	return ret;
}

struct id_search {
	__u32	id;
	char	name[LOADED_NAME_LEN];
};

static int match_id(const char *name, void *arg)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	struct id_search *s = arg;
	char dir[PATH_MAX];
	int fd;

	policy_dir(name, dir, sizeof(dir));
	fd = pin_open(dir, "ops");
	if (fd < 0)
		return 0;
	if (bpf_map_get_info_by_fd(fd, &info, &len))
		info.id = 0;
	close(fd);
	if (info.id != s->id)
		return 0;
	snprintf(s->name, sizeof(s->name), "%s", name);
	return 1;
}

int loaded_open_by_id(__u32 map_id, struct loaded **loaded, struct err *err)
{
	struct id_search s = { .id = map_id };
	int ret;

	if (loaded_for_each(match_id, &s))
		return loaded_open(s.name, loaded, err);
	ret = err_set(err, geteuid() ? ERR_PERMISSION : ERR_NOT_LOADED, NULL,
		      "the policy with map id %u has no pin below %s", map_id,
		      PIN_POLICIES);
	err_hint(err, geteuid() ? "run as root" : "swxctl did not load it: bpftool map show id %u", map_id);
	return ret;
}

void loaded_close(struct loaded *loaded)
{
	size_t i;

	if (!loaded)
		return;
	for (i = 0; i < loaded->nr_maps; i++)
		close(loaded->maps[i].fd);
	if (loaded->ops_fd >= 0)
		close(loaded->ops_fd);
	fields_free(&loaded->params);
	fields_free(&loaded->stats);
	fields_free(&loaded->consts);
	btf__free(loaded->btf);
	free(loaded->summary);
	free(loaded->maps);
	free(loaded);
}

struct loaded_map *loaded_find_map(const struct loaded *loaded, const char *name)
{
	size_t i;

	for (i = 0; i < loaded->nr_maps; i++)
		if (!strcmp(loaded->maps[i].name, name))
			return &loaded->maps[i];
	return NULL;
}

int loaded_pin(const struct policy *policy, const char *name, bool keep,
	       struct err *err)
{
	char dir[PATH_MAX], map[LOADED_NAME_LEN];
	size_t i;
	int ret;

	policy_dir(name, dir, sizeof(dir));
	ret = pin_make_dir(dir, err);
	if (ret)
		return ret;
	ret = pin_object(bpf_map__fd(policy->ops_map), dir, "ops", err);
	for (i = 0; i < policy->nr_maps && !ret; i++) {
		/* Maps that no program uses are not created. */
		if (bpf_map__fd(policy->maps[i].map) < 0)
			continue;
		pin_map_name(policy->maps[i].name, map, sizeof(map));
		ret = pin_object(bpf_map__fd(policy->maps[i].map), dir, map, err);
	}
	if (!ret && keep && chmod(dir, 01755))
		ret = err_set(err, ERR_BPFFS, dir, "cannot mark %s as loaded: %s",
			      dir, strerror(errno));
	if (ret)
		loaded_unpin(name);
	return ret;
}

void loaded_unpin(const char *name)
{
	char dir[PATH_MAX];
	struct dirent *d;
	DIR *stream;

	policy_dir(name, dir, sizeof(dir));
	stream = opendir(dir);
	while (stream && (d = readdir(stream)))
		if (d->d_name[0] != '.')
			pin_remove(dir, d->d_name);
	if (stream)
		closedir(stream);
	pin_remove_dir(dir);
}

static int is_entry(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int loaded_for_each(int (*fn)(const char *name, void *arg), void *arg)
{
	struct dirent **entries;
	int i, nr, ret = 0;

	nr = scandir(PIN_POLICIES, &entries, is_entry, alphasort);
	if (nr < 0)
		return 0;
	for (i = 0; i < nr; i++) {
		if (!ret)
			ret = fn(entries[i]->d_name, arg);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int add_link(struct link_list *list, __u64 cgroup_id, struct err *err)
{
	__u64 *v = realloc(list->cgroup_ids, (list->nr + 1) * sizeof(*v));

	if (!v)
		return err_no_memory(err);
	list->cgroup_ids = v;
	v[list->nr++] = cgroup_id;
	return 0;
}

int loaded_find_links(__u32 map_id, struct link_list *list, struct err *err)
{
	__u32 id = 0;
	int ret = 0;

	memset(list, 0, sizeof(*list));
	while (!ret && !bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_link_get_info_by_fd(fd, &info, &len) &&
		    info.type == BPF_LINK_TYPE_STRUCT_OPS &&
		    info.struct_ops.map_id == map_id)
			ret = add_link(list, info.struct_ops.cgroup_id, err);
		close(fd);
	}
	/* The loop ends with ENOENT; any other end leaves links unseen. */
	if (!ret && errno != ENOENT)
		ret = err_set(err, errno == EPERM ? ERR_PERMISSION : ERR_FAILED,
			      NULL, "cannot list BPF links: %s", strerror(errno));
	if (ret)
		link_list_free(list);
	return ret;
}

void link_list_free(struct link_list *list)
{
	free(list->cgroup_ids);
	memset(list, 0, sizeof(*list));
}
