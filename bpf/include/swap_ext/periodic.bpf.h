/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that an attachment does every so often, where it may sleep: a timer starts it, a
 * workqueue runs it. For what takes its time, as bpf_swap_scan_memcg() does.
 *
 * struct swap_periodic is the member periodic of a SWAP_ATTACHMENT_STATE(); init() starts
 * it, and it ends when the structure is freed.
 */
#ifndef __SWAP_EXT_PERIODIC_BPF_H
#define __SWAP_EXT_PERIODIC_BPF_H

#ifdef __bpf__
/* <linux/bpf.h> of Debian 12 does not have it. */
struct bpf_wq {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq,
				    int (*callback)(void *map, int *key, void *value),
				    unsigned int flags, void *aux__ign) __ksym;

struct swap_periodic {
	struct bpf_timer timer;
	struct bpf_wq work;
};
#else
struct swap_periodic {
	u64 nr_started;
};
#endif

/**
 * SWAP_PERIODIC() - what is done, and how often
 * @policy: name of the policy
 * @valtype: of the attachment's state
 * @period: function: of the cgroup's id, nanoseconds until the next time
 * @work: function: what is done, for the cgroup of that id; may sleep
 *
 * Defines <policy>_start_periodic(map, state, cgroup_id), which init() calls with the map of
 * the state and where that is; 0 or -errno.
 */
#ifdef __bpf__
#define SWAP_PERIODIC(policy, valtype, period, work_fn)			\
static int policy##_do_work(void *map, int *key, void *value)		\
{									\
	work_fn(*(u64 *)key, (valtype *)value);				\
	return 0;							\
}									\
									\
static int policy##_do_tick(void *map, u64 *key, valtype *state)	\
{									\
	bpf_wq_start(&state->periodic.work, 0);				\
	bpf_timer_start(&state->periodic.timer, period(*key), 0);	\
	return 0;							\
}									\
									\
static __always_inline int policy##_start_periodic(void *map, valtype *state, \
						   u64 cgroup_id)	\
{									\
	int err;							\
									\
	err = bpf_wq_init(&state->periodic.work, map, 0);		\
	if (err)							\
		return err;						\
	err = bpf_wq_set_callback_impl(&state->periodic.work, policy##_do_work, \
				       0, NULL);			\
	if (err)							\
		return err;						\
	err = bpf_timer_init(&state->periodic.timer, map, 1 /* CLOCK_MONOTONIC */); \
	if (err)							\
		return err;						\
	err = bpf_timer_set_callback(&state->periodic.timer, policy##_do_tick); \
	if (err)							\
		return err;						\
	return bpf_timer_start(&state->periodic.timer, period(cgroup_id), 0); \
}
#else
#define SWAP_PERIODIC(policy, valtype, period, work_fn)			\
static inline int policy##_start_periodic(void *map, valtype *state, u64 cgroup_id) \
{									\
	state->periodic.nr_started++;					\
	return period(cgroup_id) ? 0 : -EINVAL;				\
}
#endif

#endif /* __SWAP_EXT_PERIODIC_BPF_H */
