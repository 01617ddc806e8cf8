// SPDX-License-Identifier: GPL-2.0
/*
 * cc: replay/model.c replay/heap.c replay/models/[a-z]*.c tests/work/pattern.c -lm
 *
 * Models of published algorithms against sequences worked out by hand, LHD against a loop;
 * and each of them in a memory that has room for all pages, and in one of a single page.
 */
#include "../../replay/model.h"
#include "expect.h"

#include <stdlib.h>
#include <string.h>

#define PAGES	64

/* Pages "1 2 3", and for each of them a letter: h if it is to be there, . if not. */
static void expect_hits(const char *name, uint32_t limit, const char *pages, const char *want)
{
	const struct model *m = model_find(name);
	char got[128] = "", *end;
	size_t nr = 0;
	void *state;

	EXPECT(m, "no model %s", name);
	if (!m)
		return;
	state = m->create(PAGES, limit);
	for (; *pages && nr < sizeof(got) - 1; pages = end)
		got[nr++] = m->access(state, strtoul(pages, &end, 10)) ? 'h' : '.';
	m->destroy(state);
	EXPECT(!strcmp(got, want), "%s: %s, expected %s", name, got, want);
}

/* 1 is counted five times, then so many others come once each; is 1 still there? */
static void expect_decay(int nr_others, bool want)
{
	const struct model *m = model_find("lfu");
	void *state = m->create(PAGES, 2);
	int i;

	for (i = 0; i < 5; i++)
		m->access(state, 1);
	for (i = 0; i < nr_others; i++)
		m->access(state, 2 + i);
	EXPECT(m->access(state, 1) == want, "after %d others", nr_others);
	m->destroy(state);
}

static void test_by_hand(void)
{
	expect_hits("lru", 3, "1 2 3 1 4 2 1 4 3 2", "...h..hh..");
	expect_hits("fifo", 3, "1 2 3 1 4 1 2 3 1", "...h....h");
	/* Counts outlive a stay; of equal ones goes which was used the longest ago. */
	expect_hits("lfu", 2, "1 1 2 3 2 3 1 1 3", ".h.....hh");
	expect_hits("lfu", 2, "1 2 2 1 3 1", "..hh.h");
	/* All are halved when 16 have gone: five uses are worth less than one after 48. */
	expect_decay(49, true);
	expect_decay(50, false);
	/* Three uses in four accesses are less than one in one; it begins anew. */
	expect_hits("hyperbolic", 2, "1 1 1 2 3 1 3", ".hh...h");
	/* The hand stays where it was, passes what is visited, and goes round. */
	expect_hits("sieve", 3, "1 2 3 1 4 5 1 6 1 4 6 4 7 6 1 7", "...h..h.h.hh..hh");
	/* 0 has passed, 1 was used once only, is a ghost and comes back, as do 2 and 3. */
	expect_hits("s3fifo", 10, "0 1 2 3 4 5 6 7 8 9 0 0 1 10 1 0 2 1 10 4 3",
		    "..........hhh..h.hhh.");
	/* 2 comes back as a ghost, to main: three later ones do not push it out. */
	expect_hits("s3fifo", 3, "1 2 3 1 1 4 2 5 6 2", "...hh....h");
	/* With main full 1 goes round, its use spent, and 2 goes; the next time 1 does. */
	expect_hits("s3fifo", 3, "1 2 3 1 1 4 2 5 3 1 6 1 3 2", "...hh....h.hh.");
	expect_hits("s3fifo", 3, "1 2 3 1 1 4 2 5 3 1 6 5 7 6 8 5 1", "...hh....h.....h.");
}

/* LHD learns of a loop which does not fit that old pages come next, and young ones go. */
static void test_lhd_learns(void)
{
	const struct model *m = model_find("lhd");
	void *state = m->create(1250, 1000);
	uint32_t i, nr_hits = 0;

	for (i = 0; i < 60 * 1250; i++)
		nr_hits += m->access(state, i % 1250) && i >= 40 * 1250;
	m->destroy(state);
	EXPECT(nr_hits > 20 * 1250 / 2, "%u hits of %u", nr_hits, 20 * 1250);
}

static void test_bounds(void)
{
	const struct model *const *m;
	uint32_t i;
	void *state;

	for_each_model(m) {
		state = (*m)->create(PAGES, PAGES);
		for (i = 0; i < 10 * PAGES; i++)
			EXPECT((*m)->access(state, i * 7 % PAGES) == (i >= PAGES),
			       "%s with room for all: access %u", (*m)->name, i);
		(*m)->destroy(state);
		state = (*m)->create(PAGES, 1);
		for (i = 0; i < 10 * PAGES; i++)
			EXPECT((*m)->access(state, i / 2 % PAGES) == i % 2,
			       "%s with room for one: access %u", (*m)->name, i);
		(*m)->destroy(state);
		EXPECT(*(*m)->source, "%s: where is it described?", (*m)->name);
	}
	EXPECT(!model_find("none"), "a model nobody wrote");
}

int main(void)
{
	test_by_hand();
	test_lhd_learns();
	test_bounds();
	return !!nr_failed;
}
