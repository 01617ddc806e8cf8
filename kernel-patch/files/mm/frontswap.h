/* SPDX-License-Identifier: GPL-2.0 */
/* frontswap: what its own files share. */
#ifndef _MM_FRONTSWAP_H
#define _MM_FRONTSWAP_H

#include <linux/bits.h>
#include <linux/frontswap.h>
#include <linux/swapops.h>

/*
 * Locks, outermost first:
 *
 *   frontswap_lock		who is registered, which devices they know
 *     cgroup_mutex		at the first registration
 *     backend->lock		module reference; any context
 *     window->lock		copies on their way to the device; any context
 *
 * The word of a slot belongs to whoever has its SWAP_HAS_CACHE, which serialises
 * store, load and invalidation; but bits of a read that was posted early, of a store
 * into several places and of a copy on its way to the device are contended: all
 * changes are atomic. Of a folio's slots the first one's word says what is under way.
 * Backends are looked up under RCU or by a slot
 * they hold, which keeps them.
 */
extern struct mutex frontswap_lock;
extern struct frontswap_backend __rcu *frontswap_backends[FRONTSWAP_MAX_BACKENDS + 1];
extern bool frontswap_verify, frontswap_read_early;

/*
 * What is known of a slot, 8 bytes: crc32c of its page and, above, how many times it
 * was stored (part of what is summed, so that an older page of the same slot or
 * one of another does not pass), who holds it, and flags.
 */
#define SLOT_CRC		GENMASK_ULL(31, 0)
#define SLOT_GENERATION		GENMASK_ULL(47, 32)
#define SLOT_BACKEND		GENMASK_ULL(51, 48)
#define SLOT_SUMMED		BIT_ULL(52)	/* SLOT_CRC says something */
#define SLOT_CHARGED		BIT_ULL(53)	/* to the memcg the slot belongs to */
#define SLOT_DEVICE		BIT_ULL(54)	/* next time to the device: a store failed */
#define SLOT_HELD		BIT_ULL(55)	/* read under way, folio not to be unlocked */
#define SLOT_ENDED		BIT_ULL(56)	/* that read has ended */
#define SLOT_FAILED		BIT_ULL(57)	/* and failed; or a write to the backend */
#define SLOT_SAFE		BIT_ULL(58)	/* the device has the same page */
#define SLOT_BEHIND		BIT_ULL(59)	/* a copy, of any store, goes to the device */
#define SLOT_THROUGH		BIT_ULL(60)	/* backend and device are written */
#define SLOT_DEVICE_FAILED	BIT_ULL(61)	/* of these two the device has failed */
#define SLOT_MORE		GENMASK_ULL(63, 62) /* ends to come but one; copies tried */
#define SLOT_ONE_MORE		BIT_ULL(62)

/* The device answers if the backend cannot, once a copy under way has arrived. */
#define SLOT_FALLBACK		(SLOT_SAFE | SLOT_BEHIND)

/* What stays when a page is dropped. */
#define SLOT_STICKY		(SLOT_GENERATION | SLOT_DEVICE | SLOT_BEHIND)

enum frontswap_stat {
	FRONTSWAP_STORES,		/* pages stored */
	FRONTSWAP_LOADS,		/* pages read, well or not */
	FRONTSWAP_REFUSED,		/* offered and not taken */
	FRONTSWAP_WRITE_ERRORS,		/* taken and not stored */
	FRONTSWAP_READ_ERRORS,		/* reads that failed */
	FRONTSWAP_CORRUPT,		/* reads that brought the wrong bytes */
	FRONTSWAP_POLLED,		/* faults whose page came while they polled */
	FRONTSWAP_FELL_BACK,		/* reads that failed, answered by the device */
	FRONTSWAP_WINDOW_FULL,		/* pages written through: the window was full */
	FRONTSWAP_NR_STATS,
};

struct frontswap_stats {
	u64	v[FRONTSWAP_NR_STATS];
};

static inline void frontswap_count(struct frontswap_backend *b,
				   enum frontswap_stat item, u64 nr)
{
	this_cpu_add(b->stats->v[item], nr);
}

/**
 * struct frontswap_ticket - where to wait for a read
 * @id: of the backend; 0: nowhere, the read is not one of a backend.
 * @queue: what ops->submit_read() said; or FRONTSWAP_NO_QUEUE: somebody else reads,
 *	and ends that by interrupt or polls for it.
 */
struct frontswap_ticket {
	u8		id;
	unsigned int	queue;
};

#define FRONTSWAP_NO_QUEUE	UINT_MAX

/* frontswap.c */
u64 frontswap_offered(void);
struct frontswap_backend *frontswap_holder(swp_entry_t entry);
struct frontswap_ticket frontswap_join(swp_entry_t entry);
int frontswap_swapon(unsigned int type, unsigned long nr_slots);
void frontswap_swapoff(unsigned int type);
struct frontswap_ticket frontswap_post_demand(struct folio *folio);
void frontswap_release_demand(struct folio *folio);
void frontswap_read_batch(struct frontswap_backend *b, struct folio **folios,
			  unsigned int nr);
bool frontswap_reread(struct folio *folio, swp_entry_t entry,
		      struct frontswap_ticket *ticket);
void frontswap_poll(struct folio *folio, struct frontswap_ticket ticket, u64 ns);
void frontswap_arm(struct frontswap_ticket ticket);
u64 frontswap_poll_ns(struct frontswap_ticket ticket);
swp_entry_t frontswap_next(struct frontswap_backend *b, swp_entry_t from);
u64 frontswap_read_slot(swp_entry_t entry);
void frontswap_mark_behind(swp_entry_t entry);
void frontswap_behind_end(struct frontswap_backend *b, swp_entry_t entry, u64 generation,
			  int err);
void frontswap_fallback_end(struct folio *folio, int err);

/* frontswap_memcg.c */
int frontswap_charge(struct frontswap_backend *b, swp_entry_t entry,
		     unsigned int nr);
void frontswap_uncharge(struct frontswap_backend *b, swp_entry_t entry,
			unsigned int nr);

/* Pages of a window where nobody said: what 5 ms of a device of 800 MB/s are. */
#define FRONTSWAP_WINDOW_PAGES		1024
#define FRONTSWAP_MAX_WINDOW_PAGES	BIT(20)

/* frontswap_window.c */
int frontswap_set_window(struct frontswap_backend *b, unsigned int nr_pages);
int frontswap_set_durability(struct frontswap_backend *b,
			     enum frontswap_durability durability);
int frontswap_copy_folio(struct frontswap_backend *b, struct folio *folio,
			 struct list_head *copies);
void frontswap_forget_copies(struct list_head *copies);
void frontswap_queue_copies(struct list_head *copies);
void frontswap_cancel_copy(struct frontswap_backend *b, swp_entry_t entry);
void frontswap_wait_copies(swp_entry_t entry, unsigned int nr);
void frontswap_flush_window(struct frontswap_backend *b, unsigned int type);

/* frontswap_fallback.c */
void frontswap_fall_back(struct folio *folio);

/* frontswap_sysfs.c */
int frontswap_add_dir(struct frontswap_backend *b);
void frontswap_remove_dir(struct frontswap_backend *b);

/* frontswap_drain.c */
int frontswap_drain(struct frontswap_backend *b);

#endif /* _MM_FRONTSWAP_H */
