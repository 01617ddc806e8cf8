// SPDX-License-Identifier: GPL-2.0
/*
 * lru - the stock kernel's choice of pages to reclaim, whatever its lists are.
 *
 * Says DEFAULT to every question about eviction, of a whole round of pages at once: what
 * this differs in from no policy is what it takes to have one. It reads ahead as the stock
 * kernel does.
 *
 * Good: as the yardstick that every other policy is measured against.
 * Loses: nothing that the stock kernel would win, and wins nothing.
 */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS(lru_reclaim, struct folio *folio, const struct swap_ext_reclaim *r,
		   struct mem_cgroup *memcg)
{
	return SWAP_EXT_V_DEFAULT_ROUND;
}

SWAP_POLICY(lru, "evict what the stock kernel would", .reclaim = (void *)lru_reclaim);
