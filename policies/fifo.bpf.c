// SPDX-License-Identifier: GPL-2.0
/*
 * fifo - first in, first out: a page goes when it has come to the end of the list,
 * used or not.
 *
 * The classic LRU puts pages of anonymous memory on its inactive list in the order in
 * which they come, so this is FIFO exactly where nothing was ever activated; MGLRU
 * sorts by generations, and looks at page tables on its own when it ages them, so a
 * page used often may be found later there than in its turn.
 *
 * Good: memory used in the order in which it comes, as in a queue.
 * Loses: wherever some pages are used more than others; then it evicts them as often
 * as the rest.
 */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS(fifo_reclaim, struct folio *folio, const struct swap_ext_reclaim *r,
		   struct mem_cgroup *memcg)
{
	return SWAP_EXT_V_RECLAIM;
}

SWAP_POLICY(fifo, "evict in the order of arrival", .reclaim = (void *)fifo_reclaim);
