// SPDX-License-Identifier: GPL-2.0
/* swxctl explain: where a page of a process is, who decides about it, and why it is there. */
#include <errno.h>
#include <linux/swap_ext.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "cgroup.h"
#include "command.h"
#include "look.h"
#include "state.h"
#include "util.h"

static const char *const places[] = {
	[PAGE_NOWHERE]	 = "nowhere",
	[PAGE_UNMAPPED]	 = "memory",
	[PAGE_IN_MEMORY] = "memory",
	[PAGE_IN_SWAP]	 = "swap",
};

static const struct {
	unsigned int flag;
	const char *name;
} flag_names[] = {
	{ PAGE_ON_LIST, "on_list" },
	{ PAGE_ACTIVE, "active" },
	{ PAGE_REFERENCED, "referenced" },
	{ PAGE_DIRTY, "dirty" },
	{ PAGE_WRITEBACK, "writeback" },
	{ PAGE_UNEVICTABLE, "unevictable" },
	{ PAGE_SWAPCACHE, "swapcache" },
	{ PAGE_SWAPBACKED, "swapbacked" },
	{ PAGE_LARGE, "large" },
};

static int parse_number(const char *text, int base, unsigned long long *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, base);
	return errno || end == text || *end || *text == '-' ? -EINVAL : 0;
}

__attribute__((format(printf, 2, 3)))
static void add_reason(struct json_object *reasons, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_object_array_add(reasons, json_object_new_string(text));
}

/* Of a page in memory: what keeps it there, and what comes next. */
static void explain_memory(const struct page_look *look, struct json_object *reasons)
{
	unsigned int flags = look->flags;

	if (!(flags & PAGE_SWAPBACKED)) {
		add_reason(reasons, "it is of a file: it is not swapped");
		return;
	}
	if (look->idle_s >= 0)
		add_reason(reasons, "it was found in use %d seconds ago", look->idle_s);
	else
		add_reason(reasons, "no scan has seen it: 'swxctl ages' makes one");
	if (flags & PAGE_UNEVICTABLE)
		add_reason(reasons, "it is locked: it does not go");
	else if (flags & PAGE_ACTIVE)
		add_reason(reasons, "it is on an active list, or in a young generation: reclaim looks at others first");
	else if (flags & PAGE_ON_LIST)
		add_reason(reasons, "it is on an inactive list, or in an old generation: reclaim looks at those");
	else
		add_reason(reasons, "it is on no list at the moment: reclaim or a CPU has it");
	if (flags & PAGE_WRITEBACK)
		add_reason(reasons, "it is being written to swap");
	else if (flags & PAGE_SWAPCACHE && !(flags & PAGE_DIRTY))
		add_reason(reasons, "a slot has a copy: unless it is written to, it goes without a write");
}

/* The backend of that number. */
static bool find_backend(long long id, char *name, size_t size)
{
	struct json_object *names = backend_names(), *backend;
	bool found = false;
	size_t i;

	for (i = 0; !found && i < json_object_array_length(names); i++) {
		snprintf(name, size, "%s",
			 json_object_get_string(json_object_array_get_idx(names, i)));
		backend = backend_read(name);
		found = backend && json_object_get_int64(out_get(backend, "id")) == id;
		json_object_put(backend);
	}
	json_object_put(names);
	return found;
}

static void name_holder(const struct page_look *look, char *name, size_t size)
{
	if (!look->where)
		snprintf(name, size, "nobody");
	else if (look->where & SWAP_EXT_B_ZSWAP)
		snprintf(name, size, "zswap or the device");
	else if (look->where & SWAP_EXT_B_DEVICE)
		snprintf(name, size, "the device");
	else if (!find_backend(__builtin_ctzll(look->where), name, size))
		snprintf(name, size, "a backend that has gone");
}

static void explain_swap(const struct page_look *look, const char *holder,
			 struct json_object *reasons)
{
	if (!look->where)
		add_reason(reasons, "the slot was freed meanwhile, or its device is going");
	else
		add_reason(reasons, "it was reclaimed; %s has it until it is used again", holder);
}

/* Who is charged for the page; for one that is not there, the cgroup of the process. */
static int open_cgroup(const struct page_look *look, pid_t pid, struct cgroup *cg, struct err *err)
{
	char name[32], path[PATH_MAX];
	int ret;

	snprintf(name, sizeof(name), "@%d", pid);
	ret = cgroup_open(name, cg, err);
	if (ret || !look->cgroup_id || look->cgroup_id == cg->id)
		return ret;
	if (!cgroup_find_id(look->cgroup_id, path, sizeof(path)))
		return 0;
	cgroup_close(cg);
	return cgroup_open_path(path, cg, err);
}

static void add_policy(struct json_object *row, const struct cgroup *cg,
		       struct json_object *reasons)
{
	struct err err = { 0 };
	char path[PATH_MAX];
	struct state st;

	row_string(row, "cgroup", cg->path);
	/* The root has no such files: nobody governs there. */
	if (state_read(cg, &st, &err) || !st.policy[0]) {
		row_string(row, "policy", NULL);
		add_reason(reasons, "no policy governs %s: the kernel decides", cg->path);
	} else {
		row_string(row, "policy", st.policy);
		if (!cgroup_find_ancestor(cg, st.governor, path, sizeof(path)))
			snprintf(path, sizeof(path), "a cgroup above");
		add_reason(reasons, "policy %s of %s decides what comes and goes (%s)", st.policy,
			   path, st.state);
	}
	err_clear(&err);
}

static struct json_object *add_row(struct ctx *ctx, pid_t pid, unsigned long long addr,
				   const struct page_look *look)
{
	struct json_object *row = ctx_row(ctx), *flags = json_object_new_array();
	char text[32];
	size_t i;

	snprintf(text, sizeof(text), "0x%llx", addr);
	row_number(row, "pid", pid);
	row_string(row, "address", text);
	row_string(row, "mapping", look->mapping);
	row_string(row, "place", places[look->place]);
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (look->flags & flag_names[i].flag)
			json_object_array_add(flags, json_object_new_string(flag_names[i].name));
	json_object_object_add(row, "flags", flags);
	if (look->place == PAGE_IN_MEMORY)
		row_number(row, "page", look->page);
	if (look->place == PAGE_IN_MEMORY && look->idle_s >= 0)
		row_number(row, "idle_s", look->idle_s);
	return row;
}

static void say(const struct ctx *ctx, struct json_object *row)
{
	struct json_object *reasons = out_get(row, "reasons");
	const char *slot = out_get_string(row, "slot");
	size_t i;

	ctx_say(ctx, "address  %s of process %s: %s\n", out_get_string(row, "address"),
		out_get_string(row, "pid"), out_get_string(row, "mapping"));
	ctx_say(ctx, "cgroup   %s\n", out_get_string(row, "cgroup"));
	if (slot)
		ctx_say(ctx, "where    in swap: slot %s of device %s, in the hands of: %s\n", slot,
			out_get_string(row, "device"), out_get_string(row, "holder"));
	else if (out_get(row, "page"))
		ctx_say(ctx, "where    in memory: page frame %s\n", out_get_string(row, "page"));
	else if (strcmp(out_get_string(row, "place"), places[PAGE_NOWHERE]))
		ctx_say(ctx, "where    in memory, not mapped by the process\n");
	else
		ctx_say(ctx, "where    nowhere\n");
	for (i = 0; i < json_object_array_length(reasons); i++)
		ctx_say(ctx, "%-8s %s\n", i ? "" : "why",
			json_object_get_string(json_object_array_get_idx(reasons, i)));
}

static void explain(struct ctx *ctx, const struct cgroup *cg, pid_t pid, unsigned long long addr,
		    const struct page_look *look)
{
	struct json_object *row = add_row(ctx, pid, addr, look);
	struct json_object *reasons = json_object_new_array();
	char holder[64];

	switch (look->place) {
	case PAGE_IN_MEMORY:
		explain_memory(look, reasons);
		break;
	case PAGE_IN_SWAP:
		name_holder(look, holder, sizeof(holder));
		row_number(row, "device", look->device);
		row_number(row, "slot", look->slot);
		row_string(row, "holder", holder);
		explain_swap(look, holder, reasons);
		break;
	case PAGE_NOWHERE:
		add_reason(reasons, look->is_shared ?
			   "nobody has written there: it is a hole in shared memory" :
			   "it was never touched; or it is of a file, and this process has not used "
			   "it since it came or went");
		break;
	case PAGE_UNMAPPED:
		add_reason(reasons, "it is of shared memory, and this process has not used it since "
			   "it came");
		break;
	}
	add_policy(row, cg, reasons);
	json_object_object_add(row, "reasons", reasons);
	say(ctx, row);
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	unsigned long long pid, addr;
	struct page_look look;
	struct cgroup cg;
	int ret;

	(void)argc;
	if (parse_number(argv[0], 10, &pid) || !pid || pid > INT_MAX)
		return err_set(&ctx->err, ERR_USAGE, argv[0], "'%s' is not the number of a process",
			       argv[0]);
	if (parse_number(argv[1], 16, &addr)) {
		ret = err_set(&ctx->err, ERR_USAGE, argv[1], "'%s' is not an address", argv[1]);
		err_hint(&ctx->err, "hexadecimal, as in /proc/%llu/maps", pid);
		return ret;
	}
	ret = page_look(pid, addr, &look, &ctx->err);
	ret = ret ?: open_cgroup(&look, pid, &cg, &ctx->err);
	if (ret)
		return ret;
	explain(ctx, &cg, pid, addr, &look);
	cgroup_close(&cg);
	return 0;
}

COMMAND(explain, .group = GROUP_LOOK, .args = "PID ADDR", .min_args = 2, .max_args = 2,
	.summary = "where a page of a process is, and why", .run = run,
	.help = "The page at that address, hexadecimal: in memory or in swap, whose cgroup pays for\n"
		"it, for how long it has been idle, what reclaim makes of it, who has it while it\n"
		"is not in memory, and which policy decides.\n\n"
		"Examples:\n"
		"  swxctl explain 1234 7f2a1c000000\n"
		"  swxctl -j explain 1234 0x7f2a1c000000 | jq -r '.[0].place'\n");
