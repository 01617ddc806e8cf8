// SPDX-License-Identifier: GPL-2.0
/*
 * gswap - gives back memory that has been cold for so long that hardly any of it will be
 * wanted soon.
 *
 * Every period the accessed bits of the cgroup are read. Of the ages that pages had reached
 * when they were used after all, swapped out or not, the policy takes the lowest one that
 * no more than slo of the working set reach in a minute: what is at least as old goes. The
 * working set is what was used in the period. The age is the percentile of those that the
 * last 64 periods would have wanted, or that of the last one if it is higher: one period in
 * which too much came back is enough to be careful. As long as no page can be as old as a
 * period would have wanted, because the first scan was not long ago, that period does not
 * count.
 *
 * Where the cgroup has to give memory back, it goes by age as well. Who only asks for some
 * (memory.reclaim) gets what is cold, and no more.
 *
 * Good: memory that is used for a while and then not any more: data of a phase that is
 * over, caches nobody reads. It goes without anybody having to wait for it.
 * Loses: whoever uses all of its memory every now and then, but seldom: after 64 periods
 * nobody remembers; in the first of them, when there is nothing to go by, it gives nothing
 * back. Nothing but the period tells how old a page is that is used more often.
 *
 * Lagar-Cavilla et al.: Software-Defined Far Memory in Warehouse-Scale Computers, ASPLOS
 * 2019, whose histograms, threshold, SLO and period these are; percentile and warmup it
 * tunes for each cluster, here they are parameters.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/periodic.bpf.h>

#define HISTORY		64
#define NSEC_PER_SEC	1000000000ULL
#define ONLY_SWAP	200	/* swappiness: none of it from files */
#define LOOKS		13	/* priorities of a reclaim: in each it asks for victims */

/* A word of a page in swap. */
struct out {
	u32 used;		/* period in which it was used last */
	u32 known;
};

struct params {
	SWAP_PARAM(u32, period_s, 120, 1, 3600, "seconds from scan to scan, and of an age");
	SWAP_PARAM(u32, slo, 20, 0, 10000,
		   "pages that may come back in a minute, of 10000 of the working set");
	SWAP_PARAM(u32, percentile, 98, 1, 100, "of the ages of the last 64 periods");
	SWAP_PARAM(u32, warmup, 8, 1, 64, "periods until something is given back");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(scans, "scans");
	SWAP_STAT(failed, "scans that failed");
	SWAP_STAT(given_back, "pages reclaimed ahead of need");
	SWAP_STAT(promoted, "pages that came back from swap");
};
SWAP_STATS(struct stats);

struct books {
	struct swap_ext_histogram h;		/* of the last scan */
	u64 promoted[SWAP_EXT_AGES];		/* from swap since that, by age */
	u16 best[HISTORY];			/* ages that would have done */
	u32 nr_best[SWAP_EXT_AGES + 1];		/* of these, by age */
	u32 nr_known;				/* of these, so far */
	u32 nr_scans;
	u32 threshold;				/* age; 0: not yet */
};

struct gswap {
	struct swap_periodic periodic;
	struct books books;
};
SWAP_ATTACHMENT_STATE(gswaps, struct gswap);

static __always_inline u64 period_ns(u64 cgroup_id)
{
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);

	return (p ? p->period_s : 120) * NSEC_PER_SEC;
}

/* The lowest age that no more than @allowed pages had reached. */
SWAP_SUBPROG(u32, find_best, struct books *b __arg_nonnull, u64 allowed)
{
	u64 sum = 0;
	u32 age;

	for (age = SWAP_EXT_AGES - 1; age; age--) {
		sum += b->h.used[age] + b->promoted[age];
		if (sum > allowed)
			break;
	}
	return age + 1;
}

/* Of the last periods so many percent would have done with that, or a lower one. */
SWAP_SUBPROG(u32, find_percentile, const struct books *b __arg_nonnull, u32 percentile)
{
	u32 nr = swap_min(b->nr_known, HISTORY), sum = 0, age;

	for (age = 0; age < SWAP_EXT_AGES; age++) {
		sum += b->nr_best[age];
		if (sum * 100 >= nr * percentile)
			break;
	}
	return age;
}

static __always_inline void remember(struct books *b, u32 best)
{
	u16 *slot = &b->best[b->nr_known % HISTORY];

	if (b->nr_known >= HISTORY && *slot <= SWAP_EXT_AGES && b->nr_best[*slot])
		b->nr_best[*slot]--;
	*slot = best;
	if (best <= SWAP_EXT_AGES)
		b->nr_best[best]++;
	b->nr_known++;
}

/* How many pages are as old as that, or older. */
SWAP_SUBPROG(u64, count_cold, const struct books *b __arg_nonnull, u32 threshold)
{
	u64 sum = 0;
	u32 age, i;

	for (age = threshold; age < SWAP_EXT_AGES && swap_can_loop; age++) {
		i = age;
		/* Or the compiler would leave out what the verifier needs. */
		barrier_var(i);
		sum += b->h.idle[i % SWAP_EXT_AGES];
	}
	return sum;
}

SWAP_SUBPROG(u64, count_used, const struct books *b __arg_nonnull)
{
	u64 sum = 0;
	u32 age;

	for (age = 0; age < SWAP_EXT_AGES; age++)
		sum += b->h.used[age];
	return sum;
}

static __always_inline void clear(u64 *pages)
{
	u32 age;

	for (age = 0; age < SWAP_EXT_AGES; age++) {
		pages[age] = 0;
		/* Or it would be a call of memset(). */
		barrier();
	}
}

static __always_inline void choose_threshold(struct books *b, const struct params *p)
{
	u64 allowed = count_used(b) * p->slo * p->period_s / (60 * 10000);
	u32 best = find_best(b, allowed);

	/* In the first periods all pages are young: what would come of older ones nobody knows. */
	if (best < b->nr_scans)
		remember(b, best);
	clear(b->promoted);
	b->nr_scans++;
	if (b->nr_scans >= p->warmup)
		b->threshold = swap_max(find_percentile(b, p->percentile), best);
}

/*
 * A reclaim ends where nobody names victims. But each time the next few pages are shown, and
 * what is cold lies together, so it is begun anew until all others have come by in vain.
 */
SWAP_SUBPROG(u64, give_back, u64 cgroup_id, u64 nr_cold, u64 nr_pages)
{
	s64 nr, nr_unseen = nr_pages;
	u64 nr_left = nr_cold;

	while (nr_left && nr_unseen >= 0 && swap_can_loop) {
		nr = bpf_swap_reclaim_memcg(cgroup_id, nr_left, ONLY_SWAP);
		if (nr < 0)
			break;
		nr_left -= swap_min((u64)nr, nr_left);
		if (nr < SWAP_EXT_VICTIMS_MAX)
			nr_unseen -= LOOKS * SWAP_EXT_CANDIDATES_MAX;
	}
	return nr_cold - nr_left;
}

static __always_inline void scan_and_give_back(u64 cgroup_id, struct gswap *g)
{
	const struct { u64 cgroup_id; } at = { cgroup_id };
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);
	struct books *b = &g->books;
	u64 nr_cold;

	if (!p)
		return;
	clear(b->h.idle);
	clear(b->h.used);
	if (bpf_swap_scan_memcg(cgroup_id, p->period_s, &b->h) < 0) {
		swap_stat_add(&at, failed, 1);
		return;
	}
	swap_stat_add(&at, scans, 1);
	choose_threshold(b, p);
	if (!b->threshold)
		return;
	nr_cold = count_cold(b, b->threshold);
	swap_stat_add(&at, given_back,
		      give_back(cgroup_id, nr_cold, count_cold(b, 0) + count_used(b)));
}

SWAP_PERIODIC(gswap, struct gswap, period_ns, scan_and_give_back)

void BPF_STRUCT_OPS(gswap_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct out *out = (struct out *)bpf_swap_folio_state(folio, sizeof(*out));
	struct gswap *g = swap_attachment_state(p, &gswaps);
	u32 age;

	if (!g || !out || !(p->flags & SWAP_EXT_P_SWAPIN))
		return;
	if (out->known && !(p->flags & SWAP_EXT_P_PREFETCHED)) {
		age = swap_min(g->books.nr_scans - out->used, SWAP_EXT_AGES - 1);
		__sync_fetch_and_add(&g->books.promoted[age], 1);
		swap_stat_add(p, promoted, 1);
	}
	out->known = 0;
}

void BPF_STRUCT_OPS(gswap_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct out *out = (struct out *)bpf_swap_folio_state(folio, sizeof(*out));
	struct gswap *g = swap_attachment_state(p, &gswaps);
	struct params *par = swap_params(p);
	int idle_s;

	if (!g || !par || !out || !(p->flags & SWAP_EXT_P_EVICTED))
		return;
	idle_s = bpf_swap_folio_idle_s(folio);
	out->known = 1;
	out->used = g->books.nr_scans - (idle_s > 0 ? idle_s / swap_max(par->period_s, 1) : 0);
}

/* The oldest first; of what is given back ahead of need, none that is younger. */
void BPF_STRUCT_OPS(gswap_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct gswap *g = swap_attachment_state(e, &gswaps);
	struct params *p = swap_params(e);
	struct folio *folio;
	int idle_s, at_least = 1;

	/* Before the first scan it knows nothing, and looking alone moves pages. */
	if (!g || !p || !g->books.nr_scans)
		return;
	if (e->flags & SWAP_EXT_R_PROACTIVE && g->books.threshold) {
		at_least = g->books.threshold * p->period_s;
		bpf_swap_victims_end(victims);
	}
	swap_for_each_candidate(folio, victims, SWAP_EXT_CANDIDATES_MAX) {
		idle_s = bpf_swap_folio_idle_s(folio);
		if (idle_s >= at_least)
			bpf_swap_victim(victims, folio, -idle_s);
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(gswap_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	s32 err = swap_attachment_begin(&gswaps, cgroup_id, struct gswap);
	struct gswap *g = err ? NULL : bpf_map_lookup_elem(&gswaps, &cgroup_id);

	return g ? gswap_start_periodic(&gswaps, g, cgroup_id) : err;
}

void BPF_STRUCT_OPS_SLEEPABLE(gswap_exit, struct mem_cgroup *memcg,
			      struct swap_ext_exit_info *ei)
{
	swap_attachment_end(&gswaps, ei);
}

SWAP_POLICY(gswap, "give back what has been cold for long, within an SLO",
	    .init = (void *)gswap_init,
	    .exit = (void *)gswap_exit,
	    .added = (void *)gswap_added,
	    .removed = (void *)gswap_removed,
	    .evict = (void *)gswap_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
