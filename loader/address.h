/* SPDX-License-Identifier: GPL-2.0 */
/* Where a memory server is: "10.0.0.1", "mem1:7494", "[fd00::1]:7493". */
#ifndef __SWXCTL_ADDRESS_H
#define __SWXCTL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define ADDRESS_LEN	256

struct address {
	char		host[ADDRESS_LEN];	/* as it was given; numbers in their usual form */
	char		numeric[ADDRESS_LEN];	/* "": not known yet, @host is a name */
	unsigned int	port;
};

/* ERR_BAD_VALUE unless it is well formed; asks no name server. */
int address_parse(const char *text, struct address *addr, struct err *err);
/* Fills in @numeric. */
int address_resolve(struct address *addr, struct err *err);
/* "10.0.0.1:7493", "[fd00::1]:7493" */
void address_print(const char *host, unsigned int port, char *text, size_t size);
/* What a node there is called, unless it is told otherwise: the port only if it is another. */
void address_name(const struct address *addr, char *name, size_t size);
/* Both of which are known. */
bool address_equal(const struct address *a, const struct address *b);

#endif /* __SWXCTL_ADDRESS_H */
