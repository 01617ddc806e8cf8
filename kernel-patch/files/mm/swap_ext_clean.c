// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - write pages ahead of need
 *
 * A page that a policy expects to go soon is written to swap and stays where it is, mapped
 * and in use. If it goes before anybody writes to it again, it goes at once.
 *
 * The page is put into the swap cache, its page table entries lose their dirty bit, then
 * it is written. Whoever writes to it from then on, while it is being written as well,
 * sets the bit: what is in the slot is out of date and nobody reads it, for the page is
 * written anew before it goes. What takes a page must therefore not mind that it changes
 * on the way: no device that asks for stable pages, and not zswap.
 */
#include <linux/btf.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/writeback.h>
#include <linux/zswap.h>
#include "internal.h"
#include "swap.h"
#include "swap_ext.h"

/* Take the dirty bit from one page table entry; false: a device may write to the page. */
static bool clean_pte(struct page_vma_mapped_walk *pvmw, struct folio *folio)
{
	struct vm_area_struct *vma = pvmw->vma;
	pte_t pte = ptep_get(pvmw->pte);
	bool pinned;

	if (!pte_present(pte))
		return false;
	if (!pte_dirty(pte))
		return true;
	flush_cache_page(vma, pvmw->address, pte_pfn(pte));
	/* Flushed: no CPU goes on to write without setting the bit again. */
	pte = ptep_clear_flush(vma, pvmw->address, pvmw->pte);
	/* Who pins it from here on finds no entry, or the new one. */
	pinned = folio_maybe_dma_pinned(folio);
	if (!pinned) {
		folio_mark_dirty(folio);
		pte = pte_mkclean(pte);
	}
	set_pte_at(vma->vm_mm, pvmw->address, pvmw->pte, pte);
	return !pinned;
}

static bool clean_mapping(struct folio *folio, struct vm_area_struct *vma,
			  unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, PVMW_SYNC);
	struct mmu_notifier_range range;
	bool *cleaned = arg;

	/* Secrets are locked so as not to be on any disk. */
	if (vma->vm_flags & VM_LOCKED) {
		*cleaned = false;
		return false;
	}
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, 0, vma->vm_mm, addr,
				vma_address_end(&pvmw));
	mmu_notifier_invalidate_range_start(&range);
	while (page_vma_mapped_walk(&pvmw))
		*cleaned = clean_pte(&pvmw, folio) && *cleaned;
	mmu_notifier_invalidate_range_end(&range);
	return *cleaned;
}

/* @folio, locked and in the swap cache, is written; it is unlocked then. */
static int write_folio(struct folio *folio)
{
	struct writeback_control wbc = { .sync_mode = WB_SYNC_NONE };
	swp_entry_t entry = folio->swap;
	int err;

	/* A slot that no page table needs would be freed instead. */
	err = swap_duplicate(entry);
	if (err) {
		folio_unlock(folio);
		return err;
	}
	folio_clear_dirty_for_io(folio);
	err = swap_writepage(&folio->page, &wbc);
	if (err == AOP_WRITEPAGE_ACTIVATE) {
		folio_unlock(folio);
		err = -EAGAIN;
	}
	swap_free(entry);
	return err;
}

/* As bpf_swap_clean_page(), of @memcg or one below it. */
static int clean_page(struct mem_cgroup *memcg, u64 page)
{
	bool cleaned = true;
	struct rmap_walk_control rwc = { .arg = &cleaned, .rmap_one = clean_mapping };
	struct folio *folio = swap_ext_get_folio(page);
	int err = -ESTALE;

	if (!folio)
		return -ESTALE;
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return -EBUSY;
	}
	if (!folio_test_anon(folio) || folio_test_ksm(folio) || !folio_mapped(folio) ||
	    !swap_ext_is_of(folio, memcg))
		goto unlock;
	err = -EOPNOTSUPP;
	if (folio_test_large(folio) || folio_test_mlocked(folio) || zswap_is_enabled())
		goto unlock;
	err = -EBUSY;
	if (folio_test_writeback(folio) || folio_maybe_dma_pinned(folio))
		goto unlock;
	err = -ENOSPC;
	if (!folio_test_swapcache(folio) && !add_to_swap(folio))
		goto unlock;
	err = -EOPNOTSUPP;
	/* Set before swapon is done; other flags may change meanwhile. */
	if (data_race(swp_swap_info(folio->swap)->flags) & SWP_STABLE_WRITES)
		goto free_swap;
	rmap_walk(folio, &rwc);
	err = cleaned ? 0 : -EBUSY;
	if (cleaned && folio_test_dirty(folio))
		err = write_folio(folio);
	else
		folio_unlock(folio);
	folio_put(folio);
	return err;

free_swap:
	folio_free_swap(folio);
unlock:
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

__bpf_kfunc_start_defs();

/**
 * bpf_swap_clean_page - write a page to swap, and leave it where it is
 * @cgroup_id: the cgroup whose page it is, or of which below
 * @page: its handle, from a context of an op; anything
 *
 * If it then goes before anybody writes to it again, it goes without a write.
 *
 * Context: as bpf_swap_scan_memcg().
 * Return: 0: it is being written, or need not be; -ESTALE: it is not, or no longer, a page
 * of anonymous memory in use there; -EBUSY: it cannot be done at the moment; -EOPNOTSUPP:
 * not a large or a locked one, not with zswap, not with a device that needs stable pages;
 * -ENOSPC: there is no swap; or as bpf_swap_scan_memcg().
 */
__bpf_kfunc int bpf_swap_clean_page(u64 cgroup_id, u64 page)
{
	struct mem_cgroup *memcg = swap_ext_get_memcg(cgroup_id);
	int err;

	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	err = clean_page(memcg, page);
	css_put(&memcg->css);
	return err;
}

__bpf_kfunc_end_defs();
