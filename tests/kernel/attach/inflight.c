// SPDX-License-Identifier: GPL-2.0
/*
 * Reads that take long enough to do something else meanwhile. Run on a device that
 * answers after a second; "a" has the policy, this process is in "a/self".
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_PAGES	256
#define DEVICE		"/sys/kernel/config/nullb/swap0/"

static struct policy policy;
static struct region pages;
static int attached;

static void enter_scene(struct policy p)
{
	group_make("a/self");
	policy = p;
	attached = policy_must_attach(&policy, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&pages, REGION_ANON, NR_PAGES);
	pages_out(&pages, "a/self");
}

static void *touch_page(void *arg)
{
	pages_check(&pages, (uintptr_t)arg, 1);
	return NULL;
}

/* Touch a page in a thread; it is on its way when this returns. */
static pthread_t start_touch(uint32_t page)
{
	uint64_t major = group_stat("a", "major");
	pthread_t thread;

	expect_eq(pthread_create(&thread, NULL, touch_page, (void *)(uintptr_t)page), 0);
	expect_soon(30, group_stat("a", "major") > major);
	return thread;
}

static int nr_inflight(void)
{
	return atoi(group_state("a/self", "inflight"));
}

/* After everything has come to rest and left memory, nothing is unaccounted for. */
static void expect_books_closed(void)
{
	pages_out(&pages, "a/self");
	expect_eq(nr_inflight(), 0);
	expect_eq(group_stat("a", "faults"), group_stat("a", "major") +
		  group_stat("a", "hits") + group_stat("a", "late") +
		  group_stat("a", "joined"));
	expect_eq(group_stat("a", "prefetched"), group_stat("a", "used") +
		  group_stat("a", "late") + group_stat("a", "unused"));
}

static void late_is_counted_once(void)
{
	pthread_t first;

	enter_scene(probe_load_ahead("p", 8));
	first = start_touch(0);
	expect_soon(30, group_stat("a", "prefetched") == 8);
	pages_check(&pages, 3, 1);
	pthread_join(first, NULL);
	expect_eq(group_stat("a", "late"), 1);
	expect_eq(group_stat("a", "major"), 1);
	expect_eq(group_stat("a", "used"), 0);
	expect_eq(group_stat("a", "joined"), 0);
	/* Two accesses, two faults: waiting does not make a second one of it. */
	expect_eq(group_stat("a", "hits"), 0);
	expect_eq(group_stat("a", "faults"), 2);
	expect_eq(probe_calls(&policy, "a").faults, 2);

	pages_check(&pages, 0, 9);
	expect_eq(group_stat("a", "used"), 7);
	expect_eq(group_stat("a", "hits"), 7);
	expect_eq(group_stat("a", "faults"), 9);
	expect_books_closed();
}

static void joined_is_counted_once(void)
{
	uint64_t reads = machine_stat("pswpin");
	pthread_t first;

	enter_scene(probe_load("p", SWAP_EXT_PF_NONE));
	reads = machine_stat("pswpin");
	first = start_touch(0);
	pages_check(&pages, 0, 1);
	pthread_join(first, NULL);
	expect_eq(machine_stat("pswpin") - reads, 1);
	expect_eq(group_stat("a", "major"), 1);
	expect_eq(group_stat("a", "joined"), 1);
	expect_eq(group_stat("a", "late"), 0);
	expect_eq(group_stat("a", "hits"), 0);
	expect_eq(group_stat("a", "faults"), 2);
	expect_books_closed();
}

static void *touch_all(void *arg)
{
	uint32_t i, first = (uintptr_t)arg;

	for (i = 0; i < 16; i++)
		pages_check(&pages, (first + i) % 16, 1);
	return NULL;
}

/* Eight threads, each from another page on, all at once. */
static void expect_one_read_each(void)
{
	uint64_t reads = machine_stat("pswpin");
	pthread_t thread[8];
	uintptr_t i;

	for (i = 0; i < 8; i++)
		expect_eq(pthread_create(&thread[i], NULL, touch_all,
					 (void *)(i * 2)), 0);
	for (i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	expect_eq(machine_stat("pswpin") - reads, 16);
	expect_eq(region_count_resident(&pages), 16);
}

static void one_read_for_many_requests(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	enter_scene(p);
	expect_one_read_each();
	expect_books_closed();

	/* Every plan asks for all of them. */
	p.control->target[0] = (struct probe_target){
		.kind = PROBE_ADDR, .value = (intptr_t)pages.mem, .nr = 16, .step = 1,
	};
	p.control->nr_targets = 1;
	p.control->ret = SWAP_EXT_PF_PLAN;
	expect_one_read_each();
	expect_books_closed();
}

static void cap_on_pages_in_flight(void)
{
	struct policy p = policy_open("probe", "capped");
	pthread_t first, second;

	p.ops->max_inflight = 8;
	expect_eq(policy_load(&p), 0);
	p.control->ret = SWAP_EXT_PF_PLAN;
	p.control->target[0] = (struct probe_target){
		.kind = PROBE_ADDR_REL, .value = 1, .nr = 64, .step = 1,
	};
	p.control->nr_targets = 1;
	enter_scene(p);

	first = start_touch(0);
	expect_soon(30, group_stat("a", "prefetched") == 8);
	expect_eq(nr_inflight(), 8);
	expect_eq(probe_calls(&p, "a").last.max_pages, 8);
	expect_eq(group_stat("a", "clamped_inflight"), 1);
	second = start_touch(100);
	expect_soon(30, group_stat("a", "clamped_inflight") == 2);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	expect_eq(group_stat("a", "prefetched"), 8);
	expect_soon(30, nr_inflight() == 0);

	/* Room again. */
	pages_check(&pages, 200, 1);
	expect_eq(group_stat("a", "prefetched"), 16);
	expect_books_closed();
}

static void detached_in_flight(void)
{
	struct policy p = probe_load_ahead("p", 32);
	uint64_t prefetched;
	pthread_t first;

	enter_scene(p);
	first = start_touch(0);
	expect_soon(30, group_stat("a", "prefetched") == 32);
	must(policy_detach(attached));
	pthread_join(first, NULL);
	expect_soon(30, nr_inflight() == 0);

	/* What arrived meanwhile is read, with nobody attached. */
	pages_check(&pages, 0, 33);
	p.control->ret = SWAP_EXT_PF_DEFAULT;
	p.control->nr_targets = 0;
	attached = policy_must_attach(&p, "a");
	prefetched = group_stat("a", "prefetched");
	pages_out(&pages, "a/self");
	pages_check(&pages, 0, 40);
	pages_out(&pages, "a/self");
	expect_eq(group_stat("a", "prefetched"), prefetched);
	expect_le(group_stat("a", "used") + group_stat("a", "late") +
		  group_stat("a", "unused"), prefetched);
	expect_eq(nr_inflight(), 0);
}

static void die_soon(void *arg)
{
	(void)arg;
	pages_make(&pages, REGION_ANON, NR_PAGES);
	pages_out(&pages, "a/b");
	pages_check(&pages, 0, 1);
	pause();
}

static void killed_and_removed_in_flight(void)
{
	struct policy p = probe_load_ahead("p", 64);
	pid_t pid;

	group_make("a/b");
	policy_must_attach(&p, "a");
	pid = group_spawn("a/b", die_soon, NULL);
	expect_soon(30, group_stat("a", "prefetched") == 64);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	group_remove("a/b");
	sleep(2);
	group_make("a/c");
	work_run("a/c", "--size 1 --pattern seq");
	expect_soon(30, atoi(group_state("a/c", "inflight")) == 0);
	group_write("a", "memory.reclaim", "16M");
	expect_le(group_stat("a", "used") + group_stat("a", "late") +
		  group_stat("a", "unused"), group_stat("a", "prefetched"));
}

static sigjmp_buf after_bus;

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(after_bus, 1);
}

/*
 * A plan page that cannot be read hurts who touches it. Device and block layer may
 * let the reads merged with it fail as well, as they do with stock readahead; the
 * page that was asked for was not merged with any.
 */
static void bad_sector(void)
{
	uint64_t sector;
	char text[64];
	volatile int nr_bus = 0;

	enter_scene(probe_load_ahead("p", 8));
	sector = (pages_entry(&pages, 5) & ((1ULL << 58) - 1)) * 8;
	snprintf(text, sizeof(text), "+%llu-%llu", (unsigned long long)sector,
		 (unsigned long long)sector + 7);
	expect_eq(group_write("", DEVICE "badblocks", text), 0);
	pages_check(&pages, 0, 1);
	expect_soon(30, nr_inflight() == 0);
	pages_check(&pages, 100, 9);

	signal(SIGBUS, on_bus);
	if (!sigsetjmp(after_bus, 1))
		pages_check(&pages, 5, 1);
	else
		nr_bus++;
	text[0] = '-';
	expect_eq(group_write("", DEVICE "badblocks", text), 0);
	expect_eq(nr_bus, 1);
	expect_eq(group_stat("a", "faults"), group_stat("a", "major") +
		  group_stat("a", "hits") + group_stat("a", "late") +
		  group_stat("a", "joined"));
}

static const struct test_case cases[] = {
	{ "late_is_counted_once", late_is_counted_once },
	{ "joined_is_counted_once", joined_is_counted_once },
	{ "one_read_for_many_requests", one_read_for_many_requests },
	{ "cap_on_pages_in_flight", cap_on_pages_in_flight },
	{ "detached_in_flight", detached_in_flight },
	{ "killed_and_removed_in_flight", killed_and_removed_in_flight },
	{ "bad_sector", bad_sector },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
