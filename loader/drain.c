// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel drains within one write, which ends early when a signal comes; a
 * thread says how far it is. Called by "backend drain" and "backend remove".
 */
#include "drain.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend.h"

#define PROGRESS_MS 200

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

struct progress {
	const struct ctx	*ctx;
	const char		*name;
	long long		(*nr_pages)(const char *name);
	int			done;		/* an eventfd; -1: nobody looks */
	pthread_t		thread;
};

static void *show_progress(void *arg)
{
	struct progress *p = arg;
	struct pollfd done = { .fd = p->done, .events = POLLIN };
	char pages[64];
	long long nr;

	while (!poll(&done, 1, PROGRESS_MS)) {
		nr = p->nr_pages(p->name);
		if (nr >= 0)
			printf("\r%s: %s left\033[K", p->name,
			       backend_describe(&p->ctx->out, nr, pages, sizeof(pages)));
		fflush(stdout);
	}
	printf("\r\033[K");
	fflush(stdout);
	return NULL;
}

static void start_progress(struct progress *p)
{
	sigset_t all, old;

	if (p->ctx->out.json || p->ctx->out.quiet || !isatty(STDOUT_FILENO))
		return;
	p->done = eventfd(0, EFD_CLOEXEC);
	if (p->done < 0)
		return;
	/* A signal is for the thread that waits for the kernel. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	if (pthread_create(&p->thread, NULL, show_progress, p)) {
		close(p->done);
		p->done = -1;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void stop_progress(struct progress *p)
{
	if (p->done < 0)
		return;
	eventfd_write(p->done, 1);
	pthread_join(p->thread, NULL);
	close(p->done);
}

static int write_drain(int fd)
{
	/* No SA_RESTART: it is to end. */
	struct sigaction action = { .sa_handler = interrupt };
	ssize_t n;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	do {
		n = write(fd, "1", 1);
		/* A page that was on the move while the kernel came by. */
	} while (n < 0 && errno == EAGAIN && !interrupted);
	return n < 0 ? errno : 0;
}

int drain(const struct ctx *ctx, const char *name, int fd,
	  long long (*nr_pages)(const char *name))
{
	struct progress progress = {
		.ctx = ctx, .name = name, .nr_pages = nr_pages, .done = -1,
	};
	int errnum;

	start_progress(&progress);
	errnum = write_drain(fd);
	stop_progress(&progress);
	return errnum;
}
