// SPDX-License-Identifier: GPL-2.0
/*
 * Hyperbolic caching: a page's priority is its uses over the time since it came, and it
 * begins anew each time it comes (Blankstein, Sen, Freedman, Hyperbolic caching, USENIX
 * ATC 2017, section 3); of 64 pages drawn at random that with the lowest goes (section
 * 4.1). Time is counted in accesses.
 */
#include <stdlib.h>

#include "../../tests/work/pattern.h"
#include "../model.h"

#define SAMPLE	64
#define SEED	1

struct hyperbolic {
	uint32_t limit;
	uint32_t nr;
	uint32_t *there;	/* pages, in no order */
	struct life {
		bool is_there;
		uint32_t nr_uses;
		uint32_t came;
	} *life;
	uint32_t now;
	uint64_t random;
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct hyperbolic *h = model_array(1, sizeof(*h));

	h->limit = limit;
	h->there = model_array(limit, sizeof(*h->there));
	h->life = model_array(nr_pages, sizeof(*h->life));
	h->random = SEED;
	return h;
}

/* Is the priority of @a lower? Both have been there for a while. */
static bool is_lower(const struct hyperbolic *h, const struct life *a, const struct life *b)
{
	return (uint64_t)a->nr_uses * (h->now - b->came) <
	       (uint64_t)b->nr_uses * (h->now - a->came);
}

/* The place of the one that goes. */
static uint32_t find_victim(struct hyperbolic *h)
{
	uint32_t best = random_next(&h->random) % h->nr, i, other;

	for (i = 1; i < SAMPLE; i++) {
		other = random_next(&h->random) % h->nr;
		if (is_lower(h, &h->life[h->there[other]], &h->life[h->there[best]]))
			best = other;
	}
	return best;
}

static bool access(void *state, uint32_t page)
{
	struct hyperbolic *h = state;
	struct life *l = &h->life[page];
	uint32_t place = h->nr;

	h->now++;
	if (l->is_there) {
		l->nr_uses++;
		return true;
	}
	if (h->nr == h->limit) {
		place = find_victim(h);
		h->life[h->there[place]].is_there = false;
	} else {
		h->nr++;
	}
	h->there[place] = page;
	*l = (struct life) { .is_there = true, .nr_uses = 1, .came = h->now };
	return false;
}

static void destroy(void *state)
{
	struct hyperbolic *h = state;

	free(h->there);
	free(h->life);
	free(h);
}

MODEL(hyperbolic, "Blankstein et al., ATC 2017, sections 3 and 4.1", create, access, destroy);
