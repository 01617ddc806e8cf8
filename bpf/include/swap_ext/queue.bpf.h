/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues of pages, for policies that name victims in an order of their own. A page enters
 * with the next number and is found again by it, as long as it is the one that entered.
 *
 * struct swap_queued is what a policy with queues keeps of each page; it needs
 * %SWAP_EXT_OPS_PAGE_STATE among its flags. The queues of an attachment are the member
 * queue, an array, of its SWAP_ATTACHMENT_STATE(); SWAP_QUEUE_INIT_EXIT() has init and exit.
 *
 * What costs a page its place, no more: to be of another node or cgroup than the reclaim
 * when its turn comes, for all that an attachment governs shares the queues; to be on its
 * way from list to list, or to the first from another CPU, of which each has 31 pages at
 * most; to come when the map is full. A page without a place, which swap_queue_has() tells,
 * is to be found by swap_for_each_candidate(), as one is that was there before the policy.
 */
#ifndef __SWAP_EXT_QUEUE_BPF_H
#define __SWAP_EXT_QUEUE_BPF_H

/* In all queues of a loaded policy, 4 GiB; each takes about 100 bytes. */
#define SWAP_QUEUE_PAGES	(1U << 20)

/* At pages of a queue, in one call of evict(). */
#define SWAP_QUEUE_LOOKS	128

/**
 * struct swap_queued - the eight bytes of a page
 * @nr: its place in the queue; the policy's while it is in none
 * @queue: which; 0: none
 * @own: the policy's
 */
struct swap_queued {
	u32 nr;
	u32 queue : 8;
	u32 own : 24;
};

/**
 * struct swap_queue - it runs from nr_out to nr_in
 * @nr_in: number of the next that enters
 * @nr_settled: up to here the use that brought a page in is no longer seen
 * @nr_out: number of the oldest
 */
struct swap_queue {
	u32 nr_in;
	u32 nr_settled;
	u32 nr_out;
};

struct swap_queue_place {
	u64 cgroup_id;
	u32 queue;
	u32 nr;
};

/* Handles of the pages. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SWAP_QUEUE_PAGES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct swap_queue_place);
	__type(value, u64);
} swap_queue_pages SEC(".maps");

/** swap_queued() - what is known of a page; NULL: there is no memory for it */
static __always_inline struct swap_queued *swap_queued(struct folio *folio)
{
	return (struct swap_queued *)bpf_swap_folio_state(folio, sizeof(struct swap_queued));
}

/**
 * swap_queue_before() - is one number lower?
 *
 * Numbers wrap. Loops go by numbers in memory, which the verifier does not know: it then
 * walks them once and not as often as they may go round.
 */
static __always_inline bool swap_queue_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/** swap_queue_is_empty() - is nobody in it? */
static __always_inline bool swap_queue_is_empty(const struct swap_queue *q)
{
	return !swap_queue_before(q->nr_out, q->nr_in);
}

/**
 * swap_queue_push() - a page enters
 * @q: the queue
 * @queue: which it is, from 1
 * @cgroup_id: of the attachment
 * @page: of the page
 * @handle: of the page
 *
 * Return: false if the map is full: it is in no queue then.
 */
static __always_inline bool swap_queue_push(struct swap_queue *q, u32 queue, u64 cgroup_id,
					    struct swap_queued *page, u64 handle)
{
	struct swap_queue_place place = {
		.cgroup_id = cgroup_id,
		.queue = queue,
		.nr = __sync_fetch_and_add(&q->nr_in, 1),
	};

	page->nr = place.nr;
	page->queue = queue;
	if (!bpf_map_update_elem(&swap_queue_pages, &place, &handle, BPF_ANY))
		return true;
	page->queue = 0;
	return false;
}

/**
 * swap_queue_moved() - what a page holds moved to another one, which takes its place
 * @cgroup_id: of the attachment
 * @page: of the page
 * @handle: of the other one
 */
static __always_inline void swap_queue_moved(u64 cgroup_id, const struct swap_queued *page,
					     u64 handle)
{
	struct swap_queue_place place = {
		.cgroup_id = cgroup_id,
		.queue = page->queue,
		.nr = page->nr,
	};

	if (page->queue)
		bpf_map_update_elem(&swap_queue_pages, &place, &handle, BPF_EXIST);
}

/**
 * swap_queue_has() - has a page a place in the queue it entered?
 * @q: that queue
 * @page: of the page
 */
static __always_inline bool swap_queue_has(const struct swap_queue *q,
					   const struct swap_queued *page)
{
	return page->queue && !swap_queue_before(page->nr, q->nr_out);
}

/**
 * swap_queue_find() - the page at a place, if it still is there
 * @victims: the plan handed to evict()
 * @place: in the queue
 * @handle: set to that of the page
 *
 * Return: the page, to be given back by bpf_swap_folio_put(), or NULL.
 */
static __always_inline struct folio *swap_queue_find(struct swap_ext_victims *victims,
						     const struct swap_queue_place *place,
						     u64 *handle)
{
	u64 *found = bpf_map_lookup_elem(&swap_queue_pages, place);
	struct swap_queued *page;
	struct folio *folio;

	if (!found)
		return NULL;
	*handle = *found;
	folio = bpf_swap_page_folio(victims, *handle);
	if (!folio)
		return NULL;
	page = swap_queued(folio);
	if (page && page->queue == place->queue && page->nr == place->nr)
		return folio;
	bpf_swap_folio_put(folio);
	return NULL;
}

/**
 * swap_queue_pop() - the oldest leaves
 * @q: the queue
 * @queue: which it is
 * @e: the reclaim
 * @victims: its plan
 * @handle: set to that of the page
 *
 * Return: as swap_queue_find(); also NULL if there is none, or another CPU has taken it.
 */
static __always_inline struct folio *swap_queue_pop(struct swap_queue *q, u32 queue,
						    const struct swap_ext_evict *e,
						    struct swap_ext_victims *victims,
						    u64 *handle)
{
	struct swap_queue_place place = {
		.cgroup_id = e->cgroup_id,
		.queue = queue,
		.nr = q->nr_out,
	};
	struct folio *folio;

	/* It must not get ahead of nr_in. */
	if (swap_queue_is_empty(q) ||
	    __sync_val_compare_and_swap(&q->nr_out, place.nr, place.nr + 1) != place.nr)
		return NULL;
	folio = swap_queue_find(victims, &place, handle);
	bpf_map_delete_elem(&swap_queue_pages, &place);
	return folio;
}

/**
 * swap_queue_settle() - the use that brought in the newest is not to be seen later
 * @q: the queue
 * @queue: which it is
 * @e: the reclaim
 * @victims: its plan
 */
static __always_inline void swap_queue_settle(struct swap_queue *q, u32 queue,
					      const struct swap_ext_evict *e,
					      struct swap_ext_victims *victims)
{
	struct swap_queue_place place = { .cgroup_id = e->cgroup_id, .queue = queue };
	u32 end = q->nr_settled + SWAP_QUEUE_LOOKS;
	struct folio *folio;
	u64 handle;

	if (swap_queue_before(q->nr_in, end))
		end = q->nr_in;
	while (swap_queue_before(q->nr_settled, end) && swap_can_loop) {
		place.nr = q->nr_settled++;
		folio = swap_queue_find(victims, &place, &handle);
		if (!folio)
			continue;
		bpf_swap_folio_used(folio);
		bpf_swap_folio_put(folio);
	}
}

/* At pages of the lists, in one call. */
#define SWAP_QUEUE_CANDIDATES_MIN	8
#define SWAP_QUEUE_CANDIDATES_MAX	64

/**
 * swap_queue_candidates() - how many pages of the lists to look at in the next call
 * @nr: how many it was in this one, 0 at first
 * @nr_unplaced: how many of these had no place
 *
 * The more there are, the more of the work is done on the lists.
 */
static __always_inline u32 swap_queue_candidates(u32 nr, u32 nr_unplaced)
{
	if (nr_unplaced * 2 > nr)
		return swap_min(nr * 2, SWAP_QUEUE_CANDIDATES_MAX);
	return swap_max(nr / 2, SWAP_QUEUE_CANDIDATES_MIN);
}

/* All leave. */
static __always_inline void swap_queue_clear(struct swap_queue *q, u32 queue, u64 cgroup_id)
{
	struct swap_queue_place place = { .cgroup_id = cgroup_id, .queue = queue };

	while (!swap_queue_is_empty(q) && swap_can_loop) {
		place.nr = q->nr_out++;
		bpf_map_delete_elem(&swap_queue_pages, &place);
	}
}

/**
 * SWAP_QUEUE_INIT_EXIT() - as SWAP_ATTACHMENT_INIT_EXIT(); the queues end, too
 * @policy: name of the policy
 * @name: of the SWAP_ATTACHMENT_STATE() map
 * @valtype: of the structure: struct swap_queue queue[NR] is a member, queue[0] is number 1
 */
#define SWAP_QUEUE_INIT_EXIT(policy, name, valtype)			\
SWAP_ATTACHMENT_INIT(policy, name, valtype)				\
									\
void BPF_STRUCT_OPS_SLEEPABLE(policy##_exit, struct mem_cgroup *memcg,	\
			      struct swap_ext_exit_info *ei)		\
{									\
	valtype *state = swap_attachment_state(ei, &name);		\
	u32 i;								\
									\
	if (!state)							\
		return;							\
	for (i = 0; i < sizeof(state->queue) / sizeof(state->queue[0]); i++) \
		swap_queue_clear(&state->queue[i], i + 1, ei->cgroup_id); \
	swap_attachment_end(&name, ei);					\
}

#endif /* __SWAP_EXT_QUEUE_BPF_H */
