/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory as it was recorded, under another policy or the same one again. Include after
 * memory.h.
 *
 * Which pages go, and when, is as recorded; who faults on what is, too. What comes ahead of
 * its use is not: the plans of the policy bring it, as far as there was room for those of the
 * recording, and where the policy leaves that to the kernel, what came then. So a fault finds
 * its page if this policy has brought it, whatever it found in the recording.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "recording.h"

/**
 * struct recorded - the run of a policy
 * @is_stock: what it said last: read what the stock kernel reads
 * @nr_planned: pages it named that need a read
 * @nr_same: pages it had brought when a plan of the recording did
 */
static struct recorded {
	bool is_stock;
	u64 nr_planned;
	u64 nr_same;
} recorded;

/* Pages are where they were when the recording began; no policy is attached. */
static inline void recorded_begin(const struct recording *r)
{
	u32 i;

	memset(&recorded, 0, sizeof(recorded));
	recorded.is_stock = true;
	memory_begin(r->nr_pages, r->number, r->nr_pages + 1, MEMORY_LRU);
	/* Pages have the addresses they had: some policies look at more than differences. */
	memory.base = 0;
	for (i = 0; i < r->nr_pages; i++) {
		if (r->place[i] == RECORDING_IN_SWAP)
			memory_take_slot(&memory.page[i]);
		else if (r->place[i] == RECORDING_IN_MEMORY)
			memory_bring(&memory.page[i], 0);
	}
	memset(host.stat, 0, sizeof(host.stat));
}

/* The flags that say what the fault finds; 0: nothing. */
static inline u32 recorded_find(const struct trace_record *e, const struct memory_page *p)
{
	const u32 found = e->flags & (SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT);

	if (p->is_untouched)
		return SWAP_EXT_F_PREFETCHED | (found ?: SWAP_EXT_F_HIT);
	if (p->is_there)
		return found;
	/* What the kernel reads ahead may be used before it is known to have come. */
	return recorded.is_stock && !(e->flags & SWAP_EXT_F_PREFETCHED) ? found : 0;
}

static inline void recorded_count(u32 flags)
{
	bool is_first = flags & SWAP_EXT_F_PREFETCHED;

	if (flags & SWAP_EXT_F_HIT) {
		host.stat[SWAP_EXT_STAT_HITS]++;
		host.stat[SWAP_EXT_STAT_USED] += is_first;
	} else if (flags & SWAP_EXT_F_INFLIGHT) {
		host.stat[is_first ? SWAP_EXT_STAT_LATE : SWAP_EXT_STAT_JOINED]++;
	} else {
		host.stat[SWAP_EXT_STAT_MAJOR]++;
	}
}

static inline void recorded_miss(const struct trace_record *e, struct swap_ext_fault *f)
{
	bool is_cut = e->nr_read < e->nr_planned;
	struct swap_ext_plan plan;

	recorded.is_stock = memory_ask(f, &plan) == SWAP_EXT_PF_DEFAULT;
	recorded.nr_planned += plan.nr;
	memory_read_plan(&plan, is_cut ? e->nr_read : SWAP_EXT_PLAN_MAX);
}

static inline void recorded_fault(const struct trace_record *e, struct memory_page *p)
{
	const u32 finds = SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT | SWAP_EXT_F_PREFETCHED;
	u32 found = recorded_find(e, p);
	struct swap_ext_fault f = memory_fault(p, p->slot, (e->flags & ~finds) | found);

	f.vm_start = e->start << SWAP_PAGE_SHIFT;
	f.vm_end = e->end << SWAP_PAGE_SHIFT;
	f.tgid = e->process;
	p->is_untouched = false;
	if (!p->is_there)
		memory_bring(p, SWAP_EXT_P_SWAPIN);
	recorded_count(found);
	memory_tell(&f);
	if (!found)
		recorded_miss(e, &f);
}

static inline void recorded_arrival(const struct trace_record *e, struct memory_page *p)
{
	if (e->flags & SWAP_EXT_P_PREFETCHED)
		recorded.nr_same += p->is_untouched;
	/* Of what comes with a fault, the fault says so. */
	if (p->is_there || (e->flags & SWAP_EXT_P_SWAPIN &&
			    (!recorded.is_stock || e->flags & SWAP_EXT_P_PREFETCHED)))
		return;
	/* A new page: that the old one's slot was freed nobody has recorded. */
	if (!(e->flags & SWAP_EXT_P_SWAPIN)) {
		p->slot = 0;
		p->word = 0;
	}
	memory_bring(p, e->flags);
}

static inline void recorded_event(const struct trace_record *e, struct memory_page *p)
{
	if (e->type == TRACE_FAULT)
		recorded_fault(e, p);
	else if (e->type == TRACE_ARRIVE)
		recorded_arrival(e, p);
	else if (p->is_there)
		memory_evict(p);
}

static inline struct prefetch_counts recorded_counts(void)
{
	return (struct prefetch_counts) {
		.nr_misses = host.stat[SWAP_EXT_STAT_MAJOR],
		.nr_hits = host.stat[SWAP_EXT_STAT_HITS],
		.nr_waits = host.stat[SWAP_EXT_STAT_LATE] + host.stat[SWAP_EXT_STAT_JOINED],
		.nr_plans = host.stat[SWAP_EXT_STAT_PLANS],
		.nr_planned = recorded.nr_planned,
		.nr_read = host.stat[SWAP_EXT_STAT_PREFETCHED],
		.nr_used = host.stat[SWAP_EXT_STAT_USED] + host.stat[SWAP_EXT_STAT_LATE],
		.nr_unused = host.stat[SWAP_EXT_STAT_UNUSED],
	};
}

#endif /* RECORDED_H */
