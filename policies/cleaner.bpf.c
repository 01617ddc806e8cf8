// SPDX-License-Identifier: GPL-2.0
/*
 * cleaner - writes what is cold to swap before it has to go, and leaves it where it is.
 *
 * Pages that come are in a queue. Every period the accessed bits of the cgroup are read, then
 * pages are taken from the head of the queue: one that has been idle for long is written and
 * stays, mapped and in use. All go to the end, until they are gone. When memory is needed then,
 * those that nobody has written to since go at once: nobody waits for a write. Which pages go
 * is left to the kernel.
 *
 * Good: memory that is written once and read seldom, on a device that writes slowly, where
 * memory is needed suddenly: whoever needs it waits for reads only.
 * Loses: what is written to again was written for nothing (the counter again has an upper
 * bound: pages that were used, be it read): memory that is written to less often than age_s
 * costs a write each time, and if no memory is ever needed all writes were in vain. A clean
 * page has a slot, which counts against memory.swap.max. It does not see what was there before
 * it came, nor large pages; what the device or zswap cannot take so is refused
 * (bpf_swap_clean_page()). It takes two entries of maps for each page, about 200 bytes.
 *
 * What the kernel's flusher does for files every dirty_writeback_centisecs, to data older than
 * dirty_expire_centisecs (Documentation/admin-guide/sysctl/vm.rst), for memory that is in no
 * file; by the time since a page was used, as nobody knows when it was written to.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/periodic.bpf.h>

#define NSEC_PER_SEC	1000000000ULL
#define MAX_PAGES	(1U << 20)	/* in the queues of all attachments: 4 GiB */
#define LOOKS		8		/* at pages in a period, for each of batch */

struct params {
	SWAP_PARAM(u32, period_s, 30, 1, 3600, "seconds from scan to scan");
	SWAP_PARAM(u32, age_s, 120, 1, 36000, "seconds a page must have been idle");
	SWAP_PARAM(u32, batch, 4096, 1, 100000, "pages written in a period, at most");
	SWAP_PARAM(u32, share, 50, 1, 100, "percent of the pages that may be clean");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(scans, "scans");
	SWAP_STAT(cleaned, "pages written ahead, if they were not clean yet");
	SWAP_STAT(again, "of these: had been before, and were used since");
	SWAP_STAT(refused, "pages that could not be written ahead");
	SWAP_STAT(went_clean, "pages reclaimed that had been written ahead, and not used since");
	SWAP_STAT(went_dirty, "other pages reclaimed");
};
SWAP_STATS(struct stats);

struct place {
	u64 cgroup_id;
	u64 nr;
};

struct known_page {
	u64 cgroup_id;
	u64 page;
};

struct known {
	u64 nr;			/* its place */
	u64 cleaned_s;		/* when it was written last, 0: never */
};

/* Handles, by place. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PAGES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct place);
	__type(value, u64);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PAGES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct known_page);
	__type(value, struct known);
} known_pages SEC(".maps");

struct cleaner {
	struct swap_periodic periodic;
	struct swap_ext_histogram h;	/* that nobody reads */
	u64 nr_pages;		/* as the last scan found */
	u64 nr_in, nr_out;	/* places from nr_out to nr_in may have a page */
	u64 round_end;		/* up to here they are of this round */
	u64 nr_clean;		/* pages, of this round */
	/* That are left in this period: */
	u32 nr_writes;
	u32 nr_looks;
	u32 nr_gaps;		/* places without a page */
};
SWAP_ATTACHMENT_STATE(cleaners, struct cleaner);

static __always_inline u64 period_ns(u64 cgroup_id)
{
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);

	return (p ? p->period_s : 30) * NSEC_PER_SEC;
}

/* Never 0. */
static __always_inline u64 now_s(void)
{
	return bpf_ktime_get_ns() / NSEC_PER_SEC + 1;
}

/* Not used since it was written, by two clocks that are never a second apart. */
static __always_inline bool is_clean(const struct known *k, int idle_s)
{
	return k->cleaned_s && idle_s >= 0 && k->cleaned_s + idle_s + 1 >= now_s();
}

/* At the end of the queue; false: there is no room. */
static __always_inline bool enter(struct cleaner *c, const struct known_page *key,
				  struct known *k, u64 flags)
{
	struct place place = { .cgroup_id = key->cgroup_id };
	u64 page = key->page;

	place.nr = __sync_fetch_and_add(&c->nr_in, 1);
	k->nr = place.nr;
	if (bpf_map_update_elem(&known_pages, key, k, flags))
		return false;
	if (!bpf_map_update_elem(&places, &place, &page, BPF_ANY))
		return true;
	bpf_map_delete_elem(&known_pages, key);
	return false;
}

/* Returns -ESTALE if it is no page of the cgroup's any more. */
static __always_inline int clean(struct cleaner *c, const struct known_page *key,
				 struct known *k)
{
	int err = bpf_swap_clean_page(key->cgroup_id, key->page);

	if (err == -ESTALE)
		return err;
	c->nr_writes--;
	if (err) {
		swap_stat_add(key, refused, 1);
		return 0;
	}
	swap_stat_add(key, cleaned, 1);
	if (k->cleaned_s)
		swap_stat_add(key, again, 1);
	k->cleaned_s = now_s();
	c->nr_clean++;
	return 0;
}

/* Returns as clean(). */
static __always_inline int look_at(struct cleaner *c, const struct params *p,
				   const struct known_page *key, struct known *k)
{
	int idle_s = bpf_swap_page_idle_s(key->page);

	if (idle_s == -ESTALE)
		return idle_s;
	if (is_clean(k, idle_s))
		c->nr_clean++;
	else if (idle_s >= (int)p->age_s && c->nr_clean * 100 < c->nr_pages * p->share)
		return clean(c, key, k);
	return 0;
}

static __always_inline void visit(struct cleaner *c, const struct params *p, u64 cgroup_id)
{
	struct place place = { .cgroup_id = cgroup_id, .nr = c->nr_out++ };
	struct known_page key = { .cgroup_id = cgroup_id };
	u64 *page = bpf_map_lookup_elem(&places, &place);
	struct known *known, k;

	if (!page) {
		c->nr_gaps--;
		return;
	}
	c->nr_looks--;
	key.page = *page;
	bpf_map_delete_elem(&places, &place);
	known = bpf_map_lookup_elem(&known_pages, &key);
	if (!known || known->nr != place.nr)
		return;
	k = *known;
	if (look_at(c, p, &key, &k))
		bpf_map_delete_elem(&known_pages, &key);
	else
		/* It may have gone meanwhile. */
		enter(c, &key, &k, BPF_EXIST);
}

static __always_inline void scan_and_clean(u64 cgroup_id, struct cleaner *c)
{
	const struct { u64 cgroup_id; } at = { cgroup_id };
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);
	s64 nr;

	if (!p)
		return;
	nr = bpf_swap_scan_memcg(cgroup_id, 1, &c->h);
	if (nr < 0)
		return;
	swap_stat_add(&at, scans, 1);
	c->nr_pages = nr;
	if (c->nr_out >= c->round_end) {
		c->round_end = c->nr_in;
		c->nr_clean = 0;
	}
	c->nr_writes = p->batch;
	c->nr_looks = p->batch * LOOKS;
	c->nr_gaps = MAX_PAGES;
	while (c->nr_out < c->round_end && c->nr_writes && c->nr_looks && c->nr_gaps &&
	       swap_can_loop)
		visit(c, p, cgroup_id);
}

SWAP_PERIODIC(cleaner, struct cleaner, period_ns, scan_and_clean)

void BPF_STRUCT_OPS(cleaner_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct known_page key = { .cgroup_id = p->cgroup_id, .page = p->page };
	struct cleaner *c = swap_attachment_state(p, &cleaners);
	struct known k = { 0 };

	if (c && p->nr_pages == 1 && !(p->flags & SWAP_EXT_P_SHMEM))
		enter(c, &key, &k, BPF_NOEXIST);
}

void BPF_STRUCT_OPS(cleaner_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct known_page key = { .cgroup_id = p->cgroup_id, .page = p->page };
	struct known *k = bpf_map_lookup_elem(&known_pages, &key);
	struct place place = { .cgroup_id = p->cgroup_id };

	if (p->flags & SWAP_EXT_P_EVICTED) {
		if (k && is_clean(k, bpf_swap_folio_idle_s(folio)))
			swap_stat_add(p, went_clean, 1);
		else
			swap_stat_add(p, went_dirty, 1);
	}
	if (!k)
		return;
	place.nr = k->nr;
	bpf_map_delete_elem(&places, &place);
	bpf_map_delete_elem(&known_pages, &key);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cleaner_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	s32 err = swap_attachment_begin(&cleaners, cgroup_id, struct cleaner);
	struct cleaner *c = err ? NULL : bpf_map_lookup_elem(&cleaners, &cgroup_id);

	return c ? cleaner_start_periodic(&cleaners, c, cgroup_id) : err;
}

static __always_inline void forget_all(struct cleaner *c, u64 cgroup_id)
{
	struct place place = { .cgroup_id = cgroup_id };
	struct known_page key = { .cgroup_id = cgroup_id };
	u64 *page;

	while (c->nr_out < c->nr_in && swap_can_loop) {
		place.nr = c->nr_out++;
		page = bpf_map_lookup_elem(&places, &place);
		if (!page)
			continue;
		key.page = *page;
		bpf_map_delete_elem(&places, &place);
		bpf_map_delete_elem(&known_pages, &key);
	}
}

void BPF_STRUCT_OPS_SLEEPABLE(cleaner_exit, struct mem_cgroup *memcg,
			      struct swap_ext_exit_info *ei)
{
	struct cleaner *c = swap_attachment_state(ei, &cleaners);

	if (c)
		forget_all(c, ei->cgroup_id);
	swap_attachment_end(&cleaners, ei);
}

SWAP_POLICY(cleaner, "write what is cold ahead of need, and keep it",
	    .init = (void *)cleaner_init,
	    .exit = (void *)cleaner_exit,
	    .added = (void *)cleaner_added,
	    .removed = (void *)cleaner_removed);
