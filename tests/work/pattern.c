// SPDX-License-Identifier: GPL-2.0
/*
 * Access patterns: from a text on the command line to an array of page numbers.
 * Pure functions of their arguments, so that two runs visit the same pages.
 */
#include "pattern.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

int pattern_parse(struct pattern *p, const char *text)
{
	char end;

	/* A tread of 4 pages in rows of 32: short runs between large jumps. */
	*p = (struct pattern){ .step = 4, .row = 32, .skew = 0.99 };

	if (!strcmp(text, "seq")) {
		p->kind = PATTERN_SEQ;
	} else if (!strcmp(text, "reverse")) {
		p->kind = PATTERN_REVERSE;
	} else if (!strcmp(text, "random")) {
		p->kind = PATTERN_RANDOM;
	} else if (!strcmp(text, "zipf") ||
		   sscanf(text, "zipf:%lf%c", &p->skew, &end) == 1) {
		p->kind = PATTERN_ZIPF;
	} else if (sscanf(text, "loop:%u%c", &p->step, &end) == 1) {
		p->kind = PATTERN_LOOP;
	} else if (sscanf(text, "stride:%u%c", &p->step, &end) == 1) {
		p->kind = PATTERN_STRIDE;
	} else if (!strcmp(text, "ladder") ||
		   sscanf(text, "ladder:%u:%u%c", &p->step, &p->row, &end) == 2) {
		p->kind = PATTERN_LADDER;
	} else {
		return -EINVAL;
	}

	if (!p->step || !(p->skew > 0))
		return -EINVAL;
	if (p->kind == PATTERN_LADDER && p->row < p->step)
		return -EINVAL;
	return 0;
}

/* Column by column, @width pages wide: every row is visited before the next column. */
static void fill_columns(uint32_t *order, uint32_t nr, uint32_t width, uint32_t row)
{
	uint64_t column, start, page;
	uint32_t n = 0;

	for (column = 0; column < row; column += width)
		for (start = column; start < nr; start += row)
			for (page = start; page < start + width; page++)
				if (page < nr && page - start + column < row)
					order[n++] = page;
}

static void shuffle(uint32_t *order, uint32_t nr, uint64_t seed)
{
	uint32_t i, other, page;

	for (i = nr; i > 1; i--) {
		other = random_next(&seed) % i;
		page = order[i - 1];
		order[i - 1] = order[other];
		order[other] = page;
	}
}

/* Replace a permutation of ranks by draws from it, rank r with weight 1 / r^skew. */
static int draw_zipf(uint32_t *order, uint32_t nr, double skew, uint64_t seed)
{
	uint32_t *rank = malloc(nr * sizeof(*rank));
	double *sum = malloc(nr * sizeof(*sum));
	uint32_t i, low, high, mid;
	double total = 0, draw;
	int err = -ENOMEM;

	if (!rank || !sum)
		goto out_free;

	for (i = 0; i < nr; i++) {
		rank[i] = order[i];
		total += pow(i + 1, -skew);
		sum[i] = total;
	}
	for (i = 0; i < nr; i++) {
		draw = (random_next(&seed) >> 11) * 0x1p-53 * total;
		for (low = 0, high = nr - 1; low < high; ) {
			mid = (low + high) / 2;
			if (sum[mid] < draw)
				low = mid + 1;
			else
				high = mid;
		}
		order[i] = rank[low];
	}
	err = 0;
out_free:
	free(rank);
	free(sum);
	return err;
}

uint32_t *pattern_order(const struct pattern *p, uint32_t nr, uint64_t seed,
			uint32_t pass)
{
	uint32_t *order = malloc(nr * sizeof(*order));
	uint32_t i;

	if (!order)
		return NULL;

	for (i = 0; i < nr; i++)
		order[i] = p->kind == PATTERN_REVERSE ? nr - 1 - i : i;

	switch (p->kind) {
	case PATTERN_SEQ:
	case PATTERN_REVERSE:
		break;
	case PATTERN_LOOP:
		for (i = 0; i < nr; i++)
			order[i] = i % p->step;
		break;
	case PATTERN_STRIDE:
		fill_columns(order, nr, 1, p->step);
		break;
	case PATTERN_LADDER:
		fill_columns(order, nr, p->step, p->row);
		break;
	case PATTERN_RANDOM:
		shuffle(order, nr, seed);
		break;
	case PATTERN_ZIPF:
		shuffle(order, nr, seed);
		if (draw_zipf(order, nr, p->skew, seed + 1 + pass)) {
			free(order);
			return NULL;
		}
		break;
	}
	return order;
}
