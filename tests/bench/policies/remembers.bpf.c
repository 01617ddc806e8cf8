// SPDX-License-Identifier: GPL-2.0
/* remembers - as told, and counts in each page how often it came. See tables/n-state.py. */
#include <swap_ext/policy.bpf.h>

void BPF_STRUCT_OPS(remembers_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	u64 *nr = bpf_swap_folio_state(folio, sizeof(*nr));

	if (nr)
		++*nr;
}

void BPF_STRUCT_OPS(remembers_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
}

SWAP_POLICY(remembers, "know of pages that come and go, and remember each",
	    .added = (void *)remembers_added,
	    .removed = (void *)remembers_removed,
	    .flags = SWAP_EXT_OPS_PAGE_STATE);
