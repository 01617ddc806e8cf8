// SPDX-License-Identifier: GPL-2.0
/* told - is told of pages that come and go, and does nothing. See tables/n-state.py. */
#include <swap_ext/policy.bpf.h>

void BPF_STRUCT_OPS(told_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
}

void BPF_STRUCT_OPS(told_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
}

SWAP_POLICY(told, "know of pages that come and go",
	    .added = (void *)told_added,
	    .removed = (void *)told_removed);
