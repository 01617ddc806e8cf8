// SPDX-License-Identifier: GPL-2.0
/*
 * The life of an attachment: map entries first, so that the policy finds its
 * parameters in its first call; then the link; then the pin that keeps it when
 * this process ends. Undone in reverse.
 */
#include "attach.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pin.h"
#include "refusal.h"
#include "restore.h"
#include "savefile.h"
#include "settings.h"
#include "source.h"
#include "state.h"
#include "util.h"

/* Maps with an entry per attachment, made by us, not by the policy. */
static const char *const entry_maps[] = { "params", "stats" };

static struct loaded_map *entry_map(const struct loaded *l, const char *name)
{
	struct loaded_map *m = loaded_find_map(l, name);

	return m && m->info.key_size == sizeof(__u64) ? m : NULL;
}

static size_t entry_bytes(const struct loaded_map *m)
{
	if (m->info.type != BPF_MAP_TYPE_PERCPU_HASH)
		return m->info.value_size;
	return (size_t)libbpf_num_possible_cpus() * ((m->info.value_size + 7) & ~7U);
}

static void delete_entries(const struct loaded *l, __u64 cgroup_id)
{
	const struct loaded_map *m;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(entry_maps); i++) {
		m = entry_map(l, entry_maps[i]);
		if (m)
			bpf_map_delete_elem(m->fd, &cgroup_id);
	}
}

/* Without @stats those that are there stay. */
static int write_entries(const struct loaded *l, __u64 cgroup_id,
			 const void *params, const void *stats)
{
	const struct loaded_map *m = entry_map(l, "params");

	if (m && bpf_map_update_elem(m->fd, &cgroup_id, params, BPF_ANY))
		return -errno;
	m = stats ? entry_map(l, "stats") : NULL;
	if (m && bpf_map_update_elem(m->fd, &cgroup_id, stats, BPF_ANY))
		return -errno;
	return 0;
}

static bool prune_unlinked(const struct loaded *l)
{
	struct err ignored = { 0 };
	struct link_list links;
	unsigned int nr;

	if (loaded_find_links(l->ops_id, &links, &ignored)) {
		err_clear(&ignored);
		return false;
	}
	nr = attach_prune_entries(l, &links, false);
	link_list_free(&links);
	return nr;
}

static int put_entries(const struct loaded *l, __u64 cgroup_id,
		       const void *params, const void *stats, struct err *err)
{
	int ret;

	ret = write_entries(l, cgroup_id, params, stats);
	/*
	 * A cgroup removed with its policy leaves its entries, so a service that
	 * starts often fills the maps. Ours may be pruned, too: write them all.
	 */
	if (ret == -E2BIG && prune_unlinked(l))
		ret = write_entries(l, cgroup_id, params, stats);
	if (!ret)
		return 0;
	if (ret != -E2BIG)
		return err_set(err, ERR_FAILED, l->name,
			       "cannot write parameters to policy '%s': %s",
			       l->name, strerror(-ret));
	ret = err_set(err, ERR_FAILED, l->name,
		      "policy '%s' has no room for one more cgroup", l->name);
	err_hint(err, "load it once more: swxctl load %s --name NAME", l->policy);
	return ret;
}

static int create_entries(const struct loaded *l, __u64 cgroup_id,
			  const void *params, struct err *err)
{
	const struct loaded_map *m = entry_map(l, "stats");
	void *zero = calloc(1, m ? entry_bytes(m) : 1);
	int ret;

	ret = zero ? put_entries(l, cgroup_id, params, zero, err) :
		     err_no_memory(err);
	free(zero);
	if (ret)
		delete_entries(l, cgroup_id);
	return ret;
}

static void *read_entry(const struct loaded *l, const char *map, __u64 cgroup_id)
{
	const struct loaded_map *m = entry_map(l, map);
	void *data = m ? calloc(1, entry_bytes(m)) : NULL;

	if (data && bpf_map_lookup_elem(m->fd, &cgroup_id, data)) {
		free(data);
		return NULL;
	}
	return data;
}

struct json_object *attach_read_params(const struct loaded *loaded,
				       __u64 cgroup_id)
{
	void *data = read_entry(loaded, "params", cgroup_id);
	struct json_object *row;

	row = data ? fields_json(&loaded->params, data) : NULL;
	free(data);
	return row;
}

struct json_object *attach_read_stats(const struct loaded *loaded,
				      __u64 cgroup_id)
{
	const struct fields *stats = &loaded->stats;
	char *data = read_entry(loaded, "stats", cgroup_id);
	struct json_object *row;
	size_t i, stride, size;
	__u64 sum;

	if (!data)
		return NULL;
	row = json_object_new_object();
	size = entry_bytes(entry_map(loaded, "stats"));
	stride = (stats->size + 7) & ~7U;
	for (i = 0; i < stats->nr; i++) {
		const char *p;

		sum = 0;
		for (p = data; p < data + size; p += stride)
			sum += field_get(&stats->v[i], p);
		json_object_object_add(row, stats->v[i].name,
				       json_object_new_uint64(sum));
	}
	free(data);
	return row;
}

static int fill_params(const struct source *src, const struct attach_request *req,
		       const struct loaded *old, void **data, struct err *err)
{
	const struct fields *params = source_params(src);
	struct settings s = {
		.owner = source_policy_name(src), .params = params,
		.consts = source_consts(src), .policy = src->policy,
		.loaded = src->loaded,
	};
	void *before;
	size_t i;
	int ret;

	*data = calloc(1, params->size + 1);
	if (!*data)
		return err_no_memory(err);
	fields_set_defaults(params, *data);

	/* A new build of the same policy keeps what was set. */
	before = old ? read_entry(old, "params", req->cg->id) : NULL;
	for (i = 0; before && i < params->nr; i++) {
		const struct field *was = fields_find(&old->params, params->v[i].name);
		__u64 value = was ? field_get(was, before) : 0;

		if (was && field_in_range(&params->v[i], value))
			field_set(&params->v[i], *data, value);
	}
	free(before);

	s.data = *data;
	ret = settings_apply(&s, req->assignments, req->nr_assignments, err);
	if (ret) {
		free(*data);
		*data = NULL;
	}
	return ret;
}

static int link_id_of(int fd, struct attach_result *res)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_link_get_info_by_fd(fd, &info, &len))
		return -errno;
	res->link_id = info.id;
	res->map_id = info.struct_ops.map_id;
	return 0;
}

static int open_link(const struct cgroup *cg, __u32 id, struct err *err)
{
	int fd = bpf_link_get_fd_by_id(id);

	if (fd >= 0)
		return fd;
	if (errno == EPERM || errno == EACCES)
		return refusal_no_permission(cg, err);
	return err_set(err, ERR_FAILED, cg->path, "cannot open link %u of %s: %s",
		       id, cg->path, strerror(errno));
}

static int pin_all(const char *dir, int link_fd, const struct loaded *l,
		   struct err *err)
{
	const struct loaded_map *m;
	size_t i;
	int ret;

	ret = pin_make_dir(dir, err);
	if (!ret)
		ret = pin_replace(link_fd, dir, "link", err);
	for (i = 0; i < ARRAY_SIZE(entry_maps) && !ret; i++) {
		m = entry_map(l, entry_maps[i]);
		if (m)
			ret = pin_replace(m->fd, dir, entry_maps[i], err);
		else
			pin_remove(dir, entry_maps[i]);
	}
	return ret;
}

/* What attach loaded goes with its last link; what load loaded stays. */
static bool drop_unused(const struct loaded *l)
{
	struct err ignored = { 0 };
	struct link_list links;

	if (l->kept || loaded_find_links(l->ops_id, &links, &ignored)) {
		err_clear(&ignored);
		return false;
	}
	if (!links.nr)
		loaded_unpin(l->name);
	link_list_free(&links);
	return !links.nr;
}

static int create_link(const struct attach_request *req, const struct source *src,
		       const char *dir, struct attach_result *res,
		       struct err *err)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = BPF_F_CGROUP_FD);
	int fd, ret;

	fd = bpf_link_create(src->loaded->ops_fd, req->cg->fd, BPF_STRUCT_OPS, &opts);
	if (fd < 0)
		return refusal_of_create(req->cg, source_policy_name(src), errno,
					 err);
	ret = pin_all(dir, fd, src->loaded, err);
	if (ret)
		attach_remove_pins(dir);
	else
		link_id_of(fd, res);
	/* Without a pin this detaches. */
	close(fd);
	return ret;
}

/* What a dry run can tell of --state: loading the policy would change something. */
static int check_state_file(const struct attach_request *req,
			    const struct source *src, struct err *err)
{
	const char *policy = src->policy ? src->policy->name : src->loaded->policy;

	return req->state_file ? savefile_check(req->state_file, policy, err) : 0;
}

static void fill_result(const struct source *src, const void *params,
			struct attach_result *res)
{
	snprintf(res->policy, sizeof(res->policy), "%s",
		 src->policy ? src->name : src->loaded->name);
	res->params = fields_json(source_params(src), params);
	res->loaded = src->policy;
}

static int restore_file(const struct attach_request *req, const struct loaded *l,
			struct restore **restore, struct attach_result *res,
			struct err *err)
{
	if (!req->state_file)
		return 0;
	return restore_state(l, req->cg->id, req->state_file, restore,
			     &res->restored, err);
}

int attach_policy(const struct attach_request *req, struct attach_result *res,
		  struct err *err)
{
	struct restore *restore = NULL;
	char dir[PATH_MAX];
	struct source src;
	struct state st;
	void *params;
	int ret;

	memset(res, 0, sizeof(*res));
	ret = state_read(req->cg, &st, err);
	if (ret)
		return ret;
	if (st.link_id)
		return refusal_has_policy(req->cg, &st, req->policy, err);
	ret = source_open(req->policy, &src, err);
	if (ret)
		return ret;
	ret = fill_params(&src, req, NULL, &params, err);
	if (ret)
		goto out_close;
	if (req->dry_run) {
		ret = check_state_file(req, &src, err);
		goto out_result;
	}
	ret = source_load(&src, false, err);
	if (ret)
		goto out_free;
	ret = create_entries(src.loaded, req->cg->id, params, err);
	if (ret)
		goto err_unload;
	ret = restore_file(req, src.loaded, &restore, res, err);
	if (ret)
		goto err_entries;
	/* Of a cgroup of the same name that was removed. */
	pin_cgroup_dir(req->cg->path, dir, sizeof(dir));
	attach_remove_pins(dir);
	ret = create_link(req, &src, dir, res, err);
	if (ret)
		goto err_restore;
out_result:
	if (!ret)
		fill_result(&src, params, res);
	goto out_free;

err_restore:
	restore_undo(restore);
err_entries:
	delete_entries(src.loaded, req->cg->id);
err_unload:
	source_undo(&src);
out_free:
	restore_free(restore);
	free(params);
out_close:
	source_close(&src);
	return ret;
}

/* Maps the new policy takes over from the old one, decided before it is loaded. */
static int share_maps(const struct policy *policy, const struct loaded *old,
		      struct err *err)
{
	const struct loaded_map *was;
	struct policy_map *m;
	size_t i;

	for (i = 0; i < policy->nr_maps; i++) {
		m = &policy->maps[i];
		was = m->shared ? loaded_find_map(old, m->name) : NULL;
		if (!was || !was->shared || bpf_map__type(m->map) != was->info.type ||
		    bpf_map__key_size(m->map) != was->info.key_size ||
		    bpf_map__value_size(m->map) != was->info.value_size)
			continue;
		if (bpf_map__reuse_fd(m->map, was->fd))
			return err_set(err, ERR_FAILED, m->name,
				       "cannot share map %s: %s", m->name,
				       strerror(errno));
	}
	return 0;
}

static bool is_same_policy(const struct source *src, const struct loaded *old)
{
	return !strcmp(src->policy ? src->policy->name : src->loaded->policy,
		       old->policy);
}

/* @old may be NULL: attached by something else than swxctl. */
static int update_link(const struct attach_request *req, const struct state *st,
		       const struct source *src, const struct loaded *old,
		       struct attach_result *res, struct err *err)
{
	struct err ignored = { 0 };
	char dir[PATH_MAX];
	int fd, old_fd, ret;

	fd = open_link(req->cg, st->link_id, err);
	if (fd < 0)
		return fd;
	old_fd = bpf_map_get_fd_by_id(st->map_id);
	if (bpf_link_update(fd, src->loaded->ops_fd, NULL)) {
		ret = refusal_of_update(req->cg, source_policy_name(src), errno,
					err);
		goto out;
	}
	pin_cgroup_dir(req->cg->path, dir, sizeof(dir));
	ret = pin_all(dir, fd, src->loaded, err);
	if (ret) {
		bpf_link_update(fd, old_fd, NULL);
		if (old)
			pin_all(dir, fd, old, &ignored);
		err_clear(&ignored);
	}
	link_id_of(fd, res);
out:
	if (old_fd >= 0)
		close(old_fd);
	close(fd);
	return ret;
}

static int open_replacement(const struct attach_request *req,
			    const struct loaded *old, struct source *src,
			    struct err *err)
{
	int ret;

	ret = source_open(req->policy, src, err);
	if (ret || !old || !src->loaded || src->loaded->ops_id != old->ops_id ||
	    src->loaded->kept)
		return ret;
	/* The same name again: its file has changed, that is why one would. */
	source_close(src);
	ret = source_open_fresh(old->policy, src, err);
	if (!ret || err->kind != ERR_NO_POLICY)
		return ret;
	err_clear(err);
	ret = err_set(err, ERR_NO_POLICY, req->policy,
		      "policy '%s' of %s comes from a path, which its name does not tell",
		      req->policy, req->cg->path);
	err_hint(err, "give the path: swxctl replace %s PATH.bpf.o", req->cg->path);
	return ret;
}

/* @before: what read_entry() said, NULL if there was no entry. */
static void put_back_params(const struct loaded *l, __u64 cgroup_id,
			    const void *before)
{
	const struct loaded_map *m = entry_map(l, "params");

	if (before)
		write_entries(l, cgroup_id, before, NULL);
	else if (m)
		bpf_map_delete_elem(m->fd, &cgroup_id);
}

/* A policy that "load" keeps stays the same map: what is in its maps changes. */
static int replace_in_place(const struct attach_request *req,
			    const struct state *st, const struct source *src,
			    const void *params, struct attach_result *res,
			    struct err *err)
{
	const struct loaded *l = src->loaded;
	void *before = read_entry(l, "params", req->cg->id);
	struct restore *restore = NULL;
	int ret;

	ret = restore_file(req, l, &restore, res, err);
	if (ret)
		goto out;
	ret = put_entries(l, req->cg->id, params, NULL, err);
	if (ret)
		goto err_restore;
	/* Nothing to the kernel, unless the policy was stopped. */
	ret = update_link(req, st, src, l, res, err);
	if (ret)
		goto err_params;
	goto out;

err_params:
	put_back_params(l, req->cg->id, before);
err_restore:
	restore_undo(restore);
out:
	restore_free(restore);
	free(before);
	return ret;
}

static int replace_with_other(const struct attach_request *req,
			      const struct state *st, const struct source *src,
			      const struct loaded *old, const void *params,
			      struct attach_result *res, struct err *err)
{
	struct restore *restore = NULL;
	int ret;

	ret = create_entries(src->loaded, req->cg->id, params, err);
	if (ret)
		return ret;
	ret = restore_file(req, src->loaded, &restore, res, err);
	if (ret)
		goto err_entries;
	ret = update_link(req, st, src, old, res, err);
	if (ret)
		goto err_restore;
	if (old) {
		delete_entries(old, req->cg->id);
		res->unloaded = drop_unused(old);
	}
	restore_free(restore);
	return 0;

err_restore:
	restore_undo(restore);
	restore_free(restore);
err_entries:
	delete_entries(src->loaded, req->cg->id);
	return ret;
}

static int replace_open(const struct attach_request *req, const struct state *st,
			const struct loaded *old, struct source *src,
			struct attach_result *res, struct err *err)
{
	void *params;
	int ret;

	ret = fill_params(src, req, old && is_same_policy(src, old) ? old : NULL,
			  &params, err);
	if (ret)
		return ret;
	if (req->dry_run) {
		ret = check_state_file(req, src, err);
		goto out_result;
	}
	if (src->policy && old)
		ret = share_maps(src->policy, old, err);
	if (!ret)
		ret = source_load(src, false, err);
	if (ret)
		goto out_free;
	if (old && src->loaded->ops_id == old->ops_id)
		ret = replace_in_place(req, st, src, params, res, err);
	else
		ret = replace_with_other(req, st, src, old, params, res, err);
	if (ret)
		source_undo(src);
out_result:
	if (!ret)
		fill_result(src, params, res);
out_free:
	free(params);
	return ret;
}

int attach_replace(const struct attach_request *req, struct attach_result *res,
		   struct err *err)
{
	struct err not_ours = { 0 };
	struct loaded *old = NULL;
	struct source src;
	struct state st;
	int ret;

	memset(res, 0, sizeof(*res));
	ret = state_read_attached(req->cg, &st, err);
	if (ret)
		return ret;
	if (loaded_open_by_id(st.map_id, &old, &not_ours))
		err_clear(&not_ours);
	ret = open_replacement(req, old, &src, err);
	if (!ret) {
		ret = replace_open(req, &st, old, &src, res, err);
		source_close(&src);
	}
	loaded_close(old);
	return ret;
}

static int set_params(const struct attach_request *req, const struct loaded *l,
		      struct attach_result *res, struct err *err)
{
	struct settings s = {
		.owner = l->name, .params = &l->params, .consts = &l->consts,
		.loaded = l,
	};
	int ret;

	s.data = read_entry(l, "params", req->cg->id) ?: calloc(1, l->params.size + 1);
	if (!s.data)
		return err_no_memory(err);
	ret = settings_apply(&s, req->assignments, req->nr_assignments, err);
	if (!ret && !req->dry_run)
		ret = put_entries(l, req->cg->id, s.data, NULL, err);
	if (!ret)
		res->params = fields_json(&l->params, s.data);
	free(s.data);
	return ret;
}

int attach_set(const struct attach_request *req, struct attach_result *res,
	       struct err *err)
{
	struct loaded *l;
	struct state st;
	int ret;

	memset(res, 0, sizeof(*res));
	ret = state_read_attached(req->cg, &st, err);
	if (ret)
		return ret;
	ret = loaded_open_by_id(st.map_id, &l, err);
	if (ret)
		return ret;
	snprintf(res->policy, sizeof(res->policy), "%s", st.policy);
	res->link_id = st.link_id;
	res->map_id = st.map_id;
	ret = set_params(req, l, res, err);
	loaded_close(l);
	return ret;
}

int attach_detach(const struct cgroup *cg, bool dry_run,
		  struct attach_result *res, struct err *err)
{
	struct err not_ours = { 0 };
	struct loaded *l = NULL;
	char dir[PATH_MAX];
	struct state st;
	int fd, ret;

	memset(res, 0, sizeof(*res));
	ret = state_read_attached(cg, &st, err);
	if (ret)
		return ret;
	snprintf(res->policy, sizeof(res->policy), "%s", st.policy);
	res->link_id = st.link_id;
	res->map_id = st.map_id;
	if (dry_run)
		return 0;
	fd = open_link(cg, st.link_id, err);
	if (fd < 0)
		return fd;
	if (loaded_open_by_id(st.map_id, &l, &not_ours))
		err_clear(&not_ours);
	if (bpf_link_detach(fd) && errno != ENOLINK) {
		ret = err_set(err, ERR_FAILED, cg->path,
			      "cannot detach link %u from %s: %s", st.link_id,
			      cg->path, strerror(errno));
		goto out;
	}
	pin_cgroup_dir(cg->path, dir, sizeof(dir));
	attach_remove_pins(dir);
	if (l) {
		delete_entries(l, cg->id);
		res->unloaded = drop_unused(l);
	}
out:
	loaded_close(l);
	close(fd);
	return ret;
}

static bool has_link(const struct link_list *links, __u64 cgroup_id)
{
	size_t i;

	for (i = 0; i < links->nr; i++)
		if (links->cgroup_ids[i] == cgroup_id)
			return true;
	return false;
}

unsigned int attach_prune_entries(const struct loaded *loaded,
				  const struct link_list *links, bool dry_run)
{
	const struct loaded_map *m;
	unsigned int nr = 0;
	__u64 id, next;
	size_t i;
	int end;

	for (i = 0; i < ARRAY_SIZE(entry_maps); i++) {
		m = entry_map(loaded, entry_maps[i]);
		end = m ? bpf_map_get_next_key(m->fd, NULL, &next) : -1;
		while (!end) {
			id = next;
			/* Before @id goes: a missing key starts over. */
			end = bpf_map_get_next_key(m->fd, &id, &next);
			if (has_link(links, id))
				continue;
			nr++;
			if (!dry_run)
				bpf_map_delete_elem(m->fd, &id);
		}
	}
	return nr;
}

void attach_remove_pins(const char *dir)
{
	int fd = pin_open(dir, "link");
	size_t i;

	/*
	 * Without its pin a link stays for a moment, and its policy seems to be in use. That
	 * of a removed cgroup may not be detached yet, either.
	 */
	if (fd >= 0) {
		bpf_link_detach(fd);
		close(fd);
	}
	pin_remove(dir, "link");
	for (i = 0; i < ARRAY_SIZE(entry_maps); i++)
		pin_remove(dir, entry_maps[i]);
	pin_remove_dir(dir);
}
