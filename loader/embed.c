// SPDX-License-Identifier: GPL-2.0
/* Opening and loading what is in the binary, and why that fails. */
#include "embed.h"

#include <errno.h>
#include <string.h>

#include "libbpf_log.h"

static int explain_failure(const struct embedded *e, int errnum, const struct libbpf_log *log,
			   struct err *err)
{
	int ret;

	if (errnum == EPERM || errnum == EACCES) {
		ret = err_set(err, ERR_PERMISSION, e->verb, "no permission to load BPF");
		err_hint(err, "run as root, or with CAP_BPF and CAP_PERFMON");
		return ret;
	}
	ret = err_set(err, ERR_NO_SWAP_EXT, e->verb, "this kernel %s: %s", e->lacks,
		      log->first[0] ? log->first : strerror(errnum));
	err_hint(err, "it takes a kernel with %s: build one with 'make kernel'", e->needs);
	return ret;
}

int embedded_open(const struct embedded *e, struct bpf_object **obj, struct err *err)
{
	char name[32];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
	struct libbpf_log log = { 0 };

	snprintf(name, sizeof(name), "swxctl_%s", e->verb);
	libbpf_log_to(&log);
	*obj = bpf_object__open_mem(e->object, e->end - e->object, &opts);
	libbpf_log_to(NULL);
	return *obj ? 0 : explain_failure(e, errno, &log, err);
}

int embedded_load(const struct embedded *e, struct bpf_object *obj, struct err *err)
{
	struct libbpf_log log = { 0 };
	int ret;

	libbpf_log_to(&log);
	ret = bpf_object__load(obj);
	libbpf_log_to(NULL);
	return ret ? explain_failure(e, -ret, &log, err) : 0;
}
