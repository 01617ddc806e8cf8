// SPDX-License-Identifier: GPL-2.0
/*
 * s3fifo - what is used once goes soon, what comes back soon stays: three FIFO queues.
 *
 * A page that comes enters the small queue, a tenth of the memory. Used by the time it
 * gets to its end, it goes on to the main queue, otherwise out. Who comes back from swap
 * before nine tenths of the memory have followed it out of the small queue, enters the
 * main queue at once. There each look that finds a page used counts one, up to three,
 * each that does not counts one less, and from none on it goes.
 *
 * Good: uneven popularity: 24.8 % misses of Zipf 0.9 over four times the memory, true LRU
 * 28.2, lfu 23.3; a scan beside a working set, none of which goes; loops over a little
 * more than the memory: 36 % of one over 1.25 times the memory, where LRU misses all.
 * Loses: loops over twice the memory, all of which it misses, scanguard 58 %; a working
 * set of which each page is used once between scans longer than the ghost queue: lfu
 * remembers that one. (tests/unit/memory.h, memory of 4,096 pages. In a guest, 64 MiB, as
 * in table j-evict of the benchmarks: 25.8 % of half a million accesses after Zipf, and 11.4
 * % of the accesses to 32 MiB beside four scans of 128 MiB, 97 % without a policy.)
 *
 * Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction, SOSP
 * 2023, section 4.1, algorithm 1. Other than there, one look has to do in the small queue,
 * where a page must have been used twice, and the main queue is the kernel's lists, looked
 * at in turn: a bit tells of uses, not how many. The ghost queue is what each page in swap
 * knows of itself.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/queue.bpf.h>

#define MAX_FREQ	3

/* Queues of struct swap_queued, whose own is the frequency in the main queue. */
enum standing {
	MAIN,			/* also who was there before the policy */
	SMALL,
	GHOST,			/* not in memory: nr is its number among the ghosts */
};

struct params {
	SWAP_PARAM(u32, candidates, 48, 33, 128,
		   "pages of the main queue looked at for 32 that go");
	SWAP_PARAM(u32, small, 10, 1, 90, "percent of the memory: the small queue");
	SWAP_PARAM(u32, ghosts, 90, 0, 1000, "percent of the memory: the ghost queue");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(promoted, "pages that were used in the small queue");
	SWAP_STAT(demoted, "pages that were not used there and had to go");
	SWAP_STAT(returned, "ghosts that came to the main queue");
};
SWAP_STATS(struct stats);

struct fifos {
	struct swap_queue queue[SMALL];
	u32 nr_ghosts;		/* so far */
	u64 nr_pages;		/* in memory */
};
SWAP_ATTACHMENT_STATE(all_fifos, struct fifos);

static __always_inline bool is_ghost(const struct fifos *f, const struct swap_queued *page,
				     const struct params *p)
{
	return page->queue == GHOST &&
	       f->nr_ghosts - page->nr < f->nr_pages * p->ghosts / 100;
}

void BPF_STRUCT_OPS(s3fifo_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct fifos *f = swap_attachment_state(p, &all_fifos);
	struct swap_queued *page = swap_queued(folio);
	struct params *par = swap_params(p);

	if (!f || !par || !page)
		return;
	if (p->flags & SWAP_EXT_P_MOVED) {
		swap_queue_moved(p->cgroup_id, page, p->page);
		return;
	}
	page->own = 0;
	if (is_ghost(f, page, par)) {
		page->queue = MAIN;
		swap_stat_add(p, returned, 1);
		return;
	}
	swap_queue_push(&f->queue[0], SMALL, p->cgroup_id, page, p->page);
}

void BPF_STRUCT_OPS(s3fifo_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct fifos *f = swap_attachment_state(p, &all_fifos);
	struct swap_queued *page = swap_queued(folio);

	if (!f || !page || !(p->flags & SWAP_EXT_P_EVICTED) || page->queue != SMALL)
		return;
	page->queue = GHOST;
	page->nr = __sync_fetch_and_add(&f->nr_ghosts, 1);
}

/* The end of the small queue, of @length places. Returns how many are to go. */
static __always_inline u32 evict_small(struct fifos *f, const struct swap_ext_evict *e,
				       struct swap_ext_victims *victims, u32 length)
{
	struct swap_queue *q = &f->queue[0];
	u32 end = q->nr_out + SWAP_QUEUE_LOOKS;
	u32 nr_promoted = 0, nr_demoted = 0;
	struct swap_queued *page;
	struct folio *folio;
	u64 handle;

	if (swap_queue_before(q->nr_in - length, end))
		end = q->nr_in - length;
	if (swap_queue_before(q->nr_settled, end))
		end = q->nr_settled;
	while (swap_queue_before(q->nr_out, end) && nr_demoted < e->nr_wanted &&
	       swap_can_loop) {
		folio = swap_queue_pop(q, SMALL, e, victims, &handle);
		if (!folio)
			continue;
		page = swap_queued(folio);
		if (page && bpf_swap_folio_used(folio) > 0) {
			page->queue = MAIN;
			nr_promoted++;
		} else {
			bpf_swap_victim(victims, folio, -1);
			nr_demoted++;
		}
		bpf_swap_folio_put(folio);
	}
	swap_stat_add(e, promoted, nr_promoted);
	swap_stat_add(e, demoted, nr_demoted);
	return nr_demoted;
}

/* If too few are at none, those go whose frequency is lowest. */
static __always_inline void evict_main(const struct fifos *f, const struct params *p,
				       struct swap_ext_victims *victims)
{
	struct swap_queued *page;
	struct folio *folio;

	swap_for_each_candidate(folio, victims, p->candidates) {
		page = swap_queued(folio);
		if (!page || swap_queue_has(&f->queue[0], page))
			continue;
		/* Or it would be a ghost, who has lost its place in the small queue. */
		page->queue = MAIN;
		if (bpf_swap_folio_used(folio) > 0) {
			if (page->own < MAX_FREQ)
				page->own++;
			bpf_swap_victim(victims, folio, page->own + 1);
		} else {
			bpf_swap_victim(victims, folio, page->own);
			if (page->own)
				page->own--;
		}
	}
}

void BPF_STRUCT_OPS(s3fifo_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct fifos *f = swap_attachment_state(e, &all_fifos);
	struct params *p = swap_params(e);

	if (!f || !p)
		return;
	f->nr_pages = e->nr_pages;
	swap_queue_settle(&f->queue[0], SMALL, e, victims);
	if (evict_small(f, e, victims, e->nr_pages * p->small / 100) < e->nr_wanted)
		evict_main(f, p, victims);
}

SWAP_QUEUE_INIT_EXIT(s3fifo, all_fifos, struct fifos)

SWAP_POLICY(s3fifo, "what is used once goes soon, what comes back soon stays",
	    .init = (void *)s3fifo_init,
	    .exit = (void *)s3fifo_exit,
	    .added = (void *)s3fifo_added,
	    .removed = (void *)s3fifo_removed,
	    .evict = (void *)s3fifo_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
