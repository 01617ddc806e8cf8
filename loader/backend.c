// SPDX-License-Identifier: GPL-2.0
/* Reads the folders of backends. Called by the verbs "backend ...". */
#include "backend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suggest.h"
#include "util.h"

int backend_check_kernel(struct err *err)
{
	int ret;

	if (!access(FRONTSWAP_DIR, F_OK))
		return 0;
	ret = err_set(err, ERR_NO_SWAP_EXT, FRONTSWAP_DIR,
		      "the running kernel has swap_ext, but no backends: there is no "
		      FRONTSWAP_DIR);
	err_hint(err, "use kernel and swxctl of the same release");
	return ret;
}

static void file_path(char *path, const char *name, const char *file)
{
	snprintf(path, PATH_MAX, FRONTSWAP_DIR "/%s/%s", name, file);
}

static bool is_registered(const char *name)
{
	char path[PATH_MAX];

	file_path(path, name, "accept");
	return *name && !strchr(name, '/') && !access(path, F_OK);
}

static int is_backend(const struct dirent *d)
{
	return d->d_name[0] != '.' && is_registered(d->d_name);
}

struct json_object *backend_list_dir(const char *path, int (*filter)(const struct dirent *d))
{
	struct json_object *names = json_object_new_array();
	struct dirent **dirs;
	int i, nr;

	nr = scandir(path, &dirs, filter, alphasort);
	for (i = 0; i < nr; i++) {
		json_object_array_add(names, json_object_new_string(dirs[i]->d_name));
		free(dirs[i]);
	}
	if (nr >= 0)
		free(dirs);
	return names;
}

struct json_object *backend_names(void)
{
	return backend_list_dir(FRONTSWAP_DIR, is_backend);
}

static int no_backend(const char *name, struct err *err)
{
	struct json_object *names = backend_names();
	struct suggestion near = { .wrong = name };
	size_t i, nr = json_object_array_length(names);
	int ret;

	for (i = 0; i < nr; i++)
		suggest_consider(&near, json_object_get_string(
					json_object_array_get_idx(names, i)));
	ret = err_set(err, ERR_NO_BACKEND, name, "there is no backend '%s'", name);
	if (near.best)
		err_hint(err, "did you mean '%s'?", near.best);
	else
		err_hint(err, "%s", nr ? "those there are: swxctl backend" :
			 "its module registers it: see lsmod");
	json_object_put(names);
	return ret;
}

int backend_find(const char *name, struct err *err)
{
	int ret = backend_check_kernel(err);

	if (!ret && !is_registered(name))
		ret = no_backend(name, err);
	return ret;
}

/* Switches are booleans, as elsewhere. */
static struct json_object *parse_value(const char *file, char *text)
{
	long long n;
	char *end;

	text[strcspn(text, "\n")] = '\0';
	n = strtoll(text, &end, 10);
	if (end == text || *end)
		return json_object_new_string(text);
	return strcmp(file, "accept") ? json_object_new_int64(n) :
	       json_object_new_boolean(n);
}

/* Not "drain", which says nothing. */
static int is_readable(const struct dirent *d)
{
	return d->d_type == DT_REG && strcmp(d->d_name, "drain");
}

static long long number(struct json_object *row, const char *key)
{
	return json_object_get_int64(out_get(row, key));
}

static void add_derived(struct json_object *row)
{
	long long loads = number(row, "loads");

	row_number(row, "held_bytes", backend_bytes(number(row, "nr_pages")));
	row_number(row, "unsafe_bytes", backend_bytes(number(row, "unsafe_pages")));
	row_number(row, "errors", number(row, "write_errors") +
		   number(row, "read_errors"));
	if (loads)
		row_percent(row, "polled_pct", 100.0 * number(row, "polled") / loads);
	else
		json_object_object_add(row, "polled_pct", NULL);
}

struct json_object *backend_read(const char *name)
{
	struct json_object *row;
	struct dirent **files;
	char path[PATH_MAX], *text;
	int i, nr;

	file_path(path, name, "");
	nr = scandir(path, &files, is_readable, alphasort);
	if (nr < 0)
		return NULL;
	row = json_object_new_object();
	row_string(row, "backend", name);
	for (i = 0; i < nr; i++) {
		file_path(path, name, files[i]->d_name);
		text = read_file(path);
		if (text)
			json_object_object_add(row, files[i]->d_name,
					       parse_value(files[i]->d_name, text));
		free(text);
		free(files[i]);
	}
	free(files);
	add_derived(row);
	return row;
}

long long backend_nr_pages(const char *name)
{
	char path[PATH_MAX], *text;
	long long nr;

	file_path(path, name, "nr_pages");
	text = read_file(path);
	nr = text ? strtoll(text, NULL, 10) : -1;
	free(text);
	return nr;
}

double backend_bytes(long long nr_pages)
{
	return (double)nr_pages * sysconf(_SC_PAGESIZE);
}

const char *backend_describe(const struct out *out, long long nr_pages, char *text,
			     size_t size)
{
	char bytes[32];

	out_bytes(out, backend_bytes(nr_pages), bytes, sizeof(bytes));
	snprintf(text, size, "%lld page%s (%s)", nr_pages, nr_pages == 1 ? "" : "s",
		 bytes);
	return text;
}

int backend_open(const char *name, const char *file, struct err *err)
{
	char path[PATH_MAX];
	int fd;

	file_path(path, name, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? backend_error(name, file, errno, err) : fd;
}

int backend_write(const char *name, const char *file, const char *text, bool dry_run,
		  struct err *err)
{
	int fd, ret = 0;

	fd = backend_open(name, file, err);
	if (fd < 0)
		return fd;
	if (!dry_run && write(fd, text, strlen(text)) < 0)
		ret = backend_error(name, file, errno, err);
	close(fd);
	return ret;
}

int backend_set_accept(const char *name, bool on, bool dry_run, struct err *err)
{
	return backend_write(name, "accept", on ? "1" : "0", dry_run, err);
}

int backend_error(const char *name, const char *file, int errnum, struct err *err)
{
	int ret;

	switch (errnum) {
	case EPERM:
	case EACCES:
		ret = err_set(err, ERR_PERMISSION, name,
			      "no permission to write " FRONTSWAP_DIR "/%s/%s", name,
			      file);
		err_hint(err, "run as root");
		return ret;
	case ENOENT:
	case ENODEV:
		return no_backend(name, err);
	default:
		return err_set(err, ERR_FAILED, name,
			       "cannot write " FRONTSWAP_DIR "/%s/%s: %s", name, file,
			       strerror(errnum));
	}
}
