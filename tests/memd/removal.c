// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into swx-memd: pretends that an RDMA device is removed. Software devices
 * cannot be used for that, their removal waits until every user has closed them.
 *
 * As long as the file $REMOVAL.listener (or .device) exists, the next event of the
 * connection manager is preceded by the removal of what was listened on last (or bound
 * to without listening, which swx-memd does to hold a device); the file goes.
 */
#include <dlfcn.h>
#include <rdma/rdma_cma.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct rdma_cm_id *listener, *holder;
static struct rdma_cm_event fake;

int rdma_bind_addr(struct rdma_cm_id *id, struct sockaddr *addr)
{
	int (*next)(struct rdma_cm_id *id, struct sockaddr *addr) =
		dlsym(RTLD_NEXT, "rdma_bind_addr");

	holder = id;
	return next(id, addr);
}

int rdma_listen(struct rdma_cm_id *id, int backlog)
{
	int (*next)(struct rdma_cm_id *id, int backlog) = dlsym(RTLD_NEXT, "rdma_listen");

	listener = id;
	return next(id, backlog);
}

static int is_due(const char *what)
{
	char path[256];

	snprintf(path, sizeof(path), "%s.%s", getenv("REMOVAL") ?: "", what);
	return !unlink(path);
}

int rdma_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
	int (*next)(struct rdma_event_channel *channel, struct rdma_cm_event **event) =
		dlsym(RTLD_NEXT, "rdma_get_cm_event");

	fake.event = RDMA_CM_EVENT_DEVICE_REMOVAL;
	if (is_due("listener"))
		fake.id = listener;
	else if (is_due("device"))
		fake.id = holder;
	else
		return next(channel, event);
	*event = &fake;
	return 0;
}

int rdma_ack_cm_event(struct rdma_cm_event *event)
{
	int (*next)(struct rdma_cm_event *event) = dlsym(RTLD_NEXT, "rdma_ack_cm_event");

	return event == &fake ? 0 : next(event);
}
