// SPDX-License-Identifier: GPL-2.0
/*
 * SIEVE: one queue, a bit for each page that was used since the hand came by, a hand that
 * moves towards the newest and clears the bits it meets; the first page without one goes,
 * and those that stay keep their places. Zhang et al., SIEVE is simpler than LRU: an
 * efficient turn-key eviction algorithm for web caches, NSDI 2024, section 3.1, algorithm 1.
 */
#include <stdlib.h>

#include "../model.h"
#include "../queue.h"

struct sieve {
	uint32_t limit;
	struct queue queue;
	uint32_t hand;
	struct {
		bool is_there;
		bool is_visited;
	} *page;
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct sieve *s = model_array(1, sizeof(*s));

	s->limit = limit;
	s->queue = queue_begin(model_array(nr_pages, sizeof(struct queue_links)));
	s->hand = NO_PAGE;
	s->page = model_array(nr_pages, sizeof(*s->page));
	return s;
}

static void evict(struct sieve *s)
{
	uint32_t hand = s->hand == NO_PAGE ? s->queue.oldest : s->hand;

	while (s->page[hand].is_visited) {
		s->page[hand].is_visited = false;
		hand = s->queue.links[hand].newer;
		if (hand == NO_PAGE)
			hand = s->queue.oldest;
	}
	s->hand = s->queue.links[hand].newer;
	s->page[hand].is_there = false;
	queue_remove(&s->queue, hand);
}

static bool access(void *state, uint32_t page)
{
	struct sieve *s = state;

	if (s->page[page].is_there) {
		s->page[page].is_visited = true;
		return true;
	}
	if (s->queue.nr == s->limit)
		evict(s);
	s->page[page].is_there = true;
	s->page[page].is_visited = false;
	queue_add(&s->queue, page);
	return false;
}

static void destroy(void *state)
{
	struct sieve *s = state;

	free(s->queue.links);
	free(s->page);
	free(s);
}

MODEL(sieve, "Zhang et al., NSDI 2024, section 3.1", create, access, destroy);
