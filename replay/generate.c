// SPDX-License-Identifier: GPL-2.0
/*
 * What is in replay/traces/. Orders are those of tests/work/pattern.c, as swapwork walks
 * them; every trace is for a memory of 4096 pages.
 */
#include "generate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../tests/work/pattern.h"

#define MEMORY	4096
#define SEED	1

/* Of one pass, pages from @first on. */
struct part {
	uint32_t first;
	uint32_t nr;
	uint32_t *order;
};

static int begin_part(struct part *p, const char *pattern, uint32_t pass)
{
	struct pattern parsed;

	if (pattern_parse(&parsed, pattern))
		return -EINVAL;
	p->order = pattern_order(&parsed, p->nr, SEED, pass);
	return p->order ? 0 : -ENOMEM;
}

static int access_part(struct trace_writer *w, const struct part *p, uint32_t from, uint32_t nr)
{
	struct trace_record r = { .type = TRACE_ACCESS };
	uint32_t i;
	int err = 0;

	for (i = from; i < from + nr && !err; i++) {
		r.page = p->first + p->order[i];
		err = trace_write(w, &r);
	}
	return err;
}

/* @times passes over @nr pages from @first on. */
static int walk(struct trace_writer *w, const char *pattern, uint32_t first, uint32_t nr,
		uint32_t times)
{
	struct part p = { .first = first, .nr = nr };
	uint32_t pass;
	int err = 0;

	for (pass = 0; pass < times && !err; pass++) {
		err = begin_part(&p, pattern, pass);
		err = err ?: access_part(w, &p, 0, nr);
		free(p.order);
	}
	return err;
}

/* Popularity that is uneven and lasts, over four times the memory. */
static int generate_zipf(struct trace_writer *w)
{
	return walk(w, "zipf:0.9", 0, 4 * MEMORY, 7);
}

/* A loop that does not fit by a quarter, and pages that are read once beside it. */
static int generate_loop_scan(struct trace_writer *w)
{
	struct part loop = { .nr = MEMORY + MEMORY / 4 }, scan = { .first = 2 * MEMORY };
	const uint32_t nr_loop = 64, nr_scan = 8;
	uint32_t i, pass;
	int err;

	scan.nr = loop.nr / nr_loop * nr_scan;
	err = begin_part(&loop, "seq", 0);
	err = err ?: begin_part(&scan, "seq", 0);
	for (pass = 0; pass < 30; pass++) {
		for (i = 0; i < loop.nr / nr_loop && !err; i++) {
			err = access_part(w, &loop, i * nr_loop, nr_loop);
			err = err ?: access_part(w, &scan, i * nr_scan, nr_scan);
		}
		scan.first += scan.nr;
	}
	free(loop.order);
	free(scan.order);
	return err;
}

/*
 * Three programs, one after the other, in memory of their own: a store whose keys are
 * unevenly popular, a working set with rows of a matrix that are read once beside it, a
 * loop that does not fit.
 */
static int generate_phases(struct trace_writer *w)
{
	uint32_t first = 2 * MEMORY, matrix = first + MEMORY, i;
	int err;

	err = walk(w, "zipf:0.9", 0, 2 * MEMORY, 5);
	for (i = 0; i < 16 && !err; i++) {
		err = walk(w, "random", first, MEMORY / 2, 1);
		err = err ?: walk(w, "ladder", matrix + i * MEMORY / 2, MEMORY / 2, 1);
	}
	first = matrix + i * MEMORY / 2;
	return err ?: walk(w, "seq", first, MEMORY + MEMORY / 4, 8);
}

static const struct {
	const char *name;
	int (*generate)(struct trace_writer *w);
} generators[] = {
	{ "zipf", generate_zipf },
	{ "loop-scan", generate_loop_scan },
	{ "phases", generate_phases },
};

int generate_trace(const char *name, FILE *file)
{
	static const struct trace_header header = { .page_size = 4096, .limit_pages = MEMORY };
	struct trace_writer w;
	size_t i;
	int err;

	for (i = 0; i < sizeof(generators) / sizeof(generators[0]); i++) {
		if (strcmp(generators[i].name, name))
			continue;
		err = trace_begin(&w, file, &header);
		err = err ?: generators[i].generate(&w);
		return err ?: trace_finish(&w);
	}
	return -ENOENT;
}
