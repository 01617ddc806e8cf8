// SPDX-License-Identifier: GPL-2.0
/*
 * What a policy is told of a fault: where, whose, which slot, what kind. Argument
 * "sync" in $SWAP_DEVICE says that the swap device reads inline.
 */
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_PAGES	64

static struct policy policy;
static struct region pages;

static unsigned int device_flags(void)
{
	const char *device = getenv("SWAP_DEVICE");

	return device && !strcmp(device, "sync") ? SWAP_EXT_F_SYNC_IO : 0;
}

static void enter_scene(enum region_map map)
{
	group_make("a/self");
	policy = probe_load_ahead("p", 2);
	policy_must_attach(&policy, "a");
	expect_eq(group_write("a/self", "cgroup.procs", "0"), 0);
	pages_make(&pages, map, NR_PAGES);
	pages_out(&pages, "a/self");
}

static struct swap_ext_fault last_fault(void)
{
	return probe_calls(&policy, "a").last;
}

static uint64_t address_of(uint32_t page)
{
	return (uintptr_t)(pages.mem + (size_t)page * PAGE_WORDS);
}

/* It was the fault on @page, in this process, in this mapping. */
static void expect_place(const struct swap_ext_fault *f, uint32_t page, uint64_t pgoff)
{
	expect_eq(f->addr, address_of(page));
	expect_eq(f->pgoff, pgoff);
	expect_eq(f->vm_start, address_of(0));
	expect_eq(f->vm_end, address_of(NR_PAGES));
	expect_eq(f->tgid, getpid());
	expect_eq(f->cgroup_id, group_id("a"));
}

static void miss_and_hit(void)
{
	struct swap_ext_fault f;
	uint64_t entry;

	enter_scene(REGION_ANON);
	expect_eq(group_write("", "/proc/sys/vm/page-cluster", "5"), 0);
	entry = pages_entry(&pages, 10);
	pages_check(&pages, 10, 1);
	f = last_fault();
	expect_place(&f, 10, address_of(10) / PAGE_BYTES);
	expect_eq(f.entry, entry);
	expect_eq(f.flags, device_flags());
	expect_eq(f.page_cluster, 5);
	expect_eq(group_write("", "/proc/sys/vm/page-cluster", "3"), 0);

	usleep(100000);
	entry = pages_entry(&pages, 11);
	pages_check(&pages, 11, 1);
	f = last_fault();
	expect_place(&f, 11, address_of(11) / PAGE_BYTES);
	expect_eq(f.entry, entry);
	expect_eq(f.flags, device_flags() | SWAP_EXT_F_HIT | SWAP_EXT_F_PREFETCHED);
}

/* An address inside a page is told as that of the page. */
static void write_in_the_middle(void)
{
	struct swap_ext_fault f;
	uint64_t word;

	enter_scene(REGION_ANON);
	word = page_word(&pages, 20, 100);
	*(volatile uint64_t *)&pages.mem[20 * PAGE_WORDS + 100] = word;
	f = last_fault();
	expect_place(&f, 20, address_of(20) / PAGE_BYTES);
	expect_eq(f.flags, device_flags() | SWAP_EXT_F_WRITE);
	pages_check(&pages, 20, 1);
}

static void shared_memory(void)
{
	struct swap_ext_fault f;
	uint64_t word;

	enter_scene(REGION_SHMEM);
	policy.control->target[0].kind = PROBE_PGOFF_REL;
	pages_check(&pages, 10, 1);
	f = last_fault();
	expect_place(&f, 10, 10);
	expect_eq(f.flags, device_flags() | SWAP_EXT_F_SHMEM);
	usleep(100000);
	pages_check(&pages, 11, 1);
	f = last_fault();
	expect_place(&f, 11, 11);
	expect_eq(f.flags, device_flags() | SWAP_EXT_F_SHMEM | SWAP_EXT_F_HIT |
			   SWAP_EXT_F_PREFETCHED);

	/* By read(2) there is a file offset and no address. */
	expect_eq(pread(pages.fd, &word, 8, 30 * PAGE_BYTES), 8);
	expect_eq(word, page_word(&pages, 30, 0));
	f = last_fault();
	expect_eq(f.addr, 0);
	expect_eq(f.vm_start, 0);
	expect_eq(f.vm_end, 0);
	expect_eq(f.pgoff, 30);
	expect_eq(f.tgid, getpid());
	expect_eq(f.flags, device_flags() | SWAP_EXT_F_SHMEM);
}

/* Somebody else reads our memory: their fault, our cgroup's policy. */
static void on_behalf_of_another(void)
{
	struct swap_ext_fault f;
	uint64_t word = 0;
	pid_t pid, self = getpid();

	enter_scene(REGION_ANON);
	group_make("other");
	pid = must(fork());
	if (!pid) {
		char path[32];
		int fd;

		expect_eq(group_write("other", "cgroup.procs", "0"), 0);
		snprintf(path, sizeof(path), "/proc/%d/mem", self);
		fd = must(open(path, O_RDONLY));
		expect_eq(must(pread(fd, &word, 8, address_of(40))), 8);
		expect_eq(word, page_word(&pages, 40, 0));
		_exit(0);
	}
	group_join(pid);
	f = last_fault();
	expect_place(&f, 40, address_of(40) / PAGE_BYTES);
	expect_eq(f.flags, device_flags() | SWAP_EXT_F_REMOTE);
	expect_ge(group_stat("a", "prefetched"), 1);
	expect_eq(group_stat("other", "faults"), 0);
}

/* A page that parent and child share in swap goes through the swap cache always. */
static void shared_by_fork(void)
{
	struct swap_ext_fault f;
	pid_t pid;

	enter_scene(REGION_ANON);
	pid = must(fork());
	if (!pid)
		pause();
	pages_check(&pages, 10, 1);
	f = last_fault();
	expect_place(&f, 10, address_of(10) / PAGE_BYTES);
	/* The device is what it is, whichever way the page came. */
	expect_eq(f.flags, device_flags());
	pages_check(&pages, 0, NR_PAGES);
}

static const struct test_case cases[] = {
	{ "miss_and_hit", miss_and_hit },
	{ "write_in_the_middle", write_in_the_middle },
	{ "shared_memory", shared_memory },
	{ "on_behalf_of_another", on_behalf_of_another },
	{ "shared_by_fork", shared_by_fork },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
