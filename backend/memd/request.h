/* SPDX-License-Identifier: GPL-2.0 */
/* What a control message is answered with. */
#ifndef __MEMD_REQUEST_H
#define __MEMD_REQUEST_H

#include <stddef.h>

struct memd_conn;

void memd_request(struct memd_conn *conn, const void *msg, size_t len);

#endif /* __MEMD_REQUEST_H */
