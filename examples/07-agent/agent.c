// SPDX-License-Identifier: GPL-2.0
/*
 * A swap policy in user space: hears of misses and of pages that come and go (agent.bpf.c
 * tells), decides (learn.c), and puts into maps what the kernel is to do when it next asks.
 * With -r and -w it also acts by itself, by a BPF program that it runs.
 *
 * Exit: 0 it was told to end, or the policy was detached; 1 it cannot go on; 2 usage.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "learn.h"

#define PINS		"/sys/fs/bpf/swap_ext/policy"
#define HEARTBEAT_MS	100	/* between two signs of life; heartbeat_ms is more */
#define MAX_EVENTS	4096	/* taken in between */

/* A binary that is copied somewhere has it with it. */
__asm__(".section .rodata\n"
	".balign 8\n"
	"agent_object: .incbin \"" AGENT_OBJECT "\"\n"
	"agent_object_end: .byte 0\n"
	".previous\n");
extern const char agent_object[], agent_object_end[];

static const char usage[] =
"Usage: agent [-n NAME] [-r PAGES] [-w]\n"
"Decide what is prefetched and evicted in the cgroup that the policy agent is attached to.\n"
"\n"
"  -n NAME   of the loaded policy (agent)\n"
"  -r PAGES  when a task has to reclaim, reclaim so many for the next one\n"
"  -w        write victims ahead\n";

/**
 * struct agent - all there is
 * @events: reader of the ring buffer
 * @plans: fd of the map
 * @victims: fd of the map
 * @act: fd of the program agent_act
 * @shared: the element of the map shared
 * @cgroup_id: the cgroup it is for
 * @nr_reclaim: of -r
 * @write_ahead: of -w
 * @pressed: posted when a task has had to reclaim
 * @begin_us: CPU time it had taken when it began to serve
 * @nr_misses, @nr_came, @nr_plans, @nr_victims, @nr_reclaimed, @nr_written: so far
 */
struct agent {
	struct ring_buffer	*events;
	int			plans;
	int			victims;
	int			act;
	struct agent_shared	*shared;
	__u64			cgroup_id;
	__u64			nr_reclaim;
	bool			write_ahead;
	sem_t			pressed;
	__s64			begin_us;
	__u64			nr_misses;
	__u64			nr_came;
	__u64			nr_plans;
	__u64			nr_victims;
	__u64			nr_reclaimed;
	__u64			nr_written;
};

static volatile sig_atomic_t is_told_to_end;

static void on_signal(int sig)
{
	(void)sig;
	is_told_to_end = 1;
}

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...)
{
	va_list args;

	fputs("agent: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* --- The maps of the policy, which swxctl has loaded and pinned --- */

static int open_pin(const char *name, const char *map)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), PINS "/%s/%s", name, map);
	fd = bpf_obj_get(path);
	if (fd < 0)
		die("%s: %s", path, strerror(-fd));
	return fd;
}

/* Two readers would take events from each other. The lock goes with the process. */
static void lock_policy(const char *name)
{
	char dir[PATH_MAX];
	int fd;

	snprintf(dir, sizeof(dir), PINS "/%s", name);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		die("policy '%s' is not loaded: swxctl attach CGROUP %s", name, name);
	if (fd < 0)
		die("%s: %s", dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB))
		die("policy '%s' has an agent already", name);
}

static void open_maps(struct agent *a, const char *name, ring_buffer_sample_fn on_event)
{
	a->plans = open_pin(name, "plans");
	a->victims = open_pin(name, "victims");
	a->shared = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
			 open_pin(name, "shared"), 0);
	if (a->shared == MAP_FAILED)
		die("cannot map 'shared' of policy '%s': %s", name, strerror(errno));
	a->cgroup_id = a->shared->cgroup_id;
	if (!a->cgroup_id)
		die("policy '%s' is not attached: swxctl attach CGROUP %s", name, name);
	a->events = ring_buffer__new(open_pin(name, "events"), on_event, a, NULL);
	if (!a->events)
		die("cannot read 'events' of policy '%s': %s", name, strerror(errno));
}

/* Of the object that is the policy only the program that is not an op. */
static int load_act(void)
{
	struct bpf_program *prog, *act;
	struct bpf_object *obj;
	struct bpf_map *map;

	obj = bpf_object__open_mem(agent_object, agent_object_end - agent_object, NULL);
	if (!obj)
		die("its own BPF object: %s", strerror(errno));
	act = bpf_object__find_program_by_name(obj, "agent_act");
	bpf_object__for_each_map(map, obj)
		bpf_map__set_autocreate(map, false);
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, prog == act);
	if (bpf_object__load(obj))
		die("cannot load agent_act: %s", strerror(errno));
	return bpf_program__fd(act);
}

/* --- What it hears, and what it does about it --- */

static void on_miss(struct agent *a, const struct agent_event *e)
{
	struct lesson lesson;

	a->nr_misses++;
	learn_miss(e, &lesson);
	if (lesson.forget)
		bpf_map_delete_elem(a->plans, &lesson.old);
	if (lesson.expect && !bpf_map_update_elem(a->plans, &lesson.next, &lesson.plan, BPF_ANY))
		a->nr_plans++;
}

static int on_event(void *arg, void *data, size_t size)
{
	const struct agent_event *e = data;
	struct agent *a = arg;

	(void)size;
	switch (e->kind) {
	case AGENT_MISS:
		on_miss(a, e);
		break;
	case AGENT_PRESSED:
		sem_post(&a->pressed);
		break;
	case AGENT_CAME:
		a->nr_came++;
		learn_page(e);
		break;
	default:
		learn_page(e);
	}
	return 0;
}

static __s64 act(const struct agent *a, __u64 nr_reclaim, __u64 page)
{
	struct agent_act args = {
		.cgroup_id = a->cgroup_id,
		.nr_reclaim = nr_reclaim,
		.page = page,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &args, .ctx_size_in = sizeof(args));

	return bpf_prog_test_run_opts(a->act, &opts) ? -errno : args.ret;
}

/* As many as the queue takes: they must be there before anybody asks. */
static void name_victims(struct agent *a)
{
	struct agent_victim v;

	while (learn_find_victim(&v) && !bpf_map_update_elem(a->victims, NULL, &v, BPF_ANY)) {
		learn_victim_named();
		a->nr_victims++;
		if (a->write_ahead && !act(a, 0, v.page))
			a->nr_written++;
	}
}

/* A thread of its own: reclaim takes its time, and plans must not wait for it. */
static void *reclaim_ahead(void *arg)
{
	struct agent *a = arg;
	__s64 nr;

	for (;;) {
		sem_wait(&a->pressed);
		while (!sem_trywait(&a->pressed))
			;
		nr = act(a, a->nr_reclaim, 0);
		if (nr > 0)
			a->nr_reclaimed += nr;
	}
	return NULL;
}

static void say_alive(struct agent *a)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	__atomic_store_n(&a->shared->alive_ns, now.tv_sec * 1000000000ULL + now.tv_nsec,
			 __ATOMIC_RELEASE);
}

static void run(struct agent *a)
{
	struct epoll_event event;
	int nr;

	while (!is_told_to_end && a->shared->cgroup_id == a->cgroup_id) {
		/* Not ring_buffer__poll(): that reads for as long as somebody writes. */
		nr = ring_buffer__consume_n(a->events, MAX_EVENTS);
		name_victims(a);
		/* Only now: after a stop, what it was told before that came first. */
		say_alive(a);
		if (nr < MAX_EVENTS)
			epoll_wait(ring_buffer__epoll_fd(a->events), &event, 1, HEARTBEAT_MS);
	}
	a->shared->alive_ns = 0;
}

static __s64 cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

static void report(const struct agent *a)
{
	printf("agent: %llu misses, %llu pages came; %llu plans, %llu victims; "
	       "%llu reclaimed, %llu written ahead; CPU %lld us\n",
	       a->nr_misses, a->nr_came, a->nr_plans, a->nr_victims, a->nr_reclaimed,
	       a->nr_written, cpu_us() - a->begin_us);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	const char *name = "agent";
	struct agent a = { 0 };
	pthread_t thread;
	int opt;

	while ((opt = getopt(argc, argv, "n:r:w")) != -1) {
		switch (opt) {
		case 'n':
			name = optarg;
			break;
		case 'r':
			a.nr_reclaim = strtoul(optarg, NULL, 10);
			break;
		case 'w':
			a.write_ahead = true;
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	lock_policy(name);
	open_maps(&a, name, on_event);
	a.act = load_act();
	/* Who decides what is swapped must not wait for it. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		die("cannot lock its memory: %s", strerror(errno));
	sem_init(&a.pressed, 0, 0);
	if (a.nr_reclaim && pthread_create(&thread, NULL, reclaim_ahead, &a))
		die("cannot create a thread");
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	a.begin_us = cpu_us();
	say_alive(&a);
	printf("agent: policy '%s' is served\n", name);
	fflush(stdout);
	run(&a);
	report(&a);
	return 0;
}
