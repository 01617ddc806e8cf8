/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for file descriptors: epoll, one event at a time. */
#ifndef __MEMD_LOOP_H
#define __MEMD_LOOP_H

#include <linux/types.h>

#include "util.h"

/**
 * struct memd_watch - a descriptor to wait for, inside of what it belongs to
 * @fd: non-blocking
 * @ready: called with EPOLL* bits; may remove and free the watch
 */
struct memd_watch {
	int	fd;
	void	(*ready)(struct memd_watch *w, __u32 events);
};

int memd_loop_add(int epoll, struct memd_watch *w, __u32 events);
int memd_loop_change(int epoll, struct memd_watch *w, __u32 events);
void memd_loop_remove(int epoll, struct memd_watch *w);
/* Waits (or only looks, with @wait false) for one event and serves it. */
void memd_loop_once(int epoll, int wait);

__u64 memd_now_ms(void);
int memd_set_nonblocking(int fd);

#endif /* __MEMD_LOOP_H */
