/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon says on stderr, and errors as data until somebody says them. A
 * message names its object; where there is a way out it follows as the hint.
 */
#ifndef __MEMD_LOG_H
#define __MEMD_LOG_H

enum memd_log_level {
	MEMD_LOG_ERROR,
	MEMD_LOG_WARNING,
	MEMD_LOG_INFO,
	MEMD_LOG_DEBUG,
};

/** struct memd_err - why something failed; filled once, by the first who knows */
struct memd_err {
	char	message[320];
	char	hint[320];
};

/* Returns @ret, so that a function can fail in one line. */
__attribute__((format(printf, 3, 4)))
int memd_err_set(struct memd_err *err, int ret, const char *fmt, ...);
__attribute__((format(printf, 2, 3)))
void memd_err_hint(struct memd_err *err, const char *fmt, ...);
void memd_err_log(const struct memd_err *err);

/* Index of "error", "warning", "info" or "debug"; -EINVAL */
int memd_log_parse(const char *name);
void memd_log_init(enum memd_log_level level);

__attribute__((format(printf, 2, 3)))
void memd_log(enum memd_log_level level, const char *fmt, ...);

#define memd_error(fmt, args...) memd_log(MEMD_LOG_ERROR, fmt, ##args)
#define memd_warn(fmt, args...) memd_log(MEMD_LOG_WARNING, fmt, ##args)
#define memd_info(fmt, args...) memd_log(MEMD_LOG_INFO, fmt, ##args)
#define memd_debug(fmt, args...) memd_log(MEMD_LOG_DEBUG, fmt, ##args)

/* For what a peer can cause at will: the rest of a second's flood is only counted. */
__attribute__((format(printf, 1, 2)))
void memd_warn_limited(const char *fmt, ...);

#endif /* __MEMD_LOG_H */
