/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The protocol between a compute node (the client: kernel module swap_ext_rdma) and
 * a memory node (the server: swx-memd). The only header both include; it needs
 * nothing but <linux/types.h>, in the kernel and in user space.
 *
 * All numbers are little endian. Every byte that has no meaning is sent as zero and
 * not looked at. Strings are padded with zeros to their whole length; one that fills
 * its array has no terminator. Addresses are IPv6, IPv4 ones as ::ffff:a.b.c.d.
 *
 * Connections
 *
 * The client connects with rdma_cm, port space RDMA_PS_TCP. It has one session with a
 * server, which is one control connection and then any number of data connections.
 * The private data of a connection request says which it is (struct
 * swx_wire_connect), that of the reply says who answers (struct swx_wire_accept),
 * that of a rejection says why (struct swx_wire_reject). InfiniBand and RoCE pad
 * private data with zeros, iWARP does not: check for "at least", not for "equal".
 *
 * Messages are sent on the control connection only, one per SEND, at most
 * SWX_WIRE_MSG_MAX bytes. Data connections carry one-sided READs and WRITEs of the
 * client and nothing else; the server posts no receive on them.
 *
 *	client					server
 *	connect (SWX_WIRE_CONTROL)	->
 *					<-	accept, or reject with a reason
 *	HELLO				->
 *					<-	CHALLENGE
 *	AUTH, or RESUME			->
 *					<-	WELCOME, or ERROR
 *	connect (SWX_WIRE_DEMAND ...)	->
 *					<-	accept, or reject with a reason
 *	SLAB_ALLOC, SLAB_LIST		->
 *					<-	SLAB_GRANT, or ERROR
 *	SLAB_FREE			->
 *					<-	SLAB_FREED, or ERROR
 *	PING				->
 *					<-	PONG
 *					<-	DRAIN, at any time after WELCOME
 *	BYE				->	(or <-)
 *
 * Both sides keep SWX_WIRE_RECVS receives posted on the control connection, the server
 * from before it accepts, the client from before it connects. The client has at most
 * SWX_WIRE_REQUESTS requests without an answer, among them one SLAB_ALLOC and one
 * SLAB_FREE. Answers may come in another order than requests: they carry their tags.
 *
 * A data connection that is lost can be replaced by a new one. When the control
 * connection is lost, the server closes the data connections, too; after RESUME the
 * client connects them anew.
 *
 * Liveness: the client sends a PING at least three times per idle_timeout_ms; a
 * session that was silent for that long is taken for disconnected. How long a client
 * waits for its PONG is its own business.
 *
 * Keys and proofs
 *
 * Both sides have the same secret, SWX_WIRE_KEY_MIN to SWX_WIRE_KEY_MAX bytes, as they
 * are in its file: K. A proof is HMAC-SHA256(key, struct swx_wire_transcript):
 *
 *	AUTH	 SWX_WIRE_PROOF_CLIENT, key K
 *	RESUME	 SWX_WIRE_PROOF_RESUME, key S, which only the old session's ends know
 *	WELCOME	 SWX_WIRE_PROOF_SERVER, key K after AUTH, key S after RESUME
 *	S =	 SWX_WIRE_PROOF_SESSION, key K, of the AUTH that began the session
 *
 * S stays the same when a session is resumed. Data connections prove themselves with
 * S, too: see struct swx_wire_connect and struct swx_wire_accept. The pages
 * themselves are neither encrypted nor authenticated by this protocol.
 *
 * Memory
 *
 * A slab is one memory region of slab_size bytes that this session alone may READ and
 * WRITE, from its grant until it is freed or the session ends. It is zeroed before
 * anybody gets it. Slabs, their addresses and keys outlive a lost connection for
 * grace_ms, if the session is resumed within it; they never outlive the server: another
 * epoch means that everything is gone.
 *
 * The completion of a WRITE says that the bytes are in the slab on InfiniBand and RoCE,
 * and on iWARP only that they were handed to the network: there a READ on the same
 * connection, posted after the WRITE, says so when it completes.
 */
#ifndef __SWAP_EXT_WIRE_H
#define __SWAP_EXT_WIRE_H

#include <linux/types.h>

#define SWX_WIRE_MAGIC		0x6d787773U	/* "swxm" */
#define SWX_WIRE_VERSION	1

/*
 * Free in IANA's registry. (7471, which the examples of rdma-core use, is STT's, and
 * with iWARP the port is one of TCP.)
 */
#define SWX_WIRE_PORT		7493

#define SWX_WIRE_MSG_MAX	1024	/* bytes, with the header */
#define SWX_WIRE_RECVS		16	/* receives posted on a control connection */
#define SWX_WIRE_REQUESTS	8	/* of the client, without an answer */

#define SWX_WIRE_KEY_MIN	32	/* bytes */
#define SWX_WIRE_KEY_MAX	128
#define SWX_WIRE_NONCE_LEN	32
#define SWX_WIRE_PROOF_LEN	32	/* a whole HMAC-SHA256 */
#define SWX_WIRE_NAME_LEN	64
#define SWX_WIRE_TEXT_LEN	128
#define SWX_WIRE_SLABS_MAX	40	/* in one message */
#define SWX_WIRE_FREES_MAX	240

#define SWX_WIRE_CHECK_SIZE(type, size)					\
	_Static_assert(sizeof(struct type) == (size),			\
		       "struct " #type " is not what is on the wire")

/**
 * enum swx_wire_kind - what a connection is for
 * @SWX_WIRE_CONTROL: messages; the first connection of a session
 * @SWX_WIRE_DEMAND: READs that a fault waits for
 * @SWX_WIRE_PREFETCH: READs ahead of faults
 * @SWX_WIRE_WRITE: WRITEs, and READs that must be ordered after them
 *
 * The server treats all but the first alike; it tells them apart in its statistics.
 */
enum swx_wire_kind {
	SWX_WIRE_CONTROL	= 0,
	SWX_WIRE_DEMAND		= 1,
	SWX_WIRE_PREFETCH	= 2,
	SWX_WIRE_WRITE		= 3,
};

#define SWX_WIRE_NR_KINDS	4

/**
 * struct swx_wire_connect - private data of a connection request, client to server
 * @magic: SWX_WIRE_MAGIC; stays here in every version
 * @version: SWX_WIRE_VERSION of the client; stays here in every version
 * @kind: enum swx_wire_kind
 * @reserved: 0
 * @session: session the connection belongs to; 0 for SWX_WIRE_CONTROL
 * @serial: 0 for SWX_WIRE_CONTROL; else a number that this session never used before,
 *	counted up from 1 and not begun anew when the session is resumed. Connections
 *	may arrive in another order, within 64 numbers.
 * @qpn: number of the client's queue pair
 * @proof: 0 for SWX_WIRE_CONTROL; else HMAC-SHA256(S, all that stands before it)
 *
 * Data connections come from the address that the control connection came from. 56
 * bytes are all that RDMA_PS_TCP has room for.
 */
struct swx_wire_connect {
	__le32	magic;
	__le16	version;
	__u8	kind;
	__u8	reserved;
	__le64	session;
	__le32	serial;
	__le32	qpn;
	__u8	proof[SWX_WIRE_PROOF_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_connect, 56);

/**
 * struct swx_wire_accept - private data of an accepted connection, server to client
 * @magic: SWX_WIRE_MAGIC
 * @version: SWX_WIRE_VERSION of the server, the same as the client's
 * @kind: as in the request
 * @reserved: 0
 * @session: as in the request
 * @serial: as in the request
 * @qpn: number of the server's queue pair
 * @client_qpn: that of the client, as in the request
 * @reserved2: 0
 * @proof: 0 for SWX_WIRE_CONTROL; else HMAC-SHA256(S, all that stands before it)
 *
 * A client that finds another proof on a data connection talks to somebody else and
 * must not WRITE to it. The two proofs differ as their lengths do.
 */
struct swx_wire_accept {
	__le32	magic;
	__le16	version;
	__u8	kind;
	__u8	reserved;
	__le64	session;
	__le32	serial;
	__le32	qpn;
	__le32	client_qpn;
	__le32	reserved2;
	__u8	proof[SWX_WIRE_PROOF_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_accept, 64);

/**
 * struct swx_wire_reject - private data of a refused connection, server to client
 * @magic: SWX_WIRE_MAGIC; stays here in every version
 * @version: SWX_WIRE_VERSION of the server; stays here in every version
 * @reserved: 0
 * @code: enum swx_wire_code
 * @detail: see there
 *
 * A rejection without it comes from the transport: nobody listens there.
 */
struct swx_wire_reject {
	__le32	magic;
	__le16	version;
	__le16	reserved;
	__le32	code;
	__le32	detail;
};

SWX_WIRE_CHECK_SIZE(swx_wire_reject, 16);

/**
 * enum swx_wire_purpose - what a proof or key is for, so that none is good for two things
 * @SWX_WIRE_PROOF_CLIENT: the client knows the shared key
 * @SWX_WIRE_PROOF_SERVER: the server does
 * @SWX_WIRE_PROOF_SESSION: not a proof but S, the key of the session
 * @SWX_WIRE_PROOF_RESUME: the client had the session before
 */
enum swx_wire_purpose {
	SWX_WIRE_PROOF_CLIENT	= 1,
	SWX_WIRE_PROOF_SERVER	= 2,
	SWX_WIRE_PROOF_SESSION	= 3,
	SWX_WIRE_PROOF_RESUME	= 4,
};

/**
 * struct swx_wire_transcript - what proofs are computed over; itself never sent
 * @purpose: enum swx_wire_purpose
 * @version: SWX_WIRE_VERSION
 * @reserved: 0
 * @session: for CLIENT 0, for RESUME the session to resume, for SERVER and SESSION
 *	the session of the WELCOME
 * @epoch: for CLIENT and RESUME 0, for SERVER and SESSION the epoch of the WELCOME
 * @client_addr: the client's address on this connection
 * @server_addr: the server's address on this connection
 * @client_qpn: number of the client's queue pair, as in struct swx_wire_connect
 * @server_qpn: number of the server's queue pair, as in struct swx_wire_accept
 * @client_nonce: as in HELLO
 * @server_nonce: as in CHALLENGE
 * @name: as in HELLO
 */
struct swx_wire_transcript {
	__le32	purpose;
	__le16	version;
	__le16	reserved;
	__le64	session;
	__le64	epoch;
	__u8	client_addr[16];
	__u8	server_addr[16];
	__le32	client_qpn;
	__le32	server_qpn;
	__u8	client_nonce[SWX_WIRE_NONCE_LEN];
	__u8	server_nonce[SWX_WIRE_NONCE_LEN];
	__u8	name[SWX_WIRE_NAME_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_transcript, 192);

/**
 * enum swx_wire_type - of a message
 * @SWX_WIRE_HELLO: client, first of all: who it is
 * @SWX_WIRE_CHALLENGE: server, answers HELLO
 * @SWX_WIRE_AUTH: client, answers CHALLENGE: begins a new session
 * @SWX_WIRE_RESUME: client, answers CHALLENGE: goes on with a session whose connection
 *	was lost, or that the client gave up on. Old connections of the session that
 *	still exist are closed. After the error SWX_WIRE_E_SESSION an AUTH may follow.
 * @SWX_WIRE_WELCOME: server, answers AUTH and RESUME
 * @SWX_WIRE_SLAB_ALLOC: client, wants slabs
 * @SWX_WIRE_SLAB_GRANT: server, answers SLAB_ALLOC: as many as were asked for. Fewer
 *	are an ERROR, SWX_WIRE_E_QUOTA or SWX_WIRE_E_MEMORY, and the session goes on.
 * @SWX_WIRE_SLAB_FREE: client, gives slabs back; it has no operation under way on them
 * @SWX_WIRE_SLAB_FREED: server, answers SLAB_FREE: their keys are dead from now on
 * @SWX_WIRE_PING: client, heartbeat; a bare header
 * @SWX_WIRE_PONG: server, answers PING
 * @SWX_WIRE_DRAIN: server, wants to stop: the client brings its pages home and says
 *	BYE. Nothing new is granted; what is there works until the deadline.
 * @SWX_WIRE_BYE: either, a bare header: the session ends now, its slabs are released
 *	at once, the connections are closed. There is no answer.
 * @SWX_WIRE_ERROR: server, answers a request that failed (with its tag), or says why
 *	it will close the connection (tag 0 where it is nobody's answer)
 * @SWX_WIRE_SLAB_LIST: client: which slabs are mine? For a client that resumed and
 *	finds another number in WELCOME than it knows of: an answer was lost with the
 *	connection. Answered by SLAB_GRANT.
 */
enum swx_wire_type {
	SWX_WIRE_HELLO		= 1,
	SWX_WIRE_CHALLENGE	= 2,
	SWX_WIRE_AUTH		= 3,
	SWX_WIRE_RESUME		= 4,
	SWX_WIRE_WELCOME	= 5,
	SWX_WIRE_SLAB_ALLOC	= 6,
	SWX_WIRE_SLAB_GRANT	= 7,
	SWX_WIRE_SLAB_FREE	= 8,
	SWX_WIRE_SLAB_FREED	= 9,
	SWX_WIRE_PING		= 10,
	SWX_WIRE_PONG		= 11,
	SWX_WIRE_DRAIN		= 12,
	SWX_WIRE_BYE		= 13,
	SWX_WIRE_ERROR		= 14,
	SWX_WIRE_SLAB_LIST	= 15,
};

/**
 * struct swx_wire_header - begins every message
 * @type: enum swx_wire_type
 * @len: bytes of the message, this header included; as many as were received
 * @tag: chosen by the client per request, not 0, and given back in the answer; 0 in
 *	what the server sends unasked and in BYE
 */
struct swx_wire_header {
	__le16	type;
	__le16	len;
	__le32	tag;
};

SWX_WIRE_CHECK_SIZE(swx_wire_header, 8);

/**
 * struct swx_wire_hello - client to server, first message
 * @hdr: SWX_WIRE_HELLO
 * @features: none yet: 0
 * @slab_min: smallest slab the client can use, in bytes
 * @slab_max: largest
 * @nonce: random bytes, new for every connection
 * @name: the client's name, printable ASCII without blanks; may be empty. What the
 *	server's quotas go by.
 */
struct swx_wire_hello {
	struct swx_wire_header hdr;
	__le64	features;
	__le64	slab_min;
	__le64	slab_max;
	__u8	nonce[SWX_WIRE_NONCE_LEN];
	__u8	name[SWX_WIRE_NAME_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_hello, 128);

/**
 * struct swx_wire_challenge - server to client, answers HELLO
 * @hdr: SWX_WIRE_CHALLENGE
 * @nonce: random bytes, new for every connection
 */
struct swx_wire_challenge {
	struct swx_wire_header hdr;
	__u8	nonce[SWX_WIRE_NONCE_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_challenge, 40);

/**
 * struct swx_wire_auth - client to server, answers CHALLENGE
 * @hdr: SWX_WIRE_AUTH or SWX_WIRE_RESUME
 * @session: for SWX_WIRE_RESUME the session to go on with, else 0
 * @proof: that of the type
 */
struct swx_wire_auth {
	struct swx_wire_header hdr;
	__le64	session;
	__u8	proof[SWX_WIRE_PROOF_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_auth, 48);

#define SWX_WIRE_F_HUGE		(1ULL << 0)	/* slabs are of huge pages */

/**
 * struct swx_wire_welcome - server to client, answers AUTH and RESUME
 * @hdr: SWX_WIRE_WELCOME
 * @session: number of the session; not 0
 * @epoch: random, drawn when the server started; not 0
 * @features: SWX_WIRE_F_*
 * @slab_size: bytes of every slab; a power of two, within the client's limits
 * @free_bytes: what the server has left for anybody, in whole slabs
 * @quota_bytes: the most this session's client may have, over all its sessions;
 *	U64_MAX without limit
 * @nr_slabs: slabs the session has: 0 after AUTH; after RESUME those the server
 *	kept, all with the same addresses and keys as before
 * @max_connections: data connections the session may have at a time
 * @max_reads: READs that one data connection may have under way at the server; the
 *	client asks for no more initiator_depth than this
 * @idle_timeout_ms: a session silent for this long is taken for disconnected
 * @grace_ms: a session can be resumed until this long after it was disconnected; 0:
 *	it cannot
 * @reserved: 0
 * @proof: that of the server
 *
 * The client checks @proof before it believes anything else in here.
 */
struct swx_wire_welcome {
	struct swx_wire_header hdr;
	__le64	session;
	__le64	epoch;
	__le64	features;
	__le64	slab_size;
	__le64	free_bytes;
	__le64	quota_bytes;
	__le32	nr_slabs;
	__le32	max_connections;
	__le32	max_reads;
	__le32	idle_timeout_ms;
	__le32	grace_ms;
	__le32	reserved;
	__u8	proof[SWX_WIRE_PROOF_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_welcome, 112);

/**
 * struct swx_wire_slab_alloc - client to server
 * @hdr: SWX_WIRE_SLAB_ALLOC
 * @count: slabs wanted, 1 to SWX_WIRE_SLABS_MAX
 * @reserved: 0
 */
struct swx_wire_slab_alloc {
	struct swx_wire_header hdr;
	__le32	count;
	__le32	reserved;
};

SWX_WIRE_CHECK_SIZE(swx_wire_slab_alloc, 16);

/**
 * struct swx_wire_slab - one slab, in SLAB_GRANT
 * @id: number of the slab at this server, for SLAB_FREE; not 0
 * @rkey: remote key of all of it
 * @addr: remote address of its first byte, aligned to the page size
 * @len: bytes; slab_size
 */
struct swx_wire_slab {
	__le32	id;
	__le32	rkey;
	__le64	addr;
	__le64	len;
};

SWX_WIRE_CHECK_SIZE(swx_wire_slab, 24);

/**
 * struct swx_wire_slab_list - client to server
 * @hdr: SWX_WIRE_SLAB_LIST
 * @after: only slabs with a larger id than this; 0 at first, then the last id that
 *	came, until nothing comes
 * @reserved: 0
 */
struct swx_wire_slab_list {
	struct swx_wire_header hdr;
	__le32	after;
	__le32	reserved;
};

SWX_WIRE_CHECK_SIZE(swx_wire_slab_list, 16);

/**
 * struct swx_wire_slab_grant - server to client, answers SLAB_ALLOC and SLAB_LIST
 * @hdr: SWX_WIRE_SLAB_GRANT
 * @count: as in SLAB_ALLOC; for SLAB_LIST 0 to SWX_WIRE_SLABS_MAX, by rising id
 * @reserved: 0
 * @slab: @count of them; the message ends after the last
 */
struct swx_wire_slab_grant {
	struct swx_wire_header hdr;
	__le32	count;
	__le32	reserved;
	struct swx_wire_slab slab[];
};

SWX_WIRE_CHECK_SIZE(swx_wire_slab_grant, 16);

_Static_assert(sizeof(struct swx_wire_slab_grant) +
	       SWX_WIRE_SLABS_MAX * sizeof(struct swx_wire_slab) <= SWX_WIRE_MSG_MAX,
	       "a grant is too long for a message");

/**
 * struct swx_wire_slab_free - client to server
 * @hdr: SWX_WIRE_SLAB_FREE
 * @count: slabs given back, 1 to SWX_WIRE_FREES_MAX
 * @reserved: 0
 * @id: numbers of @count slabs; the message ends after the last
 *
 * If one of them is not the session's or named twice, none is freed
 * (SWX_WIRE_E_SLAB).
 */
struct swx_wire_slab_free {
	struct swx_wire_header hdr;
	__le32	count;
	__le32	reserved;
	__le32	id[];
};

SWX_WIRE_CHECK_SIZE(swx_wire_slab_free, 16);

_Static_assert(sizeof(struct swx_wire_slab_free) +
	       SWX_WIRE_FREES_MAX * sizeof(__le32) <= SWX_WIRE_MSG_MAX,
	       "a list of slabs is too long for a message");

/**
 * struct swx_wire_slab_freed - server to client, answers SLAB_FREE
 * @hdr: SWX_WIRE_SLAB_FREED
 * @count: as in the request
 * @nr_slabs: slabs the session has left
 */
struct swx_wire_slab_freed {
	struct swx_wire_header hdr;
	__le32	count;
	__le32	nr_slabs;
};

SWX_WIRE_CHECK_SIZE(swx_wire_slab_freed, 16);

/**
 * struct swx_wire_pong - server to client, answers PING
 * @hdr: SWX_WIRE_PONG
 * @epoch: as in WELCOME
 * @free_bytes: what the server has left for anybody, in whole slabs; what is still to
 *	be zeroed counts as left
 * @nr_slabs: slabs the session has
 * @drain_ms: 0, or what is left until the deadline of a DRAIN
 */
struct swx_wire_pong {
	struct swx_wire_header hdr;
	__le64	epoch;
	__le64	free_bytes;
	__le32	nr_slabs;
	__le32	drain_ms;
};

SWX_WIRE_CHECK_SIZE(swx_wire_pong, 32);

/**
 * struct swx_wire_drain - server to client, unasked
 * @hdr: SWX_WIRE_DRAIN
 * @deadline_ms: the server stops this long from now, or earlier when all have left
 * @reserved: 0
 */
struct swx_wire_drain {
	struct swx_wire_header hdr;
	__le32	deadline_ms;
	__le32	reserved;
};

SWX_WIRE_CHECK_SIZE(swx_wire_drain, 16);

/**
 * enum swx_wire_code - what failed, in ERROR and struct swx_wire_reject
 * @SWX_WIRE_E_VERSION: the server speaks another version
 * @SWX_WIRE_E_PROTOCOL: a malformed or unexpected message
 * @SWX_WIRE_E_AUTH: wrong proof: another key, or somebody in between
 * @SWX_WIRE_E_BUSY: too many sessions, or too many clients that shake hands;
 *	detail: how many there may be
 * @SWX_WIRE_E_TIMEOUT: the handshake took too long
 * @SWX_WIRE_E_SLAB_SIZE: the server's slabs do not suit the client; detail: their
 *	size in KiB
 * @SWX_WIRE_E_QUOTA: the client has what it may have; detail: slabs it may still get
 * @SWX_WIRE_E_MEMORY: the server has no more; detail: slabs it has left
 * @SWX_WIRE_E_SESSION: no such session (any more), or not on this device
 * @SWX_WIRE_E_SLAB: not a slab of this session; detail: its number
 * @SWX_WIRE_E_LIMIT: more connections than a session may have, or more requests than
 *	may be under way; detail: how many there may be
 * @SWX_WIRE_E_DRAINING: the server is about to stop
 * @SWX_WIRE_E_INTERNAL: something failed in the server; its log says more
 */
enum swx_wire_code {
	SWX_WIRE_E_VERSION	= 1,
	SWX_WIRE_E_PROTOCOL	= 2,
	SWX_WIRE_E_AUTH		= 3,
	SWX_WIRE_E_BUSY		= 4,
	SWX_WIRE_E_TIMEOUT	= 5,
	SWX_WIRE_E_SLAB_SIZE	= 6,
	SWX_WIRE_E_QUOTA	= 7,
	SWX_WIRE_E_MEMORY	= 8,
	SWX_WIRE_E_SESSION	= 9,
	SWX_WIRE_E_SLAB		= 10,
	SWX_WIRE_E_LIMIT	= 11,
	SWX_WIRE_E_DRAINING	= 12,
	SWX_WIRE_E_INTERNAL	= 13,
};

/**
 * struct swx_wire_error - server to client
 * @hdr: SWX_WIRE_ERROR; the tag of the request it answers, or 0
 * @code: enum swx_wire_code
 * @detail: see there
 * @fatal: 1: the server closes the connection now; 0: the session goes on
 * @reserved: 0
 * @text: for people: what, and the way out
 */
struct swx_wire_error {
	struct swx_wire_header hdr;
	__le32	code;
	__le32	detail;
	__le32	fatal;
	__le32	reserved;
	__u8	text[SWX_WIRE_TEXT_LEN];
};

SWX_WIRE_CHECK_SIZE(swx_wire_error, 152);

#endif /* __SWAP_EXT_WIRE_H */
