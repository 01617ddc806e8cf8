// SPDX-License-Identifier: GPL-2.0
/*
 * sieve - one queue in the order of arrival, and a hand that goes through it.
 *
 * The hand moves from the oldest page to the newest and begins anew. A page that was used
 * since it came, or since the hand came by last, keeps its place; one that was not goes.
 *
 * Good: uneven popularity, nearly as good as lfu and without anything to set: 23.8 % misses
 * of Zipf 0.9 over four times the memory, true LRU 28.2, lfu 23.3, s3fifo 24.8. What is new
 * and not used again goes soon.
 * Loses: loops over more than the memory, all of which it misses as LRU does; and a working
 * set beside a scan, from where LRU loses it. In both cases s3fifo and scanguard do not.
 * (tests/unit/memory.h, memory of 4,096 pages.)
 *
 * That edge is the algorithm's, and sharp. 32 MiB gone round beside a scan of 128 MiB, a page
 * each in turn, 16 scans, are used again after 64 MiB. What is missed of them, by the accesses
 * of `swapwork --list` (make replay):
 *
 *	memory, MiB		56	60	62	63	64	65	66	68	72
 *	model, as published	100 %	100	100	100	1.6	1.6	1.6	1.6	1.6
 *	true LRU		100 %	100	100	100	1.6	1.6	1.6	1.6	1.6
 *	this policy		100 %	100	100	100	100	1.6	1.6	1.6	1.6
 *
 * A guest with memory.max = 64 MiB is below it: page tables and swapwork's lists of accesses
 * are charged as well. It misses 98 % there in table j-evict of the benchmarks, as the
 * kernel's lists do; with 72 MiB 11 %. With four scans the lists are shorter, and the first
 * round alone is 6 %:
 *
 *	memory.max, MiB		62	64	66	68
 *	left for the pages	59.7	61.7	63.7	65.7
 *	missed			98 %	45	98	10
 *
 * The 45 % are luck: the two do not keep in step. Who finds a page does not wait, gets ahead
 * of the scan, is back sooner and so finds the next.
 *
 * Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU, NSDI 2024, section 3.1,
 * algorithm 1. The visited bit is the page tables'; the use that brought a page in is wiped
 * from it. If none of 128 pages that the hand passes can go, the kernel's lists decide.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/queue.bpf.h>

struct stats {
	SWAP_STAT(stayed, "pages that had been used when the hand came by");
	SWAP_STAT(gone, "pages that had not");
};
SWAP_STATS(struct stats);

/*
 * The hand divides the queue into two: what is ahead of it, where new pages enter, and those
 * it has passed. When nothing is ahead of it, they change places.
 */
struct sieve {
	struct swap_queue queue[2];
	u32 ahead;		/* which: 0 or 1 */
	u32 nr_candidates;
	u32 nr_looks;		/* of the hand, so far */
	u32 nr_stayed;
	u32 nr_gone;
};
SWAP_ATTACHMENT_STATE(sieves, struct sieve);

void BPF_STRUCT_OPS(sieve_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct sieve *s = swap_attachment_state(p, &sieves);
	struct swap_queued *page = swap_queued(folio);
	u32 ahead;

	if (!s || !page)
		return;
	if (p->flags & SWAP_EXT_P_MOVED) {
		swap_queue_moved(p->cgroup_id, page, p->page);
		return;
	}
	ahead = s->ahead & 1;
	swap_queue_push(&s->queue[ahead], ahead + 1, p->cgroup_id, page, p->page);
}

static __always_inline bool has_place(const struct sieve *s, const struct swap_queued *page)
{
	return swap_queue_has(&s->queue[(page->queue - 1) & 1], page);
}

/*
 * What was there before the policy, or has lost its place, goes first if it is not used:
 * it is looked at seldom. Returns how many go.
 */
static __always_inline u32 evict_unplaced(struct sieve *s, struct swap_ext_victims *victims)
{
	u32 nr_unplaced = 0, nr = 0;
	struct swap_queued *page;
	struct folio *folio;

	swap_for_each_candidate(folio, victims, s->nr_candidates) {
		page = swap_queued(folio);
		if (!page || has_place(s, page))
			continue;
		nr_unplaced++;
		if (bpf_swap_folio_used(folio) > 0)
			continue;
		bpf_swap_victim(victims, folio, -1);
		nr++;
	}
	s->nr_candidates = swap_queue_candidates(s->nr_candidates, nr_unplaced);
	return nr;
}

/* The hand goes on until @nr go. */
static __always_inline void move_hand(struct sieve *s, const struct swap_ext_evict *e,
				      struct swap_ext_victims *victims, u32 nr)
{
	u32 end = s->nr_looks + SWAP_QUEUE_LOOKS, stayed = s->nr_stayed, gone = s->nr_gone;
	struct swap_queue *q, *passed;
	struct swap_queued *page;
	struct folio *folio;
	u32 ahead;
	u64 handle;

	while (swap_queue_before(s->nr_gone, gone + nr) &&
	       swap_queue_before(s->nr_looks, end) && swap_can_loop) {
		ahead = s->ahead & 1;
		q = &s->queue[ahead];
		passed = &s->queue[!ahead];
		if (swap_queue_is_empty(q)) {
			if (swap_queue_is_empty(passed))
				break;
			/* All have been looked at: what they were used for since counts. */
			passed->nr_settled = passed->nr_in;
			s->ahead = !ahead;
			continue;
		}
		if (!swap_queue_before(q->nr_out, q->nr_settled))
			break;
		s->nr_looks++;
		folio = swap_queue_pop(q, ahead + 1, e, victims, &handle);
		if (!folio)
			continue;
		page = swap_queued(folio);
		if (page && bpf_swap_folio_used(folio) > 0) {
			swap_queue_push(passed, !ahead + 1, e->cgroup_id, page, handle);
			s->nr_stayed++;
		} else {
			bpf_swap_victim(victims, folio, 0);
			s->nr_gone++;
		}
		bpf_swap_folio_put(folio);
	}
	swap_stat_add(e, stayed, s->nr_stayed - stayed);
	swap_stat_add(e, gone, s->nr_gone - gone);
}

void BPF_STRUCT_OPS(sieve_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct sieve *s = swap_attachment_state(e, &sieves);
	u32 ahead, nr;

	if (!s)
		return;
	ahead = s->ahead & 1;
	swap_queue_settle(&s->queue[ahead], ahead + 1, e, victims);
	nr = evict_unplaced(s, victims);
	if (nr < e->nr_wanted)
		move_hand(s, e, victims, e->nr_wanted - nr);
}

SWAP_QUEUE_INIT_EXIT(sieve, sieves, struct sieve)

SWAP_POLICY(sieve, "what was not used since the hand came by goes",
	    .init = (void *)sieve_init,
	    .exit = (void *)sieve_exit,
	    .added = (void *)sieve_added,
	    .evict = (void *)sieve_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
