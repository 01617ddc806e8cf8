/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's place taken by this process, so that a policy's source file runs
 * as it is under tests: include the .bpf.c file, then call
 * host_policy's ops with a struct swap_ext_fault of your own.
 *
 * Maps live in memory (host_map.h), kfuncs write the plan down instead of
 * reading pages, time and random numbers are the caller's. One thread, one CPU.
 */
#ifndef __SWAP_EXT_HOST_H
#define __SWAP_EXT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

/* Ops have their arguments from the kernel, and no prototype but its own. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __noinline	__attribute__((noinline))
#define __ksym
#define __arg_nonnull
#define __arg_trusted
#define barrier()	__asm__ volatile("" ::: "memory")
#define barrier_var(var)	__asm__ volatile("" : "+r"(var))
#define SEC(name)

#define __uint(name, val)	int (*name)[val]
#define __type(name, val)	__typeof__(val) *name

#include <swap_ext/host_map.h>

/** struct host - what the caller of a policy controls; all zero is fine */
struct host {
	struct task_struct *current;	/* who faults */
	u64 now_ns;			/* bpf_ktime_get_ns() */
	u64 seed;			/* bpf_get_prandom_u32() */
	u64 stat[SWAP_EXT_NR_STATS];	/* bpf_swap_memcg_stat() */
	u32 exit_kind;			/* enum swap_ext_exit_kind, if it gave up */
	s64 exit_code;
	char exit_msg[SWAP_EXT_MSG_LEN];
	char dump[SWAP_EXT_DUMP_LEN];
	/* what a policy has written down of a page in swap; NULL: nothing */
	u64 *(*entry_state)(u64 entry, void *arg);
	void *entry_state_arg;
	/* the page behind a handle; NULL: there is none */
	struct folio *(*find_folio)(u64 page, void *arg);
	void *find_folio_arg;
	/* accessed bits, reclaim and writes ahead of need; NULL: -ENOENT, as of no cgroup */
	s64 (*scan)(struct swap_ext_histogram *h, void *arg);
	s64 (*reclaim)(u64 nr_pages, void *arg);
	int (*clean)(u64 page, void *arg);
	/* swap_pressure_read(); NULL: nobody waits, there is no memory */
	int (*pressure)(u64 *stalled_ns, u64 *nr_pages, void *arg);
	void *scan_arg;
	/* may a page be read? NULL: each may */
	bool (*is_swapped)(u64 page, void *arg);
	void *is_swapped_arg;
};

static struct host host;

/* The one cgroup and the one swap device of whoever drives a policy. */
#define HOST_CGROUP	42
#define HOST_DEVICE	(3ULL << 58)

/*
 * Where the parameters and the counters of the policy are for a cgroup, all 0 if nobody
 * set them yet: for who does not know their types. NULL: the policy has none.
 */
static struct host_values {
	void *(*params)(u64 cgroup_id);
	void *(*stats)(u64 cgroup_id);
} host_values __attribute__((unused));

/* --- tasks --- */

static inline struct task_struct *bpf_get_current_task_btf(void)
{
	return host.current;
}

static inline u64 bpf_get_current_pid_tgid(void)
{
	return (u64)host.current->tgid << 32 | (u32)host.current->pid;
}

/* A process's first thread if @leader is NULL. */
static inline struct task_struct *host_task_create(struct task_struct *leader,
						   int pid)
{
	struct task_struct *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->pid = pid;
	t->group_leader = leader ?: t;
	t->tgid = t->group_leader->pid;
	return t;
}

static inline void host_task_exit(struct task_struct *t)
{
	host_map_forget_task(t);
	if (host.current == t)
		host.current = NULL;
	free(t);
}

/* --- helpers --- */

static inline u64 bpf_ktime_get_ns(void)
{
	return host.now_ns;
}

static inline u32 bpf_get_smp_processor_id(void)
{
	return 0;
}

/* splitmix64: any seed will do, and the same seed gives the same run. */
static inline u32 bpf_get_prandom_u32(void)
{
	u64 z = host.seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) >> 32;
}

#define bpf_printk(fmt, args...)	fprintf(stderr, fmt "\n", ##args)

#define bpf_for(i, start, end)	for ((i) = (start); (i) < (end); (i)++)
#define bpf_repeat(n)		for (int ___i = 0; ___i < (n); ___i++)

static inline long bpf_loop(u32 nr, void *fn, void *ctx, u64 flags)
{
	long (*body)(u32 i, void *ctx) = (long (*)(u32, void *))fn;
	u32 i;

	for (i = 0; i < nr; i++)
		if (body(i, ctx))
			return i + 1;
	return nr;
}

/* --- kfuncs --- */

enum host_target { HOST_ADDR, HOST_PGOFF, HOST_ENTRY };

/** struct host_page - one page a plan named: page number, offset or slot */
struct host_page {
	enum host_target target;
	u64 n;
};

/** struct swap_ext_plan - on the host, open to whoever checks it */
struct swap_ext_plan {
	const struct swap_ext_fault *f;
	u32 nr;
	u32 nr_dropped;		/* named, not taken: known, unmapped or full */
	struct host_page page[SWAP_EXT_PLAN_MAX];
};

static inline u32 bpf_swap_plan_room(const struct swap_ext_plan *plan)
{
	return swap_min(plan->f->max_pages, SWAP_EXT_PLAN_MAX) - plan->nr;
}

static inline bool host_plan_has(const struct swap_ext_plan *plan,
				 enum host_target target, u64 n)
{
	u32 i;

	for (i = 0; i < plan->nr; i++)
		if (plan->page[i].target == target && plan->page[i].n == n)
			return true;
	return false;
}

static inline int host_plan_add(struct swap_ext_plan *plan,
				enum host_target target, u64 n, u32 nr, s64 step)
{
	const struct swap_ext_fault *f = plan->f;
	u64 self = target == HOST_ADDR ? f->addr >> SWAP_PAGE_SHIFT :
		   target == HOST_PGOFF ? f->pgoff : f->entry;
	int added = 0;

	if (!step)
		return -EINVAL;
	for (; nr; nr--, n += step) {
		if (n == self || host_plan_has(plan, target, n) ||
		    (host.is_swapped &&
		     !host.is_swapped(n, host.is_swapped_arg))) {
			plan->nr_dropped++;
			continue;
		}
		if (!bpf_swap_plan_room(plan)) {
			plan->nr_dropped += nr;
			return added ?: -ENOSPC;
		}
		plan->page[plan->nr].target = target;
		plan->page[plan->nr++].n = n;
		added++;
	}
	return added;
}

static inline int bpf_swap_plan_addr(struct swap_ext_plan *plan, u64 addr,
				     u32 nr, s64 step)
{
	return host_plan_add(plan, HOST_ADDR, addr >> SWAP_PAGE_SHIFT, nr, step);
}

static inline int bpf_swap_plan_pgoff(struct swap_ext_plan *plan, u64 pgoff,
				      u32 nr, s64 step)
{
	if (!(plan->f->flags & SWAP_EXT_F_SHMEM))
		return -EINVAL;
	return host_plan_add(plan, HOST_PGOFF, pgoff, nr, step);
}

static inline int bpf_swap_plan_entry(struct swap_ext_plan *plan, u64 entry,
				      u32 nr)
{
	return host_plan_add(plan, HOST_ENTRY, entry, nr, 1);
}

static inline u64 bpf_swap_memcg_stat(struct mem_cgroup *memcg, u32 item)
{
	return item < SWAP_EXT_NR_STATS ? host.stat[item] : 0;
}

static inline u64 *bpf_swap_folio_state(struct folio *folio, u32 rdwr_buf_size)
{
	return &folio->state;
}

static inline u64 *bpf_swap_entry_state(u64 entry, u32 rdwr_buf_size)
{
	return host.entry_state ? host.entry_state(entry, host.entry_state_arg) : NULL;
}

/** struct swap_ext_victims - on the host, open to whoever checks it */
struct swap_ext_victims {
	u32 max;		/* victims wanted */
	u32 nr;
	struct {
		struct folio *folio;
		s64 score;
	} victim[SWAP_EXT_VICTIMS_MAX];
	struct folio **seen;	/* what the iterator walks, coldest first */
	u32 nr_seen;
	u32 nr_looked_at;	/* of these */
	bool may_end;		/* nobody is in need */
	bool ended;		/* no others are to go */
};

struct host_candidates {
	struct swap_ext_victims *victims;
	u32 pos;
	u32 nr;
};

static inline int bpf_iter_swap_folio_new(struct bpf_iter_swap_folio *it,
					  struct swap_ext_victims *victims, u32 nr)
{
	*(struct host_candidates *)it = (struct host_candidates) {
		.victims = victims,
		.nr = swap_min(nr, victims->nr_seen),
	};
	return 0;
}

static inline struct folio *bpf_iter_swap_folio_next(struct bpf_iter_swap_folio *it)
{
	struct host_candidates *c = (struct host_candidates *)it;

	if (c->pos == c->nr)
		return NULL;
	c->victims->nr_looked_at = swap_max(c->victims->nr_looked_at, c->pos + 1);
	return c->victims->seen[c->pos++];
}

static inline void bpf_iter_swap_folio_destroy(struct bpf_iter_swap_folio *it)
{
}

static inline struct folio *bpf_swap_page_folio(struct swap_ext_victims *victims, u64 page)
{
	return host.find_folio ? host.find_folio(page, host.find_folio_arg) : NULL;
}

static inline void bpf_swap_folio_put(struct folio *folio)
{
}

static inline int bpf_swap_folio_used(struct folio *folio)
{
	int nr = folio->nr_used;

	folio->nr_used = 0;
	return nr;
}

static inline int bpf_swap_folio_idle_s(struct folio *folio)
{
	return folio->idle_s ?: -ENOENT;
}

static inline int bpf_swap_victims_end(struct swap_ext_victims *victims)
{
	if (!victims->may_end)
		return -EPERM;
	victims->ended = true;
	return 0;
}

static inline int bpf_swap_page_idle_s(u64 page)
{
	struct folio *folio = bpf_swap_page_folio(NULL, page);

	return folio ? bpf_swap_folio_idle_s(folio) : -ESTALE;
}

/* A device is all there is. */
static inline u64 bpf_swap_entry_where(u64 entry)
{
	return entry ? SWAP_EXT_B_DEVICE : 0;
}

static inline s64 bpf_swap_scan_memcg(u64 cgroup_id, u32 unit_s, struct swap_ext_histogram *h)
{
	return host.scan ? host.scan(h, host.scan_arg) : -ENOENT;
}

static inline s64 bpf_swap_reclaim_memcg(u64 cgroup_id, u64 nr_pages, u32 swappiness)
{
	return host.reclaim ? host.reclaim(nr_pages, host.scan_arg) : -ENOENT;
}

static inline int bpf_swap_clean_page(u64 cgroup_id, u64 page)
{
	return host.clean ? host.clean(page, host.scan_arg) : -ENOENT;
}

static inline int bpf_swap_victim(struct swap_ext_victims *victims, struct folio *folio,
				  s64 score)
{
	u32 i = victims->nr;

	if (i == victims->max) {
		if (victims->victim[--i].score <= score)
			return -ENOSPC;
	} else {
		victims->nr++;
	}
	for (; i && victims->victim[i - 1].score > score; i--)
		victims->victim[i] = victims->victim[i - 1];
	victims->victim[i].folio = folio;
	victims->victim[i].score = score;
	return 0;
}

#define bpf_swap_ext_error(memcg, fmt, args...)				\
do {									\
	host.exit_kind = SWAP_EXT_EXIT_ERROR;				\
	snprintf(host.exit_msg, sizeof(host.exit_msg), fmt, ##args);	\
} while (0)

#define bpf_swap_ext_exit(memcg, code, fmt, args...)			\
do {									\
	host.exit_kind = SWAP_EXT_EXIT_USER;				\
	host.exit_code = (code);					\
	snprintf(host.exit_msg, sizeof(host.exit_msg), fmt, ##args);	\
} while (0)

#define bpf_swap_ext_dump(memcg, fmt, args...)				\
do {									\
	size_t ___n = strlen(host.dump);				\
									\
	snprintf(host.dump + ___n, sizeof(host.dump) - ___n, fmt, ##args); \
} while (0)

/* Back to a machine just booted. Tasks are the caller's: exit them first. */
static inline void host_reset(void)
{
	host_map_forget_all();
	memset(&host, 0, sizeof(host));
}

/* A new process alone on a new machine. */
static inline void host_start(void)
{
	struct task_struct *t = host.current;

	if (t) {
		if (t->group_leader != t)
			host_task_exit(t->group_leader);
		host_task_exit(t);
	}
	host_reset();
	host.current = host_task_create(NULL, 100);
}

#endif /* __SWAP_EXT_HOST_H */
