/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A published algorithm with full information: it sees every single access, and has room
 * for just as many pages as the memory. Each is one file in models/, which ends in
 *
 *	MODEL(name, "paper, section", create, access, destroy);
 *
 * A model that is named as a policy is what that policy is held against.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accesses.h"

/**
 * struct model - an algorithm
 * @name: of it.
 * @source: where it is described.
 * @create: for pages below @nr_pages, of which @limit fit.
 * @access: a page is used. True: it was there.
 * @destroy: what @create made.
 */
struct model {
	const char *name;
	const char *source;
	void *(*create)(uint32_t nr_pages, uint32_t limit);
	bool (*access)(void *state, uint32_t page);
	void (*destroy)(void *state);
};

/* The record is found in a section of the binary. */
#define MODEL(id, where, create_fn, access_fn, destroy_fn)		\
	static const struct model model_##id = {			\
		.name = #id, .source = (where), .create = (create_fn),	\
		.access = (access_fn), .destroy = (destroy_fn),		\
	};								\
	static const struct model *const model_ptr_##id			\
	__attribute__((used, section("replay_models"))) = &model_##id

extern const struct model *const __start_replay_models[];
extern const struct model *const __stop_replay_models[];

#define for_each_model(m)						\
	for (m = __start_replay_models; m < __stop_replay_models; m++)

/* NULL: there is none. */
const struct model *model_find(const char *name);
/* Accesses that did not find their page. */
uint64_t model_run(const struct model *model, const struct accesses *a, uint32_t limit);

/* Zeroed; a model without memory is of no use, so this ends the program. */
void *model_array(size_t nr, size_t size);

#endif /* MODEL_H */
