/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory for clients, in slabs of one size, all of it populated at the start.
 * A slab is free (zeroed), used, or dirty (given back, to be zeroed). Registration
 * with a device is the business of session.c.
 */
#ifndef __MEMD_SLAB_H
#define __MEMD_SLAB_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "log.h"

struct ibv_mr;

/**
 * struct memd_slab - one slab
 * @node: in a list of the pool or of a session
 * @id: 1 and up
 * @addr: its memory
 * @mr: registration, while it is used
 */
struct memd_slab {
	TAILQ_ENTRY(memd_slab)	node;
	__u32			id;
	void			*addr;
	struct ibv_mr		*mr;
};

TAILQ_HEAD(memd_slabs, memd_slab);

/*
 * struct memd_pool - all slabs
 * @all: array of @nr
 * @nr_huge: how many are of huge pages
 * @nr_free: zeroed, nobody's
 * @nr_dirty: to be zeroed, nobody's
 * @nr_promised: of those above and of those about to come back, promised to clients
 * @zeroed: bytes done of the first dirty slab
 * @bytes_zeroed: in all
 */
struct memd_pool {
	struct memd_slab	*all;
	__u32			nr;
	__u32			nr_huge;
	size_t			slab_size;
	struct memd_slabs	free;
	struct memd_slabs	dirty;
	__u32			nr_free;
	__u32			nr_dirty;
	__u32			nr_used;
	__u32			nr_promised;
	size_t			zeroed;
	__u64			bytes_zeroed;
};

int memd_pool_init(struct memd_pool *pool, __u64 size, size_t slab_size,
		   struct memd_err *err);
void memd_pool_destroy(struct memd_pool *pool);

/* What can still be promised: counts slabs on their way back, too. */
__u32 memd_pool_left(const struct memd_pool *pool);
/* Takes @count out of what is left; memd_pool_get() or unpromise gives them up. */
bool memd_pool_promise(struct memd_pool *pool, __u32 count);
void memd_pool_unpromise(struct memd_pool *pool, __u32 count);

/* A promised slab, zeroed; NULL as long as none is. */
struct memd_slab *memd_pool_get(struct memd_pool *pool);
/* The owner wants it no longer: it counts as left, but is not the pool's yet. */
void memd_pool_doom(struct memd_pool *pool);
/* A doomed slab that nobody can reach any more. */
void memd_pool_put(struct memd_pool *pool, struct memd_slab *slab);
/* Zeroes a piece, small enough to answer a heartbeat after it; false: none left. */
bool memd_pool_zero(struct memd_pool *pool);

#endif /* __MEMD_SLAB_H */
