// SPDX-License-Identifier: GPL-2.0
/*
 * where - lets pages go only where its parameter says, and counts where they went.
 */
#include <swap_ext/policy.bpf.h>

struct params {
	SWAP_PARAM(u64, allow, 0xffffffff, 0, 0xffffffffffffffff, "who may take a page: SWAP_EXT_B_*");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(asked, "questions");
	SWAP_STAT(asked_zswap, "of these: zswap was offered");
	SWAP_STAT(offered_two, "of these: two backends were offered");
	SWAP_STAT(device, "pages written to the device");
	SWAP_STAT(zswap, "... to zswap");
	SWAP_STAT(backends, "... to a backend");
	SWAP_STAT(both, "... to a backend and the device");
	SWAP_STAT(impossible, "pages described in a way that cannot be");
};
SWAP_STATS(struct stats);

#define ALL_BACKENDS	(SWAP_EXT_B_ZSWAP - 2)

u64 BPF_STRUCT_OPS(where_select_backend, struct folio *folio, const struct swap_ext_page *p,
		   u64 offered, struct mem_cgroup *memcg)
{
	struct params *my = swap_params(p);
	u64 backends = offered & ALL_BACKENDS;

	swap_stat_add(p, asked, 1);
	if (offered & SWAP_EXT_B_ZSWAP)
		swap_stat_add(p, asked_zswap, 1);
	if (backends & (backends - 1))
		swap_stat_add(p, offered_two, 1);
	if (!(offered & SWAP_EXT_B_DEVICE) || !p->entry || p->nr_pages != 1 || p->flags)
		swap_stat_add(p, impossible, 1);
	return my ? my->allow : offered;
}

void BPF_STRUCT_OPS(where_swapped_out, struct folio *folio, const struct swap_ext_page *p,
		    u64 where, struct mem_cgroup *memcg)
{
	if (where == SWAP_EXT_B_DEVICE)
		swap_stat_add(p, device, 1);
	else if (where == SWAP_EXT_B_ZSWAP)
		swap_stat_add(p, zswap, 1);
	else if (where & SWAP_EXT_B_DEVICE)
		swap_stat_add(p, both, 1);
	else
		swap_stat_add(p, backends, 1);
	if (!where || !p->entry)
		swap_stat_add(p, impossible, 1);
}

SWAP_POLICY(where, "says where pages may go",
	    .select_backend = (void *)where_select_backend,
	    .swapped_out = (void *)where_swapped_out);
