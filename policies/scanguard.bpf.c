// SPDX-License-Identifier: GPL-2.0
/*
 * scanguard - pages that are used once do not push out those that are used again.
 *
 * A page that comes while there is no room is on probation. Probation is a queue, as long
 * as a twentieth of the memory: at its end a page that was used since it came becomes a
 * member, one that was not goes. Members that have been idle for long go before that, and
 * if the queue is too short those that have been idle for longest. Of the pages that come
 * back from swap one in eight is a member at once: so those get there that are used too
 * seldom to pass probation, and often enough to stay once they are in.
 *
 * Good: loops over more than the memory, of which a part stays as large as the members;
 * scans beside a working set, most of which stays.
 * Loses: a scan that is repeated is a loop to it, of which it keeps a part, at the cost of
 * what is used more often; pages that are used again, but later than probation lasts, go
 * each time; popularity that is uneven: to be used twice is all it takes. lfu is better
 * at all three.
 *
 * Probation is the small queue of S3-FIFO (Yang et al., FIFO queues are all you need for
 * cache eviction, SOSP 2023, section 4.1) without its ghosts, the members at once are
 * those of BIP (Qureshi et al., Adaptive insertion policies for high performance caching,
 * ISCA 2007, section 3.2), the members' order is that of CLOCK.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/queue.bpf.h>

#define MAX_IDLE	255

/* Queues of struct swap_queued, whose own is of looks in a row that found it unused. */
enum standing {
	MEMBER,			/* also who was there before the policy */
	PROBATION,
};

struct params {
	SWAP_PARAM(u32, candidates, 48, 33, 128, "members looked at for 32 that go");
	SWAP_PARAM(u32, retire, 3, 1, 255, "looks that find a member idle, until it goes");
	SWAP_PARAM(u32, probation, 5, 1, 90, "percent of the memory");
	SWAP_PARAM(u32, luck, 8, 1, 1000000,
		   "of those that come back, one in so many is a member at once");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(passed, "pages that became members after probation");
	SWAP_STAT(failed, "pages that were not used again and had to go");
};
SWAP_STATS(struct stats);

struct guard {
	struct swap_queue queue[PROBATION];
	u32 nr_passed;
	u32 nr_failed;
	bool full;		/* somebody had to go */
};
SWAP_ATTACHMENT_STATE(guards, struct guard);

void BPF_STRUCT_OPS(scanguard_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct guard *g = swap_attachment_state(p, &guards);
	struct params *par = swap_params(p);
	struct swap_queued *page = swap_queued(folio);

	if (!g || !par || !page)
		return;
	if (p->flags & SWAP_EXT_P_MOVED) {
		swap_queue_moved(p->cgroup_id, page, p->page);
		return;
	}
	page->queue = MEMBER;
	page->own = 0;
	if (!g->full || (p->flags & SWAP_EXT_P_SWAPIN &&
			 !(bpf_get_prandom_u32() % par->luck)))
		return;
	swap_queue_push(&g->queue[0], PROBATION, p->cgroup_id, page, p->page);
}

/* The end of the queue, of @length places: who was used stays, until @nr go. */
static __always_inline void end_probation(struct guard *g, const struct swap_ext_evict *e,
					  struct swap_ext_victims *victims, u32 length,
					  u32 nr)
{
	u32 passed = g->nr_passed, failed = g->nr_failed;
	struct swap_queue *q = &g->queue[0];
	u32 end = q->nr_out + SWAP_QUEUE_LOOKS;
	struct swap_queued *page;
	struct folio *folio;
	u64 handle;

	if (swap_queue_before(q->nr_settled - length, end))
		end = q->nr_settled - length;
	while (swap_queue_before(q->nr_out, end) &&
	       swap_queue_before(g->nr_failed, failed + nr) && swap_can_loop) {
		folio = swap_queue_pop(q, PROBATION, e, victims, &handle);
		if (!folio)
			continue;
		page = swap_queued(folio);
		if (page && bpf_swap_folio_used(folio) > 0) {
			page->queue = MEMBER;
			g->nr_passed++;
		} else {
			bpf_swap_victim(victims, folio, -1);
			g->nr_failed++;
		}
		bpf_swap_folio_put(folio);
	}
	swap_stat_add(e, passed, g->nr_passed - passed);
	swap_stat_add(e, failed, g->nr_failed - failed);
}

/*
 * The members, and who has lost its place in the queue: who has been idle for longest goes.
 * Returns how many retire.
 */
static __always_inline u32 rank_members(const struct guard *g, const struct params *p,
					struct swap_ext_victims *victims)
{
	struct swap_queued *page;
	struct folio *folio;
	u32 nr_retired = 0;

	swap_for_each_candidate(folio, victims, p->candidates) {
		page = swap_queued(folio);
		if (!page || swap_queue_has(&g->queue[0], page))
			continue;
		page->queue = MEMBER;
		if (bpf_swap_folio_used(folio) > 0)
			page->own = 0;
		else if (page->own < MAX_IDLE)
			page->own++;
		if (page->own >= p->retire) {
			bpf_swap_victim(victims, folio, -page->own);
			nr_retired++;
		} else {
			bpf_swap_victim(victims, folio, MAX_IDLE - page->own);
		}
	}
	return nr_retired;
}

void BPF_STRUCT_OPS(scanguard_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct guard *g = swap_attachment_state(e, &guards);
	struct params *p = swap_params(e);
	u32 nr_retired;

	if (!g || !p)
		return;
	g->full = true;
	swap_queue_settle(&g->queue[0], PROBATION, e, victims);
	nr_retired = rank_members(g, p, victims);
	if (nr_retired < e->nr_wanted)
		end_probation(g, e, victims, e->nr_pages * p->probation / 100,
			      e->nr_wanted - nr_retired);
}

SWAP_QUEUE_INIT_EXIT(scanguard, guards, struct guard)

SWAP_POLICY(scanguard, "keep what is used again from what is used once",
	    .init = (void *)scanguard_init,
	    .exit = (void *)scanguard_exit,
	    .added = (void *)scanguard_added,
	    .evict = (void *)scanguard_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
