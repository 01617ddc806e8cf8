// SPDX-License-Identifier: GPL-2.0
/* Reads and writes the folders of memory nodes. Called by the verbs "backend ...". */
#include "node.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "latency.h"
#include "out.h"
#include "suggest.h"
#include "util.h"

static void file_path(char *path, const char *name, const char *file)
{
	snprintf(path, PATH_MAX, NODES_DIR "/%s/%s", name, file);
}

static char *read_node_file(const char *name, const char *file)
{
	char path[PATH_MAX];

	file_path(path, name, file);
	return read_file(path);
}

/* Without the newline; "" if it cannot be read. */
static char *read_line(const char *name, const char *file)
{
	char *text = read_node_file(name, file);

	if (!text)
		return strdup("");
	text[strcspn(text, "\n")] = '\0';
	return text;
}

int node_open(const char *name, const char *file)
{
	char path[PATH_MAX];
	int fd;

	file_path(path, name, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int node_write(const char *name, const char *file, const void *data, size_t len)
{
	int fd, ret = 0;

	fd = node_open(name, file);
	if (fd < 0)
		return fd;
	if (write(fd, data, len) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int node_write_text(const char *name, const char *file, const char *text)
{
	return node_write(name, file, text, strlen(text));
}

bool node_flag(const char *name, const char *file)
{
	char *text = read_line(name, file);
	bool on = text && *text == '1';

	free(text);
	return on;
}

char *node_why(const char *name)
{
	char *status = read_line(name, "status"), *why = status ? strstr(status, ": ") : NULL;

	why = why ? strdup(why + 2) : NULL;
	free(status);
	return why;
}

/* Finding one */

static int is_node(const struct dirent *d)
{
	return d->d_name[0] != '.' && d->d_type == DT_DIR;
}

struct json_object *node_names(void)
{
	return backend_list_dir(NODES_DIR, is_node);
}

static const char *name_at(struct json_object *names, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(names, i));
}

static bool read_address(const char *name, struct address *addr)
{
	char *host = read_line(name, "address"), *port = read_line(name, "port");
	char text[ADDRESS_LEN + 16];
	struct err ignored = { 0 };
	bool good = false;

	if (host && port) {
		address_print(host, strtoul(port, NULL, 10), text, sizeof(text));
		good = !address_parse(text, addr, &ignored);
	}
	err_clear(&ignored);
	free(host);
	free(port);
	return good;
}

bool node_find_address(const struct address *addr, char *name, size_t size)
{
	struct json_object *names = node_names();
	size_t i, nr = json_object_array_length(names);
	struct address other;

	for (i = 0; i < nr; i++)
		if (read_address(name_at(names, i), &other) && address_equal(addr, &other))
			break;
	if (i < nr)
		snprintf(name, size, "%s", name_at(names, i));
	json_object_put(names);
	return i < nr;
}

static bool has_name(struct json_object *names, const char *name)
{
	size_t i;

	for (i = 0; i < json_object_array_length(names); i++)
		if (!strcmp(name_at(names, i), name))
			return true;
	return false;
}

static int no_node(struct json_object *names, const char *text, struct err *err)
{
	size_t i, nr = json_object_array_length(names);
	struct suggestion near = { .wrong = text };
	int ret;

	for (i = 0; i < nr; i++)
		suggest_consider(&near, name_at(names, i));
	ret = err_set(err, ERR_NO_NODE, text, "there is no memory node '%s'", text);
	if (near.best)
		err_hint(err, "did you mean '%s'?", near.best);
	else
		err_hint(err, "%s", nr ? "those there are: swxctl backend nodes" :
			 "there is none at all; to add one: swxctl backend add ADDR SIZE");
	return ret;
}

int node_find(const char *text, char *name, size_t size, struct err *err)
{
	struct json_object *names = node_names();
	struct err ignored = { 0 };
	struct address addr;
	int ret = 0;

	snprintf(name, size, "%s", text);
	if (has_name(names, name))
		goto out;
	/* Its name may be that of its server, which is not looked up: it may have moved. */
	if (!address_parse(text, &addr, &ignored)) {
		address_name(&addr, name, size);
		if (has_name(names, name) || node_find_address(&addr, name, size))
			goto out;
	}
	ret = no_node(names, text, err);
out:
	err_clear(&ignored);
	json_object_put(names);
	return ret;
}

/* Reading it */

/* Lines of "KEY NUMBER". */
static struct json_object *read_numbers(const char *name, const char *file)
{
	struct json_object *numbers = json_object_new_object();
	char *text = read_node_file(name, file), *line, *save = NULL, *value;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		row_number(numbers, line, strtoll(value, NULL, 10));
	}
	free(text);
	return numbers;
}

long long node_number(struct json_object *row, const char *key)
{
	return json_object_get_int64(out_get(row, key));
}

static void add_settings(struct json_object *row, const char *name)
{
	char *host = read_line(name, "address"), *port = read_line(name, "port");
	char *size = read_line(name, "size"), *client = read_line(name, "name");
	char server[ADDRESS_LEN + 16];

	address_print(host ?: "", port ? strtoul(port, NULL, 10) : 0, server, sizeof(server));
	row_string(row, "server", host && *host ? server : NULL);
	row_string(row, "client", client);
	row_number(row, "size_bytes", size ? strtoll(size, NULL, 10) : 0);
	row_bool(row, "connect", node_flag(name, "connect"));
	free(host);
	free(port);
	free(size);
	free(client);
}

static void add_usage(struct json_object *row, const char *name)
{
	struct json_object *usage = read_numbers(name, "usage");
	long long slabs = node_number(usage, "slab_bytes");

	row_number(row, "slabs", node_number(usage, "slabs"));
	row_number(row, "slab_bytes", slabs);
	row_number(row, "used_bytes", slabs - node_number(usage, "free_bytes"));
	row_number(row, "nr_pages", node_number(usage, "pages"));
	row_number(row, "lost_pages", node_number(usage, "lost_pages"));
	json_object_put(usage);
}

static void add_bound(struct json_object *row, const char *key, const struct latency *latency,
		      enum latency_kind kind, unsigned int percent)
{
	unsigned long long ns = latency_percentile(latency, kind, percent);

	json_object_object_add(row, key, ns ? json_object_new_uint64(ns) : NULL);
}

static void add_latency(struct json_object *row, const char *name)
{
	struct json_object *buckets = json_object_new_array(), *bucket;
	char *text = read_node_file(name, "latency");
	struct latency latency;
	size_t i;

	latency_parse(text, &latency);
	free(text);
	add_bound(row, "read_p50_below_ns", &latency, LATENCY_READ, 50);
	add_bound(row, "read_p99_below_ns", &latency, LATENCY_READ, 99);
	add_bound(row, "write_p50_below_ns", &latency, LATENCY_WRITE, 50);
	add_bound(row, "write_p99_below_ns", &latency, LATENCY_WRITE, 99);
	for (i = 0; i < latency.nr; i++) {
		bucket = json_object_new_object();
		row_number(bucket, "below_ns", latency.bucket[i].below_ns);
		row_number(bucket, "reads", latency.bucket[i].requests[LATENCY_READ]);
		row_number(bucket, "writes", latency.bucket[i].requests[LATENCY_WRITE]);
		json_object_array_add(buckets, bucket);
	}
	json_object_object_add(row, "latency", buckets);
}

struct json_object *node_read(const char *name)
{
	char *state = read_node_file(name, "state"), *why;
	struct json_object *row, *counters;

	if (!state)
		return NULL;
	state[strcspn(state, "\n")] = '\0';
	row = json_object_new_object();
	row_string(row, "node", name);
	row_string(row, "backend", NODE_BACKEND);
	add_settings(row, name);
	row_string(row, "state", state);
	free(state);
	why = node_why(name);
	row_string(row, "note", why);
	free(why);
	add_usage(row, name);
	counters = read_numbers(name, "counters");
	row_number(row, "errors", node_number(counters, "read_errors") +
		   node_number(counters, "write_errors"));
	row_number(row, "reconnects", node_number(counters, "reconnects"));
	json_object_object_add(row, "counters", counters);
	add_latency(row, name);
	return row;
}

struct json_object *node_read_all(void)
{
	struct json_object *names = node_names(), *rows = json_object_new_array(), *row;
	size_t i;

	for (i = 0; i < json_object_array_length(names); i++) {
		row = node_read(name_at(names, i));
		if (row)
			json_object_array_add(rows, row);
	}
	json_object_put(names);
	return rows;
}
