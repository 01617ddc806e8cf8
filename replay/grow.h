/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow by one at a time. */
#ifndef GROW_H
#define GROW_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Room for one more behind @nr. It grows when their number is a power of two: no other
 * size need be known. NULL without memory; @array is as it was then.
 */
static inline void *grow_array(void *array, uint64_t nr, size_t size)
{
	return nr & (nr - 1) ? array : realloc(array, (nr ? 2 * nr : 1) * size);
}

#endif /* GROW_H */
