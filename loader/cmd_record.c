// SPDX-License-Identifier: GPL-2.0
/* swxctl record: faults, plans, arrivals and evictions of a cgroup, to be replayed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "record.h"
#include "report.h"
#include "state.h"
#include "transcript.h"
#include "util.h"

static const struct option_def options[] = {
	{ "duration", 't', "SEC", "stop after so many seconds" },
	{ "force", 'f', NULL, "overwrite FILE" },
	{ "buffer", 0, "SIZE", "memory for events not yet written (16M)" },
	{ NULL },
};

/* How often the buffer and the cgroup are looked at. */
#define LOOK_MS		100

/* Room for 200,000 events. */
#define DEFAULT_BUFFER	(16ULL << 20)

#define NS_PER_S	1000000000ULL

struct recorder {
	struct ctx		*ctx;
	const struct cgroup	*cg;
	const char		*path;		/* of the trace; "-" */
	FILE			*file;
	bool			is_new;		/* there was none */
	char			policy[32];	/* that governs the cgroup */
	__u64			start_ns;
	__u64			duration_ns;	/* 0: until somebody says so */
	struct record		*record;
	struct transcript	*transcript;
	const char		*ended;		/* why */
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Of the events, too. */
static __u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int add_event(void *arg, const struct record_event *event)
{
	struct recorder *r = arg;

	return transcript_event(r->transcript, event);
}

/* The policy that governs the cgroup, its own or another's; "" if none does. */
static const char *governing(const struct state *st)
{
	return !strcmp(st->state, "active") || !strcmp(st->state, "inherited") ? st->policy : "";
}

static int check_governed(struct recorder *r)
{
	struct err *err = &r->ctx->err;
	struct state st;
	int ret;

	ret = state_read(r->cg, &st, err);
	if (ret)
		return ret;
	snprintf(r->policy, sizeof(r->policy), "%s", governing(&st));
	if (*r->policy)
		return 0;
	ret = err_set(err, ERR_NOT_ATTACHED, r->cg->path,
		      "no policy governs cgroup %s: the kernel tells nothing of it", r->cg->path);
	if (state_is_stopped(&st))
		err_hint(err, "'%s' was stopped: swxctl log %s", st.policy, r->cg->path);
	else
		err_hint(err, "one that leaves all to the kernel: swxctl attach %s lru",
			 r->cg->path);
	return ret;
}

/* Whether what is recorded is still there; @r->ended if not. */
static void check_end(struct recorder *r)
{
	struct err ignored = { 0 };
	struct state st;

	if (stopped)
		r->ended = "signal";
	else if (r->duration_ns && now_ns() - r->start_ns >= r->duration_ns)
		r->ended = "duration";
	else if (state_read(r->cg, &st, &ignored))
		r->ended = "cgroup";
	else if (strcmp(governing(&st), r->policy))
		r->ended = "policy";
	err_clear(&ignored);
}

static void show_progress(const struct recorder *r)
{
	struct transcript_counts c = transcript_count(r->transcript);

	fprintf(stderr, "\r%s: %llu s, %llu faults, %llu plans, %llu lost ", r->cg->path,
		(now_ns() - r->start_ns) / NS_PER_S, c.nr_faults, c.nr_plans,
		record_count_lost(r->record));
}

static bool wants_progress(const struct ctx *ctx)
{
	return !ctx->out.json && !ctx->out.quiet && isatty(STDERR_FILENO);
}

static int loop(struct recorder *r)
{
	bool progress = wants_progress(r->ctx);
	__u64 shown_ns = r->start_ns;
	int ret = 0;

	while (!ret && !r->ended) {
		ret = record_poll(r->record, LOOK_MS);
		check_end(r);
		if (progress && now_ns() - shown_ns >= NS_PER_S) {
			shown_ns = now_ns();
			show_progress(r);
		}
	}
	record_stop(r->record);
	ret = ret ?: record_poll(r->record, 0);
	if (progress) {
		show_progress(r);
		fputc('\n', stderr);
	}
	return ret;
}

static int fail_write(struct recorder *r, int ret)
{
	return err_set(&r->ctx->err, ERR_FAILED, r->path, "%s: cannot be written: %s", r->path,
		       strerror(-ret));
}

static __u64 read_limit(const struct cgroup *cg)
{
	char *text = cgroup_read(cg, "memory.max");
	__u64 bytes = text ? strtoull(text, NULL, 10) : 0;

	free(text);
	return bytes / sysconf(_SC_PAGESIZE);
}

static int begin_trace(struct recorder *r)
{
	struct trace_header h = {
		.page_size = sysconf(_SC_PAGESIZE),
		.limit_pages = read_limit(r->cg),
		.start_ns = r->start_ns,
	};
	size_t len = strlen(r->cg->path);
	int ret;

	/* Of one that is too long the end, which tells more. */
	snprintf(h.cgroup, sizeof(h.cgroup), "%s",
		 r->cg->path + (len < sizeof(h.cgroup) ? 0 : len - sizeof(h.cgroup) + 1));
	snprintf(h.policy, sizeof(h.policy), "%s", r->policy);
	ret = transcript_begin(&r->transcript, r->file, &h);
	return ret ? fail_write(r, ret) : 0;
}

static int open_file(struct recorder *r)
{
	struct err *err = &r->ctx->err;
	int fd, ret;

	if (!strcmp(r->path, "-")) {
		r->file = stdout;
		return 0;
	}
	r->is_new = !ctx_option(r->ctx, "force");
	fd = open(r->path, O_WRONLY | O_CREAT | O_CLOEXEC |
		  (r->is_new ? O_EXCL : O_TRUNC), 0666);
	r->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (r->file)
		return 0;
	if (errno != EEXIST)
		return err_set(err, ERR_FAILED, r->path, "%s: %s", r->path, strerror(errno));
	ret = err_set(err, ERR_FAILED, r->path, "%s exists already", r->path);
	err_hint(err, "--force overwrites it");
	return ret;
}

/* Of a trace that is not complete nothing is left, unless there was a file before. */
static void close_file(struct recorder *r, bool is_complete)
{
	if (r->file == stdout)
		return;
	/* trace_finish() has written all that can fail. */
	fclose(r->file);
	if (!is_complete && r->is_new)
		unlink(r->path);
}

/* Where people read: standard output, if that is not where the trace goes. */
static FILE *talk(const struct recorder *r)
{
	return r->file == stdout ? stderr : stdout;
}

/* Whoever starts a program to be recorded waits for this line. */
static void say_begun(const struct recorder *r)
{
	if (r->ctx->out.json || r->ctx->out.quiet)
		return;
	fprintf(talk(r), "recording %s under %s\n", r->cg->path, r->policy);
	fflush(talk(r));
}

static const char *explain_end(const struct recorder *r)
{
	return !strcmp(r->ended, "cgroup") ? "the cgroup is gone" : "its policy is gone";
}

static void print_summary(const struct recorder *r, const struct transcript_counts *c,
			  double seconds)
{
	FILE *out = talk(r);

	if (r->ctx->out.json || r->ctx->out.quiet)
		return;
	fprintf(out, "%s: %llu faults, %llu plans, %llu arrivals and %llu evictions of %s",
		r->path, c->nr_faults, c->nr_plans, c->nr_arrivals, c->nr_evictions, r->cg->path);
	fprintf(out, " under %s in %.1f s\n", r->policy, seconds);
	if (c->nr_unknown)
		fprintf(out, "  %llu events are of pages that nobody has named\n", c->nr_unknown);
	if (!strcmp(r->ended, "cgroup") || !strcmp(r->ended, "policy"))
		fprintf(out, "  %s: the recording ended there\n", explain_end(r));
	if (r->file != stdout)
		fprintf(out, "  replay:  make replay POLICY=%s TRACE=%s\n", r->policy, r->path);
}

/* A trace with holes is one, but whoever counts with it should know. */
static void report_lost(struct recorder *r, __u64 nr_lost)
{
	struct ctx *ctx = r->ctx;

	err_set(&ctx->err, ERR_LOST, r->path,
		"%llu events are missing in %s: they came faster than they were written", nr_lost,
		r->path);
	err_hint(&ctx->err, "--buffer SIZE, 16M unless given, has room for more");
	ctx->exit_code = err_exit_code(&ctx->err);
	ctx_warn(ctx);
}

static void report(struct recorder *r, __u64 end_ns)
{
	struct transcript_counts c = transcript_count(r->transcript);
	__u64 nr_lost = record_count_lost(r->record);
	struct json_object *row = ctx_row(r->ctx);

	row_string(row, "cgroup", r->cg->path);
	row_string(row, "policy", r->policy);
	row_string(row, "file", r->path);
	row_string(row, "ended", r->ended);
	row_number(row, "duration_ns", end_ns - r->start_ns);
	row_number(row, "faults", c.nr_faults);
	row_number(row, "plans", c.nr_plans);
	row_number(row, "arrivals", c.nr_arrivals);
	row_number(row, "evictions", c.nr_evictions);
	row_number(row, "unknown", c.nr_unknown);
	row_number(row, "lost", nr_lost);
	print_summary(r, &c, (end_ns - r->start_ns) / 1e9);
	if (nr_lost)
		report_lost(r, nr_lost);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };

	/* No SA_RESTART: the signal ends the wait for events. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* A reader that leaves is an error of the write. */
	signal(SIGPIPE, SIG_IGN);
}

static int record(struct recorder *r, __u64 buffer_bytes)
{
	__u64 end_ns;
	int ret;

	ret = record_open(&r->record, r->cg, buffer_bytes, add_event, r, &r->ctx->err);
	ret = ret ?: open_file(r);
	if (ret)
		goto out_close;
	catch_signals();
	r->start_ns = now_ns();
	ret = begin_trace(r);
	ret = ret ?: record_start(r->record, &r->ctx->err);
	if (ret)
		goto out_close_file;
	say_begun(r);
	ret = loop(r);
	end_ns = now_ns();
	ret = ret ?: transcript_finish(r->transcript);
	if (ret)
		ret = fail_write(r, ret);
	else
		report(r, end_ns);
out_close_file:
	close_file(r, !ret);
out_close:
	transcript_free(r->transcript);
	record_close(r->record);
	return ret;
}

static int parse_buffer(struct ctx *ctx, __u64 *bytes)
{
	const char *text = ctx_option(ctx, "buffer");
	unsigned long long size;

	if (!text)
		return 0;
	if (!parse_size(text, &size) || !size || size > 1ULL << 30)
		return err_set(&ctx->err, ERR_USAGE, "--buffer",
			       "--buffer takes a size of at most 1G, not '%s'", text);
	*bytes = size;
	return 0;
}

static int check_output(struct ctx *ctx, const char *path)
{
	if (strcmp(path, "-"))
		return 0;
	if (isatty(STDOUT_FILENO))
		return err_set(&ctx->err, ERR_USAGE, path, "a trace is nothing for a terminal");
	if (ctx->out.json)
		return err_set(&ctx->err, ERR_USAGE, path,
			       "the trace and -j both want standard output");
	return 0;
}

static int run(struct ctx *ctx, int argc, char **argv)
{
	const char *duration = ctx_option(ctx, "duration");
	struct recorder r = { .ctx = ctx, .path = argv[1] };
	__u64 buffer_bytes = DEFAULT_BUFFER;
	struct cgroup cg;
	int ret;

	(void)argc;
	ret = parse_buffer(ctx, &buffer_bytes);
	if (!ret && duration)
		ret = report_parse_seconds(duration, "-t", &r.duration_ns, &ctx->err);
	if (!ret && duration && !r.duration_ns)
		ret = err_set(&ctx->err, ERR_USAGE, "-t", "-t takes more than 0 seconds here");
	ret = ret ?: check_output(ctx, r.path);
	ret = ret ?: cgroup_open(argv[0], &cg, &ctx->err);
	if (ret)
		return ret;
	r.cg = &cg;
	ret = cgroup_check_below_root(&cg, ctx->command->name, &ctx->err);
	ret = ret ?: cgroup_check_memory(&cg, &ctx->err);
	ret = ret ?: check_governed(&r);
	ret = ret ?: record(&r, buffer_bytes);
	cgroup_close(&cg);
	return ret;
}

COMMAND(record, .group = GROUP_LOOK, .args = "CGROUP FILE", .min_args = 2, .max_args = 2,
	.summary = "write down faults and plans, for a replay",
	.options = options, .run = run,
	.help = "Faults, plans, arrivals and evictions of the cgroup and all below it, until -t, ^C or\n"
		"SIGTERM, or until the cgroup or its policy is gone, as a trace: swxctl-trace(5). FILE\n"
		"is not overwritten without --force; '-' is standard output. A replay on any machine\n"
		"says what this policy or another would have planned: make replay.\n\n"
		"A policy must govern the cgroup; lru leaves all to the kernel. Start before the\n"
		"program does: what was in memory before is known from its first fault on only.\n"
		"If events are lost, the exit status is 1 and the trace is complete but for them.\n\n"
		"Examples:\n"
		"  swxctl record app.service app.trace\n"
		"  swxctl record -t 60 /batch - | zstd > batch.trace.zst\n");
