/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to the memory of a cgroup and of all below it, while a policy governs it: the
 * kernel's trace events, by way of BPF programs, which leave with whoever records.
 */
#ifndef __SWXCTL_RECORD_H
#define __SWXCTL_RECORD_H

#include <linux/types.h>

#include "cgroup.h"
#include "err.h"
#include "record_args.h"

struct record;

/* An error of @event, -errno, ends the poll. */
typedef int record_fn(void *arg, const struct record_event *event);

/* A ring buffer of @buffer_bytes at least; nothing comes before record_start(). */
int record_open(struct record **record, const struct cgroup *cg, __u64 buffer_bytes,
		record_fn *event, void *arg, struct err *err);
int record_start(struct record *record, struct err *err);
/* Waits for @timeout_ms at most and hands out what is there. */
int record_poll(struct record *record, int timeout_ms);
/* No event comes after it, but those that record_poll() still finds. */
void record_stop(struct record *record);
/* Events that found the buffer full, or came in the middle of another one. */
__u64 record_count_lost(const struct record *record);
void record_close(struct record *record);

#endif /* __SWXCTL_RECORD_H */
