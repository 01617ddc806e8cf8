/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stock kernel's VMA readahead, its state kept per process: used by the
 * readahead policy and by duel. The decisions are those of swap_vma_ra_win() and
 * swap_cache_get_folio() in mm/swap_state.c.
 */
#ifndef __SWAP_EXT_ALGO_READAHEAD_BPF_H
#define __SWAP_EXT_ALGO_READAHEAD_BPF_H

#include <swap_ext/window.bpf.h>

#define RA_SLOTS_SHIFT		6
#define RA_SLOTS		(1U << RA_SLOTS_SHIFT)
#define RA_MAX_CLUSTER		5	/* windows stop growing at 32 pages */

/*
 * One word per mapping, as in struct vm_area_struct: the address touched last,
 * then six bits of window and six bits of hits. Zero reads as four hits.
 */
#define RA_WIN_SHIFT		6
#define RA_HITS_MASK		((1U << RA_WIN_SHIFT) - 1)
#define RA_WIN_MASK		(RA_HITS_MASK << RA_WIN_SHIFT)
#define RA_ADDR_MASK		(~(u64)(RA_WIN_MASK | RA_HITS_MASK))

struct ra_vma {
	u64 vm_start;
	u64 word;
};

/** struct ra_process - what is known of one process; 1 KiB */
struct ra_process {
	struct ra_vma vma[RA_SLOTS];
};

/**
 * ra_find_vma() - the word of a mapping, a fresh one if it has none
 *
 * Two places are possible for each; a third mapping that hashes to the same pair
 * takes the one that is not its first choice.
 */
static __always_inline u64 *ra_find_vma(struct ra_process *ra, u64 vm_start)
{
	u64 hash = (vm_start >> SWAP_PAGE_SHIFT) * 0x9e3779b97f4a7c15ULL;
	struct ra_vma *v = &ra->vma[hash >> (64 - RA_SLOTS_SHIFT)];

	if (v->vm_start == vm_start)
		return &v->word;
	if (v->vm_start)
		v = &ra->vma[(hash >> (64 - RA_SLOTS_SHIFT)) ^ 1];
	if (v->vm_start != vm_start) {
		v->vm_start = vm_start;
		v->word = 0;
	}
	return &v->word;
}

/** ra_touch() - a page of the mapping was found in the swap cache */
static __always_inline void ra_touch(u64 *word, u64 addr, bool prefetched)
{
	u64 w = *word ?: SWAP_WINDOW_FIRST_HITS;

	if (prefetched && (w & RA_HITS_MASK) != RA_HITS_MASK)
		w++;
	*word = addr | (w & (RA_WIN_MASK | RA_HITS_MASK));
}

/**
 * ra_window() - which pages to read for a miss
 * @word: of the mapping
 * @f: the fault
 * @max: most pages, the faulting one included
 * @r: set to the page numbers, the faulting one included
 *
 * A @max that was lowered holds at once, where stock comes down by halves.
 *
 * Return: false to read the faulting page alone.
 */
static __always_inline bool ra_window(u64 *word, const struct swap_ext_fault *f,
				      u32 max, struct swap_range *r)
{
	u64 w = *word ?: SWAP_WINDOW_FIRST_HITS;
	s64 page = f->addr >> SWAP_PAGE_SHIFT;
	s64 prev = w >> SWAP_PAGE_SHIFT;
	const s64 pmd_pages = SWAP_PMD_SIZE >> SWAP_PAGE_SHIFT;
	s64 pmd = page & ~(pmd_pages - 1);
	u32 pages, before;

	pages = swap_window_pages(prev, page, w & RA_HITS_MASK, max,
				  swap_min((w & RA_WIN_MASK) >> RA_WIN_SHIFT, 2 * max));
	*word = f->addr | (pages << RA_WIN_SHIFT & RA_WIN_MASK);
	if (pages == 1)
		return false;

	if (page == prev + 1)
		before = 0;
	else if (prev == page + 1)
		before = pages - 1;
	else
		before = (pages - 1) / 2;

	*r = swap_fault_range(f);
	r->start = swap_max(r->start, page - before);
	r->start = swap_max(r->start, pmd);
	r->end = swap_min(r->end, page - before + pages);
	r->end = swap_min(r->end, pmd + pmd_pages);
	return true;
}

/**
 * ra_plan() - ask for a window
 *
 * The faulting page is on its way; it is left out where that costs nothing.
 */
static __always_inline void ra_plan(const struct swap_ext_fault *f,
				    struct swap_ext_plan *plan,
				    struct swap_range r)
{
	s64 page = f->addr >> SWAP_PAGE_SHIFT;

	if (r.start == page)
		r.start++;
	else if (r.end == page + 1)
		r.end--;
	bpf_swap_plan_addr(plan, r.start << SWAP_PAGE_SHIFT, r.end - r.start, 1);
}

#endif /* __SWAP_EXT_ALGO_READAHEAD_BPF_H */
