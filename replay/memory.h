/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A memory of given size whose victims a policy names: pages are touched in some
 * order, those that are not there come in, and when there is no room for one the policy
 * is asked for as many as the kernel would want. What it does not name goes in the order
 * in which it was looked at last. Include after drive.h.
 *
 * Against the kernel: one list, no references of its own, no readahead. Without a policy,
 * memory_without(), the page goes that was used the longest ago: true LRU, which no kernel
 * can afford.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <math.h>

#define MEMORY_PAGES	65536

struct memory_page {
	struct folio folio;
	u64 word_in_slot;
	bool is_there;
	bool was_there;
	struct memory_page *colder, *hotter;
};

static struct memory {
	struct memory_page page[MEMORY_PAGES];
	struct memory_page list;	/* hotter: the coldest, colder: the hottest */
	u32 limit;
	u32 nr;
	bool no_policy;
	u64 nr_misses;
} memory;

static inline void memory_unlink(struct memory_page *p)
{
	p->colder->hotter = p->hotter;
	p->hotter->colder = p->colder;
}

static inline void memory_link(struct memory_page *p)
{
	p->colder = memory.list.colder;
	p->hotter = &memory.list;
	p->colder->hotter = p;
	memory.list.colder = p;
}

static inline struct folio *memory_find(u64 nr, void *arg)
{
	return nr < MEMORY_PAGES && memory.page[nr].is_there ? &memory.page[nr].folio : NULL;
}

static inline void memory_start(u32 limit)
{
	drive_start();
	memset(&memory, 0, sizeof(memory));
	memory.list.colder = &memory.list;
	memory.list.hotter = &memory.list;
	memory.limit = limit;
	host.find_folio = memory_find;
	if (host_policy.init)
		host_policy.init(NULL, DRIVE_CGROUP);
}

static inline void memory_without(u32 limit)
{
	memory_start(limit);
	memory.no_policy = true;
}

static inline struct swap_ext_page memory_describe(struct memory_page *p, u32 flags)
{
	return (struct swap_ext_page) {
		.cgroup_id = DRIVE_CGROUP,
		.page = p - memory.page,
		.pgoff = flags & SWAP_EXT_P_SWAPIN ? 0 : p - memory.page,
		.entry = flags ? DRIVE_DEVICE + (p - memory.page) : 0,
		.nr_pages = 1,
		.flags = flags,
	};
}

static inline void memory_evict(struct memory_page *p)
{
	struct swap_ext_page page = memory_describe(p, SWAP_EXT_P_EVICTED);

	memory_unlink(p);
	if (host_policy.removed && !memory.no_policy)
		host_policy.removed(&p->folio, &page, NULL);
	p->word_in_slot = p->folio.state;
	p->folio.state = 0;
	p->is_there = false;
	memory.nr--;
}

static inline void memory_make_room(void)
{
	struct folio *seen[SWAP_EXT_CANDIDATES_MAX];
	struct swap_ext_evict e = {
		.cgroup_id = DRIVE_CGROUP,
		.nr_pages = memory.nr,
		.nr_wanted = SWAP_EXT_VICTIMS_MAX,
		.priority = 12,
	};
	struct swap_ext_victims v = { .max = e.nr_wanted, .seen = seen };
	struct memory_page *p;
	u32 i;

	for (p = memory.list.hotter; p != &memory.list && v.nr_seen < SWAP_EXT_CANDIDATES_MAX;
	     p = p->hotter)
		seen[v.nr_seen++] = &p->folio;
	if (!memory.no_policy)
		host_policy.evict(&v, &e, NULL);
	for (i = 0; i < v.nr_looked_at; i++) {
		p = (struct memory_page *)seen[i];
		memory_unlink(p);
		memory_link(p);
	}
	for (i = 0; i < v.nr; i++) {
		p = (struct memory_page *)v.victim[i].folio;
		if (p->is_there)
			memory_evict(p);
	}
	while (memory.nr > memory.limit - e.nr_wanted)
		memory_evict(memory.list.hotter);
	host_map_quiesce();
}

static inline void memory_touch(u32 nr)
{
	struct memory_page *p = &memory.page[nr];
	struct swap_ext_page page;

	p->folio.nr_used = 1;
	if (p->is_there) {
		if (memory.no_policy) {
			memory_unlink(p);
			memory_link(p);
		}
		return;
	}
	memory.nr_misses++;
	if (memory.nr == memory.limit)
		memory_make_room();
	p->folio.state = p->word_in_slot;
	p->folio.index = nr;
	p->is_there = true;
	memory_link(p);
	memory.nr++;
	page = memory_describe(p, p->was_there ? SWAP_EXT_P_SWAPIN : 0);
	p->was_there = true;
	if (host_policy.added && !memory.no_policy)
		host_policy.added(&p->folio, &page, NULL);
	host_map_quiesce();
}

/* Misses of @nr touches, Zipf with exponent @skew over @nr_pages pages, ranks mixed. */
static inline u64 memory_zipf(u32 nr_pages, double skew, u32 nr)
{
	static double sum[MEMORY_PAGES + 1];
	u64 before = memory.nr_misses;
	u32 i, low, high, mid;
	double x;

	for (i = 0; i < nr_pages; i++)
		sum[i + 1] = sum[i] + pow(i + 1, -skew);
	while (nr--) {
		x = bpf_get_prandom_u32() / 4294967296.0 * sum[nr_pages];
		for (low = 0, high = nr_pages; high - low > 1;) {
			mid = (low + high) / 2;
			if (sum[mid] <= x)
				low = mid;
			else
				high = mid;
		}
		/* An odd factor visits every page of a power of two. */
		memory_touch(low * 40503U % nr_pages);
	}
	return memory.nr_misses - before;
}

static inline u64 memory_loop(u32 first, u32 nr_pages, u32 times)
{
	u64 before = memory.nr_misses;
	u32 i;

	while (times--)
		for (i = 0; i < nr_pages; i++)
			memory_touch(first + i);
	return memory.nr_misses - before;
}

#endif /* MEMORY_H */
