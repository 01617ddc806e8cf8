// SPDX-License-Identifier: GPL-2.0
/* The BPF half of look.c, which has it in the binary. */
#include <swap_ext/policy.bpf.h>

#include "look_args.h"

int look(struct look_args *args);

SEC("syscall")
int look(struct look_args *args)
{
	args->idle_s = bpf_swap_page_idle_s(args->page);
	args->where = bpf_swap_entry_where(args->entry);
	return 0;
}

char look_license[] SEC("license") = "GPL";
