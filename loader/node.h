/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory nodes of the backend rdma as configfs has them: a folder each, whose files are
 * described in backend/README.md.
 */
#ifndef __SWXCTL_NODE_H
#define __SWXCTL_NODE_H

#include <json-c/json.h>

#include "address.h"
#include "err.h"

#define NODE_BACKEND	"rdma"
#define NODE_MODULE	"swap_ext_rdma"
#define CONFIGFS_DIR	"/sys/kernel/config"
#define NODES_DIR	CONFIGFS_DIR "/" NODE_MODULE

#define NODE_NAME_LEN	256

/* Names of all that there are, sorted, as an array of strings. */
struct json_object *node_names(void);
/* ERR_NO_NODE unless @text is the name of one, or the address of its server. */
int node_find(const char *text, char *name, size_t size, struct err *err);
/* The node at that address, if there is one. */
bool node_find_address(const struct address *addr, char *name, size_t size);

/* What its files say and what follows from them; NULL if it is gone. */
struct json_object *node_read(const char *name);
/* A row of each. */
struct json_object *node_read_all(void);
long long node_number(struct json_object *row, const char *key);

/* One of its files, to be written; a descriptor or -errno. */
int node_open(const char *name, const char *file);
/* Both return 0 or -errno. */
int node_write(const char *name, const char *file, const void *data, size_t len);
int node_write_text(const char *name, const char *file, const char *text);
/* Is that file, one of 0 and 1, 1? */
bool node_flag(const char *name, const char *file);
/* Why it is what it is, in the module's words, to be freed; NULL if there is nothing to say. */
char *node_why(const char *name);

#endif /* __SWXCTL_NODE_H */
