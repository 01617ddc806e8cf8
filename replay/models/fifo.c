// SPDX-License-Identifier: GPL-2.0
/* FIFO: the page goes that came the longest ago. */
#include <stdlib.h>

#include "../model.h"
#include "../queue.h"

struct fifo {
	uint32_t limit;
	struct queue queue;
	bool *is_there;
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct fifo *f = model_array(1, sizeof(*f));

	f->limit = limit;
	f->queue = queue_begin(model_array(nr_pages, sizeof(struct queue_links)));
	f->is_there = model_array(nr_pages, sizeof(*f->is_there));
	return f;
}

static bool access(void *state, uint32_t page)
{
	struct fifo *f = state;

	if (f->is_there[page])
		return true;
	if (f->queue.nr == f->limit)
		f->is_there[queue_take_oldest(&f->queue)] = false;
	f->is_there[page] = true;
	queue_add(&f->queue, page);
	return false;
}

static void destroy(void *state)
{
	struct fifo *f = state;

	free(f->queue.links);
	free(f->is_there);
	free(f);
}

MODEL(fifo, "Belady, IBM Systems Journal 5 (2), 1966", create, access, destroy);
