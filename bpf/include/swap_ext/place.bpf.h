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
	u64 first;	/* number of its first page; 0: free */
	u64 tag;	/* in the upper bits of its places; 0: not known yet */
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

/* One turn more is tried than there can be others, so one is free. */
SWAP_SUBPROG(u64, swap_places_new_tag,
	     const struct swap_places *places __arg_nonnull, u64 nr_pages)
{
	u32 turn, i;
	u64 tag = 0;

	for (turn = 0; turn < SWAP_PLACES_MAPPINGS; turn++) {
		tag = swap_place_tag(nr_pages, turn);
		for (i = 0; i < SWAP_PLACES_MAPPINGS; i++)
			if (places->mapping[i].tag == tag)
				break;
		if (i == SWAP_PLACES_MAPPINGS)
			break;
	}
	return tag;
}

/*
 * Index of the mapping that begins with page @first, which is given the next free
 * place if it has none; SWAP_PLACES_MAPPINGS if all are taken. Threads may come here
 * together: the first of them names the mapping. Two mappings of one size that are
 * named at the same moment may share a name, which costs wrong guesses.
 */
SWAP_SUBPROG(u32, swap_places_find, struct swap_places *places __arg_nonnull,
	     u64 first, u64 nr_pages)
{
	struct swap_mapping *m;
	u64 owner;
	u32 i;

	for (i = 0; i < SWAP_PLACES_MAPPINGS; i++) {
		m = &places->mapping[i];
		owner = m->first ?: __sync_val_compare_and_swap(&m->first, 0, first);
		if (!owner)
			m->tag = swap_places_new_tag(places, nr_pages);
		if (!owner || owner == first)
			break;
	}
	return i;
}

/**
 * swap_place() - the name of the page that faulted
 * @places: of the process
 * @f: the fault
 *
 * Return: never 0 for a page with a name; 0 if there are too many mappings, or
 * another thread is about to name this one.
 */
static __always_inline u64 swap_place(struct swap_places *places,
				      const struct swap_ext_fault *f)
{
	struct swap_range r = swap_fault_range(f);
	struct swap_mapping *m;
	u64 first = r.start;
	u32 i;

	m = &places->mapping[places->last % SWAP_PLACES_MAPPINGS];
	if (!m->tag || m->first != first) {
		i = swap_places_find(places, first, r.end - r.start);
		if (i >= SWAP_PLACES_MAPPINGS)
			return 0;
		places->last = i;
		m = &places->mapping[i];
	}
	return m->tag ? m->tag + (swap_fault_page(f) - first) : 0;
}

/**
 * swap_place_page() - the number a page has in this process
 * @places: of the process
 * @place: its name
 *
 * Return: 0 if its mapping was not seen yet.
 */
SWAP_SUBPROG(u64, swap_place_page,
	     const struct swap_places *places __arg_nonnull, u64 place)
{
	u64 tag = place >> SWAP_PLACE_PAGE_BITS << SWAP_PLACE_PAGE_BITS;
	const struct swap_mapping *m;
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
