// SPDX-License-Identifier: GPL-2.0
/* Cgroup files, and counters before and after a walk. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Rounds of reclaim and the time between them in which writes complete. */
#define RECLAIM_ROUNDS	4
#define RECLAIM_WAIT_US	20000
#define WRITEBACK_WAIT_US	1000

static const char *const machine_counters[] = {
	"pswpin", "pswpout", "swap_ra", "swap_ra_hit", "pgmajfault",
};

int cgroup_write(const char *path, const char *file, const char *text)
{
	char name[PATH_MAX];
	ssize_t len;
	int fd, err = 0;

	snprintf(name, sizeof(name), "%s/%s", path, file);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = write(fd, text, strlen(text));
	if (len < 0)
		err = -errno;
	close(fd);
	return err;
}

void cgroup_reclaim(const char *path, uint64_t bytes)
{
	char text[24];
	int i;

	snprintf(text, sizeof(text), "%" PRIu64, bytes);
	for (i = 0; i < RECLAIM_ROUNDS; i++) {
		/* -EAGAIN says only that less than that was there. */
		cgroup_write(path, "memory.reclaim", text);
		usleep(RECLAIM_WAIT_US);
	}
}

/* What CPUs have not added up yet is added up when stat_refresh is read. */
static uint64_t pages_in_writeback(void)
{
	uint64_t value, found = 0;
	char name[64];
	FILE *f;
	int fd;

	fd = open("/proc/sys/vm/stat_refresh", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		value = read(fd, name, sizeof(name));
		close(fd);
	}
	f = fopen("/proc/vmstat", "re");
	while (f && fscanf(f, "%63s %" SCNu64, name, &value) == 2)
		if (!strcmp(name, "nr_writeback")) {
			found = value;
			break;
		}
	if (f)
		fclose(f);
	return found;
}

void wait_for_writeback(void)
{
	while (pages_in_writeback())
		usleep(WRITEBACK_WAIT_US);
}

static int is_wanted(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(machine_counters) / sizeof(*machine_counters); i++)
		if (!strcmp(name, machine_counters[i]))
			return 1;
	return 0;
}

int counters_read(struct counters *c, const char *path)
{
	char file[PATH_MAX] = "/proc/vmstat";
	FILE *in;

	c->nr = 0;
	if (path)
		snprintf(file, sizeof(file), "%s/memory.swap_ext.stat", path);
	in = fopen(file, "re");
	if (!in)
		return path && errno == ENOENT ? 0 : -errno;

	while (c->nr < COUNTERS_MAX &&
	       fscanf(in, "%31s %" SCNu64, c->name[c->nr], &c->value[c->nr]) == 2)
		if (path || is_wanted(c->name[c->nr]))
			c->nr++;
	fclose(in);
	return 0;
}

void counters_print(FILE *out, const struct counters *from, const struct counters *to)
{
	uint32_t i;

	fputc('{', out);
	for (i = 0; i < to->nr && i < from->nr; i++)
		fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "", to->name[i],
			to->value[i] - from->value[i]);
	fputc('}', out);
}
