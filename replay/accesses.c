// SPDX-License-Identifier: GPL-2.0
/* Reads a trace for replay: all of it is in memory. */
#include "accesses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "number.h"

/* Accesses as the trace has them. */
struct list {
	uint64_t nr;
	uint64_t *number;
	uint32_t *process;
};

static int add(struct list *l, const struct trace_record *r)
{
	void *number = grow_array(l->number, l->nr, sizeof(*l->number));
	void *process = grow_array(l->process, l->nr, sizeof(*l->process));

	l->number = number ?: l->number;
	l->process = process ?: l->process;
	if (!number || !process)
		return -ENOMEM;
	l->number[l->nr] = r->page;
	l->process[l->nr++] = r->process;
	return 0;
}

/* All faults of a recording, as if nothing else had been used. */
static int add_faults(struct list *l, const struct recording *r)
{
	uint64_t i;
	int ret = 0;

	for (i = 0; i < r->nr && !ret; i++)
		if (r->event[i].type == TRACE_FAULT)
			ret = add(l, &r->event[i]);
	return ret;
}

/* What there is too much or too little of. */
static int check_number(uint64_t nr, char *error, size_t size)
{
	if (nr && nr <= UINT32_MAX)
		return 0;
	snprintf(error, size, nr ? "more accesses than 2^32" : "there is no access in it");
	return -EBADMSG;
}

int accesses_read(struct accesses *a, struct recording *rec, FILE *file, char *error,
		  size_t size)
{
	struct list l = { 0 };
	struct trace_reader reader;
	struct trace_record r;
	int ret;

	memset(a, 0, sizeof(*a));
	memset(rec, 0, sizeof(*rec));
	ret = trace_open(&reader, file);
	while (!ret) {
		ret = trace_read(&reader, &r);
		if (!ret)
			break;
		if (ret > 0)
			ret = r.type == TRACE_ACCESS ? add(&l, &r) : recording_add(rec, &r);
	}
	if (ret == -EBADMSG)
		snprintf(error, size, "%s", reader.error);
	ret = ret ?: recording_finish(rec);
	if (ret == -E2BIG)
		ret = check_number(rec->nr, error, size);
	a->are_faults = !l.nr;
	if (!ret && a->are_faults)
		ret = add_faults(&l, rec);
	ret = ret ?: check_number(l.nr, error, size);
	ret = ret ?: number_pages(l.number, l.nr, &a->page, &a->number, &a->nr_pages);
	if (ret == -ENOMEM)
		snprintf(error, size, "out of memory");
	free(l.number);
	a->process = l.process;
	a->nr = l.nr;
	a->header = reader.header;
	if (ret) {
		accesses_free(a);
		recording_free(rec);
	}
	return ret;
}

void accesses_free(struct accesses *a)
{
	free(a->page);
	free(a->process);
	free(a->number);
	memset(a, 0, sizeof(*a));
}
