// SPDX-License-Identifier: GPL-2.0
/*
 * hyperbolic - evict what was used least for the time it has been there.
 *
 * The priority of a page is the number of its uses over the time since it came. Time is
 * counted in pages that had to go. A page is used when it is read from swap, and when it
 * is found used as reclaim comes by. Of some pages looked at, those with the lowest
 * priority go.
 *
 * Good: popularity that is uneven and drifts: a page that was popular once sinks slowly,
 * a new one need not catch up with the counts of the old ones.
 * Loses: loops over more than the memory; popularity that does not change (lfu remembers
 * more of it: here a page begins anew each time it comes).
 *
 * Blankstein, Sen, Freedman: Hyperbolic Caching, USENIX ATC 2017, sections 3 and 4.1.
 */
#include <swap_ext/policy.bpf.h>

/* A word of a page. */
struct life {
	u32 came;		/* when */
	u32 nr_uses : 31;
	u32 fresh : 1;		/* it came and was not looked at since */
};

struct params {
	SWAP_PARAM(u32, candidates, 96, 33, 128, "pages looked at for 32 that go");
};
SWAP_PARAMS(struct params);

struct clock {
	u64 now;		/* pages that had to go so far */
};
SWAP_ATTACHMENT_STATE(clocks, struct clock);

static __always_inline struct life *life_of(struct folio *folio)
{
	return (struct life *)bpf_swap_folio_state(folio, sizeof(struct life));
}

void BPF_STRUCT_OPS(hyperbolic_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct clock *c = swap_attachment_state(p, &clocks);
	struct life *l = life_of(folio);

	if (!c || !l || p->flags & SWAP_EXT_P_MOVED)
		return;
	l->came = c->now;
	l->nr_uses = !(p->flags & SWAP_EXT_P_PREFETCHED);
	/* The first look finds the use that brought it, which has been counted. */
	l->fresh = 1;
}

void BPF_STRUCT_OPS(hyperbolic_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct clock *c = swap_attachment_state(e, &clocks);
	struct params *p = swap_params(e);
	struct folio *folio;
	struct life *l;
	u32 age;

	if (!c || !p)
		return;
	__sync_fetch_and_add(&c->now, e->nr_wanted);
	swap_for_each_candidate(folio, victims, p->candidates) {
		l = life_of(folio);
		if (!l)
			continue;
		if (bpf_swap_folio_used(folio) > 0 && !l->fresh)
			l->nr_uses++;
		l->fresh = 0;
		age = (u32)c->now - l->came;
		bpf_swap_victim(victims, folio, ((u64)l->nr_uses << 32) / (age + 1));
	}
}

SWAP_ATTACHMENT_INIT_EXIT(hyperbolic, clocks, struct clock)

SWAP_POLICY(hyperbolic, "evict what was used least for the time it is there",
	    .init = (void *)hyperbolic_init,
	    .exit = (void *)hyperbolic_exit,
	    .added = (void *)hyperbolic_added,
	    .evict = (void *)hyperbolic_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
