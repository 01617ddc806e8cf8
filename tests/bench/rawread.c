// SPDX-License-Identifier: GPL-2.0
/*
 * What RDMA by itself costs: READs and WRITEs of a slab of swx-memd, by verbs from user
 * space, with nothing of swap in between. Prints what swapwork prints as far as
 * tests/bench needs it: a round per way of asking.
 */
#include <endian.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peer.h"

#define PAGE	4096U
#define RUN	(16 * PAGE)
#define NR_OPS	2000U

/**
 * struct way - one way of asking
 * @name: of the round.
 * @op: the operation.
 * @len: bytes of each.
 * @depth: operations under way at a time.
 * @yield: leave the processor to others while nothing has come; else keep asking, and
 *	be preempted.
 */
static const struct way {
	const char		*name;
	enum ibv_wr_opcode	op;
	__u32			len;
	unsigned int		depth;
	bool			yield;
} ways[] = {
	{ "read 4k",		IBV_WR_RDMA_READ,  PAGE, 1, true },
	{ "read 4k spin",	IBV_WR_RDMA_READ,  PAGE, 1, false },
	{ "read 4k x8",		IBV_WR_RDMA_READ,  PAGE, 8, true },
	{ "read 64k",		IBV_WR_RDMA_READ,  RUN,  1, true },
	{ "write 4k",		IBV_WR_RDMA_WRITE, PAGE, 1, true },
	{ "write 4k x8",	IBV_WR_RDMA_WRITE, PAGE, 8, true },
};

static __u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void post(struct link *l, const struct way *way, const struct swx_wire_slab *slab,
		 unsigned int i)
{
	__u64 at = (__u64)i * way->len % (le64toh(slab->len) - way->len) & ~(PAGE - 1ULL);
	struct ibv_sge sge = {
		.addr	= (uintptr_t)l->buf + (i % way->depth) * way->len,
		.length	= way->len,
		.lkey	= l->mr->lkey,
	};
	struct ibv_send_wr wr = {
		.sg_list	= &sge,
		.num_sge	= 1,
		.opcode		= way->op,
		.send_flags	= IBV_SEND_SIGNALED,
		.wr.rdma	= { le64toh(slab->addr) + at, le32toh(slab->rkey) },
	}, *bad;

	EXPECT(!ibv_post_send(l->id->qp, &wr, &bad), "%s: post: %m", way->name);
}

static void await(struct link *l, const struct way *way)
{
	struct ibv_wc wc;
	int nr;

	for (;;) {
		nr = ibv_poll_cq(l->cq, 1, &wc);
		EXPECT(nr >= 0, "%s: poll", way->name);
		if (nr)
			break;
		if (way->yield)
			sched_yield();
	}
	EXPECT(wc.status == IBV_WC_SUCCESS, "%s: %s", way->name,
	       ibv_wc_status_str(wc.status));
}

static void run(struct link *l, const struct way *way, const struct swx_wire_slab *slab)
{
	unsigned int i, pages = NR_OPS * (way->len / PAGE);
	__u64 start = now_ns(), ns;

	for (i = 0; i < NR_OPS; i++) {
		if (i >= way->depth)
			await(l, way);
		post(l, way, slab, i);
	}
	for (i = 0; i < way->depth; i++)
		await(l, way);
	ns = now_ns() - start;
	printf("{\"name\": \"%s\", \"accesses\": %u, \"elapsed_ns\": %" PRIu64
	       ", \"ns_per_access\": %.1f}", way->name, pages, (uint64_t)ns,
	       (double)ns / pages);
}

int main(int argc, char **argv)
{
	struct swx_wire_slab slab;
	struct peer p;
	struct link l;
	size_t i;

	if (argc != 4) {
		fprintf(stderr, "Usage: rawread ADDR PORT KEY_FILE\n");
		return 2;
	}
	peer_init(&p, argv[1], atoi(argv[2]), argv[3], "rawread");
	peer_begin(&p);
	peer_alloc(&p, 1, &slab);
	data_open(&p, &l, SWX_WIRE_DEMAND);
	printf("{\"rounds\": [");
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		printf("%s", i ? ", " : "");
		run(&l, &ways[i], &slab);
	}
	printf("], \"ok\": true}\n");
	link_close(&l);
	peer_bye(&p);
	return 0;
}
