/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A memory of given size under a policy: pages are walked in some order, come in
 * by fault or by plan, and leave in the order they came. No time passes, so a page
 * planned is there at once. For "how many faults wait", which the sequences
 * worked out by hand are too short to show. Include after drive.h.
 */
#ifndef SIM_H
#define SIM_H

#define SIM_PAGES	65536

enum sim_state { SIM_SWAPPED, SIM_CACHED, SIM_RESIDENT };

static struct sim {
	u8 state[SIM_PAGES];
	u32 fifo[SIM_PAGES];	/* pages in memory, oldest at tail */
	u32 head, nr, limit;
	u64 faults, misses, prefetched, used, unused;
} sim;

static inline bool sim_is_swapped(u64 page, void *arg)
{
	page -= drive.base;
	return page < drive.nr_pages && sim.state[page] == SIM_SWAPPED;
}

/* All of @nr pages in swap, room for @limit of them (0: for all). */
static inline void sim_start(u32 nr, u32 limit)
{
	drive_start();
	memset(&sim, 0, sizeof(sim));
	drive.nr_pages = nr;
	sim.limit = limit ?: nr;
	host.is_swapped = sim_is_swapped;
}

static inline void sim_bring(u64 page, enum sim_state state)
{
	u32 old;

	if (sim.nr == sim.limit) {
		old = sim.fifo[(sim.head - sim.nr--) % SIM_PAGES];
		sim.unused += sim.state[old] == SIM_CACHED;
		sim.state[old] = SIM_SWAPPED;
	}
	sim.state[page] = state;
	sim.fifo[sim.head++ % SIM_PAGES] = page;
	sim.nr++;
}

static inline void sim_access(u64 page)
{
	u32 i;

	switch (sim.state[page]) {
	case SIM_RESIDENT:
		return;
	case SIM_CACHED:
		sim.faults++;
		sim.used++;
		sim.state[page] = SIM_RESIDENT;
		drive_use(page);
		return;
	case SIM_SWAPPED:
		sim.faults++;
		sim.misses++;
		sim_bring(page, SIM_RESIDENT);
		if (drive_miss(page) != SWAP_EXT_PF_PLAN)
			return;
		for (i = 0; i < drive.plan.nr; i++)
			sim_bring(drive.plan.page[i].n - drive.base,
				  SIM_CACHED);
		sim.prefetched += drive.plan.nr;
	}
}

/*
 * Every page from @first to @first + @nr once: @width neighbours out of every
 * @row pages, then the next @width. Sequential: 1, 1; stride 7: 1, 7.
 */
struct sim_walk {
	u32 first, nr, width, row;
	u32 column, start, i;	/* where it is */
};

static inline bool sim_walk_next(struct sim_walk *w, u64 *page)
{
	u64 p;

	while (w->column < w->row) {
		p = w->start + w->column + w->i;
		if (w->i < w->width && p < w->nr && w->column + w->i < w->row) {
			w->i++;
			*page = w->first + p;
			return true;
		}
		w->i = 0;
		w->start += w->row;
		if (w->start + w->column < w->nr)
			continue;
		w->start = 0;
		w->column += w->width;
	}
	return false;
}

static inline void sim_walk(u32 nr, u32 width, u32 row)
{
	struct sim_walk w = { .nr = nr, .width = width, .row = row };
	u64 page;

	while (sim_walk_next(&w, &page))
		sim_access(page);
}

static inline double sim_wait_percent(void)
{
	return sim.faults ? 100.0 * sim.misses / sim.faults : 0;
}

static inline double sim_used_percent(void)
{
	return sim.prefetched ? 100.0 * sim.used / sim.prefetched : 0;
}

static inline void sim_print(const char *what)
{
	printf("# %-28s faults %6llu waits %5.1f%% prefetched %6llu used %5.1f%%\n",
	       what, (unsigned long long)sim.faults, sim_wait_percent(),
	       (unsigned long long)sim.prefetched, sim_used_percent());
}

#endif /* SIM_H */
