/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swap_ext_rdma: what its files share.
 *
 *   main.c	module, parameters, what the frontswap core calls
 *   node.c	memory nodes in configfs
 *   path.c	the state of a node: up, down, when to try again
 *   conn.c	connections: rdma_cm, queue pairs, completion queues
 *   control.c	messages on the control connection
 *   auth.c	proofs
 *   slab.c	which part of which slab a slot has
 *   io.c	reads and writes
 *   hold.c	reads that cannot be posted now
 *   home.c	bringing home the pages of one node
 *   stat.c	counters and latencies
 *
 * A node (struct swx_node) is what somebody configured. It has a session with a
 * server, which owns slabs, and, while it is connected, a path (struct swx_path):
 * the control connection and the queues for reads and writes. Whatever goes wrong
 * on one connection takes the whole path down: the server closes the old
 * connections before it lets the session go on, so that no late WRITE of an old
 * one can meet a slot's next page.
 *
 * Only the node's work makes and unmakes paths. It runs on a workqueue of its own,
 * under memalloc_noio_save(): the memory that it needs may be what reclaim waits
 * for it to bring.
 *
 * Locks, outermost first:
 *
 *   configfs' own
 *     node->mutex	settings, and who connects or disconnects
 *       swx_nodes_lock	which nodes there are; looked up under RCU
 *   frontswap_lock	around ops->swapon() and ->swapoff(); we take none of the above there
 *
 *   queue->poll_lock	one poller at a time; only ever tried
 *     queue->lock	requests, and whether any may be posted; irqs off
 *   node->slab_lock	slabs and free pieces; irqs off; the core calls us with locks held
 *   node->hold_lock	reads that wait; irqs off
 *   node->text_lock	what went wrong, in words
 *
 * The last five are never held together, but for queue->poll_lock, under which reads
 * end and so anything but itself may be taken. The core's locks may be held around
 * node->slab_lock; none of ours is held when the core is called, but for
 * queue->lock around frontswap_write_begin().
 */
#ifndef _SWAP_EXT_RDMA_H
#define _SWAP_EXT_RDMA_H

#include <linux/configfs.h>
#include <linux/frontswap.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/swapops.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>
#include "wire.h"

#define SWX_MAX_NODES		32
/* Slots of a piece, the unit in which memory of slabs is given to ranges of slots. */
#define SWX_PIECE_SIZE		(2UL << 20)
#define SWX_PIECE_SLOTS		(SWX_PIECE_SIZE / PAGE_SIZE)
/* Folios of one work request. */
#define SWX_MAX_SGE		16
#define SWX_NR_QUEUES		(SWX_WIRE_NR_KINDS - 1)
#define SWX_NR_SENDS		4
#define SWX_NR_BUCKETS		32
#define SWX_TEXT_LEN		160

struct swx_node;
struct swx_path;
struct swx_queue;

/**
 * struct swx_piece - SWX_PIECE_SIZE bytes of a slab
 * @node: in &swx_node.free_pieces while no range of slots has it.
 * @slab: what it is part of.
 * @at: the entry of the range of slots that has it.
 * @twin: the other piece that has the same pages, of another node; NULL: none.
 * @second: of the two it is not the one whose @live counts.
 * @live: slots that have a page here, or a store under way. From 0 it leaves only
 *	with swx_node.slab_lock held.
 *
 * A range of slots has one piece, or two that are written both: a store that cannot
 * be is refused. So each of them has every page of the range, unless its slab is lost.
 */
struct swx_piece {
	struct list_head	node;
	struct swx_slab		*slab;
	struct swx_piece	**at;
	struct swx_piece	*twin;
	bool			second;
	atomic_t		live;
};

/**
 * struct swx_slab - memory of a server
 * @node: in &swx_node.slabs.
 * @owner: whose it is.
 * @id: number at the server.
 * @rkey: remote key.
 * @addr: remote address.
 * @lost: what is in it is gone. Never false again.
 * @listed: for swx_slabs_check().
 * @nr_mapped: pieces that ranges of slots have.
 * @nr_pieces: of @piece.
 * @rcu: frees it.
 * @piece: all of it.
 *
 * Stays while a slot has a page in it, even if the page is lost. Looked up under RCU.
 */
struct swx_slab {
	struct list_head	node;
	struct swx_node		*owner;
	u32			id;
	u32			rkey;
	u64			addr;
	bool			lost;
	bool			listed;
	u32			nr_mapped;
	u32			nr_pieces;
	struct rcu_head		rcu;
	struct swx_piece	piece[] __counted_by(nr_pieces);
};

/**
 * struct swx_conn - a connection
 * @path: what it is part of.
 * @id: of the rdma_cm; its ->qp is the queue pair.
 * @cq: completions of both directions.
 * @kind: what it is for.
 * @serial: as in struct swx_wire_connect.
 * @event: what &swx_path.wait waits for: the last step has ended, with @err.
 * @established: it was; an error takes the path down.
 * @err: 0 or -errno.
 * @reject: why the server refused; magic 0: it did not say.
 * @accept: what the server said when it accepted.
 */
struct swx_conn {
	struct swx_path		*path;
	struct rdma_cm_id	*id;
	struct ib_cq		*cq;
	u8			kind;
	u32			serial;
	bool			event;
	bool			established;
	int			err;
	struct swx_wire_reject	reject;
	struct swx_wire_accept	accept;
};

/**
 * struct swx_request - a work request and its folios
 * @cqe: what its completions find.
 * @queue: where it belongs.
 * @node: in &swx_queue.free.
 * @start: when it was posted, in ns; 0: it is free. Read without a lock.
 * @nr: folios, and of @sge.
 * @pending: completions to come.
 * @err: of the first completion that had one.
 * @folio: what it reads or writes; their DMA addresses are in @sge.
 * @sge: where they are.
 * @wr: the READ or WRITE.
 * @commit: on iWARP the READ after a WRITE.
 * @commit_sge: for @commit.
 */
struct swx_request {
	struct ib_cqe		cqe;
	struct swx_queue	*queue;
	struct list_head	node;
	u64			start;
	unsigned int		nr;
	atomic_t		pending;
	int			err;
	struct folio		*folio[SWX_MAX_SGE];
	struct ib_sge		sge[SWX_MAX_SGE];
	struct ib_rdma_wr	wr;
	struct ib_rdma_wr	commit;
	struct ib_sge		commit_sge;
};

/**
 * struct swx_queue - a data connection of one CPU
 * @conn: the connection.
 * @lock: @live, @free, @nr_free; posts are serialised by it so that a queue that is
 *	not @live has no poster.
 * @live: requests may be posted.
 * @max_sge: folios that a request may have.
 * @nr_free: of @free.
 * @nr_requests: of @request.
 * @free: requests nobody uses.
 * @request: all of them.
 * @poll_lock: held by who polls, so that others do not contend for the provider's lock.
 * @work: ends what the CQ has, after an interrupt or instead of one.
 * @irq_work: queues @work, where a thread wants that.
 * @commit_buf: where a @commit reads to; nobody looks.
 * @commit_addr: its DMA address.
 */
struct swx_queue {
	struct swx_conn		conn;
	spinlock_t		lock; /* see above */
	bool			live;
	unsigned int		max_sge;
	unsigned int		nr_free;
	unsigned int		nr_requests;
	struct list_head	free;
	struct swx_request	*request;
	spinlock_t		poll_lock; /* see above */
	struct work_struct	work;
	struct irq_work		irq_work;
	u64			*commit_buf;
	u64			commit_addr;
};

/**
 * struct swx_message - a buffer for messages
 * @cqe: what its completion finds.
 * @ctl: where it belongs.
 * @addr: DMA address.
 * @busy: it is under way.
 * @data: SWX_WIRE_MSG_MAX bytes, of its own for the sake of DMA.
 */
struct swx_message {
	struct ib_cqe		cqe;
	struct swx_control	*ctl;
	u64			addr;
	unsigned long		busy;
	void			*data;
};

/**
 * struct swx_control - the control connection
 * @conn: the connection.
 * @recv: receives.
 * @send: sends.
 * @lock: @tag, @answer, @answered.
 * @last_tag: of the last request.
 * @tag: of the request that &swx_path.wait waits for; 0: none.
 * @answered: its answer is in @answer.
 * @answer: SWX_WIRE_MSG_MAX bytes.
 * @ping: tag of the PING that was not answered yet, or 0. Nothing is lost on a
 *	connection, so that there need not be another.
 * @ping_at: when it was sent, in jiffies.
 * @pong_at: when the last PONG came.
 * @nonce: ours, in HELLO.
 * @server_nonce: in CHALLENGE.
 */
struct swx_control {
	struct swx_conn		conn;
	struct swx_message	recv[SWX_WIRE_RECVS];
	struct swx_message	send[SWX_NR_SENDS];
	spinlock_t		lock; /* see above */
	u32			last_tag;
	u32			tag;
	bool			answered;
	void			*answer;
	u32			ping;
	unsigned long		ping_at;
	unsigned long		pong_at;
	u8			nonce[SWX_WIRE_NONCE_LEN];
	u8			server_nonce[SWX_WIRE_NONCE_LEN];
};

/**
 * struct swx_path - what a node has while it is connected
 * @node: whose it is.
 * @dev: device of all its connections.
 * @pd: protection domain.
 * @commits: WRITEs have to be followed by a READ.
 * @suspect: something is slow: no stores for now.
 * @fail_err: 0, or why the path is down.
 * @fail_text: the same in words.
 * @wait: for events of connections and answers.
 * @up_at: when it came up, in jiffies.
 * @slab_size: as in WELCOME.
 * @idle_ms: as in WELCOME.
 * @nr_cpus: queues of each kind.
 * @max_reads: as in WELCOME.
 * @ctl: the control connection.
 * @queue: by kind, less 1, and CPU.
 */
struct swx_path {
	struct swx_node		*node;
	struct ib_device	*dev;
	struct ib_pd		*pd;
	bool			commits;
	bool			suspect;
	int			fail_err;
	char			fail_text[SWX_TEXT_LEN];
	wait_queue_head_t	wait;
	unsigned long		up_at;
	u64			slab_size;
	u32			idle_ms;
	unsigned int		nr_cpus;
	unsigned int		max_reads;
	struct swx_control	ctl;
	struct swx_queue	*queue[SWX_NR_QUEUES];
};

/**
 * struct swx_held - a read that waits to be posted
 * @node: in &swx_node.held or &swx_node.hold_free.
 * @folio: what is read.
 * @since: when it was submitted, in ns.
 */
struct swx_held {
	struct list_head	node;
	struct folio		*folio;
	u64			since;
};

enum swx_state {
	SWX_OFF,		/* not connected, and not to be */
	SWX_CONNECTING,
	SWX_RESYNC,		/* connected: does the server still have our slabs? */
	SWX_UP,
	SWX_DOWN,		/* not connected, will try again */
};

enum swx_stat {
	SWX_READS,		/* pages */
	SWX_WRITES,		/* pages */
	SWX_READ_REQUESTS,
	SWX_WRITE_REQUESTS,
	SWX_READ_ERRORS,	/* requests */
	SWX_WRITE_ERRORS,	/* requests */
	SWX_REFUSED_DOWN,	/* stores: the path is down, or something is slow */
	SWX_REFUSED_BUSY,	/* stores: no request free */
	SWX_REFUSED_LOST,	/* stores: the slab is lost */
	SWX_LOST_READS,		/* pages that were on a slab that is lost */
	SWX_HELD_READS,		/* pages whose read could not be posted at once */
	SWX_EXPIRED_READS,	/* of them: for too long */
	SWX_MAPPED,		/* for DMA */
	SWX_UNMAPPED,
	SWX_TIMEOUTS,
	SWX_PATH_FAILURES,
	SWX_RECONNECTS,
	SWX_RESUMES,		/* of them: the slabs were still there */
	SWX_SLABS_LOST,
	SWX_NR_STATS,
};

/**
 * struct swx_stats - counters of one CPU
 * @v: by enum swx_stat.
 * @latency: requests by how long they took, log2 of ns; [0] reads, [1] writes.
 */
struct swx_stats {
	u64	v[SWX_NR_STATS];
	u64	latency[2][SWX_NR_BUCKETS];
};

/**
 * struct swx_node - a memory node
 * @group: its folder in configfs.
 * @index: in swx_nodes.
 * @mutex: settings: the next lines up to @key.
 * @address: of the server.
 * @port: of the server.
 * @name: what we call ourselves.
 * @size: bytes wanted.
 * @key_len: of @key; 0: there is none.
 * @key: the shared secret.
 * @wanted: connected is what it is to be.
 * @first: the attempt that somebody waits for.
 * @closing: no stores: it is about to be disconnected.
 * @drained: no stores: somebody wants its pages at home.
 * @leaving: no stores: the server is about to stop. The path's, once it is made.
 * @home: all pages came home since @leaving was set.
 * @home_work: brings them.
 * @first_err: how it ended.
 * @settled: the first attempt or the disconnect has ended.
 * @work: makes and unmakes paths, watches over the one that is up.
 * @state: of the above, enum swx_state.
 * @next_try: when to connect again, in jiffies.
 * @backoff_ms: the next one.
 * @text_lock: @text, and of the path @fail_err and @fail_text.
 * @text: the last thing that went wrong or was found out, in words.
 * @path: the path, while it is up; under RCU.
 * @own: the path, from its making to its end; the work's.
 * @tfm: hmac(sha256).
 * @session: number of the session; 0: none.
 * @epoch: of the server.
 * @session_key: S.
 * @serial: of the last data connection.
 * @nr_session_slabs: slabs that the server says the session has, at WELCOME.
 * @quota_text: why it has less memory than it was to have.
 * @slab_lock: the next lines up to @slab_bytes, and what is said in the structs.
 * @slabs: all of them, those that are lost too.
 * @free_pieces: of slabs that are not lost.
 * @nr_free: of them. Read without the lock to choose a node.
 * @nr_slabs: slabs that are not lost.
 * @slab_bytes: of them.
 * @hold_lock: the next three.
 * @held: reads that wait.
 * @hold_free: entries nobody uses.
 * @hold_pool: all of them.
 * @hold_timer: tries to post them.
 * @stats: counters.
 */
struct swx_node {
	struct config_group	group;
	unsigned int		index;
	struct mutex		mutex; /* see above */
	char			address[48];
	u16			port;
	char			name[SWX_WIRE_NAME_LEN + 1];
	u64			size;
	unsigned int		key_len;
	u8			key[SWX_WIRE_KEY_MAX];
	bool			wanted;
	bool			first;
	bool			closing;
	bool			drained;
	bool			leaving;
	bool			home;
	struct delayed_work	home_work;
	int			first_err;
	struct completion	settled;
	struct delayed_work	work;
	enum swx_state		state;
	unsigned long		next_try;
	unsigned int		backoff_ms;
	spinlock_t		text_lock; /* see above */
	char			text[SWX_TEXT_LEN];
	struct swx_path __rcu	*path;
	struct swx_path		*own;
	struct crypto_shash	*tfm;
	u64			session;
	u64			epoch;
	u8			session_key[SWX_WIRE_PROOF_LEN];
	u32			serial;
	u32			nr_session_slabs;
	char			quota_text[SWX_TEXT_LEN];
	spinlock_t		slab_lock; /* see above */
	struct list_head	slabs;
	struct list_head	free_pieces;
	unsigned int		nr_free;
	unsigned int		nr_slabs;
	u64			slab_bytes;
	spinlock_t		hold_lock; /* see above */
	struct list_head	held;
	struct list_head	hold_free;
	struct swx_held		*hold_pool;
	struct timer_list	hold_timer;
	struct swx_stats __percpu *stats;
};

/* Copies of a page at most. */
#define SWX_MAX_COPIES		2

/**
 * struct swx_place - where a copy of the page of a slot is
 * @slab: the slab; NULL: nowhere.
 * @addr: remote address.
 */
struct swx_place {
	struct swx_slab	*slab;
	u64		addr;
};

#define swx_count(n, item, nr)	this_cpu_add((n)->stats->v[item], nr)

/* main.c */
extern struct workqueue_struct *swx_wq;
extern struct frontswap_backend swx_backend;
extern unsigned int swx_queue_depth, swx_max_cpus, swx_nr_held;
extern unsigned int swx_backoff_max_ms, swx_time_scale;
extern unsigned int swx_op_timeout_ms, swx_connect_timeout_ms, swx_heartbeat_ms;
extern unsigned int swx_heartbeats, swx_retry_count, swx_ack_timeout;

static inline unsigned int swx_scaled(unsigned int ms)
{
	return ms * READ_ONCE(swx_time_scale);
}

static inline unsigned long swx_jiffies(unsigned int ms)
{
	return msecs_to_jiffies(swx_scaled(ms));
}

static inline u64 swx_op_timeout_ns(void)
{
	return (u64)swx_scaled(READ_ONCE(swx_op_timeout_ms)) * NSEC_PER_MSEC;
}

/* node.c */
extern struct swx_node __rcu *swx_nodes[SWX_MAX_NODES];
extern bool swx_mirror;
int swx_nodes_init(void);
void swx_nodes_exit(void);
__printf(2, 3) void swx_say(struct swx_node *n, const char *fmt, ...);

/* path.c */
void swx_node_work(struct work_struct *work);
__printf(3, 4) void swx_path_fail(struct swx_path *p, int err, const char *fmt, ...);
void swx_kick(struct swx_node *n);
void swx_set_state(struct swx_node *n, enum swx_state state);

static inline int swx_path_failed(struct swx_path *p)
{
	/* Pairs with the release in swx_path_fail(). */
	return smp_load_acquire(&p->fail_err);
}

/* The path of @n, if it is up; RCU read lock held. */
static inline struct swx_path *swx_path_of(struct swx_node *n)
{
	struct swx_path *p = rcu_dereference(n->path);

	return p && !swx_path_failed(p) ? p : NULL;
}

/* conn.c */
int swx_connect_control(struct swx_path *p);
int swx_connect_queues(struct swx_path *p);
void swx_disconnect(struct swx_path *p);

/* A queue of a path: @cpu is below p->nr_cpus. */
static inline struct swx_queue *swx_queue_of(struct swx_path *p, u8 kind, unsigned int cpu)
{
	return &p->queue[kind - 1][cpu];
}

/* control.c */
int swx_control_init(struct swx_control *ctl);
void swx_control_exit(struct swx_control *ctl);
int swx_control_map(struct swx_control *ctl);
void swx_control_unmap(struct swx_control *ctl);
int swx_control_start(struct swx_control *ctl);
int swx_hello(struct swx_path *p);
int swx_get_slabs(struct swx_path *p);
void swx_heartbeat(struct swx_path *p);
void swx_bye(struct swx_path *p);

/* auth.c */
int swx_auth_init(struct swx_node *n);
void swx_auth_exit(struct swx_node *n);
int swx_prove(struct swx_path *p, enum swx_wire_purpose purpose, u64 session,
	      u64 epoch, const u8 *key, unsigned int key_len, u8 *proof);
int swx_sign(struct swx_node *n, const void *data, size_t len, u8 *proof);

/* slab.c */
int swx_swapon(struct frontswap_backend *b, unsigned int type, unsigned long nr_slots);
void swx_swapoff(struct frontswap_backend *b, unsigned int type);
void swx_invalidate(struct frontswap_backend *b, swp_entry_t entry);
unsigned int swx_places_get(swp_entry_t entry, unsigned int nr, struct swx_place *place);
void swx_place_put(swp_entry_t entry, unsigned int nr);
struct swx_place swx_place_find(swp_entry_t entry);
struct swx_place swx_place_nth(swp_entry_t entry, unsigned int copy);
bool swx_can_come_home(struct swx_node *n, swp_entry_t entry);
int swx_slab_add(struct swx_node *n, const struct swx_wire_slab *wire);
int swx_slabs_check(struct swx_node *n);
void swx_slabs_lose(struct swx_node *n);
u64 swx_count_live(struct swx_node *n, u64 *lost);

/* io.c */
int swx_submit_write(struct frontswap_backend *b, struct folio *folio);
unsigned int swx_submit_read(struct frontswap_backend *b, struct folio **folios,
			     unsigned int nr, bool polled);
bool swx_read_copy(struct frontswap_backend *b, struct folio *folio, unsigned int copy);
void swx_poll(struct frontswap_backend *b, unsigned int queue);
void swx_arm(struct frontswap_backend *b, unsigned int queue);
bool swx_read_again(struct swx_node *n, struct folio *folio);
void swx_queue_event(struct ib_cq *cq, void *context);
void swx_queue_work(struct work_struct *work);
void swx_queue_interrupt(struct irq_work *irq_work);
void swx_queue_arm(struct swx_queue *q);
void swx_queue_look(struct swx_queue *q);
int swx_requests_init(struct swx_queue *q);
void swx_requests_flush(struct swx_queue *q);
void swx_requests_exit(struct swx_queue *q);
u64 swx_oldest(struct swx_queue *q);

/* hold.c */
int swx_hold_init(struct swx_node *n);
void swx_hold_exit(struct swx_node *n);
void swx_hold(struct swx_node *n, struct folio *folio, u64 since);
void swx_hold_kick(struct swx_node *n);

/* home.c */
int swx_bring_home(struct swx_node *n);
void swx_leave(struct swx_node *n);
void swx_home_work(struct work_struct *work);

/* Is @n to have no page that it does not have yet? */
static inline bool swx_takes_none(struct swx_node *n)
{
	return READ_ONCE(n->closing) || READ_ONCE(n->drained) || READ_ONCE(n->leaving);
}

/* stat.c */
void swx_count_latency(struct swx_node *n, bool write, u64 ns);
u64 swx_stat_sum(struct swx_node *n, enum swx_stat item);
int swx_stats_show(struct swx_node *n, char *buf);
int swx_latency_show(struct swx_node *n, char *buf);

#endif /* _SWAP_EXT_RDMA_H */
