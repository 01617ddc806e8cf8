/* SPDX-License-Identifier: GPL-2.0 */
/* Checks of what came over the network; needs no network itself. */
#ifndef __MEMD_MESSAGE_H
#define __MEMD_MESSAGE_H

#include <stddef.h>

#include "wire.h"

/*
 * NULL if the @len bytes are a whole message of a type that clients send, with counts
 * that fit; else what is wrong.
 */
const char *memd_message_check(const void *msg, size_t len);

/*
 * NULL if the private data is a request of this version; else what is wrong, with
 * @code for the client. @len may be more than what the client sent.
 */
const char *memd_connect_check(const void *data, size_t len, enum swx_wire_code *code);

#endif /* __MEMD_MESSAGE_H */
