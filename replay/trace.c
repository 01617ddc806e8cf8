// SPDX-License-Identifier: GPL-2.0
/* The format of swxctl-trace(5). */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/swap_ext.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

static const char magic[8] = { 'S', 'W', 'X', 'T', 'R', 'A', 'C', 'E' };

#define FAULT_FLAGS							\
	(SWAP_EXT_F_HIT | SWAP_EXT_F_INFLIGHT | SWAP_EXT_F_PREFETCHED |	\
	 SWAP_EXT_F_WRITE | SWAP_EXT_F_SYNC_IO | SWAP_EXT_F_SHMEM | SWAP_EXT_F_REMOTE)
#define ARRIVE_FLAGS							\
	(SWAP_EXT_P_SWAPIN | SWAP_EXT_P_PREFETCHED | SWAP_EXT_P_MOVED | SWAP_EXT_P_SHMEM)

/* What a record has, in this order; the writer and the reader both go by it. */
enum field {
	FIELD_END,
	FIELD_TIME,
	FIELD_FLAGS,
	FIELD_PROCESS,
	FIELD_THREAD,
	FIELD_PAGE,
	FIELD_START,
	FIELD_STOP,
	FIELD_PLANNED,
	FIELD_READ,
};

static const enum field fields[TRACE_NR_TYPES][8] = {
	[TRACE_FAULT]	= { FIELD_TIME, FIELD_FLAGS, FIELD_PROCESS, FIELD_THREAD, FIELD_PAGE,
			    FIELD_START, FIELD_STOP },
	[TRACE_PLAN]	= { FIELD_THREAD, FIELD_PLANNED, FIELD_READ },
	[TRACE_ARRIVE]	= { FIELD_TIME, FIELD_FLAGS, FIELD_PAGE },
	[TRACE_EVICT]	= { FIELD_TIME, FIELD_PAGE },
};

/* A page of the mapping, if there is one; in shared memory its number is not its address. */
static bool is_in_mapping(const struct trace_record *r)
{
	if (r->start > r->end || r->end > TRACE_SHMEM)
		return false;
	return !r->end || r->flags & SWAP_EXT_F_SHMEM || (r->page >= r->start && r->page < r->end);
}

/* What is wrong with a record; NULL: nothing. */
static const char *find_error(const struct trace_record *r)
{
	if (r->page > TRACE_PAGE_MAX)
		return "a page beyond every address and file";
	if (r->type == TRACE_FAULT &&
	    (r->flags & ~FAULT_FLAGS ||
	     (r->flags & SWAP_EXT_F_HIT && r->flags & SWAP_EXT_F_INFLIGHT)))
		return "a fault with flags that cannot be";
	if (r->type == TRACE_FAULT && !is_in_mapping(r))
		return "a fault outside of its mapping";
	if (r->type == TRACE_ARRIVE && r->flags & ~ARRIVE_FLAGS)
		return "an arrival with flags that cannot be";
	if (r->nr_read > r->nr_planned)
		return "a plan that read more than it named";
	return NULL;
}

/* Small numbers of either sign to small ones without. */
static uint64_t zigzag(uint64_t n)
{
	return n << 1 ^ -(n >> 63);
}

static uint64_t unzigzag(uint64_t n)
{
	return n >> 1 ^ -(n & 1);
}

/* Writing */

/* LEB128; errors stay with the file until trace_finish() asks. */
static void put_number(struct trace_writer *w, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		putc_unlocked(n | 0x80, w->file);
	putc_unlocked(n, w->file);
}

static void put_difference(struct trace_writer *w, uint64_t *last, uint64_t n)
{
	put_number(w, zigzag(n - *last));
	*last = n;
}

static void put_text(struct trace_writer *w, const char *text)
{
	size_t len = strlen(text);

	put_number(w, len);
	fwrite(text, 1, len, w->file);
}

/* Right after a write: of one that has failed before, errno may be anybody's. */
static int check_file(struct trace_writer *w)
{
	if (!ferror(w->file))
		return 0;
	/* -EINVAL is for a record that cannot be. */
	return errno && errno != EINVAL ? -errno : -EIO;
}

int trace_begin(struct trace_writer *w, FILE *file, const struct trace_header *h)
{
	if (!h->page_size || strnlen(h->cgroup, TRACE_NAME_LEN) == TRACE_NAME_LEN ||
	    strnlen(h->policy, TRACE_NAME_LEN) == TRACE_NAME_LEN)
		return -EINVAL;
	memset(w, 0, sizeof(*w));
	w->file = file;
	w->last.time_ns = h->start_ns;
	fwrite(magic, 1, sizeof(magic), file);
	put_number(w, TRACE_VERSION);
	put_number(w, h->page_size);
	put_number(w, h->limit_pages);
	put_number(w, h->start_ns);
	put_text(w, h->cgroup);
	put_text(w, h->policy);
	return check_file(w);
}

static void flush_accesses(struct trace_writer *w)
{
	uint32_t i;

	if (!w->nr_pending)
		return;
	put_number(w, TRACE_ACCESS);
	put_number(w, w->process);
	put_number(w, w->nr_pending);
	for (i = 0; i < w->nr_pending; i++)
		put_difference(w, &w->last.page[TRACE_ACCESS], w->pending[i]);
	w->nr_pending = 0;
}

static void put_field(struct trace_writer *w, enum field field, const struct trace_record *r)
{
	switch (field) {
	case FIELD_TIME:
		put_difference(w, &w->last.time_ns, r->time_ns);
		break;
	case FIELD_FLAGS:
		put_number(w, r->flags);
		break;
	case FIELD_PROCESS:
		put_number(w, r->process);
		break;
	case FIELD_THREAD:
		put_number(w, r->thread);
		break;
	case FIELD_PAGE:
		put_difference(w, &w->last.page[r->type], r->page);
		break;
	case FIELD_START:
		put_difference(w, &w->last.start, r->start);
		break;
	case FIELD_STOP:
		put_difference(w, &w->last.end, r->end);
		break;
	case FIELD_PLANNED:
		put_number(w, r->nr_planned);
		break;
	case FIELD_READ:
		put_number(w, r->nr_read);
		break;
	case FIELD_END:
		break;
	}
}

int trace_write(struct trace_writer *w, const struct trace_record *r)
{
	const enum field *f;

	if (r->type <= TRACE_END || r->type >= TRACE_NR_TYPES || find_error(r))
		return -EINVAL;
	w->nr[r->type]++;
	if (r->type == TRACE_ACCESS) {
		if (w->nr_pending == TRACE_BATCH || w->process != r->process)
			flush_accesses(w);
		w->process = r->process;
		w->pending[w->nr_pending++] = r->page;
		return check_file(w);
	}
	flush_accesses(w);
	put_number(w, r->type);
	for (f = fields[r->type]; *f != FIELD_END; f++)
		put_field(w, *f, r);
	return check_file(w);
}

int trace_finish(struct trace_writer *w)
{
	int type;

	flush_accesses(w);
	put_number(w, TRACE_END);
	for (type = TRACE_ACCESS; type < TRACE_NR_TYPES; type++)
		put_number(w, w->nr[type]);
	if (fflush(w->file))
		return -errno;
	return check_file(w);
}

/* Reading */

__attribute__((format(printf, 3, 4)))
static int refuse(struct trace_reader *r, uint64_t offset, const char *fmt, ...)
{
	va_list args;
	int n;

	n = snprintf(r->error, sizeof(r->error), "offset %" PRIu64 ": ", offset);
	va_start(args, fmt);
	vsnprintf(r->error + n, sizeof(r->error) - n, fmt, args);
	va_end(args);
	return -EBADMSG;
}

static int refuse_end(struct trace_reader *r)
{
	return refuse(r, r->offset, ferror(r->file) ? "cannot be read" :
		      "the file ends here, in the middle: it was cut off");
}

static int get_number(struct trace_reader *r, uint64_t max, uint64_t *n)
{
	uint64_t start = r->offset;
	unsigned int shift;
	int c;

	*n = 0;
	for (shift = 0; shift < 64; shift += 7) {
		c = getc_unlocked(r->file);
		if (c == EOF)
			return refuse_end(r);
		r->offset++;
		if ((shift == 63 && c > 1) || (shift && !c))
			return refuse(r, start, "garbage where a number should be");
		*n |= (uint64_t)(c & 0x7f) << shift;
		if (c & 0x80)
			continue;
		if (*n > max)
			return refuse(r, start, "%" PRIu64 " where no number above %" PRIu64
				      " can be", *n, max);
		return 0;
	}
	return refuse(r, start, "garbage where a number should be");
}

static int get_u32(struct trace_reader *r, uint32_t *n)
{
	uint64_t value;
	int err = get_number(r, UINT32_MAX, &value);

	*n = value;
	return err;
}

static int get_difference(struct trace_reader *r, uint64_t *last, uint64_t *value)
{
	uint64_t n;
	int err = get_number(r, UINT64_MAX, &n);

	*last += unzigzag(n);
	*value = *last;
	return err;
}

static int get_text(struct trace_reader *r, char *text)
{
	uint64_t start = r->offset, len;
	int err = get_number(r, TRACE_NAME_LEN - 1, &len);

	if (err)
		return err;
	r->offset += fread(text, 1, len, r->file);
	if (feof(r->file) || ferror(r->file))
		return refuse_end(r);
	if (memchr(text, 0, len))
		return refuse(r, start, "a name with a zero in it");
	text[len] = '\0';
	return 0;
}

int trace_open(struct trace_reader *r, FILE *file)
{
	char start[sizeof(magic)];
	uint64_t version;
	size_t len;
	int err;

	memset(r, 0, sizeof(*r));
	r->file = file;
	len = fread(start, 1, sizeof(start), file);
	if (len < sizeof(start) || memcmp(start, magic, sizeof(magic)))
		return refuse(r, 0, "not a trace: it does not begin with %.*s",
			      (int)sizeof(magic), magic);
	r->offset = len;
	err = get_number(r, UINT64_MAX, &version);
	if (err)
		return err;
	if (version != TRACE_VERSION)
		return refuse(r, sizeof(magic), "version %" PRIu64 " of the format; "
			      "known is %d", version, TRACE_VERSION);
	err = get_number(r, UINT64_MAX, &r->header.page_size);
	err = err ?: get_number(r, UINT64_MAX, &r->header.limit_pages);
	err = err ?: get_number(r, UINT64_MAX, &r->header.start_ns);
	err = err ?: get_text(r, r->header.cgroup);
	err = err ?: get_text(r, r->header.policy);
	if (!err && !r->header.page_size)
		err = refuse(r, sizeof(magic) + 1, "pages of 0 bytes");
	r->last.time_ns = r->header.start_ns;
	return err;
}

/* The last record: the counts must be those of what was read, and nothing follow. */
static int read_end(struct trace_reader *r)
{
	uint64_t start = r->offset, nr;
	int type, err;

	for (type = TRACE_ACCESS; type < TRACE_NR_TYPES; type++) {
		err = get_number(r, UINT64_MAX, &nr);
		if (err)
			return err;
		if (nr != r->nr[type])
			return refuse(r, start, "%" PRIu64 " records of type %d were written, "
				      "%" PRIu64 " are there", nr, type, r->nr[type]);
	}
	if (getc_unlocked(r->file) != EOF)
		return refuse(r, r->offset, "more behind the end");
	return 0;
}

static int read_access(struct trace_reader *r, struct trace_record *rec)
{
	rec->type = TRACE_ACCESS;
	rec->process = r->process;
	r->nr_pending--;
	return get_difference(r, &r->last.page[TRACE_ACCESS], &rec->page);
}

static int begin_accesses(struct trace_reader *r)
{
	uint64_t start;
	int err = get_u32(r, &r->process);

	start = r->offset;
	err = err ?: get_number(r, TRACE_BATCH, &r->nr_pending);
	if (!err && !r->nr_pending)
		err = refuse(r, start, "a record of no accesses");
	return err;
}

static int get_field(struct trace_reader *r, enum field field, struct trace_record *rec)
{
	switch (field) {
	case FIELD_TIME:
		return get_difference(r, &r->last.time_ns, &rec->time_ns);
	case FIELD_FLAGS:
		return get_u32(r, &rec->flags);
	case FIELD_PROCESS:
		return get_u32(r, &rec->process);
	case FIELD_THREAD:
		return get_u32(r, &rec->thread);
	case FIELD_PAGE:
		return get_difference(r, &r->last.page[rec->type], &rec->page);
	case FIELD_START:
		return get_difference(r, &r->last.start, &rec->start);
	case FIELD_STOP:
		return get_difference(r, &r->last.end, &rec->end);
	case FIELD_PLANNED:
		return get_u32(r, &rec->nr_planned);
	case FIELD_READ:
		return get_u32(r, &rec->nr_read);
	case FIELD_END:
		break;
	}
	return 0;
}

int trace_read(struct trace_reader *r, struct trace_record *rec)
{
	uint64_t start = r->offset, type;
	const enum field *f;
	const char *wrong;
	int err;

	memset(rec, 0, sizeof(*rec));
	if (!r->nr_pending) {
		err = get_number(r, UINT64_MAX, &type);
		if (err)
			return err;
		if (type >= TRACE_NR_TYPES)
			return refuse(r, start, "a record of unknown type %" PRIu64, type);
		if (type == TRACE_END)
			return read_end(r);
		if (type == TRACE_ACCESS)
			err = begin_accesses(r);
		rec->type = type;
		for (f = fields[type]; !err && *f != FIELD_END; f++)
			err = get_field(r, *f, rec);
		if (err)
			return err;
	}
	if (r->nr_pending) {
		err = read_access(r, rec);
		if (err)
			return err;
	}
	wrong = find_error(rec);
	if (wrong)
		return refuse(r, start, "%s", wrong);
	r->nr[rec->type]++;
	return 1;
}
