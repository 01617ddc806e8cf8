/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few kernel types a policy sees, so that it builds without vmlinux.h.
 *
 * Every structure here is CO-RE relocated: a member is found by its name in the
 * running kernel's BTF, so these may leave out members and need not agree in
 * layout. Included by policy.bpf.h only, for BPF and for the host.
 */
#ifndef __SWAP_EXT_KERNEL_BPF_H
#define __SWAP_EXT_KERNEL_BPF_H

#include <linux/errno.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#ifdef __bpf__
typedef _Bool bool;
#define true	1
#define false	0
#ifndef NULL
#define NULL	((void *)0)
#endif
#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)
#endif

#include <linux/swap_ext.h>

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
};

struct folio {
	unsigned long flags;
	unsigned long index;	/* what the contexts call pgoff */
#ifndef __bpf__
	u64 state;	/* what bpf_swap_folio_state() points to */
	u64 page;	/* its handle */
	int nr_used;	/* what bpf_swap_folio_used() returns next */
	int idle_s;	/* what bpf_swap_folio_idle_s() returns; 0: no scan has seen it */
#endif
};

/* Opaque, yet complete: libbpf refuses a mere forward declaration in a kfunc. */
struct mem_cgroup {
};

#ifdef __bpf__
struct swap_ext_plan {
};

struct swap_ext_victims {
};
#pragma clang attribute pop
#endif

/* What the kernel calls the same; policies think in pages of 4 KiB. */
#define SWAP_PAGE_SHIFT	12
#define SWAP_PAGE_SIZE	(1UL << SWAP_PAGE_SHIFT)
#define SWAP_PMD_SIZE	(1UL << 21)

#define swap_min(a, b)	((a) < (b) ? (a) : (b))
#define swap_max(a, b)	((a) > (b) ? (a) : (b))

#endif /* __SWAP_EXT_KERNEL_BPF_H */
