// SPDX-License-Identifier: GPL-2.0
/* Pins in bpffs: names, directories, the lock. Called by loaded.c and attach.c. */
#include "pin.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "util.h"

#define BPFFS "/sys/fs/bpf"
/* "/params%new"; pin_cgroup_dir() cuts a path short within it. */
#define PIN_NAME_ROOM 16

static const char *const pin_names[] = { "link", "params", "stats" };

static bool is_pin_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pin_names); i++)
		if (strlen(pin_names[i]) == len && !strncmp(s, pin_names[i], len))
			return true;
	return false;
}

/* Of a pin that is to take the place of @name; a kill may leave it there. */
static void temp_path(const char *dir, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s%%new", dir, name);
}

void pin_cgroup_dir(const char *path, char *dir, size_t size)
{
	char *w = dir + snprintf(dir, size, "%s", PIN_CGROUPS);
	char *const last = dir + size - 4;
	const char *end;
	bool like_pin;

	for (; *path; path = end) {
		path += strspn(path, "/");
		end = strchrnul(path, '/');
		if (end > path && w < last)
			*w++ = '/';
		like_pin = is_pin_name(path, end - path);
		for (; path < end && w < last; path++) {
			if (*path == '.')
				*w++ = ':';
			else if (*path == ':' || *path == '%')
				w += sprintf(w, "%%%02x", *path);
			else
				*w++ = *path;
		}
		if (like_pin && w < last)
			*w++ = '%';
	}
	*w = '\0';
}

void pin_cgroup_path(const char *dir, char *path, size_t size)
{
	const char *p = dir + strlen(PIN_CGROUPS);
	char *w = path;
	unsigned int c;

	for (; *p && w < path + size - 1; p++) {
		if (*p == ':') {
			*w++ = '.';
		} else if (*p != '%') {
			*w++ = *p;
		} else if (isxdigit((unsigned char)p[1]) && sscanf(p + 1, "%2x", &c) == 1) {
			*w++ = c;
			p += 2;
		}
	}
	if (w == path)
		*w++ = '/';
	*w = '\0';
}

void pin_map_name(const char *map, char *name, size_t size)
{
	char *p;

	snprintf(name, size, "%s", map + strspn(map, "."));
	for (p = name; *p; p++)
		if (*p == '.')
			*p = '_';
}

int pin_check_bpffs(struct err *err)
{
	struct statfs fs;
	int ret;

	if (!statfs(BPFFS, &fs) && (unsigned int)fs.f_type == BPF_FS_MAGIC)
		return 0;
	ret = err_set(err, ERR_BPFFS, BPFFS, "the BPF file system is not mounted at " BPFFS);
	err_hint(err, "mount -t bpf bpf " BPFFS);
	return ret;
}

static int pin_error(const char *path, int errnum, struct err *err)
{
	int ret;

	if (errnum == EPERM || errnum == EACCES) {
		ret = err_set(err, ERR_PERMISSION, path, "no permission to pin %s", path);
		err_hint(err, "run as root");
		return ret;
	}
	ret = err_set(err, ERR_BPFFS, path, "cannot pin %s: %s", path, strerror(errnum));
	if (errnum == EROFS)
		err_hint(err, "mount -o remount,rw " BPFFS);
	else if (errnum == ENOSPC || errnum == ENOMEM)
		err_hint(err, "drop pins of deleted cgroups: swxctl clean");
	else if (errnum == EEXIST)
		err_hint(err, "somebody else pinned it: rm %s", path);
	return ret;
}

int pin_lock(int *fd, struct err *err)
{
	int ret;

	ret = pin_make_dir(PIN_ROOT, err);
	if (ret)
		return ret;
	*fd = open(PIN_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return pin_error(PIN_ROOT, errno, err);
	if (!flock(*fd, LOCK_EX))
		return 0;
	ret = pin_error(PIN_ROOT, errno, err);
	close(*fd);
	*fd = -1;
	return ret;
}

int pin_make_dir(const char *dir, struct err *err)
{
	char path[PATH_MAX], *p;
	int ret;

	ret = pin_check_bpffs(err);
	if (ret)
		return ret;
	/* A path that is cut short would be another's, and so would its pins. */
	if (strlen(dir) + PIN_NAME_ROOM > sizeof(path))
		return pin_error(dir, ENAMETOOLONG, err);
	snprintf(path, sizeof(path), "%s/", dir);
	for (p = path + strlen(BPFFS "/"); (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return pin_error(path, errno, err);
	}
	return 0;
}

void pin_remove_dir(const char *dir)
{
	char path[PATH_MAX];
	size_t root = strlen(PIN_ROOT);

	snprintf(path, sizeof(path), "%s", dir);
	while (strlen(path) > root && !rmdir(path))
		*strrchr(path, '/') = '\0';
}

int pin_object(int fd, const char *dir, const char *name, struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return bpf_obj_pin(fd, path) ? pin_error(path, errno, err) : 0;
}

int pin_replace(int fd, const char *dir, const char *name, struct err *err)
{
	char temp[PATH_MAX], path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	temp_path(dir, name, temp, sizeof(temp));
	unlink(temp);
	if (bpf_obj_pin(fd, temp))
		return pin_error(path, errno, err);
	if (!rename(temp, path))
		return 0;
	ret = pin_error(path, errno, err);
	unlink(temp);
	return ret;
}

int pin_open(const char *dir, const char *name)
{
	char temp[PATH_MAX], path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = bpf_obj_get(path);
	if (fd < 0 && errno == ENOENT) {
		temp_path(dir, name, temp, sizeof(temp));
		fd = bpf_obj_get(temp);
	}
	return fd < 0 ? -errno : fd;
}

void pin_remove(const char *dir, const char *name)
{
	char temp[PATH_MAX], path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	temp_path(dir, name, temp, sizeof(temp));
	unlink(path);
	unlink(temp);
}

static bool holds_link(const char *dir)
{
	char temp[PATH_MAX], path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/link", dir);
	temp_path(dir, "link", temp, sizeof(temp));
	return !access(path, F_OK) || !access(temp, F_OK);
}

static int walk(const char *dir, int (*fn)(const char *dir, void *arg), void *arg)
{
	char path[PATH_MAX];
	struct dirent *d;
	bool has_link;
	DIR *stream;
	int ret = 0;

	has_link = holds_link(dir);
	stream = opendir(dir);
	while (stream && !ret && (d = readdir(stream))) {
		if (d->d_type != DT_DIR || d->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, d->d_name) < PATH_MAX)
			ret = walk(path, fn, arg);
	}
	if (stream)
		closedir(stream);
	/* Last, because @fn may remove the directory. */
	return ret ?: has_link ? fn(dir, arg) : 0;
}

int pin_walk_cgroups(int (*fn)(const char *dir, void *arg), void *arg)
{
	return walk(PIN_CGROUPS, fn, arg);
}
