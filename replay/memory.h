/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A memory of given size under a policy, compiled for the host: pages are touched in some
 * order, those that are not there come in. Include after the policy's file.
 *
 * When there is no room for a page the policy is asked as the kernel asks it
 * (mm/swap_ext_evict.c): for 32 victims of up to 128 candidates, or of what it knows by
 * handle; all it learns of uses is the accessed bit. What it does not name goes in the
 * order in which it was looked at last. When a page is read from swap the policy is told
 * of the fault and asked for a plan, whose pages that are in swap come in as well. Until it
 * is attached it is told nothing and asked nothing, and pages go by true LRU.
 *
 * Against the kernel: one list and no other references to a page, no readahead of the
 * kernel's own, no governor that cuts plans, and no time: what is read is there at once. A
 * page that is in memory has no slot; the slot it gets when it goes is the next one of a
 * device without an end.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdint.h>

#include "grow.h"

/* Addresses begin here: page 0 is no page to a policy. */
#define MEMORY_BASE	(1ULL << 34)

enum memory_eviction {
	MEMORY_LRU,		/* what was used the longest ago: what no kernel can afford */
	MEMORY_EVICT,		/* the op evict */
	MEMORY_RECLAIM,		/* the op reclaim, on a list that is looked at from one end */
};

/**
 * struct memory_page - a page of the workload, and its folio while it is there
 * @word: what the policy has written down of it, while it is not
 * @slot: where it is then; 0: nowhere
 * @is_untouched: a plan brought it in, and nobody has used it since
 */
struct memory_page {
	struct folio folio;
	u64 word;
	u32 slot;
	bool is_there;
	bool is_untouched;
	struct memory_page *colder, *hotter;
};

/**
 * struct memory
 * @number: page numbers of the pages, rising; NULL: 0, 1, 2 and so on
 * @base: where the address of page number 0 would be, in pages
 * @list: colder: the hottest, hotter: the coldest
 * @in_slot: which page, by slot
 * @fault: the one that the policy makes a plan for
 *
 * What is read and prefetched is counted in host.stat, as in the kernel.
 */
static struct memory {
	struct memory_page *page;
	const uint64_t *number;
	u32 nr_pages;
	u32 limit;
	u32 nr;
	u64 base;
	enum memory_eviction eviction;	/* once the policy is attached */
	bool is_attached;
	struct memory_page list;
	u32 *in_slot;
	u32 nr_slots;
	const struct swap_ext_fault *fault;
	u64 nr_misses;		/* of these the first touches were not reads */
	u64 nr_new;
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

static inline void memory_make_hottest(struct memory_page *p)
{
	memory_unlink(p);
	memory_link(p);
}

/* Numbers, handles, slots */

static inline u64 memory_number(const struct memory_page *p)
{
	u32 i = p - memory.page;

	return memory.number ? memory.number[i] : i;
}

/* Of the address or, in shared memory, of the file: what the kernel calls the index. */
static inline u64 memory_pgoff(const struct memory_page *p)
{
	u64 number = memory_number(p);

	return number < SWAP_SHMEM_PAGES ? memory.base + number : number - SWAP_SHMEM_PAGES;
}

static inline struct memory_page *memory_find_number(u64 number)
{
	u32 low = 0, high = memory.nr_pages, mid;

	if (!memory.number)
		return number < high ? &memory.page[number] : NULL;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (memory.number[mid] == number)
			return &memory.page[mid];
		if (memory.number[mid] < number)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static inline struct memory_page *memory_find_entry(u64 entry)
{
	u64 slot = entry - HOST_DEVICE;
	struct memory_page *p;

	if (!slot || slot >= memory.nr_slots)
		return NULL;
	p = &memory.page[memory.in_slot[slot]];
	return p->slot == slot ? p : NULL;
}

/* What a plan names: an address, an offset of the file that faulted, or a slot. */
static inline struct memory_page *memory_find_planned(u64 n)
{
	if (n >= HOST_DEVICE)
		return memory_find_entry(n);
	if (memory.fault->flags & SWAP_EXT_F_SHMEM)
		return memory_find_number(SWAP_SHMEM_PAGES + n);
	return n < memory.base ? NULL : memory_find_number(n - memory.base);
}

static inline bool memory_is_swapped(u64 n, void *arg)
{
	struct memory_page *p = memory_find_planned(n);

	return p && p->slot;
}

static inline struct folio *memory_find_folio(u64 handle, void *arg)
{
	return handle < memory.nr_pages && memory.page[handle].is_there ?
	       &memory.page[handle].folio : NULL;
}

static inline u64 *memory_entry_state(u64 entry, void *arg)
{
	struct memory_page *p = memory_find_entry(entry);

	return p ? &p->word : NULL;
}

static inline void memory_take_slot(struct memory_page *p)
{
	memory.in_slot = grow_array(memory.in_slot, memory.nr_slots, sizeof(u32));
	if (!memory.in_slot)
		abort();
	memory.in_slot[memory.nr_slots] = p - memory.page;
	p->slot = memory.nr_slots++;
}

/* Starting over */

static inline void memory_free(void)
{
	free(memory.page);
	free(memory.in_slot);
	memset(&memory, 0, sizeof(memory));
}

/* Nothing in memory, nothing in swap, no policy attached. */
static inline void memory_begin(u32 nr_pages, const uint64_t *number, u32 limit,
				enum memory_eviction eviction)
{
	host_start();
	memory_free();
	memory.page = calloc(nr_pages, sizeof(*memory.page));
	memory.in_slot = calloc(1, sizeof(*memory.in_slot));
	if (!memory.page || !memory.in_slot)
		abort();
	memory.nr_slots = 1;
	memory.number = number;
	memory.nr_pages = nr_pages;
	memory.limit = limit;
	memory.base = MEMORY_BASE;
	memory.eviction = eviction;
	memory.list.colder = &memory.list;
	memory.list.hotter = &memory.list;
	host.find_folio = memory_find_folio;
	host.entry_state = memory_entry_state;
	host.is_swapped = memory_is_swapped;
}

/* As the kernel does after swxctl has set the parameters. */
static inline s32 memory_attach(void)
{
	s32 ret = host_policy.init ? host_policy.init(NULL, HOST_CGROUP) : 0;

	memory.is_attached = ret >= 0;
	return ret < 0 ? ret : 0;
}

static inline enum memory_eviction memory_eviction(void)
{
	return memory.is_attached ? memory.eviction : MEMORY_LRU;
}

/* Out */

static inline struct swap_ext_page memory_describe(struct memory_page *p, u64 slot, u32 flags)
{
	if (memory_number(p) >= SWAP_SHMEM_PAGES &&
	    !(flags & (SWAP_EXT_P_SWAPIN | SWAP_EXT_P_EVICTED)))
		flags |= SWAP_EXT_P_SHMEM;
	return (struct swap_ext_page) {
		.cgroup_id = HOST_CGROUP,
		.page = p - memory.page,
		.pgoff = flags & SWAP_EXT_P_SWAPIN ? 0 : memory_pgoff(p),
		.entry = slot ? HOST_DEVICE + slot : 0,
		.nr_pages = 1,
		.flags = flags,
	};
}

static inline void memory_evict(struct memory_page *p)
{
	struct swap_ext_page page;

	memory_unlink(p);
	memory_take_slot(p);
	page = memory_describe(p, p->slot, SWAP_EXT_P_EVICTED);
	if (memory.is_attached && host_policy.removed)
		host_policy.removed(&p->folio, &page, NULL);
	p->word = p->folio.state;
	p->folio.state = 0;
	p->is_there = false;
	memory.nr--;
	host.stat[SWAP_EXT_STAT_EVICTED]++;
	host.stat[SWAP_EXT_STAT_UNUSED] += p->is_untouched;
	p->is_untouched = false;
}

/* The next candidates, and pages that nobody has used: those go before any victim. */
static inline u32 memory_collect(struct swap_ext_victims *v, struct memory_page **unused)
{
	struct memory_page *p;
	u32 nr_unused = 0;

	for (p = memory.list.hotter; p != &memory.list && v->nr_seen < SWAP_EXT_CANDIDATES_MAX;
	     p = p->hotter) {
		if (!p->is_untouched)
			v->seen[v->nr_seen++] = &p->folio;
		else if (nr_unused < v->max)
			unused[nr_unused++] = p;
	}
	return nr_unused;
}

static inline void memory_ask_evict(void)
{
	struct memory_page *p, *unused[SWAP_EXT_VICTIMS_MAX];
	struct folio *seen[SWAP_EXT_CANDIDATES_MAX];
	struct swap_ext_evict e = {
		.cgroup_id = HOST_CGROUP,
		.nr_pages = memory.nr,
		.nr_wanted = SWAP_EXT_VICTIMS_MAX,
		.priority = 12,
	};
	struct swap_ext_victims v = { .max = e.nr_wanted, .seen = seen };
	u32 i, nr_gone = memory_collect(&v, unused);

	host_policy.evict(&v, &e, NULL);
	/* One that keeps books of its own would leave the rest where it is. */
	if (v.nr && !v.nr_looked_at)
		v.nr_looked_at = swap_min(v.max, v.nr_seen);
	for (i = 0; i < v.nr_looked_at; i++)
		memory_make_hottest((struct memory_page *)seen[i]);
	for (i = 0; i < nr_gone; i++)
		memory_evict(unused[i]);
	for (i = 0; i < v.nr && nr_gone < v.max; i++) {
		p = (struct memory_page *)v.victim[i].folio;
		if (!p->is_there)
			continue;
		memory_evict(p);
		nr_gone++;
	}
	host.stat[SWAP_EXT_STAT_VICTIMS] += v.nr;
	for (; nr_gone < v.max; nr_gone++)
		memory_evict(memory.list.hotter);
}

static inline void memory_ask_reclaim(void)
{
	/* Who keeps them all is overruled, as the kernel does it. */
	u32 nr_tries = 2 * memory.nr;
	struct swap_ext_reclaim r = {
		.cgroup_id = HOST_CGROUP,
		.nr_pages = 1,
		.priority = 12,
	};
	struct memory_page *p;
	s32 verdict;

	while (nr_tries--) {
		p = memory.list.hotter;
		if (p->is_untouched)
			break;
		r.page = p - memory.page;
		r.pgoff = memory_pgoff(p);
		r.flags = SWAP_EXT_R_DIRTY | SWAP_EXT_R_MAPPED |
			  (bpf_swap_folio_used(&p->folio) ? SWAP_EXT_R_REFERENCED : 0);
		verdict = host_policy.reclaim(&p->folio, &r, NULL);
		if (verdict == SWAP_EXT_V_DEFAULT_ROUND)
			verdict = SWAP_EXT_V_DEFAULT;
		if (verdict == SWAP_EXT_V_RECLAIM ||
		    (verdict == SWAP_EXT_V_DEFAULT && !(r.flags & SWAP_EXT_R_REFERENCED)))
			break;
		memory_make_hottest(p);
	}
	memory_evict(memory.list.hotter);
}

static inline void memory_make_room(void)
{
	switch (memory_eviction()) {
	case MEMORY_EVICT:
		memory_ask_evict();
		break;
	case MEMORY_RECLAIM:
		memory_ask_reclaim();
		break;
	case MEMORY_LRU:
		memory_evict(memory.list.hotter);
		break;
	}
	host_map_quiesce();
}

/* In */

static inline void memory_bring(struct memory_page *p, u32 flags)
{
	u32 slot;
	struct swap_ext_page page;

	if (memory.nr == memory.limit)
		memory_make_room();
	slot = p->slot;
	p->slot = 0;
	p->folio.state = p->word;
	p->folio.index = memory_pgoff(p);
	p->folio.page = p - memory.page;
	p->folio.nr_used = 0;
	p->is_there = true;
	p->is_untouched = flags & SWAP_EXT_P_PREFETCHED;
	memory_link(p);
	memory.nr++;
	host.stat[SWAP_EXT_STAT_ADDED]++;
	page = memory_describe(p, slot, flags);
	if (memory.is_attached && host_policy.added)
		host_policy.added(&p->folio, &page, NULL);
	host_map_quiesce();
}

static inline struct swap_ext_fault memory_fault(struct memory_page *p, u64 slot, u32 flags)
{
	u64 last = memory_number(&memory.page[memory.nr_pages - 1]);
	struct swap_ext_fault f = {
		.pgoff = memory_pgoff(p),
		.entry = slot ? HOST_DEVICE + slot : 0,
		.cgroup_id = HOST_CGROUP,
		.flags = flags,
		.page_cluster = 3,
		.tgid = host.current->tgid,
	};

	if (memory_number(p) >= SWAP_SHMEM_PAGES) {
		f.flags |= SWAP_EXT_F_SHMEM;
		return f;
	}
	/* One mapping for all: a trace does not tell. */
	f.addr = f.pgoff << SWAP_PAGE_SHIFT;
	f.vm_start = (memory.base + memory_number(memory.page)) << SWAP_PAGE_SHIFT;
	f.vm_end = (memory.base + swap_min(last, SWAP_SHMEM_PAGES - 1) + 1) << SWAP_PAGE_SHIFT;
	return f;
}

static inline void memory_tell(const struct swap_ext_fault *f)
{
	host.stat[SWAP_EXT_STAT_FAULTS]++;
	if (memory.is_attached && host_policy.fault)
		host_policy.fault(f, NULL, NULL);
	host_map_quiesce();
}

/* What it says to a miss; a plan is in @plan. */
static inline s32 memory_ask(struct swap_ext_fault *f, struct swap_ext_plan *plan)
{
	s32 ret;

	*plan = (struct swap_ext_plan) { .f = f };
	if (!memory.is_attached || !host_policy.prefetch)
		return SWAP_EXT_PF_DEFAULT;
	f->max_pages = SWAP_EXT_PLAN_MAX;
	memory.fault = f;
	ret = host_policy.prefetch(f, plan, NULL, NULL);
	host_map_quiesce();
	host.stat[ret == SWAP_EXT_PF_PLAN ? SWAP_EXT_STAT_PLANS :
		  ret == SWAP_EXT_PF_NONE ? SWAP_EXT_STAT_NONES : SWAP_EXT_STAT_DEFAULTS]++;
	if (ret != SWAP_EXT_PF_PLAN)
		plan->nr = 0;
	return ret;
}

/* Brings in at most @max pages of a plan, for the fault that it was made for. */
static inline void memory_read_plan(const struct swap_ext_plan *plan, u32 max)
{
	struct memory_page *p;
	u32 i;

	for (i = 0; i < plan->nr && max; i++) {
		p = memory_find_planned(plan->page[i].n);
		/* Named twice, as an address and as a slot, it has come by now. */
		if (!p || !p->slot)
			continue;
		host.stat[SWAP_EXT_STAT_PREFETCHED]++;
		memory_bring(p, SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED);
		max--;
	}
	memory.fault = NULL;
}

static inline void memory_hit(struct memory_page *p)
{
	struct swap_ext_fault f;

	if (memory_eviction() == MEMORY_LRU)
		memory_make_hottest(p);
	if (!p->is_untouched)
		return;
	p->is_untouched = false;
	f = memory_fault(p, 0, SWAP_EXT_F_HIT | SWAP_EXT_F_PREFETCHED);
	host.stat[SWAP_EXT_STAT_HITS]++;
	host.stat[SWAP_EXT_STAT_USED]++;
	memory_tell(&f);
}

static inline void memory_miss(struct memory_page *p)
{
	struct swap_ext_fault f = memory_fault(p, p->slot, 0);
	struct swap_ext_plan plan;

	memory.nr_misses++;
	if (!p->slot) {
		memory.nr_new++;
		memory_bring(p, 0);
		p->folio.nr_used = 1;
		return;
	}
	memory_bring(p, SWAP_EXT_P_SWAPIN);
	p->folio.nr_used = 1;
	host.stat[SWAP_EXT_STAT_MAJOR]++;
	memory_tell(&f);
	memory_ask(&f, &plan);
	memory_read_plan(&plan, SWAP_EXT_PLAN_MAX);
}

static inline void memory_touch(u32 nr)
{
	struct memory_page *p = &memory.page[nr];

	if (!p->is_there) {
		memory_miss(p);
		return;
	}
	p->folio.nr_used = 1;
	memory_hit(p);
}

#endif /* MEMORY_H */
