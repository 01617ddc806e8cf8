// SPDX-License-Identifier: GPL-2.0
/* Swapping that a case can count. */
#include "work.h"
#include "cases.h"
#include "cgroup.h"
#include "group.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS	32

/* /proc/PID/pagemap: a swapped page's type in bits 0-4, offset in 5-54. */
#define PAGEMAP_SWAPPED		(1ULL << 62)
#define PAGEMAP_TYPE(v)		((v) & 0x1f)
#define PAGEMAP_OFFSET(v)	((v) >> 5 & ((1ULL << 50) - 1))

static void __attribute__((noreturn)) exec_work(const char *group, const char *args)
{
	char text[512], *argv[MAX_ARGS] = { NULL }, *rest = text;
	int n = 0;

	snprintf(text, sizeof(text), "swapwork --cgroup %s %s",
		 group_path(group, NULL), args);
	while (n < MAX_ARGS - 1 && (argv[n] = strsep(&rest, " ")))
		n += *argv[n] != '\0';
	argv[n] = NULL;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(argv[0], argv);
	fail("cannot run swapwork: %s", strerror(errno));
}

static pid_t start_with(const char *group, const char *args, int out)
{
	pid_t pid;

	fflush(stdout);
	pid = must(fork());
	if (pid)
		return pid;
	must(dup2(out, STDOUT_FILENO));
	exec_work(group, args);
}

pid_t work_start(const char *group, const char *args)
{
	int null = must(open("/dev/null", O_WRONLY | O_CLOEXEC));
	pid_t pid = start_with(group, args, null);

	close(null);
	return pid;
}

const char *work_run(const char *group, const char *args)
{
	static char json[32 << 10];
	ssize_t len, all = 0;
	int pipes[2];
	pid_t pid;

	must(pipe2(pipes, O_CLOEXEC));
	pid = start_with(group, args, pipes[1]);
	close(pipes[1]);
	while (all < (ssize_t)sizeof(json) - 1 &&
	       (len = read(pipes[0], json + all, sizeof(json) - 1 - all)) > 0)
		all += len;
	json[all] = '\0';
	close(pipes[0]);
	group_join(pid);
	return json;
}

void work_some(const char *group)
{
	const char *json = work_run(group, "--size 1 --check full");

	if (!work_number(json, "pswpin"))
		fail("swapwork swapped nothing in: %s", json);
}

uint64_t work_number(const char *json, const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	at = strstr(json, quoted);
	if (!at)
		fail("swapwork says nothing of %s: %s", key, json);
	return strtoull(at + strlen(quoted), NULL, 10);
}

void pages_make(struct region *r, enum region_map map, uint32_t nr)
{
	uint32_t *order = calloc(nr, sizeof(*order));
	static bool is_locked;
	uint32_t i;
	int err;

	expect(order);
	for (i = 0; i < nr; i++)
		order[i] = i;
	/* Pages of the program itself would blur every count. */
	if (!is_locked)
		must(mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
	is_locked = true;
	err = region_map(r, map, nr, false, 1);
	if (err)
		fail("cannot map %u pages: %s", nr, strerror(-err));
	must(munlock(r->mem, (size_t)nr * PAGE_BYTES));
	region_fill(r, order);
	free(order);
}

void pages_out(struct region *r, const char *group)
{
	int err = region_pageout(r, NULL), i;

	if (err)
		fail("cannot page out: %s", strerror(-err));
	/* Until the last write has ended: a CPU of a busy host may stand still for a while. */
	for (i = 0; i < 500 && region_count_resident(r); i++) {
		cgroup_reclaim(group_path(group, NULL), 2ULL * r->nr * PAGE_BYTES);
		usleep(i < 20 ? 0 : 20000);
	}
	if (region_count_resident(r))
		fail("%ld of %u pages will not leave", region_count_resident(r), r->nr);
}

void pages_check(const struct region *r, uint32_t first, uint32_t nr)
{
	uint32_t i;

	for (i = first; i < first + nr; i++)
		if (page_check(r, i, r->mem + (size_t)i * PAGE_WORDS, 0, PAGE_WORDS))
			fail("page %u has wrong contents", i);
}

uint64_t pages_entry(const struct region *r, uint32_t page)
{
	uintptr_t addr = (uintptr_t)(r->mem + (size_t)page * PAGE_WORDS);
	int fd = must(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	uint64_t v;

	if (pread(fd, &v, sizeof(v), addr / PAGE_BYTES * 8) != sizeof(v))
		fail("cannot read /proc/self/pagemap");
	close(fd);
	if (!(v & PAGEMAP_SWAPPED))
		return 0;
	return PAGEMAP_TYPE(v) << 58 | PAGEMAP_OFFSET(v);
}
