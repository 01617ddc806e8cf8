// SPDX-License-Identifier: GPL-2.0
/*
 * What user space can do through BPF: look which pages are in use, reclaim some before
 * there is need, write some ahead. The stock kernel must not find a page colder for it,
 * and no byte may be lost.
 */
#include "access.h"
#include "cases.h"
#include "group.h"
#include "policy.h"
#include "work.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NR	2000
#define SWAPPINESS_ALL	200

static struct policy programs;
static struct swap_ext_histogram hist;

static void load(void)
{
	int err;

	programs = policy_open("access", NULL);
	err = policy_load(&programs);
	if (err)
		fail("%s: %s", strerror(-err), policy_log());
}

static int64_t run(const char *name, struct access_args *args)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(programs.obj, name);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(*args));
	int err;

	expect(prog);
	args->ret = 1;
	err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
	if (err)
		fail("%s: %s", name, strerror(-err));
	return args->ret;
}

/* A scan counts into zeroed memory; what it found is in hist. */
static int64_t scan(const char *name, struct access_args args)
{
	int map = bpf_object__find_map_fd_by_name(programs.obj, "found");
	uint32_t zero = 0;
	int64_t ret;

	memset(&hist, 0, sizeof(hist));
	must(bpf_map_update_elem(map, &zero, &hist, BPF_ANY));
	ret = run(name, &args);
	must(bpf_map_lookup_elem(map, &zero, &hist));
	return ret;
}

static int64_t scan_group(const char *group)
{
	return scan("scan_memcg", (struct access_args) {
		.cgroup_id = group_id(group), .unit_s = 1 });
}

static uint64_t sum(const __u64 *pages, uint32_t first)
{
	uint64_t n = 0;

	for (; first < SWAP_EXT_AGES; first++)
		n += pages[first];
	return n;
}

/* A process with NR pages, that reads or writes some when it is told to. */
struct walker {
	const char *group;
	struct region r;
	enum region_map map;
	int tell[2], said[2];
	pid_t pid;
};

enum walk {
	READ_PAGES,
	REWRITE_PAGES,
};

struct order {
	enum walk what;
	uint32_t first, nr;
};

static void walk(void *arg)
{
	struct walker *w = arg;
	struct order o;
	uint32_t i;

	close(w->tell[1]);
	pages_make(&w->r, w->map, NR);
	must(write(w->said[1], "", 1));
	while (read(w->tell[0], &o, sizeof(o)) == sizeof(o)) {
		for (i = o.first; o.what == REWRITE_PAGES && i < o.first + o.nr; i++)
			page_rewrite(&w->r, i);
		pages_check(&w->r, o.first, o.nr);
		must(write(w->said[1], "", 1));
	}
}

/* Its order was carried out, all it saw was right. */
static void hear(struct walker *w)
{
	char c;

	if (read(w->said[0], &c, 1) != 1)
		fail("the process with the pages has ended");
}

static void start(struct walker *w, const char *group, enum region_map map)
{
	w->group = group;
	w->map = map;
	must(pipe2(w->tell, O_CLOEXEC));
	must(pipe2(w->said, O_CLOEXEC));
	w->pid = group_spawn(w->group, walk, w);
	close(w->tell[0]);
	close(w->said[1]);
	hear(w);
}

static void tell(struct walker *w, enum walk what, uint32_t first, uint32_t nr)
{
	struct order o = { what, first, nr };

	must(write(w->tell[1], &o, sizeof(o)));
	hear(w);
}

static void stop(struct walker *w)
{
	close(w->tell[1]);
	group_join(w->pid);
}

static void uses_are_seen(enum region_map map)
{
	struct walker w;
	int64_t nr;

	load();
	group_make("a");
	start(&w, "a", map);
	nr = scan_group("a");
	expect_ge(nr, NR);
	expect_ge(hist.used[0], NR);
	expect_eq(sum(hist.idle, 0) + sum(hist.used, 0), (uint64_t)nr);

	scan_group("a");
	expect_ge(sum(hist.idle, 0), NR);
	expect_le(sum(hist.used, 0), 100);

	tell(&w, READ_PAGES, 0, NR / 4);
	scan_group("a");
	expect_ge(sum(hist.used, 0), NR / 4);
	expect_le(sum(hist.used, 0), NR / 4 + 100);
	expect_ge(sum(hist.idle, 0), NR * 3 / 4);

	sleep(4);
	tell(&w, READ_PAGES, 0, NR / 4);
	scan_group("a");
	expect_ge(sum(hist.used, 3), NR / 4);
	expect_ge(sum(hist.idle, 3), NR * 3 / 4);
	stop(&w);
}

static void uses_of_anonymous_memory(void)
{
	uses_are_seen(REGION_ANON);
}

static void uses_of_shared_memory(void)
{
	uses_are_seen(REGION_SHMEM);
}

static void ranges_end_where_they_should(void)
{
	struct access_args args = { .unit_s = 1, .pid = getpid() };
	struct region r;

	load();
	pages_make(&r, REGION_ANON, NR);
	args.start = (uintptr_t)r.mem + 100 * PAGE_BYTES;
	args.end = args.start + 200 * PAGE_BYTES;
	expect_eq(scan("scan_task", args), 200);
	expect_eq(hist.used[0], 200);
	pages_check(&r, 0, 200);
	expect_eq(scan("scan_task", args), 200);
	expect_eq(sum(hist.used, 0), 100);
	args.end = args.start;
	expect_eq(scan("scan_task", args), 0);
	args.start = 0;
	args.end = UINT64_MAX;
	expect_ge(scan("scan_task", args), NR);
	region_unmap(&r);
}

/* What is freed leaves no age behind to whoever has its memory next. */
static void new_pages_are_new(void)
{
	struct walker w;

	load();
	group_make("a");
	start(&w, "a", REGION_ANON);
	scan_group("a");
	stop(&w);
	sleep(3);
	start(&w, "a", REGION_ANON);
	scan_group("a");
	expect_ge(hist.used[0], NR);
	expect_le(sum(hist.used, 2), 100);
	stop(&w);
}

/* Of @nr pages from @first on, those that are in memory. */
static uint32_t count_resident(pid_t pid, const struct region *r, uint32_t first,
			       uint32_t nr)
{
	uint64_t words[NR];
	uint32_t i, n = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = must(open(path, O_RDONLY | O_CLOEXEC));
	expect_eq(pread(fd, words, nr * sizeof(*words),
			((uintptr_t)r->mem / PAGE_BYTES + first) * sizeof(*words)),
		  (ssize_t)(nr * sizeof(*words)));
	close(fd);
	for (i = 0; i < nr; i++)
		n += words[i] >> 63;
	return n;
}

/* The stock kernel does not flush what a CPU remembers of a page that it finds in use. */
static void forget_translations(const struct region *r)
{
	size_t size = (size_t)r->nr * PAGE_BYTES;

	must(mprotect(r->mem, size, PROT_READ));
	must(mprotect(r->mem, size, PROT_READ | PROT_WRITE));
}

/* A page that a scan found in use is no colder to the stock kernel. */
static void stock_kernel_sees_uses(void)
{
	uint32_t used, idle;
	struct region r;

	load();
	group_make("a");
	must(group_write("a", "cgroup.procs", "0"));
	pages_make(&r, REGION_ANON, NR);
	/* Of which it asks all whether they were used: the use that filled them is forgotten. */
	group_write("a", "memory.reclaim", "1M");
	forget_translations(&r);
	pages_check(&r, 0, NR / 2);
	scan_group("a");
	/* The scan has wiped out what tells them apart. */
	group_write("a", "memory.reclaim", "2M");
	used = count_resident(getpid(), &r, 0, NR / 2);
	idle = count_resident(getpid(), &r, NR / 2, NR / 2);
	printf("# of %u pages each: %u used and %u idle ones stayed\n", NR / 2, used, idle);
	expect_ge(used, idle + NR / 8);
	pages_check(&r, 0, NR);
	must(group_write("/", "cgroup.procs", "0"));
	region_unmap(&r);
}

static void reclaim_before_need(void)
{
	struct access_args args = { .nr_pages = NR / 2, .swappiness = SWAPPINESS_ALL };
	struct walker w;
	int64_t freed = 0;
	int i;

	load();
	group_make("a/b");
	start(&w, "a/b", REGION_ANON);
	args.cgroup_id = group_id("a");
	for (i = 0; i < 50 && freed < NR / 2; i++) {
		int64_t ret = run("reclaim_memcg", &args);

		expect_ge(ret, 0);
		freed += ret;
	}
	expect_ge(freed, NR / 2);
	expect_ge(strtoull(group_read("a", "memory.swap.current"), NULL, 10),
		  (NR / 2 - 100) * PAGE_BYTES);
	tell(&w, READ_PAGES, 0, NR);
	args.swappiness = SWAP_EXT_SWAPPINESS_DEFAULT;
	args.nr_pages = UINT64_MAX;
	expect_ge(run("reclaim_memcg", &args), 0);
	tell(&w, READ_PAGES, 0, NR);
	stop(&w);
}

/* What the kernel says of a page of this process: where it is. */
static uint64_t pagemap_word(const struct region *r, uint32_t page)
{
	int fd = must(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	uint64_t v;

	expect_eq(pread(fd, &v, sizeof(v),
			((uintptr_t)r->mem / PAGE_BYTES + page) * sizeof(v)),
		  (ssize_t)sizeof(v));
	close(fd);
	return v & ((1ULL << 55) - 1);
}

/* The handle of a page of this process. */
static uint64_t page_handle(const struct region *r, uint32_t page)
{
	return pagemap_word(r, page);
}

/* The slot of a page of this process that is not there; on the only device. */
static uint64_t page_entry(const struct region *r, uint32_t page)
{
	return pagemap_word(r, page) >> 5;
}

static int64_t clean(const char *group, uint64_t page)
{
	struct access_args args = { .cgroup_id = group_id(group), .page = page };

	return run("clean_page", &args);
}

/* Clean them all: how many were? */
static uint32_t clean_region(const struct region *r)
{
	uint32_t i, nr = 0;

	for (i = 0; i < r->nr; i++)
		nr += !clean("a", page_handle(r, i));
	return nr;
}

static void rewrite(struct region *r, uint32_t first, uint32_t nr)
{
	for (; nr; nr--, first++)
		page_rewrite(r, first);
}

/* In group "a" from here on, with @nr pages of its own. */
static void join_with_pages(struct region *r, uint32_t nr)
{
	load();
	group_make("a");
	must(group_write("a", "cgroup.procs", "0"));
	pages_make(r, REGION_ANON, nr);
}

static void leave_with_pages(struct region *r)
{
	must(group_write("/", "cgroup.procs", "0"));
	region_unmap(r);
}

static void clean_pages_go_without_a_write(void)
{
	uint64_t before, during, after;
	struct region r;

	join_with_pages(&r, NR);
	before = machine_stat("pswpout");
	expect_ge(clean_region(&r), NR - 50);
	expect_eq(region_count_resident(&r), NR);
	during = machine_stat("pswpout") - before;
	expect_ge(during, NR - 50);
	pages_out(&r, "a");
	after = machine_stat("pswpout") - before - during;
	expect_le(after, 100);
	pages_check(&r, 0, NR);

	/* What is written to afterwards is written again. */
	clean_region(&r);
	rewrite(&r, 0, NR / 2);
	before = machine_stat("pswpout");
	pages_out(&r, "a");
	expect_ge(machine_stat("pswpout") - before, NR / 2);
	pages_check(&r, 0, NR);
	leave_with_pages(&r);
}

struct writer {
	struct region *r;
	uint32_t first, nr;
	volatile bool stop;
	uint64_t times;
};

static void *write_all_the_time(void *arg)
{
	struct writer *w = arg;

	while (!w->stop) {
		rewrite(w->r, w->first, w->nr);
		w->times++;
	}
	return NULL;
}

/* Pages that change while they are written ahead, and while they go. */
static void nothing_is_lost_to_writers(void)
{
	struct writer w = { 0 };
	pthread_t thread;
	struct region r;
	int i;

	join_with_pages(&r, 256);
	w.r = &r;
	w.nr = 128;
	expect_eq(pthread_create(&thread, NULL, write_all_the_time, &w), 0);
	for (i = 0; i < 12; i++) {
		clean_region(&r);
		group_write("a", "memory.reclaim", "512K");
	}
	w.stop = true;
	pthread_join(thread, NULL);
	expect_ge(w.times, 2);
	pages_check(&r, 0, 256);
	clean_region(&r);
	pages_out(&r, "a");
	pages_check(&r, 0, 256);
	leave_with_pages(&r);
}

static void pages_that_cannot_be_cleaned(void)
{
	struct access_args args = { .cgroup_id = 1, .page = 1 };
	struct region r;
	uint64_t page;

	join_with_pages(&r, 64);
	group_make("b");
	page = page_handle(&r, 0);
	expect_eq(clean("b", page), -ESTALE);
	expect_eq(clean("a", 0), -ESTALE);
	expect_eq(clean("a", UINT64_MAX), -ESTALE);
	expect_eq(clean("a", UINT64_MAX >> 12), -ESTALE);
	/* The root: its pages are nobody's. */
	expect_eq(run("clean_page", &args), -ENODEV);
	/* Secrets are locked so as not to be on any disk. */
	must(mlock(r.mem, PAGE_BYTES));
	expect_eq(clean("a", page), -EOPNOTSUPP);
	must(munlock(r.mem, PAGE_BYTES));
	expect_eq(clean("a", page), 0);
	expect_eq(region_count_resident(&r), 64);
	leave_with_pages(&r);
}

static int64_t idle_s(uint64_t page)
{
	struct access_args args = { .page = page };

	return run("page_idle", &args);
}

static int64_t where(uint64_t entry)
{
	struct access_args args = { .entry = entry };

	return run("entry_where", &args);
}

/* Whoever takes the pages that go. */
static int64_t who_takes_pages(void)
{
	FILE *f = fopen("/sys/kernel/mm/frontswap/dram/id", "re");
	int id;

	if (!f)
		return SWAP_EXT_B_DEVICE;
	expect_eq(fscanf(f, "%d", &id), 1);
	fclose(f);
	return SWAP_EXT_B_BACKEND(id);
}

/* By handle and by slot, whatever is behind them. */
static void what_is_known_of_a_page(void)
{
	uint64_t page, entry;
	struct region r;

	join_with_pages(&r, 64);
	page = page_handle(&r, 7);
	expect_eq(idle_s(page), -ENOENT);
	scan_group("a");
	sleep(2);
	expect_ge(idle_s(page), 2);
	expect_le(idle_s(page), 60);
	expect_eq(idle_s(0), -ESTALE);
	expect_eq(idle_s(UINT64_MAX), -ESTALE);

	pages_out(&r, "a");
	entry = page_entry(&r, 7);
	expect_eq(where(entry), who_takes_pages());
	expect_eq(where(0), 0);
	expect_eq(where(UINT64_MAX), 0);
	/* Beyond the device, and of a device that is not there. */
	expect_eq(where(1ULL << 40), 0);
	expect_eq(where(1ULL << 58 | entry), 0);
	pages_check(&r, 0, 64);
	leave_with_pages(&r);
	expect_eq(where(entry), 0);
}

static void bad_arguments(void)
{
	struct access_args args = { .unit_s = 1 };

	load();
	group_make("a");
	args.cgroup_id = 1;
	expect_eq(run("scan_memcg", &args), -ENODEV);
	expect_eq(run("reclaim_memcg", &args), -ENODEV);
	args.cgroup_id = UINT64_MAX;
	expect_eq(run("scan_memcg", &args), -ENOENT);
	expect_eq(run("clean_page", &args), -ENOENT);
	args.cgroup_id = group_id("a");
	expect_eq(run("scan_memcg", &args), 0);
	args.unit_s = 0;
	expect_eq(run("scan_memcg", &args), -EINVAL);
	args.pid = getpid();
	expect_eq(run("scan_task", &args), -EINVAL);
	args.swappiness = 201;
	expect_eq(run("reclaim_memcg", &args), -EINVAL);
}

/* Attach and detach of all struct_ops wait for init(): nothing there may take its time. */
static void not_from_init(void)
{
	struct policy p = policy_open("eager", NULL);

	group_make("a");
	must(policy_load(&p));
	expect_eq(policy_attach(&p, "a"), -EDEADLK);
}

/* Printed only; with --icount (tests/vm/boot) a nanosecond is an instruction. */
static void cost_of_a_scan(void)
{
	const uint32_t nr = 32768;
	struct access_args args = { .unit_s = 1 };
	uint64_t start, used_ns, idle_ns;
	uint32_t i;
	char *mem;

	load();
	group_make("a");
	args.cgroup_id = group_id("a");
	must(group_write("a", "cgroup.procs", "0"));
	mem = mmap(NULL, nr * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	expect(mem != MAP_FAILED);
	must(madvise(mem, nr * PAGE_BYTES, MADV_NOHUGEPAGE));
	for (i = 0; i < nr; i++)
		mem[i * PAGE_BYTES] = 1;
	/* The first sees pages that are new. */
	expect_ge(run("scan_memcg", &args), nr);
	for (i = 0; i < nr; i++)
		mem[i * PAGE_BYTES]++;
	start = now_ns();
	expect_ge(run("scan_memcg", &args), nr);
	used_ns = now_ns() - start;
	start = now_ns();
	expect_ge(run("scan_memcg", &args), nr);
	idle_ns = now_ns() - start;
	printf("# a page that was used takes %.0f ns, one that was not %.0f ns\n",
	       (double)used_ns / nr, (double)idle_ns / nr);
	must(group_write("/", "cgroup.procs", "0"));
}

static const struct test_case cases[] = {
	{ "uses_of_anonymous_memory", uses_of_anonymous_memory },
	{ "uses_of_shared_memory", uses_of_shared_memory },
	{ "ranges_end_where_they_should", ranges_end_where_they_should },
	{ "new_pages_are_new", new_pages_are_new },
	{ "stock_kernel_sees_uses", stock_kernel_sees_uses },
	{ "reclaim_before_need", reclaim_before_need },
	{ "clean_pages_go_without_a_write", clean_pages_go_without_a_write },
	{ "nothing_is_lost_to_writers", nothing_is_lost_to_writers },
	{ "pages_that_cannot_be_cleaned", pages_that_cannot_be_cleaned },
	{ "what_is_known_of_a_page", what_is_known_of_a_page },
	{ "bad_arguments", bad_arguments },
	{ "not_from_init", not_from_init },
	{ "cost_of_a_scan", cost_of_a_scan },
};

int main(int argc, char **argv)
{
	return RUN_CASES(cases, argc, argv);
}
