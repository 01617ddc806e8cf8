/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traces of pages: the format of swxctl-trace(5), read and written record by record.
 * Knows nothing of who replays or records.
 *
 * A function that fails returns -errno. What is wrong with a file that is read, and at
 * which offset, is in the reader's error.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdint.h>
#include <stdio.h>

#define TRACE_VERSION	1
#define TRACE_NAME_LEN	256	/* with the NUL */
#define TRACE_BATCH	4096	/* accesses in one record of a file, at most */

/* Pages of shared memory files lie above those that have an address, by file offset. */
#define TRACE_SHMEM	(1ULL << 52)
#define TRACE_PAGE_MAX	(2 * TRACE_SHMEM - 1)

/* The numbers are those of the format. */
enum trace_type {
	TRACE_END,		/* never handed out, nor to be written */
	TRACE_ACCESS,		/* a process uses a page */
	TRACE_FAULT,		/* a swap-in fault, as the op fault sees it */
	TRACE_PLAN,		/* a plan of the policy */
	TRACE_ARRIVE,		/* a page comes, as the op added sees it */
	TRACE_EVICT,		/* a page goes to swap */
	TRACE_NR_TYPES,
};

/**
 * struct trace_header - what a trace is of
 * @page_size: bytes.
 * @limit_pages: memory limit of the cgroup; 0: none, or not known.
 * @start_ns: when the trace begins.
 * @cgroup: its path; "" for none.
 * @policy: its name; "" for none.
 */
struct trace_header {
	uint64_t page_size;
	uint64_t limit_pages;
	uint64_t start_ns;
	char cgroup[TRACE_NAME_LEN];
	char policy[TRACE_NAME_LEN];
};

/**
 * struct trace_record - one event
 * @type: which, and so which of the others are meant; those are 0.
 * @process: access, fault: who owns the memory.
 * @thread: fault: who faulted; plan: the same, and so which fault it is of.
 * @flags: fault: enum swap_ext_fault_flags; arrival: enum swap_ext_page_flags.
 * @nr_planned: plan: pages named.
 * @nr_read: plan: of these, pages that were read.
 * @page: access, fault, arrival, eviction.
 * @start: fault: first page of the mapping; 0, and so is @end: there is none.
 * @end: fault: the one after its last.
 * @time_ns: fault, arrival, eviction.
 */
struct trace_record {
	enum trace_type type;
	uint32_t process;
	uint32_t thread;
	uint32_t flags;
	uint32_t nr_planned;
	uint32_t nr_read;
	uint64_t page;
	uint64_t start;
	uint64_t end;
	uint64_t time_ns;
};

/* What numbers are differences to. */
struct trace_last {
	uint64_t page[TRACE_NR_TYPES];
	uint64_t start;
	uint64_t end;
	uint64_t time_ns;
};

struct trace_writer {
	FILE *file;
	struct trace_last last;
	uint64_t nr[TRACE_NR_TYPES];
	/* accesses that are not written yet, of one process */
	uint32_t process;
	uint32_t nr_pending;
	uint64_t pending[TRACE_BATCH];
};

struct trace_reader {
	FILE *file;
	struct trace_header header;
	struct trace_last last;
	uint64_t nr[TRACE_NR_TYPES];
	uint64_t offset;
	/* accesses of the batch that are still to come, and whose they are */
	uint32_t process;
	uint64_t nr_pending;
	char error[160];
};

/* -EINVAL: a page size of 0, a name that is too long. */
int trace_begin(struct trace_writer *w, FILE *file, const struct trace_header *h);
/* -EINVAL: a record that the format cannot hold. */
int trace_write(struct trace_writer *w, const struct trace_record *r);
/* Writes the end; without it the trace counts as cut off. @file stays open. */
int trace_finish(struct trace_writer *w);

/* -EBADMSG: not a trace, or one of another version; @r->header otherwise. */
int trace_open(struct trace_reader *r, FILE *file);
/* 1: a record; 0: that was all, and the file is complete; -EBADMSG: garbage. */
int trace_read(struct trace_reader *r, struct trace_record *rec);

#endif /* TRACE_H */
