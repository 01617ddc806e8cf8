// SPDX-License-Identifier: GPL-2.0
/*
 * frontswap - a page on its way to a swap slot may be taken by a backend
 *
 * Hooked where pages reach the device: __swap_writepage(), so that what zswap
 * writes back comes by as well, and swap_read_folio(). The slot on the device
 * stays reserved and is the fallback, so any swap file or partition will do:
 * - refused at submission: the device, at once;
 * - failed later: the page is dirty again, and its next write-out goes to the device.
 * If the backend is not to be trusted alone (enum frontswap_durability), the page goes
 * to both, and a load that fails there is answered by the device.
 *
 * No page reaches a process unless its checksum is that of what was stored. If it
 * is not, the folio stays not up to date, and whoever touches it gets SIGBUS, as
 * from a device that cannot be read.
 *
 * Locking: see frontswap.h.
 */
#define pr_fmt(fmt) "frontswap: " fmt

#include <crypto/hash.h>
#include <linux/bitfield.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/psi.h>
#include <linux/rcupdate.h>
#include <linux/sched/clock.h>
#include <linux/sched/stat.h>
#include <linux/suspend.h>
#include <linux/swap.h>
#include <linux/swap_ext.h>
#include "frontswap.h"
#include "swap.h"
#include "swap_ext.h"

DEFINE_STATIC_KEY_FALSE(frontswap_key);
/* Who is registered, and which swap devices they know. */
DEFINE_MUTEX(frontswap_lock);
struct frontswap_backend __rcu *frontswap_backends[FRONTSWAP_MAX_BACKENDS + 1];
bool frontswap_verify = true, frontswap_read_early = true;
/* crc32c, once a backend was registered. */
static struct crypto_shash *frontswap_tfm;

/* Words of the slots, in pages that come with the first store into their range. */
#define AREA_PAGE_SLOTS	(PAGE_SIZE / sizeof(atomic64_t))

/*
 * struct frontswap_area - one swap device
 * @nr_slots: its size; 0: there is none.
 * @page: words of AREA_PAGE_SLOTS slots each, NULL until one was stored.
 */
static struct frontswap_area {
	unsigned long	nr_slots;
	atomic64_t	**page;
} areas[1 << MAX_SWAPFILES_SHIFT] __read_mostly;

/* The words around that of a slot, whose device is pinned; NULL: none was stored. */
static atomic64_t *find_words(swp_entry_t entry)
{
	return READ_ONCE(areas[swp_type(entry)].page[swp_offset(entry) / AREA_PAGE_SLOTS]);
}

static atomic64_t *word_of(atomic64_t *words, swp_entry_t entry)
{
	return words + swp_offset(entry) % AREA_PAGE_SLOTS;
}

/* The word of a slot, whose device is pinned; NULL: nothing was stored near it. */
static atomic64_t *find_slot(swp_entry_t entry)
{
	atomic64_t *words = find_words(entry);

	return words ? word_of(words, entry) : NULL;
}

/* The same of a slot that was stored. */
static atomic64_t *stored_slot(swp_entry_t entry)
{
	return word_of(find_words(entry), entry);
}

/* As find_slot(), but there is one unless there is no memory. Called from reclaim. */
static atomic64_t *make_slot(swp_entry_t entry)
{
	struct frontswap_area *area = &areas[swp_type(entry)];
	unsigned long at = swp_offset(entry) / AREA_PAGE_SLOTS;
	atomic64_t *page;

	if (!READ_ONCE(area->page[at])) {
		page = (void *)get_zeroed_page(SWAP_EXT_GFP);
		if (!page)
			return NULL;
		if (cmpxchg(&area->page[at], NULL, page))
			free_page((unsigned long)page);
	}
	return find_slot(entry);
}

/* Change a word to what @keep leaves of it and @set; what was it before? */
static u64 change_slot(atomic64_t *slot, u64 keep, u64 set)
{
	s64 old = atomic64_read(slot);

	while (!atomic64_try_cmpxchg(slot, &old, (old & keep) | set))
		;
	return old;
}

/**
 * frontswap_read_slot - what is known of a slot
 * @entry: the slot, pinned
 *
 * Return: SLOT_* bits.
 */
u64 frontswap_read_slot(swp_entry_t entry)
{
	atomic64_t *slot = find_slot(entry);

	return slot ? atomic64_read(slot) : 0;
}

static swp_entry_t nth_entry(swp_entry_t entry, unsigned int i)
{
	return (swp_entry_t) { entry.val + i };
}

/* Who holds a page stays: its slots keep it. */
static struct frontswap_backend *word_holder(u64 word)
{
	return rcu_dereference_raw(frontswap_backends[FIELD_GET(SLOT_BACKEND, word)]);
}

/**
 * frontswap_holder - who has the page of a slot
 * @entry: the slot, pinned
 *
 * Return: the backend, or NULL: the device, zswap or nobody has it.
 */
struct frontswap_backend *frontswap_holder(swp_entry_t entry)
{
	return word_holder(frontswap_read_slot(entry));
}

/* Pages a backend holds, and through them its module */

static int get_pages(struct frontswap_backend *b, unsigned int nr)
{
	unsigned long flags;
	int err = 0;

	if (atomic_long_add_unless(&b->nr_pages, nr, 0))
		return 0;
	spin_lock_irqsave(&b->lock, flags);
	if (!atomic_long_read(&b->nr_pages) && !try_module_get(b->ops->owner))
		err = -ENODEV;
	else
		atomic_long_add(nr, &b->nr_pages);
	spin_unlock_irqrestore(&b->lock, flags);
	return err;
}

static noinline void put_last_pages(struct frontswap_backend *b, unsigned int nr)
{
	unsigned long flags;

	spin_lock_irqsave(&b->lock, flags);
	if (atomic_long_sub_and_test(nr, &b->nr_pages))
		module_put(b->ops->owner);
	spin_unlock_irqrestore(&b->lock, flags);
}

static __always_inline void put_pages(struct frontswap_backend *b, unsigned int nr)
{
	long old = atomic_long_read(&b->nr_pages);

	while (old > nr)
		if (atomic_long_try_cmpxchg(&b->nr_pages, &old, old - nr))
			return;
	put_last_pages(b, nr);
}

/* What the device has, or is about to have, is of no use any more either. */
static noinline void drop_fallback(struct frontswap_backend *b, swp_entry_t entry, u64 word)
{
	if (word & SLOT_SAFE)
		atomic_long_dec(&b->nr_safe);
	if (word & SLOT_BEHIND)
		frontswap_cancel_copy(b, entry);
}

/*
 * Forget the page of a slot, for which no operation is under way. @flags are left
 * behind. A slot that never was stored has no word to leave them in.
 */
static void drop_slot(swp_entry_t entry, u64 flags)
{
	atomic64_t *slot = find_slot(entry);
	struct frontswap_backend *b;
	u64 word;

	if (!slot)
		return;
	b = word_holder(atomic64_read(slot));
	if (!b && !flags)
		return;
	word = change_slot(slot, SLOT_STICKY, flags);
	if (!b)
		return;
	if (unlikely(word & SLOT_FALLBACK))
		drop_fallback(b, entry, word);
	b->ops->invalidate(b, entry);
	if (word & SLOT_CHARGED)
		frontswap_uncharge(b, entry, 1);
	put_pages(b, 1);
}

static void drop_slots(swp_entry_t entry, unsigned int nr, u64 flags)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		drop_slot(nth_entry(entry, i), flags);
}

void __frontswap_invalidate(swp_entry_t entry, unsigned int nr)
{
	drop_slots(entry, nr, 0);
}

bool __frontswap_is_held(swp_entry_t entry, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (frontswap_holder(nth_entry(entry, i)))
			return true;
	return false;
}

/* For a fault: would reading this slot end before the read call returns? A hint. */
bool __frontswap_is_sync(struct swap_info_struct *si, swp_entry_t entry)
{
	struct frontswap_backend *b;

	guard(rcu)();
	b = frontswap_holder(entry);
	return b ? READ_ONCE(b->sync) : swap_is_sync(si);
}

/*
 * crc32c of a page. Not by libcrc32c, whose descriptor is of the largest size there is,
 * which a kernel that initialises its stack clears for each sum.
 */
static u32 crc_page(u32 seed, const void *addr)
{
	struct {
		struct shash_desc	shash;
		u32			crc;
	} desc __uninitialized;

	desc.shash.tfm = frontswap_tfm;
	desc.crc = seed;
	WARN_ON_ONCE(crypto_shash_update(&desc.shash, addr, PAGE_SIZE));
	return desc.crc;
}

static int init_checksum(void)
{
	struct crypto_shash *tfm;

	if (frontswap_tfm)
		return 0;
	tfm = crypto_alloc_shash("crc32c", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	if (crypto_shash_descsize(tfm) != sizeof(u32)) {
		crypto_free_shash(tfm);
		return -EINVAL;
	}
	frontswap_tfm = tfm;
	return 0;
}

/*
 * The slot and how often it was stored go into the sum: the right bytes of the
 * wrong page or of the page before are wrong bytes.
 */
static u32 sum_page(struct page *page, swp_entry_t entry, u64 word)
{
	u64 seed = FIELD_GET(SLOT_GENERATION, word) ^ entry.val;
	void *addr = kmap_local_page(page);
	u32 crc = crc_page(~((u32)seed ^ (u32)(seed >> 32)), addr);

	kunmap_local(addr);
	return crc;
}

/* Store */

/* One store later than @old, held by @b, and with what its page looks like. */
static u64 make_word(struct frontswap_backend *b, u64 old, struct page *page,
		     swp_entry_t entry)
{
	u64 word = FIELD_PREP(SLOT_GENERATION, FIELD_GET(SLOT_GENERATION, old) + 1) |
		   FIELD_PREP(SLOT_BACKEND, b->id);

	if (READ_ONCE(frontswap_verify))
		word |= SLOT_SUMMED | sum_page(page, entry, word);
	return word;
}

/*
 * Ready to hold @nr slots: words, memory, leave of the memcg? Undone by unclaim_slots()
 * if the store is refused, by drop_slots() once it was begun.
 */
static int claim_slots(struct frontswap_backend *b, struct folio *folio,
		       swp_entry_t entry, unsigned int nr)
{
	unsigned int i;
	u64 charged;
	int err;

	for (i = 0; i < nr; i++)
		if (!make_slot(nth_entry(entry, i)))
			return -ENOMEM;
	err = get_pages(b, nr);
	if (err)
		return err;
	err = frontswap_charge(b, entry, nr);
	if (err < 0) {
		put_pages(b, nr);
		return err;
	}
	charged = err ? SLOT_CHARGED : 0;
	for (i = 0; i < nr; i++) {
		swp_entry_t at = nth_entry(entry, i);
		atomic64_t *slot = stored_slot(at);

		change_slot(slot, SLOT_BEHIND, charged |
			    make_word(b, atomic64_read(slot), folio_page(folio, i), at));
	}
	return 0;
}

/* Forget the claim of a store that was not begun: the backend knows nothing of it. */
static void unclaim_slots(struct frontswap_backend *b, swp_entry_t entry, unsigned int nr)
{
	u64 word = frontswap_read_slot(entry);
	unsigned int i;

	for (i = 0; i < nr; i++)
		change_slot(stored_slot(nth_entry(entry, i)), SLOT_STICKY, 0);
	if (word & SLOT_CHARGED)
		frontswap_uncharge(b, entry, nr);
	put_pages(b, nr);
}

/*
 * Offer @folio to @b. Where the device is to be written as well, @through says so, or
 * a copy is on its way there. Returns 0 if @b took it.
 */
static int store_to(struct frontswap_backend *b, struct folio *folio, bool *through)
{
	enum frontswap_durability durability = READ_ONCE(b->durability);
	unsigned int nr = folio_nr_pages(folio);
	swp_entry_t entry = folio->swap;
	LIST_HEAD(copies);
	int err;

	/* Their writes end elsewhere. */
	if (durability && data_race(swp_swap_info(entry)->flags & SWP_FS_OPS))
		return -EOPNOTSUPP;
	err = claim_slots(b, folio, entry, nr);
	if (err)
		return err;
	if (durability == FRONTSWAP_WRITE_BEHIND &&
	    frontswap_copy_folio(b, folio, &copies)) {
		frontswap_count(b, FRONTSWAP_WINDOW_FULL, nr);
		durability = FRONTSWAP_WRITE_THROUGH;
	}
	*through = durability == FRONTSWAP_WRITE_THROUGH;
	if (*through)
		atomic64_or(SLOT_THROUGH | SLOT_ONE_MORE, stored_slot(entry));
	err = b->ops->submit_write(b, folio);
	if (err) {
		frontswap_forget_copies(&copies);
		unclaim_slots(b, entry, nr);
	} else {
		frontswap_queue_copies(&copies);
	}
	return err;
}

/* A store into these slots failed after it was taken: this one is for the device. */
static bool take_device_mark(swp_entry_t entry, unsigned int nr)
{
	bool marked = false;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		atomic64_t *slot = find_slot(nth_entry(entry, i));

		if (slot && atomic64_read(slot) & SLOT_DEVICE) {
			atomic64_andnot(SLOT_DEVICE, slot);
			marked = true;
		}
	}
	return marked;
}

/* The backend of this number, if it takes pages. Caller holds rcu_read_lock(). */
static struct frontswap_backend *accepting(unsigned int i)
{
	struct frontswap_backend *b = rcu_dereference(frontswap_backends[i]);

	return b && READ_ONCE(b->accept) ? b : NULL;
}

/**
 * frontswap_offered - who may be offered a page that is written out?
 *
 * Return: bits of enum swap_ext_backends, the device among them.
 */
u64 frontswap_offered(void)
{
	u64 offered = SWAP_EXT_B_DEVICE;
	unsigned int i;

	guard(rcu)();
	for (i = 1; i <= FRONTSWAP_MAX_BACKENDS; i++)
		if (accepting(i))
			offered |= SWAP_EXT_B_BACKEND(i);
	return offered;
}

bool __frontswap_store(struct folio *folio)
{
	unsigned int i, nr = folio_nr_pages(folio);
	swp_entry_t entry = folio->swap;
	bool taken = false, through = true;
	u64 allowed = U64_MAX;

	/* swap_writepage() dropped the copy of before, and zswap wrote back no such slot. */
	if (take_device_mark(entry, nr))
		goto device;

	if (swap_ext_watches())
		allowed = swap_ext_select_backend(folio, 0);
	rcu_read_lock();
	for (i = 1; i <= FRONTSWAP_MAX_BACKENDS && !taken; i++) {
		struct frontswap_backend *b = accepting(i);

		if (!b || !(allowed & SWAP_EXT_B_BACKEND(i)))
			continue;
		taken = !store_to(b, folio, &through);
		frontswap_count(b, taken ? FRONTSWAP_STORES : FRONTSWAP_REFUSED, nr);
	}
	rcu_read_unlock();
	if (taken && !through)
		return true;
device:
	/* An older copy must not overtake what is written now. */
	frontswap_wait_copies(entry, nr);
	return false;
}

/*
 * A part of a store has ended, @failed or 0. Returns 0 if there are more to come; or
 * else the word, with all that has failed.
 */
static u64 end_part(swp_entry_t entry, u64 failed)
{
	atomic64_t *slot = stored_slot(entry);
	s64 word = atomic64_read(slot), next;

	do {
		if (word & SLOT_MORE)
			next = (word | failed) - SLOT_ONE_MORE;
		else
			next = word & ~(SLOT_THROUGH | SLOT_FAILED | SLOT_DEVICE_FAILED);
	} while (!atomic64_try_cmpxchg(slot, &word, next));
	return word & SLOT_MORE ? 0 : word | failed;
}

/* All parts have ended, as @word says. Who has the page, and so is asked for it? */
static void settle_store(struct folio *folio, u64 word)
{
	struct frontswap_backend *b = word_holder(word);
	bool on_device = word & SLOT_THROUGH && !(word & SLOT_DEVICE_FAILED);
	u64 where = (on_device ? SWAP_EXT_B_DEVICE : 0) |
		    (word & SLOT_FAILED ? 0 : SWAP_EXT_B_BACKEND(b->id));
	unsigned int i, nr = folio_nr_pages(folio);
	swp_entry_t entry = folio->swap;

	if (where)
		swap_ext_swapped_out(folio, where);
	if (word & SLOT_FAILED) {
		frontswap_count(b, FRONTSWAP_WRITE_ERRORS, nr);
		drop_slots(entry, nr, word & SLOT_THROUGH ? 0 : SLOT_DEVICE);
		if (word & SLOT_THROUGH)
			return;
		/*
		 * It cannot be written from here: not locked, and not a place to
		 * sleep. Nor is it to be the next to be reclaimed.
		 */
		folio_mark_dirty(folio);
		folio_clear_reclaim(folio);
	} else if (on_device) {
		for (i = 0; i < nr; i++)
			atomic64_or(SLOT_SAFE, stored_slot(nth_entry(entry, i)));
		atomic_long_add(nr, &b->nr_safe);
	}
	/* Where the device failed the folio is dirty: that was not its last store. */
}

bool __frontswap_device_end(struct folio *folio, blk_status_t status)
{
	u64 word;

	if (!(frontswap_read_slot(folio->swap) & SLOT_THROUGH)) {
		if (!status)
			swap_ext_swapped_out(folio, SWAP_EXT_B_DEVICE);
		return false;
	}
	word = end_part(folio->swap, status ? SLOT_DEVICE_FAILED : 0);
	if (!word)
		return true;
	settle_store(folio, word);
	return false;
}

/**
 * frontswap_write_begin - a backend takes a folio
 * @folio: as in ops->submit_write()
 * @nr_parts: 1, or 2 if it is written to two places: how many times
 *	frontswap_write_end() will be called
 */
void frontswap_write_begin(struct folio *folio, unsigned int nr_parts)
{
	atomic64_t *slot = stored_slot(folio->swap);

	if (nr_parts > 1)
		atomic64_add(SLOT_ONE_MORE, slot);
	/* Where the device is written, that begins writeback, once for all. */
	if (!(atomic64_read(slot) & SLOT_THROUGH))
		folio_start_writeback(folio);
}
EXPORT_SYMBOL_GPL(frontswap_write_begin);

/**
 * frontswap_write_end - a folio that a backend took is stored, or is not
 * @folio: the folio
 * @err: 0; or -errno: its slots will go to the device
 *
 * Context: any.
 */
void frontswap_write_end(struct folio *folio, int err)
{
	u64 word = end_part(folio->swap, err ? SLOT_FAILED : 0);

	if (!word)
		return;
	settle_store(folio, word);
	folio_end_writeback(folio);
}
EXPORT_SYMBOL_GPL(frontswap_write_end);

/* Copies on their way to the device */

/**
 * frontswap_has_fallback - would the device answer for a backend that cannot read?
 * @folio: as in ops->submit_read()
 *
 * Then a read that cannot be submitted now should end with an error at once, and not
 * wait for better times.
 *
 * Context: any.
 */
bool frontswap_has_fallback(struct folio *folio)
{
	return frontswap_read_slot(folio->swap) & SLOT_FALLBACK;
}
EXPORT_SYMBOL_GPL(frontswap_has_fallback);

/**
 * frontswap_mark_behind - a copy is on its way from now on
 * @entry: the slot, which was stored
 */
void frontswap_mark_behind(swp_entry_t entry)
{
	atomic64_or(SLOT_BEHIND, stored_slot(entry));
}

/**
 * frontswap_behind_end - the way of a copy to the device has ended
 * @b: who was given the page
 * @entry: the slot; its device is there, but somebody else may use it by now
 * @generation: of the copy
 * @err: 0: it is there
 *
 * Context: any.
 */
void frontswap_behind_end(struct frontswap_backend *b, swp_entry_t entry, u64 generation,
			  int err)
{
	atomic64_t *slot = stored_slot(entry);
	s64 word = atomic64_read(slot), next;

	do {
		next = word & ~SLOT_BEHIND;
		if (!err && FIELD_GET(SLOT_BACKEND, word) == b->id &&
		    FIELD_GET(SLOT_GENERATION, word) == generation)
			next |= SLOT_SAFE;
	} while (!atomic64_try_cmpxchg(slot, &word, next));
	if (next & ~word & SLOT_SAFE)
		atomic_long_inc(&b->nr_safe);
}

/* Load */

static noinline void report_read(swp_entry_t entry, u64 word, int err)
{
	struct frontswap_backend *b = word_holder(word);

	frontswap_count(b, err == -EILSEQ ? FRONTSWAP_CORRUPT : FRONTSWAP_READ_ERRORS, 1);
	pr_err_ratelimited("%s: slot %#lx cannot be read: error %d\n", b->name,
			   entry.val, err);
}

/* Are these the bytes that were stored? */
static int check_page(struct folio *folio, u64 word)
{
	if (word & SLOT_SUMMED && READ_ONCE(frontswap_verify) &&
	    sum_page(&folio->page, folio->swap, word) != FIELD_GET(SLOT_CRC, word))
		return -EILSEQ;
	return 0;
}

/* A read failed: is there another copy at the backend that was not tried? Reads it. */
static bool read_copy(struct folio *folio, u64 word)
{
	struct frontswap_backend *b = word_holder(word);
	unsigned int copy = FIELD_GET(SLOT_MORE, word);

	for (; b->ops->read_copy && copy < 2; copy++) {
		atomic64_add(SLOT_ONE_MORE, stored_slot(folio->swap));
		if (b->ops->read_copy(b, folio, copy))
			return true;
	}
	return false;
}

/* The bytes are there, or an error is. */
static __always_inline void finish_read(struct folio *folio, u64 word, int err)
{
	err = err ?: check_page(folio, word);
	if (unlikely(err)) {
		report_read(folio->swap, word, err);
		if (read_copy(folio, word))
			return;
	}
	if (unlikely(word & SLOT_MORE || err))
		change_slot(stored_slot(folio->swap), ~SLOT_MORE, 0);
	if (likely(!err))
		folio_mark_uptodate(folio);
	else if (word & SLOT_FALLBACK)
		return frontswap_fall_back(folio);
	swap_ext_unlock_read(folio);
}

/**
 * frontswap_fallback_end - the device was read instead of a backend
 * @folio: locked, not up to date
 * @err: 0: the bytes are there
 *
 * Context: any.
 */
void frontswap_fallback_end(struct folio *folio, int err)
{
	u64 word = frontswap_read_slot(folio->swap);

	err = err ?: check_page(folio, word);
	if (err) {
		pr_err_ratelimited("slot %#lx cannot be read from the device either: error %d\n",
				   folio->swap.val, err);
	} else {
		frontswap_count(word_holder(word), FRONTSWAP_FELL_BACK, 1);
		folio_mark_uptodate(folio);
		/* What the backend has is no good. */
		drop_slot(folio->swap, 0);
	}
	swap_ext_unlock_read(folio);
}

/**
 * frontswap_read_end - a read ended
 * @folio: the folio
 * @err: 0: its bytes are there, or -errno
 *
 * Context: any.
 */
void frontswap_read_end(struct folio *folio, int err)
{
	atomic64_t *slot = stored_slot(folio->swap);
	s64 word = atomic64_read(slot);

	/* Whoever comes second, this or frontswap_release_demand(), finishes. */
	while (unlikely(word & SLOT_HELD))
		if (atomic64_try_cmpxchg(slot, &word, word | SLOT_ENDED |
					 (err ? SLOT_FAILED : 0)))
			return;
	finish_read(folio, word, err);
}
EXPORT_SYMBOL_GPL(frontswap_read_end);

/* Reads of order 0 folios, all held by @b. */
static __always_inline struct frontswap_ticket submit_reads(struct frontswap_backend *b,
							    struct folio **folios,
							    unsigned int nr, bool polled)
{
	struct frontswap_ticket ticket = { .id = b->id };

	count_vm_events(PSWPIN, nr);
	frontswap_count(b, FRONTSWAP_LOADS, nr);
	/* When the last of them has ended, its page is all that kept the module. */
	guard(rcu)();
	ticket.queue = b->ops->submit_read(b, folios, nr, polled);
	return ticket;
}

bool __frontswap_load(struct folio *folio)
{
	struct frontswap_backend *b;

	if (folio_test_large(folio)) {
		if (!__frontswap_is_held(folio->swap, folio_nr_pages(folio)))
			return false;
		/*
		 * can_swapin_thp() said that none of them is held: the slots have
		 * changed hands, and the fault will find that out. Until then, not
		 * up to date is an error.
		 */
		swap_ext_unlock_read(folio);
		return true;
	}
	b = frontswap_holder(folio->swap);
	if (!b)
		return false;
	submit_reads(b, &folio, 1, false);
	return true;
}

/**
 * frontswap_read_batch - start reading what a plan named
 * @b: the backend
 * @folios: locked, in the swap cache, their slots held by @b
 * @nr: how many
 */
void frontswap_read_batch(struct frontswap_backend *b, struct folio **folios,
			  unsigned int nr)
{
	submit_reads(b, folios, nr, false);
}

/**
 * frontswap_post_demand - start the read of a fault before its folio is anywhere
 * @folio: locked, not charged and not in the swap cache; ->swap says the slot,
 *	which the caller holds by SWAP_HAS_CACHE and a backend has
 *
 * What the page needs, a charge and the reclaim for it above all, is done while it
 * is on the wire (DiLOS, section 3.2). Until frontswap_release_demand() the folio
 * stays locked and must not be let go of.
 *
 * Return: where to wait for it.
 */
struct frontswap_ticket frontswap_post_demand(struct folio *folio)
{
	atomic64_t *slot = stored_slot(folio->swap);

	atomic64_or(SLOT_HELD, slot);
	return submit_reads(word_holder(atomic64_read(slot)), &folio, 1, true);
}

/**
 * frontswap_release_demand - the folio may be unlocked when its read ends
 * @folio: as for frontswap_post_demand(); unlocked here if the read has ended
 */
void frontswap_release_demand(struct folio *folio)
{
	u64 word = change_slot(stored_slot(folio->swap),
			       ~(SLOT_HELD | SLOT_ENDED | SLOT_FAILED), 0);

	if (word & SLOT_ENDED)
		finish_read(folio, word, word & SLOT_FAILED ? -EIO : 0);
}

/**
 * frontswap_reread - try again to read a folio whose read has failed
 * @folio: referenced, not locked
 * @entry: its slot, whose device is pinned
 * @ticket: where to wait for it
 *
 * A read that failed while a path was down, perhaps of a page nobody had asked for
 * yet, is no reason to fail the process that needs it now.
 *
 * Return: true if a read was submitted.
 */
bool frontswap_reread(struct folio *folio, swp_entry_t entry,
		      struct frontswap_ticket *ticket)
{
	struct frontswap_backend *b;

	if (folio_test_large(folio) || !folio_trylock(folio))
		return false;
	if (folio_test_uptodate(folio) || !folio_test_swapcache(folio) ||
	    folio->swap.val != entry.val)
		goto unlock;
	b = frontswap_holder(entry);
	if (!b)
		goto unlock;
	*ticket = submit_reads(b, &folio, 1, true);
	return true;
unlock:
	folio_unlock(folio);
	return false;
}

/**
 * frontswap_join - wait for a read that somebody else submitted
 * @entry: its slot, whose device is pinned
 *
 * Return: a ticket.
 */
struct frontswap_ticket frontswap_join(swp_entry_t entry)
{
	u64 word = frontswap_active() ? frontswap_read_slot(entry) : 0;

	return (struct frontswap_ticket) {
		.id	= FIELD_GET(SLOT_BACKEND, word),
		.queue	= FRONTSWAP_NO_QUEUE,
	};
}

/*
 * The backend of a ticket may be gone once the page was read: it is looked up anew.
 * Caller holds rcu_read_lock().
 */
static struct frontswap_backend *ticket_backend(struct frontswap_ticket ticket)
{
	return rcu_dereference(frontswap_backends[ticket.id]);
}

/**
 * frontswap_arm - nobody is going to poll for this read any longer
 * @ticket: of the read
 */
void frontswap_arm(struct frontswap_ticket ticket)
{
	struct frontswap_backend *b;

	if (ticket.queue == FRONTSWAP_NO_QUEUE)
		return;
	guard(rcu)();
	b = ticket_backend(ticket);
	if (b && b->ops->arm)
		b->ops->arm(b, ticket.queue);
}

/* End what has arrived: is @folio's read over? */
static bool look(struct folio *folio, struct frontswap_ticket ticket)
{
	struct frontswap_backend *b;

	if (ticket.queue != FRONTSWAP_NO_QUEUE) {
		guard(rcu)();
		b = ticket_backend(ticket);
		if (b && b->ops->poll)
			b->ops->poll(b, ticket.queue);
	}
	return !folio_test_locked(folio);
}

static bool others_wait(void)
{
	return need_resched() || !single_task_running();
}

static void count_polled(struct frontswap_ticket ticket)
{
	struct frontswap_backend *b;

	guard(rcu)();
	b = ticket_backend(ticket);
	if (b)
		frontswap_count(b, FRONTSWAP_POLLED, 1);
}

/**
 * frontswap_poll - wait for a read a little, without sleeping
 * @folio: referenced
 * @ticket: of its read
 * @ns: how long at most
 *
 * Sleeping costs two switches and, in a page fault, the fault a second time: more
 * than most reads of a fast backend take. Gives up after one look if there is
 * somebody else to run on this CPU, who may be the one that brings the page: a
 * provider in software has threads for that.
 *
 * As for any wait for a page that was evicted too early, the time is memory stall.
 */
void frontswap_poll(struct folio *folio, struct frontswap_ticket ticket, u64 ns)
{
	bool ended, workingset = folio_test_workingset(folio);
	unsigned long pflags;
	u64 end;

	if (!folio_test_locked(folio))
		return;
	ended = look(folio, ticket);
	if (!ended && !others_wait()) {
		if (workingset)
			psi_memstall_enter(&pflags);
		end = local_clock() + ns;
		do {
			cpu_relax();
			ended = look(folio, ticket);
		} while (!ended && !others_wait() && local_clock() < end);
		if (workingset)
			psi_memstall_leave(&pflags);
	}
	if (ended)
		count_polled(ticket);
	else
		frontswap_arm(ticket);
}

/**
 * frontswap_poll_ns - how long a backend wants to be polled
 * @ticket: of a read
 */
u64 frontswap_poll_ns(struct frontswap_ticket ticket)
{
	struct frontswap_backend *b;

	guard(rcu)();
	b = ticket_backend(ticket);
	return b ? READ_ONCE(b->poll_ns) : 0;
}

/**
 * frontswap_next - the next slot that a backend holds
 * @b: the backend
 * @from: where to start; its device is pinned
 *
 * Return: the slot, which may be free again by now; .val 0 if there is none.
 */
swp_entry_t frontswap_next(struct frontswap_backend *b, swp_entry_t from)
{
	unsigned int type = swp_type(from);
	unsigned long offset = swp_offset(from);

	while (offset < areas[type].nr_slots) {
		swp_entry_t entry = swp_entry(type, offset);

		if (frontswap_holder(entry) == b)
			return entry;
		if (find_words(entry))
			offset++;
		else
			offset = round_down(offset, AREA_PAGE_SLOTS) + AREA_PAGE_SLOTS;
	}
	return (swp_entry_t) {};
}

/* Swap devices */

/* Caller holds frontswap_lock. */
static int tell_swapon(struct frontswap_backend *b, unsigned int type)
{
	return b->ops->swapon ? b->ops->swapon(b, type, areas[type].nr_slots) : 0;
}

static void tell_swapoff(struct frontswap_backend *b, unsigned int type)
{
	if (b->ops->swapoff)
		b->ops->swapoff(b, type);
}

static struct frontswap_backend *nth_backend(unsigned int i)
{
	return rcu_dereference_protected(frontswap_backends[i],
					 lockdep_is_held(&frontswap_lock));
}

/**
 * frontswap_swapon - a swap device comes up
 * @type: its number
 * @nr_slots: its size
 *
 * Return: 0 or -errno.
 */
int frontswap_swapon(unsigned int type, unsigned long nr_slots)
{
	struct frontswap_area *area = &areas[type];
	struct frontswap_backend *b;
	unsigned int i;
	int err;

	guard(mutex)(&frontswap_lock);
	area->page = kvcalloc(DIV_ROUND_UP(nr_slots, AREA_PAGE_SLOTS),
			      sizeof(*area->page), GFP_KERNEL);
	if (!area->page)
		return -ENOMEM;
	area->nr_slots = nr_slots;
	for (i = 1; i <= FRONTSWAP_MAX_BACKENDS; i++) {
		b = nth_backend(i);
		err = b ? tell_swapon(b, type) : 0;
		if (err)
			goto err_swapoff;
	}
	return 0;

err_swapoff:
	while (--i) {
		b = nth_backend(i);
		if (b)
			tell_swapoff(b, type);
	}
	area->nr_slots = 0;
	kvfree(area->page);
	area->page = NULL;
	return err;
}

/**
 * frontswap_swapoff - a swap device went down; no slot of it is in use
 * @type: its number
 */
void frontswap_swapoff(unsigned int type)
{
	struct frontswap_area *area = &areas[type];
	struct frontswap_backend *b;
	unsigned long i;

	guard(mutex)(&frontswap_lock);
	if (!area->page)
		return;
	for (i = 1; i <= FRONTSWAP_MAX_BACKENDS; i++) {
		b = nth_backend(i);
		if (!b)
			continue;
		/* None of them is of use, but some may be under way. */
		frontswap_flush_window(b, type);
		tell_swapoff(b, type);
	}
	for (i = 0; i < DIV_ROUND_UP(area->nr_slots, AREA_PAGE_SLOTS); i++)
		free_page((unsigned long)area->page[i]);
	area->nr_slots = 0;
	kvfree(area->page);
	area->page = NULL;
}

/* Backends */

static void forget_devices(struct frontswap_backend *b, unsigned int end)
{
	while (end--)
		if (areas[end].nr_slots)
			tell_swapoff(b, end);
}

/**
 * frontswap_register - a backend is there
 * @b: the backend; stays the caller's
 *
 * It is offered pages from now on.
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC: there are FRONTSWAP_MAX_BACKENDS; -EEXIST: one has its name;
 * -ENOMEM; -ENOENT: no crc32c; what ops->swapon() said.
 */
int frontswap_register(struct frontswap_backend *b)
{
	struct frontswap_backend *other;
	unsigned int i, type, id = 0;
	int err;

	guard(mutex)(&frontswap_lock);
	for (i = FRONTSWAP_MAX_BACKENDS; i; i--) {
		other = nth_backend(i);
		if (!other)
			id = i;
		else if (!strcmp(other->name, b->name))
			return -EEXIST;
	}
	if (!id)
		return -ENOSPC;
	err = init_checksum();
	if (err)
		return err;

	b->id = id;
	spin_lock_init(&b->lock);
	atomic_long_set(&b->nr_pages, 0);
	atomic_long_set(&b->nr_safe, 0);
	b->window_pages = b->window_pages ?: FRONTSWAP_WINDOW_PAGES;
	b->stats = alloc_percpu(struct frontswap_stats);
	if (!b->stats)
		return -ENOMEM;
	err = swap_ext_memcg_ready(root_mem_cgroup);
	if (err)
		goto err_stats;
	for (type = 0; type < ARRAY_SIZE(areas); type++) {
		err = areas[type].nr_slots ? tell_swapon(b, type) : 0;
		if (err)
			goto err_devices;
	}
	err = frontswap_add_dir(b);
	if (err)
		goto err_devices;
	b->accept = true;
	/* A demand page that a backend has is not read as one of a device. */
	static_branch_inc(&swap_ext_key);
	static_branch_inc(&frontswap_key);
	rcu_assign_pointer(frontswap_backends[id], b);
	pr_info("%s registered\n", b->name);
	return 0;

err_devices:
	forget_devices(b, type);
err_stats:
	free_percpu(b->stats);
	return err;
}
EXPORT_SYMBOL_GPL(frontswap_register);

/**
 * frontswap_unregister - a backend goes
 * @b: the backend, which holds no page: its module would be held as well
 *
 * Context: may sleep. When it returns, no operation is called any more.
 */
void frontswap_unregister(struct frontswap_backend *b)
{
	/* Its files take no lock of ours but may drain, which may sleep for long. */
	frontswap_remove_dir(b);
	guard(mutex)(&frontswap_lock);
	WRITE_ONCE(b->accept, false);
	synchronize_rcu();
	WARN_ON(atomic_long_read(&b->nr_pages));
	RCU_INIT_POINTER(frontswap_backends[b->id], NULL);
	synchronize_rcu();
	static_branch_dec(&frontswap_key);
	static_branch_dec(&swap_ext_key);
	frontswap_set_durability(b, FRONTSWAP_NONE);
	forget_devices(b, ARRAY_SIZE(areas));
	free_percpu(b->stats);
	pr_info("%s unregistered\n", b->name);
}
EXPORT_SYMBOL_GPL(frontswap_unregister);

/* An image that is restored knows slots of backends that know it no longer. */
static int frontswap_pm_notify(struct notifier_block *nb, unsigned long event, void *p)
{
	struct frontswap_backend *b;
	unsigned int i, type;

	if (event != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;
	guard(mutex)(&frontswap_lock);
	for (i = 1; i <= FRONTSWAP_MAX_BACKENDS; i++) {
		b = nth_backend(i);
		if (!b)
			continue;
		/* The image may get slots that copies are still on their way to. */
		for (type = 0; type < ARRAY_SIZE(areas); type++)
			frontswap_flush_window(b, type);
		if (!atomic_long_read(&b->nr_pages))
			continue;
		pr_err("no hibernation while %s holds %ld pages; drain it first: echo 1 > /sys/kernel/mm/frontswap/%s/drain\n",
		       b->name, atomic_long_read(&b->nr_pages), b->name);
		return notifier_from_errno(-EBUSY);
	}
	return NOTIFY_OK;
}

static struct notifier_block frontswap_pm_nb = { .notifier_call = frontswap_pm_notify };

static int __init frontswap_init(void)
{
	return register_pm_notifier(&frontswap_pm_nb);
}
subsys_initcall(frontswap_init);
