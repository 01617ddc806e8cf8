// SPDX-License-Identifier: GPL-2.0
/*
 * Swap devices come and go under a policy. Both, $SWAP_A and $SWAP_B, are off when
 * a case begins.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_PAGES	64

static const char *device(const char *variable)
{
	const char *path = getenv(variable);

	if (!path)
		fail("$%s names no swap device", variable);
	return path;
}

static void switch_on(const char *variable, int priority)
{
	must(swapon(device(variable), SWAP_FLAG_PREFER | priority));
}

static void switch_off(const char *variable)
{
	must(swapoff(device(variable)));
}

static void out_of_swap(void)
{
	swapoff(device("SWAP_A"));
	swapoff(device("SWAP_B"));
}

/* Bringing everything in is the system's business, whoever asks for it. */
static void swapoff_is_no_fault(void)
{
	struct policy p = probe_load_ahead("p", 8);
	struct region anon, shared;

	out_of_swap();
	switch_on("SWAP_A", 1);
	group_make("a/self");
	policy_must_attach(&p, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&anon, REGION_ANON, NR_PAGES);
	pages_make(&shared, REGION_SHMEM, NR_PAGES);
	pages_out(&anon, "a/self");
	pages_out(&shared, "a/self");
	switch_off("SWAP_A");
	expect_eq(region_count_resident(&anon), NR_PAGES);
	expect_eq(region_count_resident(&shared), NR_PAGES);
	expect_eq(group_stat("a", "faults"), 0);
	expect_eq(probe_calls(&p, "a").faults, 0);
	expect_eq(probe_calls(&p, "a").prefetches, 0);
	pages_check(&anon, 0, NR_PAGES);
	pages_check(&shared, 0, NR_PAGES);
}

/* Prefetched and not touched before the device goes: unused. */
static void untouched_pages_of_a_device_that_goes(void)
{
	struct policy p = probe_load_ahead("p", 16);
	struct region r;

	out_of_swap();
	switch_on("SWAP_A", 1);
	group_make("a/self");
	policy_must_attach(&p, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&r, REGION_ANON, NR_PAGES);
	pages_out(&r, "a/self");
	pages_check(&r, 0, 1);
	expect_eq(group_stat("a", "prefetched"), 16);
	switch_off("SWAP_A");
	expect_eq(group_stat("a", "unused"), 16);
	expect_eq(atoi(group_state("a/self", "inflight")), 0);
	pages_check(&r, 0, NR_PAGES);
	expect_eq(group_stat("a", "faults"), 1);
}

static void two_devices_in_one_plan(void)
{
	struct policy p = probe_load_ahead("p", 1);
	struct region first, second;
	uint32_t page = 0;
	uint64_t entry;

	out_of_swap();
	group_make("a/self");
	policy_must_attach(&p, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&first, REGION_ANON, NR_PAGES);
	switch_on("SWAP_A", 1);
	pages_out(&first, "a/self");
	pages_make(&second, REGION_ANON, 8 * NR_PAGES);
	switch_on("SWAP_B", 2);
	pages_out(&second, "a/self");
	/* CPUs use up first what slots of the other device they had in stock. */
	do
		entry = pages_entry(&second, page++);
	while (entry >> 58 == pages_entry(&first, 5) >> 58 && page < second.nr);
	expect_le(page--, second.nr - 1);

	p.control->target[0] = (struct probe_target){
		.kind = PROBE_ENTRY, .value = entry, .nr = 1, .step = 1,
	};
	pages_check(&first, 0, 1);
	expect_eq(group_stat("a", "prefetched"), 1);
	pages_check(&second, page, 1);
	expect_eq(group_stat("a", "used") + group_stat("a", "late"), 1);

	/* The device is gone, its name is still in the plan. */
	switch_off("SWAP_B");
	pages_check(&first, 1, 1);
	expect_eq(group_stat("a", "dropped_range"), 1);
	expect_eq(group_stat("a", "prefetched"), 1);
	pages_check(&first, 0, first.nr);
	pages_check(&second, 0, second.nr);
}

/* Device off and on, off and on, beside threads that prefetch from it. */
static void churn_beside_prefetch(void)
{
	struct policy p = probe_load_ahead("p", 32);
	pid_t pid;
	int i;

	out_of_swap();
	switch_on("SWAP_A", 1);
	switch_on("SWAP_B", 1);
	group_make("a/b");
	policy_must_attach(&p, "a");
	pid = work_start("a/b", "--size 8 --rounds 12 --threads 4 --pattern random,seq");
	for (i = 0; i < 8; i++) {
		usleep(100000);
		switch_off(i % 2 ? "SWAP_A" : "SWAP_B");
		usleep(100000);
		switch_on(i % 2 ? "SWAP_A" : "SWAP_B", 1);
	}
	group_join(pid);
	expect_ge(group_stat("a", "prefetched"), 1);
	expect_soon(30, (group_write("a/b", "memory.reclaim", "64M"),
			 group_stat("a", "prefetched") == group_stat("a", "used") +
			 group_stat("a", "late") + group_stat("a", "unused")));
	expect_eq(group_stat("a", "faults"), group_stat("a", "major") +
		  group_stat("a", "hits") + group_stat("a", "late") +
		  group_stat("a", "joined"));
	expect_eq(atoi(group_state("a/b", "inflight")), 0);
}

#define NR_ZEROES	1024

static void *read_zeroes(void *arg)
{
	volatile char *mem = arg;
	int i;

	for (i = 0; i < NR_ZEROES; i++)
		if (mem[i * PAGE_BYTES])
			fail("page %d is not zero", i);
	return NULL;
}

/*
 * Pages of zeroes need no device and arrive at once, so that another thread may
 * have taken the page before the plan is through with it; the first device, whose
 * number an entry of zero would name, is gone.
 */
static void first_device_is_gone(void)
{
	struct policy p = probe_load_ahead("p", 32);
	pthread_t thread[4];
	int i, round;
	char *mem;

	out_of_swap();
	switch_on("SWAP_A", 1);
	switch_on("SWAP_B", 1);
	switch_off("SWAP_A");
	group_make("a/self");
	policy_must_attach(&p, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	mem = mmap(NULL, NR_ZEROES * PAGE_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect(mem != MAP_FAILED);
	for (i = 0; i < NR_ZEROES; i++)
		mem[i * PAGE_BYTES] = 0;
	for (round = 0; round < 16; round++) {
		must(madvise(mem, NR_ZEROES * PAGE_BYTES, MADV_PAGEOUT));
		group_write("a/self", "memory.reclaim", "16M");
		for (i = 0; i < 4; i++)
			expect_eq(pthread_create(&thread[i], NULL, read_zeroes, mem), 0);
		for (i = 0; i < 4; i++)
			pthread_join(thread[i], NULL);
	}
	expect_ge(group_stat("a", "prefetched"), NR_ZEROES);
	must(munmap(mem, NR_ZEROES * PAGE_BYTES));
	group_write("a/self", "memory.reclaim", "16M");
	expect_eq(atoi(group_state("a/self", "inflight")), 0);
	expect_eq(group_stat("a", "prefetched"), group_stat("a", "used") +
		  group_stat("a", "late") + group_stat("a", "unused"));
}

static const struct test_case cases[] = {
	{ "swapoff_is_no_fault", swapoff_is_no_fault },
	{ "untouched_pages_of_a_device_that_goes", untouched_pages_of_a_device_that_goes },
	{ "two_devices_in_one_plan", two_devices_in_one_plan },
	{ "first_device_is_gone", first_device_is_gone },
	{ "churn_beside_prefetch", churn_beside_prefetch },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
