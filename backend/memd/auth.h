/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shared key and what is proved with it (wire.h, "Keys and proofs"). Nothing in
 * here knows of connections, so that it can be tested without any.
 */
#ifndef __MEMD_AUTH_H
#define __MEMD_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "log.h"
#include "wire.h"

/** struct memd_key - a secret of @len bytes */
struct memd_key {
	size_t		len;
	unsigned char	bytes[SWX_WIRE_KEY_MAX];
};

/* From a file that nobody but its owner and group can read. */
int memd_key_load(struct memd_key *key, const char *path, struct memd_err *err);

/* HMAC-SHA256 of anything; @proof has SWX_WIRE_PROOF_LEN bytes. */
int memd_hmac(const struct memd_key *key, const void *data, size_t len, __u8 *proof);

/* The proof over @t for @purpose, with everything else in @t filled in. */
int memd_prove(const struct memd_key *key, struct swx_wire_transcript *t,
	       enum swx_wire_purpose purpose, __u64 session, __u64 epoch, __u8 *proof);
bool memd_proof_equal(const __u8 *a, const __u8 *b);

/* Random bytes from the kernel; ends the program if there are none. */
void memd_random(void *buf, size_t len);
/* And a number that is not 0. */
__u64 memd_random_id(void);

/** struct memd_window - serial numbers seen: the largest, and 63 below it */
struct memd_window {
	__u32	top;
	__u64	seen;		/* bit i: top - i */
};

/* True once for every serial that is not too far below the largest. */
bool memd_window_take(struct memd_window *w, __u32 serial);

#endif /* __MEMD_AUTH_H */
