// SPDX-License-Identifier: GPL-2.0
/*
 * regions - memory that goes last or first, by address.
 *
 * A range of addresses is pinned, its pages go when nothing else is left; or dropped, its
 * pages go before any others, used or not; what is in no range goes in the order of CLOCK.
 * What is pinned takes max_pinned percent of the memory; beyond that it goes before the
 * rest, in the order of CLOCK as well.
 *
 * One range of each kind for all processes of the cgroup, addresses as in /proc/PID/maps:
 *	swxctl set CGROUP pin_start=0x7f0000000000 pin_pages=4096
 * A process says it for itself in the map /sys/fs/bpf/swap_ext/policy/regions/ranges: the
 * key is its number, the value struct ranges; what is in none of these, parameters decide.
 * An example is in policies/README.md. Ranges may change at any time; which one a page is
 * in is looked up as it comes by.
 *
 * Good: whoever knows what is needed again and what is not. All of what is pinned stays,
 * used or not, whatever is read beside it (tests/kernel/t_evict_regions.sh); what is in no
 * range goes somewhat better than by true LRU: 27.3 % misses of Zipf 0.9 over four times
 * the memory, LRU 28.2 (tests/unit/memory.h, memory of 4,096 pages).
 * Loses: with ranges that are wrong: what is pinned and not used is memory lost, what is
 * dropped and used is read again and again; what is pinned where it was in memory before,
 * of which the first call may let some go; loops, as LRU does. Attached above several
 * cgroups it counts what is pinned in all of them against the memory of each.
 *
 * Whose a page is that was there before the policy is not known: parameters decide. One
 * that is shared by fork() is the parent's. A page is taken to be where it was mapped first,
 * mremap() notwithstanding; shared memory is in no range. A process that ends and leaves its
 * ranges leaves them to the next one of that number.
 *
 * CLOCK: Corbato, A paging experiment with the Multics system, 1968.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/queue.bpf.h>

#define MAX_PROCESSES	1024
#define MAX_RANGES	8	/* of a process */
#define MAX_MOVES	1024	/* of pages that are of another kind by now, in one call */

/*
 * What is to become of a page: the queues of struct swap_queued, whose own is the process, 0
 * if it is not known.
 */
enum kind {
	NORMAL = 1,
	PIN,
	DROP,
};
#define NR_KINDS	DROP
#define SHARED		0xffffff	/* memory; no process has that number */

/* Who goes first; what was not used before what was. */
enum score {
	DROPPED,
	UNPLACED,
	UNUSED,
	USED_BEYOND,		/* pinned, beyond max_pinned */
	USED,
	USED_PINNED,
};

/* Of the ranges a page is in the first counts; kind: enum kind. */
struct range {
	u64 start;		/* an address */
	u64 end;		/* the first that is not in it; 0: no range */
	u64 kind;
};

struct ranges {
	struct range range[MAX_RANGES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PROCESSES);
	__type(key, u32);
	__type(value, struct ranges);
} ranges SEC(".maps");

struct params {
	SWAP_PARAM(u64, pin_start, 0, 0, 1ULL << 47, "address of what goes last");
	SWAP_PARAM(u64, pin_pages, 0, 0, 1ULL << 35, "how many pages go last");
	SWAP_PARAM(u64, drop_start, 0, 0, 1ULL << 47, "address of what goes first");
	SWAP_PARAM(u64, drop_pages, 0, 0, 1ULL << 35, "how many pages go first");
	SWAP_PARAM(u32, max_pinned, 80, 1, 95, "percent of the memory that can be pinned");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(pinned_gone, "pages that went although they were pinned");
	SWAP_STAT(dropped_gone, "pages that went and were dropped");
};
SWAP_STATS(struct stats);

struct regions {
	struct swap_queue queue[NR_KINDS];
	s32 nr_pinned;		/* pages in memory whose queue is that of PIN */
	u32 nr_candidates;
};
SWAP_ATTACHMENT_STATE(attachments, struct regions);

/* Pages named in one call. */
struct named {
	u32 nr;
	u32 nr_unused;		/* of these: that need not stay */
};

/* Which kind is the page at an address of a process? */
SWAP_SUBPROG(u32, kind_at, const struct params *p __arg_nonnull, u32 tgid, u64 addr)
{
	struct ranges *r = tgid ? bpf_map_lookup_elem(&ranges, &tgid) : NULL;
	u32 i;

	if (tgid == SHARED)
		return NORMAL;
	for (i = 0; r && i < MAX_RANGES; i++) {
		const struct range *range = &r->range[i];

		if (range->start <= addr && addr < range->end &&
		    range->kind >= NORMAL && range->kind <= NR_KINDS)
			return range->kind;
	}
	if (addr - p->pin_start < p->pin_pages << SWAP_PAGE_SHIFT)
		return PIN;
	if (addr - p->drop_start < p->drop_pages << SWAP_PAGE_SHIFT)
		return DROP;
	return NORMAL;
}

static __always_inline u32 kind_of(const struct params *p, struct folio *folio,
				   const struct swap_queued *page)
{
	return kind_at(p, page->own, (u64)folio->index << SWAP_PAGE_SHIFT);
}

static __always_inline struct swap_queue *queue_of(struct regions *r, u32 kind)
{
	u32 i = kind - 1;

	return &r->queue[i < NR_KINDS ? i : 0];
}

static __always_inline void enter(struct regions *r, u32 kind, u64 cgroup_id,
				  struct swap_queued *page, u64 handle)
{
	if (swap_queue_push(queue_of(r, kind), kind, cgroup_id, page, handle) && kind == PIN)
		__sync_fetch_and_add(&r->nr_pinned, 1);
}

static __always_inline void leave(struct regions *r, const struct swap_queued *page)
{
	if (page->queue == PIN)
		__sync_fetch_and_add(&r->nr_pinned, -1);
}

void BPF_STRUCT_OPS(regions_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct regions *r = swap_attachment_state(p, &attachments);
	struct swap_queued *page = swap_queued(folio);
	struct params *par = swap_params(p);
	u32 kind;

	if (!r || !page || !par)
		return;
	if (p->flags & SWAP_EXT_P_MOVED) {
		swap_queue_moved(p->cgroup_id, page, p->page);
		return;
	}
	if (p->flags & SWAP_EXT_P_SHMEM)
		page->own = SHARED;
	else if (!page->own)
		page->own = bpf_get_current_task_btf()->tgid;
	/* What comes from swap has no address yet: it is what it was. */
	kind = p->flags & SWAP_EXT_P_SWAPIN ? page->queue ?: NORMAL :
		kind_at(par, page->own, p->pgoff << SWAP_PAGE_SHIFT);
	enter(r, kind, p->cgroup_id, page, p->page);
}

void BPF_STRUCT_OPS(regions_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct regions *r = swap_attachment_state(p, &attachments);
	struct swap_queued *page = swap_queued(folio);
	struct params *par = swap_params(p);
	u32 kind;

	if (!r || !page || !par || p->flags & SWAP_EXT_P_MOVED)
		return;
	leave(r, page);
	if (!(p->flags & SWAP_EXT_P_EVICTED))
		return;
	kind = kind_of(par, folio, page);
	if (kind == PIN)
		swap_stat_add(p, pinned_gone, 1);
	else if (kind == DROP)
		swap_stat_add(p, dropped_gone, 1);
}

static __always_inline void name(struct named *named, struct swap_ext_victims *victims,
				 struct folio *folio, enum score score)
{
	bpf_swap_victim(victims, folio, score);
	named->nr++;
	named->nr_unused += score <= UNUSED;
}

/*
 * Of some pages on the lists those that were there before the policy, lost their place or
 * are of another kind than their queue by now: the pinned ones, or all others.
 */
SWAP_SUBPROG(int, evict_listed, const struct swap_ext_evict *e __arg_trusted,
	     struct swap_ext_victims *victims __arg_trusted,
	     struct named *named __arg_nonnull, u32 pinned)
{
	struct regions *r = swap_attachment_state(e, &attachments);
	struct params *p = swap_params(e);
	u32 nr_unplaced = 0, kind;
	struct swap_queued *page;
	struct folio *folio;

	if (!r || !p)
		return 0;
	swap_for_each_candidate(folio, victims, r->nr_candidates) {
		page = swap_queued(folio);
		if (!page)
			continue;
		kind = kind_of(p, folio, page);
		if (pinned != (kind == PIN) ||
		    (page->queue == kind && swap_queue_has(queue_of(r, kind), page)))
			continue;
		nr_unplaced++;
		if (kind == DROP)
			name(named, victims, folio, DROPPED);
		else if (bpf_swap_folio_used(folio) <= 0)
			name(named, victims, folio, UNPLACED);
		else if (pinned)
			name(named, victims, folio, USED_PINNED);
	}
	if (!pinned)
		r->nr_candidates = swap_queue_candidates(r->nr_candidates, nr_unplaced);
	return 0;
}

/*
 * The oldest of a queue. Who is of another kind by now moves; so does who was used, and has
 * the score @used.
 */
SWAP_SUBPROG(int, evict_queued, const struct swap_ext_evict *e __arg_trusted,
	     struct swap_ext_victims *victims __arg_trusted,
	     struct named *named __arg_nonnull, u32 queue, u32 used)
{
	struct regions *r = swap_attachment_state(e, &attachments);
	struct params *p = swap_params(e);
	struct swap_queued *page;
	struct swap_queue *q;
	struct folio *folio;
	u32 end, kind;
	u64 handle;

	if (!r || !p)
		return 0;
	q = queue_of(r, queue);
	if (swap_queue_before(q->nr_settled, q->nr_out))
		q->nr_settled = q->nr_out;
	swap_queue_settle(q, queue, e, victims);
	end = q->nr_out + MAX_MOVES;
	if (swap_queue_before(q->nr_in, end))
		end = q->nr_in;
	while (swap_queue_before(q->nr_out, end) && named->nr_unused < e->nr_wanted &&
	       named->nr - named->nr_unused < SWAP_QUEUE_LOOKS && swap_can_loop) {
		folio = swap_queue_pop(q, queue, e, victims, &handle);
		if (!folio)
			continue;
		page = swap_queued(folio);
		kind = page ? kind_of(p, folio, page) : queue;
		if (kind == DROP) {
			name(named, victims, folio, DROPPED);
		} else if (kind == queue && bpf_swap_folio_used(folio) <= 0) {
			name(named, victims, folio, UNUSED);
		} else if (page) {
			if (kind == queue)
				name(named, victims, folio, used);
			leave(r, page);
			enter(r, kind, e->cgroup_id, page, handle);
		}
		bpf_swap_folio_put(folio);
	}
	return 0;
}

void BPF_STRUCT_OPS(regions_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct regions *r = swap_attachment_state(e, &attachments);
	struct params *p = swap_params(e);
	struct named named = {};

	if (!r || !p)
		return;
	evict_listed(e, victims, &named, false);
	evict_queued(e, victims, &named, DROP, USED);
	if (r->nr_pinned > (s64)(e->nr_pages * p->max_pinned / 100))
		evict_queued(e, victims, &named, PIN, USED_BEYOND);
	if (named.nr < e->nr_wanted)
		evict_queued(e, victims, &named, NORMAL, USED);
	if (named.nr || !swap_queue_is_empty(queue_of(r, NORMAL)))
		return;
	/* Nothing else is left. */
	evict_queued(e, victims, &named, PIN, USED_PINNED);
	if (!named.nr)
		evict_listed(e, victims, &named, true);
}

SWAP_QUEUE_INIT_EXIT(regions, attachments, struct regions)

SWAP_POLICY(regions, "memory that goes last or first, by address",
	    .init = (void *)regions_init,
	    .exit = (void *)regions_exit,
	    .added = (void *)regions_added,
	    .removed = (void *)regions_removed,
	    .evict = (void *)regions_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
