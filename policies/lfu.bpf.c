// SPDX-License-Identifier: GPL-2.0
/*
 * lfu - evict what is used least often, with decay.
 *
 * Each page has a count of its uses, which goes out and comes back with it: one for
 * each time it is read from swap, one for each time it is found used when reclaim comes
 * by. Counts are halved each time as many pages as the memory holds, half_life times
 * over, have gone. Of some pages looked at, those with the lowest counts go.
 *
 * Good: popularity that is uneven and lasts, as that of keys in a store.
 * Loses: loops over more than the memory, of which it keeps no particular part (scanguard
 * does); a working set that changes, until the counts of the old one have decayed. A
 * page that is used a hundred times between two looks counts as one used once.
 *
 * Sampled eviction as in Redis (maxmemory-policy allkeys-lfu), counts that outlive
 * residence as in LFU-DA's and TinyLFU's history; the accessed bit in place of a count.
 */
#include <swap_ext/policy.bpf.h>

#define ONE	(1U << 8)	/* one use, so that a count can be halved eight times */
#define COUNT_MAX	(1U << 24)

/* A word of a page. */
struct uses {
	u32 count;		/* as of @epoch */
	u32 epoch : 31;
	u32 fresh : 1;		/* it came and was not looked at since */
};

struct params {
	SWAP_PARAM(u32, candidates, 96, 33, 128, "pages looked at for 32 that go");
	SWAP_PARAM(u32, half_life, 8, 1, 1000000,
		   "counts are halved when so many times the memory has gone");
};
SWAP_PARAMS(struct params);

/* Time is counted in pages that had to go. */
struct clock {
	u64 nr_gone;		/* in this epoch */
	u32 epoch;
};
SWAP_ATTACHMENT_STATE(clocks, struct clock);

static __always_inline struct uses *uses_of(struct folio *folio, const struct clock *c)
{
	struct uses *u = (struct uses *)bpf_swap_folio_state(folio, sizeof(*u));
	u32 age;

	if (!u)
		return NULL;
	age = (c->epoch - u->epoch) & 0x7fffffff;
	if (age) {
		u->count = age < 32 ? u->count >> age : 0;
		u->epoch = c->epoch;
	}
	return u;
}

static __always_inline void count_use(struct uses *u)
{
	if (u->count < COUNT_MAX)
		u->count += ONE;
}

void BPF_STRUCT_OPS(lfu_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct clock *c = swap_attachment_state(p, &clocks);
	struct uses *u = c ? uses_of(folio, c) : NULL;

	if (!u || p->flags & SWAP_EXT_P_MOVED)
		return;
	if (!(p->flags & SWAP_EXT_P_PREFETCHED))
		count_use(u);
	/* The first look finds the use that brought it, which has been counted. */
	u->fresh = 1;
}

static __always_inline void tick(struct clock *c, const struct swap_ext_evict *e,
				 u32 half_life)
{
	u64 nr_gone = __sync_fetch_and_add(&c->nr_gone, e->nr_wanted) + e->nr_wanted;

	if (nr_gone < e->nr_pages * half_life)
		return;
	c->nr_gone = 0;
	c->epoch = (c->epoch + 1) & 0x7fffffff;
}

void BPF_STRUCT_OPS(lfu_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct clock *c = swap_attachment_state(e, &clocks);
	struct params *p = swap_params(e);
	struct folio *folio;
	struct uses *u;

	if (!c || !p)
		return;
	tick(c, e, p->half_life);
	swap_for_each_candidate(folio, victims, p->candidates) {
		u = uses_of(folio, c);
		if (!u)
			continue;
		if (bpf_swap_folio_used(folio) > 0 && !u->fresh)
			count_use(u);
		u->fresh = 0;
		bpf_swap_victim(victims, folio, u->count);
	}
}

SWAP_ATTACHMENT_INIT_EXIT(lfu, clocks, struct clock)

SWAP_POLICY(lfu, "evict what is used least often",
	    .init = (void *)lfu_init,
	    .exit = (void *)lfu_exit,
	    .added = (void *)lfu_added,
	    .evict = (void *)lfu_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
