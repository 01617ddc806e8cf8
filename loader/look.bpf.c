// SPDX-License-Identifier: GPL-2.0
/* The BPF half of look.c, which has it in the binary. */
#include <swap_ext/policy.bpf.h>
#include <bpf/bpf_core_read.h>

#include "look_args.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct address_space {
	struct xarray i_pages;
};

struct file {
	struct address_space *f_mapping;
};

struct fdtable {
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* What policies know of it is less. */
struct task_struct___look {
	struct files_struct *files;
};
#pragma clang attribute pop

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

int look(struct look_args *args);

/* Entries of an xarray, as include/linux/xarray.h has them: */
#define XA_VALUE	1UL	/* a value, if that bit is set */
#define XA_INTERNAL	2UL	/* these two bits: another slot of the node, a retry, a node */
#define XA_RETRY	(256UL << 2 | XA_INTERNAL)
#define XA_NODES	4096UL	/* beyond that */

static __always_inline bool is_internal(u64 entry)
{
	return (entry & 3) == XA_INTERNAL;
}

static __always_inline bool is_node(u64 entry)
{
	return is_internal(entry) && entry > XA_NODES;
}

static __always_inline u64 read_slot(struct xa_node *node, u64 slot)
{
	void *entry = NULL;

	bpf_probe_read_kernel(&entry, sizeof(entry), &node->slots[slot]);
	return (u64)entry;
}

/*
 * As xa_load(), which BPF has not; 0: nothing. @within: how many pages into a large entry
 * the page is.
 */
static __always_inline u64 load_entry(struct xarray *xa, u64 index, u64 *within)
{
	u64 nr_slots = bpf_core_field_size(((struct xa_node *)0)->slots) / sizeof(void *);
	u64 entry = (u64)BPF_CORE_READ(xa, xa_head), slot, first;
	struct xa_node *node = (struct xa_node *)(entry - XA_INTERNAL);
	u8 shift;

	*within = 0;
	/* Beyond what the tree covers, that is: beyond the last page there is. */
	if (is_node(entry) ? index >> BPF_CORE_READ(node, shift) >= nr_slots : index > 0)
		return 0;
	while (is_node(entry) && swap_can_loop) {
		node = (struct xa_node *)(entry - XA_INTERNAL);
		shift = BPF_CORE_READ(node, shift);
		slot = index >> shift & (nr_slots - 1);
		first = slot;
		entry = read_slot(node, slot);
		if (is_internal(entry) && entry < XA_RETRY) {
			first = entry >> 2;
			entry = read_slot(node, first);
		}
		*within = ((slot - first) << shift) + (index & ((1UL << shift) - 1));
	}
	return entry;
}

/* Nobody tells of a page in swap that no page table has: shared memory itself knows. */
static __always_inline void look_up_shared(struct look_args *args)
{
	struct task_struct___look *task = (void *)bpf_get_current_task_btf();
	struct file **fds = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;
	u64 entry = XA_RETRY, within;

	bpf_probe_read_kernel(&file, sizeof(file), fds + args->fd);
	while (entry == XA_RETRY && swap_can_loop) {
		bpf_rcu_read_lock();
		entry = load_entry(&BPF_CORE_READ(file, f_mapping)->i_pages, args->index,
				   &within);
		bpf_rcu_read_unlock();
	}
	if (entry & XA_VALUE) {
		args->shared = SHARED_IN_SWAP;
		args->entry = (entry >> 1) + within;
	} else {
		args->shared = entry ? SHARED_IN_MEMORY : SHARED_NOTHING;
	}
}

SEC("syscall")
int look(struct look_args *args)
{
	if (args->fd >= 0)
		look_up_shared(args);
	args->idle_s = bpf_swap_page_idle_s(args->page);
	args->where = bpf_swap_entry_where(args->entry);
	return 0;
}

char look_license[] SEC("license") = "GPL";
