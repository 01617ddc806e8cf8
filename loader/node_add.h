/* SPDX-License-Identifier: GPL-2.0 */
/* Makes a memory node and connects it, or leaves nothing behind. */
#ifndef __SWXCTL_NODE_ADD_H
#define __SWXCTL_NODE_ADD_H

#include "key.h"
#include "node.h"

struct node_request {
	struct address		addr;
	char			server[ADDRESS_LEN + 16];	/* for messages */
	char			name[NODE_NAME_LEN];
	unsigned long long	size;
	const char		*key_file;	/* for messages */
	struct key		key;
	bool			loaded;		/* the module, for this */
};

/* Looks at the words alone; @name may be NULL. */
int node_request_parse(struct node_request *req, const char *addr, const char *size,
		       const char *name, const char *key_file, struct err *err);
/* Of a request that has its key. With @dry_run only checks. */
int node_add(struct node_request *req, bool dry_run, struct err *err);

#endif /* __SWXCTL_NODE_ADD_H */
