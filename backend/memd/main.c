// SPDX-License-Identifier: GPL-2.0
/*
 * swx-memd: lends memory to the swap of other machines over RDMA. Parses the command
 * line, sets everything up, runs the loop, takes everything down. The only file that
 * exits. It never forks: that is what systemd is for.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cm.h"
#include "notify.h"
#include "session.h"
#include "stat.h"

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif

#define TICK_MS		100
#define RETRY_MS	1000
#define FAREWELL_MS	2000	/* for the last BYE to be read */

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Settings first, then what is none: OPT_* counts from the end. */
static const struct {
	const char *name;
	const char *setting;
	const char *metavar;
	const char *help;
} options[] = {
	{ "listen", "listen", "ADDR", "address to listen on; repeatable" },
	{ "port", "port", "PORT", "port to listen on" },
	{ "size", "size", "SIZE", "memory for clients, such as 16G" },
	{ "slab-size", "slab_size", "SIZE", "unit of that memory" },
	{ "key", "key", "FILE", "the shared key" },
	{ "quota", "quota", "[CLIENT ]SIZE", "what a client may have; repeatable" },
	{ "stat-socket", "stat_socket", "PATH", "socket for statistics; '' for none" },
	{ "grace", "grace", "TIME", "how long a lost session is kept, such as 60s" },
	{ "drain-timeout", "drain_timeout", "TIME", "how long clients have to leave" },
	{ "log-level", "log_level", "LEVEL", "error, warning, info or debug" },
	{ "config", NULL, "FILE", "settings; also -c" },
	{ "check-config", NULL, NULL, "check settings and key, then exit" },
	{ "help", NULL, NULL, "this text; also -h" },
	{ "version", NULL, NULL, "version; also -V" },
};

#define NR_OPTIONS (((int)ARRAY_SIZE(options)))

enum { OPT_CONFIG = NR_OPTIONS - 4, OPT_CHECK, OPT_HELP, OPT_VERSION };

/* The command line, to be applied after the file. */
struct command_line {
	struct {
		const char *setting;
		const char *value;
	}		overrides[64];
	int		nr_overrides;
	const char	*config;
	bool		check;
	bool		help;
	bool		version;
};

struct daemon {
	struct memd		memd;
	struct memd_stat	stat;
	struct memd_watch	signals;
	struct memd_watch	timer;
	__u64			next_alive;
	__u64			next_listen;
	__u64			alive_every;
	__u64			stop_at;	/* 0: not yet */
	bool			stop_now;
};

static void usage(void)
{
	char name[40];
	int i;

	printf("Usage: swx-memd [OPTIONS]\n"
	       "Lend memory to the swap of other machines over RDMA.\n\n");
	for (i = 0; i < NR_OPTIONS; i++) {
		snprintf(name, sizeof(name), "--%s%s%s", options[i].name,
			 options[i].metavar ? " " : "", options[i].metavar ?: "");
		printf("  %-24s %s\n", name, options[i].help);
	}
	printf("\nSettings come from " MEMD_CONFIG_FILE ", see memd.conf(5); options override\n"
	       "them. SIGTERM asks clients to leave, a second one does not wait for them.\n\n"
	       "Exit codes: 0 done, 1 failed, 2 usage or settings.\n");
}

static int bad_usage(const char *arg, int why, struct memd_err *err)
{
	if (why == ':')
		memd_err_set(err, 0, "option %s needs a value", arg);
	else if (why)
		memd_err_set(err, 0, "there is no option %s", arg);
	else
		memd_err_set(err, 0, "'%s': there are no arguments, only options", arg);
	memd_err_hint(err, "swx-memd --help");
	return -EINVAL;
}

static int take_option(struct command_line *cl, int i, struct memd_err *err)
{
	if (options[i].setting) {
		if (cl->nr_overrides == ARRAY_SIZE(cl->overrides))
			return memd_err_set(err, -EINVAL, "too many options");
		cl->overrides[cl->nr_overrides].setting = options[i].setting;
		cl->overrides[cl->nr_overrides++].value = optarg;
	}
	if (i == OPT_CONFIG)
		cl->config = optarg;
	cl->check |= i == OPT_CHECK;
	cl->help |= i == OPT_HELP;
	cl->version |= i == OPT_VERSION;
	return 0;
}

static int parse(struct command_line *cl, int argc, char **argv, struct memd_err *err)
{
	struct option longs[NR_OPTIONS + 1] = { 0 };
	char letter[3] = "-";
	int i, val, ret;

	for (i = 0; i < NR_OPTIONS; i++)
		longs[i] = (struct option) {
			.name = options[i].name, .val = 256 + i,
			.has_arg = options[i].metavar ? required_argument : no_argument,
		};
	while ((val = getopt_long(argc, argv, ":c:hV", longs, NULL)) != -1) {
		if (val == '?' || val == ':') {
			letter[1] = optopt;
			return bad_usage(optopt && optopt < 256 ? letter :
					 argv[optind - 1], val, err);
		}
		val = val == 'c' ? OPT_CONFIG : val == 'h' ? OPT_HELP :
		      val == 'V' ? OPT_VERSION : val - 256;
		ret = take_option(cl, val, err);
		if (ret)
			return ret;
	}
	return optind < argc ? bad_usage(argv[optind], 0, err) : 0;
}

/* The default file need not be there; one that was named must. */
static int configure(struct memd_config *cfg, const struct command_line *cl,
		     struct memd_err *err)
{
	const char *path = cl->config ?: MEMD_CONFIG_FILE;
	bool listen = false;
	int i, ret = 0;

	memd_config_init(cfg);
	if (cl->config || !access(path, F_OK))
		ret = memd_config_read(cfg, path, err);
	for (i = 0; !ret && i < cl->nr_overrides; i++) {
		/* Addresses of the file are replaced, not added to. */
		if (!listen && !strcmp(cl->overrides[i].setting, "listen")) {
			memd_config_forget_listen(cfg);
			listen = true;
		}
		ret = memd_config_set(cfg, cl->overrides[i].setting,
				      cl->overrides[i].value, err);
	}
	return ret ?: memd_config_check(cfg, err);
}

static void begin_drain(struct daemon *d)
{
	struct memd *memd = &d->memd;

	if (d->stop_at) {
		d->stop_now = true;
		return;
	}
	memd_info("stopping: %u sessions have %llu ms to leave", memd->nr_sessions,
		  (unsigned long long)memd->cfg.drain_timeout);
	memd_notify("STOPPING=1\nSTATUS=Waiting for %u sessions to leave\n"
		    "EXTEND_TIMEOUT_USEC=%llu", memd->nr_sessions,
		    (unsigned long long)(memd->cfg.drain_timeout + 2 * FAREWELL_MS) * 1000);
	memd_drain_begin(memd);
	d->stop_at = memd->drain_until;
}

static void signal_ready(struct memd_watch *w, __u32 events)
{
	struct daemon *d = container_of(w, struct daemon, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) == sizeof(info))
		begin_drain(d);
}

static void say_alive(struct daemon *d, __u64 now)
{
	struct memd *memd = &d->memd;

	if (!d->alive_every || now < d->next_alive)
		return;
	d->next_alive = now + d->alive_every;
	memd_notify("WATCHDOG=1\nSTATUS=%u sessions, %u of %u slabs used",
		    memd->nr_sessions, memd->pool.nr_used, memd->pool.nr);
}

static void timer_ready(struct memd_watch *w, __u32 events)
{
	struct daemon *d = container_of(w, struct daemon, timer);
	__u64 expirations, now = memd_now_ms();

	(void)events;
	if (read(w->fd, &expirations, sizeof(expirations)) < 0)
		return;
	memd_conn_tick(&d->memd, now);
	memd_session_tick(&d->memd, now);
	memd_stat_tick(&d->stat, now);
	if (!d->stop_at && now >= d->next_listen) {
		memd_listen_again(&d->memd);
		d->next_listen = now + RETRY_MS;
	}
	say_alive(d, now);
}

static int watch_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	d->signals.ready = signal_ready;
	d->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (d->signals.fd < 0)
		return -errno;
	return memd_loop_add(d->memd.epoll, &d->signals, EPOLLIN);
}

static int watch_time(struct daemon *d)
{
	struct itimerspec every = {
		.it_interval.tv_nsec = TICK_MS * 1000000L,
		.it_value.tv_nsec = TICK_MS * 1000000L,
	};

	d->timer.ready = timer_ready;
	d->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (d->timer.fd < 0 || timerfd_settime(d->timer.fd, 0, &every, NULL))
		return -errno;
	return memd_loop_add(d->memd.epoll, &d->timer, EPOLLIN);
}

/* Registered memory is locked memory, of which there may be a limit. */
static int check_lock_limit(__u64 size, struct memd_err *err)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (!setrlimit(RLIMIT_MEMLOCK, &limit) || !geteuid() ||
	    getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur > size)
		return 0;
	memd_err_set(err, 0, "may lock %llu KiB of memory, not %llu MiB",
		     (unsigned long long)limit.rlim_cur >> 10,
		     (unsigned long long)size >> 20);
	memd_err_hint(err, "LimitMEMLOCK=infinity in the unit, or ulimit -l unlimited");
	return -EPERM;
}

/*
 * Clients' memory must not be swapped out, and serving it must not wait for this
 * machine's own swap. Neither is a reason not to run.
 */
static void protect_memory(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		memd_warn("cannot lock memory: %s", strerror(errno));
	if (prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0))
		memd_debug("not exempt from waiting for writeback: %s", strerror(errno));
}

static int set_up(struct daemon *d, struct memd_err *err)
{
	struct memd *memd = &d->memd;
	int ret;

	TAILQ_INIT(&memd->devices);
	TAILQ_INIT(&memd->conns);
	TAILQ_INIT(&memd->dead_conns);
	TAILQ_INIT(&memd->sessions);
	memd->started = memd_now_ms();
	memd->epoch = memd_random_id();
	memd->epoll = epoll_create1(EPOLL_CLOEXEC);
	ret = memd->epoll < 0 ? -errno : watch_signals(d) ?: watch_time(d);
	if (ret)
		return memd_err_set(err, ret, "cannot wait for events: %s", strerror(-ret));
	ret = check_lock_limit(memd->cfg.size, err) ?:
	      memd_stat_open(&d->stat, memd, err);
	if (ret)
		return ret;
	protect_memory();
	ret = memd_pool_init(&memd->pool, memd->cfg.size, memd->cfg.slab_size, err);
	return ret ?: memd_listen(memd, err);
}

/* Sockets and memory; the kernel takes what is left. */
static void take_down(struct daemon *d)
{
	memd_cm_stop(&d->memd);
	memd_pool_destroy(&d->memd.pool);
	if (d->stat.memd)
		memd_stat_close(&d->stat);
	explicit_bzero(&d->memd.key, sizeof(d->memd.key));
	memd_config_free(&d->memd.cfg);
}

static bool is_done(struct daemon *d)
{
	if (d->stop_now)
		return true;
	return d->stop_at && (!d->memd.nr_sessions || memd_now_ms() >= d->stop_at);
}

static void run(struct daemon *d)
{
	struct memd *memd = &d->memd;
	bool busy = false;
	__u64 until;

	while (!is_done(d)) {
		memd_loop_once(memd->epoll, !busy);
		/* Queue pairs are gone before the memory they reached is released. */
		memd_conn_reap(memd);
		busy = memd_session_work(memd);
	}
	if (memd->nr_sessions)
		memd_warn("%u sessions did not leave in time", memd->nr_sessions);
	memd_drain_end(memd);
	for (until = memd_now_ms() + FAREWELL_MS;
	     !TAILQ_EMPTY(&memd->conns) && memd_now_ms() < until;) {
		memd_loop_once(memd->epoll, true);
		memd_conn_reap(memd);
	}
}

static void say_good(const struct memd_config *cfg)
{
	printf("%llu MiB in %llu slabs of %llu KiB, key %s: good\n",
	       (unsigned long long)cfg->size >> 20,
	       (unsigned long long)(cfg->size / cfg->slab_size),
	       (unsigned long long)cfg->slab_size >> 10, cfg->key);
}

static int start(struct command_line *cl)
{
	struct daemon d = { .stat.watch.fd = -1 };
	struct memd_err err = { 0 };
	int ret;

	ret = configure(&d.memd.cfg, cl, &err);
	if (!ret)
		ret = memd_key_load(&d.memd.key, d.memd.cfg.key, &err);
	if (ret || cl->check) {
		if (ret)
			memd_err_log(&err);
		else
			say_good(&d.memd.cfg);
		memd_config_free(&d.memd.cfg);
		return ret ? EXIT_USAGE : EXIT_DONE;
	}
	memd_log_init(d.memd.cfg.log_level);
	ret = set_up(&d, &err);
	if (ret) {
		memd_err_log(&err);
		take_down(&d);
		return EXIT_FAILED;
	}
	d.alive_every = memd_notify_interval();
	memd_info("version %s, %u slabs of %zu KiB, epoch %016llx", SWX_VERSION,
		  d.memd.pool.nr, d.memd.pool.slab_size >> 10,
		  (unsigned long long)d.memd.epoch);
	memd_notify("READY=1\nSTATUS=Ready, %u slabs", d.memd.pool.nr);
	run(&d);
	take_down(&d);
	memd_info("stopped");
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct command_line cl = { 0 };
	struct memd_err err = { 0 };

	memd_log_init(MEMD_LOG_INFO);
	if (parse(&cl, argc, argv, &err)) {
		memd_err_log(&err);
		return EXIT_USAGE;
	}
	if (cl.help)
		usage();
	else if (cl.version)
		printf("swx-memd %s, protocol %d\n", SWX_VERSION, SWX_WIRE_VERSION);
	else
		return start(&cl);
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : EXIT_DONE;
}
