/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans of pages at equal distances, for every policy that follows a stride.
 */
#ifndef __SWAP_EXT_STEPS_BPF_H
#define __SWAP_EXT_STEPS_BPF_H

/**
 * swap_plan_steps() - ask for pages at equal distances
 * @plan: the plan handed to prefetch()
 * @f: the fault; its own page is passed over, and so is what lies outside its
 *	mapping
 * @page: number of the first page
 * @step: from each to the next; negative for descending
 * @nr: how many
 */
SWAP_SUBPROG(int, swap_plan_steps, struct swap_ext_plan *plan __arg_trusted,
	     const struct swap_ext_fault *f __arg_trusted, s64 page, s64 step,
	     u32 nr)
{
	struct swap_range r = swap_fault_range(f);
	s64 self = swap_fault_page(f);
	u32 i;

	if (step == 1) {
		r.start = swap_max(r.start, page);
		r.end = swap_min(r.end, page + nr);
		if (r.start < r.end)
			swap_plan_pages(plan, r.start, r.end - r.start);
		return 0;
	}
	for (i = 0; i < nr && swap_can_loop; i++, page += step) {
		if (page == self || page < r.start || page >= r.end)
			continue;
		if (swap_plan_pages(plan, page, 1) < 0)
			break;
	}
	return 0;
}

#endif /* __SWAP_EXT_STEPS_BPF_H */
