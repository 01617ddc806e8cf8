// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of pages: in the order of arrival, each page once, only while it is the one that
 * entered, or has taken its place; numbers wrap; queues of one attachment and of two do not
 * mix; nothing is left at the end.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/queue.bpf.h>

struct state {
	struct swap_queue queue[2];
};
SWAP_ATTACHMENT_STATE(states, struct state);

SWAP_QUEUE_INIT_EXIT(queues, states, struct state)

SWAP_POLICY(queues, "two queues",
	    .init = (void *)queues_init,
	    .exit = (void *)queues_exit,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);

#include "drive.h"

#define PAGES	8
#define OTHER	43	/* another attachment */

static struct folio pages[PAGES];
static struct state *state, *other;
static struct swap_ext_victims victims;

static struct folio *find(u64 handle, void *arg)
{
	return handle < PAGES ? &pages[handle] : NULL;
}

static struct state *attach(u64 cgroup_id)
{
	const struct swap_ext_page p = { .cgroup_id = cgroup_id };

	host_policy.init(NULL, cgroup_id);
	return swap_attachment_state(&p, &states);
}

static void start(void)
{
	drive_start();
	memset(pages, 0, sizeof(pages));
	host.find_folio = find;
	state = attach(DRIVE_CGROUP);
	other = attach(OTHER);
}

static void push(struct state *s, u32 queue, u64 handle)
{
	swap_queue_push(&s->queue[queue - 1], queue, s == other ? OTHER : DRIVE_CGROUP,
			swap_queued(&pages[handle]), handle);
}

/* The number of the page, -1: none. */
static int pop(struct state *s, u32 queue)
{
	const struct swap_ext_evict e = {
		.cgroup_id = s == other ? OTHER : DRIVE_CGROUP,
	};
	struct folio *folio;
	u64 handle;

	folio = swap_queue_pop(&s->queue[queue - 1], queue, &e, &victims, &handle);
	EXPECT(!folio || folio == &pages[handle], "page %td has handle %llu", folio - pages,
	       handle);
	return folio ? folio - pages : -1;
}

static u32 nr_entries(void)
{
	return HOST_MAP(&swap_queue_pages)->nr;
}

#define EXPECT_POP(s, queue, page)					\
do {									\
	int ___page = pop(s, queue);					\
									\
	EXPECT(___page == (page), "page %d, expected %d", ___page, page); \
} while (0)

static void test_order(void)
{
	int i;

	start();
	for (i = 0; i < 4; i++)
		push(state, 1, 3 - i);
	push(state, 2, 4);
	push(other, 1, 5);
	for (i = 0; i < 4; i++)
		EXPECT_POP(state, 1, 3 - i);
	EXPECT_POP(state, 2, 4);
	EXPECT_POP(other, 1, 5);
	EXPECT_POP(state, 2, -1);
	push(state, 2, 6);
	EXPECT_POP(state, 2, 6);
	EXPECT(!nr_entries(), "%u entries left", nr_entries());
}

/* Gone and come back, its frame another's, in another queue by now: not the page queued. */
static void test_others(void)
{
	start();
	push(state, 1, 0);
	push(state, 1, 1);
	push(state, 1, 2);
	push(state, 1, 3);
	pages[0].state = 0;
	push(state, 1, 1);
	push(state, 2, 2);
	EXPECT_POP(state, 1, -1);
	EXPECT_POP(state, 1, -1);
	EXPECT_POP(state, 1, -1);
	EXPECT_POP(state, 1, 3);
	EXPECT_POP(state, 1, 1);
	EXPECT_POP(state, 2, 2);
	push(state, 1, PAGES - 1);
	host.find_folio = NULL;
	EXPECT_POP(state, 1, -1);
}

/* What a page holds moved to another: that one has its place, unless it has left. */
static void test_moved(void)
{
	struct swap_queue *q;

	start();
	q = &state->queue[0];
	push(state, 1, 0);
	push(state, 1, 1);
	EXPECT(swap_queue_has(q, swap_queued(&pages[1])), "page 1 has no place");
	pages[2].state = pages[1].state;
	pages[1].state = 0;
	EXPECT(!swap_queue_has(q, swap_queued(&pages[1])), "page 1 has a place");
	swap_queue_moved(DRIVE_CGROUP, swap_queued(&pages[2]), 2);
	EXPECT_POP(state, 1, 0);
	EXPECT_POP(state, 1, 2);
	EXPECT(!swap_queue_has(q, swap_queued(&pages[2])), "page 2 has a place");
	swap_queue_moved(DRIVE_CGROUP, swap_queued(&pages[2]), 3);
	swap_queue_moved(DRIVE_CGROUP, swap_queued(&pages[4]), 4);
	EXPECT(!nr_entries(), "%u entries of pages that are in no queue", nr_entries());
}

static void test_wrap(void)
{
	struct swap_queue *q;
	int i;

	start();
	q = &state->queue[0];
	q->nr_in = q->nr_settled = q->nr_out = -2;
	for (i = 0; i < 4; i++)
		push(state, 1, i);
	EXPECT(!swap_queue_is_empty(q), "empty from %u to %u", q->nr_out, q->nr_in);
	for (i = 0; i < 4; i++)
		EXPECT_POP(state, 1, i);
	EXPECT(swap_queue_is_empty(q), "not empty from %u to %u", q->nr_out, q->nr_in);
}

/* The use that brought it in is wiped out once, a later one stays. */
static void test_settle(void)
{
	const struct swap_ext_evict e = { .cgroup_id = DRIVE_CGROUP };

	start();
	push(state, 1, 0);
	push(state, 1, 1);
	pages[0].nr_used = pages[1].nr_used = 1;
	swap_queue_settle(&state->queue[0], 1, &e, &victims);
	EXPECT(!pages[0].nr_used && !pages[1].nr_used, "%d and %d uses", pages[0].nr_used,
	       pages[1].nr_used);
	pages[1].nr_used = 1;
	swap_queue_settle(&state->queue[0], 1, &e, &victims);
	EXPECT(pages[1].nr_used == 1, "%d uses", pages[1].nr_used);
}

static void test_end(void)
{
	struct swap_ext_exit_info ei = { .cgroup_id = DRIVE_CGROUP };

	start();
	push(state, 1, 0);
	push(state, 2, 1);
	push(state, 2, 2);
	push(other, 2, 3);
	host_policy.exit(NULL, &ei);
	EXPECT(nr_entries() == 1, "%u entries left, expected that of the other", nr_entries());
	EXPECT_POP(other, 2, 3);
}

int main(void)
{
	test_order();
	test_others();
	test_moved();
	test_wrap();
	test_settle();
	test_end();
	return drive_finish();
}
