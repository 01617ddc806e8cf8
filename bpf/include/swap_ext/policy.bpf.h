/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header a policy includes. In BPF it brings the kernel's types and
 * functions, libbpf's helpers and the SWAP_* declarations; compiled for the host
 * (tests), host.h stands in for the kernel.
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

/**
 * SWAP_SUBPROG() - define a function that the verifier looks at once, by itself
 *
 * It walks an inlined function anew on every path that leads there, and everything
 * behind it once for each way through: loops with many exits belong in one of
 * these. Arguments are numbers and pointers marked __arg_nonnull (to memory) or
 * __arg_trusted (to kernel objects); the result is a number.
 */
#ifdef __bpf__
#define SWAP_SUBPROG(ret, name, args...)				\
	ret name(args);							\
	__noinline ret name(args)
#else
#define SWAP_SUBPROG(ret, name, args...)	static inline ret name(args)
#endif

/**
 * swap_can_loop - true, as the last condition of a loop
 *
 * Tells the verifier that the kernel would end the loop after some millions of
 * rounds. Then it need not walk them all: a few tell it what any may look like, if
 * it does not know the numbers that the loop's end and its array indices come from.
 */
#ifdef __bpf__
#define swap_can_loop							\
({									\
	__label__ l_break, l_end;					\
	bool ___can = true;						\
									\
	asm volatile goto("may_goto %l[l_break]" :::: l_break);		\
	goto l_end;							\
l_break:								\
	___can = false;							\
l_end:									\
	___can;								\
})
#else
#define swap_can_loop	true
#endif

/**
 * swap_equal() - 1 if two numbers are the same, else 0, without a branch
 *
 * The verifier walks both sides of every branch, and all combinations of those in
 * a loop; and it tells apart states that differ in a counter it knows. Counting
 * with this makes a loop one path, whose count it does not know.
 */
static __always_inline u32 swap_equal(u64 a, u64 b)
{
	u64 x = a ^ b, y = -x;

	/* Or else the compiler would make it a comparison again. */
	barrier_var(y);
	x = (x | y) >> 63;
	barrier_var(x);
	return x ^ 1;
}

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

/** swap_plan_spaced() - ask for @nr pages from number @page on, either kind, @step apart */
static __always_inline int swap_plan_spaced(struct swap_ext_plan *plan, u64 page,
					    u32 nr, s64 step)
{
	if (page >= SWAP_SHMEM_PAGES)
		return bpf_swap_plan_pgoff(plan, page - SWAP_SHMEM_PAGES, nr, step);
	return bpf_swap_plan_addr(plan, page << SWAP_PAGE_SHIFT, nr, step);
}

/** swap_plan_pages() - ask for @nr pages from number @page on, either kind */
static __always_inline int swap_plan_pages(struct swap_ext_plan *plan, u64 page,
					   u32 nr)
{
	return swap_plan_spaced(plan, page, nr, 1);
}

#endif /* __SWAP_EXT_POLICY_BPF_H */
