// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - pages that come and go, and what a policy remembers of each
 *
 * A page comes when it is first put on the LRU, new or read from swap, and goes when
 * it is reclaimed or freed. A policy is told of both, and says of a page that is read
 * back whether it is hot or cold.
 *
 * Eight bytes of the policy's go with each page: with the page while it is in memory,
 * with its swap slot while it is not. Each attachment has its own, found by page frame
 * and by slot, in pieces that are made when a policy first asks for one of their words.
 * So the end of an attachment is the end of its words, and no policy sees another's. A
 * page below several attachments may have words of each: whoever governs it next finds
 * there nothing of a page that was at the same place before.
 *
 * Pages come and go with the swap cache's lock held, in interrupts, or in the middle of
 * an allocation: nothing here sleeps, and without memory a word is 0 and a page comes
 * and goes unseen.
 */
#include <linux/btf.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swap_cgroup.h>
#include <linux/swapops.h>
#include <linux/xarray.h>
#include "swap_ext.h"

#include <trace/events/swap_ext.h>

/* Words */

#define PIECE_WORDS	64

struct piece {
	u64	word[PIECE_WORDS];
};

/**
 * struct swap_ext_store - the words of one attachment
 * @ops: whose they are; they end with it.
 * @pages: pieces by page frame number / PIECE_WORDS.
 * @slots: the same by offset, for each swap device.
 *
 * A word belongs to whoever holds its page: there is no other lock.
 */
struct swap_ext_store {
	const struct swap_ext_ops	*ops;
	struct xarray			pages;
	struct xarray			slots[MAX_SWAPFILES];
};

/**
 * swap_ext_make_store - room for the words of a policy
 * @ops: the policy
 *
 * Return: the store; NULL if the policy wants none; -ENOMEM.
 */
struct swap_ext_store *swap_ext_make_store(const struct swap_ext_ops *ops)
{
	struct swap_ext_store *store;
	int i;

	if (!(ops->flags & SWAP_EXT_OPS_PAGE_STATE))
		return NULL;
	store = kzalloc(sizeof(*store), GFP_KERNEL);
	if (!store)
		return ERR_PTR(-ENOMEM);
	store->ops = ops;
	/* An op that asks for a word may run in an interrupt. */
	xa_init_flags(&store->pages, XA_FLAGS_LOCK_IRQ);
	for (i = 0; i < MAX_SWAPFILES; i++)
		xa_init_flags(&store->slots[i], XA_FLAGS_LOCK_IRQ);
	return store;
}

/**
 * swap_ext_free_pieces - free all that swap_ext_make_piece() made
 * @xa: where; empty afterwards
 *
 * Context: may sleep; nobody looks there any more.
 */
void swap_ext_free_pieces(struct xarray *xa)
{
	unsigned long index;
	void *piece;

	xa_for_each(xa, index, piece)
		kfree(piece);
	xa_destroy(xa);
}

/**
 * swap_ext_free_store - a policy's words end
 * @store: them, or NULL; nobody finds them any more
 *
 * Context: may sleep.
 */
void swap_ext_free_store(struct swap_ext_store *store)
{
	int i;

	if (!store)
		return;
	swap_ext_free_pieces(&store->pages);
	for (i = 0; i < MAX_SWAPFILES; i++)
		swap_ext_free_pieces(&store->slots[i]);
	kfree(store);
}

static u64 *find_word(struct xarray *xa, unsigned long nr)
{
	struct piece *piece = xa_load(xa, nr / PIECE_WORDS);

	return piece ? &piece->word[nr % PIECE_WORDS] : NULL;
}

/**
 * swap_ext_make_piece - memory for what is remembered of a range of pages
 * @xa: of those pages, with %XA_FLAGS_LOCK_IRQ
 * @index: of the range
 * @size: in bytes
 *
 * Context: any.
 * Return: the piece that is there, or a new one, zeroed; NULL: there is no memory.
 */
void *swap_ext_make_piece(struct xarray *xa, unsigned long index, size_t size)
{
	void *old = xa_load(xa, index), *piece;
	unsigned long flags;

	if (old)
		return old;
	piece = kzalloc(size, SWAP_EXT_GFP);
	if (!piece)
		return NULL;
	xa_lock_irqsave(xa, flags);
	old = __xa_cmpxchg(xa, index, NULL, piece, SWAP_EXT_GFP);
	xa_unlock_irqrestore(xa, flags);
	if (!old)
		return piece;
	kfree(piece);
	return xa_is_err(old) ? NULL : old;
}

/* As find_word(); NULL: no memory. */
static u64 *make_word(struct xarray *xa, unsigned long nr)
{
	struct piece *piece = swap_ext_make_piece(xa, nr / PIECE_WORDS, sizeof(*piece));

	return piece ? &piece->word[nr % PIECE_WORDS] : NULL;
}

static void write_word(struct xarray *xa, unsigned long nr, u64 value)
{
	u64 *word = value ? make_word(xa, nr) : find_word(xa, nr);

	if (word)
		WRITE_ONCE(*word, value);
}

/* Read a word and leave 0. */
static u64 take_word(struct xarray *xa, unsigned long nr)
{
	u64 value, *word = find_word(xa, nr);

	if (!word)
		return 0;
	value = READ_ONCE(*word);
	WRITE_ONCE(*word, 0);
	return value;
}

static void clear_words(struct xarray *xa, unsigned long nr, unsigned int nr_words)
{
	for (; nr_words; nr_words--, nr++)
		take_word(xa, nr);
}

static struct xarray *slots_of(struct swap_ext_store *store, swp_entry_t entry)
{
	return &store->slots[swp_type(entry)];
}

/* Of the attachment to this very memcg. */
static struct swap_ext_store *own_store(struct mem_cgroup *memcg)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	struct swap_ext_domain *dom = se ? rcu_dereference(se->own) : NULL;

	return dom ? rcu_dereference(dom->store) : NULL;
}

/*
 * One after the other all that may have words for pages of a memcg: the next one at *@up
 * or above; *@up is left where to go on. Caller holds rcu_read_lock().
 */
static struct swap_ext_store *next_store(struct mem_cgroup **up)
{
	struct swap_ext_store *store = NULL;

	for (; !store && *up; *up = parent_mem_cgroup(*up))
		store = own_store(*up);
	return store;
}

/* Pages that have come and not gone */

/*
 * A bit for each page frame: what was taken off its list and is put back has been there
 * before.
 */
#define KNOWN_SHIFT	(PAGE_SHIFT + 3)
static DEFINE_XARRAY_FLAGS(known, XA_FLAGS_LOCK_IRQ);

static unsigned long *find_known(unsigned long pfn)
{
	return xa_load(&known, pfn >> KNOWN_SHIFT);
}

static unsigned int known_bit(unsigned long pfn)
{
	return pfn & ((1UL << KNOWN_SHIFT) - 1);
}

/* It has come. Returns 0, -EEXIST: long ago; -ENOMEM. */
static int set_known(unsigned long pfn)
{
	unsigned long *map = swap_ext_make_piece(&known, pfn >> KNOWN_SHIFT, PAGE_SIZE);

	if (!map)
		return -ENOMEM;
	return test_and_set_bit(known_bit(pfn), map) ? -EEXIST : 0;
}

/* Has it come? */
static bool is_known(unsigned long pfn)
{
	unsigned long *map = find_known(pfn);

	return map && test_bit(known_bit(pfn), map);
}

/* It has gone, and somebody had been told that it came. */
static void clear_known(unsigned long pfn)
{
	clear_bit(known_bit(pfn), find_known(pfn));
}

/**
 * swap_ext_forget_pages - the last policy is gone that wants to know of pages
 *
 * Context: may sleep; the static key is off.
 */
void swap_ext_forget_pages(void)
{
	/* Whoever was under way: is_on() stops the rest. */
	synchronize_rcu();
	swap_ext_free_pieces(&known);
}

/* Caller holds rcu_read_lock(). */
static bool is_on(void)
{
	return static_key_enabled(&swap_ext_page_key);
}

/* Calls */

/**
 * swap_ext_get_folio - the page behind a handle
 * @page: the handle; anything
 *
 * Context: any.
 * Return: a page of anonymous or shared memory on some list, referenced; or NULL.
 */
struct folio *swap_ext_get_folio(u64 page)
{
	struct page *p = pfn_to_online_page(page);
	struct folio *folio = p ? page_folio(p) : NULL;

	if (!folio || !folio_try_get(folio))
		return NULL;
	if (page_folio(p) == folio && folio_pfn(folio) == page &&
	    folio_test_lru(folio) && folio_test_swapbacked(folio))
		return folio;
	folio_put(folio);
	return NULL;
}

/** swap_ext_is_of - is it a page of @memcg, or of one below it? */
bool swap_ext_is_of(struct folio *folio, struct mem_cgroup *memcg)
{
	struct mem_cgroup *of;

	guard(rcu)();
	of = folio_memcg(folio);
	return of == memcg || (of && mem_cgroup_is_descendant(of, memcg));
}

/**
 * swap_ext_describe_page - what an op about a page is handed
 * @call: the call
 * @folio: the page
 * @entry: its slot; .val 0: none
 * @flags: enum swap_ext_page_flags
 */
struct swap_ext_page swap_ext_describe_page(const struct swap_ext_call *call,
					    struct folio *folio, swp_entry_t entry,
					    u32 flags)
{
	return (struct swap_ext_page) {
		.cgroup_id = call->dom->cgroup_id,
		.page	   = folio_pfn(folio),
		.pgoff	   = flags & SWAP_EXT_P_SWAPIN ? 0 : folio->index,
		.entry	   = entry.val,
		.nr_pages  = folio_nr_pages(folio),
		.flags	   = flags,
	};
}

/* @op may be left out. */
static void call_observer(struct swap_ext_call *call, struct mem_cgroup *memcg,
			  struct folio *folio, const struct swap_ext_page *p,
			  void (*op)(struct folio *folio, const struct swap_ext_page *p,
				     struct mem_cgroup *memcg))
{
	if (!op)
		return;
	swap_ext_begin_call(call, SWAP_EXT_TIMED_PAGE);
	op(folio, p, memcg);
	swap_ext_end_call(call, memcg, SWAP_EXT_TIMED_PAGE);
}

static void tell_added(struct swap_ext_call *call, struct mem_cgroup *memcg,
		       struct folio *folio, const struct swap_ext_page *p)
{
	trace_swap_ext_added(p, memcg);
	call_observer(call, memcg, folio, p, call->ops->added);
}

static void tell_removed(struct swap_ext_call *call, struct mem_cgroup *memcg,
			 struct folio *folio, const struct swap_ext_page *p)
{
	trace_swap_ext_removed(p, memcg);
	call_observer(call, memcg, folio, p, call->ops->removed);
}

static void call_slot_freed(struct swap_ext_call *call, struct mem_cgroup *memcg,
			    swp_entry_t entry, unsigned int nr)
{
	struct swap_ext_slots s;

	if (!call->ops->slot_freed)
		return;
	s = (struct swap_ext_slots) {
		.cgroup_id = call->dom->cgroup_id,
		.entry	   = entry.val,
		.nr	   = nr,
	};
	swap_ext_begin_call(call, SWAP_EXT_TIMED_PAGE);
	call->ops->slot_freed(&s, memcg);
	swap_ext_end_call(call, memcg, SWAP_EXT_TIMED_PAGE);
}

/* Of a page read from swap that is not on a list yet. */
static void call_place(struct swap_ext_call *call, struct mem_cgroup *memcg,
		       struct folio *folio, const struct swap_ext_page *p)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	s32 where;

	if (!call->ops->place || folio_test_unevictable(folio))
		return;
	swap_ext_begin_call(call, SWAP_EXT_TIMED_PAGE);
	where = call->ops->place(folio, p, memcg);
	swap_ext_end_call(call, memcg, SWAP_EXT_TIMED_PAGE);
	switch (where) {
	case SWAP_EXT_PLACE_HOT:
		folio_set_active(folio);
		swap_ext_add(se, SWAP_EXT_STAT_PLACED_HOT, p->nr_pages);
		break;
	case SWAP_EXT_PLACE_COLD:
		folio_clear_active(folio);
		swap_ext_add(se, SWAP_EXT_STAT_PLACED_COLD, p->nr_pages);
		break;
	case SWAP_EXT_PLACE_DEFAULT:
		break;
	default:
		swap_ext_inc(se, SWAP_EXT_STAT_CLAMPED_RETURN);
	}
}

/* Does anybody care for pages of @memcg? */
static bool is_watched(struct mem_cgroup *memcg)
{
	struct swap_ext_memcg *se = swap_ext_of(memcg);

	return se && (rcu_access_pointer(se->domain) || next_store(&memcg));
}

/**
 * __swap_ext_added - a page of anonymous or shared memory is put on the LRU
 * @folio: the page; not on a list yet. One that is put back is no news.
 *
 * Context: process context.
 */
void __swap_ext_added(struct folio *folio)
{
	/* What is read from swap belongs to nobody yet: neither process nor file. */
	swp_entry_t entry = folio->mapping ? (swp_entry_t){} : folio->swap;
	unsigned long pfn = folio_pfn(folio);
	struct mem_cgroup *memcg, *up;
	struct swap_ext_store *store;
	struct swap_ext_page p;
	struct swap_ext_call call;
	u32 flags;
	int err;

	guard(rcu)();
	memcg = folio_memcg(folio);
	up = memcg;
	if (!is_on() || !is_watched(memcg))
		return;
	err = set_known(pfn);
	if (err == -EEXIST)
		return;
	while ((store = next_store(&up))) {
		write_word(&store->pages, pfn, !entry.val ? 0 :
			   take_word(slots_of(store, entry), swp_offset(entry)));
		clear_words(&store->pages, pfn + 1, folio_nr_pages(folio) - 1);
	}
	/* A page that has not come for want of memory has no word, either: it was cleared. */
	if (err || !swap_ext_prepare_call(&call, swap_ext_of(memcg)))
		return;
	flags = !entry.val ? 0 : SWAP_EXT_P_SWAPIN |
		(swap_ext_is_prefetched(entry) ? SWAP_EXT_P_PREFETCHED : 0);
	if (folio->mapping && !folio_test_anon(folio))
		flags |= SWAP_EXT_P_SHMEM;
	p = swap_ext_describe_page(&call, folio, entry, flags);
	swap_ext_add(swap_ext_of(memcg), SWAP_EXT_STAT_ADDED, p.nr_pages);
	tell_added(&call, memcg, folio, &p);
	if (entry.val)
		call_place(&call, memcg, folio, &p);
}

/* It goes, if it had come. Caller holds rcu_read_lock(). */
static void remove_page(struct mem_cgroup *memcg, struct folio *folio,
			swp_entry_t entry, u32 flags)
{
	struct swap_ext_page p;
	struct swap_ext_call call;

	if (!is_known(folio_pfn(folio)))
		return;
	if (swap_ext_prepare_call(&call, swap_ext_of(memcg))) {
		p = swap_ext_describe_page(&call, folio, entry, flags);
		swap_ext_add(swap_ext_of(memcg), flags & SWAP_EXT_P_EVICTED ?
			     SWAP_EXT_STAT_EVICTED : SWAP_EXT_STAT_RELEASED,
			     p.nr_pages);
		tell_removed(&call, memcg, folio, &p);
	}
	/* Not before the call, which may ask for its word. */
	clear_known(folio_pfn(folio));
}

/**
 * __swap_ext_evicted - a page was reclaimed: its slot has it
 * @folio: the page, frozen
 * @entry: the slot
 *
 * Context: the xarray lock of the swap cache is held, interrupts are off.
 */
void __swap_ext_evicted(struct folio *folio, swp_entry_t entry)
{
	unsigned long pfn = folio_pfn(folio);
	struct swap_ext_store *store;
	struct mem_cgroup *memcg;

	guard(rcu)();
	if (!is_on())
		return;
	memcg = folio_memcg(folio);
	remove_page(memcg, folio, entry, SWAP_EXT_P_EVICTED);
	while ((store = next_store(&memcg)))
		write_word(slots_of(store, entry), swp_offset(entry),
			   take_word(&store->pages, pfn));
}

/**
 * __swap_ext_released - a page is freed by whoever had it
 * @folio: the page, frozen, still charged; of any kind
 *
 * Context: any.
 */
void __swap_ext_released(struct folio *folio)
{
	guard(rcu)();
	if (is_on())
		remove_page(folio_memcg(folio), folio, (swp_entry_t){}, 0);
}

/* What it holds is elsewhere from now on. */
static void tell_left(struct swap_ext_call *call, struct mem_cgroup *memcg,
		      struct folio *folio, unsigned int nr_pages)
{
	struct swap_ext_page p;

	p = swap_ext_describe_page(call, folio, (swp_entry_t){}, SWAP_EXT_P_MOVED);
	p.nr_pages = nr_pages;
	tell_removed(call, memcg, folio, &p);
}

/* It holds what another one held. */
static void tell_entered(struct swap_ext_call *call, struct mem_cgroup *memcg,
			 struct folio *folio)
{
	struct swap_ext_page p;

	p = swap_ext_describe_page(call, folio, (swp_entry_t){}, SWAP_EXT_P_MOVED);
	tell_added(call, memcg, folio, &p);
}

/**
 * __swap_ext_moved - what a page holds moves to another one
 * @old: the page, locked, off its list
 * @new: the other, locked, charged to the same memcg, on no list yet
 *
 * Context: process context.
 */
void __swap_ext_moved(struct folio *old, struct folio *new)
{
	struct mem_cgroup *memcg = folio_memcg(new), *up = memcg;
	struct swap_ext_store *store;
	struct swap_ext_call call;
	bool governed;

	guard(rcu)();
	if (!is_on() || !is_known(folio_pfn(old)))
		return;
	governed = swap_ext_prepare_call(&call, swap_ext_of(memcg));
	if (governed)
		tell_left(&call, memcg, old, folio_nr_pages(old));
	clear_known(folio_pfn(old));
	while ((store = next_store(&up))) {
		write_word(&store->pages, folio_pfn(new),
			   take_word(&store->pages, folio_pfn(old)));
		clear_words(&store->pages, folio_pfn(new) + 1, folio_nr_pages(new) - 1);
	}
	if (set_known(folio_pfn(new)) != -ENOMEM && governed)
		tell_entered(&call, memcg, new);
}

/**
 * __swap_ext_split - a large page becomes smaller ones
 * @folio: the first of them, which keeps the word; locked as the others are
 * @nr_pages: of the large one
 *
 * Context: process context.
 */
void __swap_ext_split(struct folio *folio, unsigned int nr_pages)
{
	struct mem_cgroup *memcg = folio_memcg(folio);
	unsigned int i, step = folio_nr_pages(folio);
	struct swap_ext_call call;
	bool governed;

	guard(rcu)();
	if (!is_on() || !is_known(folio_pfn(folio)))
		return;
	governed = swap_ext_prepare_call(&call, swap_ext_of(memcg));
	if (governed)
		tell_left(&call, memcg, folio, nr_pages);
	/* The words of the others were cleared when the large one came. */
	for (i = 0; i < nr_pages; i += step) {
		struct folio *one = page_folio(pfn_to_page(folio_pfn(folio) + i));

		if (set_known(folio_pfn(one)) != -ENOMEM && governed)
			tell_entered(&call, memcg, one);
	}
}

/**
 * __swap_ext_slots_freed - nothing in memory or out of it uses these slots any more
 * @entry: the first
 * @nr: how many; all of one memcg
 *
 * Context: process context; a lock of the device may be held.
 */
void __swap_ext_slots_freed(swp_entry_t entry, unsigned int nr)
{
	struct swap_ext_store *store;
	struct mem_cgroup *memcg;
	struct swap_ext_call call;

	guard(rcu)();
	memcg = mem_cgroup_from_id(lookup_swap_cgroup_id(entry));
	if (!is_on() || !memcg)
		return;
	if (swap_ext_prepare_call(&call, swap_ext_of(memcg)))
		call_slot_freed(&call, memcg, entry, nr);
	while ((store = next_store(&memcg)))
		clear_words(slots_of(store, entry), swp_offset(entry), nr);
}

/* The words of the policy that is being called; it may be leaving, and has none then. */
static struct swap_ext_store *call_store(void)
{
	const struct swap_ext_call *call = current->swap_ext_call;
	struct swap_ext_store *store = call ? rcu_dereference(call->dom->store) : NULL;

	return store && store->ops == call->ops ? store : NULL;
}

__bpf_kfunc_start_defs();

/**
 * bpf_swap_folio_state - eight bytes of the policy's that go with a page
 * @folio: the page given to the op
 * @rdwr_buf_size: 8
 *
 * The kernel keeps them with the page while it is in memory and with its slot while it
 * is not, for as long as the policy is attached and has %SWAP_EXT_OPS_PAGE_STATE. They
 * are 0 at first. Of a large page that is split or written out, its first page has them.
 *
 * Context: an op that is given a folio, under rcu_read_lock().
 * Return: where they are, until the op returns; NULL if there is no memory for them.
 */
__bpf_kfunc u64 *bpf_swap_folio_state(struct folio *folio, u32 rdwr_buf_size)
{
	struct swap_ext_store *store = call_store();
	unsigned long pfn = folio_pfn(folio);

	/* Also one that was there before the policy: it must not come a second time. */
	if (rdwr_buf_size != sizeof(u64) || !store || set_known(pfn) == -ENOMEM)
		return NULL;
	return make_word(&store->pages, pfn);
}

/**
 * bpf_swap_entry_state - the same of a page that is not in memory
 * @entry: its slot, as in struct swap_ext_fault
 * @rdwr_buf_size: 8
 *
 * Context: an op that does not sleep, under rcu_read_lock().
 * Return: where they are, until the op returns; NULL: they are 0, as of all slots that
 * are not of a cgroup the policy is attached to, and of pages that are in memory.
 */
__bpf_kfunc u64 *bpf_swap_entry_state(u64 entry, u32 rdwr_buf_size)
{
	struct swap_ext_store *store = call_store();
	swp_entry_t slot = { .val = entry };
	u64 *word;

	if (rdwr_buf_size != sizeof(u64) || !store || non_swap_entry(slot))
		return NULL;
	word = find_word(slots_of(store, slot), swp_offset(slot));
	if (!word || !READ_ONCE(*word))
		return NULL;
	return word;
}

__bpf_kfunc_end_defs();
