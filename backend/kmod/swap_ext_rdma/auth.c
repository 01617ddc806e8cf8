// SPDX-License-Identifier: GPL-2.0
/*
 * Proofs that both ends of a connection know the same secret: see wire.h.
 *
 * Context of all functions: the node's work, may sleep.
 */
#include <crypto/hash.h>
#include "rdma.h"

/**
 * swx_auth_init - make ready to compute proofs
 * @n: the node
 *
 * Return: 0 or -errno.
 */
int swx_auth_init(struct swx_node *n)
{
	n->tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);
	return PTR_ERR_OR_ZERO(n->tfm);
}

/**
 * swx_auth_exit - forget all secrets
 * @n: the node
 */
void swx_auth_exit(struct swx_node *n)
{
	crypto_free_shash(n->tfm);
	memzero_explicit(n->key, sizeof(n->key));
	memzero_explicit(n->session_key, sizeof(n->session_key));
}

static int hmac(struct swx_node *n, const u8 *key, unsigned int key_len,
		const void *data, size_t len, u8 *proof)
{
	return crypto_shash_setkey(n->tfm, key, key_len) ?:
	       crypto_shash_tfm_digest(n->tfm, data, len, proof);
}

static void put_address(const struct sockaddr_storage *addr, u8 *to)
{
	struct in6_addr *in6 = (struct in6_addr *)to;

	if (addr->ss_family == AF_INET)
		ipv6_addr_set_v4mapped(((struct sockaddr_in *)addr)->sin_addr.s_addr, in6);
	else
		*in6 = ((struct sockaddr_in6 *)addr)->sin6_addr;
}

/**
 * swx_prove - compute a proof on the control connection, ours or the server's
 * @p: the path
 * @purpose: of the proof
 * @session: of the transcript
 * @epoch: of the transcript
 * @key: K or S
 * @key_len: of @key
 * @proof: where it goes, SWX_WIRE_PROOF_LEN bytes
 *
 * Return: 0 or -errno.
 */
int swx_prove(struct swx_path *p, enum swx_wire_purpose purpose, u64 session,
	      u64 epoch, const u8 *key, unsigned int key_len, u8 *proof)
{
	struct swx_conn *c = &p->ctl.conn;
	struct swx_wire_transcript t = {
		.purpose	= cpu_to_le32(purpose),
		.version	= cpu_to_le16(SWX_WIRE_VERSION),
		.session	= cpu_to_le64(session),
		.epoch		= cpu_to_le64(epoch),
		.client_qpn	= cpu_to_le32(c->id->qp->qp_num),
		.server_qpn	= c->accept.qpn,
	};

	put_address(&c->id->route.addr.src_addr, t.client_addr);
	put_address(&c->id->route.addr.dst_addr, t.server_addr);
	memcpy(t.client_nonce, p->ctl.nonce, sizeof(t.client_nonce));
	memcpy(t.server_nonce, p->ctl.server_nonce, sizeof(t.server_nonce));
	memcpy(t.name, p->node->name, min(strlen(p->node->name), sizeof(t.name)));
	return hmac(p->node, key, key_len, &t, sizeof(t), proof);
}

/**
 * swx_sign - compute the proof of a data connection
 * @n: the node
 * @data: what stands before the proof in private data
 * @len: of @data
 * @proof: where it goes
 *
 * Return: 0 or -errno.
 */
int swx_sign(struct swx_node *n, const void *data, size_t len, u8 *proof)
{
	return hmac(n, n->session_key, sizeof(n->session_key), data, len, proof);
}
