// SPDX-License-Identifier: GPL-2.0
/* The BPF half of scan.c, which has it in the binary. */
#include <swap_ext/policy.bpf.h>

#include "scan_args.h"

int scan_memcg(struct scan_args *args);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct swap_ext_histogram);
} found SEC(".maps");

SEC("syscall")
int scan_memcg(struct scan_args *args)
{
	u32 zero = 0;
	struct swap_ext_histogram *h = bpf_map_lookup_elem(&found, &zero);

	if (h)
		args->ret = bpf_swap_scan_memcg(args->cgroup_id, args->unit_s, h);
	return 0;
}

char scan_license[] SEC("license") = "GPL";
