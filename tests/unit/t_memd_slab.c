// SPDX-License-Identifier: GPL-2.0
/*
 * cc: backend/memd/slab.c backend/memd/log.c -Ibackend
 *
 * The pool of swx-memd: what is promised, taken, doomed and put back adds up after any
 * sequence of these, and no byte of one owner is seen by the next.
 */
#include "../../backend/memd/slab.h"
#include "expect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLAB	(1U << 20)
#define NR	16

static bool is_zero(const struct memd_slab *slab)
{
	const unsigned char *p = slab->addr;

	return !p[0] && !memcmp(p, p + 1, SLAB - 1);
}

static void test_numbers(void)
{
	struct memd_err err = { 0 };
	struct memd_pool pool;
	struct memd_slab *a, *b;

	EXPECT(!memd_pool_init(&pool, 3 * SLAB, SLAB, &err), "%s", err.message);
	EXPECT(pool.nr == 3 && memd_pool_left(&pool) == 3, "%u left", memd_pool_left(&pool));
	EXPECT(!memd_pool_promise(&pool, 4), "more than there is");
	EXPECT(memd_pool_promise(&pool, 2) && memd_pool_left(&pool) == 1, "a promise");
	EXPECT(!memd_pool_promise(&pool, 2), "promised twice");
	a = memd_pool_get(&pool);
	b = memd_pool_get(&pool);
	EXPECT(a && b && a != b && a->id && b->id, "no slabs");
	EXPECT(memd_pool_left(&pool) == 1 && pool.nr_used == 2, "numbers");

	/* On its way back it can be promised, but is not there yet. */
	memd_pool_doom(&pool);
	EXPECT(memd_pool_left(&pool) == 2, "a doomed slab does not count");
	EXPECT(memd_pool_promise(&pool, 2), "it cannot be promised");
	EXPECT(memd_pool_get(&pool), "the free one");
	EXPECT(!memd_pool_get(&pool), "a doomed slab was handed out");
	memset(a->addr, 0xff, SLAB);
	memd_pool_put(&pool, a);
	EXPECT(!memd_pool_get(&pool), "a dirty slab was handed out");
	while (memd_pool_zero(&pool))
		;
	EXPECT(memd_pool_get(&pool) == a && is_zero(a), "the slab, zeroed");
	EXPECT(!memd_pool_left(&pool) && pool.nr_used == 3 && !pool.nr_promised, "numbers");
	memd_pool_destroy(&pool);
}

/* 100,000 steps at random; the books must balance after each. */
static void test_random(void)
{
	struct memd_slab *mine[NR], *doomed[NR];
	unsigned int nr_mine = 0, nr_doomed = 0, promised = 0, seed = 1, i, step;
	struct memd_err err = { 0 };
	struct memd_pool pool;

	EXPECT(!memd_pool_init(&pool, NR * SLAB, SLAB, &err), "%s", err.message);
	for (step = 0; step < 100000; step++) {
		switch (rand_r(&seed) % 6) {
		case 0:
			i = rand_r(&seed) % 4 + 1;
			if (memd_pool_promise(&pool, i))
				promised += i;
			break;
		case 1:
			if (!promised)
				break;
			mine[nr_mine] = memd_pool_get(&pool);
			if (!mine[nr_mine])
				break;
			promised--;
			/* All of it now and then, else what is cheap to look at. */
			EXPECT(step % 64 || is_zero(mine[nr_mine]), "a dirty slab");
			EXPECT(!*(int *)mine[nr_mine]->addr, "a dirty slab");
			*(int *)mine[nr_mine++]->addr = 1;
			break;
		case 2:
			if (!nr_mine)
				break;
			i = rand_r(&seed) % nr_mine;
			doomed[nr_doomed++] = mine[i];
			mine[i] = mine[--nr_mine];
			memd_pool_doom(&pool);
			break;
		case 3:
			if (nr_doomed)
				memd_pool_put(&pool, doomed[--nr_doomed]);
			break;
		case 4:
			memd_pool_zero(&pool);
			break;
		case 5:
			if (promised && !(rand_r(&seed) % 4)) {
				memd_pool_unpromise(&pool, 1);
				promised--;
			}
			break;
		}
		EXPECT(pool.nr_used == nr_mine && pool.nr_promised == promised &&
		       pool.nr_free + pool.nr_dirty + nr_doomed + nr_mine == NR &&
		       memd_pool_left(&pool) == NR - nr_mine - promised,
		       "step %u: %u used, %u promised, %u free, %u dirty", step,
		       pool.nr_used, pool.nr_promised, pool.nr_free, pool.nr_dirty);
		if (nr_failed)
			break;
	}
	memd_pool_destroy(&pool);
}

static void test_too_large(void)
{
	struct memd_err err = { 0 };
	struct memd_pool pool;

	EXPECT(memd_pool_init(&pool, 1ULL << 50, 1ULL << 46, &err) == -ENOMEM,
	       "a petabyte");
	EXPECT(strstr(err.message, "memory for 0 of 16 slabs") && err.hint[0], "%s",
	       err.message);
}

int main(void)
{
	test_numbers();
	test_random();
	test_too_large();
	return nr_failed != 0;
}
