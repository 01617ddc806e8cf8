/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What libbpf says, kept for our own message instead of printed. libbpf has one
 * print function per process, so this is the one place with state: per thread,
 * and the debug switch that main.c sets once.
 */
#ifndef __SWXCTL_LIBBPF_LOG_H
#define __SWXCTL_LIBBPF_LOG_H

#include <stdbool.h>

struct libbpf_log {
	char first[512];	/* first warning: the rest are consequences */
};

void libbpf_log_debug(bool on);
/* Warnings of this thread go to @log until the next call; NULL: nowhere. */
void libbpf_log_to(struct libbpf_log *log);

#endif /* __SWXCTL_LIBBPF_LOG_H */
