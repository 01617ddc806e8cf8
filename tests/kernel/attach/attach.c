// SPDX-License-Identifier: GPL-2.0
/*
 * Which policy governs which cgroup: nearest ancestor, inheritance from birth, the
 * root, one policy in many places, refusals, detaching in all its ways.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who is asked for a fault in @group: exactly @p, as attached to @governor. */
static void expect_asked(const char *group, const struct policy *p,
			 const char *governor)
{
	struct probe_calls before = probe_calls(p, governor), after;
	uint64_t faults = group_stat(group, "faults");

	work_some(group);
	after = probe_calls(p, governor);
	faults = group_stat(group, "faults") - faults;
	expect_ge(faults, 1);
	expect_eq(after.faults - before.faults, faults);
	expect_ge(after.prefetches - before.prefetches, 1);
	expect_eq(after.strays, 0);
	expect_eq(after.last.cgroup_id, group_id(governor));
}

/* Nobody is: not counted either. */
static void expect_stock(const char *group)
{
	uint64_t faults = group_stat(group, "faults");

	work_some(group);
	expect_eq(group_stat(group, "faults"), faults);
}

static void nearest_ancestor_governs(void)
{
	struct policy outer = probe_load("outer", SWAP_EXT_PF_NONE);
	struct policy inner = probe_load("inner", SWAP_EXT_PF_NONE);

	group_make("a/b/c");
	group_make("a/d");
	group_make("e");
	policy_must_attach(&outer, "a");
	policy_must_attach(&inner, "a/b");

	expect_state("", "none", "-", 0);
	expect_state("a", "active", "outer", group_id("a"));
	expect_state("a/b", "active", "inner", group_id("a/b"));
	expect_state("a/b/c", "inherited", "inner", group_id("a/b"));
	expect_state("a/d", "inherited", "outer", group_id("a"));
	expect_state("e", "none", "-", 0);

	expect_asked("a/b/c", &inner, "a/b");
	expect_asked("a/d", &outer, "a");
	expect_stock("e");
}

static void children_inherit_from_birth(void)
{
	struct policy p = probe_load("parent", SWAP_EXT_PF_NONE);

	group_make("a/before");
	policy_must_attach(&p, "a");
	group_make("a/after");
	group_make("a/deep/down/below");
	expect_state("a/before", "inherited", "parent", group_id("a"));
	expect_state("a/after", "inherited", "parent", group_id("a"));
	expect_state("a/deep/down/below", "inherited", "parent", group_id("a"));
	expect_asked("a/before", &p, "a");
	expect_asked("a/after", &p, "a");
	expect_asked("a/deep/down/below", &p, "a");
}

static void root_is_the_default(void)
{
	struct policy all = probe_load("all", SWAP_EXT_PF_NONE);
	struct policy mine = probe_load("mine", SWAP_EXT_PF_NONE);
	int link, own;

	group_make("a");
	link = policy_must_attach(&all, "/");
	expect_state("/", "active", "all", group_id("/"));
	expect_state("a", "inherited", "all", group_id("/"));
	expect_asked("a", &all, "/");

	own = policy_must_attach(&mine, "a");
	expect_asked("a", &mine, "a");
	must(policy_detach(own));
	expect_asked("a", &all, "/");

	must(policy_detach(link));
	expect_state("/", "none", "-", 0);
	expect_stock("a");
}

static void second_attach_is_refused(void)
{
	struct policy first = probe_load("first", SWAP_EXT_PF_NONE);
	struct policy second = probe_load("second", SWAP_EXT_PF_NONE);
	uint64_t rejected = swap_ext_number("nr_rejected");
	int link;

	group_make("a");
	link = policy_must_attach(&first, "a");
	expect_eq(policy_attach(&second, "a"), -EEXIST);
	expect_eq(policy_attach(&first, "a"), -EEXIST);
	expect_eq(swap_ext_number("nr_rejected"), rejected + 2);
	expect_eq(probe_calls(&second, "a").inits, 0);
	expect_asked("a", &first, "a");

	must(policy_detach(link));
	policy_must_attach(&second, "a");
	expect_asked("a", &second, "a");
}

static void no_memory_controller(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	group_make("a");
	must(mkdir(group_path("a/bare", NULL), 0755));
	expect_eq(policy_attach(&p, "a/bare"), -ENODEV);
	/* Its parent has one, which must not be taken instead. */
	expect_state("a", "none", "-", 0);
	policy_must_attach(&p, "a");
}

static void no_override(void)
{
	struct policy strict = policy_open("probe", "strict");
	struct policy other = probe_load("other", SWAP_EXT_PF_NONE);
	int link;

	strict.ops->flags = SWAP_EXT_OPS_NO_OVERRIDE;
	expect_eq(policy_load(&strict), 0);
	group_make("a/b/c");
	group_make("d");

	/* Somebody below is there first. */
	link = policy_must_attach(&other, "a/b/c");
	expect_eq(policy_attach(&strict, "a"), -EBUSY);
	expect_eq(policy_attach(&strict, "a/b"), -EBUSY);
	expect_state("a", "none", "-", 0);
	must(policy_detach(link));

	link = policy_must_attach(&strict, "a");
	expect_eq(policy_attach(&other, "a/b"), -EPERM);
	expect_eq(policy_attach(&other, "a/b/c"), -EPERM);
	policy_must_attach(&other, "d");
	policy_must_attach(&other, "");
	expect_asked("a/b/c", &strict, "a");

	must(policy_detach(link));
	policy_must_attach(&other, "a/b");
}

static void child_overrides_and_detach_falls_back(void)
{
	struct policy outer = probe_load("outer", SWAP_EXT_PF_NONE);
	struct policy inner = probe_load("inner", SWAP_EXT_PF_NONE);
	int above, below;

	group_make("a/b");
	below = policy_must_attach(&inner, "a/b");
	expect_asked("a/b", &inner, "a/b");
	above = policy_must_attach(&outer, "a");
	expect_asked("a/b", &inner, "a/b");

	must(policy_detach(below));
	expect_state("a/b", "inherited", "outer", group_id("a"));
	expect_asked("a/b", &outer, "a");
	expect_eq(probe_calls(&inner, "a/b").exits, 1);
	expect_eq(probe_calls(&inner, "a/b").exit_kind, SWAP_EXT_EXIT_DETACH);
	expect_eq(probe_calls(&inner, "a/b").dumps, 0);
	expect_str(group_log("a/b", "policy"), "inner");
	expect_str(group_log("a/b", "kind"), "detach");
	expect(!*group_log("a", "kind"));
	/* Detached again, and its last descriptor closed: no second exit. */
	policy_detach(below);
	close(below);
	expect_eq(probe_calls(&inner, "a/b").exits, 1);

	must(policy_detach(above));
	expect_stock("a/b");
	expect_state("a/b", "none", "-", 0);
}

static void one_policy_in_many_cgroups(void)
{
	struct policy p = probe_load("shared", SWAP_EXT_PF_NONE);
	static const char *const names[] = { "x", "y", "x/z" };
	int link[3], i;

	group_make("x/z");
	group_make("y");
	for (i = 0; i < 3; i++)
		link[i] = policy_must_attach(&p, names[i]);
	expect_asked("x/z", &p, "x/z");
	expect_eq(probe_calls(&p, "y").faults, 0);
	expect_eq(probe_calls(&p, "x").faults, 0);
	expect_eq(group_stat("y", "faults"), 0);
	expect_eq(group_stat("x", "faults"), group_stat("x/z", "faults"));
	expect_asked("y", &p, "y");

	must(policy_detach(link[2]));
	expect_eq(probe_calls(&p, "x/z").exits, 1);
	expect_eq(probe_calls(&p, "y").exits, 0);
	expect_asked("x/z", &p, "x");
	expect_asked("y", &p, "y");
}

/* Does the descriptor's fdinfo have this line? */
static bool fdinfo_has(int fd, const char *key, unsigned long long value)
{
	char path[64], line[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(line, sizeof(line), "%s:\t%llu\n", key, value);
	return strstr(group_read("", path), line);
}

static void link_names_its_cgroup(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct bpf_map_info map = { 0 };
	struct bpf_link_info info;
	__u32 len = sizeof(map);
	int link;

	group_make("a/b");
	link = policy_must_attach(&p, "a");
	must(bpf_map_get_info_by_fd(bpf_map__fd(p.map), &map, &len));
	info = policy_link_info(link);
	expect_eq(info.type, BPF_LINK_TYPE_STRUCT_OPS);
	expect_eq(info.struct_ops.cgroup_id, group_id("a"));
	expect_eq(info.struct_ops.map_id, map.id);
	expect(fdinfo_has(link, "cgroup_id", group_id("a")));
	expect(fdinfo_has(link, "map_id", map.id));

	expect_eq(strtoull(group_state("a", "link"), NULL, 10), info.id);
	expect_eq(strtoull(group_state("a", "map"), NULL, 10), map.id);
	expect_eq(strtoull(group_state("a/b", "link"), NULL, 10), 0);
	expect_eq(strtoull(group_state("a/b", "map"), NULL, 10), map.id);
	expect_ge(strtoull(group_state("a", "attached_ns"), NULL, 10), 1);

	must(policy_detach(link));
	info = policy_link_info(link);
	expect_eq(info.struct_ops.cgroup_id, group_id("a"));
	expect_eq(info.struct_ops.map_id, 0);
	expect_eq(strtoull(group_state("a", "link"), NULL, 10), 0);
	expect(policy_link_is_hung_up(link));
}

#define PIN	"/sys/fs/bpf/attach_test"

/* Attach, pin if told to, and be killed. */
static void be_killed(bool pinned)
{
	int ready[2];
	char byte;
	pid_t pid;

	must(pipe(ready));
	pid = must(fork());
	if (!pid) {
		struct policy p = probe_load("loader", SWAP_EXT_PF_NONE);
		int link;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		link = policy_must_attach(&p, "a");
		if (pinned)
			must(bpf_obj_pin(link, PIN));
		must(write(ready[1], "r", 1));
		pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail("the loader did not attach");
	expect_state("a", "active", "loader", group_id("a"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void loader_is_killed(void)
{
	uint64_t attached = swap_ext_number("nr_attached");
	uint64_t faults;

	group_make("a");
	be_killed(false);
	expect_soon(30, !strcmp(group_state("a", "state"), "none"));
	expect_str(group_log("a", "kind"), "detach");
	expect_eq(swap_ext_number("nr_attached"), attached);
	expect_stock("a");

	be_killed(true);
	sleep(1);
	expect_state("a", "active", "loader", group_id("a"));
	faults = group_stat("a", "faults");
	work_some("a");
	expect_ge(group_stat("a", "faults"), faults + 1);
	must(unlink(PIN));
	expect_soon(30, !strcmp(group_state("a", "state"), "none"));
	expect_stock("a");
}

static void init_may_refuse(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct policy other = probe_load("other", SWAP_EXT_PF_NONE);
	uint64_t rejected = swap_ext_number("nr_rejected");
	uint64_t attached = swap_ext_number("nr_attached");

	group_make("a");
	p.control->init_ret = -EBADMSG;
	expect_eq(policy_attach(&p, "a"), -EBADMSG);
	p.control->init_ret = -100000;
	expect_eq(policy_attach(&p, "a"), -EINVAL);
	p.control->init_ret = 0;
	p.control->init_fails = 1;
	expect_eq(policy_attach(&p, "a"), -ECANCELED);
	expect_eq(swap_ext_number("nr_rejected"), rejected + 3);
	expect_eq(swap_ext_number("nr_attached"), attached);
	expect_eq(probe_calls(&p, "a").exits, 0);
	expect_state("a", "none", "-", 0);
	expect_stock("a");

	/* What it left behind keeps nobody out, itself included. */
	close(policy_must_attach(&other, "a"));
	expect_soon(30, !strcmp(group_state("a", "state"), "none"));
	p.control->init_fails = 0;
	p.control->init_ret = 7;
	policy_must_attach(&p, "a");
	expect_asked("a", &p, "a");
}

static void wait_for_byte(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
}

struct mover {
	int go[2];
	int done[2];
};

/* Two halves of a region, read in two cgroups. */
static void run_mover(void *arg)
{
	struct mover *m = arg;
	struct region r;

	pages_make(&r, REGION_ANON, 64);
	pages_out(&r, "a");
	pages_check(&r, 0, 32);
	must(write(m->done[1], "1", 1));
	wait_for_byte(m->go[0]);
	pages_check(&r, 32, 32);
}

static void a_process_moves(void)
{
	struct policy left = probe_load("left", SWAP_EXT_PF_NONE);
	struct policy right = probe_load("right", SWAP_EXT_PF_NONE);
	char text[16];
	struct mover m;
	pid_t pid;

	group_make("a");
	group_make("b");
	must(pipe(m.go));
	must(pipe(m.done));
	policy_must_attach(&left, "a");
	policy_must_attach(&right, "b");
	pid = group_spawn("a", run_mover, &m);
	wait_for_byte(m.done[0]);
	expect_eq(probe_calls(&left, "a").prefetches, 32);
	expect_eq(probe_calls(&right, "b").prefetches, 0);

	snprintf(text, sizeof(text), "%d", pid);
	expect_eq(group_write("b", "cgroup.procs", text), 0);
	must(write(m.go[1], "g", 1));
	group_join(pid);
	expect_eq(probe_calls(&left, "a").prefetches, 32);
	expect_eq(probe_calls(&right, "b").prefetches, 32);
}

static const struct test_case cases[] = {
	{ "nearest_ancestor_governs", nearest_ancestor_governs },
	{ "children_inherit_from_birth", children_inherit_from_birth },
	{ "root_is_the_default", root_is_the_default },
	{ "second_attach_is_refused", second_attach_is_refused },
	{ "no_memory_controller", no_memory_controller },
	{ "no_override", no_override },
	{ "child_overrides_and_detach_falls_back", child_overrides_and_detach_falls_back },
	{ "one_policy_in_many_cgroups", one_policy_in_many_cgroups },
	{ "link_names_its_cgroup", link_names_its_cgroup },
	{ "loader_is_killed", loader_is_killed },
	{ "init_may_refuse", init_may_refuse },
	{ "a_process_moves", a_process_moves },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
