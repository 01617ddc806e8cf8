/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long requests took, as the kernel counts it: by powers of two. What is known of a
 * request is between which two of them it was, so a percentile is a bound.
 */
#ifndef __SWXCTL_LATENCY_H
#define __SWXCTL_LATENCY_H

#include <stddef.h>

#define LATENCY_BUCKETS	32
/* What stands for the last bucket, which has no bound. */
#define LATENCY_LAST_NS	(1ULL << LATENCY_BUCKETS)

enum latency_kind {
	LATENCY_READ,
	LATENCY_WRITE,
	NR_LATENCIES,
};

struct latency {
	struct {
		unsigned long long	below_ns;
		unsigned long long	requests[NR_LATENCIES];
	} bucket[LATENCY_BUCKETS];
	size_t nr;
};

/* Lines of "BELOW_NS READS WRITES"; what is none is not looked at. */
void latency_parse(const char *text, struct latency *latency);
/* So many percent of the requests took less than that; 0 if there was none. */
unsigned long long latency_percentile(const struct latency *latency, enum latency_kind kind,
				      unsigned int percent);

#endif /* __SWXCTL_LATENCY_H */
