/* SPDX-License-Identifier: GPL-2.0 */
/* Pages by a key, the smallest first: a binary heap that knows where each page is. */
#ifndef HEAP_H
#define HEAP_H

#include <stdint.h>

struct heap {
	uint32_t nr;
	uint32_t *page;		/* in heap order */
	uint32_t *place;	/* in that order, by page; HEAP_NOWHERE */
	uint64_t *key;		/* by page */
};

#define HEAP_NOWHERE	UINT32_MAX

/* For pages below @nr_pages. */
void heap_begin(struct heap *h, uint32_t nr_pages);
void heap_end(struct heap *h);
/* Adds it, or changes its key. */
void heap_set(struct heap *h, uint32_t page, uint64_t key);
/* Takes out the one with the smallest key; there is one. */
uint32_t heap_take(struct heap *h);

#endif /* HEAP_H */
