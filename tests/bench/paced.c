// SPDX-License-Identifier: GPL-2.0
/*
 * paced - a program that uses its memory at a pace, and changes what it uses
 *
 * For policies that give memory back while nobody is short of it. The program's life has
 * phases of the same length; in each it uses a part of its memory that it has not used
 * before, every page of it once in each second, and sleeps for the rest of the second.
 * Beside that it comes back now and then to a small part that stays. So there is memory
 * that is over, memory that is seldom wanted, and some that is used; and what comes back is
 * known. Every access checks a word, the end every byte.
 *
 * Prints one JSON object: for each second what the cgroup has, how many accesses had to
 * wait for swap, and for how long (PSI); and what became of pages that were not used for so
 * long that they are to be given back.
 *
 * Exit: as swapwork.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "pattern.h"
#include "region.h"

#define NSEC_PER_SEC	1000000000ULL
#define PAGES_PER_MIB	((1u << 20) / PAGE_BYTES)

enum {
	EXIT_WRONG	= 1,
	EXIT_USAGE	= 2,
	EXIT_CANNOT	= 3,
};

/**
 * struct second - what one second was like
 * @current: bytes in memory.
 * @swap: bytes in swap.
 * @major: accesses that waited for swap, so far.
 * @stalled_us: PSI, memory, some: so far.
 */
struct second {
	uint64_t current;
	uint64_t swap;
	uint64_t major;
	uint64_t stalled_us;
};

static struct {
	const char *cgroup;
	uint32_t phase_mib;
	uint32_t nr_phases;
	uint32_t seconds;
	uint32_t seldom;	/* pages that are seldom used */
	uint32_t seldom_per_second;
	uint32_t cold_s;	/* what is not used for so long is cold */
	uint32_t seed;		/* of which of the seldom used it is */
} opt = {
	.phase_mib		= 24,
	.nr_phases		= 3,
	.seconds		= 180,
	.seldom			= 512,
	.seldom_per_second	= 20,
	.cold_s			= 120,
	.seed			= 1,
};

static struct region region;
static uint32_t *used_at;	/* second in which each page was used last, plus 1; 0: never */
static uint64_t nr_wrong;
static uint64_t random_state;

static void __attribute__((noreturn, format(printf, 2, 3)))
die(int status, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "paced: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* The first number behind @key in a file of the cgroup. */
static uint64_t read_value(const char *file, const char *key)
{
	char path[512], text[4096];
	const char *at;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", opt.cgroup, file);
	f = fopen(path, "re");
	if (!f)
		die(EXIT_CANNOT, "%s: %s", path, strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strstr(text, key);
	if (!at)
		die(EXIT_CANNOT, "%s: no %s in it", path, key);
	return strtoull(at + strlen(key), NULL, 10);
}

static struct second look(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (struct second) {
		.current = read_value("memory.current", ""),
		.swap = read_value("memory.swap.current", ""),
		.major = usage.ru_majflt,
		.stalled_us = read_value("memory.pressure", "total="),
	};
}

static void use_page(uint32_t page, uint32_t second)
{
	uint32_t word = page_fast_word(&region, page);
	const uint64_t *mem = region.mem + (size_t)page * PAGE_WORDS + word;

	nr_wrong += page_check(&region, page, mem, word, 1);
	used_at[page] = second + 1;
}

static uint32_t phase_pages(void)
{
	return opt.phase_mib * PAGES_PER_MIB;
}

/* The seldom used pages come first, then the parts of the phases. */
static uint32_t phase_first(uint32_t second)
{
	return opt.seldom + second * opt.nr_phases / opt.seconds * phase_pages();
}

static void use_for_a_second(uint32_t second)
{
	uint32_t i, first = phase_first(second);

	for (i = 0; i < phase_pages(); i++)
		use_page(first + i, second);
	for (i = 0; i < opt.seldom_per_second && opt.seldom; i++)
		use_page(random_next(&random_state) % opt.seldom, second);
}

/* Memory that is written as its phase begins, as programs get theirs. */
static void fill(uint32_t first, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		page_rewrite(&region, first + i);
}

static void begin_second(uint32_t second)
{
	if (!second || phase_first(second) != phase_first(second - 1))
		fill(phase_first(second), phase_pages());
}

static uint64_t check_all(void)
{
	uint64_t wrong = 0;
	uint32_t page;

	for (page = 0; page < region.nr; page++)
		wrong += page_check(&region, page, region.mem + (size_t)page * PAGE_WORDS, 0,
				    PAGE_WORDS);
	return wrong;
}

/* Pages that were not used for so long, and those of them that are in swap. */
static void count_cold(uint32_t *nr_cold, uint32_t *nr_out)
{
	FILE *f = fopen("/proc/self/pagemap", "re");
	uint32_t page;
	uint64_t word;

	*nr_cold = *nr_out = 0;
	if (!f || fseek(f, (uintptr_t)region.mem / PAGE_BYTES * sizeof(word), SEEK_SET))
		die(EXIT_CANNOT, "/proc/self/pagemap: %s", strerror(errno));
	for (page = 0; page < region.nr; page++) {
		if (fread(&word, sizeof(word), 1, f) != 1)
			die(EXIT_CANNOT, "/proc/self/pagemap ends early");
		if (used_at[page] + opt.cold_s > opt.seconds)
			continue;
		(*nr_cold)++;
		*nr_out += word >> 62 & 1;
	}
	fclose(f);
}

static void print_seconds(const struct second *s)
{
	uint32_t i;

	printf("\"seconds\": [");
	for (i = 0; i < opt.seconds; i++)
		printf("%s[%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", i ? ", " : "",
		       s[i].current, s[i].swap, s[i].major, s[i].stalled_us);
	printf("]");
}

static void parse_options(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t *value;
	} numbers[] = {
		{ "phase-mib", &opt.phase_mib },
		{ "phases", &opt.nr_phases },
		{ "seconds", &opt.seconds },
		{ "seldom", &opt.seldom },
		{ "seldom-rate", &opt.seldom_per_second },
		{ "cold", &opt.cold_s },
		{ "seed", &opt.seed },
	};
	uint32_t i;

	for (; argc > 2; argc -= 2, argv += 2) {
		for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			if (!strncmp(argv[1], "--", 2) && !strcmp(argv[1] + 2, numbers[i].name))
				*numbers[i].value = strtoul(argv[2], NULL, 10);
		if (!strcmp(argv[1], "--cgroup"))
			opt.cgroup = argv[2];
	}
	if (argc != 1 || !opt.cgroup || !opt.seconds || !opt.nr_phases || !opt.phase_mib)
		die(EXIT_USAGE, "usage: --cgroup PATH [--phase-mib N] [--phases N] [--seconds N] "
		    "[--seldom N] [--seldom-rate N] [--cold N] [--seed N]");
}

int main(int argc, char **argv)
{
	uint32_t second, nr_cold, nr_out;
	struct second *seen;
	uint64_t start_ns;
	int err;

	parse_options(argc, argv);
	random_state = opt.seed;
	seen = calloc(opt.seconds, sizeof(*seen));
	err = region_map(&region, REGION_ANON,
			 opt.seldom + opt.nr_phases * opt.phase_mib * PAGES_PER_MIB, false, 1);
	used_at = calloc(region.nr, sizeof(*used_at));
	if (err || !seen || !used_at)
		die(EXIT_CANNOT, "no memory");
	err = cgroup_write(opt.cgroup, "cgroup.procs", "0");
	if (err)
		die(EXIT_CANNOT, "%s: %s", opt.cgroup, strerror(-err));
	/* Pages of the program itself would blur every count. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    munlock(region.mem, (size_t)region.nr * PAGE_BYTES))
		die(EXIT_CANNOT, "cannot lock the program in memory: %s", strerror(errno));
	fill(0, opt.seldom);
	start_ns = now_ns();
	for (second = 0; second < opt.seconds; second++) {
		begin_second(second);
		use_for_a_second(second);
		sleep_until(start_ns + (second + 1) * NSEC_PER_SEC);
		seen[second] = look();
	}
	count_cold(&nr_cold, &nr_out);
	printf("{\"rounds\": [{\"accesses\": %" PRIu64 ", \"nr_cold\": %u, \"nr_cold_out\": %u, ",
	       (uint64_t)opt.seconds * (phase_pages() + opt.seldom_per_second), nr_cold, nr_out);
	print_seconds(seen);
	nr_wrong += check_all();
	printf("}], \"ok\": %s}\n", nr_wrong ? "false" : "true");
	return nr_wrong ? EXIT_WRONG : 0;
}
