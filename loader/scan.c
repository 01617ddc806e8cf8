// SPDX-License-Identifier: GPL-2.0
/* Loading and running scan.bpf.c. */
#include "scan.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "scan_args.h"

EMBED(scan_object, SWX_OBJECTS "/scan.bpf.o");

struct scan {
	struct bpf_object	*obj;
	int			prog_fd;
	int			map_fd;
};

int scan_open(struct scan **scan, struct err *err)
{
	const struct embedded object = {
		.verb = "ages", .object = scan_object, .end = scan_object_end,
		.lacks = "does not say which pages are in use",
		.needs = "bpf_swap_scan_memcg()",
	};
	struct scan *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_no_memory(err);
	ret = embedded_open(&object, &s->obj, err);
	ret = ret ?: embedded_load(&object, s->obj, err);
	if (ret) {
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
