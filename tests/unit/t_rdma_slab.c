// SPDX-License-Identifier: GPL-2.0
/*
 * cc: -include tests/unit/kernel/kernel.h -Itests/unit/kernel -Ibackend backend/kmod/swap_ext_rdma/slab.c
 *
 * Where swap_ext_rdma puts ranges of slots: pieces are spread evenly over servers, every
 * byte of a slab can have a page, what is freed can be used again, and mirrored pages
 * are on two servers until one of them is lost. The figures of
 * tests/bench/README.md are printed.
 */
#include "../../backend/kmod/swap_ext_rdma/rdma.h"
#include "expect.h"

#define NR_PIECES	1000U	/* given out */
#define NR_TRIALS	100U
#define MIB		(1ULL << 20)

struct swx_node __rcu *swx_nodes[SWX_MAX_NODES];
bool swx_mirror;
unsigned int swx_time_scale = 1, swx_op_timeout_ms;

static struct swx_node nodes[SWX_MAX_NODES];
static struct swx_path paths[SWX_MAX_NODES];
static struct swx_stats stats[SWX_MAX_NODES];
static u64 state;

/* xorshift*: every run draws the same. */
u32 get_random_u32_below(u32 ceil)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 32) % ceil;
}

static void set_up(unsigned int nr_nodes, u64 slab_size, unsigned int nr_slabs)
{
	unsigned int i, k;

	for (i = 0; i < nr_nodes; i++) {
		struct swx_node *n = &nodes[i];

		memset(n, 0, sizeof(*n));
		INIT_LIST_HEAD(&n->slabs);
		INIT_LIST_HEAD(&n->free_pieces);
		n->stats = &stats[i];
		n->path = &paths[i];
		swx_nodes[i] = n;
		for (k = 0; k < nr_slabs; k++) {
			struct swx_wire_slab wire = {
				.id	= htole32(k + 1),
				.addr	= htole64((u64)(k + 1) * slab_size),
				.len	= htole64(slab_size),
			};

			EXPECT(!swx_slab_add(n, &wire), "slab %u", k);
		}
	}
}

static void tear_down(unsigned int nr_nodes)
{
	unsigned int i;

	for (i = 0; i < nr_nodes; i++) {
		swx_slabs_lose(&nodes[i]);
		EXPECT(nodes[i].slabs.next == &nodes[i].slabs, "node %u has slabs left", i);
		swx_nodes[i] = NULL;
	}
}

static swp_entry_t slot(unsigned int i)
{
	return swp_entry(0, i);
}

/* A place for the page of a slot; more than one is not wanted. */
static struct swx_place get_place(swp_entry_t entry)
{
	struct swx_place place[SWX_MAX_COPIES] = {};

	EXPECT(swx_places_get(entry, 1, place) < 2, "two places");
	return place[0];
}

static unsigned int nr_taken(const struct swx_node *n, unsigned int of)
{
	return of - n->nr_free;
}

/* @most: pieces above an even share that the fullest server may have, in any trial. */
static void test_balance(unsigned int nr_nodes, unsigned int most)
{
	unsigned int i, trial, worst_max = 0, worst_min = UINT_MAX;
	u64 sum = 0;

	for (trial = 0; trial < NR_TRIALS; trial++) {
		unsigned int max = 0, min = UINT_MAX;

		set_up(nr_nodes, NR_PIECES * SWX_PIECE_SIZE, 1);
		EXPECT(!swx_swapon(NULL, 0, NR_PIECES * SWX_PIECE_SLOTS), "swapon");
		for (i = 0; i < NR_PIECES; i++)
			EXPECT(get_place(slot(i * SWX_PIECE_SLOTS)).slab, "range %u", i);
		for (i = 0; i < nr_nodes; i++) {
			unsigned int nr = nr_taken(&nodes[i], NR_PIECES);

			max = nr > max ? nr : max;
			min = nr < min ? nr : min;
		}
		sum += max;
		worst_max = max > worst_max ? max : worst_max;
		worst_min = min < worst_min ? min : worst_min;
		for (i = 0; i < NR_PIECES; i++)
			swx_place_put(slot(i * SWX_PIECE_SLOTS), 1);
		swx_swapoff(NULL, 0);
		tear_down(nr_nodes);
	}
	printf("%2u servers: %4u ranges each, the fullest has %.1f on average, %u at worst; the emptiest %u\n",
	       nr_nodes, NR_PIECES / nr_nodes, (double)sum / NR_TRIALS, worst_max, worst_min);
	EXPECT(worst_max <= DIV_ROUND_UP(NR_PIECES, nr_nodes) + most,
	       "%u servers: one got %u of %u ranges", nr_nodes, worst_max, NR_PIECES);
}

/* Slabs of @slab_size: every page of every slab is used, once. */
static void test_fill(u64 slab_size)
{
	unsigned int nr_slabs = 2, i, nr = nr_slabs * (slab_size / PAGE_SIZE);
	unsigned char *seen = calloc(nr, 1);
	struct swx_place place;
	u64 lost;

	set_up(1, slab_size, nr_slabs);
	EXPECT(!swx_swapon(NULL, 0, nr + SWX_PIECE_SLOTS), "swapon");
	for (i = 0; i < nr; i++) {
		place = get_place(slot(i));
		if (!place.slab)
			break;
		EXPECT(!seen[(place.addr - slab_size) / PAGE_SIZE]++, "slot %u: place taken", i);
	}
	EXPECT(i == nr, "%llu MiB slabs: %u of %u pages fit", (unsigned long long)(slab_size / MIB),
	       i, nr);
	EXPECT(!get_place(slot(nr)).slab, "more than there is");
	EXPECT(swx_count_live(&nodes[0], &lost) == nr && !lost, "pages are off");

	/* One page left in each range keeps the range's memory: the cost of pieces. */
	for (i = 0; i < nr; i++)
		if (i % SWX_PIECE_SLOTS)
			swx_invalidate(NULL, slot(i));
	EXPECT(!get_place(slot(nr)).slab, "a range that has a page gave its piece away");
	swx_invalidate(NULL, slot(0));
	EXPECT(get_place(slot(nr)).slab, "a range without pages kept its piece");
	swx_invalidate(NULL, slot(nr));
	for (i = SWX_PIECE_SLOTS; i < nr; i += SWX_PIECE_SLOTS)
		swx_invalidate(NULL, slot(i));
	EXPECT(nodes[0].nr_free == nr / SWX_PIECE_SLOTS, "%u pieces free", nodes[0].nr_free);
	swx_swapoff(NULL, 0);
	tear_down(1);
	free(seen);
}

static void expect_live(unsigned int node, u64 want, u64 want_lost)
{
	u64 lost, live = swx_count_live(&nodes[node], &lost);

	EXPECT(live == want && lost == want_lost, "node %u: %llu pages, %llu lost", node,
	       (unsigned long long)live, (unsigned long long)lost);
}

/* Ranges on two of three servers each. */
static void test_mirror(void)
{
	unsigned int i, nr = 3 * 8 / 2;
	struct swx_place place[SWX_MAX_COPIES];
	u64 lost;

	swx_mirror = true;
	set_up(1, 16 * MIB, 1);
	EXPECT(!swx_swapon(NULL, 0, (nr + 1) * SWX_PIECE_SLOTS), "swapon");
	EXPECT(!swx_places_get(slot(0), 1, place), "a page is mirrored on one server");
	EXPECT(nodes[0].nr_free == 8, "a piece was lost with that");
	tear_down(1);

	set_up(3, 16 * MIB, 1);
	for (i = 0; i < nr; i++) {
		EXPECT(swx_places_get(slot(i * SWX_PIECE_SLOTS + i), 2, place) == 2,
		       "range %u has not two places", i);
		EXPECT(place[0].slab->owner != place[1].slab->owner, "range %u: one server", i);
		EXPECT(swx_place_nth(slot(i * SWX_PIECE_SLOTS + i), 1).addr == place[1].addr,
		       "range %u: another second place", i);
		if (nodes[0].nr_free + nodes[1].nr_free == 0 ||
		    nodes[0].nr_free + nodes[2].nr_free == 0 ||
		    nodes[1].nr_free + nodes[2].nr_free == 0)
			break;
	}
	nr = min(i + 1, nr);
	EXPECT(nr >= 9, "only %u ranges fit", nr);
	lost = nodes[1].nr_free;
	for (i = 0; i < 3; i++)
		expect_live(i, 2 * nr_taken(&nodes[i], 8), 0);

	/* One server is lost: no page is. Its ranges are read from the other. */
	swx_slabs_lose(&nodes[1]);
	nodes[1].path = NULL;
	for (i = 0; i < 3; i++)
		expect_live(i, 2 * (8 - (i == 1 ? lost : nodes[i].nr_free)), 0);
	for (i = 0; i < nr; i++) {
		swp_entry_t entry = slot(i * SWX_PIECE_SLOTS + i);

		EXPECT(!swx_place_find(entry).slab->lost, "range %u: read from the lost server", i);
	}
	for (i = 0; i < nr; i++)
		swx_place_put(slot(i * SWX_PIECE_SLOTS + i), 2);
	EXPECT(nodes[0].nr_free == 8 && nodes[2].nr_free == 8, "pieces are missing");
	EXPECT(nodes[1].slabs.next == &nodes[1].slabs, "the lost slab is still there");

	/* A twin outlives neither. */
	EXPECT(swx_places_get(slot(0), 1, place) == 2, "two servers are left");
	swx_slabs_lose(&nodes[0]);
	swx_slabs_lose(&nodes[2]);
	expect_live(0, 1, 1);
	expect_live(2, 1, 1);
	swx_invalidate(NULL, slot(0));
	swx_swapoff(NULL, 0);
	tear_down(3);
	swx_mirror = false;
}

int main(void)
{
	u64 slab_size;

	state = 1;
	for (slab_size = 2 * MIB; slab_size <= 1024 * MIB; slab_size *= 8)
		test_fill(slab_size);
	test_mirror();
	test_balance(2, 4);
	test_balance(4, 4);
	test_balance(8, 4);
	test_balance(16, 4);
	return nr_failed;
}
