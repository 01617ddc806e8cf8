// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - where pages go that are written out
 *
 * A policy narrows the choice between zswap, backends and the device, and is told where
 * a page is once it is there. The device is the safety net: what is refused everywhere
 * else goes there, whatever the policy says.
 */
#include <linux/btf.h>
#include <linux/memcontrol.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/zswap.h>
#include "frontswap.h"
#include "swap_ext.h"

/**
 * swap_ext_select_backend - who of those that are there may take a page?
 * @folio: the page, locked and in the swap cache
 * @more: who is there besides backends and the device, bits of enum swap_ext_backends
 *
 * Context: process context, in reclaim mostly.
 * Return: bits of those that are there; all bits if no policy has a say.
 */
u64 swap_ext_select_backend(struct folio *folio, u64 more)
{
	u64 offered, chosen;
	struct mem_cgroup *memcg;
	struct swap_ext_call call;
	struct swap_ext_page p;

	guard(rcu)();
	memcg = folio_memcg(folio);
	if (!swap_ext_prepare_call(&call, swap_ext_of(memcg)) || !call.ops->select_backend)
		return U64_MAX;
	offered = frontswap_offered() | more;
	p = swap_ext_describe_page(&call, folio, folio->swap, 0);
	swap_ext_begin_call(&call, SWAP_EXT_TIMED_PAGE);
	chosen = call.ops->select_backend(folio, &p, offered, memcg);
	swap_ext_end_call(&call, memcg, SWAP_EXT_TIMED_PAGE);
	if (chosen & ~offered)
		swap_ext_inc(swap_ext_of(memcg), SWAP_EXT_STAT_CLAMPED_RETURN);
	if (offered & ~chosen)
		swap_ext_add(swap_ext_of(memcg), SWAP_EXT_STAT_NARROWED, p.nr_pages);
	return chosen & offered;
}

/**
 * __swap_ext_may_compress - may zswap take a page?
 * @folio: the page, locked and in the swap cache
 *
 * Only the first question about a page is asked here, and only if there is zswap;
 * frontswap asks about the rest.
 */
bool __swap_ext_may_compress(struct folio *folio)
{
	unsigned int i;

	if (!zswap_is_enabled() ||
	    swap_ext_select_backend(folio, SWAP_EXT_B_ZSWAP) & SWAP_EXT_B_ZSWAP)
		return true;
	/* What zswap_store() would have done about an older page of these slots. */
	for (i = 0; i < folio_nr_pages(folio); i++)
		zswap_invalidate((swp_entry_t){ folio->swap.val + i });
	return false;
}

/**
 * __swap_ext_swapped_out - a page has been written
 * @folio: the page, in the swap cache; locked or under writeback
 * @where: who has it, bits of enum swap_ext_backends
 *
 * Context: any.
 */
void __swap_ext_swapped_out(struct folio *folio, u64 where)
{
	struct mem_cgroup *memcg;
	struct swap_ext_call call;
	struct swap_ext_page p;

	guard(rcu)();
	memcg = folio_memcg(folio);
	if (!swap_ext_prepare_call(&call, swap_ext_of(memcg)) || !call.ops->swapped_out)
		return;
	p = swap_ext_describe_page(&call, folio, folio->swap, 0);
	swap_ext_begin_call(&call, SWAP_EXT_TIMED_PAGE);
	call.ops->swapped_out(folio, &p, where, memcg);
	swap_ext_end_call(&call, memcg, SWAP_EXT_TIMED_PAGE);
}

__bpf_kfunc_start_defs();

/**
 * bpf_swap_entry_where - who has what is in a swap slot?
 * @entry: the slot; anything
 *
 * Context: as bpf_swap_page_idle_s().
 * Return: bits of enum swap_ext_backends: one for a backend; those of the device and, once
 * it has been enabled, of zswap, for it does not tell; 0: nothing is there.
 */
__bpf_kfunc u64 bpf_swap_entry_where(u64 entry)
{
	swp_entry_t slot = { .val = entry };
	struct frontswap_backend *b;

	guard(rcu)();
	if (non_swap_entry(slot) || !swap_ext_holds_page(swap_ext_slot_count(slot)))
		return 0;
	b = frontswap_holder(slot);
	if (b)
		return SWAP_EXT_B_BACKEND(b->id);
	return SWAP_EXT_B_DEVICE | (zswap_never_enabled() ? 0 : SWAP_EXT_B_ZSWAP);
}

__bpf_kfunc_end_defs();
