// SPDX-License-Identifier: GPL-2.0
/*
 * Which part of which slab a slot has
 *
 * The slots of a swap device are cut in ranges of SWX_PIECE_SLOTS. The first store
 * into a range gives it a piece of a slab, the last slot that is freed takes it
 * back. Where a slot is follows from that: its range's piece and its place in the
 * range. A piece never moves and never changes hands while a slot of it is live.
 * Where pages are mirrored, a range gets two pieces of two nodes.
 *
 * Looked up without locks: a range's piece that was found and then got a live slot,
 * and is still the range's piece after that, stays. See swx_places_get().
 */
#include <linux/mm.h>
#include <linux/random.h>
#include "rdma.h"

/* Per swap device. An entry of @piece is NULL or the piece of that range of slots. */
static struct {
	struct swx_piece	**piece;
	unsigned long		nr;
} areas[1 << MAX_SWAPFILES_SHIFT];

/**
 * swx_swapon - a swap device is there
 * @b: ours
 * @type: its number
 * @nr_slots: its size
 *
 * Context: frontswap_lock held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int swx_swapon(struct frontswap_backend *b, unsigned int type, unsigned long nr_slots)
{
	unsigned long nr = DIV_ROUND_UP(nr_slots, SWX_PIECE_SLOTS);

	areas[type].piece = kvcalloc(nr, sizeof(*areas[type].piece), GFP_KERNEL);
	if (!areas[type].piece)
		return -ENOMEM;
	areas[type].nr = nr;
	return 0;
}

/**
 * swx_swapoff - a swap device goes, of which no slot is live
 * @b: ours
 * @type: its number
 *
 * Context: frontswap_lock held, may sleep.
 */
void swx_swapoff(struct frontswap_backend *b, unsigned int type)
{
	struct swx_piece **piece = areas[type].piece;
	unsigned long i;

	for (i = 0; i < areas[type].nr; i++)
		WARN_ON_ONCE(piece[i]);
	areas[type].piece = NULL;
	areas[type].nr = 0;
	/* swx_piece.at of a free piece is not looked at: nothing points here any more. */
	kvfree(piece);
}

static struct swx_piece **piece_of(swp_entry_t entry)
{
	return &areas[swp_type(entry)].piece[swp_offset(entry) / SWX_PIECE_SLOTS];
}

static struct swx_place place_in(struct swx_piece *piece, swp_entry_t entry)
{
	unsigned long nr = piece - piece->slab->piece;

	return (struct swx_place) {
		.slab	= piece->slab,
		.addr	= piece->slab->addr + nr * SWX_PIECE_SIZE +
			  (swp_offset(entry) % SWX_PIECE_SLOTS) * PAGE_SIZE,
	};
}

/* Could @n take a page, and how much has it left? */
static unsigned int room_of(struct swx_node *n)
{
	struct swx_path *p = swx_path_of(n);

	if (!p || swx_takes_none(n) || READ_ONCE(p->suspect))
		return 0;
	return READ_ONCE(n->nr_free);
}

/*
 * Two nodes at random, and of them the one with more room: nearly as even as the
 * best of all would be, and two CPUs seldom choose the same (Mitzenmacher 2001).
 * Not @except. NULL: none has room.
 */
static struct swx_node *choose_node(struct swx_node *except)
{
	struct swx_node *n, *with_room[SWX_MAX_NODES];
	unsigned int i, nr_nodes = 0, first, second;

	for (i = 0; i < SWX_MAX_NODES; i++) {
		n = rcu_dereference(swx_nodes[i]);
		if (n && n != except && room_of(n))
			with_room[nr_nodes++] = n;
	}
	if (!nr_nodes)
		return NULL;
	first = get_random_u32_below(nr_nodes);
	second = get_random_u32_below(nr_nodes);
	if (room_of(with_room[second]) > room_of(with_room[first]))
		first = second;
	return with_room[first];
}

/* A free piece of @n, with @nr live slots, that goes to @at; its twin is @twin. */
static struct swx_piece *take_from(struct swx_node *n, struct swx_piece **at,
				   unsigned int nr, struct swx_piece *twin)
{
	struct swx_piece *piece;

	guard(spinlock_irqsave)(&n->slab_lock);
	piece = list_first_entry_or_null(&n->free_pieces, struct swx_piece, node);
	if (!piece)
		return NULL;
	list_del(&piece->node);
	WRITE_ONCE(n->nr_free, n->nr_free - 1);
	piece->slab->nr_mapped++;
	piece->at = at;
	piece->second = false;
	piece->twin = twin;
	atomic_set(&piece->live, nr);
	return piece;
}

/* @piece is nobody's any more. */
static void return_to(struct swx_node *n, struct swx_piece *piece)
{
	struct swx_slab *slab = piece->slab;

	lockdep_assert_held(&n->slab_lock);
	piece->twin = NULL;
	slab->nr_mapped--;
	if (!slab->lost) {
		list_add(&piece->node, &n->free_pieces);
		WRITE_ONCE(n->nr_free, n->nr_free + 1);
	} else if (!slab->nr_mapped) {
		list_del(&slab->node);
		kvfree_rcu(slab, rcu);
	}
}

/* The second piece of a range, whose first one has it no longer. */
static void return_twin(struct swx_piece *twin)
{
	struct swx_node *n = twin->slab->owner;

	guard(spinlock_irqsave)(&n->slab_lock);
	return_to(n, twin);
}

/* A piece, or two if pages are mirrored, of which the first is returned. */
static struct swx_piece *take_piece(struct swx_piece **at, unsigned int nr)
{
	struct swx_node *n = choose_node(NULL), *other;
	struct swx_piece *piece, *twin = NULL;

	if (!n)
		return NULL;
	if (READ_ONCE(swx_mirror)) {
		other = choose_node(n);
		twin = other ? take_from(other, at, 0, NULL) : NULL;
		if (!twin)
			return NULL;
		twin->second = true;
	}
	piece = take_from(n, at, nr, twin);
	if (!twin)
		return piece;
	if (!piece) {
		return_twin(twin);
		return NULL;
	}
	/* Looked at by swx_count_live(). */
	scoped_guard(spinlock_irqsave, &other->slab_lock)
		twin->twin = piece;
	return piece;
}

/* The caller took the last live slot from @piece, so that nobody else can touch it. */
static void give_back(struct swx_piece *piece)
{
	struct swx_node *n = piece->slab->owner;

	if (piece->twin)
		return_twin(piece->twin);
	guard(spinlock_irqsave)(&n->slab_lock);
	/* Not there if swx_places_get() had it twice. */
	(void)cmpxchg(piece->at, piece, NULL);
	return_to(n, piece);
}

static void put_live(struct swx_piece *piece, unsigned int nr)
{
	if (atomic_sub_and_test(nr, &piece->live))
		give_back(piece);
}

/**
 * swx_places_get - places for pages that are about to be stored
 * @entry: the first slot
 * @nr: slots from there on
 * @place: where they go, SWX_MAX_COPIES
 *
 * Undone by swx_place_put() or, when they are stored, by swx_invalidate().
 *
 * Context: RCU read lock held.
 * Return: how many places; 0: there is none.
 */
unsigned int swx_places_get(swp_entry_t entry, unsigned int nr, struct swx_place *place)
{
	struct swx_piece **at = piece_of(entry), *piece, *other;

	/* Aligned folios never are, but nobody promised that they are aligned. */
	if (swp_offset(entry) % SWX_PIECE_SLOTS + nr > SWX_PIECE_SLOTS)
		return 0;
	for (;;) {
		/* Pairs with the cmpxchg() below. */
		piece = smp_load_acquire(at);
		if (!piece) {
			piece = take_piece(at, nr);
			if (!piece)
				return 0;
			other = cmpxchg(at, NULL, piece);
			if (!other)
				break;
			put_live(piece, nr);
		} else if (atomic_add_unless(&piece->live, nr, 0)) {
			/* It may have become another range's in between. */
			if (READ_ONCE(*at) == piece)
				break;
			put_live(piece, nr);
		} else {
			/* Somebody is in give_back(). */
			cpu_relax();
		}
	}
	place[0] = place_in(piece, entry);
	if (!piece->twin)
		return 1;
	place[1] = place_in(piece->twin, entry);
	return 2;
}

/**
 * swx_place_put - slots are live no longer
 * @entry: the first
 * @nr: how many
 *
 * Context: any. They are live, so that their piece is there.
 */
void swx_place_put(swp_entry_t entry, unsigned int nr)
{
	struct swx_piece *piece = READ_ONCE(*piece_of(entry));

	if (!WARN_ON_ONCE(!piece))
		put_live(piece, nr);
}

/**
 * swx_invalidate - the page of a slot is of no use any more
 * @b: ours
 * @entry: the slot
 *
 * Context: any; spinlocks held, irqs off.
 */
void swx_invalidate(struct frontswap_backend *b, swp_entry_t entry)
{
	swx_place_put(entry, 1);
}

/**
 * swx_place_nth - where is one copy of the page of a slot?
 * @entry: the slot, which is live
 * @copy: 0 or 1
 *
 * Context: any.
 * Return: the place; .slab NULL: there is only one.
 */
struct swx_place swx_place_nth(swp_entry_t entry, unsigned int copy)
{
	struct swx_piece *piece = READ_ONCE(*piece_of(entry));

	if (WARN_ON_ONCE(!piece) || !piece->twin)
		return (struct swx_place) {};
	return place_in(copy ? piece->twin : piece, entry);
}

/* How good is a place to read from? More than 1: now. */
static unsigned int rank_piece(struct swx_piece *piece)
{
	struct swx_slab *slab = piece->slab;
	struct swx_path *p = swx_path_of(slab->owner);

	if (READ_ONCE(slab->lost))
		return 0;
	return p ? 2 + !READ_ONCE(p->suspect) : 1;
}

/**
 * swx_place_find - from where is the page of a slot best read?
 * @entry: the slot, which is live
 *
 * Context: any; RCU read lock held.
 */
struct swx_place swx_place_find(swp_entry_t entry)
{
	struct swx_piece *piece = READ_ONCE(*piece_of(entry)), *twin;

	if (WARN_ON_ONCE(!piece))
		return (struct swx_place) {};
	twin = piece->twin;
	if (twin && rank_piece(twin) > rank_piece(piece))
		piece = twin;
	return place_in(piece, entry);
}

/**
 * swx_can_come_home - is the page of a slot on that node, and can it be read?
 * @n: the node
 * @entry: the slot, whose device is pinned; perhaps not live
 *
 * Context: RCU read lock held.
 */
bool swx_can_come_home(struct swx_node *n, swp_entry_t entry)
{
	struct swx_piece *piece = READ_ONCE(*piece_of(entry)), *twin;

	if (!piece)
		return false;
	twin = READ_ONCE(piece->twin);
	if (piece->slab->owner != n && (!twin || twin->slab->owner != n))
		return false;
	return rank_piece(piece) > 1 || (twin && rank_piece(twin) > 1);
}

/**
 * swx_slab_add - a slab was granted, or is listed
 * @n: the node
 * @wire: what the server says
 *
 * Context: the node's work, may sleep.
 * Return: 0, also if it is known; -EPROTO: that cannot be; -ENOMEM.
 */
int swx_slab_add(struct swx_node *n, const struct swx_wire_slab *wire)
{
	u64 addr = le64_to_cpu(wire->addr), len = le64_to_cpu(wire->len);
	u32 i, id = le32_to_cpu(wire->id), nr = len / SWX_PIECE_SIZE;
	struct swx_slab *slab;

	if (!id || !nr || len % SWX_PIECE_SIZE || len / SWX_PIECE_SIZE > INT_MAX ||
	    addr % PAGE_SIZE || addr + len < addr)
		return -EPROTO;
	/* Nobody else changes the list but to take out what is lost. */
	scoped_guard(spinlock_irqsave, &n->slab_lock)
		list_for_each_entry(slab, &n->slabs, node)
			if (!slab->lost && slab->id == id) {
				slab->listed = true;
				return slab->addr == addr && slab->nr_pieces == nr &&
				       slab->rkey == le32_to_cpu(wire->rkey) ? 0 : -EPROTO;
			}

	slab = kvzalloc(struct_size(slab, piece, nr), GFP_KERNEL);
	if (!slab)
		return -ENOMEM;
	slab->owner = n;
	slab->id = id;
	slab->rkey = le32_to_cpu(wire->rkey);
	slab->addr = addr;
	slab->listed = true;
	slab->nr_pieces = nr;
	for (i = 0; i < nr; i++)
		slab->piece[i].slab = slab;
	guard(spinlock_irqsave)(&n->slab_lock);
	list_add_tail(&slab->node, &n->slabs);
	for (i = 0; i < nr; i++)
		list_add_tail(&slab->piece[i].node, &n->free_pieces);
	WRITE_ONCE(n->nr_free, n->nr_free + nr);
	WRITE_ONCE(n->nr_slabs, n->nr_slabs + 1);
	n->slab_bytes += len;
	return 0;
}

/**
 * swx_slabs_check - did the server list every slab we have? Forgets what it listed.
 * @n: the node
 *
 * Context: the node's work.
 * Return: 0 or -ESTALE.
 */
int swx_slabs_check(struct swx_node *n)
{
	struct swx_slab *slab;
	int err = 0;

	guard(spinlock_irqsave)(&n->slab_lock);
	list_for_each_entry(slab, &n->slabs, node) {
		if (!slab->lost && !slab->listed)
			err = -ESTALE;
		slab->listed = false;
	}
	return err;
}

/**
 * swx_slabs_lose - the session is over, and what was in its slabs is gone
 * @n: the node, whose path is down
 *
 * Context: may sleep.
 */
void swx_slabs_lose(struct swx_node *n)
{
	struct swx_slab *slab, *next;

	guard(spinlock_irqsave)(&n->slab_lock);
	/* All of them are of slabs that are lost now, and not looked at again. */
	INIT_LIST_HEAD(&n->free_pieces);
	WRITE_ONCE(n->nr_free, 0);
	WRITE_ONCE(n->nr_slabs, 0);
	n->slab_bytes = 0;
	list_for_each_entry_safe(slab, next, &n->slabs, node) {
		if (!slab->lost)
			swx_count(n, SWX_SLABS_LOST, 1);
		WRITE_ONCE(slab->lost, true);
		if (!slab->nr_mapped) {
			list_del(&slab->node);
			kvfree_rcu(slab, rcu);
		}
	}
}

/* Pages in @piece, and of them those that are nowhere else; its node's lock is held. */
static unsigned int count_live(struct swx_piece *piece, u64 *lost)
{
	struct swx_piece *twin = piece->twin;
	unsigned int live;

	/* A twin stays until we are told that it goes, for which the lock is needed. */
	if (piece->second)
		live = twin ? atomic_read(&twin->live) : 0;
	else
		live = atomic_read(&piece->live);
	if (piece->slab->lost && (!twin || READ_ONCE(twin->slab->lost)))
		*lost += live;
	return live;
}

/**
 * swx_count_live - pages of slots on a node
 * @n: the node
 * @lost: of them, those that are gone
 *
 * Context: may sleep.
 */
u64 swx_count_live(struct swx_node *n, u64 *lost)
{
	struct swx_slab *slab;
	u64 sum = 0;
	u32 i;

	*lost = 0;
	guard(spinlock_irqsave)(&n->slab_lock);
	list_for_each_entry(slab, &n->slabs, node)
		for (i = 0; slab->nr_mapped && i < slab->nr_pieces; i++)
			sum += count_live(&slab->piece[i], lost);
	return sum;
}
