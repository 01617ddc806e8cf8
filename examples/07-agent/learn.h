/* SPDX-License-Identifier: GPL-2.0 */
/* The policy in user space: what follows from what happened. No system call in it. */
#ifndef __LEARN_H
#define __LEARN_H

#include <stdbool.h>

#include "agent.h"

/**
 * struct lesson - what a miss changes in the map of plans
 * @forget: a plan is void now
 * @expect: there is a new one
 * @old: place of the one that is void
 * @next: place of the new one
 * @plan: the new one
 */
struct lesson {
	bool			forget;
	bool			expect;
	struct agent_place	old;
	struct agent_place	next;
	struct agent_plan	plan;
};

/* Prefetching: a miss, and what to do about the ones to come. */
void learn_miss(const struct agent_event *e, struct lesson *lesson);

/* Eviction: a page came, moved or went. */
void learn_page(const struct agent_event *e);

/* The page that is to go next; false: none is known. The same until it was named. */
bool learn_find_victim(struct agent_victim *v);
void learn_victim_named(void);

#endif /* __LEARN_H */
