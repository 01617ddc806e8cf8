// SPDX-License-Identifier: GPL-2.0
/*
 * cc: backend/memd/auth.c backend/memd/log.c -Ibackend -lcrypto
 *
 * Proofs of swx-memd against values from another implementation (Python's hmac module
 * over the bytes that wire.h describes), its key files, its window of serial numbers.
 */
#include "../../backend/memd/auth.h"
#include "expect.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_hex(const char *what, const __u8 *proof, const char *want)
{
	char got[2 * SWX_WIRE_PROOF_LEN + 1];
	int i;

	for (i = 0; i < SWX_WIRE_PROOF_LEN; i++)
		sprintf(got + 2 * i, "%02x", proof[i]);
	EXPECT(!strcmp(got, want), "%s: want %s, got %s", what, want, got);
}

/* RFC 4231, test case 1, and a key longer than a block. */
static void test_hmac(void)
{
	struct memd_key key = { .len = 20 };
	__u8 proof[SWX_WIRE_PROOF_LEN];

	memset(key.bytes, 0x0b, key.len);
	EXPECT(!memd_hmac(&key, "Hi There", 8, proof), "no HMAC");
	expect_hex("case 1", proof,
		   "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	key.len = SWX_WIRE_KEY_MAX;
	memset(key.bytes, 0xaa, key.len);
	EXPECT(!memd_hmac(&key, "x", 1, proof), "no HMAC");
	expect_hex("128 bytes of key", proof, "35b047d8fc6684a7357de8ccd05befb40d1ca848dd14f7eb51baccf4446d0db7");
}

/* 32 bytes 00 01 02 ..., a connection of 10.0.0.2 to 10.0.0.1, nonces 11.. and 22.. */
static void test_prove(void)
{
	static const char *const want[] = {
		[SWX_WIRE_PROOF_CLIENT]		= "2931d9f791b337ff58c0a3a1c8ede3e99f4be2c9c2869adcec543a6ca729b49f",
		[SWX_WIRE_PROOF_SERVER]		= "584b316bd0669a6af57223c6d249db1df16ef54f27a674081aa04c4dc09099ac",
		[SWX_WIRE_PROOF_SESSION]	= "d1dbdfd25b3ff85d2f5a67f280bcf8746e17eb57f31feb3052d2f46acccc6989",
		[SWX_WIRE_PROOF_RESUME]		= "61fdcc4fb07a4e3d480d5f68cdb4a68ce58f557f504057b4b87ca33ed462f384",
	};
	struct swx_wire_transcript t = {
		.client_addr = { [10] = 0xff, 0xff, 10, 0, 0, 2 },
		.server_addr = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
		.client_qpn = htole32(0x112233),
		.server_qpn = htole32(0x445566),
		.name = "node1",
	};
	struct memd_key key = { .len = 32 };
	__u8 proof[SWX_WIRE_PROOF_LEN], other[SWX_WIRE_PROOF_LEN];
	unsigned int i, purpose;

	for (i = 0; i < key.len; i++)
		key.bytes[i] = i;
	memset(t.client_nonce, 0x11, sizeof(t.client_nonce));
	memset(t.server_nonce, 0x22, sizeof(t.server_nonce));
	for (purpose = SWX_WIRE_PROOF_CLIENT; purpose <= SWX_WIRE_PROOF_RESUME; purpose++) {
		EXPECT(!memd_prove(&key, &t, purpose, 0x0102030405060708,
				   0xf1f2f3f4f5f6f7f8, proof), "no proof");
		expect_hex("proof", proof, want[purpose]);
	}
	EXPECT(memd_proof_equal(proof, proof), "not equal to itself");

	/* Every byte of it counts. */
	for (i = 0; i < sizeof(t); i++) {
		struct swx_wire_transcript u = t;

		((__u8 *)&u)[i] ^= 0x80;
		EXPECT(!memd_hmac(&key, &u, sizeof(u), other), "no HMAC");
		EXPECT(!memd_proof_equal(proof, other), "byte %u does not count", i);
	}
}

static void test_window(void)
{
	struct memd_window w = { 0 };
	__u32 i;

	EXPECT(!memd_window_take(&w, 0), "0 is no serial number");
	EXPECT(memd_window_take(&w, 1) && !memd_window_take(&w, 1), "1 twice");
	EXPECT(memd_window_take(&w, 3) && memd_window_take(&w, 2), "2 after 3");
	EXPECT(!memd_window_take(&w, 2) && !memd_window_take(&w, 3), "2 and 3 twice");
	EXPECT(memd_window_take(&w, 100), "100");
	EXPECT(memd_window_take(&w, 37) && !memd_window_take(&w, 37), "63 below");
	EXPECT(!memd_window_take(&w, 36), "64 below");
	for (i = 38; i < 100; i++)
		EXPECT(memd_window_take(&w, i), "%u, late", i);
	for (i = 1; i <= 100; i++)
		EXPECT(!memd_window_take(&w, i), "%u twice", i);
	EXPECT(memd_window_take(&w, 164) && !memd_window_take(&w, 100), "64 ahead");
	EXPECT(memd_window_take(&w, 101) && !memd_window_take(&w, 101), "101, late");
	EXPECT(memd_window_take(&w, ~0U) && !memd_window_take(&w, ~0U), "the last");
	EXPECT(!memd_window_take(&w, 1), "1 for good");
}

static int load(const char *path, size_t len, mode_t mode, char *said, size_t size)
{
	struct memd_err err = { 0 };
	struct memd_key key;
	__u8 bytes[256];
	int fd, ret;

	memset(bytes, 0x5a, sizeof(bytes));
	bytes[len ? len - 1 : 0] = '\n';	/* as good a byte as any other */
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	EXPECT(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && !fchmod(fd, mode),
	       "%s: cannot be written", path);
	close(fd);
	ret = memd_key_load(&key, path, &err);
	EXPECT(ret || (key.len == len && !memcmp(key.bytes, bytes, len)), "another key");
	EXPECT(!ret == !err.message[0], "%d: '%s'", ret, err.message);
	snprintf(said, size, "%s / %s", err.message, err.hint);
	return ret;
}

static void test_key_file(void)
{
	char path[] = "/tmp/memd-key-XXXXXX", said[700];
	struct memd_err err = { 0 };
	struct memd_key key;
	int fd = mkstemp(path);

	EXPECT(fd >= 0, "no temporary file");
	close(fd);
	EXPECT(!load(path, 32, 0600, said, sizeof(said)), "%s", said);
	EXPECT(!load(path, 128, 0400, said, sizeof(said)), "%s", said);
	EXPECT(!load(path, 33, 0440, said, sizeof(said)), "%s", said);
	EXPECT(load(path, 31, 0600, said, sizeof(said)) == -EINVAL, "31 bytes");
	EXPECT(strstr(said, "32 to 128 bytes, this file 31"), "%s", said);
	EXPECT(load(path, 129, 0600, said, sizeof(said)) == -EINVAL, "129 bytes");
	EXPECT(load(path, 32, 0604, said, sizeof(said)) == -EPERM, "others read");
	EXPECT(strstr(said, "(mode 0604) / chmod 600 "), "%s", said);
	EXPECT(load(path, 32, 0602, said, sizeof(said)) == -EPERM, "others write");
	EXPECT(load(path, 32, 0660, said, sizeof(said)) == -EPERM, "group writes");
	unlink(path);
	EXPECT(memd_key_load(&key, path, &err) == -ENOENT, "a file that is not there");
	EXPECT(strstr(err.hint, "head -c 32 /dev/urandom"), "%s", err.hint);
	memset(&err, 0, sizeof(err));
	EXPECT(memd_key_load(&key, "/dev/null", &err) == -EINVAL, "a device");
}

int main(void)
{
	test_hmac();
	test_prove();
	test_window();
	test_key_file();
	return nr_failed != 0;
}
