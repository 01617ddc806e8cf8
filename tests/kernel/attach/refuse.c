// SPDX-License-Identifier: GPL-2.0
/*
 * What is refused before a policy ever runs: programs in the wrong place, values
 * out of range, link flags nobody knows, descriptors that are no cgroup.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define OP(name)	offsetof(struct swap_ext_ops, name)

/* Put program @prog of refuse.bpf.c at an op; it must be refused, saying @why. */
struct misplaced {
	const char *prog;
	size_t op;
	bool sleepable;
	const char *why;
};

static const struct misplaced misplaced[] = {
	{ "plan_addr_in_fault", OP(fault), false, "bpf_swap_plan_addr is not allowed" },
	{ "plan_pgoff_in_init", OP(init), false, "bpf_swap_plan_pgoff is not allowed" },
	{ "plan_entry_in_dump", OP(dump), false, "bpf_swap_plan_entry is not allowed" },
	{ "plan_room_in_exit", OP(exit), false, "bpf_swap_plan_room is not allowed" },
	{ "dump_in_fault", OP(fault), false, "bpf_swap_ext_dump_bstr is not allowed" },
	{ "dump_in_prefetch", OP(prefetch), false, "bpf_swap_ext_dump_bstr is not allowed" },
	{ "dump_in_exit", OP(exit), false, "bpf_swap_ext_dump_bstr is not allowed" },
	{ "wrong_plan", OP(prefetch), false, "expected pointer to STRUCT swap_ext_plan" },
	{ "null_plan", OP(prefetch), false, "NULL" },
	{ "untested_vma", OP(prefetch), false, "invalid mem access 'trusted_ptr_or_null_'" },
	{ "victim_in_reclaim", OP(reclaim), false, "bpf_swap_folio_used is not allowed" },
	{ "leaked_page", OP(evict), false, "Unreleased reference" },
	{ "page_after_put", OP(evict), false, "" },
	{ "wrong_victim", OP(evict), false, "expected pointer to STRUCT folio" },
	{ "scan_in_fault", OP(fault), false, "must be sleepable" },
	{ "write_to_fault", OP(prefetch), false, "" },
	{ "endless", OP(prefetch), false, "" },
	{ "harmless_fault", OP(fault), true, "" },
	{ "harmless_prefetch", OP(prefetch), true, "" },
};

static struct policy open_with(const char *prog, size_t op, bool sleepable)
{
	struct policy p = policy_open("refuse", "refuse");
	struct bpf_program *program = bpf_object__find_program_by_name(p.obj, prog);

	expect(program);
	must(bpf_program__set_autoload(program, true));
	if (sleepable)
		must(bpf_program__set_flags(program, bpf_program__flags(program) |
						     BPF_F_SLEEPABLE));
	*(struct bpf_program **)((char *)p.ops + op) = program;
	return p;
}

static void programs_in_the_wrong_place(void)
{
	size_t i;

	for (i = 0; i < sizeof(misplaced) / sizeof(*misplaced); i++) {
		const struct misplaced *m = &misplaced[i];
		struct policy p = open_with(m->prog, m->op, m->sleepable);
		int err = policy_load(&p);

		if (!err)
			fail("%s was loaded", m->prog);
		if (!strstr(policy_log(), m->why))
			fail("%s was not refused for \"%s\" but:\n%s", m->prog, m->why,
			     policy_log());
		policy_unload(&p);
	}
}

/* The same frame with nothing wrong in it loads: the table tests what it says. */
static void programs_in_the_right_place(void)
{
	struct policy p = open_with("harmless_fault", OP(fault), false);
	struct policy q = open_with("harmless_prefetch", OP(prefetch), false);
	struct policy empty = policy_open("refuse", "empty");
	int link;

	expect_eq(policy_load(&p), 0);
	expect_eq(policy_load(&q), 0);
	expect_eq(policy_load(&empty), 0);
	/* No op at all is a policy, too: stock everywhere. */
	group_make("a");
	link = policy_must_attach(&empty, "a");
	expect_state("a", "active", "empty", group_id("a"));
	close(link);
}

static void programs_of_another_type(void)
{
	static const char *const progs[] = { "from_tracing", "from_syscall" };
	static const char *const kfuncs[] = { "bpf_swap_memcg_stat", "bpf_swap_plan_room" };
	char why[64];
	int i;

	for (i = 0; i < 2; i++) {
		struct policy p = policy_open("refuse", "refuse");
		struct bpf_program *program;

		program = bpf_object__find_program_by_name(p.obj, progs[i]);
		expect(program);
		must(bpf_program__set_autoload(program, true));
		must(bpf_map__set_autocreate(p.map, false));
		if (!bpf_object__load(p.obj))
			fail("%s was loaded", progs[i]);
		snprintf(why, sizeof(why), "%s is not allowed", kfuncs[i]);
		if (!strstr(policy_log(), why))
			fail("%s was not refused for \"%s\" but:\n%s", progs[i], why,
			     policy_log());
		policy_unload(&p);
	}
}

static int load_named(const char *name, size_t len)
{
	struct policy p = policy_open("probe", NULL);
	int err;

	memset(p.ops->name, 0, sizeof(p.ops->name));
	memcpy(p.ops->name, name, len);
	err = policy_load(&p);
	policy_unload(&p);
	return err;
}

static void names(void)
{
	static const char *const bad[] = {
		"", "a b", "a/b", "../x", "a\nb", "new\n", "\xc3\xa4", "a.b", "%s",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (load_named(bad[i], strlen(bad[i])) != -EINVAL)
			fail("name \"%s\" was not refused with EINVAL", bad[i]);
	/* Sixteen letters leave no room for the end. */
	expect_eq(load_named("abcdefghijklmnop", 16), -EINVAL);
	expect_eq(load_named("abcdefghijklmno", 15), 0);
	expect_eq(load_named("A-z_09", 6), 0);
	/* What stands behind the end is not part of it. */
	expect_eq(load_named("ok\0\n/", 5), 0);
}

static int load_with_keeps(unsigned int keeps)
{
	struct policy p = policy_open("probe", "values");
	int err;

	p.ops->max_keeps = keeps;
	err = policy_load(&p);
	policy_unload(&p);
	return err;
}

static int load_with(unsigned int flags, unsigned int accuracy, unsigned int inflight)
{
	struct policy p = policy_open("probe", "values");
	int err;

	p.ops->flags = flags;
	p.ops->min_accuracy = accuracy;
	p.ops->max_inflight = inflight;
	err = policy_load(&p);
	policy_unload(&p);
	return err;
}

static void values(void)
{
	expect_eq(load_with(0, 101, 0), -EINVAL);
	expect_eq(load_with(0, -1, 0), -EINVAL);
	expect_eq(load_with(0, 100, 0), 0);
	expect_eq(load_with(1U << 2, 0, 0), -EINVAL);
	expect_eq(load_with(1U << 31, 0, 0), -EINVAL);
	expect_eq(load_with(SWAP_EXT_OPS_NO_OVERRIDE, 0, 0), 0);
	expect_eq(load_with(SWAP_EXT_OPS_PAGE_STATE, 0, 0), 0);
	expect_eq(load_with(0, 0, -1), 0);
	expect_eq(load_with_keeps(255), 0);
	expect_eq(load_with_keeps(256), -EINVAL);
}

static void link_flags(void)
{
	static const unsigned int unknown[] = {
		1U << 0, 1U << 1, 1U << 2, 1U << 6, 1U << 8, 1U << 13, 1U << 31,
	};
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	size_t i;
	int dir;

	group_make("a");
	dir = group_open("a");
	for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		expect_eq(policy_attach_fd(&p, dir, unknown[i]), -EINVAL);
		expect_eq(policy_attach_fd(&p, dir, BPF_F_CGROUP_FD | unknown[i]),
			  -EINVAL);
	}
	/* Without a cgroup there is nothing to govern. */
	expect_eq(policy_attach_fd(&p, dir, 0), -EOPNOTSUPP);
	expect_eq(policy_attach_fd(&p, 0, 0), -EOPNOTSUPP);
	expect_state("a", "none", "-", 0);
	expect_eq(probe_calls(&p, "a").inits, 0);
}

static void link_flags_of_another_type(void)
{
	struct policy tcp = policy_open("tcp", NULL);
	struct bpf_link_info info;
	int dir, link, err;

	err = policy_load(&tcp);
	if (err)
		case_skip("no BPF congestion control in this kernel (%s)",
			  strerror(-err));
	group_make("a");
	dir = group_open("a");
	expect_eq(policy_attach_fd(&tcp, dir, BPF_F_CGROUP_FD), -EINVAL);
	expect_eq(policy_attach_fd(&tcp, 0, 1U << 0), -EINVAL);
	expect_eq(policy_attach_fd(&tcp, 0, 1U << 31), -EINVAL);
	link = policy_attach_fd(&tcp, 0, 0);
	expect_ge(link, 0);
	info = policy_link_info(link);
	expect_eq(info.struct_ops.cgroup_id, 0);
}

/* A link of one type does not take a policy of another. */
static void update_across_types(void)
{
	struct policy tcp = policy_open("tcp", NULL);
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	int link;

	if (policy_load(&tcp))
		case_skip("no BPF congestion control in this kernel");
	group_make("a");
	link = policy_must_attach(&p, "a");
	expect_eq(policy_replace(link, &tcp), -EINVAL);
	expect_eq(policy_replace(must(policy_attach_fd(&tcp, 0, 0)), &p), -EINVAL);
	expect_eq(probe_calls(&p, "a").inits, 1);
	expect_state("a", "active", "p", group_id("a"));
}

static void descriptors(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	char dir[] = "/tmp/cgroup1.XXXXXX";
	int fd;

	group_make("a");
	expect_eq(policy_attach_fd(&p, -1, BPF_F_CGROUP_FD), -EBADF);
	fd = group_open("a");
	close(fd);
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EBADF);
	fd = must(open("/tmp", O_RDONLY | O_DIRECTORY));
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EBADF);
	fd = must(open("/dev/null", O_RDWR));
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EBADF);
	fd = must(open("/sys/kernel", O_RDONLY | O_DIRECTORY));
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EBADF);
	fd = must(open(group_path("a", "memory.max"), O_RDWR));
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EBADF);
	expect_eq(policy_attach_fd(&p, bpf_map__fd(p.map), BPF_F_CGROUP_FD), -EBADF);

	expect(mkdtemp(dir));
	must(mount("none", dir, "cgroup", 0, "none,name=test"));
	fd = must(open(dir, O_RDONLY | O_DIRECTORY));
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EBADF);
	close(fd);
	must(umount(dir));
	must(rmdir(dir));

	/* A removed one, held open. */
	fd = group_open("a");
	group_remove("a");
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -ENOENT);
}

static void map_that_is_not_ready(void)
{
	struct policy p = policy_open("probe", "raw");
	struct policy ready = probe_load("ready", SWAP_EXT_PF_NONE);
	int link;

	/* Loaded, but its value was never written. */
	expect_eq(bpf_object__load(p.obj), 0);
	group_make("a");
	expect_eq(policy_attach(&p, "a"), -EINVAL);
	link = policy_must_attach(&ready, "a");
	expect_eq(policy_replace(link, &p), -EINVAL);
	expect_state("a", "active", "ready", group_id("a"));
}

static const struct test_case cases[] = {
	{ "programs_in_the_wrong_place", programs_in_the_wrong_place },
	{ "programs_in_the_right_place", programs_in_the_right_place },
	{ "programs_of_another_type", programs_of_another_type },
	{ "names", names },
	{ "values", values },
	{ "link_flags", link_flags },
	{ "link_flags_of_another_type", link_flags_of_another_type },
	{ "update_across_types", update_across_types },
	{ "descriptors", descriptors },
	{ "map_that_is_not_ready", map_that_is_not_ready },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
