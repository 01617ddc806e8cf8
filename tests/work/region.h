/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory whose every word is known: mapped, filled, pushed out to swap, checked.
 */
#ifndef SWAPWORK_REGION_H
#define SWAPWORK_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES	4096u
#define PAGE_WORDS	(PAGE_BYTES / 8)

enum region_map {
	REGION_ANON,
	REGION_SHMEM,
};

/**
 * struct region - filled memory
 * @mem: the pages, aligned to 2 MiB.
 * @fd: of the shared memory file, -1 for anonymous memory.
 * @nr: pages.
 * @seed: key of the contents.
 * @version: per page, how often page_rewrite() replaced its contents.
 */
struct region {
	uint64_t *mem;
	int fd;
	uint32_t nr;
	uint64_t seed;
	uint32_t *version;
};

/*
 * Map @nr pages of small folios; with @huge every other 2 MiB asks for a large
 * one. Returns 0 or -errno.
 */
int region_map(struct region *r, enum region_map map, uint32_t nr, bool huge,
	       uint64_t seed);
void region_unmap(struct region *r);

/* Write every word of the pages, in the order given by @order. */
void region_fill(struct region *r, const uint32_t *order);

/*
 * Push the pages out to swap, in the order given by @order, or from the first to
 * the last if that is NULL. Returns 0 or -errno.
 */
int region_pageout(struct region *r, const uint32_t *order);

/* Pages in memory, swap cache included; -errno on failure. */
long region_count_resident(const struct region *r);

/*
 * Pages whose swap slot directly follows that of the page before, which says
 * whether slots were given out in page order; -errno on failure.
 */
long region_count_adjacent_slots(const struct region *r);

/* Word of @page that a fast check looks at: not the same one in every page. */
uint32_t page_fast_word(const struct region *r, uint32_t page);

/* What word @word of @page must read. */
uint64_t page_word(const struct region *r, uint32_t page, uint32_t word);

/*
 * Compare @have, a copy of or pointer to words [@first, @first + @nr) of @page,
 * with what must be there. Reports the first difference on stderr; returns the
 * number of different words.
 */
uint32_t page_check(const struct region *r, uint32_t page, const uint64_t *have,
		    uint32_t first, uint32_t nr);

/* Give @page new contents: all of it, through the mapping. */
void page_rewrite(struct region *r, uint32_t page);

#endif /* SWAPWORK_REGION_H */
