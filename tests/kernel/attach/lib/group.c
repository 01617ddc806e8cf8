// SPDX-License-Identifier: GPL-2.0
/* Cgroups of a case: directories, files, members. */
#include "group.h"
#include "cases.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT	"/sys/fs/cgroup"
#define TOP	ROOT "/t"

/* A dying process leaves its cgroup a little later than its parent hears. */
#define REMOVE_TRIES	500

const char *group_path(const char *name, const char *file)
{
	static char buf[8][PATH_MAX];
	static unsigned int next;
	char *path = buf[next++ % 8];

	if (file && *file == '/')
		return file;
	if (*name == '/')
		snprintf(path, PATH_MAX, ROOT "%s%s", file ? "/" : "", file ?: "");
	else
		snprintf(path, PATH_MAX, TOP "%s%s%s%s", *name ? "/" : "", name,
			 file ? "/" : "", file ?: "");
	return path;
}

void group_make(const char *name)
{
	char part[PATH_MAX];
	size_t len = 0;

	if (mkdir(TOP, 0755) && errno != EEXIST)
		fail("cannot create %s: %s", TOP, strerror(errno));
	while (name[len]) {
		snprintf(part, sizeof(part), "%.*s", (int)len, name);
		if (group_write(part, "cgroup.subtree_control", "+memory"))
			fail("%s: cannot pass on the memory controller", part);
		len += len ? 1 : 0;
		len += strcspn(name + len, "/");
		snprintf(part, sizeof(part), "%.*s", (int)len, name);
		if (mkdir(group_path(part, NULL), 0755) && errno != EEXIST)
			fail("cannot create %s: %s", part, strerror(errno));
	}
}

static int remove_tree(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int i;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		char child[PATH_MAX];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%.2000s/%.255s", path, entry->d_name);
		remove_tree(child);
	}
	closedir(dir);
	for (i = 0; i < REMOVE_TRIES; i++) {
		if (!rmdir(path))
			return 0;
		usleep(10000);
	}
	return -errno;
}

void group_remove(const char *name)
{
	int err;

	group_write(name, "cgroup.kill", "1");
	err = remove_tree(group_path(name, NULL));
	if (err)
		fail("cannot remove %s: %s", name, strerror(-err));
}

void group_remove_all(void)
{
	group_write("", "cgroup.kill", "1");
	if (remove_tree(TOP) && errno != ENOENT)
		printf("# cannot remove %s: %s\n", TOP, strerror(errno));
}

int group_open(const char *name)
{
	return must(open(group_path(name, NULL), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

uint64_t group_id(const char *name)
{
	struct stat st;

	must(stat(group_path(name, NULL), &st));
	return st.st_ino;
}

int group_write(const char *name, const char *file, const char *text)
{
	int fd = open(group_path(name, file), O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

const char *group_read(const char *name, const char *file)
{
	static char buf[4][16384];
	static unsigned int next;
	char *text = buf[next++ % 4];
	int fd = must(open(group_path(name, file), O_RDONLY | O_CLOEXEC));
	ssize_t len, all = 0;

	while ((len = must(read(fd, text + all, sizeof(buf[0]) - 1 - all))) > 0)
		all += len;
	close(fd);
	text[all] = '\0';
	return text;
}

/* The rest of the line that begins with @key and a blank. */
static const char *find_key(const char *text, const char *key)
{
	static char buf[4][512];
	static unsigned int next;
	char *value = buf[next++ % 4];
	size_t len = strlen(key);

	*value = '\0';
	for (; text && *text; text = strchr(text, '\n'), text += !!text) {
		if (strncmp(text, key, len) || text[len] != ' ')
			continue;
		snprintf(value, sizeof(buf[0]), "%.*s",
			 (int)strcspn(text + len + 1, "\n"), text + len + 1);
		break;
	}
	return value;
}

static uint64_t find_number(const char *file, const char *text, const char *key)
{
	const char *value = find_key(text, key);

	if (!*value)
		fail("%s has no %s", file, key);
	return strtoull(value, NULL, 10);
}

uint64_t group_stat(const char *name, const char *key)
{
	return find_number("memory.swap_ext.stat",
			   group_read(name, "memory.swap_ext.stat"), key);
}

const char *group_state(const char *name, const char *key)
{
	return find_key(group_read(name, "memory.swap_ext.state"), key);
}

const char *group_log(const char *name, const char *key)
{
	return find_key(group_read(name, "memory.swap_ext.log"), key);
}

uint64_t machine_stat(const char *key)
{
	return find_number("vmstat", group_read("", "/proc/vmstat"), key);
}

uint64_t swap_ext_number(const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/kernel/mm/swap_ext/%s", file);
	return strtoull(group_read("", path), NULL, 10);
}

pid_t group_spawn(const char *name, void (*run)(void *arg), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = must(fork());
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (group_write(name, "cgroup.procs", "0"))
		fail("cannot enter %s", name);
	run(arg);
	fflush(stdout);
	_exit(EXIT_SUCCESS);
}

void group_join(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0));
	if (!WIFEXITED(status))
		fail("a child ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		fail("a child failed");
}
