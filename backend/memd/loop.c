// SPDX-License-Identifier: GPL-2.0
/*
 * One event per call: what an event's function removes cannot be in a batch that was
 * fetched before, and work can be done between any two events.
 */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <time.h>

static int control(int epoll, int op, struct memd_watch *w, __u32 events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(epoll, op, w->fd, &e) ? -errno : 0;
}

int memd_loop_add(int epoll, struct memd_watch *w, __u32 events)
{
	return control(epoll, EPOLL_CTL_ADD, w, events);
}

int memd_loop_change(int epoll, struct memd_watch *w, __u32 events)
{
	return control(epoll, EPOLL_CTL_MOD, w, events);
}

void memd_loop_remove(int epoll, struct memd_watch *w)
{
	control(epoll, EPOLL_CTL_DEL, w, 0);
}

void memd_loop_once(int epoll, int wait)
{
	struct epoll_event e;
	struct memd_watch *w;

	if (epoll_wait(epoll, &e, 1, wait ? -1 : 0) != 1)
		return;
	w = e.data.ptr;
	w->ready(w, e.events);
}

__u64 memd_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

int memd_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno : 0;
}
