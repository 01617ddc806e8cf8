// SPDX-License-Identifier: GPL-2.0
/* asked - has no opinion of any page, and says so each time. See tables/m-yardstick.py. */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS(asked_reclaim, struct folio *folio, const struct swap_ext_reclaim *r,
		   struct mem_cgroup *memcg)
{
	return SWAP_EXT_V_DEFAULT;
}

SWAP_POLICY(asked, "be asked about each page", .reclaim = (void *)asked_reclaim);
