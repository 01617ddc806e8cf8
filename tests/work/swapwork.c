// SPDX-License-Identifier: GPL-2.0
/*
 * swapwork - a program whose swap-ins are known, verified and timed.
 *
 * Maps and fills memory, pushes it out to swap, then walks it in a given order
 * and checks what it reads at every access. Guest tests take its exit status,
 * benchmarks the JSON on its standard output (one object, times in ns).
 *
 * Exit: 0 contents right, 1 wrong contents, 2 usage, 3 could not run.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "pattern.h"
#include "region.h"

#define MAX_STREAMS	64
#define STACK_BYTES	(128u << 10)

enum {
	EXIT_WRONG	= 1,
	EXIT_USAGE	= 2,
	EXIT_CANNOT	= 3,
};

enum access_kind {
	ACCESS_LOAD,
	ACCESS_STORE,
	ACCESS_PREAD,
};

/**
 * struct stream - one thread's walk and what it cost
 * @work: process the thread belongs to.
 * @first: of the pages it walks.
 * @nr: how many pages.
 * @nr_accesses: page visits of one walk.
 * @order: those visits.
 * @begin_ns: when the walk began.
 * @end_ns: when it ended.
 * @minor: minor faults.
 * @major: major faults.
 * @sleeps: voluntary context switches: every wait for an asynchronous device.
 * @wrong: words that were not what they must be.
 */
struct stream {
	struct work *work;
	uint32_t first;
	uint32_t nr;
	uint32_t nr_accesses;
	uint32_t *order;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t minor;
	uint64_t major;
	uint64_t sleeps;
	uint64_t wrong;
};

/**
 * struct report - what one process tells the parent of a round
 * @resident: pages that were in memory when the walk began.
 * @adjacent: pages whose swap slot followed that of the page before.
 * @pageout_ns: time of pushing the pages out.
 * @written_ns: the same until all were written, where that is waited for.
 */
struct report {
	long resident;
	long adjacent;
	uint64_t pageout_ns;
	uint64_t written_ns;
};

/**
 * struct shared - seen by the parent and all processes
 * @barrier: between them.
 * @streams: of all processes, those of a process together.
 * @reports: of all processes.
 */
struct shared {
	pthread_barrier_t barrier;
	struct stream streams[MAX_STREAMS];
	struct report reports[MAX_STREAMS];
};

/**
 * struct work - one process
 * @region: its memory.
 * @alloc: order in which its pages were first written and are paged out.
 * @start: its threads wait here for each other.
 */
struct work {
	struct region region;
	uint32_t *alloc;
	pthread_barrier_t start;
};

static struct {
	uint32_t size_mib;
	uint32_t nr_procs;
	uint32_t nr_threads;
	uint32_t passes;
	uint32_t rounds;
	uint32_t burst;
	uint32_t oracle;
	uint32_t limit_mib;
	uint64_t seed;
	bool random_alloc;
	bool share;
	bool huge;
	bool list;
	bool check_full;
	bool keep_cached;
	enum region_map map;
	enum access_kind access;
	const char *cgroup;
	struct pattern patterns[MAX_STREAMS];
	uint32_t nr_patterns;
	const char *pattern_text;
} opt = {
	.size_mib	= 32,
	.nr_procs	= 1,
	.nr_threads	= 1,
	.passes		= 1,
	.rounds		= 1,
	.seed		= 1,
	.patterns	= { { .kind = PATTERN_SEQ } },
	.nr_patterns	= 1,
	.pattern_text	= "seq",
};

static struct shared *shared;
static volatile sig_atomic_t is_finishing;

static void __attribute__((noreturn, format(printf, 2, 3)))
die(int status, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "swapwork: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static void sync_all(void)
{
	pthread_barrier_wait(&shared->barrier);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Threads of one process share its memory in equal parts. */
static uint32_t pages_per_thread(void)
{
	return opt.size_mib * ((1u << 20) / PAGE_BYTES) / opt.nr_threads;
}

static uint32_t read_and_check(const struct region *r, uint32_t page,
			       uint32_t first, uint32_t nr)
{
	uint64_t copy[PAGE_WORDS];
	off_t at = (off_t)page * PAGE_BYTES + first * 8;

	if (pread(r->fd, copy, nr * 8, at) != (ssize_t)(nr * 8))
		return nr;
	return page_check(r, page, copy, first, nr);
}

static uint32_t check_page(const struct region *r, uint32_t page, bool full)
{
	const uint64_t *mem = r->mem + (size_t)page * PAGE_WORDS;
	uint32_t first = full ? 0 : page_fast_word(r, page);
	uint32_t nr = full ? PAGE_WORDS : 1;

	if (opt.access == ACCESS_PREAD)
		return read_and_check(r, page, first, nr);
	/* The usual case first: it is part of what is measured. */
	if (!full && mem[first] == page_word(r, page, first))
		return 0;
	return page_check(r, page, mem + first, first, nr);
}

/* Bring in @nr pages of the future; an oracle's walk is sequential. */
static void fetch_ahead(const struct region *r, uint32_t at, uint32_t nr)
{
	if (at >= r->nr)
		return;
	if (nr > r->nr - at)
		nr = r->nr - at;
	madvise(r->mem + (size_t)at * PAGE_WORDS, (size_t)nr * PAGE_BYTES,
		MADV_WILLNEED);
}

static void *stream_walk(void *arg)
{
	struct stream *s = arg;
	struct region *r = &s->work->region;
	struct rusage before, after;
	uint64_t wrong = 0;
	uint32_t i;

	pthread_barrier_wait(&s->work->start);
	getrusage(RUSAGE_THREAD, &before);
	s->begin_ns = now_ns();
	if (opt.oracle)
		fetch_ahead(r, 0, opt.oracle);
	for (i = 0; i < s->nr_accesses; i++) {
		if (opt.oracle && i % opt.oracle == 0)
			fetch_ahead(r, i + opt.oracle, opt.oracle);
		wrong += check_page(r, s->order[i], opt.check_full);
		if (opt.access == ACCESS_STORE)
			page_rewrite(r, s->order[i]);
		if (opt.burst && (i + 1) % opt.burst == 0)
			sched_yield();
	}
	s->end_ns = now_ns();
	getrusage(RUSAGE_THREAD, &after);

	s->wrong += wrong;
	s->minor = after.ru_minflt - before.ru_minflt;
	s->major = after.ru_majflt - before.ru_majflt;
	s->sleeps = after.ru_nvcsw - before.ru_nvcsw;
	return NULL;
}

/* The pattern of stream @index; of an oracle's walk, see work_relabel(). */
static const struct pattern *stream_pattern(uint32_t index)
{
	static const struct pattern in_order = { .kind = PATTERN_SEQ };

	return opt.oracle ? &in_order : &opt.patterns[index % opt.nr_patterns];
}

static void stream_plan(struct stream *s, struct work *work, uint32_t index)
{
	uint32_t *once, pass, i;

	s->work = work;
	s->nr = pages_per_thread();
	s->first = index % opt.nr_threads * s->nr;
	s->nr_accesses = s->nr * opt.passes;
	s->order = malloc(s->nr_accesses * sizeof(*s->order));
	for (pass = 0; pass < opt.passes; pass++) {
		once = pattern_order(stream_pattern(index), s->nr, opt.seed + index, pass);
		if (!once || !s->order)
			die(EXIT_CANNOT, "no memory for the order of %u accesses",
			    s->nr_accesses);
		for (i = 0; i < s->nr; i++)
			s->order[pass * s->nr + i] = s->first + once[i];
		free(once);
	}
}

/*
 * An oracle fetches ahead with madvise(), one call per run of neighbours. Number
 * the pages by the time of their visit: the walk then is sequential and meets the
 * same swap slots in the same order, and 64 pages of the future are one call.
 */
static int work_relabel(uint32_t *alloc, uint32_t nr, uint32_t index)
{
	uint32_t *order = pattern_order(&opt.patterns[index % opt.nr_patterns], nr,
					opt.seed + index, 0);
	uint32_t *visit = malloc(nr * sizeof(*visit));
	uint32_t i;

	if (order && visit) {
		for (i = 0; i < nr; i++)
			visit[order[i]] = i;
		for (i = 0; i < nr; i++)
			alloc[i] = visit[alloc[i]];
	}
	free(order);
	free(visit);
	return order && visit ? 0 : -ENOMEM;
}

static void work_map(struct work *work, uint32_t proc)
{
	struct pattern order = {
		.kind = opt.random_alloc ? PATTERN_RANDOM : PATTERN_SEQ,
	};
	uint32_t nr = pages_per_thread() * opt.nr_threads;
	int err;

	work->alloc = pattern_order(&order, nr, opt.seed + MAX_STREAMS + proc, 0);
	if (!work->alloc || (opt.oracle && work_relabel(work->alloc, nr, proc)))
		die(EXIT_CANNOT, "no memory for the order of %u pages", nr);
	err = region_map(&work->region, opt.map, nr, opt.huge, opt.seed + proc);
	if (err)
		die(EXIT_CANNOT, "cannot map %u pages: %s", nr, strerror(-err));
}

/*
 * Only the region, if any, may be swapped: pages of the program itself would blur
 * every count. So would its huge pages, for which khugepaged every now and then
 * pushes out 2 MiB of the region, by the clock.
 */
static void lock_all_but(const struct region *r)
{
	if (!opt.cgroup)
		return;
	if (!opt.huge && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		die(EXIT_CANNOT, "cannot do without huge pages: %s", strerror(errno));
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    (r && munlock(r->mem, (size_t)r->nr * PAGE_BYTES)))
		die(EXIT_CANNOT, "cannot lock the program in memory: %s (run as root)",
		    strerror(errno));
}

static void work_pageout(struct work *work, struct report *report)
{
	uint64_t begin_ns = now_ns();
	int err = 0;

	if (!opt.limit_mib)
		err = region_pageout(&work->region,
				     opt.random_alloc || opt.oracle ?
				     work->alloc : NULL);
	if (err)
		die(EXIT_CANNOT, "cannot page out: %s", strerror(-err));
	report->pageout_ns = now_ns() - begin_ns;
	if (opt.cgroup && !opt.limit_mib && !opt.keep_cached)
		wait_for_writeback();
	report->written_ns = now_ns() - begin_ns;
}

static void work_look(struct work *work, struct report *report)
{
	report->resident = region_count_resident(&work->region);
	report->adjacent = region_count_adjacent_slots(&work->region);
	if (report->resident < 0)
		die(EXIT_CANNOT, "mincore: %s", strerror(-report->resident));
	if (report->adjacent < 0)
		die(EXIT_CANNOT, "cannot read /proc/self/pagemap: %s",
		    strerror(-report->adjacent));
}

static void work_round(struct work *work, uint32_t proc)
{
	struct stream *streams = &shared->streams[proc * opt.nr_threads];
	pthread_t threads[MAX_STREAMS];
	pthread_attr_t attr;
	uint32_t i;
	int err;

	work_pageout(work, &shared->reports[proc]);
	sync_all();
	/* The parent reclaims what is left. */
	sync_all();
	work_look(work, &shared->reports[proc]);

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (i = 0; i < opt.nr_threads; i++) {
		err = pthread_create(&threads[i], &attr, stream_walk, &streams[i]);
		if (err)
			die(EXIT_CANNOT, "cannot start a thread: %s", strerror(err));
	}
	pthread_attr_destroy(&attr);
	sync_all();
	/* The parent reads the counters. */
	sync_all();
	pthread_barrier_wait(&work->start);
	for (i = 0; i < opt.nr_threads; i++)
		pthread_join(threads[i], NULL);
	sync_all();
}

/* Life of a child: fill, walk for each round, then check every byte. */
static void __attribute__((noreturn)) work_run(struct work *work, uint32_t proc)
{
	struct stream *streams = &shared->streams[proc * opt.nr_threads];
	uint64_t wrong = 0;
	uint32_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!opt.share)
		work_map(work, proc);
	lock_all_but(&work->region);
	if (!opt.share)
		region_fill(&work->region, work->alloc);
	for (i = 0; i < opt.nr_threads; i++)
		stream_plan(&streams[i], work, proc * opt.nr_threads + i);
	pthread_barrier_init(&work->start, NULL, opt.nr_threads + 1);

	for (i = 0; i < opt.rounds; i++)
		work_round(work, proc);

	sync_all();
	for (i = 0; i < work->region.nr; i++)
		wrong += check_page(&work->region, i, true);
	for (i = 0; i < opt.nr_threads; i++)
		wrong += streams[i].wrong;
	region_unmap(&work->region);
	exit(wrong ? EXIT_WRONG : EXIT_SUCCESS);
}

static void print_streams(uint32_t nr)
{
	uint32_t i;

	printf("\"streams\": [");
	for (i = 0; i < nr; i++) {
		const struct stream *s = &shared->streams[i];

		printf("%s{\"proc\": %u, \"thread\": %u, \"accesses\": %u, "
		       "\"elapsed_ns\": %" PRIu64 ", \"minor\": %" PRIu64
		       ", \"major\": %" PRIu64 ", \"sleeps\": %" PRIu64
		       ", \"wrong\": %" PRIu64 "}", i ? ", " : "",
		       i / opt.nr_threads, i % opt.nr_threads, s->nr_accesses,
		       s->end_ns - s->begin_ns, s->minor, s->major, s->sleeps,
		       s->wrong);
	}
	printf("]");
}

static void print_round(bool is_first)
{
	uint32_t i, nr = opt.nr_procs * opt.nr_threads;
	uint64_t begin_ns = UINT64_MAX, end_ns = 0, pageout_ns = 0, written_ns = 0;
	uint64_t accesses = 0, minor = 0, major = 0, sleeps = 0;
	long resident = 0, adjacent = 0;

	for (i = 0; i < nr; i++) {
		const struct stream *s = &shared->streams[i];

		begin_ns = s->begin_ns < begin_ns ? s->begin_ns : begin_ns;
		end_ns = s->end_ns > end_ns ? s->end_ns : end_ns;
		accesses += s->nr_accesses;
		minor += s->minor;
		major += s->major;
		sleeps += s->sleeps;
	}
	for (i = 0; i < opt.nr_procs; i++) {
		resident += shared->reports[i].resident;
		adjacent += shared->reports[i].adjacent;
		pageout_ns += shared->reports[i].pageout_ns;
		written_ns += shared->reports[i].written_ns;
	}
	printf("%s{\"accesses\": %" PRIu64 ", \"elapsed_ns\": %" PRIu64
	       ", \"ns_per_access\": %.1f, \"minor\": %" PRIu64 ", \"major\": %" PRIu64
	       ", \"sleeps\": %" PRIu64 ", \"pageout_ns\": %" PRIu64
	       ", \"written_ns\": %" PRIu64 ", \"resident_before\": %ld, \"adjacent_slots\": %ld, ",
	       is_first ? "" : ", ", accesses, end_ns - begin_ns,
	       (double)(end_ns - begin_ns) / accesses, minor, major, sleeps,
	       pageout_ns, written_ns, resident, adjacent);
	print_streams(nr);
}

static void read_counters(struct counters *machine, struct counters *group)
{
	int err = counters_read(machine, NULL);

	if (!err && opt.cgroup)
		err = counters_read(group, opt.cgroup);
	if (err)
		die(EXIT_CANNOT, "cannot read the swap counters: %s", strerror(-err));
}

static void lead_rounds(uint64_t bytes)
{
	struct counters machine[2], group[2] = { { .nr = 0 } };
	uint32_t i;

	for (i = 0; i < opt.rounds; i++) {
		sync_all();
		if (opt.cgroup && !opt.limit_mib && !opt.keep_cached)
			cgroup_reclaim(opt.cgroup, 2 * bytes);
		sync_all();
		sync_all();
		read_counters(&machine[0], &group[0]);
		sync_all();
		sync_all();
		read_counters(&machine[1], &group[1]);
		print_round(!i);
		printf(", \"machine\": ");
		counters_print(stdout, &machine[0], &machine[1]);
		printf(", \"swap_ext\": ");
		counters_print(stdout, &group[0], &group[1]);
		printf("}");
	}
}

/* A child that ends early leaves the others at the barrier: end them too. */
static void on_child(int sig)
{
	(void)sig;
	if (!is_finishing)
		_exit(EXIT_CANNOT);
}

static void __attribute__((noreturn)) lead(void)
{
	uint64_t bytes = (uint64_t)opt.size_mib << 20;
	int status, result = 0;
	uint32_t i;

	if (!opt.share)
		bytes *= opt.nr_procs;
	printf("{\"pages\": %" PRIu64 ", \"pattern\": \"%s\", \"seed\": %" PRIu64
	       ", \"rounds\": [", bytes / PAGE_BYTES, opt.pattern_text, opt.seed);
	lead_rounds(bytes);
	is_finishing = 1;
	sync_all();
	for (i = 0; i < opt.nr_procs; i++) {
		if (wait(&status) < 0)
			die(EXIT_CANNOT, "wait: %s", strerror(errno));
		if (!WIFEXITED(status))
			result = EXIT_CANNOT;
		else if (WEXITSTATUS(status) > result)
			result = WEXITSTATUS(status);
	}
	printf("], \"ok\": %s}\n", result ? "false" : "true");
	exit(result);
}

static void enter_cgroup(void)
{
	char text[24];
	int err;

	err = cgroup_write(opt.cgroup, "cgroup.procs", "0");
	if (err)
		die(EXIT_CANNOT, "cannot enter cgroup %s: %s", opt.cgroup,
		    strerror(-err));
	if (!opt.limit_mib)
		return;
	snprintf(text, sizeof(text), "%uM", opt.limit_mib);
	err = cgroup_write(opt.cgroup, "memory.max", text);
	if (err)
		die(EXIT_CANNOT, "cannot limit cgroup %s to %s: %s", opt.cgroup, text,
		    strerror(-err));
}

static void __attribute__((noreturn)) start(void)
{
	struct sigaction action = { .sa_handler = on_child, .sa_flags = SA_RESTART };
	pthread_barrierattr_t attr;
	struct work work = { 0 };
	uint32_t i;
	pid_t pid;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die(EXIT_CANNOT, "no memory: %s", strerror(errno));
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &attr, opt.nr_procs + 1);

	if (opt.cgroup)
		enter_cgroup();
	if (opt.share) {
		work_map(&work, 0);
		region_fill(&work.region, work.alloc);
	}
	sigaction(SIGCHLD, &action, NULL);
	for (i = 0; i < opt.nr_procs; i++) {
		pid = fork();
		if (pid < 0)
			die(EXIT_CANNOT, "cannot fork: %s", strerror(errno));
		if (!pid)
			work_run(&work, i);
	}
	if (opt.share)
		region_unmap(&work.region);
	lock_all_but(NULL);
	lead();
}

/* Each process has pages of its own: they follow those of the one before. */
static void list_access(uint32_t page, uint32_t proc)
{
	printf("%u %u\n", proc * pages_per_thread() * opt.nr_threads + page, proc);
}

/* A burst of each stream in turn: as they walk on one CPU, if nobody waits. */
static void list_walk(struct stream *streams, uint32_t nr)
{
	uint32_t burst = opt.burst ? opt.burst : 1, at, i, j;

	for (at = 0; at < streams->nr_accesses; at += burst)
		for (i = 0; i < nr; i++)
			for (j = at; j < at + burst && j < streams[i].nr_accesses; j++)
				list_access(streams[i].order[j], i / opt.nr_threads);
}

static void list_accesses(void)
{
	uint32_t nr = opt.nr_procs * opt.nr_threads, i, page;
	static struct stream streams[MAX_STREAMS];

	for (i = 0; i < opt.nr_procs; i++)
		for (page = 0; page < pages_per_thread() * opt.nr_threads; page++)
			list_access(page, i);
	for (i = 0; i < nr; i++)
		stream_plan(&streams[i], NULL, i);
	list_walk(streams, nr);
	for (i = 0; i < nr; i++)
		free(streams[i].order);
}

static const char usage[] =
"Usage: swapwork [OPTION]...\n"
"Walk memory that is in swap, check every access, print times and faults as JSON.\n"
"\n"
"Memory   --size MIB         of each process (32)\n"
"         --map anon|shmem   private memory, or a shared memory file\n"
"         --huge             every other 2 MiB asks for a large folio\n"
"         --order seq|random order of first writes and page-outs, so of swap slots\n"
"         --cached           page out, but leave what is in the swap cache there\n"
"         --share            all processes walk the same memory\n"
"Walk     --pattern P[,P]... of each stream in turn: " PATTERN_SYNTAX "\n"
"         --passes N         over the pages in one walk\n"
"         --rounds N         page out and walk, again\n"
"         --access load|store|pread\n"
"         --check fast|full  one word of a page, or all, at each access; the end of\n"
"                            a run checks every byte in any case\n"
"         --oracle N         know the future: bring in N pages ahead with\n"
"                            MADV_WILLNEED, a bound on what prefetching can do\n"
"Streams  --procs N          processes\n"
"         --threads N        of each process; they share its pages in equal parts\n"
"         --burst N          yield the processor after N accesses\n"
"Where    --cgroup PATH      run in that cgroup and reclaim it before a walk\n"
"         --limit MIB        memory.max of it, set before the first write; the\n"
"                            walk then takes the memory as it finds it\n"
"         --seed N           of contents and orders (1)\n"
"         --list             print the accesses instead, PAGE PROCESS on each line: of\n"
"                            the first writes, then of a walk, all streams in turn\n"
"Exit: 0 contents right, 1 wrong contents, 2 usage, 3 could not run.\n";

static uint64_t parse_number(const char *name, const char *text, uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || !value || value > max)
		die(EXIT_USAGE, "--%s %s: want a number from 1 to %" PRIu64, name, text,
		    max);
	return value;
}

static uint32_t parse_word(const char *name, const char *text,
			   const char *const *words, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(text, words[i]))
			return i;
	die(EXIT_USAGE, "--%s %s: not known (see swapwork --help)", name, text);
}

static void parse_patterns(const char *text)
{
	char *copy = strdup(text), *rest = copy, *one;

	opt.pattern_text = text;
	opt.nr_patterns = 0;
	while (copy && (one = strsep(&rest, ","))) {
		if (opt.nr_patterns == MAX_STREAMS)
			die(EXIT_USAGE, "--pattern: more than %u", MAX_STREAMS);
		if (pattern_parse(&opt.patterns[opt.nr_patterns++], one))
			die(EXIT_USAGE, "--pattern %s: want " PATTERN_SYNTAX, one);
	}
	free(copy);
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, 's' },
		{ "map", required_argument, NULL, 'm' },
		{ "huge", no_argument, NULL, 'H' },
		{ "order", required_argument, NULL, 'o' },
		{ "share", no_argument, NULL, 'S' },
		{ "pattern", required_argument, NULL, 'p' },
		{ "passes", required_argument, NULL, 'n' },
		{ "cached", no_argument, NULL, 'C' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "access", required_argument, NULL, 'a' },
		{ "check", required_argument, NULL, 'c' },
		{ "oracle", required_argument, NULL, 'O' },
		{ "procs", required_argument, NULL, 'P' },
		{ "threads", required_argument, NULL, 't' },
		{ "burst", required_argument, NULL, 'b' },
		{ "cgroup", required_argument, NULL, 'g' },
		{ "limit", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 'e' },
		{ "list", no_argument, NULL, 'L' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const char *const maps[] = { "anon", "shmem" };
	static const char *const orders[] = { "seq", "random" };
	static const char *const accesses[] = { "load", "store", "pread" };
	static const char *const checks[] = { "fast", "full" };
	int c, at = 0;

	while ((c = getopt_long(argc, argv, "h", options, &at)) != -1) {
		const char *name = c == '?' ? "" : options[at].name;

		switch (c) {
		case 's':
			opt.size_mib = parse_number(name, optarg, 1 << 20);
			break;
		case 'm':
			opt.map = parse_word(name, optarg, maps, 2);
			break;
		case 'H':
			opt.huge = true;
			break;
		case 'o':
			opt.random_alloc = parse_word(name, optarg, orders, 2);
			break;
		case 'S':
			opt.share = true;
			break;
		case 'p':
			parse_patterns(optarg);
			break;
		case 'n':
			opt.passes = parse_number(name, optarg, 1 << 10);
			break;
		case 'r':
			opt.rounds = parse_number(name, optarg, 1 << 10);
			break;
		case 'C':
			opt.keep_cached = true;
			break;
		case 'a':
			opt.access = parse_word(name, optarg, accesses, 3);
			break;
		case 'c':
			opt.check_full = parse_word(name, optarg, checks, 2);
			break;
		case 'O':
			opt.oracle = parse_number(name, optarg, 1 << 16);
			break;
		case 'P':
			opt.nr_procs = parse_number(name, optarg, MAX_STREAMS);
			break;
		case 't':
			opt.nr_threads = parse_number(name, optarg, MAX_STREAMS);
			break;
		case 'b':
			opt.burst = parse_number(name, optarg, 1 << 20);
			break;
		case 'g':
			opt.cgroup = optarg;
			break;
		case 'l':
			opt.limit_mib = parse_number(name, optarg, 1 << 20);
			break;
		case 'e':
			opt.seed = parse_number(name, optarg, UINT64_MAX);
			break;
		case 'L':
			opt.list = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			fputs("see swapwork --help\n", stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		die(EXIT_USAGE, "%s: not an option", argv[optind]);
	if (opt.nr_procs * opt.nr_threads > MAX_STREAMS)
		die(EXIT_USAGE, "more than %u streams", MAX_STREAMS);
	if (opt.limit_mib && !opt.cgroup)
		die(EXIT_USAGE, "--limit needs --cgroup");
	if (opt.list && (opt.random_alloc || opt.share || opt.oracle))
		die(EXIT_USAGE, "--list is for private memory, written in order, and no oracle");
	if (opt.oracle && (opt.nr_threads > 1 || opt.share || opt.passes > 1))
		die(EXIT_USAGE, "--oracle is for one walk of one thread per process");
	if (opt.oracle && opt.patterns[0].kind == PATTERN_ZIPF)
		die(EXIT_USAGE, "--oracle needs a pattern that visits each page once");
	if (opt.access == ACCESS_PREAD && opt.map != REGION_SHMEM)
		die(EXIT_USAGE, "--access pread needs --map shmem");
	if (opt.access == ACCESS_STORE && opt.share && opt.map == REGION_SHMEM)
		die(EXIT_USAGE, "--access store needs memory of its own for each process");
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	if (opt.list)
		list_accesses();
	else
		start();
}
