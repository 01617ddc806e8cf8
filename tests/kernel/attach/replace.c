// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_LINK_UPDATE: the new policy starts before the old one ends, no fault goes
 * without one, and a replacement that is refused changes nothing.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void new_starts_then_old_ends(void)
{
	struct policy first = probe_load("first", SWAP_EXT_PF_NONE);
	struct policy second = probe_load("second", SWAP_EXT_PF_NONE);
	uint64_t attached_ns, attached = swap_ext_number("nr_attached");
	struct probe_calls old, new;
	struct bpf_link_info info;
	int link;

	group_make("a/b");
	link = policy_must_attach(&first, "a");
	work_some("a/b");
	info = policy_link_info(link);
	attached_ns = strtoull(group_state("a", "attached_ns"), NULL, 10);

	expect_eq(policy_replace(link, &second), 0);
	old = probe_calls(&first, "a");
	new = probe_calls(&second, "a");
	expect_eq(old.inits, 1);
	expect_eq(old.exits, 1);
	expect_eq(old.exit_kind, SWAP_EXT_EXIT_REPLACED);
	expect_eq(old.dumps, 0);
	expect_eq(new.inits, 1);
	expect_eq(new.exits, 0);
	expect_ge(old.exit_ns, new.init_ns);

	expect_state("a", "active", "second", group_id("a"));
	expect_state("a/b", "inherited", "second", group_id("a"));
	expect_str(group_log("a", "policy"), "first");
	expect_str(group_log("a", "kind"), "replaced");
	expect_ge(strtoull(group_state("a", "attached_ns"), NULL, 10), attached_ns + 1);
	expect_eq(policy_link_info(link).id, info.id);
	expect(policy_link_info(link).struct_ops.map_id != info.struct_ops.map_id);
	expect_eq(swap_ext_number("nr_attached"), attached + 1);

	work_some("a/b");
	expect_ge(probe_calls(&second, "a").prefetches, 1);
	expect_eq(probe_calls(&first, "a").faults, old.faults);

	must(policy_detach(link));
	expect_eq(probe_calls(&second, "a").exits, 1);
	expect_eq(probe_calls(&second, "a").exit_kind, SWAP_EXT_EXIT_DETACH);
	expect_eq(probe_calls(&first, "a").exits, 1);
}

/* Every fault counted is one that one of the two was told of. */
static void no_fault_goes_without_a_policy(void)
{
	struct policy p[2] = {
		probe_load("first", SWAP_EXT_PF_NONE),
		probe_load("second", SWAP_EXT_PF_NONE),
	};
	struct probe_calls c[2];
	uint64_t faults;
	pid_t pid;
	int link, i;

	group_make("a");
	link = policy_must_attach(&p[0], "a");
	pid = work_start("a", "--size 4 --rounds 4 --pattern random --threads 2");
	for (i = 0; i < 40; i++) {
		expect_eq(policy_replace(link, &p[(i + 1) % 2]), 0);
		usleep(20000);
	}
	group_join(pid);

	for (i = 0; i < 2; i++) {
		c[i] = probe_calls(&p[i], "a");
		expect_ge(c[i].faults, 1);
		expect_eq(c[i].strays, 0);
	}
	expect_eq(c[0].inits, 21);
	expect_eq(c[1].inits, 20);
	expect_eq(c[0].exits + c[1].exits, 40);
	faults = group_stat("a", "faults");
	expect_eq(c[0].faults + c[1].faults, faults);
	/* Every page of every round but those a CPU kept from reclaim. */
	expect_ge(faults, 4 * (1024 - 64));
}

static void failed_init_leaves_the_old(void)
{
	struct policy first = probe_load("first", SWAP_EXT_PF_NONE);
	struct policy second = probe_load("second", SWAP_EXT_PF_NONE);
	uint64_t rejected = swap_ext_number("nr_rejected");
	struct bpf_link_info info;
	int link;

	group_make("a");
	link = policy_must_attach(&first, "a");
	info = policy_link_info(link);

	second.control->init_ret = -EBADMSG;
	expect_eq(policy_replace(link, &second), -EBADMSG);
	second.control->init_ret = 0;
	second.control->init_fails = 1;
	expect_eq(policy_replace(link, &second), -ECANCELED);
	expect_eq(swap_ext_number("nr_rejected"), rejected + 2);
	expect_state("a", "active", "first", group_id("a"));
	expect_eq(policy_link_info(link).struct_ops.map_id, info.struct_ops.map_id);
	expect_eq(probe_calls(&first, "a").exits, 0);
	expect_eq(probe_calls(&first, "a").inits, 1);
	expect_eq(probe_calls(&second, "a").exits, 0);
	expect_str(group_read("a", "memory.swap_ext.log"), "");
	work_some("a");
	expect_ge(probe_calls(&first, "a").prefetches, 1);
	expect_eq(probe_calls(&second, "a").prefetches, 0);

	/* The old one can still fail, and says so under its own name. */
	first.control->action = PROBE_ERROR;
	work_some("a");
	expect_soon(30, !strcmp(group_state("a", "state"), "stopped"));
	expect_str(group_log("a", "policy"), "first");
	expect_str(group_log("a", "kind"), "error");
}

static void same_map_is_a_no_op(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	int link;

	group_make("a");
	link = policy_must_attach(&p, "a");
	expect_eq(policy_replace(link, &p), 0);
	expect_eq(probe_calls(&p, "a").inits, 1);
	expect_eq(probe_calls(&p, "a").exits, 0);
	expect_state("a", "active", "p", group_id("a"));
	expect_str(group_read("a", "memory.swap_ext.log"), "");
}

static void expected_old_map(void)
{
	struct policy first = probe_load("first", SWAP_EXT_PF_NONE);
	struct policy second = probe_load("second", SWAP_EXT_PF_NONE);
	LIBBPF_OPTS(bpf_link_update_opts, opts, .flags = BPF_F_REPLACE);
	int link;

	group_make("a");
	link = policy_must_attach(&first, "a");
	opts.old_map_fd = bpf_map__fd(second.map);
	expect_eq(bpf_link_update(link, bpf_map__fd(second.map), &opts), -EPERM);
	expect_eq(probe_calls(&second, "a").inits, 0);
	expect_state("a", "active", "first", group_id("a"));

	opts.old_map_fd = bpf_map__fd(first.map);
	expect_eq(bpf_link_update(link, bpf_map__fd(second.map), &opts), 0);
	expect_state("a", "active", "second", group_id("a"));
}

static void link_without_attachment(void)
{
	struct policy first = probe_load("first", SWAP_EXT_PF_NONE);
	struct policy second = probe_load("second", SWAP_EXT_PF_NONE);
	int link, gone;

	group_make("a");
	group_make("b");
	link = policy_must_attach(&first, "a");
	must(policy_detach(link));
	expect_eq(policy_replace(link, &second), -ENOLINK);

	gone = policy_must_attach(&first, "b");
	group_remove("b");
	expect_soon(30, policy_link_is_hung_up(gone));
	expect_eq(policy_replace(gone, &second), -ENOLINK);
	expect_eq(probe_calls(&second, "a").inits, 0);
	expect_state("a", "none", "-", 0);
}

static void stopped_policy_is_replaced(void)
{
	struct policy bad = probe_load("bad", SWAP_EXT_PF_NONE);
	struct policy good = probe_load("good", SWAP_EXT_PF_NONE);
	int link;

	group_make("a");
	bad.control->action = PROBE_ERROR;
	link = policy_must_attach(&bad, "a");
	work_some("a");
	expect_soon(30, !strcmp(group_state("a", "state"), "stopped"));
	expect_eq(probe_calls(&bad, "a").exits, 1);

	expect_eq(policy_replace(link, &good), 0);
	expect_state("a", "active", "good", group_id("a"));
	work_some("a");
	expect_ge(probe_calls(&good, "a").prefetches, 1);
	/* Why the bad one went is not forgotten, and it exits once. */
	expect_str(group_log("a", "policy"), "bad");
	expect_str(group_log("a", "kind"), "error");
	expect_eq(probe_calls(&bad, "a").exits, 1);

	/* Stopped, and started again as it was: mended in place. */
	good.control->action = PROBE_ERROR;
	work_some("a");
	expect_soon(30, !strcmp(group_state("a", "state"), "stopped"));
	good.control->action = PROBE_GO_ON;
	expect_eq(policy_replace(link, &good), 0);
	expect_state("a", "active", "good", group_id("a"));
	expect_eq(probe_calls(&good, "a").inits, 2);
}

static void replacement_may_not_shut_out_children(void)
{
	struct policy strict = policy_open("probe", "strict");
	struct policy mild = probe_load("mild", SWAP_EXT_PF_NONE);
	struct policy below = probe_load("below", SWAP_EXT_PF_NONE);
	int link, child;

	strict.ops->flags = SWAP_EXT_OPS_NO_OVERRIDE;
	expect_eq(policy_load(&strict), 0);
	group_make("a/b");
	child = policy_must_attach(&below, "a/b");
	link = policy_must_attach(&mild, "a");
	/* As for attaching it: a cgroup below has a policy. */
	expect_eq(policy_replace(link, &strict), -EBUSY);
	expect_eq(probe_calls(&strict, "a").inits, 0);
	expect_state("a", "active", "mild", group_id("a"));

	must(policy_detach(child));
	expect_eq(policy_replace(link, &strict), 0);
	expect_eq(policy_attach(&below, "a/b"), -EPERM);
	/* And as for attaching, what is replaced no longer forbids. */
	expect_eq(policy_replace(link, &mild), 0);
	policy_must_attach(&below, "a/b");
}

static void maps_are_shared_across_it(void)
{
	struct policy first = probe_load("first", SWAP_EXT_PF_NONE);
	struct policy second = policy_open("probe", "second");
	struct bpf_map *calls = bpf_object__find_map_by_name(first.obj, "calls");
	struct bpf_map *again = bpf_object__find_map_by_name(second.obj, "calls");
	struct probe_calls before, after;
	int link;

	must(bpf_map__reuse_fd(again, bpf_map__fd(calls)));
	expect_eq(policy_load(&second), 0);
	second.control->ret = SWAP_EXT_PF_NONE;
	group_make("a");
	link = policy_must_attach(&first, "a");
	work_some("a");
	before = probe_calls(&first, "a");
	expect_eq(policy_replace(link, &second), 0);
	/* The old one and its object go; what both used stays. */
	policy_unload(&first);
	work_some("a");
	after = probe_calls(&second, "a");
	expect_eq(after.inits, 2);
	expect_eq(after.exits, 1);
	expect_ge(after.prefetches, before.prefetches + 1);
}

static const struct test_case cases[] = {
	{ "new_starts_then_old_ends", new_starts_then_old_ends },
	{ "no_fault_goes_without_a_policy", no_fault_goes_without_a_policy },
	{ "failed_init_leaves_the_old", failed_init_leaves_the_old },
	{ "same_map_is_a_no_op", same_map_is_a_no_op },
	{ "expected_old_map", expected_old_map },
	{ "link_without_attachment", link_without_attachment },
	{ "stopped_policy_is_replaced", stopped_policy_is_replaced },
	{ "replacement_may_not_shut_out_children", replacement_may_not_shut_out_children },
	{ "maps_are_shared_across_it", maps_are_shared_across_it },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
