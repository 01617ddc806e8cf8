// SPDX-License-Identifier: GPL-2.0
/* The socket for statistics: accepts, reads one line, writes one answer, closes. */
#include "stat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_CLIENTS	16
#define CLIENT_MS	5000

/*
 * struct memd_stat_client - somebody who asks
 * @line: what came so far
 * @answer: what is to be written, from @written on; NULL: nothing was asked yet
 */
struct memd_stat_client {
	TAILQ_ENTRY(memd_stat_client)	node;
	struct memd_stat		*stat;
	struct memd_watch		watch;
	__u64				deadline;
	char				line[16];
	size_t				line_len;
	char				*answer;
	size_t				answer_len;
	size_t				written;
};

static const struct {
	const char *line;
	void (*write)(const struct memd *memd, FILE *f);
} formats[] = {
	{ "json\n", memd_stat_json },
	{ "prometheus\n", memd_stat_prometheus },
};

static void drop(struct memd_stat_client *c)
{
	TAILQ_REMOVE(&c->stat->clients, c, node);
	c->stat->nr_clients--;
	memd_loop_remove(c->stat->memd->epoll, &c->watch);
	close(c->watch.fd);
	free(c->answer);
	free(c);
}

/* False: there is no such format. */
static bool make_answer(struct memd_stat_client *c)
{
	size_t i;
	FILE *f;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(c->line, formats[i].line))
			continue;
		f = open_memstream(&c->answer, &c->answer_len);
		if (!f)
			return false;
		formats[i].write(c->stat->memd, f);
		return !fclose(f);
	}
	return false;
}

/* False: it is of no more use. */
static bool read_line(struct memd_stat_client *c)
{
	ssize_t n = read(c->watch.fd, c->line + c->line_len,
			 sizeof(c->line) - 1 - c->line_len);

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	c->line_len += n;
	c->line[c->line_len] = '\0';
	if (!strchr(c->line, '\n'))
		return c->line_len < sizeof(c->line) - 1;
	return make_answer(c) &&
	       !memd_loop_change(c->stat->memd->epoll, &c->watch, EPOLLOUT);
}

static bool write_answer(struct memd_stat_client *c)
{
	ssize_t n = send(c->watch.fd, c->answer + c->written,
			 c->answer_len - c->written, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN;
	c->written += n;
	return c->written < c->answer_len;
}

static void client_ready(struct memd_watch *w, __u32 events)
{
	struct memd_stat_client *c = container_of(w, struct memd_stat_client, watch);

	(void)events;
	if (!(c->answer ? write_answer(c) : read_line(c)))
		drop(c);
}

static void listener_ready(struct memd_watch *w, __u32 events)
{
	struct memd_stat *stat = container_of(w, struct memd_stat, watch);
	struct memd_stat_client *c;
	int fd;

	(void)events;
	fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	c = stat->nr_clients < MAX_CLIENTS ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(fd);
		return;
	}
	c->stat = stat;
	c->watch = (struct memd_watch) { fd, client_ready };
	c->deadline = memd_now_ms() + CLIENT_MS;
	TAILQ_INSERT_TAIL(&stat->clients, c, node);
	stat->nr_clients++;
	if (memd_loop_add(stat->memd->epoll, &c->watch, EPOLLIN))
		drop(c);
}

/* A socket that a daemon left behind is in the way, a daemon's is not ours to take. */
static int make_way(const struct sockaddr_un *addr, struct memd_err *err)
{
	int fd, used;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	used = !connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
	if (!used && errno == ECONNREFUSED)
		unlink(addr->sun_path);
	close(fd);
	if (!used)
		return 0;
	memd_err_set(err, 0, "%s: another swx-memd runs there", addr->sun_path);
	memd_err_hint(err, "stop it, or choose another --stat-socket");
	return -EADDRINUSE;
}

int memd_stat_open(struct memd_stat *stat, struct memd *memd, struct memd_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = memd->cfg.stat_socket;
	mode_t mask;
	int ret;

	stat->memd = memd;
	stat->watch.fd = -1;
	TAILQ_INIT(&stat->clients);
	if (!*path)
		return 0;
	if (strlen(path) >= sizeof(addr.sun_path))
		return memd_err_set(err, -ENAMETOOLONG, "%s: too long for a socket", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	ret = make_way(&addr, err);
	if (ret)
		return ret;
	stat->watch.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	stat->watch.ready = listener_ready;
	mask = umask(0117);
	if (stat->watch.fd < 0 ||
	    bind(stat->watch.fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(stat->watch.fd, MAX_CLIENTS))
		ret = -errno;
	umask(mask);
	if (!ret)
		ret = memd_loop_add(memd->epoll, &stat->watch, EPOLLIN);
	if (!ret)
		return 0;
	memd_err_set(err, 0, "%s: cannot make the socket: %s", path, strerror(-ret));
	if (ret == -ENOENT)
		memd_err_hint(err, "make its directory, or choose another --stat-socket; "
			      "--stat-socket '' for none");
	return ret;
}

void memd_stat_close(struct memd_stat *stat)
{
	while (!TAILQ_EMPTY(&stat->clients))
		drop(TAILQ_FIRST(&stat->clients));
	if (stat->watch.fd < 0)
		return;
	close(stat->watch.fd);
	unlink(stat->memd->cfg.stat_socket);
}

void memd_stat_tick(struct memd_stat *stat, __u64 now)
{
	struct memd_stat_client *c, *next;

	for (c = TAILQ_FIRST(&stat->clients); c; c = next) {
		next = TAILQ_NEXT(c, node);
		if (now >= c->deadline)
			drop(c);
	}
}
