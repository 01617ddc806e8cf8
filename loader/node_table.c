// SPDX-License-Identifier: GPL-2.0
/* Memory nodes as a table. Called by "backend nodes" and "backend status". */
#include "node_table.h"

#include <string.h>

#include "node.h"
#include "util.h"

enum { COLUMN_SERVER = 1 };

static const struct column columns[] = {
	{ "NODE",	"node",			FMT_TEXT, false },
	[COLUMN_SERVER] = { "SERVER", "server",	FMT_TEXT, false },
	{ "STATE",	"state",		FMT_TEXT, false },
	{ "SIZE",	"slab_bytes",		FMT_SIZE, false },
	{ "USED",	"used_bytes",		FMT_SIZE, false },
	{ "PAGES",	"nr_pages",		FMT_COUNT, false },
	{ "LOST",	"lost_pages",		FMT_COUNT, false },
	{ "READ50",	"read_p50_below_ns",	FMT_BELOW_NS, false },
	{ "READ99",	"read_p99_below_ns",	FMT_BELOW_NS, false },
	{ "WRITE50",	"write_p50_below_ns",	FMT_BELOW_NS, false },
	{ "WRITE99",	"write_p99_below_ns",	FMT_BELOW_NS, false },
	{ "ERRORS",	"errors",		FMT_COUNT, false },
	{ "RECONN",	"reconnects",		FMT_COUNT, false },
	{ "WANTED",	"size_bytes",		FMT_SIZE, true },
	{ "SLABS",	"slabs",		FMT_COUNT, true },
	{ "CLIENT",	"client",		FMT_TEXT, true },
	{ "BACKEND",	"backend",		FMT_TEXT, true },
};

int node_table_check(const struct out *out, struct err *err)
{
	return out_check_columns(out, columns, ARRAY_SIZE(columns), err);
}

/* Does every name say where its server is? */
static bool names_say_server(struct json_object *rows)
{
	struct err ignored = { 0 };
	struct json_object *row;
	const char *server;
	char name[NODE_NAME_LEN];
	struct address addr;
	bool same = true;
	size_t i;

	for (i = 0; i < json_object_array_length(rows) && same; i++) {
		row = json_object_array_get_idx(rows, i);
		server = out_get_string(row, "server");
		same = server && !address_parse(server, &addr, &ignored);
		if (same)
			address_name(&addr, name, sizeof(name));
		same = same && !strcmp(out_get_string(row, "node"), name);
	}
	err_clear(&ignored);
	return same;
}

void node_table(const struct out *out, struct json_object *rows)
{
	struct column chosen[ARRAY_SIZE(columns)];

	memcpy(chosen, columns, sizeof(chosen));
	chosen[COLUMN_SERVER].hidden = names_say_server(rows);
	out_table(out, rows, chosen, ARRAY_SIZE(chosen));
}
