// SPDX-License-Identifier: GPL-2.0
/*
 * cc: replay/accesses.c replay/number.c replay/recording.c replay/trace.c
 *
 * What is replayed of a trace: its accesses, else its faults; pages are numbered in the
 * order of their numbers.
 */
#include "../../replay/accesses.h"
#include "expect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct trace_header header = { .page_size = 4096, .limit_pages = 10 };

struct text {
	char *bytes;
	size_t nr;
};

static struct text write_trace(const struct trace_record *r, size_t nr)
{
	struct text t = { 0 };
	FILE *file = open_memstream(&t.bytes, &t.nr);
	struct trace_writer w;

	EXPECT(!trace_begin(&w, file, &header), "begin");
	while (nr--)
		EXPECT(!trace_write(&w, r++), "write");
	EXPECT(!trace_finish(&w), "finish");
	fclose(file);
	return t;
}

static struct recording recording;

static int read_trace(struct accesses *a, struct text t, char *error, size_t size)
{
	FILE *file = fmemopen(t.bytes, t.nr, "r");
	int ret = accesses_read(a, &recording, file, error, size);

	fclose(file);
	return ret;
}

static const struct trace_record records[] = {
	{ .type = TRACE_FAULT, .page = 500, .process = 9 },
	{ .type = TRACE_ACCESS, .page = TRACE_SHMEM, .process = 3 },
	{ .type = TRACE_PLAN, .nr_planned = 1 },
	{ .type = TRACE_ACCESS, .page = 70 },
	{ .type = TRACE_ACCESS, .page = 7 },
	{ .type = TRACE_ACCESS, .page = 70 },
	{ .type = TRACE_EVICT, .page = 7 },
	{ .type = TRACE_FAULT, .page = 500, .process = 8 },
};

static void test_accesses(void)
{
	static const uint32_t page[] = { 2, 1, 0, 1 }, process[] = { 3, 0, 0, 0 };
	static const uint64_t number[] = { 7, 70, TRACE_SHMEM };
	struct text t = write_trace(records, 8);
	char error[200] = "";
	struct accesses a;

	EXPECT(!read_trace(&a, t, error, sizeof(error)), "%s", error);
	EXPECT(a.nr == 4 && a.nr_pages == 3 && !a.are_faults, "counts");
	EXPECT(!memcmp(a.page, page, sizeof(page)), "pages");
	EXPECT(!memcmp(a.process, process, sizeof(process)), "processes");
	EXPECT(!memcmp(a.number, number, sizeof(number)), "numbers");
	EXPECT(a.header.limit_pages == 10, "header");
	EXPECT(recording.nr == 3 && recording.nr_faults == 2, "%lu other events",
	       (unsigned long)recording.nr);
	accesses_free(&a);
	recording_free(&recording);
	free(t.bytes);
}

static void test_faults(void)
{
	const struct trace_record faults[] = { records[0], records[2], records[7] };
	struct text t = write_trace(faults, 3);
	char error[200] = "";
	struct accesses a;

	EXPECT(!read_trace(&a, t, error, sizeof(error)), "%s", error);
	EXPECT(a.nr == 2 && a.nr_pages == 1 && a.are_faults, "counts");
	EXPECT(a.process[0] == 9 && a.process[1] == 8 && a.number[0] == 500, "faults");
	EXPECT(!recording.has_pages, "pages that came or went");
	accesses_free(&a);
	recording_free(&recording);
	free(t.bytes);
}

static void test_refused(void)
{
	struct text t = write_trace(&records[2], 1);
	char error[200] = "";
	struct accesses a;

	EXPECT(read_trace(&a, t, error, sizeof(error)) == -EBADMSG &&
	       !strcmp(error, "there is no access in it"), "'%s'", error);
	free(t.bytes);
	t = write_trace(records, 8);
	t.nr--;
	EXPECT(read_trace(&a, t, error, sizeof(error)) == -EBADMSG &&
	       strstr(error, "it was cut off"), "'%s'", error);
	EXPECT(!a.page && !a.number && !recording.event, "something is left of it");
	free(t.bytes);
}

int main(void)
{
	test_accesses();
	test_faults();
	test_refused();
	return !!nr_failed;
}
