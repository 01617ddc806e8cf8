// SPDX-License-Identifier: GPL-2.0
/* True LRU: the page goes that was used the longest ago. */
#include <stdlib.h>

#include "../model.h"
#include "../queue.h"

struct lru {
	uint32_t limit;
	struct queue queue;
	bool *is_there;
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct lru *l = model_array(1, sizeof(*l));

	l->limit = limit;
	l->queue = queue_begin(model_array(nr_pages, sizeof(struct queue_links)));
	l->is_there = model_array(nr_pages, sizeof(*l->is_there));
	return l;
}

static bool access(void *state, uint32_t page)
{
	struct lru *l = state;
	bool hit = l->is_there[page];

	if (hit)
		queue_remove(&l->queue, page);
	else if (l->queue.nr == l->limit)
		l->is_there[queue_take_oldest(&l->queue)] = false;
	l->is_there[page] = true;
	queue_add(&l->queue, page);
	return hit;
}

static void destroy(void *state)
{
	struct lru *l = state;

	free(l->queue.links);
	free(l->is_there);
	free(l);
}

MODEL(lru, "Mattson et al., IBM Systems Journal 9 (2), 1970", create, access, destroy);
