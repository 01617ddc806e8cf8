// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - victims: pages that a policy names before the lists are looked at
 *
 * A policy looks at pages of anonymous and shared memory of one memcg on one node: at
 * some from each list, as many as the list's share, or at those whose handle it kept. It
 * gives each a score; the lowest go. Those it has looked at and let stay move to the
 * other end of their list, so that it sees all pages in turn, each as often as any other.
 * Pages in nobody's use, read ahead in vain, say, go before any others as they come by.
 *
 * Called from reclaim in the middle of an allocation of any task, between its looks at
 * the lists. The op runs under rcu_read_lock() with no other lock held; the LRU lock is
 * taken inside it to look at the lists, and after it.
 */
#include <linux/btf.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/page_idle.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include "internal.h"
#include "swap_ext.h"

/* How often a plan may get nowhere before the lists decide. */
#define MAX_TRIES	3

/**
 * struct swap_ext_victims - pages that a policy looks at and names
 * @lruvec: whose pages.
 * @max: victims wanted.
 * @may_end: nobody is in need: the policy may want no others to go.
 * @ended: it does.
 * @may_enter_fs: of what is in files of shared memory as well.
 * @max_zone: of higher zones none.
 * @nr: victims named.
 * @nr_seen: pages the policy may look at by iterator.
 * @collected: these were taken from the lists.
 * @victim: by score, lowest first. Referenced.
 * @seen: in the order of the lists, coldest first. Referenced.
 * @nr_unused: pages in nobody's use that came by.
 * @unused: these. Referenced.
 */
struct swap_ext_victims {
	struct lruvec	*lruvec;
	u32		max;
	bool		may_end;
	bool		ended;
	bool		may_enter_fs;
	s8		max_zone;
	u32		nr;
	u32		nr_seen;
	bool		collected;
	struct {
		struct folio	*folio;
		s64		score;
	}		victim[SWAP_EXT_VICTIMS_MAX];
	struct folio	*seen[SWAP_EXT_CANDIDATES_MAX];
	u32		nr_unused;
	struct folio	*unused[SWAP_EXT_VICTIMS_MAX];
};

/* Looking */

/* Would it help, and may it be written, or need not? See may_enter_fs() in vmscan.c. */
static bool may_go(const struct swap_ext_victims *v, struct folio *folio)
{
	return folio_zonenum(folio) <= v->max_zone &&
	       (v->may_enter_fs || folio_test_anon(folio) || folio_test_swapcache(folio));
}

/* Caller holds the LRU lock. */
static void collect_from(struct swap_ext_victims *v, struct list_head *list, u32 nr)
{
	/* Pages that are being written or freed must not make it long. */
	u32 nr_tries = 4 * nr;
	struct folio *folio;

	list_for_each_entry_reverse(folio, list, lru) {
		bool used = swap_ext_in_use(folio);

		if (!nr || !nr_tries-- || v->nr_seen == SWAP_EXT_CANDIDATES_MAX)
			return;
		if (!used && (v->nr_unused == v->max || folio_test_writeback(folio)))
			continue;
		if (!may_go(v, folio) || !folio_try_get(folio))
			continue;
		if (used) {
			v->seen[v->nr_seen++] = folio;
			nr--;
		} else {
			v->unused[v->nr_unused++] = folio;
		}
	}
}

/**
 * struct share - of @nr pages, as many from each list as is its share
 * @nr: how many in all
 * @of: pages on all lists
 * @rest: what rounding has left, times @of
 */
struct share {
	u32	nr;
	u64	of;
	u64	rest;
};

static u32 share_of(struct share *s, unsigned long nr_pages)
{
	return div64_u64_rem(s->rest + (u64)s->nr * nr_pages, s->of, &s->rest);
}

static unsigned long nr_anon(struct lruvec *lruvec)
{
	return swap_ext_nr_on_list(lruvec, LRU_INACTIVE_ANON) +
	       swap_ext_nr_on_list(lruvec, LRU_ACTIVE_ANON);
}

#ifdef CONFIG_LRU_GEN
/* Caller holds the LRU lock. */
static void collect_from_gens(struct swap_ext_victims *v, struct share *s)
{
	struct lru_gen_folio *gens = &v->lruvec->lrugen;
	unsigned long seq;
	int zid;

	for (seq = gens->min_seq[LRU_GEN_ANON]; seq <= gens->max_seq; seq++) {
		int gen = lru_gen_from_seq(seq);

		for (zid = 0; zid < MAX_NR_ZONES; zid++) {
			long nr_pages = READ_ONCE(gens->nr_pages[gen][LRU_GEN_ANON][zid]);

			collect_from(v, &gens->folios[gen][LRU_GEN_ANON][zid],
				     share_of(s, max(nr_pages, 0)));
		}
	}
}
#else
static void collect_from_gens(struct swap_ext_victims *v, struct share *s) {}
#endif

static struct list_head *list_of(struct lruvec *lruvec, struct folio *folio)
{
#ifdef CONFIG_LRU_GEN
	int gen = folio_lru_gen(folio), type = folio_is_file_lru(folio);

	if (gen >= 0)
		return &lruvec->lrugen.folios[gen][type][folio_zonenum(folio)];
#endif
	return &lruvec->lists[folio_lru_list(folio)];
}

static void collect(struct swap_ext_victims *v, u32 nr)
{
	struct share s = {
		.nr = min_t(u32, nr, SWAP_EXT_CANDIDATES_MAX),
		.of = max(nr_anon(v->lruvec), 1UL),
	};

	spin_lock_irq(&v->lruvec->lru_lock);
	if (lru_gen_enabled()) {
		collect_from_gens(v, &s);
	} else {
		collect_from(v, &v->lruvec->lists[LRU_INACTIVE_ANON],
			     share_of(&s, swap_ext_nr_on_list(v->lruvec, LRU_INACTIVE_ANON)));
		collect_from(v, &v->lruvec->lists[LRU_ACTIVE_ANON],
			     share_of(&s, swap_ext_nr_on_list(v->lruvec, LRU_ACTIVE_ANON)));
	}
	spin_unlock_irq(&v->lruvec->lru_lock);
	v->collected = true;
}

static bool count_uses(struct folio *folio, struct vm_area_struct *vma,
		       unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, 0);
	int *nr = arg;

	while (page_vma_mapped_walk(&pvmw)) {
		if (pvmw.pte)
			*nr += !!ptep_clear_young_notify(vma, pvmw.address, pvmw.pte);
		else if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
			*nr += !!pmdp_clear_young_notify(vma, pvmw.address, pvmw.pmd);
	}
	return true;
}

/* What ops->evict() may call: looking, and naming */

__bpf_kfunc_start_defs();

struct swap_ext_candidates {
	struct swap_ext_victims	*victims;
	u32			pos;
	u32			nr;
};

/**
 * bpf_iter_swap_folio_new - begin to look at pages that may be victims
 * @it: the iterator
 * @victims: the plan given to ops->evict()
 * @nr: how many to look at, at most %SWAP_EXT_CANDIDATES_MAX
 *
 * They are taken from the cold end of all lists of the memcg on its node, from each in
 * proportion to its length. Those that are not named as victims go to the other end of
 * their list when the op has returned: so all come by in turn. A second iterator of the
 * same call meets the same pages.
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: 0.
 */
__bpf_kfunc int bpf_iter_swap_folio_new(struct bpf_iter_swap_folio *it,
					struct swap_ext_victims *victims, u32 nr)
{
	struct swap_ext_candidates *c = (void *)it;

	BUILD_BUG_ON(sizeof(*c) != sizeof(*it));
	BUILD_BUG_ON(__alignof__(*c) != __alignof__(*it));
	c->victims = victims;
	c->pos = 0;
	c->nr = nr;
	return 0;
}

/**
 * bpf_iter_swap_folio_next - the next page that may be a victim
 * @it: the iterator
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: the page, coldest first in each list; NULL: there are no more.
 */
__bpf_kfunc struct folio *bpf_iter_swap_folio_next(struct bpf_iter_swap_folio *it)
{
	struct swap_ext_candidates *c = (void *)it;
	struct swap_ext_victims *v = c->victims;
	u32 i = c->pos++;

	if (!v->collected)
		collect(v, c->nr);
	return i < v->nr_seen && i < c->nr ? v->seen[i] : NULL;
}

/**
 * bpf_iter_swap_folio_destroy - end of the iteration
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_swap_folio_destroy(struct bpf_iter_swap_folio *it)
{
}

/**
 * bpf_swap_page_folio - the page behind a handle
 * @victims: the plan given to ops->evict()
 * @page: the handle, from a context of another op; anything
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: the page, to be given back by bpf_swap_folio_put(); NULL: it is not, or no
 * longer, one that could be a victim of this plan. A page that took the place of another
 * one has its handle, too.
 */
__bpf_kfunc struct folio *bpf_swap_page_folio(struct swap_ext_victims *victims, u64 page)
{
	struct folio *folio = swap_ext_get_folio(page);

	if (!folio ||
	    (folio_matches_lruvec(folio, victims->lruvec) && swap_ext_in_use(folio)))
		return folio;
	folio_put(folio);
	return NULL;
}

/**
 * bpf_swap_folio_put - give back what bpf_swap_page_folio() returned
 * @folio: the page
 */
__bpf_kfunc void bpf_swap_folio_put(struct folio *folio)
{
	folio_put(folio);
}

/**
 * bpf_swap_folio_used - has a page been used since somebody last looked?
 * @folio: a page
 *
 * Reads and clears the accessed bit in each page table that has the page. The stock
 * kernel will find it used nevertheless. Not by folio_referenced(): on MGLRU that forgets
 * what it sees of the neighbours.
 *
 * Context: ops->evict(), under rcu_read_lock(): no lock is waited for but that of a
 * page table.
 * Return: how many page tables have used it; -EBUSY: that is not known.
 */
__bpf_kfunc int bpf_swap_folio_used(struct folio *folio)
{
	/* A file's mappings can only be found while the page is locked. */
	bool lock = !folio_test_anon(folio) || folio_test_ksm(folio);
	int nr = 0;
	struct rmap_walk_control rwc = {
		.arg	   = &nr,
		.rmap_one  = count_uses,
		.anon_lock = folio_lock_anon_vma_read,
		.try_lock  = true,
	};

	if (!folio_mapped(folio) || !folio_raw_mapping(folio))
		return 0;
	if (lock && !folio_trylock(folio))
		return -EBUSY;
	rmap_walk(folio, &rwc);
	if (lock)
		folio_unlock(folio);
	if (nr) {
		folio_set_young(folio);
		swap_ext_see_use(folio);
	}
	return rwc.contended ? -EBUSY : nr;
}

/**
 * bpf_swap_victim - name a page that is to go
 * @victims: the plan given to ops->evict()
 * @folio: the page
 * @score: those with the lowest go; of equal ones that which was named first
 *
 * Any number of pages may be named: the plan keeps as many as are wanted. A page that
 * cannot go is skipped and counted (memory.swap_ext.stat, dropped_victim).
 *
 * Context: ops->evict(), under rcu_read_lock().
 * Return: 0; -ENOSPC if all that are wanted have lower scores.
 */
__bpf_kfunc int bpf_swap_victim(struct swap_ext_victims *victims, struct folio *folio,
				s64 score)
{
	u32 i = victims->nr;

	if (i == victims->max) {
		if (victims->victim[i - 1].score <= score)
			return -ENOSPC;
		folio_put(victims->victim[--i].folio);
	} else {
		victims->nr++;
	}
	for (; i && victims->victim[i - 1].score > score; i--)
		victims->victim[i] = victims->victim[i - 1];
	folio_get(folio);
	victims->victim[i].folio = folio;
	victims->victim[i].score = score;
	return 0;
}

/**
 * bpf_swap_victims_end - no pages are to go but those that are named
 * @victims: the plan handed to evict()
 *
 * Where reclaim is asked for and nobody is in need (%SWAP_EXT_R_PROACTIVE), by
 * bpf_swap_reclaim_memcg(), say, other pages in use stay; evict() is called again while it
 * names some and more are wanted.
 *
 * Context: evict().
 * Return: 0; -EPERM: memory is wanted, and the kernel chooses what the policy does not.
 */
__bpf_kfunc int bpf_swap_victims_end(struct swap_ext_victims *victims)
{
	if (!victims->may_end)
		return -EPERM;
	victims->ended = true;
	return 0;
}

__bpf_kfunc_end_defs();

/* Acting */

/* Take a page off its list, and put it on @list; returns the number of pages. */
static u32 take_folio(struct swap_ext_victims *v, struct folio *folio,
		      struct list_head *list)
{
	u32 nr_pages = 0;

	if (folio_test_swapbacked(folio) && !folio_test_unevictable(folio) &&
	    folio_matches_lruvec(folio, v->lruvec) && may_go(v, folio) &&
	    folio_isolate_lru(folio)) {
		/* Nobody else looks at its references, and they do not count. */
		folio_clear_active(folio);
		list_add_tail(&folio->lru, list);
		nr_pages = folio_nr_pages(folio);
	}
	folio_put(folio);
	return nr_pages;
}

/* Take those that go off their lists; returns the number of pages. */
static u32 take_victims(struct swap_ext_victims *v, struct swap_ext_memcg *se,
			struct list_head *list)
{
	u32 i, nr, nr_unused = 0, nr_victims = 0, nr_dropped = 0;

	for (i = 0; i < v->nr_unused; i++)
		nr_unused += take_folio(v, v->unused[i], list);
	for (i = 0; i < v->nr; i++) {
		if (nr_unused + nr_victims >= v->max) {
			folio_put(v->victim[i].folio);
			continue;
		}
		nr = take_folio(v, v->victim[i].folio, list);
		nr_victims += nr;
		nr_dropped += !nr;
	}
	swap_ext_add(se, SWAP_EXT_STAT_VICTIMS, nr_victims);
	swap_ext_add(se, SWAP_EXT_STAT_DROPPED_VICTIM, nr_dropped);
	return nr_unused + nr_victims;
}

/* Those that were looked at and stay go to the other end, in the order they had. */
static void rotate_seen(struct swap_ext_victims *v)
{
	u32 i;

	if (!v->nr_seen)
		return;
	spin_lock_irq(&v->lruvec->lru_lock);
	for (i = 0; i < v->nr_seen; i++) {
		struct folio *folio = v->seen[i];

		/* Whoever clears it next waits for the lock before it touches the list. */
		if (!folio_test_clear_lru(folio))
			continue;
		if (folio_matches_lruvec(folio, v->lruvec) && !folio_test_unevictable(folio))
			list_move(&folio->lru, list_of(v->lruvec, folio));
		folio_set_lru(folio);
	}
	spin_unlock_irq(&v->lruvec->lru_lock);
	for (i = 0; i < v->nr_seen; i++)
		folio_put(v->seen[i]);
}

static void call_evict(struct swap_ext_victims *v, struct swap_ext_call *call,
		       struct mem_cgroup *memcg, const struct swap_ext_round *round)
{
	struct swap_ext_evict e = {
		.cgroup_id = call->dom->cgroup_id,
		.nr_pages  = nr_anon(v->lruvec),
		.nr_wanted = v->max,
		.priority  = round->priority,
		.flags	   = swap_ext_round_flags(round),
		.nid	   = lruvec_pgdat(v->lruvec)->node_id,
	};

	swap_ext_begin_call(call, SWAP_EXT_TIMED_EVICT);
	call->ops->evict(v, &e, memcg);
	swap_ext_end_call(call, memcg, SWAP_EXT_TIMED_EVICT);
}

static bool names_victims(struct mem_cgroup *memcg)
{
	struct swap_ext_call call;

	guard(rcu)();
	return swap_ext_prepare_call(&call, swap_ext_of(memcg)) && call.ops->evict;
}

static unsigned long nr_file(struct lruvec *lruvec)
{
	return swap_ext_nr_on_list(lruvec, LRU_INACTIVE_FILE) +
	       swap_ext_nr_on_list(lruvec, LRU_ACTIVE_FILE);
}

/*
 * Of @nr pages, the share of anonymous and shared memory in what the memcg has on this
 * node, or, with @all_nodes, its share in what there is on all. By size and swappiness.
 */
static unsigned long anon_share(struct lruvec *lruvec, unsigned long nr, int swappiness,
				bool all_nodes)
{
	u64 anon, own = 0, all = 0;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		struct lruvec *l = mem_cgroup_lruvec(lruvec_memcg(lruvec), NODE_DATA(nid));

		if (l != lruvec && !all_nodes)
			continue;
		anon = (u64)nr_anon(l) * swappiness;
		if (l == lruvec)
			own = anon;
		all += anon + (u64)nr_file(l) * (MAX_SWAPPINESS - swappiness);
	}
	/* Rounded up: what is in files may all be in use. */
	return own ? DIV64_U64_ROUND_UP(nr * own, all) : 0;
}

/*
 * Of @nr_left pages that are still to be freed, how many victims are wanted. For the limit
 * of a memcg each node gives its share first. Else the first would give all, which is that
 * of the CPU that reclaim happens to run on. What is left after that is whoever's.
 */
static unsigned long nr_wanted(struct lruvec *lruvec, const struct swap_ext_round *round,
			       unsigned long nr_to_reclaim, unsigned long nr_left,
			       int swappiness)
{
	if (!round->is_target)
		nr_left = min(nr_left, nr_anon(lruvec) >> round->priority);
	else if (round->priority == DEF_PRIORITY)
		return min(nr_left, anon_share(lruvec, nr_to_reclaim, swappiness, true));
	return anon_share(lruvec, nr_left, swappiness, false);
}

/**
 * swap_ext_begin_victims - reclaim turns to a memcg
 * @lruvec: its pages on one node
 * @round: the reclaim
 * @nr_to_reclaim: pages it is to free; 0: none of anonymous memory
 * @swappiness: of the memcg
 *
 * Return: is there a policy that names victims?
 */
bool swap_ext_begin_victims(struct lruvec *lruvec, struct swap_ext_round *round,
			    unsigned long nr_to_reclaim, int swappiness)
{
	struct swap_ext_progress *progress = round->progress;
	unsigned long nr_done;

	progress->sufficed = false;
	if (!names_victims(lruvec_memcg(lruvec)))
		return false;
	/* What is global goes on for long, and kswapd's wants as much at each priority. */
	if (round->global)
		progress->nr_written = 0;
	nr_done = current_is_kswapd() ? 0 : round->nr_reclaimed + progress->nr_written;
	round->nr_tries = MAX_TRIES;
	round->nr_wanted = nr_wanted(lruvec, round, nr_to_reclaim,
				     nr_to_reclaim - min(nr_to_reclaim, nr_done), swappiness);
	return true;
}

/*
 * Are victims being written, and none is free yet? To look for others would undo what the
 * policy wants. Sleep 0.1, 1 and 10 ms, once each, from priority 2 on, and no longer.
 */
static void wait_for_victims(const struct swap_ext_round *round)
{
	static const unsigned int us[] = { 100, 1000, 10000 };
	struct swap_ext_progress *p = round->progress;

	if (round->nr_reclaimed || !p->nr_written || round->global ||
	    round->priority + p->nr_waits > SWAP_EXT_KEEP_PRIORITY)
		return;
	usleep_range(us[p->nr_waits], 2 * us[p->nr_waits]);
	p->nr_waits++;
}

/**
 * swap_ext_take_victims - ask the policy which pages go
 * @lruvec: whose pages
 * @round: the reclaim
 * @list: they are put there, isolated
 *
 * Called until it fails, each time with what becomes of these pages between,
 * swap_ext_end_victims().
 *
 * Context: process context, no locks held.
 * Return: how many pages; -ENOENT: no more are wanted, or the policy has no opinion;
 * -EAGAIN: they cannot be reclaimed; -ENOMEM.
 */
int swap_ext_take_victims(struct lruvec *lruvec, struct swap_ext_round *round,
			  struct list_head *list)
{
	struct mem_cgroup *memcg = lruvec_memcg(lruvec);
	struct swap_ext_memcg *se = swap_ext_of(memcg);
	struct swap_ext_victims *v;
	struct swap_ext_call call;
	int ret = -ENOENT;

	if (!round->nr_wanted) {
		wait_for_victims(round);
		round->progress->sufficed = round->priority || round->nr_reclaimed;
		return -ENOENT;
	}
	if (!round->nr_tries)
		return -EAGAIN;
	v = kmalloc(sizeof(*v), SWAP_EXT_GFP);
	if (!v)
		return -ENOMEM;
	v->lruvec = lruvec;
	v->max = min_t(unsigned long, round->nr_wanted, SWAP_EXT_VICTIMS_MAX);
	v->may_end = round->proactive;
	v->ended = false;
	v->may_enter_fs = round->may_enter_fs;
	v->max_zone = round->max_zone;
	v->nr = 0;
	v->nr_seen = 0;
	v->nr_unused = 0;
	v->collected = false;

	/* What came lately is on its way to the lists. */
	lru_add_drain();
	rcu_read_lock();
	if (swap_ext_prepare_call(&call, se) && call.ops->evict)
		call_evict(v, &call, memcg, round);
	rcu_read_unlock();
	if (v->ended)
		round->progress->sufficed = true;
	/* One that keeps books of its own would leave the rest where it is. */
	if (v->nr && !v->collected)
		collect(v, v->max);
	if (v->nr || v->nr_unused)
		ret = take_victims(v, se, list);
	rotate_seen(v);
	kfree(v);
	return ret;
}

/**
 * swap_ext_take_written - victims that are written by now
 * @list: victims that are still there
 * @written: those that have been written and can be freed are moved there
 *
 * Return: are there any?
 */
bool swap_ext_take_written(struct list_head *list, struct list_head *written)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, list, lru) {
		if (folio_test_swapcache(folio) && !folio_test_dirty(folio) &&
		    !folio_test_writeback(folio) && !folio_mapped(folio))
			list_move_tail(&folio->lru, written);
	}
	return !list_empty(written);
}

/**
 * swap_ext_end_victims - what became of victims
 * @round: the reclaim
 * @list: those that are still there
 * @nr_reclaimed: pages that are free now
 */
void swap_ext_end_victims(struct swap_ext_round *round, struct list_head *list,
			  unsigned long nr_reclaimed)
{
	unsigned long nr_written = 0;
	struct folio *folio;

	list_for_each_entry(folio, list, lru) {
		if (folio_test_writeback(folio))
			nr_written += folio_nr_pages(folio);
	}
	round->nr_reclaimed += nr_reclaimed;
	round->progress->nr_written += nr_written;
	round->nr_wanted -= min(round->nr_wanted, nr_reclaimed + nr_written);
	/* Some may be locked or pinned just now, and the next be others. */
	if (!nr_reclaimed && !nr_written)
		round->nr_tries--;
}
