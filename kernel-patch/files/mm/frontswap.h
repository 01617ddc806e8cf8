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
 *
 * The word of a slot belongs to whoever has its SWAP_HAS_CACHE, which serialises
 * store, load and invalidation; only the bits of a read that was posted early are
 * contended, and change by cmpxchg. Backends are looked up under RCU or by a slot
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
#define SLOT_FAILED		BIT_ULL(57)	/* and failed */

/* What stays when a page is dropped. */
#define SLOT_STICKY		(SLOT_GENERATION | SLOT_DEVICE)

enum frontswap_stat {
	FRONTSWAP_STORES,		/* pages stored */
	FRONTSWAP_LOADS,		/* pages read, well or not */
	FRONTSWAP_REFUSED,		/* offered and not taken */
	FRONTSWAP_WRITE_ERRORS,		/* taken and not stored */
	FRONTSWAP_READ_ERRORS,		/* reads that failed */
	FRONTSWAP_CORRUPT,		/* reads that brought the wrong bytes */
	FRONTSWAP_POLLED,		/* faults whose page came while they polled */
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

/* frontswap_memcg.c */
int frontswap_charge(struct frontswap_backend *b, swp_entry_t entry,
		     unsigned int nr);
void frontswap_uncharge(struct frontswap_backend *b, swp_entry_t entry,
			unsigned int nr);

/* frontswap_sysfs.c */
int frontswap_add_dir(struct frontswap_backend *b);
void frontswap_remove_dir(struct frontswap_backend *b);

/* frontswap_drain.c */
int frontswap_drain(struct frontswap_backend *b);

#endif /* _MM_FRONTSWAP_H */
