/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went wrong, with the object and the way out. A function that fails fills
 * a struct err and returns -errno; only main.c prints it and picks the exit code.
 */
#ifndef __SWXCTL_ERR_H
#define __SWXCTL_ERR_H

#include <stdbool.h>
#include <stdio.h>

enum swx_exit {
	EXIT_DONE		= 0,
	EXIT_FAILED		= 1,
	EXIT_USAGE		= 2,
	EXIT_NOT_ATTACHED	= 3,
	EXIT_NO_SWAP_EXT	= 4,
};

/* kind, "code" in JSON (never renamed), exit code, errno returned */
#define ERR_KINDS(X)							    \
	X(ERR_NONE,		"none",			EXIT_DONE, 0)	    \
	X(ERR_FAILED,		"failed",		EXIT_FAILED, EIO)   \
	X(ERR_NO_MEMORY,	"no_memory",		EXIT_FAILED, ENOMEM) \
	X(ERR_USAGE,		"usage",		EXIT_USAGE, EINVAL) \
	X(ERR_NOT_ATTACHED,	"not_attached",		EXIT_NOT_ATTACHED, ENOENT) \
	X(ERR_NO_SWAP_EXT,	"no_swap_ext",		EXIT_NO_SWAP_EXT, EOPNOTSUPP) \
	X(ERR_PERMISSION,	"permission",		EXIT_FAILED, EPERM) \
	X(ERR_BPFFS,		"bpffs",		EXIT_FAILED, ENOTDIR) \
	X(ERR_NO_POLICY,	"no_policy",		EXIT_FAILED, ENOENT) \
	X(ERR_NOT_BPF,		"not_bpf_object",	EXIT_FAILED, EINVAL) \
	X(ERR_NO_OPS,		"no_ops",		EXIT_FAILED, EINVAL) \
	X(ERR_BAD_POLICY,	"bad_policy",		EXIT_FAILED, EINVAL) \
	X(ERR_REJECTED,		"rejected",		EXIT_FAILED, EACCES) \
	X(ERR_UNKNOWN_PARAM,	"unknown_param",	EXIT_FAILED, EINVAL) \
	X(ERR_BAD_VALUE,	"bad_value",		EXIT_FAILED, ERANGE) \
	X(ERR_LOADED,		"already_loaded",	EXIT_FAILED, EEXIST) \
	X(ERR_NOT_LOADED,	"not_loaded",		EXIT_FAILED, ENOENT) \
	X(ERR_IN_USE,		"in_use",		EXIT_FAILED, EBUSY) \
	X(ERR_NO_CGROUP,	"no_cgroup",		EXIT_FAILED, ENOENT) \
	X(ERR_NO_CONTROLLER,	"no_memory_controller",	EXIT_FAILED, ENODEV) \
	X(ERR_HAS_POLICY,	"has_policy",		EXIT_FAILED, EEXIST) \
	X(ERR_OVERRIDE,		"override_forbidden",	EXIT_FAILED, EPERM) \
	X(ERR_INIT,		"init_refused",		EXIT_FAILED, EIO)   \
	X(ERR_STATE_FORMAT,	"state_format",		EXIT_FAILED, EINVAL) \
	X(ERR_STATE_MISMATCH,	"state_mismatch",	EXIT_FAILED, EINVAL) \
	X(ERR_CONFIG,		"config",		EXIT_FAILED, EINVAL) \
	X(ERR_NO_BACKEND,	"no_backend",		EXIT_FAILED, ENODEV) \
	X(ERR_UNREADABLE,	"unreadable",		EXIT_FAILED, EIO)   \
	X(ERR_INTERRUPTED,	"interrupted",		EXIT_FAILED, EINTR) \
	X(ERR_KEY,		"key",			EXIT_FAILED, EINVAL) \
	X(ERR_MODULE,		"module",		EXIT_FAILED, ENOEXEC) \
	X(ERR_CONFIGFS,		"configfs",		EXIT_FAILED, ENOTDIR) \
	X(ERR_NO_NODE,		"no_node",		EXIT_FAILED, ENOENT) \
	X(ERR_NODE_EXISTS,	"node_exists",		EXIT_FAILED, EEXIST) \
	X(ERR_NOT_CONNECTED,	"not_connected",	EXIT_FAILED, ENOTCONN) \
	X(ERR_HOLDS_PAGES,	"holds_pages",		EXIT_FAILED, EBUSY)	\
	X(ERR_LOST,		"events_lost",		EXIT_FAILED, ENOBUFS)

enum err_kind {
#define X(kind, name, exit, errnum) kind,
	ERR_KINDS(X)
#undef X
};

struct err {
	enum err_kind	kind;
	char		*object;	/* the thing the message is about */
	char		*message;	/* one sentence that names it */
	char		*hint;		/* the way out, if there is one */
	char		*detail;	/* a whole verifier log: shown with -d */
};

/* Keeps the first error: what fails while undoing is a consequence. */
__attribute__((format(printf, 4, 5)))
int err_set(struct err *err, enum err_kind kind, const char *object,
	    const char *fmt, ...);
__attribute__((format(printf, 2, 3)))
void err_hint(struct err *err, const char *fmt, ...);
void err_detail(struct err *err, const char *text);
int err_no_memory(struct err *err);
void err_clear(struct err *err);

int err_exit_code(const struct err *err);
const char *err_code(const struct err *err);
void err_print(const struct err *err, bool json, bool debug, FILE *f);

#endif /* __SWXCTL_ERR_H */
