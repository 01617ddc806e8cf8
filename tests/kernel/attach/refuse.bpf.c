// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that must not load, one fault each. None is loaded unless a test asks
 * for it by name and puts it where it does not belong.
 */
#include <swap_ext/policy.bpf.h>

#define REFUSED(name, args...)		SEC("?struct_ops/" #name) BPF_PROG(name, ##args)
#define REFUSED_SLEEPABLE(name, args...) SEC("?struct_ops.s/" #name) BPF_PROG(name, ##args)

void REFUSED(plan_addr_in_fault, const struct swap_ext_fault *f,
	     struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	bpf_swap_plan_addr((struct swap_ext_plan *)f, 0, 1, 1);
}

s32 REFUSED_SLEEPABLE(plan_pgoff_in_init, struct mem_cgroup *memcg, u64 id)
{
	return bpf_swap_plan_pgoff((struct swap_ext_plan *)memcg, 0, 1, 1);
}

void REFUSED_SLEEPABLE(plan_entry_in_dump, struct mem_cgroup *memcg, u64 id)
{
	bpf_swap_plan_entry((struct swap_ext_plan *)memcg, 0, 1);
}

void REFUSED_SLEEPABLE(plan_room_in_exit, struct mem_cgroup *memcg,
		       struct swap_ext_exit_info *ei)
{
	bpf_swap_plan_room((struct swap_ext_plan *)memcg);
}

void REFUSED(scan_in_fault, const struct swap_ext_fault *f, struct vm_area_struct *vma,
	     struct mem_cgroup *memcg)
{
	bpf_swap_reclaim_memcg(f->cgroup_id, 1, 0);
}

void REFUSED(dump_in_fault, const struct swap_ext_fault *f,
	     struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	bpf_swap_ext_dump(memcg, "no");
}

s32 REFUSED(dump_in_prefetch, const struct swap_ext_fault *f,
	    struct swap_ext_plan *plan, struct vm_area_struct *vma,
	    struct mem_cgroup *memcg)
{
	bpf_swap_ext_dump(memcg, "no");
	return 0;
}

void REFUSED_SLEEPABLE(dump_in_exit, struct mem_cgroup *memcg,
		       struct swap_ext_exit_info *ei)
{
	bpf_swap_ext_dump(memcg, "no");
}

s32 REFUSED(wrong_plan, const struct swap_ext_fault *f, struct swap_ext_plan *plan,
	    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	return bpf_swap_plan_addr((struct swap_ext_plan *)memcg, f->addr, 1, 1);
}

s32 REFUSED(victim_in_reclaim, struct folio *folio, const struct swap_ext_reclaim *r,
	    struct mem_cgroup *memcg)
{
	return bpf_swap_folio_used(folio);
}

void REFUSED(leaked_page, struct swap_ext_victims *victims, const struct swap_ext_evict *e,
	     struct mem_cgroup *memcg)
{
	struct folio *folio = bpf_swap_page_folio(victims, 1);

	if (folio)
		bpf_swap_victim(victims, folio, 0);
}

void REFUSED(page_after_put, struct swap_ext_victims *victims,
	     const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct folio *folio = bpf_swap_page_folio(victims, 1);

	if (!folio)
		return;
	bpf_swap_folio_put(folio);
	bpf_swap_victim(victims, folio, 0);
}

void REFUSED(wrong_victim, struct swap_ext_victims *victims,
	     const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	bpf_swap_victim(victims, (struct folio *)memcg, 0);
}

s32 REFUSED(null_plan, const struct swap_ext_fault *f, struct swap_ext_plan *plan,
	    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	return bpf_swap_plan_addr(NULL, f->addr, 1, 1);
}

s32 REFUSED(untested_vma, const struct swap_ext_fault *f, struct swap_ext_plan *plan,
	    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	return vma->vm_start ? SWAP_EXT_PF_NONE : SWAP_EXT_PF_DEFAULT;
}

s32 REFUSED(write_to_fault, struct swap_ext_fault *f, struct swap_ext_plan *plan,
	    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	f->addr = 0;
	return SWAP_EXT_PF_NONE;
}

s32 REFUSED(endless, const struct swap_ext_fault *f, struct swap_ext_plan *plan,
	    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	volatile u32 i;

	for (i = 0; i < 2; i = 0)
		;
	return SWAP_EXT_PF_NONE;
}

/* Sleepable is what makes it wrong, so the test says so. */
void REFUSED(harmless_fault, const struct swap_ext_fault *f,
	     struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
}

s32 REFUSED(harmless_prefetch, const struct swap_ext_fault *f,
	    struct swap_ext_plan *plan, struct vm_area_struct *vma,
	    struct mem_cgroup *memcg)
{
	return SWAP_EXT_PF_NONE;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(from_tracing, _Bool preempt, struct task_struct *prev)
{
	return bpf_swap_memcg_stat((struct mem_cgroup *)prev, 0);
}

int from_syscall(void *ctx);

SEC("?syscall")
int from_syscall(void *ctx)
{
	return bpf_swap_plan_room(ctx);
}

SWAP_POLICY(refuse, "nothing of it loads", .flags = 0);
