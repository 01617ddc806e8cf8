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
 * in table j-evict of the benchmarks: 24.9 % of a million accesses after Zipf, and 3.1 % of
 * the accesses to 32 MiB beside 16 scans of 128 MiB, 97 % without a policy.)
 *
 * The algorithm is in swap_ext/algo_s3fifo.bpf.h.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/algo_s3fifo.bpf.h>

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

SWAP_ATTACHMENT_STATE(fifos, struct s3fifo);

void BPF_STRUCT_OPS(s3fifo_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct s3fifo *f = swap_attachment_state(p, &fifos);
	struct swap_queued *page = swap_queued(folio);
	struct params *par = swap_params(p);

	if (f && par && page && s3fifo_enter(f, p, page, par->ghosts))
		swap_stat_add(p, returned, 1);
}

void BPF_STRUCT_OPS(s3fifo_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct s3fifo *f = swap_attachment_state(p, &fifos);
	struct swap_queued *page = swap_queued(folio);

	if (f && page)
		s3fifo_leave(f, p, page);
}

void BPF_STRUCT_OPS(s3fifo_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct s3fifo *f = swap_attachment_state(e, &fifos);
	struct params *p = swap_params(e);
	struct s3fifo_counts c;

	if (!f || !p)
		return;
	c = s3fifo_name_victims(f, e, victims, &(struct s3fifo_params) {
		.candidates = p->candidates,
		.small = p->small,
		.ghosts = p->ghosts,
	});
	swap_stat_add(e, promoted, c.nr_promoted);
	swap_stat_add(e, demoted, c.nr_demoted);
}

SWAP_QUEUE_INIT_EXIT(s3fifo, fifos, struct s3fifo)

SWAP_POLICY(s3fifo, "what is used once goes soon, what comes back soon stays",
	    .init = (void *)s3fifo_init,
	    .exit = (void *)s3fifo_exit,
	    .added = (void *)s3fifo_added,
	    .removed = (void *)s3fifo_removed,
	    .evict = (void *)s3fifo_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
