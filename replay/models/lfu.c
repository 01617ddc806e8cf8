// SPDX-License-Identifier: GPL-2.0
/*
 * Perfect LFU with decay, as policies/lfu.bpf.c describes it, for all uses of a page and
 * the page with the lowest count of all. A count outlives the page's stay, as the frequency
 * of Perfect LFU (Breslau et al., Web caching and Zipf-like distributions, INFOCOM 1999,
 * section IV); all are halved now and then, as those of TinyLFU (Einziger, Friedman,
 * Manes, ACM Transactions on Storage 13 (4), 2017, section 3.2). Of equal ones that goes
 * which was used the longest ago.
 */
#include <stdlib.h>

#include "../heap.h"
#include "../model.h"

/* The policy's: a count can be halved eight times, and is when 8 memories have gone. */
#define ONE		(1U << 8)
#define COUNT_MAX	(1U << 24)
#define HALF_LIFE	8

struct lfu {
	uint32_t nr_pages;
	uint32_t limit;
	uint32_t *count;
	uint32_t *last;		/* use */
	uint32_t now;
	uint64_t nr_gone;	/* since counts were halved */
	struct heap there;
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct lfu *l = model_array(1, sizeof(*l));

	l->nr_pages = nr_pages;
	l->limit = limit;
	l->count = model_array(nr_pages, sizeof(*l->count));
	l->last = model_array(nr_pages, sizeof(*l->last));
	heap_begin(&l->there, nr_pages);
	return l;
}

static void rank(struct lfu *l, uint32_t page)
{
	heap_set(&l->there, page, (uint64_t)l->count[page] << 32 | l->last[page]);
}

static void halve_counts(struct lfu *l)
{
	uint32_t page;

	l->nr_gone = 0;
	for (page = 0; page < l->nr_pages; page++) {
		l->count[page] /= 2;
		if (l->there.place[page] != HEAP_NOWHERE)
			rank(l, page);
	}
}

static bool access(void *state, uint32_t page)
{
	struct lfu *l = state;
	bool hit = l->there.place[page] != HEAP_NOWHERE;

	if (!hit && l->there.nr == l->limit) {
		heap_take(&l->there);
		if (++l->nr_gone == (uint64_t)HALF_LIFE * l->limit)
			halve_counts(l);
	}
	if (l->count[page] < COUNT_MAX)
		l->count[page] += ONE;
	l->last[page] = l->now++;
	rank(l, page);
	return hit;
}

static void destroy(void *state)
{
	struct lfu *l = state;

	heap_end(&l->there);
	free(l->count);
	free(l->last);
	free(l);
}

MODEL(lfu, "Breslau et al., INFOCOM 1999, section IV, with decay", create, access, destroy);
