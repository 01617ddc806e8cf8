// SPDX-License-Identifier: GPL-2.0
/*
 * trace: traces from text and to text, and those of replay/traces/. What "dump" prints
 * "import" reads: accesses are lines of their own, all else is behind a '#'.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generate.h"

static const char usage[] =
	"usage: trace dump [FILE]                        a trace as text\n"
	"       trace import [-m MEMORY_PAGES] [FILE]    text to a trace: a page number, and\n"
	"                                                perhaps a process, on each line\n"
	"       trace generate NAME                      " GENERATE_NAMES "\n"
	"FILE is standard input if it is not given; traces are written to standard output.\n";

static int fail(const char *path, const char *text)
{
	fprintf(stderr, "trace: %s: %s\n", path, text);
	return 1;
}

/* dump */

static void print_record(const struct trace_record *r)
{
	switch (r->type) {
	case TRACE_ACCESS:
		printf("%" PRIu64, r->page);
		if (r->process)
			printf(" %" PRIu32, r->process);
		putchar('\n');
		break;
	case TRACE_FAULT:
		printf("# fault page=%" PRIu64 " process=%" PRIu32 " thread=%" PRIu32
		       " flags=%#" PRIx32 " start=%" PRIu64 " end=%" PRIu64
		       " time_ns=%" PRIu64 "\n", r->page, r->process, r->thread, r->flags,
		       r->start, r->end, r->time_ns);
		break;
	case TRACE_PLAN:
		printf("# plan thread=%" PRIu32 " planned=%" PRIu32 " read=%" PRIu32 "\n",
		       r->thread, r->nr_planned, r->nr_read);
		break;
	case TRACE_ARRIVE:
		printf("# arrive page=%" PRIu64 " flags=%#" PRIx32 " time_ns=%" PRIu64 "\n",
		       r->page, r->flags, r->time_ns);
		break;
	case TRACE_EVICT:
		printf("# evict page=%" PRIu64 " time_ns=%" PRIu64 "\n", r->page, r->time_ns);
		break;
	case TRACE_END:
	case TRACE_NR_TYPES:
		break;
	}
}

static int dump(FILE *file, const char *path)
{
	struct trace_reader reader;
	struct trace_record r;
	int ret = trace_open(&reader, file);

	if (!ret) {
		printf("# page_size=%" PRIu64 " limit_pages=%" PRIu64 " start_ns=%" PRIu64
		       " cgroup=%s policy=%s\n", reader.header.page_size,
		       reader.header.limit_pages, reader.header.start_ns, reader.header.cgroup,
		       reader.header.policy);
		while ((ret = trace_read(&reader, &r)) > 0)
			print_record(&r);
	}
	return ret ? fail(path, reader.error) : 0;
}

/* import */

/* False: not a line of at most two numbers. */
static bool parse_line(const char *line, struct trace_record *r)
{
	char *end;

	errno = 0;
	r->page = strtoull(line, &end, 0);
	r->process = *end == ' ' || *end == '\t' ? strtoul(end, &end, 0) : 0;
	return !errno && line != end && !strchr(line, '-') && !end[strspn(end, " \t\r\n")];
}

static int import(FILE *file, const char *path, uint64_t limit_pages)
{
	struct trace_header header = { .page_size = 4096, .limit_pages = limit_pages };
	struct trace_record r = { .type = TRACE_ACCESS };
	struct trace_writer w;
	unsigned long nr_lines = 0;
	char line[1024], text[1100];
	const char *start;
	int err = trace_begin(&w, stdout, &header);

	while (!err && fgets(line, sizeof(line), file)) {
		nr_lines++;
		start = line + strspn(line, " \t\r\n");
		if (!*start || *start == '#')
			continue;
		if (!parse_line(start, &r) || trace_write(&w, &r) == -EINVAL) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(text, sizeof(text), "line %lu: no page number: '%s'", nr_lines,
				 line);
			return fail(path, text);
		}
	}
	if (ferror(file))
		return fail(path, strerror(errno));
	err = err ?: trace_finish(&w);
	return err ? fail("standard output", strerror(-err)) : 0;
}

/* generate */

static int generate(const char *name)
{
	int err = generate_trace(name, stdout);

	if (err == -ENOENT)
		return fail(name, "there is no such trace; there are " GENERATE_NAMES);
	return err ? fail("standard output", strerror(-err)) : 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *path = "standard input";
	uint64_t limit_pages = 0;
	FILE *file = stdin;
	int opt, ret;
	char *end;

	optind = 2;
	while ((opt = getopt(argc, argv, "m:")) != -1) {
		if (opt != 'm' || strcmp(verb, "import"))
			goto bad_usage;
		errno = 0;
		limit_pages = strtoull(optarg, &end, 0);
		if (errno || *end || *optarg == '-')
			goto bad_usage;
	}
	if (!strcmp(verb, "generate") && argc == optind + 1)
		return generate(argv[optind]);
	if ((strcmp(verb, "dump") && strcmp(verb, "import")) || argc > optind + 1)
		goto bad_usage;
	if (argc > optind) {
		path = argv[optind];
		file = fopen(path, "r");
		if (!file)
			return fail(path, strerror(errno));
	}
	ret = strcmp(verb, "dump") ? import(file, path, limit_pages) : dump(file, path);
	if (file != stdin)
		fclose(file);
	return ret;

bad_usage:
	fputs(usage, stderr);
	return 2;
}
