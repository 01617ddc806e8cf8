// SPDX-License-Identifier: GPL-2.0
/*
 * Policies that fail, give up, dawdle, talk nonsense or prefetch for nobody. Each
 * time the workload's contents must be right and somebody else must be in charge.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_TO_STOP	30

/* The most that bpf_loop() allows. */
#define LONG_LOOP	(1U << 23)

static void expect_stopped(const char *group, const char *kind)
{
	expect_soon(SECONDS_TO_STOP, !strcmp(group_state(group, "state"), "stopped"));
	expect_str(group_log(group, "kind"), kind);
}

static void error_falls_back_to_the_parent(void)
{
	struct policy above = probe_load("above", SWAP_EXT_PF_NONE);
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	uint64_t stopped = swap_ext_number("nr_stopped");
	struct bpf_link_info info;
	struct probe_calls calls;
	int link;

	group_make("a/b/c");
	policy_must_attach(&above, "a");
	link = policy_must_attach(&p, "a/b");
	info = policy_link_info(link);
	p.control->action = PROBE_ERROR;
	p.control->dump_lines = 2;
	work_some("a/b/c");
	expect_stopped("a/b", "error");

	expect_state("a/b", "stopped", "p", group_id("a"));
	expect_state("a/b/c", "inherited", "above", group_id("a"));
	expect_str(group_log("a/b", "policy"), "p");
	expect_str(group_log("a/b", "code"), "0");
	expect_str(group_log("a/b", "msg"), "told to fail with 42 and -7");
	expect(strstr(group_read("a/b", "memory.swap_ext.log"),
		      "\ndump\nline 0 of the probe of cgroup "));
	expect(strstr(group_read("a/b", "memory.swap_ext.log"), "\nline 1 of"));
	expect_str(group_read("a/b/c", "memory.swap_ext.log"), "");
	expect_eq(swap_ext_number("nr_stopped"), stopped + 1);
	expect_eq(policy_link_info(link).id, info.id);
	expect_eq(policy_link_info(link).struct_ops.map_id, info.struct_ops.map_id);
	expect(!policy_link_is_hung_up(link));
	expect_eq(policy_attach(&p, "a/b"), -EEXIST);

	calls = probe_calls(&p, "a/b");
	expect_eq(calls.exits, 1);
	expect_eq(calls.dumps, 1);
	expect_eq(calls.exit_kind, SWAP_EXT_EXIT_ERROR);
	expect_str(calls.exit_msg, "told to fail with 42 and -7");
	expect_eq(calls.strays, 0);
	work_some("a/b/c");
	expect_eq(probe_calls(&p, "a/b").faults, calls.faults);
	expect_ge(probe_calls(&above, "a").faults, 1);

	/* Going for good adds nothing to the record. */
	must(policy_detach(link));
	expect_eq(probe_calls(&p, "a/b").exits, 1);
	expect_str(group_log("a/b", "kind"), "error");
	expect_state("a/b", "inherited", "above", group_id("a"));
}

static void error_falls_back_to_stock(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	uint64_t faults;

	group_make("a");
	p.control->action = PROBE_ERROR_TWICE;
	policy_must_attach(&p, "a");
	work_run("a", "--size 8 --check full --threads 4 --pattern random");
	expect_stopped("a", "error");
	expect_str(group_log("a", "msg"), "first of two, 1");
	expect_eq(probe_calls(&p, "a").exits, 1);
	expect_state("a", "stopped", "p", 0);
	faults = group_stat("a", "faults");
	work_some("a");
	expect_eq(group_stat("a", "faults"), faults);
}

static void error_in_a_child_stops_the_attachment(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	group_make("a/b");
	group_make("a/c");
	policy_must_attach(&p, "a");
	p.control->action = PROBE_ERROR;
	work_some("a/b");
	expect_stopped("a", "error");
	expect_state("a/b", "none", "-", 0);
	expect_state("a/c", "none", "-", 0);
}

/* Calls under way when a policy stops end when another one governs already. */
static void late_errors_spare_the_parent(void)
{
	struct policy above = probe_load("above", SWAP_EXT_PF_NONE);
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	int i, link;

	group_make("a/b");
	policy_must_attach(&above, "a");
	p.control->action = PROBE_ERROR;
	p.control->burn = LONG_LOOP;
	for (i = 0; i < 3; i++) {
		link = policy_must_attach(&p, "a/b");
		work_run("a/b", "--size 1 --threads 4 --pattern random");
		expect_stopped("a/b", "error");
		expect_state("a", "active", "above", group_id("a"));
		must(policy_detach(link));
		close(link);
	}
	expect_ge(probe_calls(&above, "a").faults, 1);
}

static unsigned int count_lines(const char *text)
{
	unsigned int nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

/* A message cannot pass for other lines of the record. */
static void message_is_one_line(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	group_make("a");
	p.control->action = PROBE_ERROR_LINES;
	policy_must_attach(&p, "a");
	work_some("a");
	expect_stopped("a", "error");
	expect_eq(count_lines(group_read("a", "memory.swap_ext.log")), 5);
}

static void dump_is_cut(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	const char *dump;

	group_make("a");
	p.control->action = PROBE_ERROR;
	p.control->dump_lines = 200;
	policy_must_attach(&p, "a");
	work_some("a");
	expect_stopped("a", "error");
	dump = strstr(group_read("a", "memory.swap_ext.log"), "\ndump\n");
	expect(dump);
	dump += strlen("\ndump\n");
	expect_ge(strlen(dump), SWAP_EXT_DUMP_LEN / 2);
	expect_le(strlen(dump), SWAP_EXT_DUMP_LEN);
}

static void exit_with_a_code(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	group_make("a");
	p.control->action = PROBE_EXIT;
	p.control->code = -1234567890123LL;
	p.control->dump_lines = 2;
	policy_must_attach(&p, "a");
	work_some("a");
	expect_stopped("a", "exit");
	expect_str(group_log("a", "code"), "-1234567890123");
	expect_str(group_log("a", "msg"), "told to go");
	expect_eq(probe_calls(&p, "a").exit_code, -1234567890123LL);
	expect_eq(probe_calls(&p, "a").exit_kind, SWAP_EXT_EXIT_USER);
	expect_eq(probe_calls(&p, "a").exits, 1);
	/* Nothing went wrong: nothing to dump. */
	expect_eq(probe_calls(&p, "a").dumps, 0);
}

static void slow_prefetch_is_ejected(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	group_make("a");
	p.control->burn = LONG_LOOP;
	policy_must_attach(&p, "a");
	work_some("a");
	expect_stopped("a", "slow");
	expect_ge(group_stat("a", "clamped_time"), 3);
	/* Of 256 pages: soon, not in the end. */
	expect_le(probe_calls(&p, "a").prefetches, 32);
	expect_eq(probe_calls(&p, "a").exit_kind, SWAP_EXT_EXIT_SLOW);
	expect_eq(probe_calls(&p, "a").exits, 1);
}

static void slow_fault_is_ejected(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);

	group_make("a");
	p.control->burn_fault = LONG_LOOP;
	policy_must_attach(&p, "a");
	work_some("a");
	expect_stopped("a", "slow");
	expect_ge(group_stat("a", "clamped_time"), 3);
	expect_le(probe_calls(&p, "a").faults, 32);
}

static void garbage_is_default(void)
{
	static const int garbage[] = { 3, -1, 0x7fffffff, -0x7fffffff - 1, 1 << 16 };
	struct policy p = probe_load("p", 0);
	uint64_t clamped, defaults, prefetches;
	size_t i;

	group_make("a");
	policy_must_attach(&p, "a");
	for (i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		p.control->ret = garbage[i];
		clamped = group_stat("a", "clamped_return");
		defaults = group_stat("a", "defaults");
		prefetches = probe_calls(&p, "a").prefetches;
		work_some("a");
		prefetches = probe_calls(&p, "a").prefetches - prefetches;
		expect_ge(prefetches, 1);
		expect_eq(group_stat("a", "clamped_return") - clamped, prefetches);
		expect_eq(group_stat("a", "defaults") - defaults, prefetches);
	}
	expect_eq(group_stat("a", "plans") + group_stat("a", "nones"), 0);
	expect_state("a", "active", "p", group_id("a"));
}

static void messages_that_are_none(void)
{
	struct policy p = policy_open("format", NULL);
	struct bpf_map *map;
	unsigned int *which, i;
	size_t size;
	int link;

	expect_eq(policy_load(&p), 0);
	map = bpf_object__find_map_by_name(p.obj, ".data.choice");
	which = bpf_map__initial_value(map, &size);
	group_make("a");
	for (i = 0; i < 6; i++) {
		*which = i;
		link = policy_must_attach(&p, "a");
		work_some("a");
		expect_stopped("a", "error");
		expect_le(strlen(group_log("a", "msg")), 64);
		close(link);
		expect_soon(30, !strcmp(group_state("a", "state"), "none"));
	}
}

/* A format without an end must not be read beyond what the policy owns. */
static void message_without_an_end(void)
{
	struct policy p = policy_open("format", NULL);
	unsigned int *which;
	size_t size;
	char *text;

	if (policy_load(&p))
		return;
	which = bpf_map__initial_value(bpf_object__find_map_by_name(p.obj,
							".data.choice"), &size);
	text = bpf_map__initial_value(bpf_object__find_map_by_name(p.obj,
							".data.endless"), &size);
	memset(text, 'x', size);
	*which = 6;
	group_make("a");
	policy_must_attach(&p, "a");
	work_some("a");
	expect_stopped("a", "error");
}

/* Random reads under a limit, and plans of pages that nobody wants soon. */
static void run_wasteful(const char *group)
{
	work_run(group, "--size 16 --limit 4 --pattern random --passes 3");
}

static struct policy load_wasteful(void)
{
	struct policy p = policy_open("probe", "wasteful");

	p.ops->min_accuracy = 90;
	expect_eq(policy_load(&p), 0);
	p.control->ret = SWAP_EXT_PF_PLAN;
	p.control->target[0] = (struct probe_target){
		.kind = PROBE_ADDR_REL, .value = 512, .nr = 64, .step = 1,
	};
	p.control->target[1] = (struct probe_target){
		.kind = PROBE_ADDR_REL, .value = -1024, .nr = 64, .step = 1,
	};
	p.control->nr_targets = 2;
	return p;
}

static void accuracy_floor_stops(void)
{
	struct policy p = load_wasteful();

	group_make("a");
	policy_must_attach(&p, "a");
	run_wasteful("a");
	expect_stopped("a", "accuracy");
	/* It was halved first, step by step. */
	expect_ge(group_stat("a", "clamped_accuracy"), 64);
	expect_ge(group_stat("a", "unused"), 7 * 1024 / 2);
	expect_eq(probe_calls(&p, "a").exit_kind, SWAP_EXT_EXIT_ACCURACY);
	expect_eq(probe_calls(&p, "a").exits, 1);
	expect_eq(probe_calls(&p, "a").dumps, 1);
	expect(strstr(group_log("a", "msg"), "floor 90%"));
}

static void accuracy_floor_of_a_child(void)
{
	struct policy p = load_wasteful();
	struct policy better = probe_load("better", SWAP_EXT_PF_NONE);
	uint64_t prefetches;
	int link;

	group_make("a/bad");
	group_make("a/good");
	link = policy_must_attach(&p, "a");
	run_wasteful("a/bad");
	/* What one child does with it says nothing about the others. */
	expect_state("a", "active", "wasteful", group_id("a"));
	expect_str(group_state("a/bad", "prefetch"), "off");
	expect_str(group_state("a/good", "prefetch"), "on");
	expect_str(group_state("a/good", "window"), "64");
	prefetches = probe_calls(&p, "a").prefetches;
	work_some("a/bad");
	expect_eq(probe_calls(&p, "a").prefetches, prefetches);
	work_some("a/good");
	expect_ge(probe_calls(&p, "a").prefetches, prefetches + 1);

	/* Another policy has not failed yet. */
	expect_eq(policy_replace(link, &better), 0);
	expect_str(group_state("a/bad", "prefetch"), "on");
	expect_str(group_state("a/bad", "window"), "64");
	work_some("a/bad");
	expect_ge(probe_calls(&better, "a").prefetches, 1);
}

/* A better policy, or the same one doing better, gets its window back. */
static void accuracy_comes_back(void)
{
	struct policy p = load_wasteful();
	pid_t pid;

	group_make("a");
	policy_must_attach(&p, "a");
	pid = work_start("a", "--size 16 --limit 4 --pattern random --passes 3");
	expect_soon(60, atoi(group_state("a", "window")) <= 16);
	p.control->target[0] = (struct probe_target){
		.kind = PROBE_ADDR_REL, .value = 1, .nr = 64, .step = 1,
	};
	p.control->nr_targets = 0;
	group_join(pid);
	expect_state("a", "active", "wasteful", group_id("a"));
	expect_eq(group_write("a", "memory.max", "max"), 0);
	p.control->nr_targets = 1;
	work_run("a", "--size 32 --pattern seq --rounds 3");
	expect_str(group_state("a", "window"), "64");
}

static void big_red_switch(void)
{
	struct policy p = probe_load_ahead("p", 8);
	uint64_t faults;

	group_make("a/b");
	policy_must_attach(&p, "a");
	work_some("a/b");
	faults = group_stat("a", "faults");
	expect_ge(faults, 1);

	expect_eq(group_write("", "/sys/kernel/mm/swap_ext/enabled", "0"), 0);
	expect_str(group_state("a", "state"), "disabled");
	expect_str(group_state("a/b", "state"), "disabled");
	expect_str(group_state("a", "policy"), "p");
	work_some("a/b");
	expect_eq(group_stat("a", "faults"), faults);
	expect_eq(probe_calls(&p, "a").faults, faults);

	expect_eq(group_write("", "/sys/kernel/mm/swap_ext/enabled", "maybe"), -EINVAL);
	expect_eq(swap_ext_number("enabled"), 0);
	expect_eq(group_write("", "/sys/kernel/mm/swap_ext/enabled", "1"), 0);
	expect_str(group_state("a", "state"), "active");
	work_some("a/b");
	expect_ge(group_stat("a", "faults"), faults + 1);
	expect_eq(probe_calls(&p, "a").exits, 0);
}

static const struct test_case cases[] = {
	{ "error_falls_back_to_the_parent", error_falls_back_to_the_parent },
	{ "error_falls_back_to_stock", error_falls_back_to_stock },
	{ "error_in_a_child_stops_the_attachment", error_in_a_child_stops_the_attachment },
	{ "late_errors_spare_the_parent", late_errors_spare_the_parent },
	{ "message_is_one_line", message_is_one_line },
	{ "dump_is_cut", dump_is_cut },
	{ "exit_with_a_code", exit_with_a_code },
	{ "slow_prefetch_is_ejected", slow_prefetch_is_ejected },
	{ "slow_fault_is_ejected", slow_fault_is_ejected },
	{ "garbage_is_default", garbage_is_default },
	{ "accuracy_floor_stops", accuracy_floor_stops },
	{ "accuracy_floor_of_a_child", accuracy_floor_of_a_child },
	{ "accuracy_comes_back", accuracy_comes_back },
	{ "big_red_switch", big_red_switch },
	{ "messages_that_are_none", messages_that_are_none },
	{ "message_without_an_end", message_without_an_end },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
