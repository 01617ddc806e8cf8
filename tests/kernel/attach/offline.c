// SPDX-License-Identifier: GPL-2.0
/*
 * A cgroup, or its memory controller, goes away under an attached policy: exit
 * runs, pollers of the link hear of it, and nothing waits for what lingers.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS_TO_DETACH	30

/* An epoll descriptor that watches a link. */
static int watch(int link)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = must(epoll_create1(EPOLL_CLOEXEC));

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, link, &event));
	return epoll;
}

/* A sleeping waiter is woken, not only a later look told. */
static void expect_hangup(int epoll)
{
	struct epoll_event event = { 0 };
	int nr = must(epoll_wait(epoll, &event, 1, SECONDS_TO_DETACH * 1000));

	expect_eq(nr, 1);
	expect(event.events & EPOLLHUP);
}

static struct probe_calls calls_of(const struct policy *p, uint64_t id)
{
	struct bpf_map *map = bpf_object__find_map_by_name(p->obj, "calls");
	struct probe_calls calls = { 0 };

	bpf_map_lookup_elem(bpf_map__fd(map), &id, &calls);
	return calls;
}

static void removal_detaches(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	struct policy other = probe_load("other", SWAP_EXT_PF_NONE);
	uint64_t attached = swap_ext_number("nr_attached"), id;
	struct bpf_link_info info;
	int link, epoll;

	group_make("a/b");
	id = group_id("a");
	link = policy_must_attach(&p, "a");
	work_some("a/b");
	epoll = watch(link);
	group_remove("a");
	expect_hangup(epoll);

	expect_eq(calls_of(&p, id).exits, 1);
	expect_eq(calls_of(&p, id).exit_kind, SWAP_EXT_EXIT_OFFLINE);
	expect_eq(calls_of(&p, id).dumps, 0);
	expect_eq(calls_of(&p, id).strays, 0);
	info = policy_link_info(link);
	expect_eq(info.struct_ops.cgroup_id, id);
	expect_eq(info.struct_ops.map_id, 0);
	expect_eq(swap_ext_number("nr_attached"), attached);
	expect_eq(policy_replace(link, &other), -ENOLINK);
	expect_eq(policy_detach(link), 0);
	close(link);
	expect_eq(calls_of(&p, id).exits, 1);
	/* The same name is another cgroup. */
	group_make("a");
	expect_state("a", "none", "-", 0);
}

static void whole_tree_goes_at_once(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	static const char *const names[] = { "a", "a/b", "a/b/c", "a/d" };
	uint64_t attached = swap_ext_number("nr_attached"), id[4];
	int link[4], i;

	group_make("a/b/c");
	group_make("a/d");
	for (i = 0; i < 4; i++) {
		id[i] = group_id(names[i]);
		link[i] = policy_must_attach(&p, names[i]);
	}
	group_remove("a");
	for (i = 0; i < 4; i++) {
		expect_soon(SECONDS_TO_DETACH, policy_link_is_hung_up(link[i]));
		expect_eq(calls_of(&p, id[i]).exits, 1);
	}
	expect_eq(swap_ext_number("nr_attached"), attached);
}

/* Swap a few pages out and in, without the memory.reclaim of one's own cgroup. */
static void swap_a_little(void *arg)
{
	struct region r;
	int i;

	(void)arg;
	pages_make(&r, REGION_ANON, 64);
	for (i = 0; i < 50 && region_count_resident(&r) > 0; i++) {
		if (region_pageout(&r, NULL))
			fail("cannot page out");
		usleep(20000);
	}
	pages_check(&r, 0, 64);
}

static void controller_is_taken_away(void)
{
	struct policy above = probe_load("above", SWAP_EXT_PF_NONE);
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	uint64_t attached = swap_ext_number("nr_attached"), id;
	int link, epoll;

	group_make("a/b");
	id = group_id("a/b");
	policy_must_attach(&above, "a");
	link = policy_must_attach(&p, "a/b");
	epoll = watch(link);
	expect_eq(group_write("a", "cgroup.subtree_control", "-memory"), 0);
	expect_hangup(epoll);
	expect_eq(calls_of(&p, id).exits, 1);
	expect_eq(calls_of(&p, id).exit_kind, SWAP_EXT_EXIT_OFFLINE);
	expect_eq(swap_ext_number("nr_attached"), attached + 1);
	expect_eq(policy_attach(&p, "a/b"), -ENODEV);

	/* Its members belong to the memory cgroup above now. */
	group_join(group_spawn("a/b", swap_a_little, NULL));
	expect_ge(probe_calls(&above, "a").faults, 1);
	expect_eq(calls_of(&p, id).faults, 0);

	expect_eq(group_write("a", "cgroup.subtree_control", "+memory"), 0);
	expect_state("a/b", "inherited", "above", group_id("a"));
	policy_must_attach(&p, "a/b");
	work_some("a/b");
	expect_ge(calls_of(&p, id).faults, 1);
}

/* A socket that outlives the member that opened it. */
static void open_socket(void *arg)
{
	int *pipes = arg;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(9),
	};
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = control, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fd = must(socket(AF_INET, SOCK_DGRAM, 0));

	must(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	must(sendmsg(pipes[1], &msg, 0));
}

static int receive_socket(int from)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	must(recvmsg(from, &msg, 0));
	expect(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void open_socket_holds_nothing_up(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	int pipes[2], fd, link, epoll;
	uint64_t id;
	pid_t pid;

	group_make("a");
	id = group_id("a");
	link = policy_must_attach(&p, "a");
	epoll = watch(link);
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pipes));
	pid = group_spawn("a", open_socket, pipes);
	fd = receive_socket(pipes[0]);
	group_join(pid);

	group_remove("a");
	expect_hangup(epoll);
	expect_eq(calls_of(&p, id).exits, 1);
	/* It is the socket of the removed cgroup, and it is still open. */
	must(send(fd, "x", 1, 0));
}

static void inheriting_child_is_removed(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	int link;

	group_make("a/b");
	group_make("a/c");
	link = policy_must_attach(&p, "a");
	work_some("a/b");
	group_remove("a/b");
	usleep(200000);
	expect(!policy_link_is_hung_up(link));
	expect_eq(probe_calls(&p, "a").exits, 0);
	work_some("a/c");
	expect_state("a/c", "inherited", "p", group_id("a"));
}

static void stopped_policy_is_removed(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	uint64_t attached = swap_ext_number("nr_attached"), id;
	int link;

	group_make("a");
	id = group_id("a");
	p.control->action = PROBE_ERROR;
	link = policy_must_attach(&p, "a");
	work_some("a");
	expect_soon(SECONDS_TO_DETACH, !strcmp(group_state("a", "state"), "stopped"));
	group_remove("a");
	expect_soon(SECONDS_TO_DETACH, policy_link_is_hung_up(link));
	expect_eq(calls_of(&p, id).exits, 1);
	expect_eq(calls_of(&p, id).exit_kind, SWAP_EXT_EXIT_ERROR);
	expect_eq(swap_ext_number("nr_attached"), attached);
}

struct dying {
	struct region r;
	int go[2];
	int done[2];
};

/* Leave shared memory in swap that is charged to a cgroup about to go. */
static void fill_and_leave(void *arg)
{
	struct dying *d = arg;
	char byte;

	pages_out(&d->r, "a/dying");
	must(write(d->done[1], "d", 1));
	must(read(d->go[0], &byte, 1));
	pages_check(&d->r, 0, d->r.nr);
}

/*
 * Pages in swap whose cgroup is gone are read by a process of the cgroup above:
 * contents, and nothing that a plan naming them could upset.
 */
static void slots_outlive_their_cgroup(void)
{
	struct policy p = probe_load_ahead("p", 16);
	struct dying *d = mmap(NULL, sizeof(*d), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char text[16], byte;
	pid_t pid;

	expect(d != MAP_FAILED);
	group_make("a/dying");
	group_make("a/alive");
	policy_must_attach(&p, "a");
	/* Mapped here, filled there: region_fill() charges who touches first. */
	must(group_write("a/dying", "cgroup.procs", "0"));
	pages_make(&d->r, REGION_SHMEM, 256);
	must(group_write("/", "cgroup.procs", "0"));
	must(pipe(d->go));
	must(pipe(d->done));
	pid = group_spawn("a/dying", fill_and_leave, d);
	must(read(d->done[0], &byte, 1));
	snprintf(text, sizeof(text), "%d", pid);
	expect_eq(group_write("a/alive", "cgroup.procs", text), 0);
	must(rmdir(group_path("a/dying", NULL)));
	must(write(d->go[1], "g", 1));
	group_join(pid);
	expect_ge(group_stat("a/alive", "faults"), 1);
	expect_eq(group_stat("a", "faults"), probe_calls(&p, "a").faults);
	/* The last plans named pages behind the region, which nobody touched. */
	expect_soon(20, (group_write("a", "memory.reclaim", "64M"),
			 group_stat("a", "prefetched") == group_stat("a", "used") +
			 group_stat("a", "late") + group_stat("a", "unused")));
}

static void *remove_children(void *arg)
{
	char name[16];
	int i;

	(void)arg;
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "a/%d", i);
		rmdir(group_path(name, NULL));
		usleep(30000);
	}
	return NULL;
}

/* What removed children counted never leaves the sum, not even for a moment. */
static void counters_outlive_children(void)
{
	struct policy p = probe_load("p", SWAP_EXT_PF_NONE);
	uint64_t faults = 0, seen;
	pthread_t thread;
	char name[16];
	int i;

	group_make("a/stays");
	policy_must_attach(&p, "a");
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "a/%d", i);
		group_make(name);
		work_some(name);
		faults += group_stat(name, "faults");
	}
	expect_eq(group_stat("a", "faults"), faults);
	expect_eq(pthread_create(&thread, NULL, remove_children, NULL), 0);
	for (i = 0; i < 500; i++) {
		seen = group_stat("a", "faults");
		if (seen != faults)
			fail("%llu faults, then %llu, while children were removed",
			     (unsigned long long)faults, (unsigned long long)seen);
		usleep(2000);
	}
	pthread_join(thread, NULL);
	sleep(2);
	expect_eq(group_stat("a", "faults"), faults);
	expect_eq(probe_calls(&p, "a").faults, faults);
}

static const struct test_case cases[] = {
	{ "removal_detaches", removal_detaches },
	{ "whole_tree_goes_at_once", whole_tree_goes_at_once },
	{ "controller_is_taken_away", controller_is_taken_away },
	{ "open_socket_holds_nothing_up", open_socket_holds_nothing_up },
	{ "inheriting_child_is_removed", inheriting_child_is_removed },
	{ "stopped_policy_is_removed", stopped_policy_is_removed },
	{ "slots_outlive_their_cgroup", slots_outlive_their_cgroup },
	{ "counters_outlive_children", counters_outlive_children },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
