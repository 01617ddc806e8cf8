// SPDX-License-Identifier: GPL-2.0
/*
 * An errno of a link is the kernel's or whatever the policy's init said, which may
 * be the same number: the kernel's files tell which. Called by attach.c.
 */
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

int refusal_no_permission(const struct cgroup *cg, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_PERMISSION, cg->path,
		      "no permission to attach to cgroup %s", cg->path);
	err_hint(err, !strcmp(cg->path, "/") ?
		 "the root cgroup needs CAP_SYS_ADMIN: run as root" :
		 "it takes write permission on the cgroup's directory: run as root");
	return ret;
}

int refusal_has_policy(const struct cgroup *cg, const struct state *st,
		       const char *policy, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_HAS_POLICY, cg->path,
		      "%s %s '%s' already (link %u)", cg->path,
		      state_is_stopped(st) ? "has the stopped policy" : "runs",
		      st->policy, st->link_id);
	err_hint(err, "to change it in one step: swxctl replace %s %s", cg->path,
		 policy);
	return ret;
}

/* Each check returns 0 if what it looks at is no reason for the kernel to refuse. */
static int check_permission(const struct cgroup *cg, struct err *err)
{
	char path[PATH_MAX];
	struct state st;
	int ret;

	if (geteuid() || faccessat(cg->fd, ".", W_OK, AT_EACCESS))
		return refusal_no_permission(cg, err);
	ret = state_read(cg, &st, err);
	if (ret || !st.governor ||
	    !cgroup_find_ancestor(cg, st.governor, path, sizeof(path)))
		return ret;
	ret = err_set(err, ERR_OVERRIDE, cg->path,
		      "policy '%s' of %s forbids cgroups below it to have their own",
		      st.policy, path);
	err_hint(err, "replace it: swxctl replace %s POLICY", path);
	return ret;
}

static int check_free(const struct cgroup *cg, const char *policy, struct err *err)
{
	struct state st;
	int ret;

	ret = state_read(cg, &st, err);
	if (!ret && st.link_id)
		ret = refusal_has_policy(cg, &st, policy, err);
	return ret;
}

static int check_present(const struct cgroup *cg, struct err *err)
{
	if (!faccessat(cg->fd, "cgroup.procs", F_OK, 0))
		return 0;
	return err_set(err, ERR_NO_CGROUP, cg->path, "cgroup %s is being removed",
		       cg->path);
}

static int check_linked(const struct cgroup *cg, struct err *err)
{
	struct state st;
	int ret;

	ret = check_present(cg, err);
	return ret ?: state_read_attached(cg, &st, err);
}

struct below {
	__u64	top;
	char	path[PATH_MAX];		/* of the first one with a policy */
};

static int find_attached_below(const struct cgroup *cg, void *arg)
{
	struct err ignored = { 0 };
	struct below *b = arg;
	struct state st;

	if (cg->id == b->top)
		return 0;
	if (state_read(cg, &st, &ignored)) {
		err_clear(&ignored);
		return 0;
	}
	if (st.link_id)
		snprintf(b->path, sizeof(b->path), "%s", cg->path);
	return st.link_id != 0;
}

static int check_below(const struct cgroup *cg, const char *policy, struct err *err)
{
	struct below b = { .top = cg->id };
	int ret;

	ret = cgroup_walk(cg->path, find_attached_below, &b, err);
	if (ret <= 0)
		return ret;
	ret = err_set(err, ERR_OVERRIDE, cg->path,
		      "policy '%s' forbids cgroups below %s to have their own, and %s has",
		      policy, cg->path, b.path);
	err_hint(err, "take it away first: swxctl detach %s", b.path);
	return ret;
}

static int check_writable(const struct cgroup *cg, struct err *err)
{
	char mount[PATH_MAX];
	struct statvfs fs;
	int ret;

	if (fstatvfs(cg->fd, &fs) || !(fs.f_flag & ST_RDONLY))
		return 0;
	ret = cgroup_mount_point(mount, sizeof(mount), err);
	if (ret)
		return ret;
	ret = err_set(err, ERR_PERMISSION, cg->path,
		      "cannot attach to cgroup %s: %s is mounted read-only",
		      cg->path, mount);
	err_hint(err, "mount -o remount,rw %s", mount);
	return ret;
}

static int init_refused(const struct cgroup *cg, const char *policy, int errnum,
			struct err *err)
{
	int ret;

	ret = err_set(err, ERR_INIT, policy,
		      "policy '%s' refused cgroup %s in init: %s", policy, cg->path,
		      strerror(errnum));
	/* The kernel keeps no record of an attachment that never was. */
	if (errnum == ECANCELED)
		err_hint(err, "its init called bpf_swap_ext_error(), with a message that only its source shows");
	else if (errnum == EOPNOTSUPP)
		err_hint(err, "it needs what this kernel or this cgroup does not have: the head of its source says what");
	return ret;
}

int refusal_of_create(const struct cgroup *cg, const char *policy, int errnum,
		      struct err *err)
{
	int ret = 0;

	switch (errnum) {
	case EROFS:
		ret = check_writable(cg, err);
		break;
	case EEXIST:
		ret = check_free(cg, policy, err);
		break;
	case ENODEV:
		ret = cgroup_check_memory(cg, err) ?: check_present(cg, err);
		break;
	case ENOENT:
		ret = check_present(cg, err);
		break;
	case EPERM:
	case EACCES:
		ret = check_permission(cg, err);
		break;
	case EBUSY:
		ret = check_below(cg, policy, err);
		break;
	}
	return ret ?: init_refused(cg, policy, errnum, err);
}

int refusal_of_update(const struct cgroup *cg, const char *policy, int errnum,
		      struct err *err)
{
	int ret = 0;

	if (errnum == ENOLINK)
		ret = check_linked(cg, err);
	else if (errnum == EBUSY)
		ret = check_below(cg, policy, err);
	return ret ?: init_refused(cg, policy, errnum, err);
}
