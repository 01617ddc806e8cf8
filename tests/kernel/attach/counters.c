// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a cgroup against what is known from outside: pages walked, calls the
 * policy saw, reads the machine did. Which device it is, the script says.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Pages that CPUs may hold back from reclaim on their way to the LRU. */
#define NR_HELD_BACK	64

struct counts {
	uint64_t faults, major, hits, late, joined;
	uint64_t prefetched, used, unused;
	uint64_t plans, defaults, nones;
	uint64_t pswpin, swap_ra, swap_ra_hit;
};

static struct counts count(const char *group)
{
	return (struct counts){
		.faults = group_stat(group, "faults"),
		.major = group_stat(group, "major"),
		.hits = group_stat(group, "hits"),
		.late = group_stat(group, "late"),
		.joined = group_stat(group, "joined"),
		.prefetched = group_stat(group, "prefetched"),
		.used = group_stat(group, "used"),
		.unused = group_stat(group, "unused"),
		.plans = group_stat(group, "plans"),
		.defaults = group_stat(group, "defaults"),
		.nones = group_stat(group, "nones"),
		.pswpin = machine_stat("pswpin"),
		.swap_ra = machine_stat("swap_ra"),
		.swap_ra_hit = machine_stat("swap_ra_hit"),
	};
}

/* The group has come to rest and nobody is left in it: all pages met their end. */
static void expect_books_closed(const char *group, const struct policy *p)
{
	struct counts c;

	expect_soon(20, (group_write(group, "memory.reclaim", "64M"),
			 c = count(group),
			 c.prefetched == c.used + c.late + c.unused));
	expect_eq(c.faults, c.major + c.hits + c.late + c.joined);
	expect_eq(atoi(group_state(group, "inflight")), 0);
	if (p) {
		expect_eq(probe_calls(p, group).faults, c.faults);
		expect_eq(probe_calls(p, group).prefetches,
			  c.plans + c.defaults + c.nones);
		expect_eq(probe_calls(p, group).strays, 0);
	}
}

static struct policy probe_naming(enum probe_kind kind, int value, unsigned int nr)
{
	struct policy p = probe_load_ahead("p", nr);

	p.control->target[0].kind = kind;
	p.control->target[0].value = value;
	return p;
}

/* Walks that visit each page once: as many faults as pages were out. */
static void expect_one_fault_per_page(const char *args, struct policy p)
{
	const char *json;
	uint64_t nr_pages;

	group_make("a");
	policy_must_attach(&p, "a");
	json = work_run("a", args);
	/* The counters of swapwork's own window: the walk and nothing else. */
	nr_pages = work_number(json, "accesses");
	expect_le(work_number(json, "faults"), nr_pages);
	expect_ge(work_number(json, "faults"),
		  nr_pages - work_number(json, "resident_before") - NR_HELD_BACK);
	expect_books_closed("a", &p);
}

static void sequential(void)
{
	expect_one_fault_per_page("--size 8 --pattern seq",
				  probe_naming(PROBE_ADDR_REL, 1, 8));
}

static void stride_by_address(void)
{
	expect_one_fault_per_page("--size 8 --pattern stride:7",
				  probe_naming(PROBE_ADDR_REL, 7, 1));
}

static void random_with_wrong_guesses(void)
{
	expect_one_fault_per_page("--size 8 --pattern random --order random",
				  probe_naming(PROBE_ADDR_REL, -3, 8));
}

static void sequential_by_slot(void)
{
	expect_one_fault_per_page("--size 8 --pattern seq",
				  probe_naming(PROBE_ENTRY_REL, 1, 8));
}

static void shared_memory_by_offset(void)
{
	expect_one_fault_per_page("--size 8 --map shmem --pattern seq",
				  probe_naming(PROBE_PGOFF_REL, 1, 8));
}

static void shared_memory_by_read(void)
{
	expect_one_fault_per_page("--size 8 --map shmem --access pread --pattern seq",
				  probe_naming(PROBE_PGOFF_REL, 1, 8));
}

static void four_threads(void)
{
	expect_one_fault_per_page("--size 8 --threads 4 --burst 1 --pattern seq,stride:5",
				  probe_naming(PROBE_ADDR_REL, 1, 8));
}

static void stores(void)
{
	expect_one_fault_per_page("--size 8 --access store --pattern seq --rounds 2",
				  probe_naming(PROBE_ADDR_REL, 1, 8));
}

static void left_to_the_kernel(void)
{
	expect_one_fault_per_page("--size 8 --pattern seq",
				  probe_load("p", SWAP_EXT_PF_DEFAULT));
}

static void nothing_ahead(void)
{
	expect_one_fault_per_page("--size 8 --pattern random",
				  probe_load("p", SWAP_EXT_PF_NONE));
}

/* Where accesses and faults are not the same, the books still close. */
static void expect_only_books_closed(const char *args, struct policy p)
{
	group_make("a");
	policy_must_attach(&p, "a");
	work_run("a", args);
	expect_ge(group_stat("a", "faults"), 1);
	expect_books_closed("a", &p);
}

static void two_processes_share_memory(void)
{
	expect_only_books_closed("--size 8 --share --procs 2 --pattern seq,reverse",
				 probe_naming(PROBE_ADDR_REL, 1, 8));
}

static void two_processes_share_a_file(void)
{
	expect_only_books_closed("--size 8 --share --procs 2 --threads 2 --map shmem "
				 "--pattern random",
				 probe_naming(PROBE_PGOFF_REL, 1, 8));
}

static void beside_large_folios(void)
{
	expect_only_books_closed("--size 16 --huge --pattern random",
				 probe_naming(PROBE_ADDR_REL, 1, 16));
}

static void shared_beside_large_folios(void)
{
	expect_only_books_closed("--size 16 --huge --map shmem --pattern random",
				 probe_naming(PROBE_PGOFF_REL, 1, 16));
}

static void under_a_limit(void)
{
	expect_only_books_closed("--size 16 --limit 6 --passes 2 --pattern stride:7",
				 probe_naming(PROBE_ADDR_REL, 7, 1));
}

static void under_a_limit_with_threads(void)
{
	expect_only_books_closed("--size 16 --limit 6 --threads 4 --access store "
				 "--pattern random",
				 probe_naming(PROBE_ADDR_REL, 1, 16));
}

static void under_a_throttle(void)
{
	struct policy p = probe_naming(PROBE_ADDR_REL, 1, 16);

	group_make("a");
	expect_eq(group_write("a", "memory.high", "6M"), 0);
	policy_must_attach(&p, "a");
	work_run("a", "--size 8 --passes 2 --pattern seq --access store");
	expect_books_closed("a", &p);
	expect_ge(group_stat("a", "prefetched"), 1);
}

/* At its limit a cgroup still gets what it plans: nearly all would be no use. */
static void a_limit_leaves_room(void)
{
	struct policy p = probe_naming(PROBE_ADDR_REL, 1, 8);
	struct counts c;

	group_make("a");
	policy_must_attach(&p, "a");
	work_run("a", "--size 32 --limit 16 --pattern seq --passes 2");
	expect_books_closed("a", &p);
	c = count("a");
	expect_le(5 * (c.major + c.late + c.joined), c.faults);
	expect_le(10 * c.unused, c.prefetched);
}

/* What the stock counters call readahead, for plans and for DEFAULT alike. */
static void machine_counters(void)
{
	struct policy p = probe_naming(PROBE_ADDR_REL, 1, 8);
	struct counts before, after;

	group_make("a");
	policy_must_attach(&p, "a");
	before = count("a");
	work_run("a", "--size 8 --pattern seq");
	expect_books_closed("a", &p);
	after = count("a");

	expect_eq(after.pswpin - before.pswpin, after.major + after.prefetched);
	expect_eq(after.swap_ra - before.swap_ra, after.prefetched);
	expect_eq(after.swap_ra_hit - before.swap_ra_hit, after.used + after.late);
}

/*
 * What a policy brought in before it was detached is nobody's later: those slots,
 * used again, must not count for the next policy.
 */
static void next_policy_starts_clean(void)
{
	struct policy p = probe_naming(PROBE_ADDR_REL, 1, 64);
	struct region r;
	struct counts before, after;
	int link;

	group_make("a/self");
	link = policy_must_attach(&p, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&r, REGION_ANON, 128);
	pages_out(&r, "a/self");
	pages_check(&r, 0, 1);
	expect_eq(group_stat("a", "prefetched"), 64);
	must(policy_detach(link));
	pages_check(&r, 0, 128);
	pages_out(&r, "a/self");

	p.control->ret = SWAP_EXT_PF_NONE;
	p.control->nr_targets = 0;
	policy_must_attach(&p, "a");
	before = count("a");
	pages_check(&r, 0, 128);
	pages_out(&r, "a/self");
	after = count("a");
	expect_eq(after.prefetched - before.prefetched, 0);
	expect_eq(after.used - before.used, 0);
	expect_eq(after.unused - before.unused, 0);
	expect_eq(after.late - before.late, 0);
	expect_eq(after.major - before.major, 128);
}

/* What becomes of pages after their cgroup is gone is its ancestors' to count. */
static void pages_outlive_their_cgroup(void)
{
	struct policy p = probe_naming(PROBE_ADDR_REL, 1, 8);
	struct region r;

	group_make("a/gone");
	group_make("a/stays");
	policy_must_attach(&p, "a");
	expect_eq(group_write("a/gone", "cgroup.procs", "0"), 0);
	pages_make(&r, REGION_SHMEM, 64);
	pages_out(&r, "a/gone");
	pages_check(&r, 0, 1);
	expect_eq(group_stat("a/gone", "prefetched"), 8);
	expect_eq(group_write("a/stays", "cgroup.procs", "0"), 0);
	group_remove("a/gone");
	p.control->ret = SWAP_EXT_PF_NONE;
	pages_check(&r, 1, 8);
	expect_eq(group_stat("a", "prefetched"), 8);
	expect_eq(group_stat("a", "used") + group_stat("a", "late"), 8);
	pages_check(&r, 0, 64);
	expect_books_closed("a", NULL);
}

/* Nobody is told of what is no task's fault. */
static void not_every_read_is_a_fault(void)
{
	struct policy p = probe_naming(PROBE_ADDR_REL, 1, 8);
	struct region r;

	group_make("a/self");
	policy_must_attach(&p, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&r, REGION_ANON, 64);
	pages_out(&r, "a/self");
	must(madvise(r.mem, 64 * PAGE_BYTES, MADV_WILLNEED));
	expect_soon(30, region_count_resident(&r) == 64);
	expect_eq(group_stat("a", "faults"), 0);
	expect_eq(probe_calls(&p, "a").faults, 0);
	expect_eq(group_stat("a", "prefetched"), 0);
	usleep(100000);
	pages_check(&r, 0, 64);
	expect_eq(group_stat("a", "hits"), 64);
	expect_eq(group_stat("a", "used"), 0);
	expect_books_closed("a", NULL);
}

static const struct test_case cases[] = {
	{ "sequential", sequential },
	{ "stride_by_address", stride_by_address },
	{ "random_with_wrong_guesses", random_with_wrong_guesses },
	{ "sequential_by_slot", sequential_by_slot },
	{ "shared_memory_by_offset", shared_memory_by_offset },
	{ "shared_memory_by_read", shared_memory_by_read },
	{ "four_threads", four_threads },
	{ "stores", stores },
	{ "left_to_the_kernel", left_to_the_kernel },
	{ "nothing_ahead", nothing_ahead },
	{ "two_processes_share_memory", two_processes_share_memory },
	{ "two_processes_share_a_file", two_processes_share_a_file },
	{ "beside_large_folios", beside_large_folios },
	{ "shared_beside_large_folios", shared_beside_large_folios },
	{ "under_a_limit", under_a_limit },
	{ "under_a_limit_with_threads", under_a_limit_with_threads },
	{ "under_a_throttle", under_a_throttle },
	{ "a_limit_leaves_room", a_limit_leaves_room },
	{ "machine_counters", machine_counters },
	{ "next_policy_starts_clean", next_policy_starts_clean },
	{ "pages_outlive_their_cgroup", pages_outlive_their_cgroup },
	{ "not_every_read_is_a_fault", not_every_read_is_a_fault },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
