// SPDX-License-Identifier: GPL-2.0
/* Parses the kernel's files about policies. Unknown lines are for newer readers. */
#include "state.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/swap_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

char *state_read_sysfs(const char *file)
{
	char path[128], *text;

	snprintf(path, sizeof(path), SYSFS_DIR "/%s", file);
	text = read_file(path);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

int state_check_kernel(struct err *err)
{
	char *version;
	int ret = 0;

	if (access(SYSFS_DIR, F_OK)) {
		ret = err_set(err, ERR_NO_SWAP_EXT, SYSFS_DIR,
			      "the running kernel has no swap_ext: there is no "
			      SYSFS_DIR);
		err_hint(err, "boot a kernel built with CONFIG_SWAP_EXT=y");
		return ret;
	}
	version = state_read_sysfs("version");
	if (!version || atoi(version) != SWAP_EXT_VERSION) {
		ret = err_set(err, ERR_NO_SWAP_EXT, SYSFS_DIR,
			      "the running kernel has swap_ext interface %s, swxctl is built for %d",
			      version ?: "of unknown version", SWAP_EXT_VERSION);
		err_hint(err, "use kernel and swxctl of the same release");
	}
	free(version);
	return ret;
}

static void parse_state_line(struct state *s, const char *key, const char *value)
{
	if (!strcmp(key, "policy"))
		snprintf(s->policy, sizeof(s->policy), "%s",
			 strcmp(value, "-") ? value : "");
	else if (!strcmp(key, "state"))
		snprintf(s->state, sizeof(s->state), "%s", value);
	else if (!strcmp(key, "governor"))
		s->governor = strtoull(value, NULL, 10);
	else if (!strcmp(key, "link"))
		s->link_id = strtoul(value, NULL, 10);
	else if (!strcmp(key, "map"))
		s->map_id = strtoul(value, NULL, 10);
	else if (!strcmp(key, "attached_ns"))
		s->attached_ns = strtoull(value, NULL, 10);
	else if (!strcmp(key, "window"))
		s->window_pages = strtoul(value, NULL, 10);
	else if (!strcmp(key, "prefetch"))
		s->prefetch_on = !strcmp(value, "on");
}

/* Splits "key value\n" in place; NULL at the end. */
static char *next_line(char **text, char **value)
{
	char *key = *text, *end;

	if (!*key)
		return NULL;
	end = strchrnul(key, '\n');
	*text = *end ? end + 1 : end;
	*end = '\0';
	*value = strchrnul(key, ' ');
	if (**value)
		*(*value)++ = '\0';
	return key;
}

static int read_error(const struct cgroup *cg, int errnum, struct err *err)
{
	int ret;

	ret = state_check_kernel(err);
	if (!ret && errnum == ENOENT)
		ret = cgroup_check_memory(cg, err);
	if (!ret && errnum == ENODEV)
		ret = err_set(err, ERR_NO_CGROUP, cg->path,
			      "cgroup %s is being removed", cg->path);
	return ret ?: err_set(err, ERR_FAILED, cg->path,
			      "cannot read memory.swap_ext.state of %s: %s",
			      cg->path, strerror(errnum));
}

/* The file has the governor's map, which is not a stopped policy's own. */
static void read_own_map(struct state *s)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	int fd;

	fd = s->link_id ? bpf_link_get_fd_by_id(s->link_id) : -1;
	if (fd < 0)
		return;
	if (!bpf_link_get_info_by_fd(fd, &info, &len) && info.struct_ops.map_id)
		s->map_id = info.struct_ops.map_id;
	close(fd);
}

int state_read(const struct cgroup *cg, struct state *state, struct err *err)
{
	char *text, *p, *key, *value;

	memset(state, 0, sizeof(*state));
	text = p = cgroup_read(cg, "memory.swap_ext.state");
	if (!text)
		return read_error(cg, errno, err);
	while ((key = next_line(&p, &value)))
		parse_state_line(state, key, value);
	free(text);
	read_own_map(state);
	return 0;
}

bool state_is_stopped(const struct state *state)
{
	return !strcmp(state->state, "stopped") || !strcmp(state->state, "stopping");
}

int state_read_attached(const struct cgroup *cg, struct state *state,
			struct err *err)
{
	char governor[PATH_MAX];
	int ret;

	ret = state_read(cg, state, err);
	if (ret || state->link_id)
		return ret;
	ret = err_set(err, ERR_NOT_ATTACHED, cg->path,
		      "cgroup %s has no policy of its own", cg->path);
	if (state->governor &&
	    cgroup_find_ancestor(cg, state->governor, governor, sizeof(governor)))
		err_hint(err, "it follows '%s' of %s", state->policy, governor);
	else
		err_hint(err, "give it one: swxctl attach %s POLICY", cg->path);
	return ret;
}

/* A file of names and numbers. */
static struct json_object *read_numbers(const struct cgroup *cg, const char *file)
{
	char *text, *p, *key, *value;
	struct json_object *row;

	text = p = cgroup_read(cg, file);
	if (!text)
		return NULL;
	row = json_object_new_object();
	while ((key = next_line(&p, &value)))
		json_object_object_add(row, key,
			json_object_new_uint64(strtoull(value, NULL, 10)));
	free(text);
	return row;
}

/* The stock kernel counts those, also where no policy governs. */
static void add_refaults(struct json_object *stat, const struct cgroup *cg)
{
	struct json_object *memory = read_numbers(cg, "memory.stat"), *refaults;

	if (json_object_object_get_ex(memory, "workingset_refault_anon", &refaults))
		json_object_object_add(stat, "refaults", json_object_get(refaults));
	json_object_put(memory);
}

struct json_object *state_read_stat(const struct cgroup *cg)
{
	struct json_object *stat = read_numbers(cg, "memory.swap_ext.stat");

	if (stat)
		add_refaults(stat, cg);
	return stat;
}

struct json_object *state_read_backends(const struct cgroup *cg)
{
	return read_numbers(cg, "memory.swap_ext.backends");
}

static bool is_number(const char *key)
{
	return !strcmp(key, "code") || !strcmp(key, "at_ns");
}

struct json_object *state_read_log(const struct cgroup *cg)
{
	char *text, *p, *key, *value;
	struct json_object *row;

	text = p = cgroup_read(cg, "memory.swap_ext.log");
	if (!text || !*text) {
		free(text);
		return NULL;
	}
	row = json_object_new_object();
	json_object_object_add(row, "dump", NULL);
	while ((key = next_line(&p, &value))) {
		if (!strcmp(key, "dump")) {
			json_object_object_add(row, key, json_object_new_string(p));
			break;
		}
		json_object_object_add(row, key, is_number(key) ?
			json_object_new_int64(strtoll(value, NULL, 10)) :
			json_object_new_string(value));
	}
	free(text);
	return row;
}
