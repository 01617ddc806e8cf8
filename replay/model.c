// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct model *model_find(const char *name)
{
	const struct model *const *m;

	for_each_model(m)
		if (!strcmp((*m)->name, name))
			return *m;
	return NULL;
}

uint64_t model_run(const struct model *model, const struct accesses *a, uint32_t limit)
{
	void *state = model->create(a->nr_pages, limit);
	uint64_t i, nr_misses = 0;

	for (i = 0; i < a->nr; i++)
		nr_misses += !model->access(state, a->page[i]);
	model->destroy(state);
	return nr_misses;
}

void *model_array(size_t nr, size_t size)
{
	void *array = calloc(nr ?: 1, size);

	if (!array) {
		perror("replay");
		exit(1);
	}
	return array;
}
