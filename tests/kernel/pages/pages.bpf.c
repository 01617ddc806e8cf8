// SPDX-License-Identifier: GPL-2.0
/*
 * pages - writes down which pages came, and marks each with whose it is, where the
 * kernel keeps it for the policy. A page that is someone else's when it comes by again
 * was given the mark of another.
 */
#include <swap_ext/policy.bpf.h>

#define MAX_PAGES	(1U << 16)

struct params {
	SWAP_PARAM(u64, salt, 1, 1, 0xffff, "goes into the marks");
	SWAP_PARAM(u32, place, 0, 0, 0xffffffff, "where pages go that are read back");
	SWAP_PARAM(u32, dawdle, 0, 0, 0xffffff, "rounds of doing nothing when a page goes");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(added, "pages that came");
	SWAP_STAT(removed, "pages that went");
	SWAP_STAT(evicted, "of these: to swap");
	SWAP_STAT(moved, "pages that moved to another");
	SWAP_STAT(read_back, "pages that came from swap");
	SWAP_STAT(twice, "pages that came twice");
	SWAP_STAT(unseen, "pages that went and had not come");
	SWAP_STAT(slots_twice, "slots that were taken twice");
	SWAP_STAT(slots_freed, "slots that were freed");
	SWAP_STAT(marked, "pages that got a mark");
	SWAP_STAT(right, "pages that came by with their own mark");
	SWAP_STAT(wrong, "... with another one's");
	SWAP_STAT(in_slot, "pages that were in a slot with a mark when they came");
	SWAP_STAT(impossible, "pages described in a way that cannot be");
};
SWAP_STATS(struct stats);

/* Pages that have come and not gone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PAGES);
	__type(key, u64);
	__type(value, u64);
} resident SEC(".maps");

/* Slots with a page that went there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PAGES);
	__type(key, u64);
	__type(value, u64);
} swapped SEC(".maps");

void BPF_STRUCT_OPS(pages_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	u64 page = p->page, *mark;

	swap_stat_add(p, added, p->nr_pages);
	if (bpf_map_update_elem(&resident, &page, &page, BPF_NOEXIST))
		swap_stat_add(p, twice, 1);
	if (p->flags & SWAP_EXT_P_SWAPIN)
		swap_stat_add(p, read_back, 1);
	if (!!(p->flags & SWAP_EXT_P_SWAPIN) != !!p->entry || !p->nr_pages ||
	    p->flags & SWAP_EXT_P_EVICTED)
		swap_stat_add(p, impossible, 1);
	mark = bpf_swap_folio_state(folio, sizeof(*mark));
	if (mark && *mark)
		swap_stat_add(p, in_slot, 1);
	/* It has been taken from there. */
	mark = bpf_swap_entry_state(p->entry, sizeof(*mark));
	if (mark && *mark)
		swap_stat_add(p, impossible, 1);
}

static long idle(u32 i, void *ctx)
{
	return 0;
}

void BPF_STRUCT_OPS(pages_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	u64 page = p->page, entry = p->entry, *mark;
	struct params *my = swap_params(p);

	if (my)
		bpf_loop(my->dawdle, idle, NULL, 0);
	swap_stat_add(p, removed, p->nr_pages);
	mark = bpf_swap_folio_state(folio, sizeof(*mark));
	if (!mark)
		swap_stat_add(p, impossible, 1);
	if (bpf_map_delete_elem(&resident, &page))
		swap_stat_add(p, unseen, 1);
	if (p->flags & SWAP_EXT_P_MOVED)
		swap_stat_add(p, moved, 1);
	if (!(p->flags & SWAP_EXT_P_EVICTED))
		return;
	swap_stat_add(p, evicted, p->nr_pages);
	/* A page that is read and not written to may go to the same slot again. */
	if (bpf_map_update_elem(&swapped, &entry, &page, BPF_ANY))
		swap_stat_add(p, slots_twice, 1);
}

s32 BPF_STRUCT_OPS(pages_place, struct folio *folio, const struct swap_ext_page *p,
		   struct mem_cgroup *memcg)
{
	struct params *my = swap_params(p);

	return my ? my->place : SWAP_EXT_PLACE_DEFAULT;
}

static long free_slot(u32 i, void *ctx)
{
	const struct swap_ext_slots *s = *(const struct swap_ext_slots **)ctx;
	u64 entry = s->entry + i;

	if (!bpf_map_delete_elem(&swapped, &entry))
		swap_stat_add(s, slots_freed, 1);
	return 0;
}

void BPF_STRUCT_OPS(pages_slot_freed, const struct swap_ext_slots *s,
		    struct mem_cgroup *memcg)
{
	bpf_loop(s->nr, free_slot, &s, 0);
}

s32 BPF_STRUCT_OPS(pages_reclaim, struct folio *folio, const struct swap_ext_reclaim *r,
		   struct mem_cgroup *memcg)
{
	struct params *my = swap_params(r);
	u64 *mark, want;

	if (!my)
		return SWAP_EXT_V_DEFAULT;
	mark = bpf_swap_folio_state(folio, sizeof(*mark));
	if (!mark)
		return SWAP_EXT_V_DEFAULT;
	want = r->pgoff << 16 | my->salt;
	if (!*mark) {
		*mark = want;
		swap_stat_add(r, marked, 1);
	} else if (*mark == want) {
		swap_stat_add(r, right, 1);
	} else {
		swap_stat_add(r, wrong, 1);
	}
	return SWAP_EXT_V_DEFAULT;
}

SWAP_POLICY(pages, "writes down which pages come and go",
	    .added = (void *)pages_added,
	    .removed = (void *)pages_removed,
	    .place = (void *)pages_place,
	    .slot_freed = (void *)pages_slot_freed,
	    .reclaim = (void *)pages_reclaim,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
