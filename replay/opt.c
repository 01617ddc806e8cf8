// SPDX-License-Identifier: GPL-2.0
/*
 * The page goes whose next use is the farthest away. Belady, A study of replacement
 * algorithms for a virtual-storage computer, IBM Systems Journal 5 (2), 1966, algorithm
 * MIN; that it is optimal: Mattson, Gecsei, Slutz, Traiger, Evaluation techniques for
 * storage hierarchies, IBM Systems Journal 9 (2), 1970.
 */
#include "opt.h"

#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "model.h"

#define NEVER	UINT64_MAX

/* For each access, which one uses the page next. */
static uint64_t *find_next(const struct accesses *a)
{
	uint64_t *next = model_array(a->nr, sizeof(*next));
	uint64_t *coming = model_array(a->nr_pages, sizeof(*coming));
	uint64_t i;

	memset(coming, 0xff, a->nr_pages * sizeof(*coming));
	for (i = a->nr; i--;) {
		next[i] = coming[a->page[i]];
		coming[a->page[i]] = i;
	}
	free(coming);
	return next;
}

uint64_t opt_run(const struct accesses *a, uint32_t limit)
{
	uint64_t *next = find_next(a), i, nr_misses = 0;
	struct heap there;

	heap_begin(&there, a->nr_pages);
	for (i = 0; i < a->nr; i++) {
		if (there.place[a->page[i]] == HEAP_NOWHERE) {
			nr_misses++;
			if (there.nr == limit)
				heap_take(&there);
		}
		heap_set(&there, a->page[i], NEVER - next[i]);
	}
	heap_end(&there);
	free(next);
	return nr_misses;
}
