/* SPDX-License-Identifier: GPL-2.0 */
/* Pages numbered from 0 on, in the order of what a trace calls them. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

/**
 * number_pages() - which of all different pages is each
 * @list: page numbers of a trace, at most 2^32 of them
 * @nr: how many
 * @page: set to the index for each of them, to be freed
 * @number: set to the page number by index, to be freed
 * @nr_pages: set to how many different ones there are
 *
 * Return: 0 or -ENOMEM, and then there is nothing to free.
 */
int number_pages(const uint64_t *list, uint64_t nr, uint32_t **page, uint64_t **number,
		 uint32_t *nr_pages);

#endif /* NUMBER_H */
