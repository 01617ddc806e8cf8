// SPDX-License-Identifier: GPL-2.0
/* Running a table of cases, each alone and cleaned up after. */
#include "cases.h"
#include "group.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	EXIT_SKIPPED = 4,
};

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

void case_fail(const char *file, int line, const char *fmt, ...)
{
	const char *name = strrchr(file, '/');
	va_list args;

	printf("# %s:%d: ", name ? name + 1 : file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

void case_skip(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	_exit(EXIT_SKIPPED);
}

static int run_alone(const struct test_case *c)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return EXIT_FAILURE;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		group_make("");
		c->run();
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	waitpid(pid, &status, 0);
	group_remove_all();
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("# ended by signal %d\n", WTERMSIG(status));
	return EXIT_FAILURE;
}

static bool is_wanted(const struct test_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], c->name))
			return true;
	return argc < 2;
}

int cases_run(const struct test_case *cases, size_t nr, int argc, char **argv)
{
	const char *program = strrchr(argv[0], '/');
	unsigned int nr_run = 0, nr_failed = 0;
	size_t i;

	program = program ? program + 1 : argv[0];
	printf("KTAP version 1\n");
	for (i = 0; i < nr; i++) {
		int status;

		if (!is_wanted(&cases[i], argc, argv))
			continue;
		status = run_alone(&cases[i]);
		nr_failed += status && status != EXIT_SKIPPED;
		printf("%s %u - %s/%s%s\n", status && status != EXIT_SKIPPED ?
		       "not ok" : "ok", ++nr_run, program, cases[i].name,
		       status == EXIT_SKIPPED ? " # SKIP" : "");
	}
	printf("1..%u\n", nr_run);
	if (!nr_run)
		return 2;
	return nr_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
