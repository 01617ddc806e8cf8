// SPDX-License-Identifier: GPL-2.0
/*
 * format - stops itself with messages that are no messages; a test picks which.
 */
#include <swap_ext/policy.bpf.h>

#define PAGE_OF_TEXT	4096

/* Filled to the last byte by the test, with no end. */
char endless_format[PAGE_OF_TEXT] SEC(".data.endless");

struct {
	u32 which;
} choice SEC(".data.choice");

static char unknown_format[] = "a %y b";
static char two_args[] = "%d and %d";
static char string_format[] = "%s";
static char ending_in_percent[] = "100%";

s32 BPF_STRUCT_OPS(format_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	unsigned long long data[13] = { 1 };

	switch (choice.which) {
	case 0:
		bpf_swap_ext_error_bstr(memcg, unknown_format, data, 8);
		break;
	case 1:
		bpf_swap_ext_error_bstr(memcg, two_args, data, 8);
		break;
	case 2:
		/* A string at address 1. */
		bpf_swap_ext_error_bstr(memcg, string_format, data, 8);
		break;
	case 3:
		bpf_swap_ext_error_bstr(memcg, ending_in_percent, data, 8);
		break;
	case 4:
		bpf_swap_ext_error_bstr(memcg, two_args, data, 15);
		break;
	case 5:
		/* More arguments than a message can have. */
		bpf_swap_ext_error_bstr(memcg, two_args, data, 13 * 8);
		break;
	case 6:
		bpf_swap_ext_error_bstr(memcg, endless_format, data, 8);
		break;
	}
	return SWAP_EXT_PF_NONE;
}

SWAP_POLICY(format, "dies with strange last words",
	    .prefetch = (void *)format_prefetch);
