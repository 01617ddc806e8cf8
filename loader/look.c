// SPDX-License-Identifier: GPL-2.0
/* Looking a page up: Documentation/admin-guide/mm/pagemap.rst of the kernel. */
#include "look.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "embed.h"
#include "look_args.h"
#include "util.h"

EMBED(look_object, SWX_OBJECTS "/look.bpf.o");

/* Words of /proc/PID/pagemap. */
#define PM_PFN		((1ULL << 55) - 1)
#define PM_SWAP		(1ULL << 62)
#define PM_PRESENT	(1ULL << 63)
#define PM_SWAP_TYPE_BITS 5

/* How the kernel makes a number of device and slot (include/linux/swapops.h). */
#define ENTRY_TYPE_SHIFT 58

static const struct {
	unsigned int bit;	/* of /proc/kpageflags */
	unsigned int flag;
} known_flags[] = {
	{ KPF_LRU, PAGE_ON_LIST },
	{ KPF_ACTIVE, PAGE_ACTIVE },
	{ KPF_REFERENCED, PAGE_REFERENCED },
	{ KPF_DIRTY, PAGE_DIRTY },
	{ KPF_WRITEBACK, PAGE_WRITEBACK },
	{ KPF_UNEVICTABLE, PAGE_UNEVICTABLE },
	{ KPF_SWAPCACHE, PAGE_SWAPCACHE },
	{ KPF_SWAPBACKED, PAGE_SWAPBACKED },
	{ KPF_COMPOUND_HEAD, PAGE_LARGE },
	{ KPF_COMPOUND_TAIL, PAGE_LARGE },
};

static int read_word(const char *path, __u64 index, __u64 *word, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, word, sizeof(*word), index * sizeof(*word));
	int errnum = n < 0 ? errno : EIO;

	if (fd >= 0)
		close(fd);
	if (n == sizeof(*word))
		return 0;
	if (errnum == EPERM || errnum == EACCES) {
		errnum = err_set(err, ERR_PERMISSION, path, "no permission to read %s", path);
		err_hint(err, "run as root");
		return errnum;
	}
	return err_set(err, ERR_FAILED, path, "%s: %s", path, strerror(errnum));
}

/**
 * struct mapping - what an address lies in
 * @start: its first.
 * @end: behind its last.
 * @offset: in the file, of @start.
 */
struct mapping {
	unsigned long long start, end, offset;
};

/* Also keeps what stands behind the addresses, as @text. */
static bool parse_mapping(const char *line, __u64 addr, struct mapping *m, char *text, size_t size)
{
	int at = 0;

	if (sscanf(line, "%llx-%llx %n%*s %llx", &m->start, &m->end, &at, &m->offset) < 3 || !at ||
	    addr < m->start || addr >= m->end)
		return false;
	snprintf(text, size, "%llx-%llx %.4s", m->start, m->end, line + at);
	/* Behind offset, device and inode: a file or a name, if there is one. */
	line = strpbrk(line + at, "/[");
	if (line)
		snprintf(text + strlen(text), size - strlen(text), " %.*s",
			 (int)strcspn(line, "\n"), line);
	return true;
}

static int find_mapping(pid_t pid, __u64 addr, struct mapping *m, struct page_look *look,
			struct err *err)
{
	char path[64], *line = NULL, object[32];
	bool found = false;
	size_t size = 0;
	FILE *f;
	int ret;

	snprintf(object, sizeof(object), "%d", pid);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	if (!f && (errno == ENOENT || errno == ESRCH))
		return err_set(err, ERR_FAILED, object, "there is no process %d", pid);
	if (!f)
		return err_set(err, ERR_PERMISSION, path, "%s: %s", path, strerror(errno));
	while (!found && getline(&line, &size, f) > 0)
		found = parse_mapping(line, addr, m, look->mapping, sizeof(look->mapping));
	free(line);
	fclose(f);
	if (found)
		return 0;
	ret = err_set(err, ERR_FAILED, object, "process %d has nothing at 0x%llx", pid,
		      (unsigned long long)addr);
	err_hint(err, "what it has: /proc/%d/maps", pid);
	return ret;
}

static int read_flags(struct page_look *look, struct err *err)
{
	__u64 flags;
	size_t i;
	int ret;

	ret = read_word("/proc/kpageflags", look->page, &flags, err);
	ret = ret ?: read_word("/proc/kpagecgroup", look->page, &look->cgroup_id, err);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(known_flags); i++)
		if (flags & 1ULL << known_flags[i].bit)
			look->flags |= known_flags[i].flag;
	return 0;
}

/* What only the kernel's own functions tell. */
static int ask_kernel(struct look_args *args, struct err *err)
{
	const struct embedded object = {
		.verb = "explain", .object = look_object, .end = look_object_end,
		.lacks = "does not say who has the page of a swap slot",
		.needs = "bpf_swap_entry_where()",
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(*args));
	struct bpf_object *obj;
	int ret;

	ret = embedded_open(&object, &obj, err);
	if (ret)
		return ret;
	ret = embedded_load(&object, obj, err);
	if (!ret && bpf_prog_test_run_opts(bpf_program__fd(
			bpf_object__find_program_by_name(obj, "look")), &opts))
		ret = err_set(err, ERR_FAILED, "explain", "the kernel does not answer: %s",
			      strerror(errno));
	bpf_object__close(obj);
	return ret;
}

static void set_slot(struct page_look *look, __u64 entry)
{
	look->place = PAGE_IN_SWAP;
	look->device = entry >> ENTRY_TYPE_SHIFT;
	look->slot = entry & ((1ULL << ENTRY_TYPE_SHIFT) - 1);
}

static int look_in_memory(struct page_look *look, const char *path, struct err *err)
{
	struct look_args args = { .page = look->page, .fd = -1 };
	int ret;

	/* The kernel says 0 to whoever may not know. */
	if (!look->page) {
		ret = err_set(err, ERR_PERMISSION, path, "no permission to look up pages");
		err_hint(err, "run as root");
		return ret;
	}
	ret = read_flags(look, err);
	ret = ret ?: ask_kernel(&args, err);
	look->idle_s = args.idle_s;
	return ret;
}

static int look_in_swap(struct page_look *look, __u64 word, struct err *err)
{
	struct look_args args = {
		.entry = (word & ((1 << PM_SWAP_TYPE_BITS) - 1)) << ENTRY_TYPE_SHIFT |
			 (word & PM_PFN) >> PM_SWAP_TYPE_BITS,
		.fd = -1,
	};
	int ret = ask_kernel(&args, err);

	set_slot(look, args.entry);
	look->where = args.where;
	return ret;
}

/* What is mapped, if that is shared memory. It is not opened: it might be a device. */
static int open_shared(pid_t pid, const struct mapping *m)
{
	struct statfs fs;
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", pid, m->start, m->end);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || (!fstatfs(fd, &fs) && fs.f_type == TMPFS_MAGIC))
		return fd;
	close(fd);
	return -1;
}

/* The page tables have nothing: of shared memory, that is no answer. */
static int look_in_shared(pid_t pid, __u64 addr, const struct mapping *m, struct page_look *look,
			  struct err *err)
{
	struct look_args args = {
		.index = (m->offset + addr - m->start) / sysconf(_SC_PAGESIZE),
		.fd = open_shared(pid, m),
	};
	int ret;

	if (args.fd < 0)
		return 0;
	look->is_shared = true;
	ret = ask_kernel(&args, err);
	close(args.fd);
	if (args.shared == SHARED_IN_SWAP) {
		set_slot(look, args.entry);
		look->where = args.where;
	} else if (args.shared == SHARED_IN_MEMORY) {
		look->place = PAGE_UNMAPPED;
	}
	return ret;
}

int page_look(pid_t pid, __u64 addr, struct page_look *look, struct err *err)
{
	struct mapping mapping;
	char path[64];
	__u64 word;
	int ret;

	memset(look, 0, sizeof(*look));
	ret = find_mapping(pid, addr, &mapping, look, err);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	ret = read_word(path, addr / sysconf(_SC_PAGESIZE), &word, err);
	if (ret)
		return ret;
	if (word & PM_PRESENT) {
		look->place = PAGE_IN_MEMORY;
		look->page = word & PM_PFN;
		return look_in_memory(look, path, err);
	}
	if (word & PM_SWAP)
		return look_in_swap(look, word, err);
	return look_in_shared(pid, addr, &mapping, look, err);
}
