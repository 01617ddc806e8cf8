// SPDX-License-Identifier: GPL-2.0
/* Percentiles of the kernel's histograms. Called by node.c. */
#include "latency.h"

#include <stdio.h>
#include <string.h>

void latency_parse(const char *text, struct latency *latency)
{
	unsigned long long below, reads, writes;

	latency->nr = 0;
	while (text && *text && latency->nr < LATENCY_BUCKETS) {
		if (sscanf(text, "%llu %llu %llu", &below, &reads, &writes) == 3) {
			latency->bucket[latency->nr].below_ns = below;
			latency->bucket[latency->nr].requests[LATENCY_READ] = reads;
			latency->bucket[latency->nr].requests[LATENCY_WRITE] = writes;
			latency->nr++;
		}
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
}

unsigned long long latency_percentile(const struct latency *latency, enum latency_kind kind,
				      unsigned int percent)
{
	unsigned long long sum = 0, total = 0;
	size_t i;

	for (i = 0; i < latency->nr; i++)
		total += latency->bucket[i].requests[kind];
	for (i = 0; total && i < latency->nr; i++) {
		sum += latency->bucket[i].requests[kind];
		if (sum * 100 >= total * percent)
			return latency->bucket[i].below_ns;
	}
	return 0;
}
