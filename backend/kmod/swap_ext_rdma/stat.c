// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, latencies and tracepoints of a node
 */
#include "rdma.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static const char * const stat_names[SWX_NR_STATS] = {
	[SWX_READS]		= "reads",
	[SWX_WRITES]		= "writes",
	[SWX_READ_REQUESTS]	= "read_requests",
	[SWX_WRITE_REQUESTS]	= "write_requests",
	[SWX_READ_ERRORS]	= "read_errors",
	[SWX_WRITE_ERRORS]	= "write_errors",
	[SWX_REFUSED_DOWN]	= "refused_down",
	[SWX_REFUSED_BUSY]	= "refused_busy",
	[SWX_REFUSED_LOST]	= "refused_lost",
	[SWX_LOST_READS]	= "lost_reads",
	[SWX_HELD_READS]	= "held_reads",
	[SWX_EXPIRED_READS]	= "expired_reads",
	[SWX_MAPPED]		= "dma_mapped",
	[SWX_UNMAPPED]		= "dma_unmapped",
	[SWX_TIMEOUTS]		= "timeouts",
	[SWX_PATH_FAILURES]	= "path_failures",
	[SWX_RECONNECTS]	= "reconnects",
	[SWX_RESUMES]		= "resumes",
	[SWX_SLABS_LOST]	= "slabs_lost",
};

/**
 * swx_count_latency - a request has ended
 * @n: the node
 * @write: which kind it was
 * @ns: how long it took
 *
 * Context: any.
 */
void swx_count_latency(struct swx_node *n, bool write, u64 ns)
{
	unsigned int bucket = min(fls64(ns), SWX_NR_BUCKETS) ?: 1;

	this_cpu_inc(n->stats->latency[write][bucket - 1]);
}

/**
 * swx_stat_sum - a counter, over all CPUs
 * @n: the node
 * @item: which
 */
u64 swx_stat_sum(struct swx_node *n, enum swx_stat item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(n->stats, cpu)->v[item]);
	return sum;
}

/* Requests that are posted; the path stays for as long as we look, by RCU. */
static unsigned int in_use(struct swx_node *n)
{
	unsigned int kind, cpu, nr = 0;
	struct swx_path *p;

	guard(rcu)();
	p = rcu_dereference(n->path);
	if (!p)
		return 0;
	for (kind = 0; kind < SWX_NR_QUEUES; kind++)
		for (cpu = 0; cpu < p->nr_cpus; cpu++)
			nr += p->queue[kind][cpu].nr_requests -
			      READ_ONCE(p->queue[kind][cpu].nr_free);
	return nr;
}

/**
 * swx_stats_show - print all counters, a name and a number per line
 * @n: the node
 * @buf: a page
 *
 * Return: bytes printed.
 */
int swx_stats_show(struct swx_node *n, char *buf)
{
	int i, len = 0;

	for (i = 0; i < SWX_NR_STATS; i++)
		len += sysfs_emit_at(buf, len, "%s %llu\n", stat_names[i], swx_stat_sum(n, i));
	len += sysfs_emit_at(buf, len, "requests_in_use %u\n", in_use(n));
	return len;
}

/**
 * swx_latency_show - print the histograms
 * @n: the node
 * @buf: a page
 *
 * A line per bucket that is not empty: less than so many ns took so many reads and
 * so many writes.
 *
 * Return: bytes printed.
 */
int swx_latency_show(struct swx_node *n, char *buf)
{
	int i, cpu, len = 0;

	for (i = 0; i < SWX_NR_BUCKETS; i++) {
		u64 reads = 0, writes = 0;

		for_each_possible_cpu(cpu) {
			reads += per_cpu_ptr(n->stats, cpu)->latency[0][i];
			writes += per_cpu_ptr(n->stats, cpu)->latency[1][i];
		}
		if (reads || writes)
			len += sysfs_emit_at(buf, len, "%llu %llu %llu\n", 2ULL << i,
					     reads, writes);
	}
	return len;
}
