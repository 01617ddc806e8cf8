// SPDX-License-Identifier: GPL-2.0
/*
 * A thousand attachments, replacements and detachments beside tasks that fault, and
 * cgroups that come and go. Afterwards nothing is left over.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_CYCLES	1000

/* How many BPF objects there are, by their id lists. */
struct inventory {
	int progs;
	int maps;
	int links;
	uint64_t attached;
	uint64_t memcgs;
};

static int count_ids(int (*next)(__u32 id, __u32 *next_id))
{
	__u32 id = 0;
	int nr = 0;

	while (!next(id, &id))
		nr++;
	return nr;
}

static uint64_t nr_dying(void)
{
	const char *text = group_read("", "/sys/fs/cgroup/cgroup.stat");
	const char *at = strstr(text, "nr_dying_descendants ");

	return at ? strtoull(at + strlen("nr_dying_descendants "), NULL, 10) : 0;
}

static struct inventory take_inventory(void)
{
	return (struct inventory){
		.progs = count_ids(bpf_prog_get_next_id),
		.maps = count_ids(bpf_map_get_next_id),
		.links = count_ids(bpf_link_get_next_id),
		.attached = swap_ext_number("nr_attached"),
		.memcgs = nr_dying(),
	};
}

/* What the case before left behind may go meanwhile: fewer is not a leak. */
static bool is_no_more(struct inventory a, struct inventory b)
{
	return a.progs <= b.progs && a.maps <= b.maps && a.links <= b.links &&
	       a.attached <= b.attached && a.memcgs <= b.memcgs;
}

static void cycle(const struct policy p[2], int i)
{
	int link = policy_attach(&p[i % 2], "a");

	if (link < 0)
		fail("cycle %d: cannot attach: %s", i, strerror(-link));
	if (i % 3) {
		int err = policy_replace(link, &p[(i + 1) % 2]);

		if (err)
			fail("cycle %d: cannot replace: %s", i, strerror(-err));
	}
	if (i % 2)
		must(policy_detach(link));
	close(link);
}

static bool is_running(pid_t pid)
{
	siginfo_t info = { 0 };

	must(waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT));
	return !info.si_pid;
}

/* Children of the churned cgroup, born and removed. */
static void make_and_remove(void *arg)
{
	char name[32];
	int i;

	(void)arg;
	for (i = 0;; i++) {
		snprintf(name, sizeof(name), "a/%d", i % 4);
		must(mkdir(group_path(name, NULL), 0755));
		usleep(3000);
		must(rmdir(group_path(name, NULL)));
	}
}

static void attach_update_detach(void)
{
	struct policy p[2] = {
		probe_load_ahead("first", 8), probe_load_ahead("second", 16),
	};
	struct inventory before, after;
	struct probe_calls c[2];
	pid_t work, maker;
	int i;

	group_make("a/work");
	before = take_inventory();
	work = work_start("a/work", "--size 8 --rounds 1024 --threads 2 "
			  "--pattern random,seq");
	maker = group_spawn("/", make_and_remove, NULL);
	for (i = 0; i < NR_CYCLES; i++) {
		cycle(p, i);
		if (!is_running(work) || !is_running(maker))
			fail("cycle %d: the work beside it failed", i);
	}
	kill(maker, SIGKILL);
	waitpid(maker, NULL, 0);
	kill(work, SIGTERM);
	waitpid(work, NULL, 0);

	for (i = 0; i < 2; i++) {
		c[i] = probe_calls(&p[i], "a");
		expect_eq(c[i].inits, c[i].exits);
		expect_eq(c[i].strays, 0);
		expect_ge(c[i].faults, 1);
	}
	/* One init for each attachment and each replacement. */
	expect_eq(c[0].inits + c[1].inits, NR_CYCLES + NR_CYCLES - (NR_CYCLES + 2) / 3);
	expect_soon(60, is_no_more(take_inventory(), before));

	policy_unload(&p[0]);
	policy_unload(&p[1]);
	after = take_inventory();
	expect_le(after.progs, before.progs);
	expect_state("a", "none", "-", 0);

	/* With nobody attached at the end, and every page at rest. */
	group_write("a/work", "cgroup.kill", "1");
	group_write("a/work", "memory.reclaim", "64M");
	expect_soon(30, atoi(group_state("a/work", "inflight")) == 0);
	expect_eq(group_stat("a", "faults"), group_stat("a", "major") +
		  group_stat("a", "hits") + group_stat("a", "late") +
		  group_stat("a", "joined"));
	expect_eq(group_stat("a", "prefetched"), group_stat("a", "used") +
		  group_stat("a", "late") + group_stat("a", "unused"));
}

/* The same with contents checked to the end: fewer cycles, finished work. */
static void contents_survive(void)
{
	struct policy p[2] = {
		probe_load_ahead("first", 8), probe_load_ahead("second", 64),
	};
	pid_t work;
	int i;

	group_make("a/work");
	work = work_start("a/work", "--size 8 --rounds 6 --threads 4 --access store "
			  "--check full --pattern random,stride:3");
	for (i = 0; is_running(work); i++)
		cycle(p, i);
	group_join(work);
	expect_ge(i, 10);
	expect_eq(probe_calls(&p[0], "a").strays + probe_calls(&p[1], "a").strays, 0);
}

/* Removal, detach and close of one attachment, all at the same time. */
static void everything_at_once(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct inventory before;
	int i;

	before = take_inventory();
	for (i = 0; i < 100; i++) {
		int link;
		pid_t pid;

		group_make("b");
		link = policy_must_attach(&p, "b");
		pid = must(fork());
		if (!pid) {
			/* Holds the link as well, and goes. */
			if (i % 3)
				policy_detach(link);
			_exit(0);
		}
		must(rmdir(group_path("b", NULL)));
		if (i % 2)
			policy_replace(link, &p);
		close(link);
		waitpid(pid, NULL, 0);
	}
	expect_soon(60, is_no_more(take_inventory(), before));
}

/* The switch, thrown beside faults and attachments. */
static void switch_thrown(void)
{
	struct policy p[2] = {
		probe_load_ahead("first", 8), probe_load_ahead("second", 8),
	};
	pid_t work;
	int i;

	group_make("a/work");
	work = work_start("a/work", "--size 8 --rounds 1024 --threads 2 --pattern random");
	for (i = 0; i < 100; i++) {
		expect_eq(group_write("", "/sys/kernel/mm/swap_ext/enabled",
				      i % 2 ? "1" : "0"), 0);
		cycle(p, i);
	}
	expect(is_running(work));
	kill(work, SIGTERM);
	waitpid(work, NULL, 0);
	expect_eq(group_write("", "/sys/kernel/mm/swap_ext/enabled", "1"), 0);
}

static const struct test_case cases[] = {
	{ "attach_update_detach", attach_update_detach },
	{ "contents_survive", contents_survive },
	{ "everything_at_once", everything_at_once },
	{ "switch_thrown", switch_thrown },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
