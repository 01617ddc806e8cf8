/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drives one policy, compiled for the host, fault by fault: included by a test
 * after the policy's own file. Pages are given and expected as numbers within
 * one mapping of the driver's, so that a test reads like the example on paper.
 */
#ifndef DRIVE_H
#define DRIVE_H

#define DRIVE_CGROUP	HOST_CGROUP
#define DRIVE_DEVICE	HOST_DEVICE

/** struct drive - the mapping faulted on, and what every fault is to carry */
static struct drive {
	u64 base;		/* page number of the test's page 0 */
	u64 slot;		/* and the swap slot it lies in */
	u64 nr_pages;		/* of the mapping, from base on */
	u32 page_cluster;
	u32 max_pages;
	u32 flags;		/* of every fault, beside what the call implies */
	struct swap_ext_plan plan;
	u32 nr_failed;
} drive;

#define EXPECT(cond, fmt, args...)					\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: " fmt "\n", __FILE__, __LINE__,	\
			##args);					\
		drive.nr_failed++;					\
	}								\
} while (0)

/* What swxctl does before it attaches: parameters that are not named are 0. */
#define DRIVE_PARAMS(members...)					\
do {									\
	struct params ___params = { members };				\
	u64 ___cgroup = DRIVE_CGROUP;					\
									\
	bpf_map_update_elem(&params, &___cgroup, &___params, BPF_ANY);	\
} while (0)

/* And counters from 0 on, which this returns. */
#define DRIVE_STATS()							\
({									\
	struct stats ___stats = { 0 };					\
	u64 ___cgroup = DRIVE_CGROUP;					\
									\
	bpf_map_update_elem(&stats, &___cgroup, &___stats, BPF_ANY);	\
	(struct stats *)bpf_map_lookup_elem(&stats, &___cgroup);	\
})

/* A new process alone on a new machine, its mapping 1 GiB at 64 TiB. */
static inline void drive_start(void)
{
	host_start();
	drive.base = 1ULL << 34;
	drive.slot = 1000;
	drive.nr_pages = 1U << 18;
	drive.page_cluster = 3;
	drive.max_pages = SWAP_EXT_PLAN_MAX;
	drive.flags = 0;
}

static inline int drive_finish(void)
{
	drive_start();
	host_task_exit(host.current);
	host_reset();
	return !!drive.nr_failed;
}

static inline struct swap_ext_fault drive_fault(u64 page, u32 flags)
{
	return (struct swap_ext_fault){
		.addr = (drive.base + page) << SWAP_PAGE_SHIFT,
		.pgoff = drive.base + page,
		.entry = DRIVE_DEVICE + drive.slot + page,
		.cgroup_id = DRIVE_CGROUP,
		.vm_start = drive.base << SWAP_PAGE_SHIFT,
		.vm_end = (drive.base + drive.nr_pages) << SWAP_PAGE_SHIFT,
		.flags = drive.flags | flags,
		.page_cluster = drive.page_cluster,
		.tgid = host.current->tgid,
	};
}

static inline void drive_touch(u64 page, u32 flags)
{
	struct swap_ext_fault f = drive_fault(page, flags);

	if (host_policy.fault)
		host_policy.fault(&f, NULL, NULL);
	host_map_quiesce();
}

/* The first touch of a page that a plan brought in. */
static inline void drive_use(u64 page)
{
	drive_touch(page, SWAP_EXT_F_HIT | SWAP_EXT_F_PREFETCHED);
}

static inline s32 drive_miss(u64 page)
{
	struct swap_ext_fault f = drive_fault(page, 0);
	s32 ret;

	drive_touch(page, 0);
	memset(&drive.plan, 0, sizeof(drive.plan));
	f.max_pages = drive.max_pages;
	drive.plan.f = &f;
	ret = host_policy.prefetch(&f, &drive.plan, NULL, NULL);
	drive.plan.f = NULL;
	host_map_quiesce();
	return ret;
}

/* The test's number of a planned page, however the policy named it. */
static inline s64 drive_planned(u32 i)
{
	const struct host_page *p = &drive.plan.page[i];

	if (p->target == HOST_ENTRY)
		return p->n - DRIVE_DEVICE - drive.slot;
	return p->n - drive.base;
}

static inline void drive_print_plan(void)
{
	u32 i;

	for (i = 0; i < drive.plan.nr; i++)
		fprintf(stderr, " %lld", (long long)drive_planned(i));
	fputc('\n', stderr);
}

static inline void drive_expect(const char *file, int line, u64 page, s32 want,
				const s64 *pages, u32 nr)
{
	s32 ret = drive_miss(page);
	bool same = ret == want && drive.plan.nr == nr;
	u32 i;

	for (i = 0; same && i < nr; i++)
		same = drive_planned(i) == pages[i];
	if (same)
		return;
	drive.nr_failed++;
	fprintf(stderr, "%s:%d: miss of page %llu: returned %d, expected %d;\n"
		"  expected", file, line, (unsigned long long)page, ret, want);
	for (i = 0; i < nr; i++)
		fprintf(stderr, " %lld", (long long)pages[i]);
	fprintf(stderr, "\n  planned ");
	drive_print_plan();
}

/* Page @page misses; the plan must be these pages in this order. */
#define EXPECT_PLAN(page, pages...)					\
do {									\
	const s64 ___p[] = { pages };					\
									\
	drive_expect(__FILE__, __LINE__, page, SWAP_EXT_PF_PLAN, ___p,	\
		     sizeof(___p) / sizeof(___p[0]));			\
} while (0)

/* Page @page misses; nothing else may be read. */
#define EXPECT_NONE(page)						\
	drive_expect(__FILE__, __LINE__, page, SWAP_EXT_PF_NONE, NULL, 0)

/* Page @page misses; the policy must leave it to the kernel. */
#define EXPECT_DEFAULT(page)						\
	drive_expect(__FILE__, __LINE__, page, SWAP_EXT_PF_DEFAULT, NULL, 0)

#endif /* DRIVE_H */
