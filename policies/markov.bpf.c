// SPDX-License-Identifier: GPL-2.0
/*
 * markov - learn which page follows which, and follow the chain.
 *
 * Good: walks that have no rule but come again: linked structures, graphs, an
 * index visited in the same order. Pages are named by their place in a mapping
 * and the table can be saved, so a restarted program finds what was learned.
 * Loses: the first time over anything; orders that change from walk to walk; more
 * than 65,536 pages (256 MiB) between two visits, because the table forgets; two
 * programs in one cgroup whose mappings are of the same size, because they share
 * it. Each page of a plan costs a hash lookup, and the table 8 MiB.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/place.bpf.h>
#include <swap_ext/window.bpf.h>

#define MARKOV_PLACES	65536
#define MARKOV_SURE	2	/* times seen before a successor is followed */
#define MARKOV_CREDIT	16	/* guesses at successors seen once, per thread */

struct params {
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, sync, 0, 0, 1, "also on devices that read inline");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(learned, "successors stored or replaced");
	SWAP_STAT(followed, "windows that followed a chain");
};
SWAP_STATS(struct stats);

/**
 * struct markov_next - what came after a place, the likelier one first
 * @place: the two candidates; 0: none
 * @seen: how often, less the times another came instead
 */
struct markov_next {
	u64 place[2];
	u32 seen[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MARKOV_PLACES);
	__type(key, u64);
	__type(value, struct markov_next);
} successors SEC(".maps") SWAP_STATE SWAP_SHARED;

/** struct markov_thread - where a thread's walk is */
struct markov_thread {
	u64 place;	/* touched last, 0: none */
	u32 hits;	/* prefetched pages used since the last window */
	u32 window;	/* pages of the last window */
	u32 spent;	/* of MARKOV_CREDIT; every hit earns one back */
};

SWAP_PROCESS_STATE(processes, struct swap_places);
SWAP_PROCESS_STATE(threads, struct markov_thread);

/* Returns whether the table changed its mind. */
static __always_inline bool markov_learn(u64 from, u64 to)
{
	struct markov_next *n = bpf_map_lookup_elem(&successors, &from);
	struct markov_next first = { .place = { to }, .seen = { 1 } };
	u32 seen;

	if (!n) {
		bpf_map_update_elem(&successors, &from, &first, BPF_ANY);
		return true;
	}
	if (n->place[0] == to) {
		n->seen[0]++;
		return false;
	}
	if (n->seen[0])
		n->seen[0]--;
	if (n->place[1] != to) {
		n->place[1] = to;
		n->seen[1] = 0;
	}
	seen = ++n->seen[1];
	if (seen <= n->seen[0])
		return false;
	n->place[1] = n->place[0];
	n->seen[1] = n->seen[0];
	n->place[0] = to;
	n->seen[0] = seen;
	return true;
}

void BPF_STRUCT_OPS(markov_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct swap_places *places = swap_process_state(f, &processes);
	struct markov_thread *mt = swap_thread_state(f, &threads);
	u32 flags = f->flags;
	u64 place;

	if (!places || !mt)
		return;
	place = swap_place(places, f);
	/* A prefetched page was told by the table: nothing new in that. */
	if (flags & SWAP_EXT_F_PREFETCHED) {
		mt->hits++;
		if (mt->spent)
			mt->spent--;
	} else if (place && mt->place && mt->place != place) {
		if (markov_learn(mt->place, place))
			swap_stat_add(f, learned, 1);
	}
	mt->place = place;
}

s32 BPF_STRUCT_OPS(markov_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct swap_places *places = swap_process_state(f, &processes);
	struct markov_thread *mt = swap_thread_state(f, &threads);
	struct params *p = swap_params(f);
	struct markov_next *n;
	bool planned = false;
	u64 place, page;
	u32 i;

	if (!places || !mt || !p)
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO && !p->sync)
		return SWAP_EXT_PF_NONE;

	place = mt->place;
	n = bpf_map_lookup_elem(&successors, &place);
	mt->window = swap_window_follow(mt->hits, !!n, mt->window,
					p->max_window);
	mt->hits = 0;
	if (!n || !mt->window)
		return SWAP_EXT_PF_NONE;

	for (i = 0; n && i < mt->window && swap_can_loop; i++) {
		if (n->seen[0] < MARKOV_SURE) {
			if (mt->spent >= MARKOV_CREDIT)
				break;
			mt->spent++;
		}
		place = n->place[0];
		page = swap_place_page(places, place);
		if (!page || swap_plan_pages(plan, page, 1) < 0)
			break;
		planned = true;
		n = bpf_map_lookup_elem(&successors, &place);
	}
	if (!planned)
		return SWAP_EXT_PF_NONE;
	swap_stat_add(f, followed, 1);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(markov, "learn which page follows which",
	    .fault = (void *)markov_fault,
	    .prefetch = (void *)markov_prefetch);
