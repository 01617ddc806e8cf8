// SPDX-License-Identifier: GPL-2.0
/* Runs modprobe. Called by node.c. */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

bool module_is_loaded(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/* Returns 0 or the errno; what it says on stderr comes through @fd. */
static int start(const char *name, pid_t *pid, int *fd)
{
	const char *const argv[] = { "modprobe", name, NULL };
	posix_spawn_file_actions_t actions;
	int fds[2], ret;

	if (pipe2(fds, O_CLOEXEC))
		return errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDERR_FILENO);
	ret = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (ret)
		close(fds[0]);
	*fd = fds[0];
	return ret;
}

/* "modprobe: FATAL: Module x not found": the last line, without who says it how loudly. */
static const char *last_words(char *text)
{
	static const char *const prefixes[] = { "modprobe: ", "FATAL: ", "ERROR: " };
	char *line;
	size_t i;

	while (*text && text[strlen(text) - 1] == '\n')
		text[strlen(text) - 1] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(line, prefixes[i], strlen(prefixes[i])))
			line += strlen(prefixes[i]);
	return line;
}

static int cannot_load(const char *name, const char *why, struct err *err)
{
	int ret;

	if (geteuid()) {
		ret = err_set(err, ERR_PERMISSION, name, "no permission to load the module %s",
			      name);
		err_hint(err, "run as root");
		return ret;
	}
	ret = err_set(err, ERR_MODULE, name, "cannot load the module %s: %s", name, why);
	err_hint(err, "install it for this kernel: make backend-install && depmod\n"
		 "or load its file: insmod .../%s.ko; more: dmesg", name);
	return ret;
}

int module_load(const char *name, struct err *err)
{
	int fd = -1, status, ret;
	char *said;
	pid_t pid;

	ret = start(name, &pid, &fd);
	if (ret)
		return cannot_load(name, ret == ENOENT ? "there is no modprobe" : strerror(ret),
				   err);
	said = read_all(fd);
	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ret = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		ret = cannot_load(name, said && *said ? last_words(said) : "modprobe failed", err);
	free(said);
	return ret;
}

void module_unload(const char *name)
{
	syscall(SYS_delete_module, name, O_NONBLOCK);
}
