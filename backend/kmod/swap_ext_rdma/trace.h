/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swap_ext_rdma: tracepoints
 *
 *   swap_ext_rdma:request	a READ or WRITE has ended: its node, pages, time, error
 *   swap_ext_rdma:refuse	a store was refused, and goes to the device
 *   swap_ext_rdma:state	a node has come up, gone down, ...
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM swap_ext_rdma

#if !defined(_SWAP_EXT_RDMA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SWAP_EXT_RDMA_TRACE_H

#include <linux/tracepoint.h>
#include "rdma.h"

TRACE_EVENT(request,
	TP_PROTO(struct swx_node *n, bool write, unsigned int nr_pages, u64 ns, int err),
	TP_ARGS(n, write, nr_pages, ns, err),
	TP_STRUCT__entry(
		__string(node, config_item_name(&n->group.cg_item))
		__field(bool, write)
		__field(unsigned int, nr_pages)
		__field(u64, ns)
		__field(int, err)
	),
	TP_fast_assign(
		__assign_str(node);
		__entry->write = write;
		__entry->nr_pages = nr_pages;
		__entry->ns = ns;
		__entry->err = err;
	),
	TP_printk("node=%s op=%s pages=%u ns=%llu err=%d", __get_str(node),
		  __entry->write ? "write" : "read", __entry->nr_pages, __entry->ns,
		  __entry->err)
);

TRACE_EVENT(refuse,
	TP_PROTO(struct swx_node *n, unsigned int nr_pages, int err),
	TP_ARGS(n, nr_pages, err),
	TP_STRUCT__entry(
		__string(node, config_item_name(&n->group.cg_item))
		__field(unsigned int, nr_pages)
		__field(int, err)
	),
	TP_fast_assign(
		__assign_str(node);
		__entry->nr_pages = nr_pages;
		__entry->err = err;
	),
	TP_printk("node=%s pages=%u err=%d", __get_str(node), __entry->nr_pages,
		  __entry->err)
);

TRACE_EVENT(state,
	TP_PROTO(struct swx_node *n, enum swx_state state),
	TP_ARGS(n, state),
	TP_STRUCT__entry(
		__string(node, config_item_name(&n->group.cg_item))
		__field(int, state)
	),
	TP_fast_assign(
		__assign_str(node);
		__entry->state = state;
	),
	TP_printk("node=%s state=%s", __get_str(node),
		  __print_symbolic(__entry->state, { SWX_OFF, "off" },
				   { SWX_CONNECTING, "connecting" },
				   { SWX_RESYNC, "resync" }, { SWX_UP, "up" },
				   { SWX_DOWN, "down" }))
);

#endif /* _SWAP_EXT_RDMA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
