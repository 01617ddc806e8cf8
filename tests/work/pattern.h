/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Orders in which a workload visits its pages, each computed before the clock
 * starts so that a walk costs one array load per access.
 */
#ifndef SWAPWORK_PATTERN_H
#define SWAPWORK_PATTERN_H

#include <stdint.h>

enum pattern_kind {
	PATTERN_SEQ,
	PATTERN_REVERSE,
	PATTERN_STRIDE,
	PATTERN_LADDER,
	PATTERN_RANDOM,
	PATTERN_ZIPF,
	PATTERN_LOOP,
};

/**
 * struct pattern - one access pattern
 * @kind: which.
 * @step: stride: pages between two accesses of a pass; ladder: pages of a row
 *	visited before the next row is (the tread); loop: its pages.
 * @row: ladder: pages from one row to the next.
 * @skew: zipf: exponent.
 */
struct pattern {
	enum pattern_kind kind;
	uint32_t step;
	uint32_t row;
	double skew;
};

/* What pattern_parse() accepts, for a usage text. */
#define PATTERN_SYNTAX "seq|reverse|random|stride:N|ladder[:TREAD:ROW]|zipf[:SKEW]|loop:N"

/* Returns 0, or -EINVAL for a text that names no pattern. */
int pattern_parse(struct pattern *p, const char *text);

/*
 * Page numbers below @nr in the order in which @p visits them in pass @pass, @nr entries;
 * every page once, but for zipf, which draws anew in each pass, and for loop, which goes
 * round the first pages only. The caller frees it. NULL without memory.
 */
uint32_t *pattern_order(const struct pattern *p, uint32_t nr, uint64_t seed,
			uint32_t pass);

/* The next number of a splitmix64 sequence; @state is its seed. */
uint64_t random_next(uint64_t *state);

#endif /* SWAPWORK_PATTERN_H */
