/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names for pages that mean the same in another run of the same program: which
 * mapping, by its size and its turn among mappings of that size, and which page
 * of it. Used by policies that learn for longer than one process lives.
 */
#ifndef __SWAP_EXT_PLACE_BPF_H
#define __SWAP_EXT_PLACE_BPF_H

#define SWAP_PLACES_MAPPINGS	16	/* per process; more have no names */
#define SWAP_PLACE_PAGE_BITS	40

/** struct swap_mapping - a mapping that was seen */
struct swap_mapping {
	u64 first;	/* number of its first page */
	u64 tag;	/* in the upper bits of its places; 0: free */
};

/** struct swap_places - the mappings of a process, in the order of first faults */
struct swap_places {
	struct swap_mapping mapping[SWAP_PLACES_MAPPINGS];
	u32 last;	/* the one found last */
};

/*
 * A tag that is never 0: the size hashed into the bits above a place's page, and
 * the turn. The size is that of the first fault; a mapping may grow after it.
 */
static __always_inline u64 swap_place_tag(u64 nr_pages, u32 turn)
{
	u64 hash = (nr_pages * SWAP_PLACES_MAPPINGS + turn + 1) *
		   0x9e3779b97f4a7c15ULL;

	return (hash >> SWAP_PLACE_PAGE_BITS | 1) << SWAP_PLACE_PAGE_BITS;
}

static __always_inline void swap_places_add(struct swap_places *places, u32 i,
					    struct swap_range r)
{
	u64 tag;
	u32 turn, j;

	/* At most i others, so one of the turns up to i is free. */
	for (turn = 0; turn <= i && turn < SWAP_PLACES_MAPPINGS; turn++) {
		tag = swap_place_tag(r.end - r.start, turn);
		for (j = 0; j < SWAP_PLACES_MAPPINGS; j++)
			if (places->mapping[j].tag == tag)
				break;
		if (j == SWAP_PLACES_MAPPINGS)
			break;
	}
	places->mapping[i].first = r.start;
	places->mapping[i].tag = tag;
}

/**
 * swap_place() - the name of the page that faulted
 * @places: of the process
 * @f: the fault
 *
 * Return: never 0 for a page with a name; 0 if there are too many mappings.
 */
static __always_inline u64 swap_place(struct swap_places *places,
				      const struct swap_ext_fault *f)
{
	struct swap_range r = swap_fault_range(f);
	struct swap_mapping *m;
	u32 i;

	m = &places->mapping[places->last % SWAP_PLACES_MAPPINGS];
	if (m->tag && m->first == (u64)r.start)
		return m->tag + (swap_fault_page(f) - m->first);
	for (i = 0; i < SWAP_PLACES_MAPPINGS; i++) {
		m = &places->mapping[i];
		if (!m->tag)
			swap_places_add(places, i, r);
		if (m->first == (u64)r.start) {
			places->last = i;
			return m->tag + (swap_fault_page(f) - m->first);
		}
	}
	return 0;
}

/**
 * swap_place_page() - the number a page has in this process
 * @places: of the process
 * @place: its name
 *
 * Return: 0 if its mapping was not seen yet.
 */
static __always_inline u64 swap_place_page(struct swap_places *places,
					   u64 place)
{
	u64 tag = place >> SWAP_PLACE_PAGE_BITS << SWAP_PLACE_PAGE_BITS;
	struct swap_mapping *m;
	u32 i;

	m = &places->mapping[places->last % SWAP_PLACES_MAPPINGS];
	if (m->tag == tag)
		return m->first + (place - tag);
	for (i = 0; i < SWAP_PLACES_MAPPINGS; i++) {
		m = &places->mapping[i];
		if (m->tag == tag)
			return m->first + (place - tag);
	}
	return 0;
}

#endif /* __SWAP_EXT_PLACE_BPF_H */
