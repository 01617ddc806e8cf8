// SPDX-License-Identifier: GPL-2.0
/* Whole files, whose size is not known beforehand, and sizes as people write them. */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *read_all(int fd)
{
	size_t len = 0, size = 4096;
	char *buf = malloc(size + 1), *tmp;
	ssize_t n;

	while (buf && (n = read(fd, buf + len, size - len))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto err_free;
		len += n;
		if (len < size)
			continue;
		size *= 2;
		tmp = realloc(buf, size + 1);
		if (!tmp)
			goto err_free;
		buf = tmp;
	}
	if (buf)
		buf[len] = '\0';
	return buf;

err_free:
	free(buf);
	return NULL;
}

char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return NULL;
	text = read_all(fd);
	close(fd);
	return text;
}

bool parse_size(const char *text, unsigned long long *bytes)
{
	static const char units[] = "KkMmGgTt";
	const char *unit;
	char *end;
	int shift;

	/* strtoull() takes blanks and a sign. */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno || !*end)
		return !errno;
	unit = strchr(units, *end);
	if (!unit || end[1])
		return false;
	shift = 10 * ((unit - units) / 2 + 1);
	if (*bytes > ~0ULL >> shift)
		return false;
	*bytes <<= shift;
	return true;
}
