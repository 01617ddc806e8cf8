/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules for the size of a window: the stock kernel's (mm/swap_state.c,
 * __swapin_nr_pages()) for the policies that do what stock does, and Leap's for
 * those that follow a prediction.
 */
#ifndef __SWAP_EXT_WINDOW_BPF_H
#define __SWAP_EXT_WINDOW_BPF_H

/** swap_roundup_pow2() - the power of two that is @n or above it; @n > 0 */
static __always_inline u32 swap_roundup_pow2(u32 n)
{
	n--;
	n |= n >> 1;
	n |= n >> 2;
	n |= n >> 4;
	n |= n >> 8;
	n |= n >> 16;
	return n + 1;
}

#define SWAP_WINDOW_FIRST_HITS	4	/* what stock assumes before it knows */

/**
 * swap_window_pages() - how many pages to read, the faulting one included
 * @prev: number of the page (or slot) touched before
 * @page: number of the one that faulted
 * @hits: prefetched pages touched since the last window
 * @max: most pages to read
 * @prev_pages: what the last window had
 *
 * Two pages more than were of use last time, as a power of two from 4 up.
 * Without any hit only a neighbour of the page before is worth a second page.
 * A window never loses more than half at once.
 */
static __always_inline u32 swap_window_pages(u64 prev, u64 page, u32 hits,
					     u32 max, u32 prev_pages)
{
	u32 pages;

	if (!hits)
		pages = page == prev + 1 || page == prev - 1 ? 2 : 1;
	else
		pages = swap_max(swap_roundup_pow2(hits + 2), 4);
	pages = swap_min(pages, max);
	return swap_max(pages, prev_pages / 2);
}

/**
 * swap_window_follow() - how many pages to prefetch, the faulting one excluded
 * @hits: prefetched pages touched since the last window
 * @blind: pages to try when there were none
 * @prev_pages: what the last window had
 * @max: most pages
 *
 * The power of two above the hits, so that a window all of whose pages were of
 * use doubles; never less than half of the one before.
 */
static __always_inline u32 swap_window_follow(u32 hits, u32 blind,
					      u32 prev_pages, u32 max)
{
	u32 pages = hits ? swap_roundup_pow2(hits + 1) : blind;

	pages = swap_max(pages, prev_pages / 2);
	return swap_min(pages, max);
}

#endif /* __SWAP_EXT_WINDOW_BPF_H */
