// SPDX-License-Identifier: GPL-2.0
/* Loading record.bpf.c, and reading what it has to say. */
#include "record.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embed.h"
#include "util.h"

EMBED(record_object, SWX_OBJECTS "/record.bpf.o");

/* In this order: what has a fault has its arrivals, and what has a plan has its fault. */
static const char *const programs[] = {
	"record_removed", "record_added", "record_fault", "record_plan",
};

struct record {
	struct bpf_object	*obj;
	struct ring_buffer	*ring;
	struct bpf_link		*links[ARRAY_SIZE(programs)];
	record_fn		*event;
	void			*arg;
};

/* A map of one variable. */
static void *find_variable(struct bpf_object *obj, const char *map)
{
	size_t size;

	return bpf_map__initial_value(bpf_object__find_map_by_name(obj, map), &size);
}

static __u32 round_buffer(__u64 bytes)
{
	__u32 size = sysconf(_SC_PAGESIZE);

	while (size < bytes && size < 1U << 31)
		size *= 2;
	return size;
}

static int hand_out(void *arg, void *data, size_t size)
{
	const struct record *r = arg;

	(void)size;
	return r->event(r->arg, data);
}

static int load(struct record *r, const struct cgroup *cg, __u64 buffer_bytes, struct err *err)
{
	const struct embedded object = {
		.verb = "record", .object = record_object, .end = record_object_end,
		.lacks = "does not tell of faults and pages",
		.needs = "the trace event swap_ext_fault, and its BTF",
	};
	struct bpf_map *events;
	int ret;

	ret = embedded_open(&object, &r->obj, err);
	if (ret)
		return ret;
	*(__u64 *)find_variable(r->obj, ".rodata") = cg->id;
	events = bpf_object__find_map_by_name(r->obj, "events");
	bpf_map__set_max_entries(events, round_buffer(buffer_bytes));
	ret = embedded_load(&object, r->obj, err);
	if (ret)
		return ret;
	r->ring = ring_buffer__new(bpf_map__fd(events), hand_out, r, NULL);
	if (!r->ring)
		return err_set(err, ERR_FAILED, "record", "no ring buffer: %s", strerror(errno));
	return 0;
}

int record_open(struct record **record, const struct cgroup *cg, __u64 buffer_bytes,
		record_fn *event, void *arg, struct err *err)
{
	struct record *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return err_no_memory(err);
	r->event = event;
	r->arg = arg;
	ret = load(r, cg, buffer_bytes, err);
	if (ret)
		record_close(r);
	else
		*record = r;
	return ret;
}

int record_start(struct record *r, struct err *err)
{
	struct bpf_program *prog;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(programs); i++) {
		prog = bpf_object__find_program_by_name(r->obj, programs[i]);
		r->links[i] = bpf_program__attach(prog);
		if (!r->links[i])
			return err_set(err, ERR_FAILED, "record", "%s cannot be attached: %s",
				       programs[i], strerror(errno));
	}
	return 0;
}

int record_poll(struct record *r, int timeout_ms)
{
	int ret = ring_buffer__poll(r->ring, timeout_ms);

	/* Most of the time nobody is woken for what is there. */
	if (ret >= 0 || ret == -EINTR)
		ret = ring_buffer__consume(r->ring);
	return ret < 0 ? ret : 0;
}

void record_stop(struct record *r)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(programs); i++) {
		bpf_link__destroy(r->links[i]);
		r->links[i] = NULL;
	}
}

__u64 record_count_lost(const struct record *r)
{
	__u64 nr = *(__u64 *)find_variable(r->obj, ".bss");
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, r->obj) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (!bpf_prog_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			nr += info.recursion_misses;
	}
	return nr;
}

void record_close(struct record *r)
{
	if (!r)
		return;
	record_stop(r);
	ring_buffer__free(r->ring);
	bpf_object__close(r->obj);
	free(r);
}
