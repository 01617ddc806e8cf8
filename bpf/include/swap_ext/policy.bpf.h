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
 * SWAP_ATTACHMENT_STATE() - a structure for each cgroup the policy is attached to
 * @name: of the map
 * @valtype: of the structure
 *
 * init() makes it with swap_attachment_begin(), exit() frees it with
 * swap_attachment_end(): SWAP_ATTACHMENT_INIT_EXIT(), if they have nothing else to do.
 */
#define SWAP_ATTACHMENT_STATE(name, valtype)				\
	struct {							\
		__uint(type, BPF_MAP_TYPE_HASH);			\
		__uint(max_entries, SWAP_MAX_ATTACHMENTS);		\
		__uint(map_flags, BPF_F_NO_PREALLOC);			\
		__type(key, u64);					\
		__type(value, valtype);					\
	} name SEC(".maps")

/**
 * swap_attachment_begin() - for init(): all zero, whatever was there
 * @map: address of the SWAP_ATTACHMENT_STATE() map
 * @cgroup_id: as handed to init()
 * @valtype: type of the structure
 *
 * Return: 0 or an error that init() should return.
 */
#define swap_attachment_begin(map, cgroup_id, valtype)			\
({									\
	static const valtype ___zero = {};				\
	u64 ___id = (cgroup_id);					\
									\
	(int)bpf_map_update_elem(map, &___id, &___zero, BPF_ANY);	\
})

/** swap_attachment_end() - for exit(): the structure goes */
#define swap_attachment_end(map, ei)					\
do {									\
	u64 ___id = (ei)->cgroup_id;					\
									\
	bpf_map_delete_elem(map, &___id);				\
} while (0)

/**
 * SWAP_ATTACHMENT_INIT() - the op init of a policy that does no more in it than begin its
 *	SWAP_ATTACHMENT_STATE(); arguments as SWAP_ATTACHMENT_INIT_EXIT()
 */
#define SWAP_ATTACHMENT_INIT(policy, name, valtype)			\
s32 BPF_STRUCT_OPS_SLEEPABLE(policy##_init, struct mem_cgroup *memcg,	\
			     u64 cgroup_id)				\
{									\
	return swap_attachment_begin(&name, cgroup_id, valtype);	\
}

/**
 * SWAP_ATTACHMENT_INIT_EXIT() - the ops init and exit of a policy that does no more in them
 *	than begin and end its SWAP_ATTACHMENT_STATE()
 * @policy: name of the policy: they are <policy>_init and <policy>_exit
 * @name: of the map
 * @valtype: of the structure
 */
#define SWAP_ATTACHMENT_INIT_EXIT(policy, name, valtype)		\
SWAP_ATTACHMENT_INIT(policy, name, valtype)				\
									\
void BPF_STRUCT_OPS_SLEEPABLE(policy##_exit, struct mem_cgroup *memcg,	\
			      struct swap_ext_exit_info *ei)		\
{									\
	swap_attachment_end(&name, ei);					\
}

/**
 * swap_attachment_state() - that of the attachment which governs a page or a fault
 * @f: the context of the op: anything with a cgroup_id
 * @map: address of the SWAP_ATTACHMENT_STATE() map
 *
 * Many CPUs may be in it at once.
 *
 * Return: where it is; NULL for the verifier's sake.
 */
#define swap_attachment_state(f, map)					\
({									\
	u64 ___id = (f)->cgroup_id;					\
									\
	bpf_map_lookup_elem(map, &___id);				\
})

/**
 * swap_for_each_candidate() - look at pages that may be victims
 * @folio: a struct folio *, the page in each round
 * @victims: the plan handed to evict()
 * @nr: how many to look at, see bpf_iter_swap_folio_new()
 */
#ifdef __bpf__
#define swap_for_each_candidate(folio, victims, nr)			\
	for (struct bpf_iter_swap_folio ___it				\
		__attribute__((aligned(8),				\
			       cleanup(bpf_iter_swap_folio_destroy))),	\
	     *___p __attribute__((unused)) =				\
		(bpf_iter_swap_folio_new(&___it, victims, nr),		\
		 (void)bpf_iter_swap_folio_destroy, (void *)0);		\
	     ((folio) = bpf_iter_swap_folio_next(&___it));)
#else
#define swap_for_each_candidate(folio, victims, nr)			\
	for (struct bpf_iter_swap_folio ___it,				\
	     *___p __attribute__((unused)) =				\
		(bpf_iter_swap_folio_new(&___it, victims, nr), (void *)0); \
	     ((folio) = bpf_iter_swap_folio_next(&___it));)
#endif

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
