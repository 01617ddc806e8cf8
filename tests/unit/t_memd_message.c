// SPDX-License-Identifier: GPL-2.0
/*
 * cc: backend/memd/message.c -Ibackend
 *
 * What swx-memd believes of a message: every type at every length, from a buffer that
 * ends where the message does, so that a read beyond it is found.
 */
#include "../../backend/memd/message.h"
#include "expect.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a message of this type, length and count, all else zero. */
static const char *check(unsigned int type, size_t len, __u32 count, __u32 tag)
{
	unsigned char *msg = calloc(1, len ?: 1);
	struct swx_wire_slab_alloc full = {
		.hdr = { htole16(type), htole16(len), htole32(tag) },
		.count = htole32(count),
	};
	const char *wrong;

	memcpy(msg, &full, len < sizeof(full) ? len : sizeof(full));
	wrong = memd_message_check(msg, len);
	free(msg);
	return wrong;
}

static size_t right_len(unsigned int type, __u32 count)
{
	switch (type) {
	case SWX_WIRE_HELLO:
		/* The count is the beginning of the features. */
		return 128;
	case SWX_WIRE_AUTH:
	case SWX_WIRE_RESUME:
		return 48;
	case SWX_WIRE_SLAB_ALLOC:
		return count >= 1 && count <= 40 ? 16 : 0;
	case SWX_WIRE_SLAB_LIST:
		return 16;
	case SWX_WIRE_SLAB_FREE:
		return count >= 1 && count <= 240 ? 16 + 4 * count : 0;
	case SWX_WIRE_PING:
	case SWX_WIRE_BYE:
		return 8;
	}
	return 0;
}

static void test_messages(void)
{
	static const __u32 counts[] = { 0, 1, 2, 40, 41, 240, 241, 0x40000001, ~0U };
	unsigned int type, i;
	const char *wrong;
	size_t len;

	for (type = 0; type < 40; type++)
		for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			for (len = 0; len <= 1100; len++) {
				wrong = check(type, len, counts[i], 1);
				EXPECT(!wrong == (len && len == right_len(type, counts[i])),
				       "type %u, %zu bytes, count %u: %s", type, len,
				       counts[i], wrong ?: "good");
			}
	EXPECT(check(SWX_WIRE_PING, 8, 0, 0), "a PING without a tag");
	EXPECT(!check(SWX_WIRE_BYE, 8, 0, 0), "a BYE without a tag");
}

static const char *hello(const char *name, size_t len)
{
	struct swx_wire_hello h = {
		.hdr = { htole16(SWX_WIRE_HELLO), htole16(sizeof(h)), htole32(1) },
	};

	memcpy(h.name, name, len);
	return memd_message_check(&h, sizeof(h));
}

static void test_names(void)
{
	char longest[SWX_WIRE_NAME_LEN];

	memset(longest, 'x', sizeof(longest));
	EXPECT(!hello("", 0) && !hello("node-1.example", 14), "good names");
	EXPECT(!hello(longest, sizeof(longest)), "a name without an end");
	EXPECT(hello("a b", 3) && hello("a\nb", 3) && hello("\x7f", 1) && hello("\xc3\xa9", 2),
	       "names with other than printable ASCII");
	EXPECT(hello("a\0b", 3), "a name with something after it");
}

/* Any bytes at all, also right lengths with noise behind them. */
static void test_noise(void)
{
	unsigned int seed = 1, i;
	size_t len, j;

	for (i = 0; i < 200000; i++) {
		unsigned char *msg;

		len = rand_r(&seed) % 1100;
		msg = malloc(len ?: 1);
		for (j = 0; j < len; j++)
			msg[j] = rand_r(&seed) >> 5;
		if (len > 3 && i % 2) {
			msg[0] = rand_r(&seed) % 16;
			msg[1] = 0;
			msg[2] = len;
			msg[3] = len >> 8;
		}
		if (!memd_message_check(msg, len))
			EXPECT(len == right_len(msg[0], len < 12 ? 0 :
						msg[8] | msg[9] << 8 | msg[10] << 16 |
						(unsigned int)msg[11] << 24),
			       "type %u, %zu bytes is no message", msg[0], len);
		free(msg);
	}
}

static void test_connect(void)
{
	struct swx_wire_connect c = {
		.magic = htole32(SWX_WIRE_MAGIC), .version = htole16(SWX_WIRE_VERSION),
		.kind = SWX_WIRE_WRITE,
	};
	enum swx_wire_code code;
	unsigned char padded[200] = { 0 };
	size_t len;

	EXPECT(!memd_connect_check(&c, sizeof(c), &code), "a good request");
	memcpy(padded, &c, sizeof(c));
	EXPECT(!memd_connect_check(padded, sizeof(padded), &code), "a padded one");
	for (len = 0; len < sizeof(c); len++) {
		void *part = malloc(len ?: 1);

		memcpy(part, &c, len);
		EXPECT(memd_connect_check(part, len, &code) && code == SWX_WIRE_E_PROTOCOL,
		       "%zu bytes of a request", len);
		free(part);
	}
	EXPECT(memd_connect_check(NULL, 0, &code), "nothing");
	c.kind = SWX_WIRE_NR_KINDS;
	EXPECT(memd_connect_check(&c, sizeof(c), &code) && code == SWX_WIRE_E_PROTOCOL, "kind");
	c.version = htole16(SWX_WIRE_VERSION + 1);
	EXPECT(memd_connect_check(&c, sizeof(c), &code) && code == SWX_WIRE_E_VERSION,
	       "version");
	EXPECT(memd_connect_check(&c, 6, &code) && code == SWX_WIRE_E_VERSION,
	       "version of a short request");
}

int main(void)
{
	test_messages();
	test_names();
	test_noise();
	test_connect();
	return nr_failed != 0;
}
