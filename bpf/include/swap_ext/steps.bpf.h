/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans of pages at equal distances, for every policy that follows a stride.
 */
#ifndef __SWAP_EXT_STEPS_BPF_H
#define __SWAP_EXT_STEPS_BPF_H

/**
 * swap_plan_steps() - ask for pages at equal distances
 * @plan: the plan handed to prefetch()
 * @f: the fault; what lies outside its mapping is left out
 * @page: number of the first page
 * @step: from each to the next; negative for descending
 * @nr: how many
 */
SWAP_SUBPROG(int, swap_plan_steps, struct swap_ext_plan *plan __arg_trusted,
	     const struct swap_ext_fault *f __arg_trusted, s64 page, s64 step,
	     u32 nr)
{
	struct swap_range r = swap_fault_range(f);
	u64 length = step < 0 ? -step : step;
	/* Steps to the first page of the mapping, and from there to its last one. */
	s64 before = step < 0 ? page - (r.end - 1) : r.start - page;
	s64 within;
	u64 skip;

	if (!length)
		return 0;
	if (before > 0) {
		skip = (before + length - 1) / length;
		if (skip >= nr)
			return 0;
		nr -= skip;
		page += skip * step;
	}
	within = step < 0 ? page - r.start : r.end - 1 - page;
	if (within < 0)
		return 0;
	swap_plan_spaced(plan, page, swap_min(nr, within / length + 1), step);
	return 0;
}

#endif /* __SWAP_EXT_STEPS_BPF_H */
