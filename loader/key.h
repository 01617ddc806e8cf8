/* SPDX-License-Identifier: GPL-2.0 */
/* The key that a memory server and its clients share, as swx-memd(8) has it in a file. */
#ifndef __SWXCTL_KEY_H
#define __SWXCTL_KEY_H

#include <stddef.h>

#include "err.h"
#include "wire.h"

#define KEY_FILE "/etc/swap_ext/memd.key"

struct key {
	unsigned char	bytes[SWX_WIRE_KEY_MAX];
	size_t		len;
};

/*
 * ERR_KEY if it cannot be one, or if others could have read or changed it: the same
 * that swx-memd refuses. To be wiped by the caller.
 */
int key_read(const char *path, struct key *key, struct err *err);

#endif /* __SWXCTL_KEY_H */
