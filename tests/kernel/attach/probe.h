/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What probe.bpf.c and the programs that drive it share: a policy that does as it
 * is told and writes down how it was called.
 */
#ifndef PROBE_H
#define PROBE_H

#define PROBE_MAX_TARGETS	16
#define PROBE_MSG_LEN		64

/* How a target of a plan is named; the RELs count from the fault, in pages. */
enum probe_kind {
	PROBE_ADDR,
	PROBE_ADDR_REL,
	PROBE_PGOFF,
	PROBE_PGOFF_REL,
	PROBE_ENTRY,
	PROBE_ENTRY_REL,
};

/* What prefetch() does when the plan is written. */
enum probe_action {
	PROBE_GO_ON,
	PROBE_ERROR,
	PROBE_ERROR_TWICE,
	PROBE_ERROR_LINES,
	PROBE_EXIT,
};

struct probe_target {
	__u32 kind;
	__u32 nr;
	__s64 value;
	__s64 step;
};

/**
 * struct probe_control - the policy's orders, and what it saw following them
 * @init_ret: what init() returns.
 * @init_fails: init() calls bpf_swap_ext_error().
 * @ret: what prefetch() returns.
 * @action: enum probe_action.
 * @code: for bpf_swap_ext_exit().
 * @burn: rounds of an empty bpf_loop() in each prefetch().
 * @burn_fault: the same in each fault().
 * @dump_lines: that dump() writes.
 * @nr_targets: of the plan.
 * @target: the plan.
 * @result: what the kfunc said to each target, last call.
 * @room: bpf_swap_plan_room() before the first and after the last, last call.
 */
struct probe_control {
	__s32 init_ret;
	__u32 init_fails;
	__s32 ret;
	__u32 action;
	__s64 code;
	__u32 burn;
	__u32 dump_lines;
	__u32 burn_fault;
	__u32 nr_targets;
	struct probe_target target[PROBE_MAX_TARGETS];
	__s32 result[PROBE_MAX_TARGETS];
	__u32 room[2];
};

/**
 * struct probe_calls - calls for one attachment, in map "calls" by cgroup id
 * @inits: calls of init().
 * @exits: ... exit().
 * @dumps: ... dump().
 * @faults: ... fault().
 * @prefetches: ... prefetch().
 * @strays: calls of fault() and prefetch() outside the time from init to exit.
 * @init_ns: time of the last init().
 * @exit_ns: time of the last exit().
 * @exit_code: what exit() was told.
 * @exit_kind: what exit() was told.
 * @flags_any: all flags that any fault had.
 * @exit_msg: what exit() was told, cut.
 * @last: the last fault.
 */
struct probe_calls {
	__u64 inits;
	__u64 exits;
	__u64 dumps;
	__u64 faults;
	__u64 prefetches;
	__u64 strays;
	__u64 init_ns;
	__u64 exit_ns;
	__s64 exit_code;
	__u32 exit_kind;
	__u32 flags_any;
	char exit_msg[PROBE_MSG_LEN];
	struct swap_ext_fault last;
};

#endif /* PROBE_H */
