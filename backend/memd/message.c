// SPDX-License-Identifier: GPL-2.0
/* What must hold of a message before anybody looks into it. */
#include "message.h"

#include <endian.h>
#include <string.h>

/* Length of a message with @count trailing elements, or 0 if that is no count. */
static size_t with_elements(size_t fixed, __u32 count, __u32 max, size_t element)
{
	return count && count <= max ? fixed + count * element : 0;
}

/* The length a message must have, by its type; 0: it cannot be right. */
static size_t wanted_len(const void *msg, size_t len)
{
	const struct swx_wire_header *hdr = msg;
	const struct swx_wire_slab_alloc *alloc = msg;
	const struct swx_wire_slab_free *free = msg;

	switch (le16toh(hdr->type)) {
	case SWX_WIRE_HELLO:
		return sizeof(struct swx_wire_hello);
	case SWX_WIRE_AUTH:
	case SWX_WIRE_RESUME:
		return sizeof(struct swx_wire_auth);
	case SWX_WIRE_SLAB_ALLOC:
		if (len < sizeof(*alloc))
			return 0;
		return with_elements(sizeof(*alloc), le32toh(alloc->count),
				     SWX_WIRE_SLABS_MAX, 0);
	case SWX_WIRE_SLAB_LIST:
		return sizeof(struct swx_wire_slab_list);
	case SWX_WIRE_SLAB_FREE:
		if (len < sizeof(*free))
			return 0;
		return with_elements(sizeof(*free), le32toh(free->count),
				     SWX_WIRE_FREES_MAX, sizeof(free->id[0]));
	case SWX_WIRE_PING:
	case SWX_WIRE_BYE:
		return sizeof(struct swx_wire_header);
	default:
		return 0;
	}
}

/* Printable without blanks, then zeros only. */
static int is_name(const __u8 *name)
{
	size_t i, len = strnlen((const char *)name, SWX_WIRE_NAME_LEN);

	for (i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return 0;
	for (; i < SWX_WIRE_NAME_LEN; i++)
		if (name[i])
			return 0;
	return 1;
}

const char *memd_message_check(const void *msg, size_t len)
{
	const struct swx_wire_hello *hello = msg;
	const struct swx_wire_header *hdr = msg;
	__u16 type;

	if (len < sizeof(*hdr) || len > SWX_WIRE_MSG_MAX)
		return "a message of a length that none has";
	if (le16toh(hdr->len) != len)
		return "a message whose length is not what it says";
	if (wanted_len(msg, len) != len)
		return "a message of unknown type, or not of its type's length";
	type = le16toh(hdr->type);
	if (!hdr->tag && type != SWX_WIRE_BYE)
		return "a request without a tag";
	if (type == SWX_WIRE_HELLO && !is_name(hello->name))
		return "a name that is not printable";
	return NULL;
}

const char *memd_connect_check(const void *data, size_t len, enum swx_wire_code *code)
{
	const struct swx_wire_connect *c = data;

	*code = SWX_WIRE_E_PROTOCOL;
	if (!data || len < offsetof(struct swx_wire_connect, kind) ||
	    le32toh(c->magic) != SWX_WIRE_MAGIC)
		return "not a client of swx-memd";
	if (le16toh(c->version) != SWX_WIRE_VERSION) {
		*code = SWX_WIRE_E_VERSION;
		return "a client of another protocol version";
	}
	if (len < sizeof(*c) || c->kind >= SWX_WIRE_NR_KINDS)
		return "a malformed connection request";
	return NULL;
}
