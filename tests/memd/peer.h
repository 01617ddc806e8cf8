/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of swx-memd for tests: knows the protocol from wire.h alone and shares no
 * code with the server. A function that cannot do its work ends the program with a
 * reason; what is expected to fail has a function that returns how it failed.
 */
#ifndef PEER_H
#define PEER_H

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>
#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

#define PATIENCE_MS 30000	/* under emulation everything takes its time */

/** struct link - one connection */
struct link {
	struct rdma_event_channel	*channel;
	struct rdma_cm_id		*id;
	struct ibv_pd			*pd;
	struct ibv_cq			*cq;
	struct ibv_mr			*mr;
	unsigned char			*buf;
	struct swx_wire_connect		request;
	struct swx_wire_accept		accept;
	/* why it was refused: 0: by the transport */
	enum swx_wire_code		refused;
	__u32				detail;
	bool				gone;
	/* received, not yet looked at: buffers in order */
	unsigned int			pending[SWX_WIRE_RECVS];
	__u32				pending_len[SWX_WIRE_RECVS];
	unsigned int			nr_pending;
};

/** struct peer - one client and its session */
struct peer {
	struct link		control;
	const char		*addr;
	int			port;
	unsigned char		key[SWX_WIRE_KEY_MAX];
	size_t			key_len;
	char			name[SWX_WIRE_NAME_LEN];
	unsigned char		session_key[SWX_WIRE_PROOF_LEN];
	unsigned char		client_nonce[SWX_WIRE_NONCE_LEN];
	unsigned char		server_nonce[SWX_WIRE_NONCE_LEN];
	__u64			session;
	__u64			epoch;
	__u64			slab_size;
	__u64			slab_min, slab_max;	/* said in HELLO */
	__u32			serial;
	__u32			tag;
	struct swx_wire_welcome	welcome;
};

/** union message - anything received */
union message {
	struct swx_wire_header		hdr;
	struct swx_wire_challenge	challenge;
	struct swx_wire_welcome		welcome;
	struct swx_wire_slab_grant	grant;
	struct swx_wire_slab_freed	freed;
	struct swx_wire_pong		pong;
	struct swx_wire_drain		drain;
	struct swx_wire_error		error;
	unsigned char			bytes[SWX_WIRE_MSG_MAX];
};

__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *fmt, ...);
#define EXPECT(cond, fmt, args...)					\
do {									\
	if (!(cond))							\
		die("%s:%d: " fmt, __FILE__, __LINE__, ##args);		\
} while (0)

void hmac(const void *key, size_t len, const void *data, size_t data_len,
	  unsigned char *proof);

void peer_init(struct peer *p, const char *addr, int port, const char *key_file,
	       const char *name);
/* False: refused, see link. @request is sent as it is, @len bytes of it. */
bool link_connect(struct link *l, const struct peer *p, const void *request, size_t len);
void link_close(struct link *l);
/* True if the server closes it in time. */
bool link_closed(struct link *l, int ms);

/* The control connection, up to where HELLO is due. */
bool peer_connect(struct peer *p);
/* HELLO, CHALLENGE, AUTH (or RESUME) and the answer to it, be it WELCOME or ERROR. */
void peer_greet(struct peer *p, bool resume, union message *answer);
/* All of that, expected to go well. */
void peer_begin(struct peer *p);
void peer_resume(struct peer *p);
void peer_bye(struct peer *p);

void peer_send(struct peer *p, const void *msg, size_t len);
bool peer_receive(struct peer *p, union message *m, int ms);
/* Fills in header and tag, sends, and waits for the answer with that tag. */
void peer_ask(struct peer *p, enum swx_wire_type type, void *msg, size_t len,
	      union message *answer);
/* The answer must be this error. */
void expect_error(const union message *m, enum swx_wire_code code, bool fatal);

void peer_alloc(struct peer *p, unsigned int count, struct swx_wire_slab *slabs);
/* 0, or the error it was answered with */
enum swx_wire_code peer_try_alloc(struct peer *p, unsigned int count, __u32 *detail);
void peer_free(struct peer *p, const struct swx_wire_slab *slabs, unsigned int count);

/* A data connection of the session, with the next serial number. */
bool data_connect(struct peer *p, struct link *l, enum swx_wire_kind kind);
void data_open(struct peer *p, struct link *l, enum swx_wire_kind kind);
/* One operation and its completion. */
enum ibv_wc_status data_io(struct link *l, enum ibv_wr_opcode op, __u32 rkey, __u64 addr,
			   void *buf, size_t len);

#endif /* PEER_H */
