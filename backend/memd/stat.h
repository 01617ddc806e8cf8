/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon knows of itself, over a UNIX socket: whoever sends "json\n" gets one
 * JSON object, "prometheus\n" the text format of Prometheus, then the end of the file.
 */
#ifndef __MEMD_STAT_H
#define __MEMD_STAT_H

#include <stdio.h>

#include "memd.h"

/*
 * struct memd_stat - the socket and who is connected to it
 * @watch: of the listening socket; fd -1: there is none
 */
struct memd_stat {
	struct memd			*memd;
	struct memd_watch		watch;
	TAILQ_HEAD(, memd_stat_client)	clients;
	unsigned int			nr_clients;
};

int memd_stat_open(struct memd_stat *stat, struct memd *memd, struct memd_err *err);
void memd_stat_close(struct memd_stat *stat);
/* Drops who asks for nothing or reads nothing. */
void memd_stat_tick(struct memd_stat *stat, __u64 now);

void memd_stat_json(const struct memd *memd, FILE *f);
void memd_stat_prometheus(const struct memd *memd, FILE *f);

#endif /* __MEMD_STAT_H */
