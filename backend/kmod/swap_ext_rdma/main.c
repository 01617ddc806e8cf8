// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext_rdma - a frontswap backend in the memory of other machines
 *
 * Pages go to memory servers (swx-memd) and come back by one-sided RDMA, over any
 * provider of the kernel's verbs: InfiniBand, RoCE, iWARP, in hardware or not. See
 * rdma.h for the parts.
 *
 * Nothing is allocated on behalf of reclaim. What cannot be stored now is refused
 * and goes to the swap device. Whatever happens to a server, a page that comes back
 * is the one that was stored: the core compares checksums.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include "rdma.h"

struct workqueue_struct *swx_wq;

unsigned int swx_queue_depth = 128;
unsigned int swx_max_cpus;
unsigned int swx_nr_held = 1024;
unsigned int swx_backoff_max_ms = 10000;
unsigned int swx_time_scale = 1;
unsigned int swx_op_timeout_ms = 1000;
unsigned int swx_connect_timeout_ms = 3000;
unsigned int swx_heartbeat_ms = 500;
unsigned int swx_heartbeats = 4;
unsigned int swx_retry_count = 5;
unsigned int swx_ack_timeout = 14;

static const struct frontswap_ops swx_ops = {
	.owner		= THIS_MODULE,
	.swapon		= swx_swapon,
	.swapoff	= swx_swapoff,
	.submit_write	= swx_submit_write,
	.submit_read	= swx_submit_read,
	.read_copy	= swx_read_copy,
	.poll		= swx_poll,
	.arm		= swx_arm,
	.invalidate	= swx_invalidate,
};

struct frontswap_backend swx_backend = {
	.name		= "rdma",
	.ops		= &swx_ops,
	.poll_ns	= 50000,
};

module_param_named(queue_depth, swx_queue_depth, uint, 0444);
MODULE_PARM_DESC(queue_depth, "requests of one queue under way at most (default 128)");
module_param_named(max_cpus, swx_max_cpus, uint, 0444);
MODULE_PARM_DESC(max_cpus, "CPUs that have queues of their own (default 0: all)");
module_param_named(held_reads, swx_nr_held, uint, 0444);
MODULE_PARM_DESC(held_reads, "reads of one node that may wait to be posted (default 1024)");
module_param_named(backoff_max_ms, swx_backoff_max_ms, uint, 0444);
MODULE_PARM_DESC(backoff_max_ms, "the longest wait until a server is tried again (default 10000)");
module_param_named(time_scale, swx_time_scale, uint, 0444);
MODULE_PARM_DESC(time_scale, "multiplies every time below, for a slow machine (default 1)");
module_param_named(op_timeout_ms, swx_op_timeout_ms, uint, 0444);
MODULE_PARM_DESC(op_timeout_ms, "what a read or write may take before its path is taken down (default 1000)");
module_param_named(connect_timeout_ms, swx_connect_timeout_ms, uint, 0444);
MODULE_PARM_DESC(connect_timeout_ms, "what a step of connecting may take (default 3000)");
module_param_named(heartbeat_ms, swx_heartbeat_ms, uint, 0444);
MODULE_PARM_DESC(heartbeat_ms, "between two questions whether a server is alive (default 500)");
module_param_named(heartbeats, swx_heartbeats, uint, 0444);
MODULE_PARM_DESC(heartbeats, "of them without an answer before the path is taken down (default 4)");
module_param_named(retry_count, swx_retry_count, uint, 0444);
MODULE_PARM_DESC(retry_count, "of the transport, at most 6 (default 5)");
module_param_named(ack_timeout, swx_ack_timeout, uint, 0444);
MODULE_PARM_DESC(ack_timeout, "of the transport: 4.096 us * 2^this (default 14: 67 ms)");
module_param_named(poll_ns, swx_backend.poll_ns, uint, 0644);
MODULE_PARM_DESC(poll_ns, "how long a fault polls for its page, in ns (default 50000)");

static int __init check_parameters(void)
{
	if (swx_queue_depth >= 4 && swx_queue_depth <= 8192 && swx_nr_held &&
	    swx_backoff_max_ms >= 10 && swx_backoff_max_ms <= 600000 &&
	    swx_time_scale && swx_time_scale <= 1000 &&
	    swx_op_timeout_ms >= 10 && swx_op_timeout_ms <= 600000 &&
	    swx_connect_timeout_ms >= 10 && swx_connect_timeout_ms <= 600000 &&
	    swx_heartbeat_ms >= 10 && swx_heartbeat_ms <= 600000 &&
	    swx_heartbeats && swx_heartbeats <= 1000 && swx_retry_count <= 6 &&
	    swx_ack_timeout <= 31)
		return 0;
	pr_err("a parameter is out of range\n");
	return -EINVAL;
}

static int __init swx_init(void)
{
	int err;

	err = check_parameters();
	if (err)
		return err;
	swx_wq = alloc_workqueue("swap_ext_rdma", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!swx_wq)
		return -ENOMEM;
	err = frontswap_register(&swx_backend);
	if (err)
		goto err_wq;
	err = swx_nodes_init();
	if (err)
		goto err_backend;
	return 0;

err_backend:
	frontswap_unregister(&swx_backend);
err_wq:
	destroy_workqueue(swx_wq);
	return err;
}
module_init(swx_init);

static void __exit swx_exit(void)
{
	/* Neither is there a node nor is a page held: each would hold the module. */
	swx_nodes_exit();
	frontswap_unregister(&swx_backend);
	destroy_workqueue(swx_wq);
}
module_exit(swx_exit);

MODULE_DESCRIPTION("frontswap backend in the memory of other machines, over RDMA");
MODULE_LICENSE("GPL");
