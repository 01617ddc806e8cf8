// SPDX-License-Identifier: GPL-2.0
/*
 * cc: replay/opt.c replay/model.c replay/heap.c replay/models/[a-z]*.c tests/work/pattern.c -lm
 *
 * The optimum: as good as the best of all choices of victims, tried one by one, and never
 * worse than any model.
 */
#include "../../replay/model.h"
#include "../../replay/opt.h"
#include "../work/pattern.h"
#include "expect.h"

#define MAX_NR	2000

static uint32_t pages[MAX_NR];
static uint64_t seed = 1;

static struct accesses draw(uint32_t nr, uint32_t nr_pages)
{
	struct accesses a = { .nr = nr, .page = pages, .nr_pages = nr_pages };
	uint32_t i;

	for (i = 0; i < nr; i++)
		pages[i] = random_next(&seed) % nr_pages;
	return a;
}

/* Fewest misses from access @i on, with the pages of a bit set there. */
static uint64_t try_all(const struct accesses *a, uint64_t i, uint32_t there, uint32_t limit)
{
	uint64_t best = UINT64_MAX, nr;
	uint32_t page, with;

	if (i == a->nr)
		return 0;
	with = there | 1U << a->page[i];
	if (with == there || (uint32_t)__builtin_popcount(there) < limit)
		return (with != there) + try_all(a, i + 1, with, limit);
	for (page = 0; page < a->nr_pages; page++) {
		if (!(there & 1U << page))
			continue;
		nr = 1 + try_all(a, i + 1, with & ~(1U << page), limit);
		best = nr < best ? nr : best;
	}
	return best;
}

static void test_best_of_all(void)
{
	uint32_t round, limit;
	struct accesses a;
	uint64_t got, want;

	for (round = 0; round < 300; round++) {
		limit = 1 + round % 3;
		a = draw(11, 3 + round % 4);
		got = opt_run(&a, limit);
		want = try_all(&a, 0, 0, limit);
		EXPECT(got == want, "round %u: %lu misses, %lu are possible", round,
		       (unsigned long)got, (unsigned long)want);
	}
}

/* The reference string of the textbooks: 9 misses of 20. */
static void test_known(void)
{
	static uint32_t order[] = { 7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1 };
	struct accesses a = { .nr = 20, .page = order, .nr_pages = 8 };

	EXPECT(opt_run(&a, 3) == 9, "%lu misses", (unsigned long)opt_run(&a, 3));
	EXPECT(model_run(model_find("lru"), &a, 3) == 12, "LRU");
	EXPECT(model_run(model_find("fifo"), &a, 3) == 15, "FIFO");
}

static void test_no_model_is_better(void)
{
	const struct model *const *m;
	struct accesses a;
	uint64_t opt, nr;
	uint32_t limit;

	for (limit = 1; limit < 40; limit += 3) {
		a = draw(MAX_NR, 40);
		opt = opt_run(&a, limit);
		for_each_model(m) {
			nr = model_run(*m, &a, limit);
			EXPECT(nr >= opt, "%s: %lu misses, the optimum is %lu", (*m)->name,
			       (unsigned long)nr, (unsigned long)opt);
		}
	}
}

int main(void)
{
	test_best_of_all();
	test_known();
	test_no_model_is_better();
	return !!nr_failed;
}
