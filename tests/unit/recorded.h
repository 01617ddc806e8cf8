/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A policy for t_recorded.c: reads test.window pages behind a miss, within the mapping, or does
 * as test.says, and writes down what it is told.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/steps.bpf.h>

#include "tell.h"

#define MAX_CALLS	64

static struct test {
	u32 window;
	s32 says;
	u32 nr_calls;
	struct call {
		struct swap_ext_fault f;
		int tgid;
		int pid;
		u64 now_ns;
	} call[MAX_CALLS];	/* of fault */
	char told[MAX_CALLS];	/* a letter for each page that comes or goes */
} test;

static void tell(char what)
{
	tell_letter(test.told, sizeof(test.told), what);
}

void BPF_STRUCT_OPS(test_fault, const struct swap_ext_fault *f, struct vm_area_struct *vma,
		    struct mem_cgroup *memcg)
{
	if (test.nr_calls < MAX_CALLS)
		test.call[test.nr_calls++] = (struct call) {
			.f = *f, .tgid = host.current->tgid, .pid = host.current->pid,
			.now_ns = bpf_ktime_get_ns(),
		};
}

s32 BPF_STRUCT_OPS(test_prefetch, const struct swap_ext_fault *f, struct swap_ext_plan *plan,
		   struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	swap_plan_steps(plan, f, swap_fault_page(f) + 1, 1, test.window);
	return test.says;
}

void BPF_STRUCT_OPS(test_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	tell(arrival_letter(p));
}

void BPF_STRUCT_OPS(test_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	tell('r');
}

SWAP_POLICY(test, "does what the test says", .fault = (void *)test_fault,
	    .prefetch = (void *)test_prefetch, .added = (void *)test_added,
	    .removed = (void *)test_removed);
