/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Swapping that a case can count: swapwork for whole workloads, and a region of
 * this process where single pages matter. Both check every byte.
 */
#ifndef WORK_H
#define WORK_H

#include <stdint.h>
#include <sys/types.h>

#include "region.h"

/* Start swapwork with these arguments in a group. */
pid_t work_start(const char *group, const char *args);
/* Run it; any exit status but 0 fails the case. Returns its JSON, static memory. */
const char *work_run(const char *group, const char *args);
/* The least that shows who governs: 1 MiB out and in. */
void work_some(const char *group);
/* The number at the first "key": of a JSON text. */
uint64_t work_number(const char *json, const char *key);

/* Map and fill @nr pages; the caller is in the group whose memory it is. */
void pages_make(struct region *r, enum region_map map, uint32_t nr);
/* Push them all out, swap cache included. */
void pages_out(struct region *r, const char *group);
/* Read pages [@first, @first + @nr), every byte. */
void pages_check(const struct region *r, uint32_t first, uint32_t nr);
/* Swap slot of a page as in struct swap_ext_fault.entry; 0 if it is resident. */
uint64_t pages_entry(const struct region *r, uint32_t page);

#endif /* WORK_H */
