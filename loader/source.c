// SPDX-License-Identifier: GPL-2.0
/*
 * Policies are looked for in $SWAP_EXT_POLICY_DIR (a list separated by colons),
 * then, for a binary in a build tree, in its policies/, then where "make install"
 * puts them. Called by attach.c and the verbs about policies.
 */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suggest.h"

#define SUFFIX ".bpf.o"

/* BUILD/loader/swxctl finds BUILD/policies; an installed one finds nothing. */
static bool build_tree_dir(char *dir, size_t size)
{
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	static const char tail[] = "/loader/swxctl";
	size_t cut = sizeof(tail) - 1;

	if (len < (ssize_t)cut)
		return false;
	exe[len] = '\0';
	if (strcmp(exe + len - cut, tail))
		return false;
	snprintf(dir, size, "%.*s/policies", (int)(len - cut), exe);
	return true;
}

static int for_each_dir(int (*fn)(const char *dir, void *arg), void *arg)
{
	const char *list = getenv("SWAP_EXT_POLICY_DIR"), *end;
	char dir[PATH_MAX];
	int ret;

	for (; list && *list; list = *end ? end + 1 : end) {
		end = strchrnul(list, ':');
		snprintf(dir, sizeof(dir), "%.*s", (int)(end - list), list);
		ret = end > list ? fn(dir, arg) : 0;
		if (ret)
			return ret;
	}
	ret = build_tree_dir(dir, sizeof(dir)) ? fn(dir, arg) : 0;
	return ret ?: fn(SWX_POLICY_DIR, arg);
}

struct file_walk {
	int	(*fn)(const char *path, void *arg);
	void	*arg;
};

static int is_policy_file(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > sizeof(SUFFIX) - 1 &&
	       !strcmp(d->d_name + len - (sizeof(SUFFIX) - 1), SUFFIX);
}

static int walk_files(const char *dir, void *arg)
{
	struct file_walk *w = arg;
	struct dirent **entries;
	char path[PATH_MAX];
	int i, nr, ret = 0;

	nr = scandir(dir, &entries, is_policy_file, alphasort);
	if (nr < 0)
		return 0;
	for (i = 0; i < nr; i++) {
		if (!ret && snprintf(path, sizeof(path), "%s/%s", dir,
				     entries[i]->d_name) < PATH_MAX)
			ret = w->fn(path, w->arg);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int source_for_each_file(int (*fn)(const char *path, void *arg), void *arg)
{
	struct file_walk w = { .fn = fn, .arg = arg };

	return for_each_dir(walk_files, &w);
}

struct file_search {
	const char		*name;
	char			*path;
	size_t			size;
	struct suggestion	near;
	char			best[NAME_MAX + 1];
};

static int match_file(const char *path, void *arg)
{
	struct file_search *s = arg;
	char name[NAME_MAX + 1];
	const char *base = strrchr(path, '/') + 1;

	snprintf(name, sizeof(name), "%.*s",
		 (int)(strlen(base) - (sizeof(SUFFIX) - 1)), base);
	if (!strcmp(name, s->name)) {
		snprintf(s->path, s->size, "%s", path);
		return 1;
	}
	suggest_consider(&s->near, name);
	/* Keep what the suggestion points to. */
	if (s->near.best == name) {
		strcpy(s->best, name);
		s->near.best = s->best;
	}
	return 0;
}

static bool is_path(const char *arg)
{
	size_t len = strlen(arg);

	return strchr(arg, '/') || (len > 2 && !strcmp(arg + len - 2, ".o"));
}

int source_locate(const char *arg, char *path, size_t size, struct err *err)
{
	struct file_search s = {
		.name = arg, .path = path, .size = size, .near.wrong = arg,
	};
	int ret;

	if (is_path(arg)) {
		snprintf(path, size, "%s", arg);
		return 0;
	}
	if (source_for_each_file(match_file, &s))
		return 0;
	ret = err_set(err, ERR_NO_POLICY, arg, "there is no policy '%s'", arg);
	if (s.near.best)
		err_hint(err, "did you mean '%s'?", s.near.best);
	else
		err_hint(err, "policies there are: swxctl list (or give the path of a .bpf.o file)");
	return ret;
}

int source_open_file(const char *arg, struct policy **policy, struct err *err)
{
	char path[PATH_MAX];
	int ret;

	ret = source_locate(arg, path, sizeof(path), err);
	return ret ?: policy_open(path, policy, err);
}

int source_open(const char *arg, struct source *src, struct err *err)
{
	if (is_path(arg) || !loaded_exists(arg))
		return source_open_fresh(arg, src, err);
	memset(src, 0, sizeof(*src));
	snprintf(src->name, sizeof(src->name), "%s", arg);
	return loaded_open(arg, &src->loaded, err);
}

int source_open_fresh(const char *arg, struct source *src, struct err *err)
{
	unsigned int n = 1;
	int ret;

	memset(src, 0, sizeof(*src));
	ret = source_open_file(arg, &src->policy, err);
	if (ret)
		return ret;
	snprintf(src->name, sizeof(src->name), "%s", src->policy->name);
	while (loaded_exists(src->name))
		snprintf(src->name, sizeof(src->name), "%s:%u", src->policy->name, ++n);
	return 0;
}

int source_load(struct source *src, bool keep, struct err *err)
{
	int ret;

	if (src->loaded)
		return 0;
	ret = policy_load(src->policy, err);
	if (ret)
		return ret;
	ret = loaded_pin(src->policy, src->name, keep, err);
	if (ret)
		return ret;
	ret = loaded_open(src->name, &src->loaded, err);
	if (ret)
		loaded_unpin(src->name);
	return ret;
}

void source_undo(struct source *src)
{
	if (src->policy && src->loaded)
		loaded_unpin(src->name);
}

void source_close(struct source *src)
{
	loaded_close(src->loaded);
	policy_close(src->policy);
	memset(src, 0, sizeof(*src));
}

const char *source_policy_name(const struct source *src)
{
	return src->policy ? src->policy->name : src->loaded->name;
}

const struct fields *source_params(const struct source *src)
{
	return src->policy ? &src->policy->params : &src->loaded->params;
}

const struct fields *source_consts(const struct source *src)
{
	return src->policy ? &src->policy->consts : &src->loaded->consts;
}
