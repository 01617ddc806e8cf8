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

#define MAX_QUEUED	(1U << 20)	/* pages on probation, of all attachments */
#define LOOKS		128	/* at pages on probation, in one call */
#define MAX_IDLE	255

enum standing {
	MEMBER,			/* also who was there before the policy */
	PROBATION,
};

/* A word of a page. */
struct page {
	u32 nr;			/* on probation: its place in the queue */
	u8 standing;
	u8 idle;		/* a member: looks in a row that found it unused */
	u16 pad;
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

/* The queue runs from nr_out to nr_in; up to nr_settled the use that brought a page in
 * has been wiped out.
 */
struct guard {
	u32 nr_in;
	u32 nr_settled;
	u32 nr_out;
	u32 nr_passed;
	u32 nr_failed;
	bool full;		/* somebody had to go */
};
SWAP_ATTACHMENT_STATE(guards, struct guard);

struct place {
	u64 cgroup_id;
	u64 nr;
};

/* Handles of the pages in the queues. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_QUEUED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct place);
	__type(value, u64);
} queued SEC(".maps");

static __always_inline struct page *page_of(struct folio *folio)
{
	return (struct page *)bpf_swap_folio_state(folio, sizeof(struct page));
}

void BPF_STRUCT_OPS(scanguard_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct guard *g = swap_attachment_state(p, &guards);
	struct params *par = swap_params(p);
	struct page *page = page_of(folio);
	struct place place = { .cgroup_id = p->cgroup_id };
	u64 handle = p->page;

	if (!g || !par || !page || p->flags & SWAP_EXT_P_MOVED)
		return;
	page->standing = MEMBER;
	page->idle = 0;
	if (!g->full || (p->flags & SWAP_EXT_P_SWAPIN &&
			 !(bpf_get_prandom_u32() % par->luck)))
		return;
	page->nr = __sync_fetch_and_add(&g->nr_in, 1);
	place.nr = page->nr;
	if (!bpf_map_update_elem(&queued, &place, &handle, BPF_ANY))
		page->standing = PROBATION;
}

/* The page at a place of the queue, if it still is there; to be given back. */
static __always_inline struct folio *queued_page(const struct swap_ext_evict *e,
						 struct swap_ext_victims *victims, u32 nr)
{
	struct place place = { .cgroup_id = e->cgroup_id, .nr = nr };
	u64 *handle = bpf_map_lookup_elem(&queued, &place);
	struct folio *folio;
	struct page *page;

	folio = handle ? bpf_swap_page_folio(victims, *handle) : NULL;
	if (!folio)
		return NULL;
	page = page_of(folio);
	if (page && page->standing == PROBATION && page->nr == nr)
		return folio;
	bpf_swap_folio_put(folio);
	return NULL;
}

/*
 * Loops go by numbers in memory, which the verifier does not know: it then walks them once
 * and not as often as they may go round.
 */
static __always_inline bool is_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/* Wipe out the use that brought in the newest of the queue. */
static __always_inline void settle(struct guard *g, const struct swap_ext_evict *e,
				   struct swap_ext_victims *victims)
{
	u32 end = g->nr_settled + LOOKS;
	struct folio *folio;

	if (is_before(g->nr_in, end))
		end = g->nr_in;
	while (is_before(g->nr_settled, end) && swap_can_loop) {
		folio = queued_page(e, victims, g->nr_settled++);
		if (!folio)
			continue;
		bpf_swap_folio_used(folio);
		bpf_swap_folio_put(folio);
	}
}

/* The end of a queue that is to have @length places: who was used stays, until @nr go. */
static __always_inline void end_probation(struct guard *g, const struct swap_ext_evict *e,
					  struct swap_ext_victims *victims, u32 length,
					  u32 nr)
{
	u32 end = g->nr_out + LOOKS, passed = g->nr_passed, failed = g->nr_failed;
	struct place place = { .cgroup_id = e->cgroup_id };
	struct folio *folio;
	struct page *page;

	if (is_before(g->nr_settled - length, end))
		end = g->nr_settled - length;
	while (is_before(g->nr_out, end) && is_before(g->nr_failed, failed + nr) &&
	       swap_can_loop) {
		place.nr = g->nr_out++;
		folio = queued_page(e, victims, place.nr);
		bpf_map_delete_elem(&queued, &place);
		if (!folio)
			continue;
		page = page_of(folio);
		if (page && bpf_swap_folio_used(folio) > 0) {
			page->standing = MEMBER;
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

/* The members: who has been idle for longest goes. Returns how many retire. */
static __always_inline u32 rank_members(const struct params *p,
					struct swap_ext_victims *victims)
{
	struct folio *folio;
	struct page *page;
	u32 nr_retired = 0;

	swap_for_each_candidate(folio, victims, p->candidates) {
		page = page_of(folio);
		if (!page || page->standing != MEMBER)
			continue;
		if (bpf_swap_folio_used(folio) > 0)
			page->idle = 0;
		else if (page->idle < MAX_IDLE)
			page->idle++;
		if (page->idle >= p->retire) {
			bpf_swap_victim(victims, folio, -page->idle);
			nr_retired++;
		} else {
			bpf_swap_victim(victims, folio, MAX_IDLE - page->idle);
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
	settle(g, e, victims);
	nr_retired = rank_members(p, victims);
	if (nr_retired < e->nr_wanted)
		end_probation(g, e, victims, e->nr_pages * p->probation / 100,
			      e->nr_wanted - nr_retired);
}

SWAP_ATTACHMENT_INIT_EXIT(scanguard, guards, struct guard)

SWAP_POLICY(scanguard, "keep what is used again from what is used once",
	    .init = (void *)scanguard_init,
	    .exit = (void *)scanguard_exit,
	    .added = (void *)scanguard_added,
	    .evict = (void *)scanguard_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
