// SPDX-License-Identifier: GPL-2.0
/* Reads a trace for replay: all of it is in memory. */
#include "accesses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Accesses as the trace has them. */
struct list {
	uint64_t nr;
	uint64_t *number;
	uint32_t *process;
};

/* Grows when their number is a power of two: no other size need be known. */
static int add(struct list *l, const struct trace_record *r)
{
	uint64_t room = l->nr ? 2 * l->nr : 1;
	void *number, *process;

	if (!(l->nr & (l->nr - 1))) {
		number = realloc(l->number, room * sizeof(*l->number));
		l->number = number ?: l->number;
		process = realloc(l->process, room * sizeof(*l->process));
		l->process = process ?: l->process;
		if (!number || !process)
			return -ENOMEM;
	}
	l->number[l->nr] = r->page;
	l->process[l->nr++] = r->process;
	return 0;
}

static void free_list(struct list *l)
{
	free(l->number);
	free(l->process);
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int number_pages(struct accesses *a, const struct list *l)
{
	const uint64_t *found;
	uint64_t i, nr = 0;

	a->number = malloc(l->nr * sizeof(*a->number));
	a->page = malloc(l->nr * sizeof(*a->page));
	if (!a->number || !a->page)
		return -ENOMEM;
	memcpy(a->number, l->number, l->nr * sizeof(*a->number));
	qsort(a->number, l->nr, sizeof(*a->number), compare_numbers);
	for (i = 0; i < l->nr; i++)
		if (!i || a->number[i] != a->number[nr - 1])
			a->number[nr++] = a->number[i];
	for (i = 0; i < l->nr; i++) {
		found = bsearch(&l->number[i], a->number, nr, sizeof(*a->number),
				compare_numbers);
		a->page[i] = found - a->number;
	}
	a->nr_pages = nr;
	return 0;
}

int accesses_read(struct accesses *a, FILE *file, char *error, size_t size)
{
	struct list accesses = { 0 }, faults = { 0 }, *l = &accesses;
	struct trace_reader reader;
	struct trace_record r;
	int ret;

	memset(a, 0, sizeof(*a));
	ret = trace_open(&reader, file);
	while (!ret) {
		ret = trace_read(&reader, &r);
		if (!ret)
			break;
		if (ret > 0)
			ret = r.type == TRACE_ACCESS ? add(&accesses, &r) :
			      r.type == TRACE_FAULT ? add(&faults, &r) : 0;
	}
	if (!ret && !l->nr) {
		l = &faults;
		a->are_faults = true;
	}
	if (ret == -EBADMSG) {
		snprintf(error, size, "%s", reader.error);
	} else if (!ret && (!l->nr || l->nr > UINT32_MAX)) {
		snprintf(error, size, l->nr ? "more accesses than 2^32" :
			 "there is no access in it");
		ret = -EBADMSG;
	} else if (!ret) {
		ret = number_pages(a, l);
	}
	if (ret == -ENOMEM)
		snprintf(error, size, "out of memory");
	if (!ret) {
		a->header = reader.header;
		a->nr = l->nr;
		a->process = l->process;
		l->process = NULL;
	} else {
		accesses_free(a);
	}
	free_list(&accesses);
	free_list(&faults);
	return ret;
}

void accesses_free(struct accesses *a)
{
	free(a->page);
	free(a->process);
	free(a->number);
	memset(a, 0, sizeof(*a));
}
