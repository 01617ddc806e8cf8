// SPDX-License-Identifier: GPL-2.0
/* Keys, proofs, random numbers, and which serial numbers were used before. */
#include "auth.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_key_file(const char *path, const struct stat *st, struct memd_err *err)
{
	if (!S_ISREG(st->st_mode))
		return memd_err_set(err, -EINVAL, "%s: not a regular file", path);
	if (st->st_mode & (S_IRWXO | S_IWGRP)) {
		memd_err_set(err, 0, "%s: others can read or change the key (mode %04o)",
			     path, st->st_mode & 07777);
		memd_err_hint(err, "chmod 600 %s, and a new key if it may be known: "
			      "head -c 32 /dev/urandom > %s", path, path);
		return -EPERM;
	}
	if (st->st_uid && st->st_uid != geteuid()) {
		memd_err_set(err, 0, "%s: belongs to user %u, neither root nor this daemon's",
			     path, st->st_uid);
		memd_err_hint(err, "chown root %s", path);
		return -EPERM;
	}
	if (st->st_size < SWX_WIRE_KEY_MIN || st->st_size > SWX_WIRE_KEY_MAX) {
		memd_err_set(err, 0, "%s: a key has %d to %d bytes, this file %lld", path,
			     SWX_WIRE_KEY_MIN, SWX_WIRE_KEY_MAX, (long long)st->st_size);
		memd_err_hint(err, "a new one: head -c 32 /dev/urandom > %s", path);
		return -EINVAL;
	}
	return 0;
}

int memd_key_load(struct memd_key *key, const char *path, struct memd_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t len;
	int ret;

	if (fd < 0 || fstat(fd, &st)) {
		ret = -errno;
		memd_err_set(err, 0, "%s: cannot read the key: %s", path, strerror(-ret));
		if (ret == -ENOENT)
			memd_err_hint(err, "make one, and copy it to the clients: "
				      "(umask 077; head -c 32 /dev/urandom > %s)", path);
		goto out;
	}
	ret = check_key_file(path, &st, err);
	if (ret)
		goto out;
	len = read(fd, key->bytes, sizeof(key->bytes));
	if (len != st.st_size)
		ret = memd_err_set(err, -EIO, "%s: cannot read all of the key", path);
	else
		key->len = len;
out:
	if (fd >= 0)
		close(fd);
	return ret;
}

int memd_hmac(const struct memd_key *key, const void *data, size_t len, __u8 *proof)
{
	return HMAC(EVP_sha256(), key->bytes, key->len, data, len, proof, NULL) ? 0 : -EIO;
}

int memd_prove(const struct memd_key *key, struct swx_wire_transcript *t,
	       enum swx_wire_purpose purpose, __u64 session, __u64 epoch, __u8 *proof)
{
	t->purpose = htole32(purpose);
	t->version = htole16(SWX_WIRE_VERSION);
	t->session = htole64(session);
	t->epoch = htole64(epoch);
	return memd_hmac(key, t, sizeof(*t), proof);
}

bool memd_proof_equal(const __u8 *a, const __u8 *b)
{
	return !CRYPTO_memcmp(a, b, SWX_WIRE_PROOF_LEN);
}

void memd_random(void *buf, size_t len)
{
	/* Requests of up to 256 bytes are never interrupted nor cut short. */
	if (len > 256 || getrandom(buf, len, 0) != (ssize_t)len) {
		memd_error("no random numbers: %s", strerror(errno));
		abort();
	}
}

__u64 memd_random_id(void)
{
	__u64 id;

	do
		memd_random(&id, sizeof(id));
	while (!id);
	return id;
}

bool memd_window_take(struct memd_window *w, __u32 serial)
{
	__u32 distance;

	if (!serial)
		return false;
	if (serial > w->top) {
		distance = serial - w->top;
		w->seen = distance < 64 ? w->seen << distance | 1 : 1;
		w->top = serial;
		return true;
	}
	distance = w->top - serial;
	if (distance >= 64 || w->seen & 1ULL << distance)
		return false;
	w->seen |= 1ULL << distance;
	return true;
}
