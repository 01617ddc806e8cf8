/* SPDX-License-Identifier: GPL-2.0 */
/* swap_ext: what its own files share. */
#ifndef _MM_SWAP_EXT_H
#define _MM_SWAP_EXT_H

#include <linux/frontswap.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/sched/clock.h>
#include <linux/swap.h>
#include <linux/swap_ext.h>
#include <linux/workqueue.h>

struct bpf_link;
struct swap_ext_store;

/*
 * Locks, outermost first:
 *
 *   bpf_struct_ops update_mutex	attach, update and detach of a link
 *     domain->lock			start and stop of one attachment
 *       cgroup_mutex			who governs which memcg
 *         swap_ext_lock		list of domains, domain->link, records
 *
 * What a fault reads is published by RCU: memcg->swap_ext (never replaced while
 * the memcg lives), ->domain and domain->ops.
 */
extern struct mutex swap_ext_lock;

/**
 * struct swap_ext_record - how a policy left a cgroup
 * @name: of the policy.
 * @info: as handed to ops->exit().
 * @at_ns: when, CLOCK_MONOTONIC.
 * @dump: text from ops->dump(), NULL without one.
 * @dump_len: of @dump, without the NUL.
 */
struct swap_ext_record {
	char				name[SWAP_EXT_NAME_LEN];
	struct swap_ext_exit_info	info;
	u64				at_ns;
	char				*dump;
	size_t				dump_len;
};

/**
 * struct swap_ext_domain - one attachment of a policy to a cgroup
 * @ops: the policy; NULL once stopped. A stopped attachment keeps its link.
 * @memcg: where it is attached; referenced.
 * @cgroup_id: of @memcg's cgroup, the key of the policy's maps.
 * @link: the BPF link, NULL once that is gone; under swap_ext_lock.
 * @node: in the list of domains; under swap_ext_lock.
 * @ref: the link holds one, queued work another.
 * @lock: see above.
 * @started: @ops->init succeeded and @ops->exit has not run; under @lock.
 * @incoming: the policy that is taking over from @ops; under @lock, read without.
 * @store: what the policy remembers of pages; NULL: nothing.
 * @removed: the cgroup went away; set under cgroup_mutex, read without.
 * @attached_ns: when the current policy took over.
 * @record: why it stops; info.kind is claimed by cmpxchg(), the first wins.
 * @stop_work: stops the policy after an error.
 * @offline_work: detaches the link after the cgroup was removed.
 *
 * A sleepable op runs under @lock, every other under rcu_read_lock().
 */
struct swap_ext_domain {
	struct swap_ext_ops __rcu	*ops;
	struct mem_cgroup		*memcg;
	u64				cgroup_id;
	struct bpf_link			*link;
	struct list_head		node;
	struct kref			ref;
	struct mutex			lock;	/* start and stop, see above */
	bool				started;
	const struct swap_ext_ops	*incoming;
	struct swap_ext_store __rcu	*store;
	bool				removed;
	u64				attached_ns;
	struct swap_ext_record		record;
	struct work_struct		stop_work;
	struct work_struct		offline_work;
};

/**
 * struct swap_ext_call - a policy is being called
 * @dom: the attachment it is called for, which may govern no longer.
 * @ops: the policy, which may have been replaced meanwhile.
 * @record: where the call leaves its last words.
 * @outer: the call that this one interrupts, or an op that sleeps and allocates; or NULL.
 * @start: when it began, by swap_ext_clock().
 *
 * On the stack of the caller, whose task points to it: a kfunc acts for the call
 * it is made from, whatever governs the memcg by now.
 */
struct swap_ext_call {
	struct swap_ext_domain		*dom;
	const struct swap_ext_ops	*ops;
	struct swap_ext_record		*record;
	struct swap_ext_call		*outer;
	u64				start;
};

struct swap_ext_stats {
	u64	v[SWAP_EXT_NR_STATS];
};

/* Ops whose calls are timed. */
enum swap_ext_timed {
	SWAP_EXT_TIMED_FAULT,
	SWAP_EXT_TIMED_PREFETCH,
	SWAP_EXT_TIMED_WAIT,
	SWAP_EXT_TIMED_RECLAIM,
	SWAP_EXT_TIMED_PAGE,
	SWAP_EXT_TIMED_EVICT,
	SWAP_EXT_NR_TIMED,
};

/**
 * struct swap_ext_governor - keeps a policy from hurting its own memcg
 * @nr_inflight: plan pages whose read has not ended.
 * @window: most pages a plan may bring in now.
 * @off: the accuracy floor ended prefetch in this memcg.
 * @nr_plans: until the next look at the accuracy; racy, a hint.
 * @nr_slow: calls in a row over the time budget, by op; racy, a hint.
 * @nr_kept: pages kept in a row, none let go between them; racy, a hint.
 * @no_keeps: it kept too many: from now on it keeps none.
 * @seen_good: used + late at the last look.
 * @seen_bad: unused at the last look.
 */
struct swap_ext_governor {
	atomic_t	nr_inflight;
	u32		window;
	bool		off;
	u32		nr_plans;
	u32		nr_slow[SWAP_EXT_NR_TIMED];
	u32		nr_kept;
	bool		no_keeps;
	u64		seen_good;
	u64		seen_bad;
};

/**
 * struct swap_ext_remote - what a memcg and all below it have on backends
 * @max: pages they may have in all.
 * @total: pages they have.
 * @nr_pages: the same by number of the backend.
 */
struct swap_ext_remote {
	long		max;
	atomic_long_t	total;
	atomic_long_t	nr_pages[FRONTSWAP_MAX_BACKENDS + 1];
};

/**
 * struct swap_ext_memcg - what a memcg has once a policy or a backend came near it
 * @domain: the attachment that governs it; NULL: the stock kernel does.
 * @own: the attachment to this very cgroup; under cgroup_mutex, RCU to read.
 * @stats: counters of faults in, and pages of, this memcg.
 * @gone: counters of removed children; under swap_ext_lock.
 * @folded: of these counters and @gone, what the parent has in its @gone; under
 *	swap_ext_lock.
 * @gov: limits.
 * @last: record of the last policy that left; under swap_ext_lock.
 * @remote: pages on backends.
 */
struct swap_ext_memcg {
	struct swap_ext_domain __rcu	*domain;
	struct swap_ext_domain __rcu	*own;
	struct swap_ext_stats __percpu	*stats;
	struct swap_ext_stats		gone;
	struct swap_ext_stats		folded;
	struct swap_ext_governor	gov;
	struct swap_ext_record		last;
	struct swap_ext_remote		remote;
};

/* In reclaim: not from the reserves it may use, which are for writing pages out. */
#define SWAP_EXT_GFP	(GFP_NOWAIT | __GFP_NOMEMALLOC | __GFP_NOWARN)

/* Sum over a plan of what one call of a policy may name, dead ends included. */
#define SWAP_EXT_NAMED_MAX	1024

/**
 * struct swap_ext_plan - pages to bring in, filled by a policy
 * @target: the fault it belongs to.
 * @domain: the attachment asked; compared, never followed.
 * @memcg: of the faulting process.
 * @mm: of the faulting process; pages of a dead memcg are charged to it.
 * @max: pages it may hold.
 * @nr: pages it holds.
 * @nr_named: pages named so far, see SWAP_EXT_NAMED_MAX.
 * @entry: their slots; state may have changed when the kernel acts.
 */
struct swap_ext_plan {
	struct swap_ext_target	*target;
	const void		*domain;
	struct mem_cgroup	*memcg;
	struct mm_struct	*mm;
	u32			max;
	u32			nr;
	u32			nr_named;
	swp_entry_t		entry[SWAP_EXT_PLAN_MAX];
};

/* On while any policy runs; swap_ext_key is also on for backends alone. */
DECLARE_STATIC_KEY_FALSE(swap_ext_policy_key);

extern bool swap_ext_enabled;
extern atomic_t swap_ext_nr_attached, swap_ext_nr_stopped, swap_ext_nr_rejected;

static inline struct swap_ext_memcg *swap_ext_of(struct mem_cgroup *memcg)
{
	/* Pairs with smp_store_release() in swap_ext_memcg_prepare(). */
	return memcg ? READ_ONCE(memcg->swap_ext) : NULL;
}

static inline void swap_ext_add(struct swap_ext_memcg *se,
				enum swap_ext_stat item, u64 nr)
{
	this_cpu_add(se->stats->v[item], nr);
}

static inline void swap_ext_inc(struct swap_ext_memcg *se,
				enum swap_ext_stat item)
{
	this_cpu_inc(se->stats->v[item]);
}

/* Who is to be called for @se, if anybody. Caller holds rcu_read_lock(). */
static __always_inline bool swap_ext_prepare_call(struct swap_ext_call *call,
						  struct swap_ext_memcg *se)
{
	if (!se || !READ_ONCE(swap_ext_enabled))
		return false;
	call->dom = rcu_dereference(se->domain);
	if (!call->dom)
		return false;
	call->ops = rcu_dereference(call->dom->ops);
	call->record = &call->dom->record;
	return call->ops;
}

/*
 * In jiffies where they go on: the budget is several of them, and a clock is not free.
 * Pages come and go with interrupts off as well.
 */
static __always_inline u64 swap_ext_clock(enum swap_ext_timed op)
{
	return op == SWAP_EXT_TIMED_PAGE && irqs_disabled() ?
	       nsecs_to_jiffies64(local_clock()) : jiffies;
}

/* An op is about to be called, prepared by swap_ext_prepare_call(). */
static __always_inline void swap_ext_begin_call(struct swap_ext_call *call,
						enum swap_ext_timed op)
{
	call->outer = current->swap_ext_call;
	call->start = swap_ext_clock(op);
	current->swap_ext_call = call;
}

/* swap_ext.c: attachments */
int swap_ext_memcg_ready(struct mem_cgroup *memcg);
int swap_ext_attach(struct swap_ext_ops *ops, struct cgroup *cgrp,
		    struct bpf_link *link);
int swap_ext_replace(struct swap_ext_ops *ops, struct bpf_link *link);
void swap_ext_detach(struct bpf_link *link);
void swap_ext_fail(const struct swap_ext_call *call, enum swap_ext_exit_kind kind,
		   s64 code, const char *msg);

/* swap_ext_fault.c: calling a policy */
void swap_ext_mark(struct swap_ext_memcg *se, swp_entry_t entry);
void swap_ext_unmark(struct swap_ext_memcg *se, swp_entry_t entry);
void swap_ext_settle(void);
bool swap_ext_is_prefetched(swp_entry_t entry);

/* swap_ext_plan.c: what a policy may name, and reading it */
void swap_ext_plan_read(struct swap_ext_plan *plan);
int swap_ext_slot_count(swp_entry_t entry);

/* Is there a page behind the byte of a slot? A freed one may still have the cache bit. */
static inline bool swap_ext_holds_page(int count)
{
	return count > 0 && count != SWAP_MAP_BAD && count & ~SWAP_HAS_CACHE;
}

/* swap_ext_governor.c */
u32 swap_ext_budget(struct swap_ext_memcg *se, const struct swap_ext_ops *ops);
void __swap_ext_check_accuracy(struct mem_cgroup *memcg,
			       const struct swap_ext_call *call);
void __swap_ext_check_time(struct mem_cgroup *memcg,
			   const struct swap_ext_call *call,
			   enum swap_ext_timed op, unsigned long spent);
void swap_ext_reset_governor(struct swap_ext_memcg *se);
void swap_ext_check_progress(struct mem_cgroup *memcg,
			     const struct swap_ext_call *call, u32 nr_pages);
u32 swap_ext_make_room(struct mem_cgroup *memcg, u32 nr, gfp_t gfp);

/* The sums cost a walk over the CPUs: look only each so many plans. */
#define SWAP_EXT_ACCURACY_PLANS	64

static inline void swap_ext_check_accuracy(struct mem_cgroup *memcg,
					   const struct swap_ext_call *call)
{
	if (++swap_ext_of(memcg)->gov.nr_plans >= SWAP_EXT_ACCURACY_PLANS)
		__swap_ext_check_accuracy(memcg, call);
}

/*
 * The verifier bounds instructions, not time: bpf_loop() may go round 8 million
 * times.
 */
#define SWAP_EXT_CALL_BUDGET_MS	20

/* The op has returned; it was called for @memcg. */
static __always_inline void swap_ext_end_call(struct swap_ext_call *call,
					      struct mem_cgroup *memcg,
					      enum swap_ext_timed op)
{
	u64 spent = swap_ext_clock(op) - call->start;

	current->swap_ext_call = call->outer;
	if (unlikely(spent > msecs_to_jiffies(SWAP_EXT_CALL_BUDGET_MS)))
		__swap_ext_check_time(memcg, call, op, spent);
	else
		swap_ext_of(memcg)->gov.nr_slow[op] = 0;
}

/* swap_ext_reclaim.c: which pages go and which stay */
void swap_ext_forget_keeps(void);
unsigned long swap_ext_nr_on_list(struct lruvec *lruvec, enum lru_list lru);

/* What enum swap_ext_reclaim_flags says of a reclaim, not of a page. */
static inline u32 swap_ext_round_flags(const struct swap_ext_round *round)
{
	return (round->proactive ? SWAP_EXT_R_PROACTIVE : 0) |
	       (round->global ? SWAP_EXT_R_GLOBAL : 0) |
	       (current_is_kswapd() ? SWAP_EXT_R_KSWAPD : 0);
}

/* swap_ext_page.c: pages that come and go, and what a policy remembers of each */
struct swap_ext_store *swap_ext_make_store(const struct swap_ext_ops *ops);
void swap_ext_free_store(struct swap_ext_store *store);
void swap_ext_forget_pages(void);
void *swap_ext_make_piece(struct xarray *xa, unsigned long index, size_t size);
void swap_ext_free_pieces(struct xarray *xa);
struct folio *swap_ext_get_folio(u64 page);
bool swap_ext_is_of(struct folio *folio, struct mem_cgroup *memcg);
struct swap_ext_page swap_ext_describe_page(const struct swap_ext_call *call,
					    struct folio *folio, swp_entry_t entry,
					    u32 flags);

/* swap_ext_backend.c: where pages go that are written out */
u64 swap_ext_select_backend(struct folio *folio, u64 more);

/* swap_ext_access.c: how long pages have been idle */
void swap_ext_see_use(struct folio *folio);

/* swap_ext_bpf.c */
struct mem_cgroup *swap_ext_get_memcg(u64 cgroup_id);

/* swap_ext_stat.c */
u64 swap_ext_read_stat(struct swap_ext_memcg *se, enum swap_ext_stat item);
void swap_ext_fold_stats(struct swap_ext_memcg *from, struct swap_ext_memcg *to);

#endif /* _MM_SWAP_EXT_H */
