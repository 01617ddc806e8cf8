// SPDX-License-Identifier: GPL-2.0
/*
 * Keyed contents for memory under test. Each word depends on the seed, the page,
 * its version and its place in the page, so that a page delivered to the wrong
 * address, from the wrong slot or from an earlier time is told apart.
 */
#include "region.h"
#include "pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_BYTES	(2u << 20)

/* Reported in full before it is clear that something is badly wrong. */
#define MAX_REPORTS	8

static size_t region_bytes(const struct region *r)
{
	return (size_t)r->nr * PAGE_BYTES;
}

static uint64_t *page_start(const struct region *r, uint32_t page)
{
	return r->mem + (size_t)page * PAGE_WORDS;
}

static uint64_t page_key(const struct region *r, uint32_t page)
{
	uint64_t state = r->seed ^ ((uint64_t)r->version[page] << 32 | page);

	return random_next(&state);
}

static uint64_t keyed_word(uint64_t key, uint32_t word)
{
	uint64_t x = (key + word) * 0x9e3779b97f4a7c15ULL;

	return x ^ (x >> 29);
}

uint32_t page_fast_word(const struct region *r, uint32_t page)
{
	return (r->seed + page * 37) % PAGE_WORDS;
}

uint64_t page_word(const struct region *r, uint32_t page, uint32_t word)
{
	return keyed_word(page_key(r, page), word);
}

static int region_advise(struct region *r, bool huge)
{
	char *mem = (char *)r->mem;
	size_t at, bytes, size = region_bytes(r);
	int advice;

	for (at = 0; at < size; at += bytes) {
		bytes = huge && size - at > HUGE_BYTES ? HUGE_BYTES : size - at;
		advice = huge && (at / HUGE_BYTES) % 2 ?
			 MADV_HUGEPAGE : MADV_NOHUGEPAGE;
		if (madvise(mem + at, bytes, advice))
			return -errno;
	}
	return 0;
}

int region_map(struct region *r, enum region_map map, uint32_t nr, bool huge,
	       uint64_t seed)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	size_t size = (size_t)nr * PAGE_BYTES;
	char *space, *aligned;
	int err;

	*r = (struct region){ .fd = -1, .nr = nr, .seed = seed };

	r->version = calloc(nr, sizeof(*r->version));
	if (!r->version)
		return -ENOMEM;

	if (map == REGION_SHMEM) {
		flags = MAP_SHARED | MAP_FIXED;
		r->fd = memfd_create("swapwork", MFD_CLOEXEC);
		if (r->fd < 0 || ftruncate(r->fd, size)) {
			err = -errno;
			goto err_close;
		}
	}

	space = mmap(NULL, size + HUGE_BYTES, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (space == MAP_FAILED) {
		err = -errno;
		goto err_close;
	}
	aligned = space + (-(uintptr_t)space & (HUGE_BYTES - 1));
	r->mem = mmap(aligned, size, PROT_READ | PROT_WRITE, flags, r->fd, 0);
	if (r->mem == MAP_FAILED) {
		err = -errno;
		goto err_unmap;
	}
	err = region_advise(r, huge);
	if (err)
		goto err_unmap;

	/* What is left of the space around it keeps the mapping alone. */
	return 0;

err_unmap:
	munmap(space, size + HUGE_BYTES);
err_close:
	if (r->fd >= 0)
		close(r->fd);
	free(r->version);
	return err;
}

void region_unmap(struct region *r)
{
	munmap(r->mem, region_bytes(r));
	if (r->fd >= 0)
		close(r->fd);
	free(r->version);
}

static void page_fill(struct region *r, uint32_t page)
{
	uint64_t key = page_key(r, page);
	uint64_t *mem = page_start(r, page);
	uint32_t word;

	for (word = 0; word < PAGE_WORDS; word++)
		mem[word] = keyed_word(key, word);
}

void region_fill(struct region *r, const uint32_t *order)
{
	uint32_t i;

	for (i = 0; i < r->nr; i++)
		page_fill(r, order[i]);
}

void page_rewrite(struct region *r, uint32_t page)
{
	r->version[page]++;
	page_fill(r, page);
}

int region_pageout(struct region *r, const uint32_t *order)
{
	uint32_t i;

	if (!order)
		return madvise(r->mem, region_bytes(r), MADV_PAGEOUT) ? -errno : 0;

	for (i = 0; i < r->nr; i++)
		if (madvise(page_start(r, order[i]), PAGE_BYTES, MADV_PAGEOUT))
			return -errno;
	return 0;
}

long region_count_resident(const struct region *r)
{
	unsigned char *resident = malloc(r->nr);
	long count = 0;
	uint32_t i;

	if (!resident)
		return -ENOMEM;
	if (mincore(r->mem, region_bytes(r), resident)) {
		count = -errno;
	} else {
		for (i = 0; i < r->nr; i++)
			count += resident[i] & 1;
	}
	free(resident);
	return count;
}

long region_count_adjacent_slots(const struct region *r)
{
	size_t size = r->nr * sizeof(uint64_t);
	off_t start = (uintptr_t)r->mem / PAGE_BYTES * sizeof(uint64_t);
	uint64_t *entry = malloc(size);
	long count = 0;
	uint32_t i;
	int fd;

	if (!entry)
		return -ENOMEM;
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, entry, size, start) != (ssize_t)size) {
		count = -EIO;
		goto out_close;
	}
	/* Bit 62: in swap; bits 0 to 54: swap device and offset. */
	for (i = 1; i < r->nr; i++)
		if ((entry[i] & entry[i - 1]) >> 62 & 1)
			count += (entry[i] & ((1ULL << 55) - 1)) ==
				 (entry[i - 1] & ((1ULL << 55) - 1)) + (1 << 5);
out_close:
	if (fd >= 0)
		close(fd);
	free(entry);
	return count;
}

uint32_t page_check(const struct region *r, uint32_t page, const uint64_t *have,
		    uint32_t first, uint32_t nr)
{
	static uint32_t nr_reports;
	uint64_t key = page_key(r, page);
	uint32_t i, wrong = 0;

	for (i = 0; i < nr; i++) {
		if (have[i] == keyed_word(key, first + i))
			continue;
		if (!wrong++ &&
		    __atomic_fetch_add(&nr_reports, 1, __ATOMIC_RELAXED) < MAX_REPORTS)
			fprintf(stderr, "swapwork: page %" PRIu32 " word %" PRIu32
				": have %#" PRIx64 ", want %#" PRIx64 "\n",
				page, first + i, have[i], keyed_word(key, first + i));
	}
	return wrong;
}
