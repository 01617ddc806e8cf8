// SPDX-License-Identifier: GPL-2.0
/*
 * lhd - evict what is least likely to be used again soon, as others like it have been.
 *
 * Age is the time since a page was used last, in eighths of the memory that had to go. Pages
 * are in classes by the sum of the ages at which they were used the last two times. How many
 * pages of a class were used at each age, and how many went, tells the hit density of those
 * that have come to an age: uses that are to come, over the time until these or the end. Of
 * some pages looked at and the 32 that came last, those with the lowest density go. One use
 * in 1024 makes a page an explorer, which stays until it is used again or nobody knows more
 * of ages: else nobody would learn that old pages are used.
 *
 * Good: whatever repeats itself, without a word of how: of a loop that does not fit a part
 * stays, scans go first, popularity that is uneven is found as well.
 * Loses: popularity that lasts, of which lfu and sieve keep more: it knows the last two uses
 * of a page; a change, until what was learned has faded, at 0.9 for each time the memory goes;
 * memory of a few hundred pages, where there is little to learn from.
 *
 * Beckmann, Chen, Cidon: LHD: Improving Cache Hit Rate by Maximizing Hit Density, NSDI 2018;
 * classes, explorers and who came last as in the authors' simulator, see replay/models/lhd.c.
 * Other than there, time is not counted in accesses, which nobody sees; a page that went comes
 * back with its ages; and where little is known, what is assumed counts as 16 events do
 * (density is high for the young and for those of low ages), not as nothing: the sooner it
 * learns, the fewer there have been.
 */
#include <swap_ext/policy.bpf.h>

#define NR_CLASSES	8
#define NR_AGES		64	/* who is older is as old as the last */
#define AGES_OF_MEMORY	8	/* until as many pages had to go as there are */
#define RECENT		32
#define EXPLORERS	1024	/* one in so many: at most a hundredth of all, as long as they stay */

#define CALL_MASK	((1U << 14) - 1)

#define EVENT		1024	/* one, so that few can fade */
#define ASSUMED		(16 * EVENT)
#define DENSITY_SHIFT	20
#define HIGHEST_DENSITY	(1LL << 40)
/* 0.9 for each time the memory goes, as there for each time it learns. */
#define fade(events)	((events) * 1010 / 1024)

/* A word of a page. */
struct seen {
	u32 used;		/* when */
	u8 age;			/* when it was used last */
	u8 class;
	u16 fresh : 1;		/* it came and was not looked at since */
	u16 explores : 1;
	u16 nr_call : 14;	/* in which it was looked at last */
};

struct params {
	SWAP_PARAM(u32, candidates, 96, 33, 128, "pages looked at for 32 that go");
};
SWAP_PARAMS(struct params);

/* What became of pages of a class, by age. */
struct lhd_class {
	u64 hits[NR_AGES];
	u64 evictions[NR_AGES];
	u64 density[NR_AGES];
};

struct lhd {
	u32 now;
	u32 nr_calls;		/* of evict */
	u32 nr_recent;
	u64 nr_gone;		/* since it became now */
	u64 recent[RECENT];	/* handles */
	struct lhd_class class[NR_CLASSES];
};
SWAP_ATTACHMENT_STATE(lhds, struct lhd);

static __always_inline struct seen *seen_of(struct folio *folio)
{
	return (struct seen *)bpf_swap_folio_state(folio, sizeof(struct seen));
}

static __always_inline u32 age_of(const struct lhd *l, const struct seen *s)
{
	return swap_min(l->now - s->used, NR_AGES - 1);
}

/* 0 is the class of the greatest ages, and of pages that were not used again yet. */
static __always_inline u32 find_class(u32 sum)
{
	u32 class = 0;

	if (!sum)
		return NR_CLASSES - 1;
	for (; sum < NR_AGES && class < NR_CLASSES - 1; sum *= 2)
		class++;
	return class;
}

static __always_inline struct lhd_class *class_of(struct lhd *l, const struct seen *s)
{
	return &l->class[s->class % NR_CLASSES];
}

static __always_inline void remember_use(const struct lhd *l, struct seen *s)
{
	u32 age = age_of(l, s);

	s->class = find_class(s->age + age);
	s->age = age;
}

static __always_inline void begin_age(const struct lhd *l, struct seen *s)
{
	s->used = l->now;
	s->explores = !(bpf_get_prandom_u32() % EXPLORERS);
}

/* From the greatest age down: what is to come at an age is what came at any above. */
SWAP_SUBPROG(int, learn_class, struct lhd_class *c __arg_nonnull, u32 class)
{
	u64 hits = 0, events = 0, time = ASSUMED, assumed;
	u32 age = NR_AGES, i;

	while (age && swap_can_loop) {
		age--;
		i = age;
		barrier_var(i);
		i %= NR_AGES;
		hits += c->hits[i];
		events += c->hits[i] + c->evictions[i];
		time += events;
		/* LRU, and who was used at a low age stays longer. */
		assumed = ASSUMED * ((class + 1ULL) << (DENSITY_SHIFT - 4)) / (i + 1);
		c->density[i] = ((hits << DENSITY_SHIFT) + assumed) / time;
		c->hits[i] = fade(c->hits[i]);
		c->evictions[i] = fade(c->evictions[i]);
	}
	return 0;
}

static __always_inline void learn(struct lhd *l)
{
	u32 class;

	for (class = 0; class < NR_CLASSES; class++)
		learn_class(&l->class[class], class);
}

static __always_inline void tick(struct lhd *l, const struct swap_ext_evict *e)
{
	u64 nr_gone = __sync_fetch_and_add(&l->nr_gone, e->nr_wanted) + e->nr_wanted;

	if (nr_gone < e->nr_pages / AGES_OF_MEMORY)
		return;
	l->nr_gone = 0;
	l->now++;
	learn(l);
}

void BPF_STRUCT_OPS(lhd_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct lhd *l = swap_attachment_state(p, &lhds);
	struct seen *s = seen_of(folio);

	if (!l || !s || p->flags & SWAP_EXT_P_MOVED)
		return;
	if (p->flags & SWAP_EXT_P_SWAPIN)
		remember_use(l, s);
	begin_age(l, s);
	/* The first look finds the use that brought it, which has been counted. */
	s->fresh = 1;
	l->recent[l->nr_recent++ % RECENT] = p->page;
}

void BPF_STRUCT_OPS(lhd_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct lhd *l = swap_attachment_state(p, &lhds);
	struct seen *s = seen_of(folio);

	if (l && s && p->flags & SWAP_EXT_P_EVICTED)
		class_of(l, s)->evictions[age_of(l, s)] += EVENT;
}

static __always_inline void rank(struct lhd *l, struct swap_ext_victims *victims,
				 struct folio *folio, u32 nr_call)
{
	struct seen *s = seen_of(folio);
	u32 age;

	/* Who came last may be a candidate as well. */
	if (!s || s->nr_call == nr_call)
		return;
	s->nr_call = nr_call;
	if (bpf_swap_folio_used(folio) > 0 && !s->fresh) {
		class_of(l, s)->hits[age_of(l, s)] += EVENT;
		remember_use(l, s);
		begin_age(l, s);
	}
	s->fresh = 0;
	age = age_of(l, s);
	bpf_swap_victim(victims, folio, s->explores && age < NR_AGES - 1 ? HIGHEST_DENSITY :
			(s64)class_of(l, s)->density[age]);
}

void BPF_STRUCT_OPS(lhd_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct lhd *l = swap_attachment_state(e, &lhds);
	struct params *p = swap_params(e);
	struct folio *folio;
	u32 nr_call, i;

	if (!l || !p)
		return;
	tick(l, e);
	nr_call = ++l->nr_calls & CALL_MASK;
	swap_for_each_candidate(folio, victims, p->candidates)
		rank(l, victims, folio, nr_call);
	for (i = 0; i < RECENT && swap_can_loop; i++) {
		folio = bpf_swap_page_folio(victims, l->recent[i % RECENT]);
		if (!folio)
			continue;
		rank(l, victims, folio, nr_call);
		bpf_swap_folio_put(folio);
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(lhd_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	s32 err = swap_attachment_begin(&lhds, cgroup_id, struct lhd);
	struct lhd *l = err ? NULL : bpf_map_lookup_elem(&lhds, &cgroup_id);

	if (l)
		learn(l);
	return err;
}

void BPF_STRUCT_OPS_SLEEPABLE(lhd_exit, struct mem_cgroup *memcg,
			      struct swap_ext_exit_info *ei)
{
	swap_attachment_end(&lhds, ei);
}

SWAP_POLICY(lhd, "evict what others like it say is used last",
	    .init = (void *)lhd_init,
	    .exit = (void *)lhd_exit,
	    .added = (void *)lhd_added,
	    .removed = (void *)lhd_removed,
	    .evict = (void *)lhd_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
