// SPDX-License-Identifier: GPL-2.0
/*
 * swxctl backend drain: bring home what a backend holds. The kernel does it within one
 * write, which ends early when a signal comes; a thread says how far it is.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend.h"
#include "command.h"

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
		nr = backend_nr_pages(p->name);
		if (nr >= 0)
			printf("\r%s: %s left\033[K", p->name,
			       backend_describe(&p->ctx->out, nr, pages, sizeof(pages)));
		fflush(stdout);
	}
	printf("\r\033[K");
	fflush(stdout);
	return NULL;
}

static void start_progress(struct progress *p, const struct ctx *ctx, const char *name)
{
	sigset_t all, old;

	*p = (struct progress) { .ctx = ctx, .name = name, .done = -1 };
	if (ctx->out.json || ctx->out.quiet || !isatty(STDOUT_FILENO))
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

/* Returns 0 or the errno. */
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

static int drain_error(struct ctx *ctx, const char *name, int errnum)
{
	long long left = backend_nr_pages(name);
	struct err *err = &ctx->err;
	char pages[64];
	int ret;

	if (left < 0)
		return backend_error(name, "drain", ENODEV, err);
	backend_describe(&ctx->out, left, pages, sizeof(pages));
	switch (errnum) {
	case EINTR:
	case EAGAIN:
		ret = err_set(err, ERR_INTERRUPTED, name,
			      "%s: interrupted, still holds %s", name, pages);
		err_hint(err, "it accepts no more; go on: swxctl backend drain %s\n"
			 "take it back: swxctl backend accept %s on", name, name);
		return ret;
	case EIO:
		ret = err_set(err, ERR_UNREADABLE, name,
			      "%s: %s cannot be read and stay%s there; all others are home",
			      name, pages, left == 1 ? "s" : "");
		err_hint(err, "it accepts no more; why: dmesg; whose they are: swxctl backend limit CGROUP\n"
			 "once it can read them: swxctl backend drain %s\n"
			 "otherwise they go with their programs, which get SIGBUS if they touch one",
			 name);
		return ret;
	case ENOMEM:
		ret = err_set(err, ERR_NO_MEMORY, name,
			      "%s: no memory to bring pages home, still holds %s", name,
			      pages);
		err_hint(err, "make room, then go on: swxctl backend drain %s", name);
		return ret;
	default:
		return backend_error(name, "drain", errnum, err);
	}
}

static int drain(struct ctx *ctx, const char *name)
{
	struct progress progress;
	int fd, errnum = 0;

	fd = backend_open(name, "drain", &ctx->err);
	if (fd < 0)
		return fd;
	if (!ctx->dry_run) {
		start_progress(&progress, ctx, name);
		errnum = write_drain(fd);
		stop_progress(&progress);
	}
	close(fd);
	return errnum ? drain_error(ctx, name, errnum) : 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *name = argv[0];
	struct json_object *row;
	long long before;
	char pages[64];
	int ret;

	(void)argc;
	ret = backend_find(name, &ctx->err);
	before = ret ? 0 : backend_nr_pages(name);
	if (!ret)
		ret = drain(ctx, name);
	if (ret)
		return ret;
	row = ctx_row(ctx);
	row_string(row, "backend", name);
	row_number(row, "nr_pages_before", before);
	row_number(row, "nr_pages", backend_nr_pages(name));
	row_bool(row, "dry_run", ctx->dry_run);
	backend_describe(&ctx->out, before, pages, sizeof(pages));
	if (ctx->dry_run) {
		ctx_say(ctx, "%s: %s would be brought home\n", name, pages);
		return 0;
	}
	ctx_say(ctx, "%s: %s came home, it accepts no more\n"
		"  look:  swxctl backend status %s        undo:  swxctl backend accept %s on\n",
		name, pages, name, name);
	return 0;
}

SUBCOMMAND(backend, drain, .group = GROUP_BACKENDS, .args = "BACKEND",
	.min_args = 1, .max_args = 1, .changes = true, .no_pins = true,
	.summary = "bring home all it holds", .run = run,
	.help = "The backend accepts no more, and its pages go to memory, to another backend or to\n"
		"the swap device; then its module can be unloaded. On a terminal it says how many\n"
		"are left. Ctrl-C ends it: what is home stays home, and the same command goes on.\n"
		"Pages that cannot be read stay and keep none of the others.\n\n"
		"Examples:\n"
		"  swxctl backend drain dram && rmmod swap_ext_dram\n"
		"  swxctl -j backend drain dram | jq '.[0].nr_pages_before'\n");
