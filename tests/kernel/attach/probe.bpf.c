// SPDX-License-Identifier: GPL-2.0
/*
 * probe - a policy that does as it is told, for tests.
 *
 * Orders are in .data.control, notes in the map "calls", one entry for each
 * attachment: see probe.h.
 */
#include <swap_ext/policy.bpf.h>
#include "probe.h"

struct probe_control control SEC(".data.control");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct probe_calls);
} calls SEC(".maps");

static struct probe_calls zero;

static struct probe_calls *get_calls(u64 cgroup_id)
{
	struct probe_calls *c = bpf_map_lookup_elem(&calls, &cgroup_id);

	if (c)
		return c;
	bpf_map_update_elem(&calls, &cgroup_id, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&calls, &cgroup_id);
}

static struct probe_calls *note_call(const struct swap_ext_fault *f)
{
	struct probe_calls *c = get_calls(f->cgroup_id);

	if (!c)
		return NULL;
	if (c->inits == c->exits)
		__sync_fetch_and_add(&c->strays, 1);
	return c;
}

static long burn(u64 i, void *ctx)
{
	return 0;
}

void BPF_STRUCT_OPS(probe_fault, const struct swap_ext_fault *f,
		    struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	struct probe_calls *c = note_call(f);

	if (!c)
		return;
	__sync_fetch_and_add(&c->faults, 1);
	__sync_fetch_and_or(&c->flags_any, f->flags);
	c->last.addr = f->addr;
	c->last.pgoff = f->pgoff;
	c->last.entry = f->entry;
	c->last.cgroup_id = f->cgroup_id;
	c->last.vm_start = f->vm_start;
	c->last.vm_end = f->vm_end;
	c->last.flags = f->flags;
	c->last.page_cluster = f->page_cluster;
	c->last.tgid = f->tgid;
	if (control.burn_fault)
		bpf_loop(control.burn_fault, burn, NULL, 0);
}

static int plan_target(const struct swap_ext_fault *f, struct swap_ext_plan *plan,
		       const struct probe_target *t)
{
	switch (t->kind) {
	case PROBE_ADDR:
		return bpf_swap_plan_addr(plan, t->value, t->nr, t->step);
	case PROBE_ADDR_REL:
		return bpf_swap_plan_addr(plan, f->addr + t->value * SWAP_PAGE_SIZE,
					  t->nr, t->step);
	case PROBE_PGOFF:
		return bpf_swap_plan_pgoff(plan, t->value, t->nr, t->step);
	case PROBE_PGOFF_REL:
		return bpf_swap_plan_pgoff(plan, f->pgoff + t->value, t->nr, t->step);
	case PROBE_ENTRY:
		return bpf_swap_plan_entry(plan, t->value, t->nr);
	case PROBE_ENTRY_REL:
		return bpf_swap_plan_entry(plan, f->entry + t->value, t->nr);
	}
	return -EINVAL;
}

static void take_action(struct mem_cgroup *memcg)
{
	switch (control.action) {
	case PROBE_ERROR_TWICE:
		bpf_swap_ext_error(memcg, "first of two, %d", 1);
		bpf_swap_ext_error(memcg, "second of two, %d", 2);
		break;
	case PROBE_ERROR:
		bpf_swap_ext_error(memcg, "told to fail with %d and %d", 42, -7);
		break;
	case PROBE_ERROR_LINES:
		bpf_swap_ext_error(memcg, "one line\nkind detach\nanother");
		break;
	case PROBE_EXIT:
		bpf_swap_ext_exit(memcg, control.code, "told to go");
		break;
	}
}

s32 BPF_STRUCT_OPS(probe_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	struct probe_calls *c = note_call(f);
	u32 i;

	if (!c)
		return SWAP_EXT_PF_DEFAULT;
	__sync_fetch_and_add(&c->prefetches, 1);
	c->last.max_pages = f->max_pages;
	control.room[0] = bpf_swap_plan_room(plan);
	for (i = 0; i < PROBE_MAX_TARGETS && i < control.nr_targets; i++)
		control.result[i] = plan_target(f, plan, &control.target[i]);
	control.room[1] = bpf_swap_plan_room(plan);
	if (control.burn)
		bpf_loop(control.burn, burn, NULL, 0);
	take_action(memcg);
	return control.ret;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(probe_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	struct probe_calls *c = get_calls(cgroup_id);

	if (c) {
		c->inits++;
		c->init_ns = bpf_ktime_get_ns();
	}
	if (control.init_fails)
		bpf_swap_ext_error(memcg, "told to refuse");
	/* An init that fails has no exit. */
	if (c && (control.init_fails || control.init_ret < 0))
		c->inits--;
	return control.init_ret;
}

void BPF_STRUCT_OPS_SLEEPABLE(probe_exit, struct mem_cgroup *memcg,
			      struct swap_ext_exit_info *ei)
{
	struct probe_calls *c = get_calls(ei->cgroup_id);

	if (!c)
		return;
	c->exits++;
	c->exit_ns = bpf_ktime_get_ns();
	c->exit_kind = ei->kind;
	c->exit_code = ei->code;
	bpf_probe_read_kernel_str(c->exit_msg, sizeof(c->exit_msg), ei->msg);
}

void BPF_STRUCT_OPS_SLEEPABLE(probe_dump, struct mem_cgroup *memcg, u64 cgroup_id)
{
	struct probe_calls *c = get_calls(cgroup_id);
	u32 i;

	if (c)
		c->dumps++;
	for (i = 0; i < 200 && i < control.dump_lines; i++)
		bpf_swap_ext_dump(memcg, "line %u of the probe of cgroup %llu", i,
				  cgroup_id);
}

SWAP_POLICY(probe, "does as it is told",
	    .fault = (void *)probe_fault,
	    .prefetch = (void *)probe_prefetch,
	    .init = (void *)probe_init,
	    .exit = (void *)probe_exit,
	    .dump = (void *)probe_dump);
