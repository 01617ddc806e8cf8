// SPDX-License-Identifier: GPL-2.0
/* Refuses a cgroup as its parameters say, has room for two, and state to restore. */
#include <swap_ext/policy.bpf.h>

#undef SWAP_MAX_ATTACHMENTS
#define SWAP_MAX_ATTACHMENTS 2

struct params {
	SWAP_PARAM(u32, errnum, 0, 0, 4095, "what init says, without the minus");
	SWAP_PARAM(u32, give_up, 0, 0, 1, "init calls bpf_swap_ext_error()");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(calls, "calls of prefetch");
};
SWAP_STATS(struct stats);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
} notes SEC(".maps") SWAP_STATE;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, u64);
	__type(value, u64);
} seen SEC(".maps") SWAP_STATE;

s32 BPF_STRUCT_OPS_SLEEPABLE(moody_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);

	if (!p)
		return 0;
	if (p->give_up)
		bpf_swap_ext_error(memcg, "not today");
	return -(s32)p->errnum;
}

s32 BPF_STRUCT_OPS(moody_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	u64 key = 0, *seen_once = bpf_map_lookup_elem(&seen, &key);
	u32 zero = 0;
	u64 *note = bpf_map_lookup_elem(&notes, &zero);

	swap_stat_add(f, calls, 1);
	if (note && seen_once)
		*note += *seen_once;
	return SWAP_EXT_PF_NONE;
}

SWAP_POLICY(moody, "takes a cgroup or not", .init = (void *)moody_init,
	    .prefetch = (void *)moody_prefetch);
