/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frontswap: a page on its way to a swap slot may be taken by a backend, which
 * keeps it in memory of its own, of this machine or of another. The slot on the
 * device stays reserved: what a backend refuses or loses track of goes there.
 *
 * A backend fills in struct frontswap_backend and registers it. The core picks
 * who is offered a page, remembers who has it and what it looked like, and lets
 * a process see only what passes that check. See Documentation/mm/frontswap.rst.
 */
#ifndef _LINUX_FRONTSWAP_H
#define _LINUX_FRONTSWAP_H

#include <linux/atomic.h>
#include <linux/blk_types.h>
#include <linux/jump_label.h>
#include <linux/spinlock.h>
#include <linux/swap.h>

struct frontswap_backend;
struct frontswap_dir;
struct frontswap_stats;
struct frontswap_window;
struct module;

/**
 * enum frontswap_durability - when the device has a page, too, that a backend took
 * @FRONTSWAP_NONE: never. What the backend loses is lost.
 * @FRONTSWAP_WRITE_BEHIND: some time later. A copy of the page waits for that in a
 *	window of bounded size; where that is full, as for write-through.
 * @FRONTSWAP_WRITE_THROUGH: before the folio leaves writeback.
 */
enum frontswap_durability {
	FRONTSWAP_NONE,
	FRONTSWAP_WRITE_BEHIND,
	FRONTSWAP_WRITE_THROUGH,
};

/**
 * struct frontswap_ops - what a backend does
 * @owner: module that is kept as long as the backend holds a page.
 * @swapon: a swap device comes up, or is up when the backend registers. @type is its
 *	number, below MAX_SWAPFILES, @nr_slots its size. May sleep. Optional; an
 *	error fails the swapon or the registration.
 * @swapoff: the device goes; no slot of it is held. May sleep. Optional.
 * @submit_write: take @folio (locked, in the swap cache, of any order, slots from
 *	folio->swap on), whole or not at all. To take it: call
 *	frontswap_write_begin(), start the write, return 0, and let
 *	frontswap_write_end() follow from any context, even before the return, for
 *	each of the parts that were announced; with an error of one @invalidate is
 *	called for each slot when all have ended. To refuse it: touch nothing,
 *	return -errno; it goes to the device at once. Its slots hold no page then.
 *	Called from reclaim, under rcu_read_lock(): must not sleep.
 * @submit_read: start reading @nr folios (locked, order 0, ->swap says the slot).
 *	frontswap_read_end() follows for each, from any context, even before the
 *	return; it cannot be refused, only fail. With @polled somebody is going to
 *	call @poll, and at last @arm: until then no interrupt is needed. Returns a
 *	number that tells @poll and @arm where to look. Called under
 *	rcu_read_lock(): must not sleep.
 * @read_copy: start reading one copy, 0 or 1, of @folio's page (as for @submit_read),
 *	because a read failed or brought the wrong bytes. Returns false if there is
 *	no such copy, or only one in all. frontswap_read_end() follows. Called from
 *	any context where that is; must not sleep. Optional.
 * @poll: end what has arrived of the reads submitted to @queue. Must not sleep.
 * @arm: nobody polls @queue any longer; reads that end from here on are to be
 *	noticed by interrupt. Must not sleep.
 * @invalidate: the page of one slot is of no use any more. Called from any context,
 *	with spinlocks held: must not sleep. No write or read of it is under way.
 *
 * A slot has one operation under way at most: the swap cache sees to that.
 */
struct frontswap_ops {
	struct module *owner;
	int (*swapon)(struct frontswap_backend *b, unsigned int type,
		      unsigned long nr_slots);
	void (*swapoff)(struct frontswap_backend *b, unsigned int type);
	int (*submit_write)(struct frontswap_backend *b, struct folio *folio);
	unsigned int (*submit_read)(struct frontswap_backend *b,
				    struct folio **folios, unsigned int nr,
				    bool polled);
	bool (*read_copy)(struct frontswap_backend *b, struct folio *folio,
			  unsigned int copy);
	void (*poll)(struct frontswap_backend *b, unsigned int queue);
	void (*arm)(struct frontswap_backend *b, unsigned int queue);
	void (*invalidate)(struct frontswap_backend *b, swp_entry_t entry);
};

/**
 * struct frontswap_backend - a backend
 * @name: of its folder below /sys/kernel/mm/frontswap.
 * @ops: what it does; @poll and @arm may be NULL if @sync never changes from true.
 * @sync: reads and writes have ended when the submit call returns; such reads go
 *	past the swap cache where the stock kernel does so for a synchronous device.
 *	May change at any time.
 * @poll_ns: how long a fault polls for its page where no policy says.
 *
 * The rest is the core's:
 * @id: 1 to FRONTSWAP_MAX_BACKENDS; a slot names its backend by it.
 * @accept: offer it pages.
 * @nr_pages: it holds, those of writes under way among them.
 * @nr_safe: of these, those that the device has as well.
 * @durability: enum frontswap_durability, of what is stored from now on.
 * @window_pages: size of @window.
 * @window: copies on their way to the device; NULL unless write-behind.
 * @lock: from no page to one page and back.
 * @stats: counters.
 * @dir: its folder in sysfs.
 */
struct frontswap_backend {
	const char			*name;
	const struct frontswap_ops	*ops;
	bool				sync;
	u32				poll_ns;

	u8				id;
	bool				accept;
	atomic_long_t			nr_pages;
	atomic_long_t			nr_safe;
	u8				durability;
	u32				window_pages;
	struct frontswap_window __rcu	*window;
	spinlock_t			lock;	/* see above */
	struct frontswap_stats __percpu	*stats;
	struct frontswap_dir		*dir;
};

#define FRONTSWAP_MAX_BACKENDS	15

/* For backends. */
int frontswap_register(struct frontswap_backend *b);
void frontswap_unregister(struct frontswap_backend *b);
void frontswap_write_begin(struct folio *folio, unsigned int nr_parts);
void frontswap_write_end(struct folio *folio, int err);
void frontswap_read_end(struct folio *folio, int err);
bool frontswap_has_fallback(struct folio *folio);
int frontswap_bring_home(struct frontswap_backend *b,
			 bool (*wanted)(swp_entry_t entry, void *data), void *data);

/* For the memory manager, below their inline wrappers. */
bool __frontswap_store(struct folio *folio);
bool __frontswap_load(struct folio *folio);
void __frontswap_invalidate(swp_entry_t entry, unsigned int nr);
bool __frontswap_is_held(swp_entry_t entry, unsigned int nr);
bool __frontswap_device_end(struct folio *folio, blk_status_t status);
bool __frontswap_is_sync(struct swap_info_struct *si, swp_entry_t entry);

#ifdef CONFIG_SWAP_EXT

/* On while a backend is registered. */
DECLARE_STATIC_KEY_FALSE(frontswap_key);

static __always_inline bool frontswap_active(void)
{
	return static_branch_unlikely(&frontswap_key);
}

#else

static inline bool frontswap_active(void) { return false; }

#endif

/* Offer @folio, locked and in the swap cache: was it taken? */
static __always_inline bool frontswap_store(struct folio *folio)
{
	return frontswap_active() && __frontswap_store(folio);
}

/* Does a backend read @folio, or has it? Else the device is to be read. */
static __always_inline bool frontswap_load(struct folio *folio)
{
	return frontswap_active() && __frontswap_load(folio);
}

/* What backends have of these slots is out of date. Any context. */
static __always_inline void frontswap_invalidate(swp_entry_t entry, unsigned int nr)
{
	if (frontswap_active())
		__frontswap_invalidate(entry, nr);
}

static __always_inline bool swap_is_sync(struct swap_info_struct *si)
{
	/* Set before swapon is done; other flags may change meanwhile. */
	return data_race(si->flags & SWP_SYNCHRONOUS_IO);
}

/*
 * Does a read of this slot end before it returns, so that a fault may pass the swap
 * cache?
 */
static __always_inline bool frontswap_is_sync(struct swap_info_struct *si,
					      swp_entry_t entry)
{
	if (frontswap_active())
		return __frontswap_is_sync(si, entry);
	return swap_is_sync(si);
}

/* @folio, locked and in the swap cache, is written out anew. */
static __always_inline void frontswap_invalidate_folio(struct folio *folio)
{
	if (frontswap_active())
		__frontswap_invalidate(folio->swap, folio_nr_pages(folio));
}

/* Does a backend hold any of these slots? */
static __always_inline bool frontswap_is_held(swp_entry_t entry, unsigned int nr)
{
	return frontswap_active() && __frontswap_is_held(entry, nr);
}

#endif /* _LINUX_FRONTSWAP_H */
