// SPDX-License-Identifier: GPL-2.0
/*
 * cc: replay/trace.c replay/generate.c tests/work/pattern.c -lm
 *
 * Traces: what is written is read, what is cut off, garbage or of another version is
 * refused with the offset, whatever byte is wrong; those in replay/traces/ are what the
 * generator makes.
 */
#include "../../replay/generate.h"
#include "../../replay/trace.h"
#include "expect.h"

#include <errno.h>
#include <linux/swap_ext.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	char *v;
	size_t nr;
};

static const struct trace_header header = {
	.page_size = 4096, .limit_pages = 1000, .start_ns = 1ULL << 60,
	.cgroup = "/a.slice/b", .policy = "leap",
};

static const struct trace_record records[] = {
	{ .type = TRACE_ACCESS, .page = 7 },
	{ .type = TRACE_ACCESS, .page = 6 },
	{ .type = TRACE_ACCESS, .page = TRACE_PAGE_MAX, .process = UINT32_MAX },
	{ .type = TRACE_ACCESS, .page = 0, .process = 1 },
	{ .type = TRACE_FAULT, .page = TRACE_SHMEM + 5, .process = 77, .thread = 78,
	  .flags = SWAP_EXT_F_HIT | SWAP_EXT_F_PREFETCHED | SWAP_EXT_F_SHMEM,
	  .start = 100, .end = 2000, .time_ns = (1ULL << 60) + 10 },
	{ .type = TRACE_PLAN, .thread = 78, .nr_planned = 64, .nr_read = 3 },
	{ .type = TRACE_ARRIVE, .page = 9, .time_ns = 5,
	  .flags = SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED },
	{ .type = TRACE_EVICT, .page = 9, .time_ns = UINT64_MAX },
	{ .type = TRACE_ACCESS, .page = 1, .process = 1 },
	{ .type = TRACE_FAULT, .page = TRACE_SHMEM + 4, .process = 77, .time_ns = 3 },
	{ .type = TRACE_FAULT, .page = TRACE_SHMEM - 1, .start = TRACE_SHMEM - 1,
	  .end = TRACE_SHMEM, .time_ns = 3 },
};
#define NR_RECORDS (sizeof(records) / sizeof(records[0]))

static struct bytes write_all(const struct trace_header *h, const struct trace_record *r,
			      size_t nr)
{
	struct bytes b = { 0 };
	FILE *file = open_memstream(&b.v, &b.nr);
	struct trace_writer w;

	EXPECT(!trace_begin(&w, file, h), "begin");
	for (; nr--; r++)
		EXPECT(!trace_write(&w, r), "%zu records from the end", nr);
	EXPECT(!trace_finish(&w), "finish");
	fclose(file);
	return b;
}

/* How many records, or what trace_open() or trace_read() returned instead. */
static int read_all(struct bytes b, struct trace_reader *reader, struct trace_record *got,
		    size_t max)
{
	FILE *file = fmemopen(b.v, b.nr, "r");
	struct trace_record r;
	int ret = trace_open(reader, file), nr = 0;

	while (!ret) {
		ret = trace_read(reader, &r);
		if (!ret)
			break;
		if (ret < 0)
			continue;
		if (got && (size_t)nr < max)
			got[nr] = r;
		nr++;
		ret = 0;
	}
	fclose(file);
	return ret ?: nr;
}

static void expect_refused(struct bytes b, const char *words)
{
	struct trace_reader reader;
	int ret = read_all(b, &reader, NULL, 0);

	EXPECT(ret == -EBADMSG, "%s: %d", words, ret);
	EXPECT(ret != -EBADMSG || strstr(reader.error, words), "'%s' does not say '%s'",
	       reader.error, words);
}

static void test_round_trip(void)
{
	struct trace_record got[NR_RECORDS];
	struct trace_reader reader;
	struct bytes b = write_all(&header, records, NR_RECORDS);
	int nr = read_all(b, &reader, got, NR_RECORDS);
	size_t i;

	EXPECT(nr == NR_RECORDS, "%d records: %s", nr, reader.error);
	EXPECT(!memcmp(&reader.header, &header, sizeof(header)), "another header");
	for (i = 0; i < NR_RECORDS; i++)
		EXPECT(!memcmp(&got[i], &records[i], sizeof(got[i])), "record %zu differs", i);
	free(b.v);
}

/* More than one batch of accesses, and pages in a row cost a byte each. */
static void test_batches(void)
{
	const int nr = 3 * TRACE_BATCH + 1;
	struct trace_record *r = calloc(2 * nr, sizeof(*r));
	struct trace_reader reader;
	struct bytes b;
	int i;

	for (i = 0; i < nr; i++)
		r[i] = (struct trace_record) { .type = TRACE_ACCESS, .page = 100 + i };
	b = write_all(&header, r, nr);
	EXPECT(read_all(b, &reader, r + nr, nr) == nr, "%s", reader.error);
	EXPECT(!memcmp(r, r + nr, nr * sizeof(*r)), "accesses differ");
	EXPECT(b.nr < nr + 100u, "%zu bytes", b.nr);
	free(b.v);
	free(r);
}

static void test_cut_off(void)
{
	struct bytes b = write_all(&header, records, NR_RECORDS);
	char words[64];
	size_t nr;

	for (nr = 1; nr < b.nr; nr++) {
		snprintf(words, sizeof(words), "offset %zu: the file ends here", nr);
		expect_refused((struct bytes) { b.v, nr }, nr < 8 ? "not a trace" : words);
	}
	free(b.v);
}

/* Whatever is there instead of one byte: refused, or read as something else, no crash. */
static void test_wrong_byte(void)
{
	struct bytes b = write_all(&header, records, NR_RECORDS);
	struct trace_reader reader;
	unsigned int nr_read = 0, value;
	size_t i;
	char was;
	int ret;

	for (i = 0; i < b.nr; i++) {
		was = b.v[i];
		for (value = 0; value < 256; value++) {
			b.v[i] = value;
			ret = read_all(b, &reader, NULL, 0);
			EXPECT(ret == -EBADMSG || ret >= 0, "byte %zu, %u: %d", i, value, ret);
			EXPECT(ret >= 0 || strstr(reader.error, "offset "), "'%s'", reader.error);
			nr_read += ret >= 0;
		}
		b.v[i] = was;
	}
	EXPECT(nr_read > b.nr, "nothing but the original was read");
	free(b.v);
}

static void test_garbage(void)
{
	static const char start[] = "SWXTRACE\1\x80\x20\0\0\0";	/* pages of 4096 bytes */
	static const struct {
		const char *bytes;
		size_t nr;
		const char *words;
	} cases[] = {
#define CASE(bytes, words) { bytes, sizeof(bytes) - 1, words }
		CASE("\x06", "offset 15: a record of unknown type 6"),
		CASE("\x01\0\0", "offset 17: a record of no accesses"),
		CASE("\x01\0\x81\x20", "offset 17: 4097 where no number above 4096"),
		CASE("\x01\0\x01\x01", "offset 15: a page beyond every address"),
		CASE("\x01\0\x81\0", "offset 17: garbage"),
		CASE("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "offset 16: garbage"),
		CASE("\x01\x80\x80\x80\x80\x10", "offset 16: 4294967296 where no number"),
		CASE("\x02\0\x03\0\0\0\0\0", "offset 15: a fault with flags"),
		CASE("\x02\0\x80\x01\0\0\0\0\0", "offset 15: a fault with flags"),
		CASE("\x02\0\0\0\0\x08\0\x08", "offset 15: a fault outside"),
		CASE("\x02\0\0\0\0\x06\x08\x0c", "offset 15: a fault outside"),
		CASE("\x02\0\x20\0\0\x08\x0a\x08", "offset 15: a fault outside"),
		CASE("\x04\0\x04\0", "offset 15: an arrival with flags"),
		CASE("\x03\0\x01\x02", "offset 15: a plan that read more"),
		CASE("\0\x01\0\0\0\0", "1 records of type 1 were written, 0 are there"),
		CASE("\0\0\0\0\0\0x", "offset 21: more behind the end"),
#undef CASE
	};
	char bytes[64];
	size_t i;

	memcpy(bytes, start, 15);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(bytes + 15, cases[i].bytes, cases[i].nr);
		expect_refused((struct bytes) { bytes, 15 + cases[i].nr }, cases[i].words);
	}
	expect_refused((struct bytes) { (char *)"SWXTRACF\1", 9 }, "offset 0: not a trace");
	expect_refused((struct bytes) { (char *)"SWXTRACE\2", 9 },
		       "offset 8: version 2 of the format; known is 1");
	expect_refused((struct bytes) { (char *)"SWXTRACE\1\0\0\0\0\0", 14 }, "pages of 0 bytes");
	expect_refused((struct bytes) { (char *)"SWXTRACE\1\1\0\0\1\0\0", 15 }, "a zero in it");
}

static void test_cannot_write(void)
{
	static const struct trace_record bad[] = {
		{ .type = TRACE_END },
		{ .type = TRACE_NR_TYPES },
		{ .type = TRACE_ACCESS, .page = TRACE_PAGE_MAX + 1 },
		{ .type = TRACE_FAULT, .flags = 0x80 },
		{ .type = TRACE_FAULT, .page = 9, .start = 4, .end = 9 },
		{ .type = TRACE_FAULT, .flags = SWAP_EXT_F_SHMEM, .end = TRACE_SHMEM + 1 },
		{ .type = TRACE_ARRIVE, .flags = SWAP_EXT_P_EVICTED },
		{ .type = TRACE_PLAN, .nr_planned = 1, .nr_read = 2 },
	};
	struct trace_header h = header;
	struct trace_writer w;
	FILE *full = fopen("/dev/full", "w");
	size_t i;

	EXPECT(!trace_begin(&w, full, &header), "begin");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(trace_write(&w, &bad[i]) == -EINVAL, "record %zu was written", i);
	EXPECT(trace_finish(&w) < 0, "there was room on a full disk");
	memset(h.cgroup, 'x', sizeof(h.cgroup));
	EXPECT(trace_begin(&w, full, &h) == -EINVAL, "a name too long");
	h = (struct trace_header) { 0 };
	EXPECT(trace_begin(&w, full, &h) == -EINVAL, "pages of 0 bytes");
	fclose(full);
}

static void expect_generated(const char *name)
{
	struct bytes want = { 0 };
	char path[64], *got;
	FILE *file;
	size_t nr;

	file = open_memstream(&want.v, &want.nr);
	EXPECT(!generate_trace(name, file), "%s: not generated", name);
	fclose(file);
	snprintf(path, sizeof(path), "replay/traces/%s.trace", name);
	file = fopen(path, "r");
	if (!file) {
		EXPECT(0, "%s: %s", path, strerror(errno));
		free(want.v);
		return;
	}
	got = malloc(want.nr + 1);
	nr = fread(got, 1, want.nr + 1, file);
	fclose(file);
	EXPECT(nr == want.nr && !memcmp(got, want.v, nr),
	       "%s is not what build/replay/trace generate %s writes", path, name);
	free(got);
	free(want.v);
}

int main(void)
{
	test_round_trip();
	test_batches();
	test_cut_off();
	test_wrong_byte();
	test_garbage();
	test_cannot_write();
	expect_generated("zipf");
	expect_generated("loop-scan");
	expect_generated("phases");
	EXPECT(generate_trace("other", stderr) == -ENOENT, "another trace");
	return !!nr_failed;
}
