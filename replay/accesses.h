/* SPDX-License-Identifier: GPL-2.0 */
/* The accesses of a trace, its pages numbered from 0 on in the order of their numbers. */
#ifndef ACCESSES_H
#define ACCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "recording.h"
#include "trace.h"

/**
 * struct accesses - what is replayed
 * @header: of the trace.
 * @nr: accesses.
 * @page: index of the page, for each of them.
 * @process: whose it is, for each of them.
 * @nr_pages: how many different pages.
 * @number: page number, by index.
 * @are_faults: the trace has none, its faults were taken for them.
 */
struct accesses {
	struct trace_header header;
	uint64_t nr;
	uint32_t *page;
	uint32_t *process;
	uint32_t nr_pages;
	uint64_t *number;
	bool are_faults;
};

/* Of a trace, and in @r what else is in it. -errno, with a sentence in @error. */
int accesses_read(struct accesses *a, struct recording *r, FILE *file, char *error,
		  size_t size);
void accesses_free(struct accesses *a);

#endif /* ACCESSES_H */
