// SPDX-License-Identifier: GPL-2.0
/* Loading test policies and attaching them, one system call at a time. */
#include "policy.h"
#include "cases.h"
#include "group.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char log_text[64 << 10];
static size_t log_len;

static int keep_log(enum libbpf_print_level level, const char *fmt, va_list args)
{
	int len;

	if (level == LIBBPF_DEBUG)
		return 0;
	len = vsnprintf(log_text + log_len, sizeof(log_text) - log_len, fmt, args);
	log_len += len;
	if (log_len >= sizeof(log_text))
		log_len = sizeof(log_text) - 1;
	return 0;
}

const char *policy_log(void)
{
	return log_text;
}

struct policy policy_open(const char *file, const char *name)
{
	char path[PATH_MAX];
	struct policy p = { 0 };
	struct bpf_map *map;
	ssize_t len;

	libbpf_set_print(keep_log);
	len = must(readlink("/proc/self/exe", path, sizeof(path) - 64));
	path[len] = '\0';
	snprintf(strrchr(path, '/') + 1, 64, "%.50s.bpf.o", file);
	p.obj = bpf_object__open_file(path, NULL);
	if (!p.obj)
		fail("%s: %s", path, strerror(errno));
	bpf_object__for_each_map(map, p.obj) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		p.map = map;
		p.ops = bpf_map__initial_value(map, NULL);
	}
	if (p.map && name)
		snprintf(p.ops->name, sizeof(p.ops->name), "%s", name);
	return p;
}

int policy_load(struct policy *p)
{
	struct bpf_map *control;
	size_t size;
	int err;

	log_len = 0;
	log_text[0] = '\0';
	err = bpf_object__load(p->obj);
	if (err)
		return err;
	control = bpf_object__find_map_by_name(p->obj, ".data.control");
	if (control)
		p->control = bpf_map__initial_value(control, &size);
	return p->map ? bpf_map__prepare_struct_ops(p->map) : 0;
}

void policy_unload(struct policy *p)
{
	bpf_object__close(p->obj);
	*p = (struct policy){ 0 };
}

struct policy probe_load(const char *name, int ret)
{
	struct policy p = policy_open("probe", name);
	int err = policy_load(&p);

	if (err)
		fail("cannot load the probe: %s\n%s", strerror(-err), policy_log());
	p.control->ret = ret;
	return p;
}

struct policy probe_load_ahead(const char *name, unsigned int nr)
{
	struct policy p = probe_load(name, SWAP_EXT_PF_PLAN);

	p.control->target[0] = (struct probe_target){
		.kind = PROBE_ADDR_REL, .value = 1, .nr = nr, .step = 1,
	};
	p.control->nr_targets = 1;
	return p;
}

struct probe_calls probe_calls(const struct policy *p, const char *group)
{
	struct bpf_map *map = bpf_object__find_map_by_name(p->obj, "calls");
	struct probe_calls calls = { 0 };
	uint64_t id = group_id(group);

	bpf_map_lookup_elem(bpf_map__fd(map), &id, &calls);
	return calls;
}

int policy_attach_fd(const struct policy *p, int target_fd, unsigned int flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);

	return bpf_link_create(bpf_map__fd(p->map), target_fd, BPF_STRUCT_OPS, &opts);
}

int policy_attach(const struct policy *p, const char *group)
{
	int dir = group_open(group);
	int link = policy_attach_fd(p, dir, BPF_F_CGROUP_FD);

	close(dir);
	return link;
}

int policy_must_attach(const struct policy *p, const char *group)
{
	int link = policy_attach(p, group);

	if (link < 0)
		fail("cannot attach %s to %s: %s", p->ops->name, group, strerror(-link));
	return link;
}

int policy_replace(int link, const struct policy *p)
{
	return bpf_link_update(link, bpf_map__fd(p->map), NULL);
}

int policy_detach(int link)
{
	return bpf_link_detach(link);
}

struct bpf_link_info policy_link_info(int link)
{
	struct bpf_link_info info;
	__u32 len = sizeof(info);

	memset(&info, 0, sizeof(info));
	must(bpf_link_get_info_by_fd(link, &info, &len));
	return info;
}

bool policy_link_is_hung_up(int link)
{
	struct pollfd p = { .fd = link, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents & POLLHUP;
}
