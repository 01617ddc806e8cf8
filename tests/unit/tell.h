/* SPDX-License-Identifier: GPL-2.0 */
/* What a policy is told, a letter each, in the order in which it is. */
#ifndef TELL_H
#define TELL_H

#include <string.h>

/* What finds no room in @told, of @size bytes, is left out. */
static inline void tell_letter(char *told, size_t size, char what)
{
	size_t n = strlen(told);

	if (n < size - 1)
		told[n] = what;
}

/* A page comes: by a plan, from swap, or new. */
static inline char arrival_letter(const struct swap_ext_page *p)
{
	return p->flags & SWAP_EXT_P_PREFETCHED ? 'p' : p->flags & SWAP_EXT_P_SWAPIN ? 's' : 'n';
}

#endif /* TELL_H */
