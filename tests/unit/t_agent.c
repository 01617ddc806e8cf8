// SPDX-License-Identifier: GPL-2.0
/*
 * What the agent of examples/07-agent concludes from what it hears: where a process misses
 * next and what to read then, which plans are void, which page is the oldest; also when it
 * has not heard everything.
 * cc: examples/07-agent/learn.c -Iexamples/07-agent
 */
#include "expect.h"
#include "learn.h"

#define NR_PAGES	(1ULL << 18)	/* as in learn.c */

static struct lesson miss(__u32 tgid, __u32 tid, __u64 page)
{
	const struct agent_event e = {
		.kind = AGENT_MISS, .tgid = tgid, .tid = tid, .page = page,
	};
	struct lesson lesson;

	learn_miss(&e, &lesson);
	return lesson;
}

/* @page misses, and @nr pages at distance @step are to be read when @next does. */
static void expect_plan(__u32 tgid, __u32 tid, __u64 page, __u64 next, __s64 step, __u32 nr,
			__u64 old)
{
	struct lesson l = miss(tgid, tid, page);

	EXPECT(l.expect && l.next.tgid == tgid && l.next.page == next && l.plan.step == step &&
	       l.plan.nr == nr, "after %llu: expect %d, at %llu %u pages, step %lld", page,
	       l.expect, l.next.page, l.plan.nr, l.plan.step);
	EXPECT(l.forget == !!old && (!old || (l.old.page == old && l.old.tgid == tgid)),
	       "after %llu: forget %d, %llu", page, l.forget, l.old.page);
}

static void expect_no_plan(__u32 tgid, __u32 tid, __u64 page)
{
	struct lesson l = miss(tgid, tid, page);

	EXPECT(!l.expect && !l.forget, "%llu of %u: expect %d, forget %d", page, tgid, l.expect,
	       l.forget);
}

static void check_misses(void)
{
	expect_no_plan(1, 1, 100);
	expect_no_plan(1, 1, 107);
	/* The window that stride would read now, 4, doubles for the next miss. */
	expect_plan(1, 1, 114, 121, 7, 8, 0);
	/* The next one is behind the eight; whoever of the process has it. */
	expect_plan(1, 2, 121, 184, 7, 16, 0);
	expect_plan(1, 1, 184, 303, 7, 32, 0);
	expect_plan(1, 1, 303, 534, 7, 32, 0);
	/* It comes before that: half the window, and what was said of 534 is void. */
	expect_plan(1, 1, 520, 527, 7, 32, 534);
	expect_plan(1, 1, 499, 506, 7, 16, 527);

	/* Another process knows nothing of that, and may go down. */
	expect_no_plan(2, 3, 506);
	expect_no_plan(2, 3, 505);
	expect_plan(2, 3, 504, 503, -1, 8, 0);
	expect_no_plan(2, 3, 90000);
	/* One that takes its place in the table knows nothing, either. */
	expect_no_plan(2 + 1024, 4, 503);
	expect_no_plan(2, 5, 503);
}

static void hear(enum agent_event_kind kind, __u64 nr, __u64 page)
{
	const struct agent_event e = { .kind = kind, .nr = nr, .page = page };

	learn_page(&e);
}

/* 0: there is none. */
static void expect_victim(__u64 nr, __u64 page)
{
	struct agent_victim v;
	bool found = learn_find_victim(&v);

	EXPECT(found == !!nr && (!nr || (v.nr == nr && v.page == page)),
	       "want page %llu, number %llu: found %d, %llu, %llu", page, nr, found, v.page, v.nr);
	if (found)
		learn_victim_named();
}

static void check_pages(void)
{
	struct agent_victim v;
	__u64 nr;

	expect_victim(0, 0);
	hear(AGENT_WENT, 0, 1);
	expect_victim(0, 0);
	for (nr = 5; nr < 10; nr++)
		hear(AGENT_CAME, nr, nr * 10);
	hear(AGENT_WENT, 6, 60);
	hear(AGENT_MOVED, 8, 88);
	/* It is the same until it was named. */
	learn_find_victim(&v);
	expect_victim(5, 50);
	expect_victim(7, 70);
	expect_victim(8, 88);
	hear(AGENT_WENT, 9, 90);
	expect_victim(0, 0);
	/* Of those that went before it heard of them, and of those it forgot: nothing. */
	hear(AGENT_WENT, 7, 70);
	hear(AGENT_MOVED, 5, 51);
	expect_victim(0, 0);

	/* Two CPUs, the later one first; 12 to 19 were lost. */
	hear(AGENT_CAME, 11, 110);
	hear(AGENT_CAME, 10, 100);
	hear(AGENT_CAME, 20, 200);
	expect_victim(10, 100);
	expect_victim(11, 110);
	expect_victim(20, 200);
	expect_victim(0, 0);

	/* More than it can know of: the oldest are left out. */
	for (nr = 21; nr < 21 + NR_PAGES + 3; nr++)
		hear(AGENT_CAME, nr, nr * 10);
	expect_victim(24, 240);
	/* More lost than that. */
	hear(AGENT_CAME, 10 * NR_PAGES, 4711);
	expect_victim(10 * NR_PAGES, 4711);
	expect_victim(0, 0);
}

int main(void)
{
	check_misses();
	check_pages();
	return nr_failed != 0;
}
