/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test programs of one table: each case runs in a process of its own, with
 * /sys/fs/cgroup/t to itself, and ends at the first thing that is not as expected.
 */
#ifndef CASES_H
#define CASES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

/*
 * Run the cases named in @argv, all without a name; prints KTAP. Returns the exit
 * status for main(): 0 passed, 1 failed, 2 no such case.
 */
int cases_run(const struct test_case *cases, size_t nr, int argc, char **argv);

#define RUN_CASES(table, argc, argv)					\
	cases_run(table, sizeof(table) / sizeof(*(table)), argc, argv)

/* End the case: it failed. */
void __attribute__((noreturn, format(printf, 3, 4)))
case_fail(const char *file, int line, const char *fmt, ...);

/* End the case: this kernel or machine lacks what it needs. */
void __attribute__((noreturn, format(printf, 1, 2)))
case_skip(const char *fmt, ...);

#define fail(fmt, args...)	case_fail(__FILE__, __LINE__, fmt, ##args)

#define expect(cond)							\
do {									\
	if (!(cond))							\
		fail("not so: %s", #cond);				\
} while (0)

#define expect_cmp(op, got, want)					\
do {									\
	long long ___got = (got), ___want = (want);			\
									\
	if (!(___got op ___want))					\
		fail("%s is %lld, want " #op " %lld (%s)", #got, ___got,	\
		     ___want, #want);					\
} while (0)

#define expect_eq(got, want)	expect_cmp(==, got, want)
#define expect_ge(got, want)	expect_cmp(>=, got, want)
#define expect_le(got, want)	expect_cmp(<=, got, want)

#define expect_str(got, want)						\
do {									\
	const char *___got = (got), *___want = (want);			\
									\
	if (strcmp(___got, ___want))					\
		fail("%s is \"%s\", want \"%s\"", #got, ___got, ___want); \
} while (0)

/* A call that returns -1 and sets errno must not. */
#define must(call)							\
({									\
	long long ___ret = (long long)(call);				\
									\
	if (___ret < 0)							\
		fail("%s: %s", #call, strerror(errno));			\
	___ret;								\
})

/* Poll @cond for up to @seconds. */
#define expect_soon(seconds, cond)					\
do {									\
	uint64_t ___end = now_ns() + (seconds) * 1000000000ULL;	\
									\
	while (!(cond)) {						\
		if (now_ns() > ___end)					\
			fail("not within %d s: %s", seconds, #cond);	\
		usleep(10000);						\
	}								\
} while (0)

uint64_t now_ns(void);

#endif /* CASES_H */
