/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings: defaults, then the file, then the command line, all through the same
 * table. memd.conf(5) describes each.
 */
#ifndef __MEMD_CONFIG_H
#define __MEMD_CONFIG_H

#include <linux/types.h>

#include "log.h"

#define MEMD_CONFIG_FILE	"/etc/swap_ext/memd.conf"
#define MEMD_MAX_LISTEN		16

/** struct memd_quota - what one client may have */
struct memd_quota {
	char	*client;	/* its name or address */
	__u64	bytes;
};

/**
 * struct memd_config - settings in force
 * @listen: numeric addresses; none: all of this machine
 * @nr_listen: how many
 * @port: of RDMA_PS_TCP
 * @size: memory for clients in bytes; rounded down to whole slabs
 * @slab_size: bytes of a slab, a power of two
 * @key: path of the shared key
 * @stat_socket: path of the socket for statistics; empty: none
 * @quota: for clients without one of their own, in bytes; U64_MAX: no limit
 * @quotas: of particular clients
 * @nr_quotas: how many
 * @max_clients: sessions, those within their grace period included
 * @max_handshakes: clients that may shake hands at the same time
 * @max_connections: data connections of one session
 * @handshake_timeout: ms from a connection's request to its WELCOME
 * @idle_timeout: ms of silence after which a session is taken for disconnected
 * @grace: ms that slabs of a disconnected session wait for its return
 * @drain_timeout: ms that clients have to leave when the server stops
 * @log_level: enum memd_log_level
 */
struct memd_config {
	char			*listen[MEMD_MAX_LISTEN];
	unsigned int		nr_listen;
	__u64			port;
	__u64			size;
	__u64			slab_size;
	char			*key;
	char			*stat_socket;
	__u64			quota;
	struct memd_quota	*quotas;
	unsigned int		nr_quotas;
	__u64			max_clients;
	__u64			max_handshakes;
	__u64			max_connections;
	__u64			handshake_timeout;
	__u64			idle_timeout;
	__u64			grace;
	__u64			drain_timeout;
	__u64			log_level;
};

void memd_config_init(struct memd_config *cfg);
void memd_config_free(struct memd_config *cfg);

/* One setting by its name in the file; 0 or -EINVAL with @err. */
int memd_config_set(struct memd_config *cfg, const char *name, const char *value,
		    struct memd_err *err);
/* Addresses given so far. */
void memd_config_forget_listen(struct memd_config *cfg);
/* A whole file; -ENOENT if it is not there. */
int memd_config_read(struct memd_config *cfg, const char *path, struct memd_err *err);
/* What only shows when all settings are known; rounds @size. */
int memd_config_check(struct memd_config *cfg, struct memd_err *err);

/* "64M": digits and one of K, M, G, T, or nothing for bytes */
int memd_parse_size(const char *text, __u64 *bytes);
/* "500ms", "30s", "5m", "2h"; without a unit seconds */
int memd_parse_time(const char *text, __u64 *ms);

/* The quota that names this client by name, else by address; NULL: the default. */
const struct memd_quota *memd_config_quota(const struct memd_config *cfg,
					   const char *name, const char *addr);

#endif /* __MEMD_CONFIG_H */
