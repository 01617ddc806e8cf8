/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header a policy includes. In BPF it brings the kernel's types and
 * functions, libbpf's helpers and the SWAP_* declarations; compiled for the host
 * (tests, replay), host.h stands in for the kernel.
 */
#ifndef __SWAP_EXT_POLICY_BPF_H
#define __SWAP_EXT_POLICY_BPF_H

#include <swap_ext/kernel.bpf.h>

#ifdef __bpf__
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <swap_ext/kfuncs.bpf.h>
#else
#include <swap_ext/host.h>
#endif

#include <swap_ext/declare.bpf.h>

/**
 * SWAP_PROCESS_STATE() - a structure per process, zeroed at first, freed at exit
 * @name: of the map
 * @valtype: of the structure, at most 4 KiB so that it can be had in a fault
 */
#define SWAP_PROCESS_STATE(name, valtype)				\
	struct {							\
		__uint(type, BPF_MAP_TYPE_TASK_STORAGE);		\
		__uint(map_flags, BPF_F_NO_PREALLOC);			\
		__type(key, int);					\
		__type(value, valtype);					\
	} name SEC(".maps")

/**
 * swap_process_state() - the state of the process that faults
 * @f: the fault
 * @map: address of the SWAP_PROCESS_STATE() map
 *
 * Its threads share it and run at once without a lock: a torn value must cost a
 * bad guess at most, so mask every index.
 *
 * Return: NULL on behalf of another process, or out of memory.
 */
#define swap_process_state(f, map)					\
	((f)->flags & SWAP_EXT_F_REMOTE ? NULL :			\
	 bpf_task_storage_get(map, bpf_get_current_task_btf()->group_leader, \
			      NULL, BPF_LOCAL_STORAGE_GET_F_CREATE))

/** swap_thread_state() - as swap_process_state(), for the faulting thread alone */
#define swap_thread_state(f, map)					\
	((f)->flags & SWAP_EXT_F_REMOTE ? NULL :			\
	 bpf_task_storage_get(map, bpf_get_current_task_btf(),		\
			      NULL, BPF_LOCAL_STORAGE_GET_F_CREATE))

/*
 * Page numbers: one line for all memory of a process. Anonymous pages count from
 * address 0; pages of shared memory files, which may have no address, lie above
 * them by file offset.
 */
#define SWAP_SHMEM_PAGES	(1ULL << 52)

/** swap_fault_page() - number of the page that faulted */
static __always_inline u64 swap_fault_page(const struct swap_ext_fault *f)
{
	if (f->flags & SWAP_EXT_F_SHMEM)
		return SWAP_SHMEM_PAGES + f->pgoff;
	return f->addr >> SWAP_PAGE_SHIFT;
}

/**
 * struct swap_range - page numbers a plan may name, @end excluded
 *
 * Signed, as every sum and difference of page numbers should be compared: a plan
 * may begin below page 0.
 */
struct swap_range {
	s64 start;
	s64 end;
};

/** swap_fault_range() - the mapping of the page that faulted, or its file */
static __always_inline struct swap_range
swap_fault_range(const struct swap_ext_fault *f)
{
	struct swap_range r = {
		.start = f->vm_start >> SWAP_PAGE_SHIFT,
		.end = f->vm_end >> SWAP_PAGE_SHIFT,
	};

	if (f->flags & SWAP_EXT_F_SHMEM) {
		r.start = SWAP_SHMEM_PAGES;
		r.end = 2 * SWAP_SHMEM_PAGES;
	}
	return r;
}

/** swap_plan_pages() - ask for @nr pages from number @page on, either kind */
static __always_inline int swap_plan_pages(struct swap_ext_plan *plan, u64 page,
					   u32 nr)
{
	if (page >= SWAP_SHMEM_PAGES)
		return bpf_swap_plan_pgoff(plan, page - SWAP_SHMEM_PAGES, nr);
	return bpf_swap_plan_addr(plan, page << SWAP_PAGE_SHIFT, nr);
}

/**
 * swap_plan_steps() - ask for pages at equal distances
 * @plan: the plan handed to prefetch()
 * @f: the fault; its own page is passed over, and so is what lies outside its
 *	mapping
 * @page: number of the first page
 * @step: from each to the next; negative for descending
 * @nr: how many, at most SWAP_EXT_PLAN_MAX + 1
 */
static __always_inline void swap_plan_steps(struct swap_ext_plan *plan,
					    const struct swap_ext_fault *f,
					    s64 page, s64 step, u32 nr)
{
	struct swap_range r = swap_fault_range(f);
	s64 self = swap_fault_page(f);
	u32 i;

	if (step == 1) {
		r.start = swap_max(r.start, page);
		r.end = swap_min(r.end, page + nr);
		if (r.start < r.end)
			swap_plan_pages(plan, r.start, r.end - r.start);
		return;
	}
	for (i = 0; i < nr && i <= SWAP_EXT_PLAN_MAX; i++, page += step) {
		if (page == self || page < r.start || page >= r.end)
			continue;
		if (swap_plan_pages(plan, page, 1) < 0)
			break;
	}
}

#endif /* __SWAP_EXT_POLICY_BPF_H */
