// SPDX-License-Identifier: GPL-2.0
/*
 * tape - record a program's faults once, play them back in later runs (the idea of
 * Branner-Augmon et al., "3PO: Programmed Far-Memory Prefetching for Oblivious
 * Applications").
 *
 *	swxctl attach app.slice tape record=1	run the program, detach after
 *	swxctl save app.slice FILE
 *	swxctl attach app.slice tape --state FILE
 *
 * Good: programs that touch memory in the same order in every run, whatever that
 * order is: sorting networks, dense linear algebra, training, compilers.
 * Loses: where the order depends on the input, on time or on other threads; with
 * much less memory than on the day of the recording, because pages that were
 * resident then are not on the tape; and mappings that come in another order or
 * size. The tape holds the first 262,144 faults (2 MiB) of the first process that
 * faults while recording; all cgroups that one loaded tape is attached to share it.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/place.bpf.h>

#define TAPE_MAX	262144
#define TAPE_SEARCH	192	/* places looked at per miss; more than two windows */
#define TAPE_MAX_SKIP	256	/* misses let go by when the tape does not fit */

struct params {
	SWAP_PARAM(u32, record, 0, 0, 1, "write the tape instead of playing it");
	SWAP_PARAM(u32, max_window, 32, 1, 64, "most pages fetched ahead");
	SWAP_PARAM(u32, sync, 0, 0, 1, "also on devices that read inline");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(recorded, "faults written to the tape");
	SWAP_STAT(followed, "misses found where the tape has them");
	SWAP_STAT(lost, "misses searched for in vain");
};
SWAP_STATS(struct stats);

/** struct tape_label - what there is on the tape */
struct tape_label {
	u32 nr;		/* places recorded */
	u32 tgid;	/* process recorded; 0: none yet */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tape_label);
} label SEC(".maps") SWAP_STATE SWAP_SHARED;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TAPE_MAX);
	__type(key, u32);
	__type(value, u64);
} recording SEC(".maps") SWAP_STATE SWAP_SHARED;

/** struct tape_process - where a process is on the tape */
struct tape_process {
	struct swap_places places;
	u32 head;	/* place expected next, behind what was asked for */
	u32 tail;	/* where that begins */
	u32 nr_lost;	/* searches in vain since the last that was not */
	u32 skip;	/* misses to let go by before the next search */
};

SWAP_PROCESS_STATE(processes, struct tape_process);

static __always_inline struct tape_label *tape_label(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&label, &zero);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(tape_init, struct mem_cgroup *memcg,
			     u64 cgroup_id)
{
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);
	struct tape_label *l = tape_label();

	if (l && p && p->record) {
		l->nr = 0;
		l->tgid = 0;
	}
	return 0;
}

static __always_inline void tape_record(const struct swap_ext_fault *f,
					struct swap_places *places)
{
	struct tape_label *l = tape_label();
	u64 place, *slot;
	u32 i;

	if (!l)
		return;
	if (!l->tgid)
		__sync_val_compare_and_swap(&l->tgid, 0, f->tgid);
	if (l->tgid != f->tgid || l->nr >= TAPE_MAX)
		return;
	place = swap_place(places, f);
	if (!place)
		return;
	i = __sync_fetch_and_add(&l->nr, 1);
	slot = bpf_map_lookup_elem(&recording, &i);
	if (slot)
		*slot = place;
	swap_stat_add(f, recorded, 1);
}

/* Where the tape goes on behind the place, from head on at most max; 0: not found. */
SWAP_SUBPROG(u32, tape_find, u64 place, u32 head, u32 nr, u32 max)
{
	u64 *slot;
	u32 i;

	for (i = 0; i < max && swap_can_loop; i++) {
		if (head >= nr)
			head = 0;
		slot = bpf_map_lookup_elem(&recording, &head);
		head++;
		if (slot && *slot == place)
			return head;
	}
	return 0;
}

/*
 * Find the place of a miss: where it is expected, or else from the last window on,
 * a page of which may have been lost. Afterwards the head is behind it. A second
 * search in vain leaves the head behind the stretch searched, so that the next
 * looks further on, and lets ever more misses go by before it.
 */
static __always_inline bool tape_seek(struct tape_process *tp, u64 place,
				      u32 nr)
{
	u32 head = tape_find(place, tp->head, nr, 1);

	if (!head)
		head = tape_find(place, tp->tail, nr, TAPE_SEARCH);
	if (head) {
		tp->head = head;
		tp->nr_lost = 0;
		return true;
	}
	if (tp->nr_lost) {
		tp->head = (tp->tail + TAPE_SEARCH) % nr;
		tp->tail = tp->head;
	}
	tp->skip = swap_min(1U << swap_min(tp->nr_lost, 16), TAPE_MAX_SKIP) - 1;
	tp->nr_lost++;
	return false;
}

static __always_inline void tape_play(struct tape_process *tp,
				      struct swap_ext_plan *plan, u32 nr,
				      u32 window)
{
	u32 head = tp->head, i;
	u64 page, *slot;

	tp->tail = head;
	for (i = 0; i < window && swap_can_loop; i++) {
		if (head >= nr)
			break;
		slot = bpf_map_lookup_elem(&recording, &head);
		if (!slot)
			break;
		page = swap_place_page(&tp->places, *slot);
		if (page && swap_plan_pages(plan, page, 1) < 0)
			break;
		head++;
	}
	tp->head = head;
}

void BPF_STRUCT_OPS(tape_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct tape_process *tp;
	struct params *p;

	/* What a plan brought in is no fault of the program's. */
	if (f->flags & SWAP_EXT_F_PREFETCHED)
		return;
	p = swap_params(f);
	if (!p || !p->record)
		return;
	tp = swap_process_state(f, &processes);
	if (tp)
		tape_record(f, &tp->places);
}

s32 BPF_STRUCT_OPS(tape_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct tape_process *tp = swap_process_state(f, &processes);
	struct params *p = swap_params(f);
	struct tape_label *l = tape_label();
	u64 place;
	u32 nr;

	if (!tp || !p || !l)
		return SWAP_EXT_PF_DEFAULT;
	nr = swap_min(l->nr, TAPE_MAX);
	if (p->record || !nr || (f->flags & SWAP_EXT_F_SYNC_IO && !p->sync))
		return SWAP_EXT_PF_NONE;

	/* Every miss names its mapping, found on the tape or not. */
	place = swap_place(&tp->places, f);
	if (tp->skip) {
		tp->skip--;
		return SWAP_EXT_PF_NONE;
	}
	if (!place || !tape_seek(tp, place, nr)) {
		swap_stat_add(f, lost, 1);
		return SWAP_EXT_PF_NONE;
	}
	swap_stat_add(f, followed, 1);
	tape_play(tp, plan, nr, swap_min(p->max_window, f->max_pages));
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY(tape, "record the faults of one run, play them back in others",
	    .init = (void *)tape_init,
	    .fault = (void *)tape_fault,
	    .prefetch = (void *)tape_prefetch);
