// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs of memory: huge pages as far as there are any, populated before the first
 * client comes, so that none of them meets a server that lacks what it promised.
 */
#include "slab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define HUGE_PAGE	(2UL << 20)
#define ZERO_PIECE	(4UL << 20)
/* What populating 4K pages leaves to the rest of the machine. */
#define KEEP_AVAILABLE	(64ULL << 20)

static __u64 available_bytes(void)
{
	unsigned long long kib = ~0ULL >> 10;
	char line[128];
	FILE *f;

	f = fopen("/proc/meminfo", "re");
	if (!f)
		return kib << 10;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	fclose(f);
	return kib << 10;
}

static void *map(size_t len, int flags)
{
	void *addr = mmap(NULL, len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (addr == MAP_FAILED)
		return NULL;
	/* Clients' pages do not belong into a core file. */
	madvise(addr, len, MADV_DONTDUMP);
	if (!flags)
		madvise(addr, len, MADV_HUGEPAGE);
	if (!madvise(addr, len, MADV_POPULATE_WRITE))
		return addr;
	munmap(addr, len);
	return NULL;
}

static void *map_slab(struct memd_pool *pool, bool *huge)
{
	void *addr;

	if (*huge) {
		addr = map(pool->slab_size, MAP_HUGETLB | MAP_HUGE_2MB);
		if (addr)
			return addr;
		*huge = false;
	}
	if (available_bytes() < pool->slab_size + KEEP_AVAILABLE)
		return NULL;
	return map(pool->slab_size, 0);
}

static int pool_too_large(struct memd_pool *pool, __u32 nr, struct memd_err *err)
{
	memd_err_set(err, 0, "size: memory for %u of %u slabs of %zu KiB only", nr,
		     pool->nr, pool->slab_size >> 10);
	memd_err_hint(err, "lower size to %llu MiB, or free some memory",
		      ((unsigned long long)nr * pool->slab_size) >> 20);
	return -ENOMEM;
}

static void warn_small_pages(const struct memd_pool *pool)
{
	unsigned long long pages;

	if (pool->nr_huge == pool->nr)
		return;
	pages = (unsigned long long)pool->nr * pool->slab_size / HUGE_PAGE;
	memd_warn("%u of %u slabs are of 4 KiB pages: too few huge pages\n"
		  "for all of them: echo %llu > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
		  pool->nr - pool->nr_huge, pool->nr, pages);
}

int memd_pool_init(struct memd_pool *pool, __u64 size, size_t slab_size,
		   struct memd_err *err)
{
	bool huge = !(slab_size % HUGE_PAGE);
	__u32 i;

	memset(pool, 0, sizeof(*pool));
	TAILQ_INIT(&pool->free);
	TAILQ_INIT(&pool->dirty);
	pool->slab_size = slab_size;
	pool->nr = size / slab_size;
	pool->all = calloc(pool->nr, sizeof(*pool->all));
	if (!pool->all)
		return memd_err_set(err, -ENOMEM, "out of memory");
	for (i = 0; i < pool->nr; i++) {
		pool->all[i].id = i + 1;
		pool->all[i].addr = map_slab(pool, &huge);
		if (!pool->all[i].addr) {
			pool_too_large(pool, i, err);
			memd_pool_destroy(pool);
			return -ENOMEM;
		}
		pool->nr_huge += huge;
		TAILQ_INSERT_TAIL(&pool->free, &pool->all[i], node);
		pool->nr_free++;
	}
	warn_small_pages(pool);
	return 0;
}

void memd_pool_destroy(struct memd_pool *pool)
{
	__u32 i;

	for (i = 0; pool->all && i < pool->nr && pool->all[i].addr; i++)
		munmap(pool->all[i].addr, pool->slab_size);
	free(pool->all);
	pool->all = NULL;
	pool->nr = 0;
}

__u32 memd_pool_left(const struct memd_pool *pool)
{
	__u32 gone = pool->nr_used + pool->nr_promised;

	return gone < pool->nr ? pool->nr - gone : 0;
}

bool memd_pool_promise(struct memd_pool *pool, __u32 count)
{
	if (count > memd_pool_left(pool))
		return false;
	pool->nr_promised += count;
	return true;
}

void memd_pool_unpromise(struct memd_pool *pool, __u32 count)
{
	pool->nr_promised -= count;
}

struct memd_slab *memd_pool_get(struct memd_pool *pool)
{
	struct memd_slab *slab = TAILQ_FIRST(&pool->free);

	if (!slab)
		return NULL;
	TAILQ_REMOVE(&pool->free, slab, node);
	pool->nr_free--;
	pool->nr_promised--;
	pool->nr_used++;
	return slab;
}

void memd_pool_doom(struct memd_pool *pool)
{
	pool->nr_used--;
}

void memd_pool_put(struct memd_pool *pool, struct memd_slab *slab)
{
	TAILQ_INSERT_TAIL(&pool->dirty, slab, node);
	pool->nr_dirty++;
}

bool memd_pool_zero(struct memd_pool *pool)
{
	struct memd_slab *slab = TAILQ_FIRST(&pool->dirty);
	size_t len;

	if (!slab)
		return false;
	len = pool->slab_size - pool->zeroed;
	if (len > ZERO_PIECE)
		len = ZERO_PIECE;
	memset((char *)slab->addr + pool->zeroed, 0, len);
	pool->zeroed += len;
	pool->bytes_zeroed += len;
	if (pool->zeroed < pool->slab_size)
		return true;
	pool->zeroed = 0;
	TAILQ_REMOVE(&pool->dirty, slab, node);
	pool->nr_dirty--;
	TAILQ_INSERT_TAIL(&pool->free, slab, node);
	pool->nr_free++;
	return true;
}
