// SPDX-License-Identifier: GPL-2.0
/*
 * Who may attach to which cgroup. BPF_LINK_CREATE asks for no capability, so a
 * loaded map is handed to a process with few rights, and it tries.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOMEBODY	1000

/* Keep exactly these capabilities, as @uid. */
static void drop_to(uid_t uid, const cap_value_t *keep, int nr_keep)
{
	cap_t caps = cap_init();

	expect(caps);
	must(prctl(PR_SET_KEEPCAPS, 1));
	must(setgroups(0, NULL));
	must(setresgid(uid, uid, uid));
	must(setresuid(uid, uid, uid));
	if (nr_keep) {
		must(cap_set_flag(caps, CAP_PERMITTED, nr_keep, keep, CAP_SET));
		must(cap_set_flag(caps, CAP_EFFECTIVE, nr_keep, keep, CAP_SET));
	}
	must(cap_set_proc(caps));
	cap_free(caps);
}

struct attempt {
	const struct policy *p;
	int dir;
	uid_t uid;
	bool with_bpf;
	bool with_admin;
	bool with_write;
};

/* The result of attaching with the rights of @a, in a process of its own. */
static int try_as(struct attempt a)
{
	cap_value_t keep[4];
	int nr = 0, pipes[2], link;
	pid_t pid;

	must(pipe(pipes));
	pid = must(fork());
	if (!pid) {
		if (a.with_bpf) {
			keep[nr++] = CAP_BPF;
			keep[nr++] = CAP_PERFMON;
		}
		if (a.with_admin)
			keep[nr++] = CAP_SYS_ADMIN;
		if (a.with_write)
			keep[nr++] = CAP_DAC_OVERRIDE;
		drop_to(a.uid, keep, nr);
		link = policy_attach_fd(a.p, a.dir, BPF_F_CGROUP_FD);
		must(write(pipes[1], &link, sizeof(link)));
		_exit(0);
	}
	expect_eq(read(pipes[0], &link, sizeof(link)), sizeof(link));
	waitpid(pid, NULL, 0);
	close(pipes[0]);
	close(pipes[1]);
	return link < 0 ? link : 0;
}

static void directory_must_be_writable(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct attempt a = { .p = &p, .uid = SOMEBODY, .with_bpf = true };

	group_make("a");
	a.dir = group_open("a");
	expect_eq(try_as(a), -EACCES);
	expect_state("a", "none", "-", 0);
	expect_eq(probe_calls(&p, "a").inits, 0);
	/* CAP_SYS_ADMIN is not the right to write either. */
	a.with_admin = true;
	expect_eq(try_as(a), -EACCES);

	/* Delegated to them: no capability is needed. */
	a.with_admin = false;
	a.with_bpf = false;
	must(chown(group_path("a", NULL), SOMEBODY, SOMEBODY));
	expect_eq(try_as(a), 0);
	expect_soon(30, !strcmp(group_state("a", "state"), "none"));
	must(chmod(group_path("a", NULL), 0555));
	expect_eq(try_as(a), -EACCES);
}

static void loading_takes_cap_bpf_attaching_does_not(void)
{
	static const cap_value_t bpf[] = { CAP_BPF, CAP_PERFMON };
	struct policy p;
	pid_t pid;

	group_make("a/mine");
	group_make("b");
	must(chown(group_path("a/mine", NULL), SOMEBODY, SOMEBODY));
	pid = must(fork());
	if (!pid) {
		drop_to(SOMEBODY, bpf, 2);
		p = probe_load("theirs", SWAP_EXT_PF_NONE);
		expect_eq(policy_attach(&p, "b"), -EACCES);
		expect_eq(policy_attach(&p, "a"), -EACCES);
		expect_ge(policy_attach(&p, "a/mine"), 0);
		_exit(0);
	}
	group_join(pid);
	pid = must(fork());
	if (!pid) {
		drop_to(SOMEBODY, NULL, 0);
		p = policy_open("probe", "theirs");
		expect_le(policy_load(&p), -1);
		_exit(0);
	}
	group_join(pid);
}

static void root_cgroup_takes_cap_sys_admin(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct attempt a = { .p = &p, .uid = 0, .with_bpf = true };

	/* Its directory is read-only to root as well. */
	a.with_write = true;
	a.dir = group_open("/");
	expect_eq(try_as(a), -EPERM);
	a.with_admin = true;
	expect_eq(try_as(a), 0);
	/* Any other cgroup of root's does not. */
	group_make("a");
	a.dir = group_open("a");
	a.with_admin = false;
	a.with_write = false;
	expect_eq(try_as(a), 0);
}

struct inside {
	const struct policy *p;
	int own;
	int sub;
	int other;
};

static void try_in_namespace(void *arg)
{
	struct inside *in = arg;

	must(unshare(CLONE_NEWCGROUP));
	expect_eq(policy_attach_fd(in->p, in->other, BPF_F_CGROUP_FD), -EPERM);
	expect_ge(policy_attach_fd(in->p, in->own, BPF_F_CGROUP_FD), 0);
	/* Seen from inside, but without a controller. */
	expect_eq(policy_attach_fd(in->p, in->sub, BPF_F_CGROUP_FD), -ENODEV);
}

static void namespace_is_a_border(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct inside in = { .p = &p };

	group_make("ns");
	group_make("other");
	/* A cgroup with members cannot pass its controllers on. */
	must(mkdir(group_path("ns/sub", NULL), 0755));
	in.own = group_open("ns");
	in.sub = group_open("ns/sub");
	in.other = group_open("other");
	group_join(group_spawn("ns", try_in_namespace, &in));
}

static void read_only_mount_is_not_writable(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	char dir[] = "/tmp/cgroup.XXXXXX", path[64];
	int fd;

	group_make("a");
	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	expect(mkdtemp(dir));
	/* As a container sees it: root, and files that cannot be written to. */
	must(mount("/sys/fs/cgroup", dir, NULL, MS_BIND, NULL));
	must(mount(NULL, dir, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
	snprintf(path, sizeof(path), "%s/t/a", dir);
	fd = must(open(path, O_RDONLY | O_DIRECTORY));
	expect_eq(policy_attach_fd(&p, fd, BPF_F_CGROUP_FD), -EROFS);
	expect_state("a", "none", "-", 0);
}

static const struct test_case cases[] = {
	{ "directory_must_be_writable", directory_must_be_writable },
	{ "loading_takes_cap_bpf_attaching_does_not",
	  loading_takes_cap_bpf_attaching_does_not },
	{ "root_cgroup_takes_cap_sys_admin", root_cgroup_takes_cap_sys_admin },
	{ "namespace_is_a_border", namespace_is_a_border },
	{ "read_only_mount_is_not_writable", read_only_mount_is_not_writable },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
