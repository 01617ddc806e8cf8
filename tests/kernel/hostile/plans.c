// SPDX-License-Identifier: GPL-2.0
/*
 * Plans that name what a plan must not bring in, or cannot: each target is skipped
 * and counted under its reason, and nothing else happens.
 *
 * The policy is attached to "a"; this process is in "a/self" and touches one page.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NR_PAGES	160
#define PAGE_AT		32		/* the page that is touched */
#define ENTRY_TYPE(e)	((e) >> 58)

static const char *const counters[] = {
	"prefetched", "dropped_cached", "dropped_unmapped", "dropped_range",
	"dropped_free", "dropped_foreign", "dropped_pressure", "clamped_budget",
	"clamped_inflight", "clamped_accuracy",
};

#define NR_COUNTERS	(sizeof(counters) / sizeof(*counters))

static struct policy policy;
static struct region pages;
/* What counters must have grown by; zero unless a test says otherwise. */
static uint64_t wanted[NR_COUNTERS];
/* What the policy saw when the page was touched. */
static struct probe_control seen;

static void enter_scene(enum region_map map)
{
	group_make("a/self");
	policy = probe_load("p", SWAP_EXT_PF_PLAN);
	policy_must_attach(&policy, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&pages, map, NR_PAGES);
}

static void begin(void)
{
	memset(wanted, 0, sizeof(wanted));
	policy.control->nr_targets = 0;
	pages_out(&pages, "a/self");
}

static void name_spaced(enum probe_kind kind, int64_t value, uint32_t nr, int64_t step)
{
	policy.control->target[policy.control->nr_targets++] =
		(struct probe_target){ .kind = kind, .value = value, .nr = nr, .step = step };
}

static void name(enum probe_kind kind, int64_t value, uint32_t nr)
{
	name_spaced(kind, value, nr, 1);
}

static void want(const char *counter, uint64_t nr)
{
	size_t i;

	for (i = 0; i < NR_COUNTERS; i++)
		if (!strcmp(counters[i], counter))
			wanted[i] += nr;
}

static void want_result(unsigned int target, int result)
{
	if (seen.result[target] != result)
		fail("target %u: the kfunc returned %d, want %d", target,
		     seen.result[target], result);
}

/* Touch @page of @r: exactly one call of the policy, and what was wanted. */
static void touch_only(const char *what, const struct region *r, uint32_t page)
{
	uint64_t before[NR_COUNTERS], calls = probe_calls(&policy, "a").prefetches;
	size_t i;

	for (i = 0; i < NR_COUNTERS; i++)
		before[i] = group_stat("a", counters[i]);
	pages_check(r, page, 1);
	seen = *policy.control;
	if (probe_calls(&policy, "a").prefetches != calls + 1)
		fail("%s: the policy was not asked once", what);
	for (i = 0; i < NR_COUNTERS; i++) {
		uint64_t got = group_stat("a", counters[i]) - before[i];

		if (got != wanted[i])
			fail("%s: %s grew by %llu, want %llu", what, counters[i],
			     (unsigned long long)got, (unsigned long long)wanted[i]);
	}
	expect_eq(probe_calls(&policy, "a").last.max_pages, SWAP_EXT_PLAN_MAX);
}

/* And then all others, so that what was brought in is known to be right. */
static void touch(const char *what, const struct region *r, uint32_t page)
{
	touch_only(what, r, page);
	pages_check(r, 0, r->nr);
}

/* One target, all of whose pages end in one counter. */
static void expect_named(const char *what, enum probe_kind kind, int64_t value,
			 uint32_t nr, const char *counter, int result)
{
	begin();
	name(kind, value, nr);
	want(counter, nr);
	touch(what, &pages, PAGE_AT);
	if (seen.result[0] != result)
		fail("%s: the kfunc returned %d, want %d", what, seen.result[0], result);
}

static void refused(const char *what, enum probe_kind kind, int64_t value, uint32_t nr,
		    const char *counter)
{
	expect_named(what, kind, value, nr, counter, 0);
}

static int64_t address_of(const struct region *r, uint32_t page)
{
	return (intptr_t)(r->mem + (size_t)page * PAGE_WORDS);
}

static void addresses(void)
{
	char *hole, *gap;

	enter_scene(REGION_ANON);
	refused("address 0", PROBE_ADDR, 0, 1, "dropped_range");
	refused("a low address", PROBE_ADDR, 4096, 8, "dropped_range");
	refused("kernel memory", PROBE_ADDR, 0xffff888000000000LL, 4, "dropped_range");
	refused("the end of user memory", PROBE_ADDR, 1LL << 47, 2, "dropped_range");
	refused("no canonical address", PROBE_ADDR, 1LL << 62, 2, "dropped_range");
	refused("the last page of all", PROBE_ADDR, -1, 3, "dropped_range");
	refused("the faulting page", PROBE_ADDR_REL, 0, 1, "dropped_cached");
	refused("no page", PROBE_ADDR_REL, 1, 0, "dropped_range");
	refused("the program", PROBE_ADDR, (intptr_t)addresses, 1, "dropped_unmapped");

	hole = mmap(NULL, 8 * PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	refused("untouched memory", PROBE_ADDR, (intptr_t)hole, 8, "dropped_unmapped");
	must(mprotect(hole, 8 * PAGE_BYTES, PROT_NONE));
	refused("forbidden memory", PROBE_ADDR, (intptr_t)hole, 8, "dropped_unmapped");
	must(munmap(hole, 8 * PAGE_BYTES));
	refused("unmapped memory", PROBE_ADDR, (intptr_t)hole, 8, "dropped_range");

	/* A run that begins well. */
	gap = mmap(NULL, 64 * PAGE_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(munmap(gap + 2 * PAGE_BYTES, 62 * PAGE_BYTES));
	gap[0] = 1;
	begin();
	name(PROBE_ADDR, (intptr_t)gap, 8);
	want("dropped_cached", 1);
	want("dropped_unmapped", 1);
	want("dropped_range", 6);
	touch("over the end of a mapping", &pages, PAGE_AT);
	want_result(0, 0);
	munmap(gap, 2 * PAGE_BYTES);

	begin();
	name(PROBE_ADDR_REL, -2, 5);
	want("prefetched", 4);
	want("dropped_cached", 1);
	touch("around the faulting page", &pages, PAGE_AT);
	want_result(0, 4);

	begin();
	pages_check(&pages, 40, 4);
	name(PROBE_ADDR, address_of(&pages, 40), 4);
	want("dropped_cached", 4);
	touch("resident pages", &pages, PAGE_AT);
	want_result(0, 0);
}

/* Pages apart from each other: forth, back, over the ends, and not at all. */
static void steps(void)
{
	uint32_t i;

	enter_scene(REGION_ANON);
	begin();
	name_spaced(PROBE_ADDR_REL, 7, 10, 7);
	want("prefetched", 10);
	touch_only("every seventh", &pages, PAGE_AT);
	want_result(0, 10);
	for (i = 0; i < 11; i++)
		pages_check(&pages, PAGE_AT + 7 * i, 1);
	expect_eq(group_stat("a", "used") + group_stat("a", "late"), 10);
	pages_check(&pages, 0, NR_PAGES);

	begin();
	name_spaced(PROBE_ADDR_REL, -3, 5, -3);
	want("prefetched", 5);
	touch("every third downwards", &pages, PAGE_AT);
	want_result(0, 5);

	begin();
	name_spaced(PROBE_ADDR, address_of(&pages, 2), 3, -1);
	want("prefetched", 3);
	touch("down to the first page", &pages, PAGE_AT);
	want_result(0, 3);

	begin();
	name_spaced(PROBE_ADDR_REL, 1, 4, INT64_MAX);
	name_spaced(PROBE_ADDR_REL, 1, 4, INT64_MIN);
	name_spaced(PROBE_ADDR_REL, 2, 4, 1LL << 40);
	name_spaced(PROBE_ADDR_REL, 3, 4, -(1LL << 40));
	want("prefetched", 3);
	want("dropped_cached", 1);
	want("dropped_range", 12);
	touch("steps out of the address space", &pages, PAGE_AT);

	begin();
	name_spaced(PROBE_ADDR_REL, 1, 8, 0);
	touch("no step", &pages, PAGE_AT);
	want_result(0, -EINVAL);
}

static void too_much(void)
{
	int i;

	enter_scene(REGION_ANON);
	begin();
	for (i = 0; i < 3; i++)
		name(PROBE_ADDR_REL, 1, 8);
	want("prefetched", 8);
	want("dropped_cached", 16);
	touch("the same pages three times", &pages, PAGE_AT);

	begin();
	for (i = 0; i < 16; i++)
		name(PROBE_ADDR_REL, 1 + 8 * i, 8);
	want("prefetched", SWAP_EXT_PLAN_MAX);
	want("clamped_budget", 16 * 8 - SWAP_EXT_PLAN_MAX);
	touch("more than a plan holds", &pages, 0);
	for (i = 0; i < 16; i++)
		want_result(i, i < 8 ? 8 : -ENOSPC);
	expect_eq(seen.room[0], SWAP_EXT_PLAN_MAX);
	expect_eq(seen.room[1], 0);

	begin();
	name(PROBE_ADDR_REL, 1, UINT32_MAX);
	want("prefetched", SWAP_EXT_PLAN_MAX);
	want("clamped_budget", UINT32_MAX - SWAP_EXT_PLAN_MAX);
	touch("4 G pages by address", &pages, 0);
	want_result(0, SWAP_EXT_PLAN_MAX);

	/* Each is looked at, so there must be an end to that as well. */
	begin();
	name(PROBE_ENTRY, 30ULL << 58, UINT32_MAX);
	want("dropped_range", 1024);
	want("clamped_budget", UINT32_MAX - 1024);
	touch("4 G slots that are none", &pages, PAGE_AT);
	want_result(0, 0);
}

static void entries(void)
{
	uint64_t type, device;

	enter_scene(REGION_ANON);
	begin();
	type = ENTRY_TYPE(pages_entry(&pages, PAGE_AT));
	device = type << 58;
	refused("the header of the device", PROBE_ENTRY, device, 1, "dropped_range");
	refused("an offset beyond it", PROBE_ENTRY, device | 1ULL << 40, 4,
		"dropped_range");
	refused("the last offset", PROBE_ENTRY, device | ((1ULL << 58) - 1), 3,
		"dropped_range");
	refused("no device", PROBE_ENTRY, 7ULL << 58 | 100, 3, "dropped_range");
	refused("a migration entry", PROBE_ENTRY, 30ULL << 58 | 100, 3, "dropped_range");
	refused("the last type", PROBE_ENTRY, 31ULL << 58 | 1, 3, "dropped_range");
	refused("all ones", PROBE_ENTRY, -1, 1, "dropped_range");
	refused("a free slot", PROBE_ENTRY, device | 30000, 4, "dropped_free");
	refused("the faulting slot", PROBE_ENTRY_REL, 0, 1, "dropped_cached");

	begin();
	name(PROBE_ENTRY, pages_entry(&pages, 50), 1);
	want("prefetched", 1);
	touch("a slot of its own", &pages, PAGE_AT);
	want_result(0, 1);

	begin();
	name(PROBE_PGOFF, 0, 4);
	touch("a file offset without a file", &pages, PAGE_AT);
	want_result(0, -EINVAL);
}

struct other {
	struct region r;
	const char *group;
	int ready[2];
	int go[2];
	uint64_t entry;
};

/* Somebody else with pages in swap, who looks after them later. */
static void run_other(void *arg)
{
	struct other *o = arg;
	char byte;

	pages_make(&o->r, REGION_ANON, 16);
	pages_out(&o->r, o->group);
	o->entry = pages_entry(&o->r, 3);
	must(write(o->ready[1], &o->entry, sizeof(o->entry)));
	must(read(o->go[0], &byte, 1));
	if (byte == 'o' && region_count_resident(&o->r))
		fail("%s: somebody brought its pages in", o->group);
	if (byte == 'i' && !region_count_resident(&o->r))
		fail("%s: nobody brought its pages in", o->group);
	pages_check(&o->r, 0, 16);
}

static pid_t start_other(struct other *o, const char *group)
{
	pid_t pid;

	*o = (struct other){ .group = group };
	must(pipe(o->ready));
	must(pipe(o->go));
	pid = group_spawn(group, run_other, o);
	/* So that its end is heard if it fails. */
	must(close(o->ready[1]));
	if (read(o->ready[0], &o->entry, sizeof(o->entry)) != sizeof(o->entry))
		fail("%s: no pages in swap", group);
	expect(o->entry);
	return pid;
}

static void slots_of_others(void)
{
	struct policy own = probe_load("own", SWAP_EXT_PF_NONE);
	struct other stranger, rebel, kid;
	pid_t pid[3];
	int i;

	group_make("z");
	group_make("a/rebel");
	group_make("a/kid");
	policy_must_attach(&own, "a/rebel");
	/* First, or they would hold our pages as well. */
	pid[0] = start_other(&stranger, "z");
	pid[1] = start_other(&rebel, "a/rebel");
	pid[2] = start_other(&kid, "a/kid");
	enter_scene(REGION_ANON);

	/* Whose a slot is shows only when it is pinned: the plan takes it first. */
	expect_named("a stranger's slot", PROBE_ENTRY, stranger.entry, 1,
		     "dropped_foreign", 1);
	expect_named("a slot of one with a policy of its own", PROBE_ENTRY, rebel.entry,
		     1, "dropped_foreign", 1);
	expect_named("a slot of one who inherits", PROBE_ENTRY, kid.entry, 1,
		     "prefetched", 1);
	/* It is theirs: charged to them, counted with them. */
	expect_eq(group_stat("a/kid", "prefetched"), 1);
	expect_eq(group_stat("z", "faults"), 0);
	expect_eq(group_stat("a/rebel", "prefetched"), 0);

	must(write(stranger.go[1], "o", 1));
	must(write(rebel.go[1], "o", 1));
	must(write(kid.go[1], "i", 1));
	for (i = 0; i < 3; i++)
		group_join(pid[i]);
	expect_eq(group_stat("a/kid", "used"), 1);
	/* Slots whose owner has gone are free, whatever they were. */
	expect_named("a slot of the dead", PROBE_ENTRY, stranger.entry, 1,
		     "dropped_free", 0);
}

/* A file with a hole, whose pages are named by offset and by address. */
static void shared_memory(void)
{
	uint32_t i;

	enter_scene(REGION_SHMEM);
	expect_named("file offsets ahead", PROBE_PGOFF_REL, 1, 8, "prefetched", 8);
	expect_named("addresses ahead", PROBE_ADDR_REL, 1, 8, "prefetched", 8);
	refused("the faulting page", PROBE_PGOFF_REL, 0, 1, "dropped_cached");
	refused("an offset beyond the file", PROBE_PGOFF, NR_PAGES, 4, "dropped_range");

	begin();
	name_spaced(PROBE_PGOFF_REL, 5, 4, 5);
	name_spaced(PROBE_ADDR_REL, -2, 3, -2);
	name_spaced(PROBE_PGOFF, 2, 2, -5);
	name_spaced(PROBE_PGOFF, 2, 2, 0);
	want("prefetched", 8);
	want("dropped_range", 1);
	touch("offsets apart", &pages, PAGE_AT);
	want_result(0, 4);
	want_result(1, 3);
	want_result(2, 1);
	want_result(3, -EINVAL);
	refused("the last offset of all", PROBE_PGOFF, -1, 1, "dropped_range");
	refused("an offset that is none", PROBE_PGOFF, 1LL << 60, 4, "dropped_range");

	begin();
	name(PROBE_PGOFF, -1, 3);
	want("dropped_range", 1);
	want("prefetched", 2);
	touch("offsets that wrap round", &pages, PAGE_AT);
	want_result(0, 2);

	begin();
	name(PROBE_PGOFF_REL, 1, UINT32_MAX);
	want("prefetched", SWAP_EXT_PLAN_MAX);
	want("clamped_budget", UINT32_MAX - SWAP_EXT_PLAN_MAX);
	touch("4 G pages by offset", &pages, PAGE_AT);
	want_result(0, SWAP_EXT_PLAN_MAX);

	begin();
	pages_check(&pages, 40, 4);
	name(PROBE_PGOFF, 40, 4);
	want("dropped_cached", 4);
	touch("resident pages", &pages, PAGE_AT);

	begin();
	must(fallocate(pages.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		       60 * PAGE_BYTES, 2 * PAGE_BYTES));
	name(PROBE_PGOFF, 59, 4);
	want("prefetched", 2);
	want("dropped_unmapped", 2);
	touch_only("a hole in the file", &pages, PAGE_AT);
	want_result(0, 2);
	for (i = 0; i < NR_PAGES; i++)
		if (i < 60 || i > 61)
			pages_check(&pages, i, 1);
}

/* A fault on private memory may name a shared file that is mapped elsewhere. */
static void other_mappings(void)
{
	struct region shared;

	enter_scene(REGION_ANON);
	pages_make(&shared, REGION_SHMEM, 16);
	pages_out(&shared, "a/self");
	begin();
	name(PROBE_ADDR, address_of(&shared, 4), 8);
	want("prefetched", 8);
	touch("a file mapped elsewhere", &pages, PAGE_AT);
	want_result(0, 8);
	pages_check(&shared, 0, 16);
	expect_eq(group_stat("a", "used") + group_stat("a", "late"), 8);
}

/* Pages whose tables are not tables of 4 KiB pages, touched and untouched. */
static void huge_pages(void)
{
	const size_t size = 2 << 20;
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY);
	char *huge;

	enter_scene(REGION_ANON);
	must(write(fd, "2", 1));
	close(fd);
	huge = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	expect(huge != MAP_FAILED);
	memset(huge, 0x5a, size);
	refused("a huge page", PROBE_ADDR, (intptr_t)huge, 8, "dropped_unmapped");
	refused("the midst of one", PROBE_ADDR, (intptr_t)huge + size / 2, 8,
		"dropped_unmapped");
	refused("from one to the next", PROBE_ADDR,
		(intptr_t)huge + size - 4 * PAGE_BYTES, 8, "dropped_unmapped");
	refused("an untouched one", PROBE_ADDR, (intptr_t)huge + size, 8,
		"dropped_unmapped");
	expect(huge[0] == 0x5a && huge[size - 1] == 0x5a);
	must(munmap(huge, 2 * size));

	huge = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect(huge != MAP_FAILED);
	huge = (char *)(((uintptr_t)huge + size - 1) & ~(size - 1));
	must(madvise(huge, size, MADV_HUGEPAGE));
	memset(huge, 0xa5, size);
	must(mlock(huge, size));
	refused("a transparent huge page", PROBE_ADDR, (intptr_t)huge + PAGE_BYTES, 8,
		"dropped_cached");
}

static const struct test_case cases[] = {
	{ "addresses", addresses },
	{ "steps", steps },
	{ "too_much", too_much },
	{ "entries", entries },
	{ "slots_of_others", slots_of_others },
	{ "shared_memory", shared_memory },
	{ "other_mappings", other_mappings },
	{ "huge_pages", huge_pages },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
