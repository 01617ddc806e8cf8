/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a policy declares about itself. Each macro leaves a BTF declaration tag,
 * in which swxctl finds parameters, counters, saved and shared maps, constants
 * and the summary: a policy needs no code in user space.
 */
#ifndef __SWAP_EXT_DECLARE_BPF_H
#define __SWAP_EXT_DECLARE_BPF_H

#ifdef __bpf__
#define __swap_tag(text)	__attribute__((btf_decl_tag(text)))
#else
#define __swap_tag(text)
#endif

/* cgroups that one loaded policy can be attached to */
#define SWAP_MAX_ATTACHMENTS	1024

/**
 * SWAP_PARAM() - a member of struct params: set per attachment, at any time
 * @type: u32, u64, s32 or s64
 * @name: as in "swxctl set CGROUP name=value"
 * @def: value when none is given
 * @min: smallest value accepted
 * @max: largest value accepted
 * @help: one line for "swxctl show"
 */
#ifdef __bpf__
#define SWAP_PARAM(type, name, def, min, max, help)			\
	type name __swap_tag("swap_param:" #def ":" #min ":" #max ":" help)
#else
/* An array of no elements leaves the default behind and takes no space. */
#define SWAP_PARAM(type, name, def, min, max, help)			\
	type name;							\
	enum { swap_default_##name = (def) } swap_no_##name[0]
#endif

/* For host_values: the type of the map's value is known where it is declared, only. */
#ifdef __bpf__
#define __swap_host_value(map)
#else
#define __swap_host_value(map)						\
	;								\
	static void *host_find_##map(u64 cgroup_id)			\
	{								\
		return host_map_value(HOST_MAP(&map), &cgroup_id);	\
	}								\
	__attribute__((constructor)) static void host_know_##map(void)	\
	{								\
		host_values.map = host_find_##map;			\
	}								\
	struct map
#endif

/**
 * SWAP_PARAMS() - the parameters of this policy
 * @valtype: a struct of SWAP_PARAM() members
 */
#define SWAP_PARAMS(valtype)						\
	struct {							\
		__uint(type, BPF_MAP_TYPE_HASH);			\
		__uint(max_entries, SWAP_MAX_ATTACHMENTS);		\
		__type(key, u64);					\
		__type(value, valtype);					\
	} params SEC(".maps") __swap_host_value(params)

/**
 * swap_params() - the parameters of the attachment that governs a fault or a page
 * @f: the fault, or the page that is to be reclaimed
 *
 * Return: struct params *, NULL if nobody set them (not attached by swxctl).
 */
#define swap_params(f)							\
({									\
	u64 ___id = (f)->cgroup_id;					\
									\
	(struct params *)bpf_map_lookup_elem(&params, &___id);		\
})

/**
 * SWAP_STAT() - a member of struct stats: a counter shown by "swxctl status"
 * @name: of the counter
 * @help: one line for "swxctl show"
 */
#define SWAP_STAT(name, help)	u64 name __swap_tag("swap_stat:" help)

/**
 * SWAP_STATS() - the counters of this policy, per attachment and CPU
 * @valtype: a struct of SWAP_STAT() members
 */
#define SWAP_STATS(valtype)						\
	struct {							\
		__uint(type, BPF_MAP_TYPE_PERCPU_HASH);			\
		__uint(max_entries, SWAP_MAX_ATTACHMENTS);		\
		__type(key, u64);					\
		__type(value, valtype);					\
	} stats SEC(".maps") __swap_host_value(stats)

/**
 * swap_stat_add() - count; costs a hash lookup, so not on every hit
 * @f: the fault, or the page that is to be reclaimed
 * @member: of struct stats
 * @n: how much
 */
#define swap_stat_add(f, member, n)					\
do {									\
	u64 ___id = (f)->cgroup_id;					\
	struct stats *___s = bpf_map_lookup_elem(&stats, &___id);	\
									\
	if (___s)							\
		___s->member += (n);					\
} while (0)

/** SWAP_STATE - on a map: "swxctl save" saves it, "attach --state" restores it */
#define SWAP_STATE	__swap_tag("swap_state")

/** SWAP_SHARED - on a map: "swxctl replace" hands it to the new policy */
#define SWAP_SHARED	__swap_tag("swap_shared")

/**
 * SWAP_CONST() - a constant set when the policy is loaded
 *
 * Arguments as SWAP_PARAM(). The verifier knows the value, so what it switches
 * off costs nothing; but every attachment of one loaded policy shares it.
 */
#define SWAP_CONST(type, name, def, min, max, help)			\
	const volatile type name					\
	__swap_tag("swap_const:" #def ":" #min ":" #max ":" help) = (def)

/**
 * BPF_STRUCT_OPS() - define an op that may not sleep: all but init, exit, dump
 * @name: <policy>_<op>
 */
/**
 * BPF_STRUCT_OPS_SLEEPABLE() - define an op that may: init, exit, dump
 * @name: <policy>_<op>
 */
#ifdef __bpf__
#define BPF_STRUCT_OPS(name, args...)					\
	SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...)				\
	SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)
#else
#define BPF_STRUCT_OPS(name, args...)		name(args)
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...)	name(args)
#endif

/**
 * SWAP_POLICY() - the policy itself, last in its file
 * @policy: name, at most 15 characters, the same as the file's
 * @summary: one line for "swxctl list"
 * @...: ops, as .prefetch = (void *)NAME_prefetch
 */
#ifdef __bpf__
#define SWAP_POLICY(policy, summary, ops...)				\
	char swap_license[] SEC("license") = "GPL";			\
	SEC(".struct_ops.link") __swap_tag("swap_policy:" summary)	\
	struct swap_ext_ops policy = { .name = #policy, ops }
#else
#define SWAP_POLICY(policy, summary, ops...)				\
	static struct swap_ext_ops host_policy = { .name = #policy, ops }
#endif

#endif /* __SWAP_EXT_DECLARE_BPF_H */
