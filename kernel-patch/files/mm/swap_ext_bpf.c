// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - the BPF side: struct_ops registration, and which kfuncs there are
 *
 * Each kfunc stands next to what it works on; here are those that work on nothing of
 * ours. Which of them an op may call is decided when the program is loaded: the kfunc
 * filter sees the type and the member a program is for. Nobody checks it again at run
 * time.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include "swap_ext.h"

/* The ops come first in the struct, so index and offset agree. */
#define OP_INDEX(op)	(offsetof(struct swap_ext_ops, op) / sizeof(void *))

BTF_ID_LIST_SINGLE(swap_ext_ops_id, struct, swap_ext_ops)

/**
 * swap_ext_get_memcg - a memcg that a kfunc is to work on
 * @cgroup_id: of its cgroup; anything
 *
 * Return: the memcg, referenced; -EDEADLK: called from an op that sleeps, for which
 * attach and detach of all struct_ops wait; -ENOENT, -ENODEV: there is none, or the root.
 */
struct mem_cgroup *swap_ext_get_memcg(u64 cgroup_id)
{
	struct cgroup_subsys_state *css;
	struct cgroup *cgrp;

	if (current->swap_ext_call)
		return ERR_PTR(-EDEADLK);
	cgrp = cgroup_get_from_id(cgroup_id);
	if (IS_ERR(cgrp))
		return ERR_CAST(cgrp);
	css = cgroup_get_e_css(cgrp, &memory_cgrp_subsys);
	cgroup_put(cgrp);
	/* That of a cgroup above, whose pages are not meant. */
	if (css->cgroup == cgrp && !mem_cgroup_is_root(mem_cgroup_from_css(css)))
		return mem_cgroup_from_css(css);
	css_put(css);
	return ERR_PTR(-ENODEV);
}

__bpf_kfunc_start_defs();

/**
 * bpf_swap_reclaim_memcg - reclaim before there is need
 * @cgroup_id: the cgroup, with all below it; not the root
 * @nr_pages: how many pages
 * @swappiness: 0: from files only, to 200: anonymous and shared memory only; or
 *	%SWAP_EXT_SWAPPINESS_DEFAULT
 *
 * As a write to memory.reclaim, but once, and without waiting for more than comes easily.
 *
 * Context: as bpf_swap_scan_memcg().
 * Return: how many pages were freed; -errno as there.
 */
__bpf_kfunc s64 bpf_swap_reclaim_memcg(u64 cgroup_id, u64 nr_pages, u32 swappiness)
{
	struct mem_cgroup *memcg;
	int value = swappiness;
	s64 ret;

	if (swappiness != SWAP_EXT_SWAPPINESS_DEFAULT && swappiness > MAX_SWAPPINESS)
		return -EINVAL;
	memcg = swap_ext_get_memcg(cgroup_id);
	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	ret = try_to_free_mem_cgroup_pages(memcg, min(nr_pages, LONG_MAX), GFP_KERNEL,
					   MEMCG_RECLAIM_MAY_SWAP | MEMCG_RECLAIM_PROACTIVE,
					   swappiness <= MAX_SWAPPINESS ? &value : NULL);
	css_put(&memcg->css);
	return ret;
}

/* Format into @buf; the message says so itself if the format is bad. */
static int format_bstr(char *buf, size_t size, const char *fmt,
		       const unsigned long long *data, u32 data__sz)
{
	struct bpf_bprintf_data bprintf = { .get_bin_args = true };
	char own_fmt[SWAP_EXT_MSG_LEN] __uninitialized;
	u64 args[MAX_BPRINTF_VARARGS];
	int ret;

	if (data__sz % 8 || data__sz > sizeof(args) || (data__sz && !data))
		return scnprintf(buf, size, "(message with bad arguments)");
	memcpy(args, data, data__sz);
	/* The verifier knows of one byte there, not that a NUL follows. */
	if (strncpy_from_kernel_nofault(own_fmt, fmt, sizeof(own_fmt)) < 0)
		return scnprintf(buf, size, "(message with bad format)");
	ret = bpf_bprintf_prepare(own_fmt, sizeof(own_fmt), args, data__sz / 8, &bprintf);
	if (ret < 0)
		return scnprintf(buf, size, "(message with bad format)");
	ret = bstr_printf(buf, size, own_fmt, bprintf.bin_args);
	bpf_bprintf_cleanup(&bprintf);
	return min_t(int, ret, size - 1);
}

/* It is the call under way that fails, whoever governs the memcg by now. */
static void fail_bstr(enum swap_ext_exit_kind kind, s64 code, const char *fmt,
		      const unsigned long long *data, u32 data__sz)
{
	const struct swap_ext_call *call = current->swap_ext_call;
	char msg[SWAP_EXT_MSG_LEN];

	/* A callback of a policy, a timer's say, is no call. */
	if (!call)
		return;
	format_bstr(msg, sizeof(msg), fmt, data, data__sz);
	swap_ext_fail(call, kind, code, msg);
}

/**
 * bpf_swap_ext_error_bstr - stop this policy: something is wrong with it
 * @memcg: the memcg given to the op
 * @fmt: bpf_printk() format
 * @data: its arguments
 * @data__sz: size of @data in bytes
 *
 * Context: any op.
 */
__bpf_kfunc void bpf_swap_ext_error_bstr(struct mem_cgroup *memcg, char *fmt,
					 unsigned long long *data, u32 data__sz)
{
	fail_bstr(SWAP_EXT_EXIT_ERROR, 0, fmt, data, data__sz);
}

/**
 * bpf_swap_ext_exit_bstr - stop this policy: its work here is done
 * @memcg: the memcg given to the op
 * @code: for whoever reads the record
 * @fmt: bpf_printk() format
 * @data: its arguments
 * @data__sz: size of @data in bytes
 *
 * Context: any op.
 */
__bpf_kfunc void bpf_swap_ext_exit_bstr(struct mem_cgroup *memcg, s64 code,
					char *fmt, unsigned long long *data,
					u32 data__sz)
{
	fail_bstr(SWAP_EXT_EXIT_USER, code, fmt, data, data__sz);
}

/**
 * bpf_swap_ext_dump_bstr - add a line to the record of a policy that failed
 * @memcg: the memcg given to ops->dump()
 * @fmt: bpf_printk() format
 * @data: its arguments
 * @data__sz: size of @data in bytes
 *
 * What does not fit into SWAP_EXT_DUMP_LEN is cut.
 *
 * Context: ops->dump().
 */
__bpf_kfunc void bpf_swap_ext_dump_bstr(struct mem_cgroup *memcg, char *fmt,
					unsigned long long *data, u32 data__sz)
{
	const struct swap_ext_call *call = current->swap_ext_call;
	struct swap_ext_record *rec;

	if (!call || !call->record->dump)
		return;
	/* Only the task that runs dump() appends: no lock. */
	rec = call->record;
	if (rec->dump_len && rec->dump_len < SWAP_EXT_DUMP_LEN - 1)
		rec->dump[rec->dump_len++] = '\n';
	rec->dump_len += format_bstr(rec->dump + rec->dump_len,
				     SWAP_EXT_DUMP_LEN - rec->dump_len,
				     fmt, data, data__sz);
}

__bpf_kfunc_end_defs();

/* For any op. */
BTF_KFUNCS_START(swap_ext_any_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_memcg_stat, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_folio_idle_s, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_ext_error_bstr, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_ext_exit_bstr, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(swap_ext_any_kfuncs)

/* For any op, and for programs that user space runs. */
BTF_KFUNCS_START(swap_ext_user_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_page_idle_s)
BTF_ID_FLAGS(func, bpf_swap_entry_where)
BTF_ID_FLAGS(func, bpf_swap_scan_memcg, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_scan_task, KF_SLEEPABLE | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_reclaim_memcg, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_swap_clean_page, KF_SLEEPABLE)
BTF_KFUNCS_END(swap_ext_user_kfuncs)

BTF_KFUNCS_START(swap_ext_prefetch_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_plan_addr, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_plan_pgoff, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_plan_entry, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_plan_room, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(swap_ext_prefetch_kfuncs)

BTF_KFUNCS_START(swap_ext_evict_kfuncs)
BTF_ID_FLAGS(func, bpf_iter_swap_folio_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_swap_folio_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_swap_folio_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_swap_page_folio, KF_TRUSTED_ARGS | KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_swap_folio_put, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_swap_folio_used, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_victim, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_swap_victims_end, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(swap_ext_evict_kfuncs)

BTF_KFUNCS_START(swap_ext_state_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_folio_state, KF_TRUSTED_ARGS | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_swap_entry_state, KF_RET_NULL)
BTF_KFUNCS_END(swap_ext_state_kfuncs)

BTF_KFUNCS_START(swap_ext_dump_kfuncs)
BTF_ID_FLAGS(func, bpf_swap_ext_dump_bstr, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(swap_ext_dump_kfuncs)

/* Asked for every kfunc that any struct_ops program calls: most are not ours. */
static int swap_ext_kfunc_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	u32 op = prog->expected_attach_type;
	bool allowed = true;

	if (btf_id_set8_contains(&swap_ext_prefetch_kfuncs, kfunc_id))
		allowed = op == OP_INDEX(prefetch);
	else if (btf_id_set8_contains(&swap_ext_evict_kfuncs, kfunc_id))
		allowed = op == OP_INDEX(evict);
	else if (btf_id_set8_contains(&swap_ext_dump_kfuncs, kfunc_id))
		allowed = op == OP_INDEX(dump);
	else if (btf_id_set8_contains(&swap_ext_state_kfuncs, kfunc_id))
		/* They are pinned by RCU, which sleepable ops do not hold. */
		allowed = !prog->sleepable;
	else if (!btf_id_set8_contains(&swap_ext_any_kfuncs, kfunc_id) &&
		 !btf_id_set8_contains(&swap_ext_user_kfuncs, kfunc_id))
		return 0;
	return allowed && prog->aux->attach_btf_id == swap_ext_ops_id[0] ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set swap_ext_kfunc_sets[] = {
	{ THIS_MODULE, &swap_ext_any_kfuncs, swap_ext_kfunc_filter },
	{ THIS_MODULE, &swap_ext_user_kfuncs, swap_ext_kfunc_filter },
	{ THIS_MODULE, &swap_ext_prefetch_kfuncs, swap_ext_kfunc_filter },
	{ THIS_MODULE, &swap_ext_evict_kfuncs, swap_ext_kfunc_filter },
	{ THIS_MODULE, &swap_ext_state_kfuncs, swap_ext_kfunc_filter },
	{ THIS_MODULE, &swap_ext_dump_kfuncs, swap_ext_kfunc_filter },
};

static const struct btf_kfunc_id_set swap_ext_user_kfunc_set = {
	.owner	= THIS_MODULE,
	.set	= &swap_ext_user_kfuncs,
};

static const struct bpf_func_proto *
swap_ext_get_func_proto(enum bpf_func_id func_id, const struct bpf_prog *prog)
{
	switch (func_id) {
	case BPF_FUNC_task_storage_get:
		return &bpf_task_storage_get_proto;
	case BPF_FUNC_task_storage_delete:
		return &bpf_task_storage_delete_proto;
	default:
		return bpf_base_func_proto(func_id, prog);
	}
}

static const struct bpf_verifier_ops swap_ext_verifier_ops = {
	.get_func_proto		= swap_ext_get_func_proto,
	.is_valid_access	= bpf_tracing_btf_ctx_access,
};

static int swap_ext_btf_init(struct btf *btf)
{
	return 0;
}

static int swap_ext_check_member(const struct btf_type *t,
				 const struct btf_member *member,
				 const struct bpf_prog *prog)
{
	u32 moff = __btf_member_bit_offset(t, member) / 8;

	switch (moff) {
	case offsetof(struct swap_ext_ops, init):
	case offsetof(struct swap_ext_ops, exit):
	case offsetof(struct swap_ext_ops, dump):
		return 0;
	}
	/* The fault path holds rcu_read_lock(). */
	return prog->sleepable ? -EINVAL : 0;
}

static bool is_valid_name(const char *name)
{
	size_t i, len = strnlen(name, SWAP_EXT_NAME_LEN);

	if (!len || len == SWAP_EXT_NAME_LEN)
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && name[i] != '_' && name[i] != '-')
			return false;
	return true;
}

static int swap_ext_init_member(const struct btf_type *t,
				const struct btf_member *member,
				void *kdata, const void *udata)
{
	const struct swap_ext_ops *uops = udata;
	struct swap_ext_ops *ops = kdata;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct swap_ext_ops, flags):
		ops->flags = uops->flags;
		return ops->flags & ~(SWAP_EXT_OPS_NO_OVERRIDE | SWAP_EXT_OPS_PAGE_STATE) ?
		       -EINVAL : 1;
	case offsetof(struct swap_ext_ops, max_inflight):
		ops->max_inflight = uops->max_inflight;
		return 1;
	case offsetof(struct swap_ext_ops, min_accuracy):
		ops->min_accuracy = uops->min_accuracy;
		return ops->min_accuracy > 100 ? -EINVAL : 1;
	case offsetof(struct swap_ext_ops, max_keeps):
		ops->max_keeps = uops->max_keeps;
		return ops->max_keeps > U8_MAX ? -EINVAL : 1;
	case offsetof(struct swap_ext_ops, name):
		if (!is_valid_name(uops->name))
			return -EINVAL;
		strscpy(ops->name, uops->name);
		return 1;
	}
	return 0;
}

static int swap_ext_reg(void *kdata, struct bpf_link *link)
{
	struct cgroup *cgrp = link ? bpf_struct_ops_link_cgroup(link) : NULL;

	/* There is no system-wide attachment; the root cgroup is that. */
	return cgrp ? swap_ext_attach(kdata, cgrp, link) : -EOPNOTSUPP;
}

static void swap_ext_unreg(void *kdata, struct bpf_link *link)
{
	if (link)
		swap_ext_detach(link);
}

static int swap_ext_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	return swap_ext_replace(kdata, link);
}

/* Never called. BTF tells by their names what ops are given: no other may have one. */

static void swap_ext_stub_fault(const struct swap_ext_fault *f,
				struct vm_area_struct *vma__nullable,
				struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_prefetch(const struct swap_ext_fault *f, struct swap_ext_plan *plan,
				  struct vm_area_struct *vma__nullable,
				  struct mem_cgroup *memcg)
{
	return 0;
}

static u32 swap_ext_stub_wait(const struct swap_ext_fault *f,
			      struct vm_area_struct *vma__nullable,
			      struct mem_cgroup *memcg)
{
	return 0;
}

static void swap_ext_stub_evict(struct swap_ext_victims *victims,
				const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_reclaim(struct folio *folio, const struct swap_ext_reclaim *r,
				 struct mem_cgroup *memcg)
{
	return 0;
}

/* Of added and of removed. */
static void swap_ext_stub_page(struct folio *folio, const struct swap_ext_page *p,
			       struct mem_cgroup *memcg)
{
}

static s32 swap_ext_stub_place(struct folio *folio, const struct swap_ext_page *p,
			       struct mem_cgroup *memcg)
{
	return 0;
}

static u64 swap_ext_stub_select_backend(struct folio *folio, const struct swap_ext_page *p,
					u64 offered, struct mem_cgroup *memcg)
{
	return 0;
}

static void swap_ext_stub_swapped_out(struct folio *folio, const struct swap_ext_page *p,
				      u64 where, struct mem_cgroup *memcg)
{
}

static void swap_ext_stub_slot_freed(const struct swap_ext_slots *s, struct mem_cgroup *memcg) {}
static s32 swap_ext_stub_init(struct mem_cgroup *memcg, u64 cgroup_id) { return 0; }
static void swap_ext_stub_exit(struct mem_cgroup *memcg, struct swap_ext_exit_info *ei) {}
static void swap_ext_stub_dump(struct mem_cgroup *memcg, u64 cgroup_id) {}

static struct swap_ext_ops swap_ext_stubs = {
	.fault		= swap_ext_stub_fault,
	.prefetch	= swap_ext_stub_prefetch,
	.wait		= swap_ext_stub_wait,
	.evict		= swap_ext_stub_evict,
	.reclaim	= swap_ext_stub_reclaim,
	.added		= swap_ext_stub_page,
	.removed	= swap_ext_stub_page,
	.place		= swap_ext_stub_place,
	.select_backend	= swap_ext_stub_select_backend,
	.swapped_out	= swap_ext_stub_swapped_out,
	.slot_freed	= swap_ext_stub_slot_freed,
	.init		= swap_ext_stub_init,
	.exit		= swap_ext_stub_exit,
	.dump		= swap_ext_stub_dump,
};

static struct bpf_struct_ops bpf_swap_ext_ops = {
	.verifier_ops	= &swap_ext_verifier_ops,
	.reg		= swap_ext_reg,
	.unreg		= swap_ext_unreg,
	.update		= swap_ext_update,
	.check_member	= swap_ext_check_member,
	.init_member	= swap_ext_init_member,
	.init		= swap_ext_btf_init,
	.name		= "swap_ext_ops",
	.cfi_stubs	= &swap_ext_stubs,
	.link_flags	= BPF_F_CGROUP_FD,
	.owner		= THIS_MODULE,
};

static int __init swap_ext_bpf_init(void)
{
	unsigned int i;
	int err;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL, &swap_ext_user_kfunc_set);
	for (i = 0; !err && i < ARRAY_SIZE(swap_ext_kfunc_sets); i++)
		err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS,
						&swap_ext_kfunc_sets[i]);
	return err ?: register_bpf_struct_ops(&bpf_swap_ext_ops, swap_ext_ops);
}
late_initcall(swap_ext_bpf_init);
