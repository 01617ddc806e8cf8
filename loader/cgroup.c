// SPDX-License-Identifier: GPL-2.0
/* Finds cgroups and reads their files. Called by state.c and most verbs. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "util.h"

#define DEFAULT_MOUNT "/sys/fs/cgroup"

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (__u32)fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* The usual place first; hybrid hierarchies keep it at .../unified. */
int cgroup_mount_point(char *buf, size_t size, struct err *err)
{
	struct mntent *m;
	bool found;
	FILE *f;
	int ret;

	found = is_cgroup2(DEFAULT_MOUNT);
	snprintf(buf, size, "%s", DEFAULT_MOUNT);
	f = found ? NULL : setmntent("/proc/self/mounts", "r");
	while (f && !found && (m = getmntent(f))) {
		found = !strcmp(m->mnt_type, "cgroup2");
		if (found)
			snprintf(buf, size, "%s", m->mnt_dir);
	}
	if (f)
		endmntent(f);
	if (found)
		return 0;
	ret = err_set(err, ERR_NO_CGROUP, DEFAULT_MOUNT,
		      "the cgroup2 hierarchy is not mounted");
	err_hint(err, "mount -t cgroup2 none " DEFAULT_MOUNT);
	return ret;
}

/* A cgroup's id is the 64-bit number of its kernfs node. */
static int read_id(int fd, __u64 *id)
{
	union {
		struct file_handle h;
		char space[sizeof(struct file_handle) + sizeof(__u64)];
	} u = { .h.handle_bytes = sizeof(__u64) };
	int mount_id;

	if (name_to_handle_at(fd, "", &u.h, &mount_id, AT_EMPTY_PATH))
		return -errno;
	memcpy(id, u.h.f_handle, sizeof(*id));
	return 0;
}

int cgroup_normalize(const char *name, char *path, size_t size)
{
	const char *end;
	size_t len = 0;
	int n;

	for (; *name; name = end) {
		name += strspn(name, "/");
		end = strchrnul(name, '/');
		n = end - name;
		if (!n || (n == 1 && *name == '.'))
			continue;
		if (len + n + 2 > size)
			return -ENAMETOOLONG;
		len += sprintf(path + len, "/%.*s", n, name);
	}
	if (!len)
		strcpy(path, "/");
	return 0;
}

static bool has_dot_dot(const char *path)
{
	const char *p;

	for (p = path; (p = strstr(p, "/..")); p += 3)
		if (!p[3] || p[3] == '/')
			return true;
	return false;
}

static int too_long(const char *name, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_NO_CGROUP, name,
		      "the path of cgroup %.60s... is too long", name);
	err_hint(err, "at most %d characters can be named: take a cgroup further up",
		 PATH_MAX - 1);
	return ret;
}

static int open_error(const char *path, int errnum, struct err *err)
{
	int ret;

	switch (errnum) {
	case EACCES:
	case EPERM:
		return err_set(err, ERR_PERMISSION, path,
			       "no permission to open cgroup %s", path);
	case ENOENT:
	case ENOTDIR:
		break;
	default:
		return err_set(err, ERR_NO_CGROUP, path, "cannot open cgroup %s: %s",
			       path, strerror(errnum));
	}
	ret = err_set(err, ERR_NO_CGROUP, path, "cgroup %s does not exist", path);
	err_hint(err, "cgroups there are: systemd-cgls, or find " DEFAULT_MOUNT " -type d");
	return ret;
}

static int open_mount(int *fd, struct err *err)
{
	char path[PATH_MAX];
	int ret;

	ret = cgroup_mount_point(path, sizeof(path), err);
	if (ret)
		return ret;
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? open_error("/", errno, err) : 0;
}

/* Fills in what belongs to cg->path, which is below the directory @mount. */
static int open_dir(int mount, struct cgroup *cg)
{
	int ret;

	cg->fd = openat(mount, cg->path[1] ? cg->path + 1 : ".",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cg->fd < 0)
		return -errno;
	ret = read_id(cg->fd, &cg->id);
	if (ret)
		cgroup_close(cg);
	return ret;
}

int cgroup_open_path(const char *path, struct cgroup *cg, struct err *err)
{
	int mount, ret;

	cg->fd = -1;
	if (cgroup_normalize(path, cg->path, sizeof(cg->path)))
		return too_long(path, err);
	if (has_dot_dot(cg->path))
		return open_error(cg->path, ENOENT, err);
	ret = open_mount(&mount, err);
	if (ret)
		return ret;
	ret = open_dir(mount, cg);
	close(mount);
	return ret ? open_error(cg->path, -ret, err) : 0;
}

void cgroup_close(struct cgroup *cg)
{
	if (cg->fd >= 0)
		close(cg->fd);
	cg->fd = -1;
}

/* @PID: line "0::/path" of /proc/PID/cgroup */
static int path_of_pid(const char *pid, char *path, size_t size, struct err *err)
{
	char file[64], line[PATH_MAX + 8];
	bool found = false;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%s/cgroup", pid);
	f = strspn(pid, "0123456789") == strlen(pid) && *pid ? fopen(file, "re") : NULL;
	if (!f)
		return err_set(err, ERR_NO_CGROUP, pid,
			       "there is no process %s", pid);
	while (!found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		found = !strncmp(line, "0::", 3);
	}
	fclose(f);
	if (!found)
		return err_set(err, ERR_NO_CGROUP, pid,
			       "process %s is in no cgroup2 cgroup", pid);
	return snprintf(path, size, "%s", line + 3) < (int)size ? 0 :
	       too_long(line + 3, err);
}

struct unit_search {
	const char	*unit;
	bool		delegated;	/* those found */
	char		found[PATH_MAX];
	char		second[PATH_MAX];
};

/*
 * The units of the system's manager are below slices alone. Below a service or a
 * scope is the tree of a user's manager or a container, where anybody may give a
 * cgroup the name of a system service.
 */
static bool is_delegated(const char *path)
{
	static const char suffix[] = ".slice";
	const size_t len = sizeof(suffix) - 1;
	const char *name, *end;

	for (name = path + 1; (end = strchr(name, '/')); name = end + 1)
		if ((size_t)(end - name) < len || strncmp(end - len, suffix, len))
			return true;
	return false;
}

static int match_unit(const struct cgroup *cg, void *arg)
{
	struct unit_search *s = arg;
	bool delegated;

	if (strcmp(strrchr(cg->path, '/') + 1, s->unit))
		return 0;
	delegated = is_delegated(cg->path);
	if (s->found[0] && delegated && !s->delegated)
		return 0;
	/* The system's own unit is meant, whatever else has its name. */
	if (s->delegated && !delegated)
		s->found[0] = s->second[0] = '\0';
	s->delegated = delegated;
	snprintf(s->found[0] ? s->second : s->found, sizeof(s->found), "%s",
		 cg->path);
	return !delegated && s->second[0];
}

static bool is_unit_name(const char *name)
{
	static const char *const suffixes[] = {
		".service", ".slice", ".scope", ".socket", ".mount", ".swap",
	};
	const char *dot = strrchr(name, '.');
	size_t i;

	for (i = 0; dot && !strchr(name, '/') && i < ARRAY_SIZE(suffixes); i++)
		if (!strcmp(dot, suffixes[i]))
			return true;
	return false;
}

static int find_unit(const char *unit, char *path, size_t size, struct err *err)
{
	struct unit_search s = { .unit = unit };
	int ret;

	ret = cgroup_walk("/", match_unit, &s, err);
	if (ret < 0)
		return ret;
	if (s.second[0]) {
		ret = err_set(err, ERR_NO_CGROUP, unit,
			      "%s names more than one cgroup: %s, %s", unit,
			      s.found, s.second);
		err_hint(err, "give the whole path");
		return ret;
	}
	if (!s.found[0]) {
		ret = err_set(err, ERR_NO_CGROUP, unit,
			      "no cgroup is named %s", unit);
		err_hint(err, "a unit has one only while it runs: systemctl status %s",
			 unit);
		return ret;
	}
	snprintf(path, size, "%s", s.found);
	return 0;
}

/* "." and "" are meant to be here or nowhere, not the whole machine. */
static int not_the_root(const char *name, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_NO_CGROUP, name, "'%s' names no cgroup", name);
	err_hint(err, "a path is below the cgroup2 mount, wherever you are; the root is /");
	return ret;
}

static bool path_exists(const char *path)
{
	struct err ignored = { 0 };
	struct cgroup cg;

	if (cgroup_open_path(path, &cg, &ignored)) {
		err_clear(&ignored);
		return false;
	}
	cgroup_close(&cg);
	return true;
}

int cgroup_open(const char *name, struct cgroup *cg, struct err *err)
{
	char mount[PATH_MAX], path[PATH_MAX];
	const char *below;
	size_t len;
	int ret;

	cg->fd = -1;
	ret = cgroup_mount_point(mount, sizeof(mount), err);
	if (ret)
		return ret;
	if (name[0] == '@') {
		ret = path_of_pid(name + 1, path, sizeof(path), err);
		return ret ?: cgroup_open_path(path, cg, err);
	}
	below = name;
	len = strlen(mount);
	if (!strncmp(name, mount, len) && (!name[len] || name[len] == '/'))
		below += len;
	if (cgroup_normalize(below, path, sizeof(path)))
		return too_long(name, err);
	if (!strcmp(path, "/") && name[0] != '/')
		return not_the_root(name, err);
	if (is_unit_name(name) && !path_exists(path)) {
		ret = find_unit(name, path, sizeof(path), err);
		if (ret)
			return ret;
	}
	return cgroup_open_path(path, cg, err);
}

char *cgroup_read(const struct cgroup *cg, const char *file)
{
	int fd = openat(cg->fd, file, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return NULL;
	text = read_all(fd);
	close(fd);
	return text;
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = text; (p = strstr(p, word)); p += len)
		if ((p == text || p[-1] == ' ') && strchr(" \n", p[len]))
			return true;
	return false;
}

static bool has_memory(const char *path)
{
	struct err ignored = { 0 };
	struct cgroup cg;
	char *text;
	bool has;

	if (cgroup_open_path(path, &cg, &ignored)) {
		err_clear(&ignored);
		return false;
	}
	text = cgroup_read(&cg, "cgroup.controllers");
	has = text && has_word(text, "memory");
	free(text);
	cgroup_close(&cg);
	return has;
}

int cgroup_check_below_root(const struct cgroup *cg, const char *verb, struct err *err)
{
	int ret;

	if (strcmp(cg->path, "/"))
		return 0;
	ret = err_set(err, ERR_USAGE, cg->path, "%s takes a cgroup below the root", verb);
	err_hint(err, "cgroups: systemd-cgls, or ls /sys/fs/cgroup");
	return ret;
}

/* The controller is missing from some ancestor on; name the first write to do. */
int cgroup_check_memory(const struct cgroup *cg, struct err *err)
{
	char parent[PATH_MAX], mount[PATH_MAX];
	char *slash;
	int ret;

	if (has_memory(cg->path))
		return 0;
	ret = err_set(err, ERR_NO_CONTROLLER, cg->path,
		      "cgroup %s lacks the memory controller", cg->path);
	snprintf(parent, sizeof(parent), "%s", cg->path);
	do {
		slash = strrchr(parent, '/');
		slash[slash == parent] = '\0';
	} while (!has_memory(parent) && strcmp(parent, "/"));
	if (!has_memory(parent)) {
		err_hint(err, "the kernel has it off or cgroup v1 holds it: no cgroup_disable=memory, no memory v1 mount");
		return ret;
	}
	if (!cgroup_mount_point(mount, sizeof(mount), err))
		err_hint(err, "echo +memory > %s%s/cgroup.subtree_control", mount,
			 strcmp(parent, "/") ? parent : "");
	return ret;
}

static int is_child(const struct dirent *d)
{
	return d->d_type == DT_DIR && d->d_name[0] != '.';
}

struct walk {
	int		mount;
	int		(*fn)(const struct cgroup *cg, void *arg);
	void		*arg;
	/*
	 * The one being visited. The levels share it: anybody with a delegated
	 * cgroup decides how many there are, and the stack has room for few paths.
	 */
	struct cgroup	cg;
};

/* False where the tree goes deeper than a path can tell. */
static bool go_down(struct walk *w, size_t parent_len, const char *child)
{
	size_t room = sizeof(w->cg.path) - parent_len;

	return (size_t)snprintf(w->cg.path + parent_len, room, "/%s", child) < room;
}

static int walk(struct walk *w)
{
	size_t len = strlen(w->cg.path);
	struct dirent **children;
	int i, nr, ret;

	if (open_dir(w->mount, &w->cg))
		return 0;
	ret = w->fn(&w->cg, w->arg);
	nr = ret ? 0 : scandirat(w->cg.fd, ".", &children, is_child, alphasort);
	cgroup_close(&w->cg);
	if (nr <= 0)
		return ret;
	if (!strcmp(w->cg.path, "/"))
		len = 0;
	for (i = 0; i < nr; i++) {
		if (!ret && go_down(w, len, children[i]->d_name))
			ret = walk(w);
		free(children[i]);
	}
	free(children);
	return ret;
}

int cgroup_walk(const char *path, int (*fn)(const struct cgroup *cg, void *arg),
		void *arg, struct err *err)
{
	struct walk w = { .fn = fn, .arg = arg };
	int ret;

	if (cgroup_normalize(path, w.cg.path, sizeof(w.cg.path)))
		return too_long(path, err);
	ret = open_mount(&w.mount, err);
	if (ret)
		return ret;
	ret = walk(&w);
	close(w.mount);
	return ret;
}

bool cgroup_find_ancestor(const struct cgroup *cg, __u64 id, char *path,
			  size_t size)
{
	struct err ignored = { 0 };
	struct cgroup up;
	bool found = false;
	char *slash;

	snprintf(path, size, "%s", cg->path);
	for (;;) {
		if (!cgroup_open_path(path, &up, &ignored)) {
			found = up.id == id;
			cgroup_close(&up);
		}
		err_clear(&ignored);
		if (found || !strcmp(path, "/"))
			return found;
		slash = strrchr(path, '/');
		slash[slash == path] = '\0';
	}
}

struct find_id {
	__u64 id;
	char *path;
	size_t size;
};

static int match_id(const struct cgroup *cg, void *arg)
{
	struct find_id *f = arg;

	if (cg->id != f->id)
		return 0;
	snprintf(f->path, f->size, "%s", cg->path);
	return 1;
}

bool cgroup_find_id(__u64 id, char *path, size_t size)
{
	struct find_id f = { id, path, size };
	struct err ignored = { 0 };
	int ret = cgroup_walk("/", match_id, &f, &ignored);

	err_clear(&ignored);
	return ret == 1;
}
