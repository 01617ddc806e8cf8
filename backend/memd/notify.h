/* SPDX-License-Identifier: GPL-2.0 */
/* What systemd wants to hear; nothing without libsystemd or outside of a unit. */
#ifndef __MEMD_NOTIFY_H
#define __MEMD_NOTIFY_H

#include <linux/types.h>

__attribute__((format(printf, 1, 2)))
void memd_notify(const char *fmt, ...);
/* Milliseconds between two signs of life that the unit asks for, halved; 0: none */
__u64 memd_notify_interval(void);

#endif /* __MEMD_NOTIFY_H */
