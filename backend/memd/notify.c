// SPDX-License-Identifier: GPL-2.0
/* The only file that knows systemd. */
#include "notify.h"

#ifdef HAVE_SYSTEMD
#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

void memd_notify(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sd_notify(0, text);
}

__u64 memd_notify_interval(void)
{
	uint64_t us;

	return sd_watchdog_enabled(0, &us) > 0 ? us / 2000 : 0;
}
#else
void memd_notify(const char *fmt, ...)
{
	(void)fmt;
}

__u64 memd_notify_interval(void)
{
	return 0;
}
#endif
