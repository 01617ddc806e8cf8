// SPDX-License-Identifier: GPL-2.0
/*
 * LHD: the page goes whose hit density is lowest, which is the probability that it is used
 * again before it goes, over the time until one or the other; both are learned from what
 * happened to pages of the same class at the same age. Beckmann, Chen, Cidon, LHD: improving
 * cache hit rate by maximizing hit density, NSDI 2018.
 *
 * Age is time since the last use. A class has the pages whose last two ages at a hit are
 * similar in sum. Of 32 pages drawn at random and the 8 that came last one goes. One page in
 * 32 that is used becomes an explorer, which stays, as long as those are a hundredth of the
 * memory: from others nobody would learn that there are hits at a great age. So it is, with
 * these numbers, in the authors' simulator, for pages of one size and one application; but
 * that one learns anew after 2^20 accesses, more than a trace here has, and knows ages up to
 * 100 times the memory.
 */
#include <stdlib.h>

#include "../../tests/work/pattern.h"
#include "../model.h"

#define NR_CLASSES	16
#define STEPS		200	/* of age, until the memory is used once */
#define NR_AGES		(20 * STEPS)	/* who is older is as old as the last */
#define LEARN_LIMITS	4	/* it learns when so many times the memory is used */
#define DECAY		0.9	/* of what it knew */
#define SAMPLE		32
#define RECENT		8
#define EXPLORERS	32	/* one in so many */
#define SEED		1

struct lhd {
	uint32_t limit;
	uint32_t step;		/* of ages, in accesses */
	uint64_t now;
	uint64_t random;
	uint32_t nr;
	uint32_t *there;	/* pages, in no order */
	struct {
		bool is_there;
		bool explores;
		uint32_t place;		/* in @there */
		uint64_t used;		/* when */
		uint32_t age, age_before;	/* at the last two hits */
	} *page;
	uint32_t recent[RECENT];
	uint32_t nr_recent;
	uint32_t nr_explorers;
	struct {
		double hits[NR_AGES];
		double evictions[NR_AGES];
		double density[NR_AGES];
	} class[NR_CLASSES];
};

static void *create(uint32_t nr_pages, uint32_t limit)
{
	struct lhd *l = model_array(1, sizeof(*l));
	int class, age;

	l->limit = limit;
	l->step = limit / STEPS ?: 1;
	l->random = SEED;
	l->there = model_array(limit, sizeof(*l->there));
	l->page = model_array(nr_pages, sizeof(*l->page));
	/* Until it knows better: LRU, and who was hit at a low age stays longer. */
	for (class = 0; class < NR_CLASSES; class++)
		for (age = 0; age < NR_AGES; age++)
			l->class[class].density[age] = (class + 1.0) / (age + 1);
	return l;
}

static uint32_t age_of(const struct lhd *l, uint32_t page)
{
	uint64_t age = (l->now - l->page[page].used) / l->step;

	return age < NR_AGES ? age : NR_AGES - 1;
}

/* 0 is the class of the greatest ages, and of pages that were not hit yet. */
static uint32_t class_of(const struct lhd *l, uint32_t page)
{
	uint32_t sum = l->page[page].age + l->page[page].age_before, class = 0;

	if (!sum)
		return NR_CLASSES - 1;
	for (; sum < NR_AGES && class < NR_CLASSES - 1; sum *= 2)
		class++;
	return class;
}

static void learn(struct lhd *l)
{
	double hits, events, time;
	int class, age;

	for (class = 0; class < NR_CLASSES; class++) {
		hits = 0;
		events = 0;
		time = 0;
		for (age = NR_AGES - 1; age >= 0; age--) {
			hits += l->class[class].hits[age];
			events += l->class[class].hits[age] + l->class[class].evictions[age];
			time += events;
			l->class[class].density[age] = events > 1e-5 ? hits / time : 0;
			l->class[class].hits[age] *= DECAY;
			l->class[class].evictions[age] *= DECAY;
		}
	}
}

static double density_of(const struct lhd *l, uint32_t page)
{
	return l->page[page].explores + l->class[class_of(l, page)].density[age_of(l, page)];
}

static uint32_t find_victim(struct lhd *l)
{
	uint32_t best = l->there[random_next(&l->random) % l->nr], page, i;
	double lowest = density_of(l, best);

	for (i = 1; i < SAMPLE + RECENT; i++) {
		page = i < SAMPLE ? l->there[random_next(&l->random) % l->nr] :
				    l->recent[i - SAMPLE];
		if (l->page[page].is_there && density_of(l, page) < lowest) {
			lowest = density_of(l, page);
			best = page;
		}
	}
	return best;
}

static void set_explorer(struct lhd *l, uint32_t page, bool explores)
{
	l->nr_explorers += explores - l->page[page].explores;
	l->page[page].explores = explores;
}

static void draw_explorer(struct lhd *l, uint32_t page)
{
	set_explorer(l, page, false);
	set_explorer(l, page, l->nr_explorers < l->limit / 100 &&
		     !(random_next(&l->random) % EXPLORERS));
}

/* Returns its place. */
static uint32_t evict(struct lhd *l)
{
	uint32_t page = find_victim(l);

	l->class[class_of(l, page)].evictions[age_of(l, page)]++;
	set_explorer(l, page, false);
	l->page[page].is_there = false;
	return l->page[page].place;
}

static bool access(void *state, uint32_t page)
{
	struct lhd *l = state;
	bool hit = l->page[page].is_there;
	uint32_t age;

	if (!(++l->now % ((uint64_t)LEARN_LIMITS * l->limit)))
		learn(l);
	age = age_of(l, page);
	if (hit) {
		l->class[class_of(l, page)].hits[age]++;
		l->page[page].age_before = l->page[page].age;
		l->page[page].age = age;
	} else {
		l->page[page].place = l->nr < l->limit ? l->nr++ : evict(l);
		l->there[l->page[page].place] = page;
		l->page[page].is_there = true;
		l->page[page].age_before = NR_AGES;
		l->page[page].age = 0;
		l->recent[l->nr_recent++ % RECENT] = page;
	}
	draw_explorer(l, page);
	l->page[page].used = l->now;
	return hit;
}

static void destroy(void *state)
{
	struct lhd *l = state;

	free(l->there);
	free(l->page);
	free(l);
}

MODEL(lhd, "Beckmann et al., NSDI 2018", create, access, destroy);
