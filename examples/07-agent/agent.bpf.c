// SPDX-License-Identifier: GPL-2.0
/*
 * agent - ask a program in user space: what it has decided ahead is done.
 *
 * The kernel does not wait for it. Each miss and each page that comes or goes is put on a
 * ring buffer; what to read at the next miss, and which pages to evict, the agent (agent.c)
 * has put into maps before anybody asks. While it has not been heard of for heartbeat_ms,
 * be it dead, stopped or not started yet, the stock kernel decides.
 *
 * Good: policies that need what BPF has not: floating point, libraries, files, models.
 * Loses: against the same in BPF (stride_fifo) the first plan of each stream comes a miss
 * later, and a CPU has to run the agent.
 *
 * For one cgroup: whoever has several loads it several times (swxctl load --name).
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/steps.bpf.h>

#include "agent.h"

#define NSEC_PER_MSEC	1000000LL
#define EVENTS_BYTES	(1 << 20)
#define MAX_LOOKS	128	/* at victims, in one call of evict() */

int agent_act(struct agent_act *act);

struct params {
	SWAP_PARAM(u32, heartbeat_ms, 500, 10, 900,
		   "without the agent for so long the stock kernel decides");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(planned, "misses for which the agent had a plan");
	SWAP_STAT(named, "victims of the agent's");
	SWAP_STAT(lost, "events for which the ring buffer had no room");
};
SWAP_STATS(struct stats);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENTS_BYTES);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct agent_place);
	__type(value, struct agent_plan);
} plans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 256);
	__type(value, struct agent_victim);
} victims SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct agent_shared);
} shared SEC(".maps");

static __always_inline struct agent_shared *find_shared(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&shared, &zero);
}

/* NULL: the agent is not there, for all that is known. */
static __always_inline struct agent_shared *find_served(const struct params *p)
{
	struct agent_shared *s = find_shared();

	if (!s || !p || !s->alive_ns)
		return NULL;
	/* It may have been later than that: the clock is read by another CPU. */
	if ((s64)(bpf_ktime_get_ns() - s->alive_ns) > p->heartbeat_ms * NSEC_PER_MSEC)
		return NULL;
	return s;
}

/*
 * A miss wakes the agent, for whoever misses sleeps, and there is time until the next one;
 * so does a want of victims. The rest it reads then, or when it wakes by itself.
 */
#define send(f, wake, ...)						\
do {									\
	struct agent_event ___e = { __VA_ARGS__ };			\
									\
	if (bpf_ringbuf_output(&events, &___e, sizeof(___e), wake))	\
		swap_stat_add(f, lost, 1);				\
} while (0)

void BPF_STRUCT_OPS(agent_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	if (f->flags & (SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT | SWAP_EXT_F_REMOTE) ||
	    !find_served(swap_params(f)))
		return;
	send(f, BPF_RB_FORCE_WAKEUP,
	     .kind = AGENT_MISS,
	     .flags = f->flags,
	     .tgid = f->tgid,
	     .tid = bpf_get_current_task_btf()->pid,
	     .page = swap_fault_page(f),
	     .entry = f->entry);
}

s32 BPF_STRUCT_OPS(agent_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct agent_place place = { .page = swap_fault_page(f), .tgid = f->tgid };
	struct agent_plan *found, p;

	if (f->flags & SWAP_EXT_F_REMOTE || !find_served(swap_params(f)))
		return SWAP_EXT_PF_DEFAULT;
	if (f->flags & SWAP_EXT_F_SYNC_IO)
		return SWAP_EXT_PF_NONE;
	found = bpf_map_lookup_elem(&plans, &place);
	/* That there is no plan means nothing if it has not read what happened lately. */
	if (!found)
		return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > EVENTS_BYTES / 2 ?
		       SWAP_EXT_PF_DEFAULT : SWAP_EXT_PF_NONE;
	p = *found;
	bpf_map_delete_elem(&plans, &place);
	swap_stat_add(f, planned, 1);
	swap_plan_steps(plan, f, place.page + p.step, p.step, swap_min(p.nr, f->max_pages));
	return SWAP_EXT_PF_PLAN;
}

void BPF_STRUCT_OPS(agent_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	struct agent_shared *s = find_served(swap_params(p));
	u64 *nr = bpf_swap_folio_state(folio, sizeof(*nr));
	u32 kind = AGENT_MOVED;

	if (!s || !nr)
		return;
	if (!(p->flags & SWAP_EXT_P_MOVED)) {
		kind = AGENT_CAME;
		*nr = __sync_fetch_and_add(&s->nr_came, 1) + 1;
	}
	send(p, BPF_RB_NO_WAKEUP,
	     .kind = kind, .flags = p->flags, .page = p->page, .nr = *nr, .entry = p->entry);
}

void BPF_STRUCT_OPS(agent_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	u64 *nr = bpf_swap_folio_state(folio, sizeof(*nr));

	/* The agent does not know of it, or will hear of the page it moves to. */
	if (!nr || !*nr || p->flags & SWAP_EXT_P_MOVED || !find_served(swap_params(p)))
		return;
	send(p, BPF_RB_NO_WAKEUP,
	     .kind = AGENT_WENT, .flags = p->flags, .page = p->page, .nr = *nr,
	     .entry = p->entry);
}

/* Is the page there, and still the one that was meant? Then it is named: 1, else 0. */
static __always_inline u32 name_victim(struct swap_ext_victims *v,
				       const struct agent_victim *victim)
{
	struct folio *folio = bpf_swap_page_folio(v, victim->page);
	u64 *nr;
	u32 ret;

	if (!folio)
		return 0;
	nr = bpf_swap_folio_state(folio, sizeof(*nr));
	ret = nr && *nr == victim->nr && !bpf_swap_victim(v, folio, 0);
	bpf_swap_folio_put(folio);
	return ret;
}

void BPF_STRUCT_OPS(agent_evict, struct swap_ext_victims *v, const struct swap_ext_evict *e,
		    struct mem_cgroup *memcg)
{
	struct agent_victim victim;
	u32 i, nr = 0;

	if (!find_served(swap_params(e)))
		return;
	for (i = 0; i < MAX_LOOKS && nr < e->nr_wanted && swap_can_loop; i++) {
		if (bpf_map_pop_elem(&victims, &victim))
			break;
		nr += name_victim(v, &victim);
	}
	swap_stat_add(e, named, nr);
	if (!(e->flags & (SWAP_EXT_R_PROACTIVE | SWAP_EXT_R_KSWAPD)))
		send(e, nr < e->nr_wanted ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP,
		     .kind = AGENT_PRESSED, .flags = e->flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(agent_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	struct agent_shared *s = find_shared();

	/* One agent reads the ring buffer, and knows of one cgroup. */
	return s && !__sync_val_compare_and_swap(&s->cgroup_id, 0, cgroup_id) ? 0 : -EBUSY;
}

void BPF_STRUCT_OPS_SLEEPABLE(agent_exit, struct mem_cgroup *memcg,
			      struct swap_ext_exit_info *ei)
{
	struct agent_shared *s = find_shared();

	if (s)
		__sync_val_compare_and_swap(&s->cgroup_id, ei->cgroup_id, 0);
}

/* Run by the agent, which loads it: ops may not do what takes its time. */
SEC("?syscall")
int agent_act(struct agent_act *act)
{
	if (act->nr_reclaim)
		act->ret = bpf_swap_reclaim_memcg(act->cgroup_id, act->nr_reclaim,
						  SWAP_EXT_SWAPPINESS_DEFAULT);
	else
		act->ret = bpf_swap_clean_page(act->cgroup_id, act->page);
	return 0;
}

SWAP_POLICY(agent, "ask a program in user space",
	    .init = (void *)agent_init,
	    .exit = (void *)agent_exit,
	    .fault = (void *)agent_fault,
	    .prefetch = (void *)agent_prefetch,
	    .added = (void *)agent_added,
	    .removed = (void *)agent_removed,
	    .evict = (void *)agent_evict,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
