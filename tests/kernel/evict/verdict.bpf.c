// SPDX-License-Identifier: GPL-2.0
/*
 * verdict - says of every page that is to be reclaimed what a test tells it to say.
 */
#include <swap_ext/policy.bpf.h>

enum {
	ALTERNATE = 100,	/* KEEP and RECLAIM in turn */
	STALL,			/* KEEP, after a long while */
};

#define LONG_LOOP	(1U << 23)

struct params {
	SWAP_PARAM(u32, verdict, 0, 0, 0xffffffff, "what to say");
	SWAP_PARAM(u64, pin_first, 0, 0, 0xffffffffffff, "first page of those with another verdict");
	SWAP_PARAM(u64, pin_pages, 0, 0, 0xffffffffffff, "pages from there on, of which");
	SWAP_PARAM(u64, pin_step, 1, 1, 0xffffffff, "each so many-th is one");
	SWAP_PARAM(u32, pin_verdict, 3, 0, 3, "what to say of these");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(asked, "pages it was asked about");
	SWAP_STAT(pinned, "of these: those with another verdict");
	SWAP_STAT(referenced, "of these: the stock kernel would keep them");
	SWAP_STAT(impossible, "of these: described in a way that cannot be");
	SWAP_STAT(early, "asked at a priority of more than 2");
};
SWAP_STATS(struct stats);

static long idle(u32 i, void *ctx)
{
	return 0;
}

s32 BPF_STRUCT_OPS(verdict_reclaim, struct folio *folio,
		   const struct swap_ext_reclaim *r, struct mem_cgroup *memcg)
{
	struct params *p = swap_params(r);

	if (!p)
		return SWAP_EXT_V_DEFAULT;
	swap_stat_add(r, asked, 1);
	if (r->flags & SWAP_EXT_R_REFERENCED)
		swap_stat_add(r, referenced, 1);
	if (r->priority > SWAP_EXT_KEEP_PRIORITY)
		swap_stat_add(r, early, 1);
	if (r->priority > 12 || !r->nr_pages || !r->page ||
	    !(r->flags & (SWAP_EXT_R_MAPPED | SWAP_EXT_R_SHMEM)))
		swap_stat_add(r, impossible, 1);
	if (r->pgoff >= p->pin_first && r->pgoff - p->pin_first < p->pin_pages &&
	    (r->pgoff - p->pin_first) % p->pin_step == 0) {
		swap_stat_add(r, pinned, 1);
		return p->pin_verdict;
	}
	switch (p->verdict) {
	case ALTERNATE:
		return bpf_get_prandom_u32() & 1 ? SWAP_EXT_V_KEEP : SWAP_EXT_V_RECLAIM;
	case STALL:
		bpf_loop(LONG_LOOP, idle, NULL, 0);
		return SWAP_EXT_V_KEEP;
	}
	return p->verdict;
}

SWAP_POLICY(verdict, "says what it is told", .reclaim = (void *)verdict_reclaim);
