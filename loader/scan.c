// SPDX-License-Identifier: GPL-2.0
/* Loading and running scan.bpf.c. */
#include "scan.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libbpf_log.h"
#include "scan_args.h"

/* A binary that is copied somewhere has it with it. */
__asm__(".section .rodata\n"
	".balign 8\n"
	"scan_object: .incbin \"" SWX_SCAN_OBJECT "\"\n"
	"scan_object_end: .byte 0\n"
	".previous\n");
extern const char scan_object[], scan_object_end[];

struct scan {
	struct bpf_object	*obj;
	int			prog_fd;
	int			map_fd;
};

static int explain_load_failure(int errnum, const struct libbpf_log *log, struct err *err)
{
	int ret;

	if (errnum == EPERM || errnum == EACCES) {
		ret = err_set(err, ERR_PERMISSION, "ages", "no permission to load BPF");
		err_hint(err, "run as root, or with CAP_BPF and CAP_PERFMON");
		return ret;
	}
	ret = err_set(err, ERR_NO_SWAP_EXT, "ages",
		      "this kernel does not say which pages are in use: %s",
		      log->first[0] ? log->first : strerror(errnum));
	err_hint(err, "it takes a kernel with bpf_swap_scan_memcg(): build one with 'make kernel'");
	return ret;
}

int scan_open(struct scan **scan, struct err *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "swxctl_ages");
	struct scan *s = calloc(1, sizeof(*s));
	struct libbpf_log log = { 0 };
	int ret;

	if (!s)
		return err_no_memory(err);
	libbpf_log_to(&log);
	s->obj = bpf_object__open_mem(scan_object, scan_object_end - scan_object, &opts);
	ret = s->obj ? bpf_object__load(s->obj) : -errno;
	libbpf_log_to(NULL);
	if (ret) {
		ret = explain_load_failure(-ret, &log, err);
		scan_close(s);
		return ret;
	}
	s->prog_fd = bpf_program__fd(bpf_object__find_program_by_name(s->obj, "scan_memcg"));
	s->map_fd = bpf_object__find_map_fd_by_name(s->obj, "found");
	*scan = s;
	return 0;
}

int scan_run(struct scan *scan, const struct cgroup *cg, __u32 unit_s,
	     struct swap_ext_histogram *h, struct err *err)
{
	struct scan_args args = { .cgroup_id = cg->id, .unit_s = unit_s };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &args, .ctx_size_in = sizeof(args));
	__u32 zero = 0;
	int ret;

	/* The kernel adds to what is there. */
	memset(h, 0, sizeof(*h));
	ret = bpf_map_update_elem(scan->map_fd, &zero, h, BPF_ANY);
	ret = ret ?: bpf_prog_test_run_opts(scan->prog_fd, &opts);
	if (!ret && args.ret < 0)
		ret = args.ret;
	ret = ret ?: bpf_map_lookup_elem(scan->map_fd, &zero, h);
	if (ret == -ENOENT)
		return err_set(err, ERR_NO_CGROUP, cg->path, "%s is gone", cg->path);
	if (ret)
		return err_set(err, ERR_FAILED, cg->path, "%s cannot be scanned: %s", cg->path,
			       strerror(-ret));
	return 0;
}

void scan_close(struct scan *scan)
{
	if (!scan)
		return;
	bpf_object__close(scan->obj);
	free(scan);
}
