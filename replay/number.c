// SPDX-License-Identifier: GPL-2.0
/* Page numbers to indices: sorted, each once, and looked up there. */
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int number_pages(const uint64_t *list, uint64_t nr, uint32_t **page, uint64_t **number,
		 uint32_t *nr_pages)
{
	uint64_t *sorted = malloc(nr * sizeof(*sorted));
	uint32_t *index = malloc(nr * sizeof(*index));
	const uint64_t *found;
	uint64_t i, nr_sorted = 0;

	if (!sorted || !index) {
		free(sorted);
		free(index);
		return -ENOMEM;
	}
	memcpy(sorted, list, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), compare_numbers);
	for (i = 0; i < nr; i++)
		if (!i || sorted[i] != sorted[nr_sorted - 1])
			sorted[nr_sorted++] = sorted[i];
	for (i = 0; i < nr; i++) {
		found = bsearch(&list[i], sorted, nr_sorted, sizeof(*sorted), compare_numbers);
		index[i] = found - sorted;
	}
	*page = index;
	*number = sorted;
	*nr_pages = nr_sorted;
	return 0;
}
