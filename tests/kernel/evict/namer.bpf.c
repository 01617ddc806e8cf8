// SPDX-License-Identifier: GPL-2.0
/*
 * namer - names the victims that a test wants.
 */
#include <swap_ext/policy.bpf.h>

enum {
	LOOK,		/* at all, and name none */
	SCORE,		/* marked pages higher than others */
	RECORD,		/* handles of marked pages that come, and name none */
	HANDLES,	/* name what was recorded */
	GARBAGE,	/* name what numbers happen to be handles */
	REPEAT,		/* name the same page over and over */
	STALL,		/* take a long while */
	END,		/* as HANDLES, and want no others to go */
	MARKED,		/* marked pages, and want no others to go */
};

#define LONG_LOOP	(1U << 23)
#define NR_HANDLES	4096

struct params {
	SWAP_PARAM(u32, mode, 0, 0, 8, "what to do");
	SWAP_PARAM(u64, first, 0, 0, 0xffffffffffff, "first of the marked pages");
	SWAP_PARAM(u64, pages, 0, 0, 0xffffffffffff, "pages from there on, of which");
	SWAP_PARAM(u64, step, 8, 1, 0xffffffff, "of each so many");
	SWAP_PARAM(u64, size, 1, 1, 0xffffffff, "as many are marked");
	SWAP_PARAM(u32, shmem, 0, 0, 1, "of shared memory alone, if reclaim shows them");
	SWAP_PARAM(u32, candidates, 128, 0, 0xffffffff, "pages to look at");
	SWAP_PARAM(u64, spread, 0, 0, 0xffffffffffff, "first of the pages on nodes, of which");
	SWAP_PARAM(u64, each, 0, 0, 0xffffffff, "so many are on each; 0: there is one node");
	SWAP_PARAM(u32, nodes, 1, 1, 64, "on so many nodes, one after the other");
	SWAP_PARAM(u32, begin, 0, 0, 63, "the first ones on this node");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(asked, "times it was asked");
	SWAP_STAT(elsewhere, "of these: about pages of another node than the first");
	SWAP_STAT(for_all, "of these: for the whole machine, and somebody waits");
	SWAP_STAT(for_kswapd, "of these: in the background");
	SWAP_STAT(seen, "pages it looked at");
	SWAP_STAT(used, "of these: used since the last look");
	SWAP_STAT(marked, "of these: marked");
	SWAP_STAT(foreign, "pages, shown or found, not of the memcg and node it was asked for");
	SWAP_STAT(own_word, "of these: with the word that they got when they were named");
	SWAP_STAT(odd_word, "of these: with that of another");
	SWAP_STAT(named, "pages it named and that were taken down");
	SWAP_STAT(refused, "pages it named when enough had been");
	SWAP_STAT(marked_gone, "marked pages that were evicted");
	SWAP_STAT(recorded, "handles it wrote down");
	SWAP_STAT(found, "handles that led to a page");
	SWAP_STAT(back, "pages that were read from swap");
	SWAP_STAT(back_word, "of these: with a word");
	SWAP_STAT(pressed, "times it may not say that no others are to go");
	SWAP_STAT(impossible, "contexts that cannot be");
};
SWAP_STATS(struct stats);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_HANDLES);
	__type(key, u32);
	__type(value, u64);
} handles SEC(".maps");

u64 nr_recorded;

/* What policies have no business with, and the test wants to know. */
struct folio___whose {
	unsigned long memcg_data;
	void *mapping;	/* odd, of anonymous memory */
} __attribute__((preserve_access_index));

static long idle(u32 i, void *ctx)
{
	return 0;
}

static bool is_marked(const struct params *p, u64 pgoff)
{
	return pgoff >= p->first && pgoff - p->first < p->pages &&
	       (pgoff - p->first) % p->step < p->size;
}

static void count_back(struct folio *folio, const struct swap_ext_page *page)
{
	u64 *word = bpf_swap_folio_state(folio, sizeof(*word));

	swap_stat_add(page, back, page->nr_pages);
	if (word && *word)
		swap_stat_add(page, back_word, 1);
}

/*
 * A copy of a page of a program's file is anonymous, and has a small number, too. The
 * verifier lets nobody look at the bits of a pointer.
 */
static bool is_marked_folio(const struct params *p, struct folio *folio)
{
	unsigned long mapping = 0;

	if (p->shmem)
		bpf_probe_read_kernel(&mapping, sizeof(mapping),
				      &((struct folio___whose *)folio)->mapping);
	return !(mapping & 1) && is_marked(p, folio->index);
}

/* Where a page is, its flags say in bits that depend on the kernel. The test knows. */
static bool is_elsewhere(const struct params *p, struct folio *folio, u32 nid)
{
	u64 nr = folio->index - p->spread;

	return nr < p->each * p->nodes && (nr / p->each + p->begin) % p->nodes != nid;
}

void BPF_STRUCT_OPS(namer_added, struct folio *folio, const struct swap_ext_page *page,
		    struct mem_cgroup *memcg)
{
	struct params *p = swap_params(page);
	u64 handle = page->page;
	u32 i;

	if (page->flags & SWAP_EXT_P_SWAPIN)
		count_back(folio, page);
	if (!p || p->mode != RECORD || page->flags & SWAP_EXT_P_SWAPIN ||
	    !(page->flags & SWAP_EXT_P_SHMEM) || !is_marked(p, page->pgoff))
		return;
	swap_stat_add(page, recorded, 1);
	i = __sync_fetch_and_add(&nr_recorded, 1);
	bpf_map_update_elem(&handles, &i, &handle, BPF_ANY);
}

void BPF_STRUCT_OPS(namer_removed, struct folio *folio, const struct swap_ext_page *page,
		    struct mem_cgroup *memcg)
{
	struct params *p = swap_params(page);

	if (p && p->mode == SCORE && page->flags & SWAP_EXT_P_EVICTED &&
	    is_marked(p, page->pgoff))
		swap_stat_add(page, marked_gone, 1);
}

/* Each page that is named gets a word of its own. */
static u64 word_of(struct folio *folio)
{
	return folio->index + 1;
}

static void name(const struct swap_ext_evict *e, struct swap_ext_victims *victims,
		 struct folio *folio, s64 score)
{
	u64 *word = bpf_swap_folio_state(folio, sizeof(*word));

	if (word)
		*word = word_of(folio);
	if (bpf_swap_victim(victims, folio, score))
		swap_stat_add(e, refused, 1);
	else
		swap_stat_add(e, named, 1);
}

static void count_foreign(const struct swap_ext_evict *e, struct folio *folio,
			  struct mem_cgroup *memcg, const struct params *p)
{
	if (((struct folio___whose *)folio)->memcg_data != (unsigned long)memcg ||
	    is_elsewhere(p, folio, e->nid))
		swap_stat_add(e, foreign, 1);
}

static void name_by_handle(const struct swap_ext_evict *e, struct swap_ext_victims *victims,
			   struct mem_cgroup *memcg, const struct params *p, u64 handle)
{
	struct folio *folio = bpf_swap_page_folio(victims, handle);

	if (!folio)
		return;
	swap_stat_add(e, found, 1);
	count_foreign(e, folio, memcg, p);
	name(e, victims, folio, 0);
	bpf_swap_folio_put(folio);
}

static void name_recorded(const struct swap_ext_evict *e, struct swap_ext_victims *victims,
			  struct mem_cgroup *memcg, const struct params *p)
{
	u64 *handle;
	u32 i;

	for (i = 0; i < NR_HANDLES && i < nr_recorded && swap_can_loop; i++) {
		handle = bpf_map_lookup_elem(&handles, &i);
		if (handle && *handle)
			name_by_handle(e, victims, memcg, p, *handle);
	}
}

static void name_garbage(const struct swap_ext_evict *e, struct swap_ext_victims *victims,
			 struct mem_cgroup *memcg, const struct params *p)
{
	u32 i;

	for (i = 0; i < 256 && swap_can_loop; i++) {
		name_by_handle(e, victims, memcg, p, (u64)bpf_get_prandom_u32() << 32 |
				bpf_get_prandom_u32());
		name_by_handle(e, victims, memcg, p, bpf_get_prandom_u32());
		name_by_handle(e, victims, memcg, p, bpf_get_prandom_u32() >> 14);
	}
	name_by_handle(e, victims, memcg, p, -1ULL);
}

static void look_at(const struct swap_ext_evict *e, struct folio *folio,
		    struct mem_cgroup *memcg, const struct params *p)
{
	u64 *word = bpf_swap_folio_state(folio, sizeof(*word));

	swap_stat_add(e, seen, 1);
	count_foreign(e, folio, memcg, p);
	if (word && *word == word_of(folio))
		swap_stat_add(e, own_word, 1);
	else if (word && *word)
		swap_stat_add(e, odd_word, 1);
	if (bpf_swap_folio_used(folio) > 0)
		swap_stat_add(e, used, 1);
}

/* For whose sake? */
static void count_asked(const struct swap_ext_evict *e, const struct params *p)
{
	u32 background = SWAP_EXT_R_GLOBAL | SWAP_EXT_R_KSWAPD;

	swap_stat_add(e, asked, 1);
	if (e->nid)
		swap_stat_add(e, elsewhere, 1);
	if (e->flags == background)
		swap_stat_add(e, for_kswapd, 1);
	else if (e->flags == SWAP_EXT_R_GLOBAL)
		swap_stat_add(e, for_all, 1);
	else if (e->flags && e->flags != SWAP_EXT_R_PROACTIVE)
		swap_stat_add(e, impossible, 1);
	if (!e->nr_wanted || e->nr_wanted > SWAP_EXT_VICTIMS_MAX || e->priority > 12 ||
	    (e->nid && !p->each))
		swap_stat_add(e, impossible, 1);
}

void BPF_STRUCT_OPS(namer_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct params *p = swap_params(e);
	struct folio *folio;
	bool marked;
	u32 i;

	if (!p)
		return;
	count_asked(e, p);
	switch (p->mode) {
	case RECORD:
		return;
	case END:
		if (bpf_swap_victims_end(victims))
			swap_stat_add(e, pressed, 1);
		__attribute__((fallthrough));
	case HANDLES:
		name_recorded(e, victims, memcg, p);
		return;
	case GARBAGE:
		name_garbage(e, victims, memcg, p);
		return;
	case STALL:
		bpf_loop(LONG_LOOP, idle, NULL, 0);
		return;
	case MARKED:
		if (bpf_swap_victims_end(victims))
			swap_stat_add(e, pressed, 1);
	}
	swap_for_each_candidate(folio, victims, p->candidates) {
		look_at(e, folio, memcg, p);
		marked = is_marked_folio(p, folio);
		if (marked)
			swap_stat_add(e, marked, 1);
		if (p->mode == SCORE || (p->mode == MARKED && marked))
			name(e, victims, folio, marked);
		if (p->mode == REPEAT)
			for (i = 0; i < 8 && swap_can_loop; i++)
				name(e, victims, folio, 0);
	}
}

SWAP_POLICY(namer, "names what it is told",
	    .added = (void *)namer_added,
	    .removed = (void *)namer_removed,
	    .evict = (void *)namer_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
