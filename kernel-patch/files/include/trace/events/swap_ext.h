/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM swap_ext

#if !defined(_TRACE_SWAP_EXT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SWAP_EXT_H

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/swap_ext.h>
#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(swap_ext_attachment,

	TP_PROTO(u64 cgroup_id, const char *policy),

	TP_ARGS(cgroup_id, policy),

	TP_STRUCT__entry(
		__field(u64,		cgroup_id)
		__string(policy,	policy)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__assign_str(policy);
	),

	TP_printk("cgroup=%llu policy=%s", __entry->cgroup_id, __get_str(policy))
);

/* A policy governs the cgroup from now on, as the first or in place of another. */
DEFINE_EVENT(swap_ext_attachment, swap_ext_attach,
	TP_PROTO(u64 cgroup_id, const char *policy),
	TP_ARGS(cgroup_id, policy));

/* The link let go of the cgroup; the policy was stopped before. */
DEFINE_EVENT(swap_ext_attachment, swap_ext_detach,
	TP_PROTO(u64 cgroup_id, const char *policy),
	TP_ARGS(cgroup_id, policy));

TRACE_EVENT(swap_ext_exit,

	TP_PROTO(u64 cgroup_id, const char *policy, u32 kind, s64 code,
		 const char *msg),

	TP_ARGS(cgroup_id, policy, kind, code, msg),

	TP_STRUCT__entry(
		__field(u64,		cgroup_id)
		__string(policy,	policy)
		__field(u32,		kind)
		__field(s64,		code)
		__string(msg,		msg)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id;
		__assign_str(policy);
		__entry->kind = kind;
		__entry->code = code;
		__assign_str(msg);
	),

	TP_printk("cgroup=%llu policy=%s kind=%u code=%lld msg=%s",
		  __entry->cgroup_id, __get_str(policy), __entry->kind,
		  __entry->code, __get_str(msg))
);

/* A task faulted on a page in swap, and a policy governs it; it is told after this. */
TRACE_EVENT(swap_ext_fault,

	TP_PROTO(const struct swap_ext_fault *fault, struct mem_cgroup *memcg),

	TP_ARGS(fault, memcg),

	TP_STRUCT__entry(
		__field(u64,	cgroup_id)
		__field(u64,	addr)
		__field(u64,	pgoff)
		__field(u64,	entry)
		__field(u32,	flags)
		__field(u32,	tgid)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id(memcg->css.cgroup);
		__entry->addr = fault->addr;
		__entry->pgoff = fault->pgoff;
		__entry->entry = fault->entry;
		__entry->flags = fault->flags;
		__entry->tgid = fault->tgid;
	),

	TP_printk("cgroup=%llu addr=0x%llx pgoff=%llu entry=0x%llx flags=0x%x tgid=%u",
		  __entry->cgroup_id, __entry->addr, __entry->pgoff,
		  __entry->entry, __entry->flags, __entry->tgid)
);

DECLARE_EVENT_CLASS(swap_ext_page,

	TP_PROTO(const struct swap_ext_page *page, struct mem_cgroup *memcg),

	TP_ARGS(page, memcg),

	TP_STRUCT__entry(
		__field(u64,	cgroup_id)
		__field(u64,	page)
		__field(u64,	pgoff)
		__field(u64,	entry)
		__field(u32,	nr_pages)
		__field(u32,	flags)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id(memcg->css.cgroup);
		__entry->page = page->page;
		__entry->pgoff = page->pgoff;
		__entry->entry = page->entry;
		__entry->nr_pages = page->nr_pages;
		__entry->flags = page->flags;
	),

	TP_printk("cgroup=%llu page=0x%llx pgoff=%llu entry=0x%llx nr_pages=%u flags=0x%x",
		  __entry->cgroup_id, __entry->page, __entry->pgoff,
		  __entry->entry, __entry->nr_pages, __entry->flags)
);

/*
 * What the ops added and removed are told, whether the policy has them or not. While
 * somebody looks, pages are kept track of for that.
 */
DEFINE_EVENT_FN(swap_ext_page, swap_ext_added,
	TP_PROTO(const struct swap_ext_page *page, struct mem_cgroup *memcg),
	TP_ARGS(page, memcg), swap_ext_get_pages, swap_ext_put_pages);

DEFINE_EVENT_FN(swap_ext_page, swap_ext_removed,
	TP_PROTO(const struct swap_ext_page *page, struct mem_cgroup *memcg),
	TP_ARGS(page, memcg), swap_ext_get_pages, swap_ext_put_pages);

/* A policy returned a plan: nr_planned pages of it need a read, nr_read got one. */
TRACE_EVENT(swap_ext_plan,

	TP_PROTO(const struct swap_ext_target *target, struct mem_cgroup *memcg,
		 u32 nr_planned, u32 nr_read),

	TP_ARGS(target, memcg, nr_planned, nr_read),

	TP_STRUCT__entry(
		__field(u64,	cgroup_id)
		__field(u64,	addr)
		__field(u64,	pgoff)
		__field(u64,	entry)
		__field(u32,	nr_planned)
		__field(u32,	nr_read)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id(memcg->css.cgroup);
		__entry->addr = target->addr;
		__entry->pgoff = target->pgoff;
		__entry->entry = target->entry.val;
		__entry->nr_planned = nr_planned;
		__entry->nr_read = nr_read;
	),

	TP_printk("cgroup=%llu addr=0x%llx pgoff=%llu entry=0x%llx planned=%u read=%u",
		  __entry->cgroup_id, __entry->addr, __entry->pgoff,
		  __entry->entry, __entry->nr_planned, __entry->nr_read)
);

/* The accuracy floor cut the window of a memcg; 0: prefetch ends there. */
TRACE_EVENT(swap_ext_clamp,

	TP_PROTO(struct mem_cgroup *memcg, u32 window, u64 nr_good, u64 nr_bad),

	TP_ARGS(memcg, window, nr_good, nr_bad),

	TP_STRUCT__entry(
		__field(u64,	cgroup_id)
		__field(u32,	window)
		__field(u64,	nr_good)
		__field(u64,	nr_bad)
	),

	TP_fast_assign(
		__entry->cgroup_id = cgroup_id(memcg->css.cgroup);
		__entry->window = window;
		__entry->nr_good = nr_good;
		__entry->nr_bad = nr_bad;
	),

	TP_printk("cgroup=%llu window=%u used=%llu unused=%llu",
		  __entry->cgroup_id, __entry->window, __entry->nr_good,
		  __entry->nr_bad)
);

#endif /* _TRACE_SWAP_EXT_H */

#include <trace/define_trace.h>
