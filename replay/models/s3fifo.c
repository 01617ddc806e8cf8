// SPDX-License-Identifier: GPL-2.0
/*
 * S3-FIFO: a small queue of a tenth of the memory, a main queue, and ghosts, which are
 * pages that went from the small one, as many as the main one can have. Yang et al., FIFO
 * queues are all you need for cache eviction, SOSP 2023, section 4.1, algorithm 1: a page
 * goes from small to main if it was used more than once there, its count cleared; to the
 * ghosts otherwise; who comes back from them goes to main; in main who was used goes round
 * again, one use less.
 */
#include <stdlib.h>

#include "../model.h"
#include "../queue.h"

#define FREQ_MAX	3

enum place { NOWHERE, SMALL, MAIN, GHOST, NR_PLACES };

struct s3fifo {
	uint32_t limit;
	uint32_t limit_small;
	uint32_t limit_ghost;
	struct queue queue[NR_PLACES];
	struct {
		uint8_t place;
		uint8_t freq;
	} *page;
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct s3fifo *s = model_array(1, sizeof(*s));
	struct queue_links *links = model_array(nr_pages, sizeof(*links));
	int place;

	s->limit = limit;
	s->limit_small = limit / 10 ?: 1;
	s->limit_ghost = limit - s->limit_small ?: 1;
	for (place = 0; place < NR_PLACES; place++)
		s->queue[place] = queue_begin(links);
	s->page = model_array(nr_pages, sizeof(*s->page));
	return s;
}

static void put(struct s3fifo *s, uint32_t page, enum place place)
{
	s->page[page].place = place;
	if (place != NOWHERE)
		queue_add(&s->queue[place], page);
}

static void put_ghost(struct s3fifo *s, uint32_t page)
{
	if (s->queue[GHOST].nr == s->limit_ghost)
		put(s, queue_take_oldest(&s->queue[GHOST]), NOWHERE);
	put(s, page, GHOST);
}

static void evict_main(struct s3fifo *s)
{
	uint32_t page;

	for (;;) {
		page = queue_take_oldest(&s->queue[MAIN]);
		if (!s->page[page].freq)
			break;
		s->page[page].freq--;
		put(s, page, MAIN);
	}
	put(s, page, NOWHERE);
}

/* False: all of them went to main. */
static bool evict_small(struct s3fifo *s)
{
	uint32_t page;

	while (s->queue[SMALL].nr) {
		page = queue_take_oldest(&s->queue[SMALL]);
		if (s->page[page].freq <= 1) {
			put_ghost(s, page);
			return true;
		}
		s->page[page].freq = 0;
		put(s, page, MAIN);
	}
	return false;
}

static bool access(void *state, uint32_t page)
{
	struct s3fifo *s = state;
	bool was_ghost = s->page[page].place == GHOST;

	if (s->page[page].place == SMALL || s->page[page].place == MAIN) {
		if (s->page[page].freq < FREQ_MAX)
			s->page[page].freq++;
		return true;
	}
	/* Before room is made: or it could be the ghost that is dropped for another. */
	if (was_ghost)
		queue_remove(&s->queue[GHOST], page);
	if (s->queue[SMALL].nr + s->queue[MAIN].nr == s->limit &&
	    (s->queue[SMALL].nr < s->limit_small || !evict_small(s)))
		evict_main(s);
	s->page[page].freq = 0;
	put(s, page, was_ghost ? MAIN : SMALL);
	return false;
}

static void destroy(void *state)
{
	struct s3fifo *s = state;

	free(s->queue[0].links);
	free(s->page);
	free(s);
}

MODEL(s3fifo, "Yang et al., SOSP 2023, section 4.1", create, access, destroy);
