/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the kernel as a trace, swxctl-trace(5).
 *
 * A page that is read from swap has no number yet when it comes: only its slot is known. What
 * has been evicted to it or faulted on says which page that is; until then the arrival
 * waits, and is written with the time at which it was.
 */
#ifndef __SWXCTL_TRANSCRIPT_H
#define __SWXCTL_TRANSCRIPT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

#include "record_args.h"
#include "../replay/trace.h"

/**
 * struct transcript_counts - what was written
 * @nr_unknown: events that were not: of a page that nobody ever named, or such as the
 *	format does not know.
 */
struct transcript_counts {
	__u64	nr_faults;
	__u64	nr_plans;
	__u64	nr_arrivals;
	__u64	nr_evictions;
	__u64	nr_unknown;
};

struct transcript;

/* -errno: as trace_begin(), -ENOMEM. */
int transcript_begin(struct transcript **t, FILE *file, const struct trace_header *h);
int transcript_event(struct transcript *t, const struct record_event *e);
/* The trace is complete then, also if events could not be written: -errno of the first. */
int transcript_finish(struct transcript *t);
struct transcript_counts transcript_count(const struct transcript *t);
void transcript_free(struct transcript *t);

#endif /* __SWXCTL_TRANSCRIPT_H */
