// SPDX-License-Identifier: GPL-2.0
/*
 * Messages on the control connection: see wire.h
 *
 * Only the node's work sends, and it waits for one answer at a time, save those to
 * PING. What the server says unasked is dealt with as it comes.
 *
 * Nothing that comes in is believed before its length and its type were looked at.
 */
#include <crypto/utils.h>
#include <linux/random.h>
#include "rdma.h"

/* While an answer is waited for. */
#define NR_NUDGES	10

static struct swx_path *path_of(struct swx_control *ctl)
{
	return container_of(ctl, struct swx_path, ctl);
}

/* Buffers */

/**
 * swx_control_init - allocate buffers
 * @ctl: the control connection, zeroed
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; swx_control_exit() in any case.
 */
int swx_control_init(struct swx_control *ctl)
{
	struct swx_message *m;

	spin_lock_init(&ctl->lock);
	ctl->answer = kzalloc(SWX_WIRE_MSG_MAX, GFP_KERNEL);
	if (!ctl->answer)
		return -ENOMEM;
	for (m = ctl->recv; m < ctl->recv + SWX_WIRE_RECVS; m++) {
		m->ctl = ctl;
		m->data = kzalloc(SWX_WIRE_MSG_MAX, GFP_KERNEL);
		if (!m->data)
			return -ENOMEM;
	}
	for (m = ctl->send; m < ctl->send + SWX_NR_SENDS; m++) {
		m->ctl = ctl;
		m->data = kzalloc(SWX_WIRE_MSG_MAX, GFP_KERNEL);
		if (!m->data)
			return -ENOMEM;
	}
	return 0;
}

/**
 * swx_control_exit - free buffers
 * @ctl: the control connection
 *
 * Context: may sleep.
 */
void swx_control_exit(struct swx_control *ctl)
{
	struct swx_message *m;

	for (m = ctl->recv; m < ctl->recv + SWX_WIRE_RECVS; m++)
		kfree_sensitive(m->data);
	for (m = ctl->send; m < ctl->send + SWX_NR_SENDS; m++)
		kfree_sensitive(m->data);
	kfree_sensitive(ctl->answer);
}

static int map_message(struct swx_path *p, struct swx_message *m,
		       enum dma_data_direction direction)
{
	u64 addr = ib_dma_map_single(p->dev, m->data, SWX_WIRE_MSG_MAX, direction);

	if (ib_dma_mapping_error(p->dev, addr))
		return -EIO;
	m->addr = addr;
	return 0;
}

/**
 * swx_control_map - let the device at the buffers
 * @ctl: the control connection, whose device is known
 *
 * Context: may sleep.
 * Return: 0 or -EIO; swx_control_unmap() in any case.
 */
int swx_control_map(struct swx_control *ctl)
{
	struct swx_path *p = path_of(ctl);
	struct swx_message *m;
	int err = 0;

	for (m = ctl->recv; m < ctl->recv + SWX_WIRE_RECVS && !err; m++)
		err = map_message(p, m, DMA_FROM_DEVICE);
	for (m = ctl->send; m < ctl->send + SWX_NR_SENDS && !err; m++)
		err = map_message(p, m, DMA_TO_DEVICE);
	return err;
}

/**
 * swx_control_unmap - the device is through with the buffers
 * @ctl: the control connection
 *
 * Context: may sleep.
 */
void swx_control_unmap(struct swx_control *ctl)
{
	struct swx_path *p = path_of(ctl);
	struct swx_message *m;

	for (m = ctl->recv; m < ctl->recv + SWX_WIRE_RECVS; m++)
		if (m->addr)
			ib_dma_unmap_single(p->dev, m->addr, SWX_WIRE_MSG_MAX,
					    DMA_FROM_DEVICE);
	for (m = ctl->send; m < ctl->send + SWX_NR_SENDS; m++)
		if (m->addr)
			ib_dma_unmap_single(p->dev, m->addr, SWX_WIRE_MSG_MAX,
					    DMA_TO_DEVICE);
}

/* Receiving */

static void receive_done(struct ib_cq *cq, struct ib_wc *wc);

static int post_receive(struct swx_message *m)
{
	struct swx_path *p = path_of(m->ctl);
	struct ib_sge sge = {
		.addr	= m->addr,
		.length	= SWX_WIRE_MSG_MAX,
		.lkey	= p->pd->local_dma_lkey,
	};
	struct ib_recv_wr wr = {
		.wr_cqe		= &m->cqe,
		.sg_list	= &sge,
		.num_sge	= 1,
	};

	m->cqe.done = receive_done;
	ib_dma_sync_single_for_device(p->dev, m->addr, SWX_WIRE_MSG_MAX, DMA_FROM_DEVICE);
	return ib_post_recv(m->ctl->conn.id->qp, &wr, NULL);
}

/**
 * swx_control_start - post the receives
 * @ctl: the control connection, whose queue pair is there
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int swx_control_start(struct swx_control *ctl)
{
	struct swx_message *m;
	int err = 0;

	for (m = ctl->recv; m < ctl->recv + SWX_WIRE_RECVS && !err; m++)
		err = post_receive(m);
	return err;
}

/* The server's words: for a log, so nothing but printable ASCII. */
static void clean(char *to, const u8 *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && text[i]; i++)
		to[i] = isascii(text[i]) && isprint(text[i]) ? text[i] : '?';
	to[i] = 0;
}

static void fail_by_server(struct swx_path *p, const struct swx_wire_error *e)
{
	char text[SWX_WIRE_TEXT_LEN + 1];

	clean(text, e->text, sizeof(e->text));
	swx_path_fail(p, -ECONNABORTED, "the server gave up: %s", text);
}

static void handle_pong(struct swx_path *p, const struct swx_wire_pong *pong, u32 tag)
{
	struct swx_control *ctl = &p->ctl;

	if (le64_to_cpu(pong->epoch) != p->node->epoch) {
		swx_path_fail(p, -EPROTO, "a PONG of another epoch");
		return;
	}
	if (tag != READ_ONCE(ctl->ping))
		return;
	WRITE_ONCE(ctl->pong_at, jiffies);
	WRITE_ONCE(ctl->ping, 0);
	/* No need to wait for the next look. */
	if (READ_ONCE(p->suspect))
		swx_kick(p->node);
}

/* Context: of the control CQ, a workqueue. */
static void handle_message(struct swx_path *p, const void *data, unsigned int len)
{
	const struct swx_wire_header *hdr = data;
	struct swx_control *ctl = &p->ctl;
	u32 tag;

	if (len < sizeof(*hdr) || le16_to_cpu(hdr->len) != len) {
		swx_path_fail(p, -EPROTO, "a message of the wrong length");
		return;
	}
	tag = le32_to_cpu(hdr->tag);
	switch (le16_to_cpu(hdr->type)) {
	case SWX_WIRE_PONG:
		if (len == sizeof(struct swx_wire_pong))
			handle_pong(p, data, tag);
		return;
	case SWX_WIRE_DRAIN:
		swx_say(p->node, "the server is about to stop: its pages are brought home");
		swx_leave(p->node);
		return;
	case SWX_WIRE_BYE:
		/* The slabs are gone: there is nothing to resume. */
		swx_path_fail(p, -ESTALE, "the server ended the session");
		return;
	case SWX_WIRE_ERROR:
		if (len == sizeof(struct swx_wire_error) && !tag) {
			fail_by_server(p, data);
			return;
		}
		break;
	}
	scoped_guard(spinlock_irqsave, &ctl->lock) {
		if (!tag || tag != ctl->tag || ctl->answered)
			return;
		memcpy(ctl->answer, data, len);
		ctl->answered = true;
	}
	wake_up(&p->wait);
}

static void receive_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct swx_message *m = container_of(wc->wr_cqe, struct swx_message, cqe);
	struct swx_path *p = path_of(m->ctl);

	if (wc->status != IB_WC_SUCCESS) {
		swx_path_fail(p, -ECONNRESET, "the control connection was lost: %s",
			      ib_wc_status_msg(wc->status));
		return;
	}
	ib_dma_sync_single_for_cpu(p->dev, m->addr, SWX_WIRE_MSG_MAX, DMA_FROM_DEVICE);
	handle_message(p, m->data, wc->byte_len);
	if (post_receive(m))
		swx_path_fail(p, -ECONNRESET, "cannot receive on the control connection");
}

/* Sending */

static void send_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct swx_message *m = container_of(wc->wr_cqe, struct swx_message, cqe);

	clear_bit_unlock(0, &m->busy);
	wake_up(&path_of(m->ctl)->wait);
	if (wc->status != IB_WC_SUCCESS)
		swx_path_fail(path_of(m->ctl), -ECONNRESET,
			      "the control connection was lost: %s",
			      ib_wc_status_msg(wc->status));
}

/* A buffer that nobody uses, or NULL: the peer does not take what we send. */
static struct swx_message *get_message(struct swx_control *ctl)
{
	struct swx_message *m;

	for (m = ctl->send; m < ctl->send + SWX_NR_SENDS; m++)
		if (!test_and_set_bit_lock(0, &m->busy))
			return m;
	return NULL;
}

/* One that is zeroed, with a header. */
static void *new_message(struct swx_control *ctl, u16 type, u16 len, u32 tag,
			 struct swx_message **msg)
{
	struct swx_message *m = get_message(ctl);
	struct swx_wire_header *hdr;

	if (!m)
		return NULL;
	ib_dma_sync_single_for_cpu(path_of(ctl)->dev, m->addr, SWX_WIRE_MSG_MAX,
				   DMA_TO_DEVICE);
	hdr = m->data;
	memset(hdr, 0, len);
	hdr->type = cpu_to_le16(type);
	hdr->len = cpu_to_le16(len);
	hdr->tag = cpu_to_le32(tag);
	*msg = m;
	return hdr;
}

static int send(struct swx_control *ctl, struct swx_message *m)
{
	const struct swx_wire_header *hdr = m->data;
	struct swx_path *p = path_of(ctl);
	struct ib_sge sge = {
		.addr	= m->addr,
		.length	= le16_to_cpu(hdr->len),
		.lkey	= p->pd->local_dma_lkey,
	};
	struct ib_send_wr wr = {
		.wr_cqe		= &m->cqe,
		.sg_list	= &sge,
		.num_sge	= 1,
		.opcode		= IB_WR_SEND,
		.send_flags	= IB_SEND_SIGNALED,
	};
	int err;

	m->cqe.done = send_done;
	ib_dma_sync_single_for_device(p->dev, m->addr, SWX_WIRE_MSG_MAX, DMA_TO_DEVICE);
	err = ib_post_send(ctl->conn.id->qp, &wr, NULL);
	if (err)
		clear_bit_unlock(0, &m->busy);
	return err;
}

static u32 next_tag(struct swx_control *ctl)
{
	return ++ctl->last_tag ?: ++ctl->last_tag;
}

/* A request to the server; NULL: cannot. */
static void *new_request(struct swx_control *ctl, u16 type, u16 len, struct swx_message **msg)
{
	u32 tag = next_tag(ctl);

	scoped_guard(spinlock_irqsave, &ctl->lock) {
		ctl->tag = tag;
		ctl->answered = false;
	}
	return new_message(ctl, type, len, tag, msg);
}

static bool answered(struct swx_control *ctl)
{
	guard(spinlock_irqsave)(&ctl->lock);
	return ctl->answered;
}

/*
 * An empty WRITE, which says nothing to the server but makes its end look. A passive
 * side may overlook what comes the moment it has accepted: siw sets up its socket for
 * data only after it has sent the reply.
 */
static void nudge(struct swx_control *ctl)
{
	struct swx_path *p = path_of(ctl);
	struct ib_sge sge = { .lkey = p->pd->local_dma_lkey };
	struct ib_rdma_wr wr = {
		.wr = {
			.sg_list	= &sge,
			.num_sge	= 1,
			.opcode		= IB_WR_RDMA_WRITE,
			.send_flags	= IB_SEND_SIGNALED,
		},
		/* Of no length, it is not looked at; 0 is special to some. */
		.rkey = 1,
	};
	struct swx_message *m = get_message(ctl);

	if (!m)
		return;
	sge.addr = m->addr;
	m->cqe.done = send_done;
	wr.wr.wr_cqe = &m->cqe;
	if (ib_post_send(ctl->conn.id->qp, &wr.wr, NULL))
		clear_bit_unlock(0, &m->busy);
}

/* The answer, or a reason why there will not be one, within the time for a step. */
static void wait_for_answer(struct swx_control *ctl)
{
	struct swx_path *p = path_of(ctl);
	unsigned int i;

	for (i = 0; i < NR_NUDGES; i++) {
		if (wait_event_timeout(p->wait, answered(ctl) || swx_path_failed(p),
				       swx_jiffies(swx_connect_timeout_ms) / NR_NUDGES))
			return;
		nudge(ctl);
	}
}

/*
 * Send a request and wait for its answer, of @type and at least @len bytes. An ERROR
 * is one, too: its code, which is positive, is returned, and *@error set.
 */
static int ask(struct swx_control *ctl, struct swx_message *m, u16 type, size_t len,
	       const struct swx_wire_error **error)
{
	const struct swx_wire_header *hdr = ctl->answer;
	struct swx_path *p = path_of(ctl);
	bool is_error;
	int err;

	err = send(ctl, m);
	if (err)
		return err;
	wait_for_answer(ctl);
	scoped_guard(spinlock_irqsave, &ctl->lock)
		ctl->tag = 0;
	/* It stays as it is now. The answer may have come just before the connection went. */
	if (!answered(ctl)) {
		err = swx_path_failed(p);
		if (err)
			return err;
		swx_path_fail(p, -ETIMEDOUT, "no answer from the server");
		return -ETIMEDOUT;
	}
	is_error = le16_to_cpu(hdr->type) == SWX_WIRE_ERROR;
	if (is_error) {
		type = SWX_WIRE_ERROR;
		len = sizeof(**error);
	}
	if (le16_to_cpu(hdr->type) != type || le16_to_cpu(hdr->len) < len) {
		swx_path_fail(p, -EPROTO, "an answer that was not expected");
		return -EPROTO;
	}
	if (!is_error)
		return 0;
	*error = ctl->answer;
	return le32_to_cpu((*error)->code) & INT_MAX ?: SWX_WIRE_E_INTERNAL;
}

static int errno_of(int code)
{
	switch (code) {
	case SWX_WIRE_E_VERSION:
		return -EPROTONOSUPPORT;
	case SWX_WIRE_E_AUTH:
		return -EACCES;
	case SWX_WIRE_E_BUSY:
	case SWX_WIRE_E_LIMIT:
		return -EBUSY;
	case SWX_WIRE_E_TIMEOUT:
		return -ETIMEDOUT;
	case SWX_WIRE_E_QUOTA:
		return -EDQUOT;
	case SWX_WIRE_E_MEMORY:
		return -ENOSPC;
	case SWX_WIRE_E_DRAINING:
		return -ESHUTDOWN;
	default:
		return -EPROTO;
	}
}

/* An ERROR means that there will be no connection. */
static int fail_by_error(struct swx_path *p, int code, const struct swx_wire_error *e)
{
	char text[SWX_WIRE_TEXT_LEN + 1];
	int err = errno_of(code);

	clean(text, e->text, sizeof(e->text));
	swx_path_fail(p, err, "%s%s", code == SWX_WIRE_E_AUTH ? "wrong key: " : "refused: ", text);
	return err;
}

/* The handshake */

static int say_hello(struct swx_path *p)
{
	const struct swx_wire_error *error;
	struct swx_control *ctl = &p->ctl;
	struct swx_wire_challenge *challenge = ctl->answer;
	struct swx_wire_hello *hello;
	struct swx_message *m;
	int err;

	hello = new_request(ctl, SWX_WIRE_HELLO, sizeof(*hello), &m);
	if (!hello)
		return -EBUSY;
	get_random_bytes(ctl->nonce, sizeof(ctl->nonce));
	hello->slab_min = cpu_to_le64(SWX_PIECE_SIZE);
	hello->slab_max = cpu_to_le64(1ULL << 40);
	memcpy(hello->nonce, ctl->nonce, sizeof(hello->nonce));
	memcpy(hello->name, p->node->name, min(strlen(p->node->name), sizeof(hello->name)));
	err = ask(ctl, m, SWX_WIRE_CHALLENGE, sizeof(*challenge), &error);
	if (err > 0)
		return fail_by_error(p, err, error);
	if (!err)
		memcpy(ctl->server_nonce, challenge->nonce, sizeof(ctl->server_nonce));
	return err;
}

/* Take what WELCOME says, if it was the server who said it. */
static int take_welcome(struct swx_path *p, const u8 *key, unsigned int key_len, bool resumed)
{
	const struct swx_wire_welcome *w = p->ctl.answer;
	u64 session = le64_to_cpu(w->session), epoch = le64_to_cpu(w->epoch);
	u64 slab_size = le64_to_cpu(w->slab_size);
	struct swx_node *n = p->node;
	u8 proof[SWX_WIRE_PROOF_LEN];
	int err;

	err = swx_prove(p, SWX_WIRE_PROOF_SERVER, session, epoch, key, key_len, proof);
	if (err)
		return err;
	if (crypto_memneq(proof, w->proof, sizeof(proof))) {
		swx_path_fail(p, -EACCES, "wrong key: the server cannot prove that it has ours");
		return -EACCES;
	}
	if (!session || !epoch || !w->max_connections || !w->max_reads ||
	    !is_power_of_2(slab_size) || slab_size < SWX_PIECE_SIZE ||
	    (resumed && (session != n->session || epoch != n->epoch))) {
		swx_path_fail(p, -EPROTO, "a WELCOME that cannot be");
		return -EPROTO;
	}
	if (!resumed) {
		err = swx_prove(p, SWX_WIRE_PROOF_SESSION, session, epoch, n->key, n->key_len,
				n->session_key);
		if (err)
			return err;
		n->session = session;
		n->epoch = epoch;
		n->serial = 0;
	}
	n->nr_session_slabs = le32_to_cpu(w->nr_slabs);
	p->slab_size = slab_size;
	p->idle_ms = le32_to_cpu(w->idle_timeout_ms);
	p->max_reads = le32_to_cpu(w->max_reads);
	p->nr_cpus = min3(nr_cpu_ids, le32_to_cpu(w->max_connections) / SWX_NR_QUEUES,
			  swx_max_cpus ?: nr_cpu_ids);
	if (!p->nr_cpus) {
		swx_path_fail(p, -EBUSY, "the server allows too few connections");
		return -EBUSY;
	}
	return 0;
}

/* Positive: the server's error, of which it is known that the session goes on. */
static int authenticate(struct swx_path *p, bool resume)
{
	struct swx_node *n = p->node;
	const u8 *key = resume ? n->session_key : n->key;
	unsigned int key_len = resume ? sizeof(n->session_key) : n->key_len;
	u64 session = resume ? n->session : 0;
	const struct swx_wire_error *error;
	struct swx_wire_auth *auth;
	struct swx_message *m;
	int err;

	auth = new_request(&p->ctl, resume ? SWX_WIRE_RESUME : SWX_WIRE_AUTH, sizeof(*auth), &m);
	if (!auth)
		return -EBUSY;
	auth->session = cpu_to_le64(session);
	err = swx_prove(p, resume ? SWX_WIRE_PROOF_RESUME : SWX_WIRE_PROOF_CLIENT, session, 0,
			key, key_len, auth->proof);
	if (err)
		return err;
	err = ask(&p->ctl, m, SWX_WIRE_WELCOME, sizeof(struct swx_wire_welcome), &error);
	if (err == SWX_WIRE_E_SESSION && resume && !error->fatal)
		return err;
	if (err > 0)
		return fail_by_error(p, err, error);
	return err ?: take_welcome(p, key, key_len, resume);
}

/**
 * swx_hello - begin or resume the session
 * @p: the path, whose control connection is established
 *
 * If there was a session and the server does not know it any more, what was in its
 * slabs is lost.
 *
 * Context: the node's work.
 * Return: 0 or -errno.
 */
int swx_hello(struct swx_path *p)
{
	struct swx_node *n = p->node;
	int err;

	err = say_hello(p);
	if (err)
		return err;
	if (n->session) {
		swx_set_state(n, SWX_RESYNC);
		err = authenticate(p, true);
		if (!err)
			swx_count(n, SWX_RESUMES, 1);
		if (err <= 0)
			return err;
		swx_say(n, "the server does not have our session any more");
		swx_slabs_lose(n);
		n->session = 0;
	}
	return authenticate(p, false);
}

/* Slabs */

/* What came in an answer: all of them, or an error. */
static int take_grant(struct swx_path *p, u32 *last)
{
	const struct swx_wire_slab_grant *grant = p->ctl.answer;
	u32 i, count = le32_to_cpu(grant->count);
	int err;

	if (count > SWX_WIRE_SLABS_MAX ||
	    le16_to_cpu(grant->hdr.len) != struct_size(grant, slab, count))
		return -EPROTO;
	for (i = 0; i < count; i++) {
		err = swx_slab_add(p->node, &grant->slab[i]);
		if (err)
			return err;
		*last = le32_to_cpu(grant->slab[i].id);
	}
	return count;
}

/* An answer was lost with a connection: what do we have? */
static int list_slabs(struct swx_path *p)
{
	const struct swx_wire_error *error;
	struct swx_wire_slab_list *list;
	u32 before, after = 0;
	struct swx_message *m;
	int err;

	do {
		list = new_request(&p->ctl, SWX_WIRE_SLAB_LIST, sizeof(*list), &m);
		if (!list)
			return -EBUSY;
		list->after = cpu_to_le32(after);
		err = ask(&p->ctl, m, SWX_WIRE_SLAB_GRANT, sizeof(struct swx_wire_slab_grant),
			  &error);
		if (err > 0)
			return fail_by_error(p, err, error);
		if (err)
			return err;
		before = after;
		err = take_grant(p, &after);
		if (err < 0 || (err && after <= before))
			return err < 0 ? err : -EPROTO;
	} while (err);
	return swx_slabs_check(p->node);
}

/* Ask for @count slabs; with fewer left, for those. Returns how many came. */
static int alloc_slabs(struct swx_path *p, u32 count)
{
	const struct swx_wire_error *error;
	struct swx_wire_slab_alloc *alloc;
	struct swx_node *n = p->node;
	struct swx_message *m;
	u32 last;
	int err;

	do {
		alloc = new_request(&p->ctl, SWX_WIRE_SLAB_ALLOC, sizeof(*alloc), &m);
		if (!alloc)
			return -EBUSY;
		alloc->count = cpu_to_le32(count);
		err = ask(&p->ctl, m, SWX_WIRE_SLAB_GRANT, sizeof(struct swx_wire_slab_grant),
			  &error);
		if (err == SWX_WIRE_E_QUOTA || err == SWX_WIRE_E_MEMORY) {
			clean(n->quota_text, error->text, sizeof(error->text));
			count = min(le32_to_cpu(error->detail), count - 1);
			if (!count)
				return 0;
		} else if (err == SWX_WIRE_E_DRAINING && n->slab_bytes) {
			/* What is there has to come home by this path. */
			return 0;
		} else if (err > 0) {
			return fail_by_error(p, err, error);
		}
	} while (err > 0);
	return err ?: take_grant(p, &last);
}

/**
 * swx_get_slabs - bring the session's slabs to what the node is to have
 * @p: the path, after swx_hello()
 *
 * If the server has less to give, then that it is.
 *
 * Context: the node's work.
 * Return: 0 or -errno, also if there is not a single one.
 */
int swx_get_slabs(struct swx_path *p)
{
	struct swx_node *n = p->node;
	u64 want;
	int err;

	if (n->nr_session_slabs * p->slab_size != n->slab_bytes) {
		err = list_slabs(p);
		if (err)
			goto fail;
	}
	n->quota_text[0] = 0;
	while (n->slab_bytes < n->size) {
		want = DIV64_U64_ROUND_UP(n->size - n->slab_bytes, p->slab_size);
		err = alloc_slabs(p, min(want, SWX_WIRE_SLABS_MAX));
		if (err < 0)
			goto fail;
		if (!err)
			break;
	}
	if (n->slab_bytes)
		return 0;
	err = -ENOSPC;
	swx_path_fail(p, err, "the server has no memory for us: %s", n->quota_text);
	return err;

fail:
	/* Says nothing if it was said. */
	swx_path_fail(p, err, "slabs that cannot be: error %d", err);
	return err;
}

/* While it is up */

/**
 * swx_heartbeat - is the server alive?
 * @p: the path
 *
 * Sends a PING when it is time; takes the path down when too many were not answered.
 *
 * Context: the node's work.
 */
void swx_heartbeat(struct swx_path *p)
{
	unsigned int ms = min(swx_scaled(swx_heartbeat_ms), p->idle_ms / 3 ?: 1);
	struct swx_control *ctl = &p->ctl;
	struct swx_wire_header *ping;
	struct swx_message *m;
	u32 tag;

	if (time_after(jiffies, READ_ONCE(ctl->pong_at) +
		       msecs_to_jiffies(ms) * (swx_heartbeats + 1))) {
		swx_count(p->node, SWX_TIMEOUTS, 1);
		swx_path_fail(p, -ETIMEDOUT, "no answer to %u heartbeats", swx_heartbeats);
		return;
	}
	if (READ_ONCE(ctl->ping) || time_before(jiffies, ctl->ping_at + msecs_to_jiffies(ms)))
		return;
	tag = next_tag(ctl);
	ping = new_message(ctl, SWX_WIRE_PING, sizeof(*ping), tag, &m);
	if (!ping)
		return;
	ctl->ping_at = jiffies;
	WRITE_ONCE(ctl->ping, tag);
	if (send(ctl, m))
		swx_path_fail(p, -ECONNRESET, "cannot send on the control connection");
}

static bool sends_done(struct swx_control *ctl)
{
	struct swx_message *m;

	for (m = ctl->send; m < ctl->send + SWX_NR_SENDS; m++)
		if (test_bit(0, &m->busy))
			return false;
	return true;
}

/**
 * swx_bye - end the session, and with it all slabs
 * @p: the path, whose session is established
 *
 * Context: the node's work.
 */
void swx_bye(struct swx_path *p)
{
	struct swx_message *m;

	if (!new_message(&p->ctl, SWX_WIRE_BYE, sizeof(struct swx_wire_header), 0, &m) ||
	    send(&p->ctl, m))
		return;
	/* Disconnecting may overtake it. Then the server waits for us for a while. */
	wait_event_timeout(p->wait, sends_done(&p->ctl), swx_jiffies(100));
}
