/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swx-memd: memory for the swap of other machines.
 *
 *	main.c		options, start, the loop, the end
 *	config.c	settings
 *	verbs.c		devices, queue pairs, control messages: what has no policy
 *	cm.c		listening, and who may connect
 *	conn.c		connections
 *	request.c	what a control message is answered with
 *	session.c	sessions: their slabs, their end, their return
 *	slab.c auth.c message.c loop.c log.c	what these stand on, each by itself
 *	stat.c report.c	what happens in here, for people and programs
 *	notify.c	for systemd
 *
 * One thread does everything. What takes longer than a heartbeat may wait (registering
 * memory, zeroing it) is done piece by piece between events: memd_session_work().
 */
#ifndef __MEMD_H
#define __MEMD_H

#include <linux/types.h>
#include <sys/queue.h>

#include "auth.h"
#include "config.h"
#include "loop.h"
#include "slab.h"
#include "wire.h"

struct memd_conn;
struct memd_device;
struct memd_session;
struct rdma_cm_id;
struct rdma_event_channel;

/* name in JSON and Prometheus, what it counts */
#define MEMD_COUNTERS(X)						      \
	X(connections,		"connections accepted")			      \
	X(rejections,		"connections refused")			      \
	X(handshake_timeouts,	"handshakes that took too long")	      \
	X(auth_failures,	"wrong proofs")				      \
	X(protocol_errors,	"malformed or unexpected messages")	      \
	X(access_errors,	"queue pairs that failed or were told to")    \
	X(sessions_begun,	"sessions begun")			      \
	X(sessions_resumed,	"sessions resumed")			      \
	X(sessions_lost,	"sessions disconnected without a farewell")   \
	X(sessions_expired,	"sessions not resumed within their grace")    \
	X(slabs_granted,	"slabs granted")			      \
	X(slabs_freed,		"slabs given back or released")		      \
	X(quota_refusals,	"requests for slabs beyond a quota")	      \
	X(memory_refusals,	"requests for slabs that were not there")

struct memd_counters {
#define X(name, help) __u64 name;
	MEMD_COUNTERS(X)
#undef X
};

/*
 * struct memd - everything
 * @listeners: as cfg.listen; NULL where the device was removed
 * @conns: connections that live
 * @dead_conns: connections to be destroyed before the next event
 * @sessions: those that live, those in their grace period, those being taken apart
 * @nr_sessions: of the first two kinds
 * @nr_handshakes: control connections without a session
 * @epoch: of this start
 * @drain_until: 0, or when (in ms) the daemon ends even if clients are left
 */
struct memd {
	struct memd_config		cfg;
	struct memd_key			key;
	struct memd_pool		pool;
	struct memd_counters		count;
	int				epoll;
	struct rdma_event_channel	*cm;
	struct memd_watch		cm_watch;
	struct rdma_cm_id		*listeners[MEMD_MAX_LISTEN];
	TAILQ_HEAD(, memd_device)	devices;
	TAILQ_HEAD(, memd_conn)		conns;
	TAILQ_HEAD(, memd_conn)		dead_conns;
	TAILQ_HEAD(, memd_session)	sessions;
	__u32				nr_sessions;
	__u32				nr_handshakes;
	__u64				epoch;
	__u64				started;
	__u64				drain_until;
};

#endif /* __MEMD_H */
