/* SPDX-License-Identifier: GPL-2.0 */
/*
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction,
 * SOSP 2023, section 4.1, algorithm 1): used by the s3fifo policy and by duet.
 *
 * Other than there, one look has to do in the small queue, where a page must have been used
 * twice, and the main queue is the kernel's lists, looked at in turn: a bit tells of uses,
 * not how many. The ghost queue is what each page in swap knows of itself.
 */
#ifndef __SWAP_EXT_ALGO_S3FIFO_BPF_H
#define __SWAP_EXT_ALGO_S3FIFO_BPF_H

#include <swap_ext/queue.bpf.h>

#define S3FIFO_MAX_FREQ		3
/* Of struct swap_queued.own in the small queue: a plan brought it, its use is to come. */
#define S3FIFO_PREFETCHED	1

/* Queues of struct swap_queued, whose own is the frequency in the main queue. */
enum s3fifo_standing {
	S3FIFO_MAIN,		/* also who was there before the policy */
	S3FIFO_SMALL,
	S3FIFO_GHOST,		/* not in memory: nr is its number among the ghosts */
};

/** struct s3fifo_params - in percent of the memory, but for @candidates */
struct s3fifo_params {
	u32 candidates;		/* of the main queue, looked at for 32 that go */
	u32 small;
	u32 ghosts;
};

/** struct s3fifo_counts - what became of pages of the small queue */
struct s3fifo_counts {
	u32 nr_promoted;
	u32 nr_demoted;
};

/** struct s3fifo - of an attachment */
struct s3fifo {
	struct swap_queue queue[S3FIFO_SMALL];
	u32 nr_ghosts;		/* so far */
	u64 nr_pages;		/* in memory */
};

/**
 * s3fifo_enter() - a page came
 * @f: the queues
 * @p: the page
 * @page: what is known of it
 * @ghosts: as in struct s3fifo_params
 *
 * Return: it was a ghost.
 */
static __always_inline bool s3fifo_enter(struct s3fifo *f, const struct swap_ext_page *p,
					 struct swap_queued *page, u32 ghosts)
{
	if (p->flags & SWAP_EXT_P_MOVED) {
		swap_queue_moved(p->cgroup_id, page, p->page);
		return false;
	}
	page->own = 0;
	if (page->queue == S3FIFO_GHOST &&
	    f->nr_ghosts - page->nr < f->nr_pages * ghosts / 100) {
		page->queue = S3FIFO_MAIN;
		return true;
	}
	swap_queue_push(&f->queue[0], S3FIFO_SMALL, p->cgroup_id, page, p->page);
	if (p->flags & SWAP_EXT_P_PREFETCHED)
		page->own = S3FIFO_PREFETCHED;
	return false;
}

/** s3fifo_leave() - a page goes */
static __always_inline void s3fifo_leave(struct s3fifo *f, const struct swap_ext_page *p,
					 struct swap_queued *page)
{
	if (!(p->flags & SWAP_EXT_P_EVICTED) || page->queue != S3FIFO_SMALL)
		return;
	page->queue = S3FIFO_GHOST;
	page->nr = __sync_fetch_and_add(&f->nr_ghosts, 1);
}

/* Is it used again by the time it gets to the end of the small queue? */
static __always_inline bool s3fifo_passes(struct folio *folio, const struct swap_queued *page)
{
	/* What a plan brought has been used once, by whoever it was brought for. */
	return bpf_swap_folio_used(folio) > 0 && page->own != S3FIFO_PREFETCHED;
}

/* The end of the small queue, of @length places. */
static __always_inline void s3fifo_evict_small(struct s3fifo *f,
					       const struct swap_ext_evict *e,
					       struct swap_ext_victims *victims, u32 length,
					       struct s3fifo_counts *c)
{
	struct swap_queue *q = &f->queue[0];
	u32 end = q->nr_out + SWAP_QUEUE_LOOKS;
	struct swap_queued *page;
	struct folio *folio;
	u64 handle;

	if (swap_queue_before(q->nr_in - length, end))
		end = q->nr_in - length;
	if (swap_queue_before(q->nr_settled, end))
		end = q->nr_settled;
	while (swap_queue_before(q->nr_out, end) && c->nr_demoted < e->nr_wanted &&
	       swap_can_loop) {
		folio = swap_queue_pop(q, S3FIFO_SMALL, e, victims, &handle);
		if (!folio)
			continue;
		page = swap_queued(folio);
		if (page && s3fifo_passes(folio, page)) {
			page->queue = S3FIFO_MAIN;
			page->own = 0;
			c->nr_promoted++;
		} else {
			bpf_swap_victim(victims, folio, -1);
			c->nr_demoted++;
		}
		bpf_swap_folio_put(folio);
	}
}

/* If too few are at none, those go whose frequency is lowest. */
static __always_inline void s3fifo_evict_main(const struct s3fifo *f, u32 nr_candidates,
					      struct swap_ext_victims *victims)
{
	struct swap_queued *page;
	struct folio *folio;

	swap_for_each_candidate(folio, victims, nr_candidates) {
		page = swap_queued(folio);
		if (!page || swap_queue_has(&f->queue[0], page))
			continue;
		/* Or it would be a ghost, who has lost its place in the small queue. */
		page->queue = S3FIFO_MAIN;
		if (bpf_swap_folio_used(folio) > 0) {
			if (page->own < S3FIFO_MAX_FREQ)
				page->own++;
			bpf_swap_victim(victims, folio, page->own + 1);
		} else {
			bpf_swap_victim(victims, folio, page->own);
			if (page->own)
				page->own--;
		}
	}
}

/**
 * s3fifo_name_victims() - which pages go
 * @f: the queues
 * @e: the reclaim
 * @victims: its plan
 * @p: parameters
 *
 * Return: what became of pages of the small queue.
 */
static __always_inline struct s3fifo_counts
s3fifo_name_victims(struct s3fifo *f, const struct swap_ext_evict *e,
		    struct swap_ext_victims *victims, const struct s3fifo_params *p)
{
	struct s3fifo_counts c = {};

	f->nr_pages = e->nr_pages;
	swap_queue_settle(&f->queue[0], S3FIFO_SMALL, e, victims);
	s3fifo_evict_small(f, e, victims, e->nr_pages * p->small / 100, &c);
	if (c.nr_demoted < e->nr_wanted)
		s3fifo_evict_main(f, p->candidates, victims);
	return c;
}

#endif /* __SWAP_EXT_ALGO_S3FIFO_BPF_H */
