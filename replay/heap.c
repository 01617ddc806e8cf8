// SPDX-License-Identifier: GPL-2.0
#include "heap.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

void heap_begin(struct heap *h, uint32_t nr_pages)
{
	h->nr = 0;
	h->page = model_array(nr_pages, sizeof(*h->page));
	h->place = model_array(nr_pages, sizeof(*h->place));
	h->key = model_array(nr_pages, sizeof(*h->key));
	memset(h->place, 0xff, nr_pages * sizeof(*h->place));
}

void heap_end(struct heap *h)
{
	free(h->page);
	free(h->place);
	free(h->key);
}

static void put(struct heap *h, uint32_t place, uint32_t page)
{
	h->page[place] = page;
	h->place[page] = place;
}

static void sift_up(struct heap *h, uint32_t place)
{
	uint32_t page = h->page[place], above;

	for (; place; place = above) {
		above = (place - 1) / 2;
		if (h->key[h->page[above]] <= h->key[page])
			break;
		put(h, place, h->page[above]);
	}
	put(h, place, page);
}

static void sift_down(struct heap *h, uint32_t place)
{
	uint32_t page = h->page[place], below;

	for (; 2 * place + 1 < h->nr; place = below) {
		below = 2 * place + 1;
		if (below + 1 < h->nr &&
		    h->key[h->page[below + 1]] < h->key[h->page[below]])
			below++;
		if (h->key[page] <= h->key[h->page[below]])
			break;
		put(h, place, h->page[below]);
	}
	put(h, place, page);
}

void heap_set(struct heap *h, uint32_t page, uint64_t key)
{
	if (h->place[page] == HEAP_NOWHERE)
		put(h, h->nr++, page);
	h->key[page] = key;
	sift_up(h, h->place[page]);
	sift_down(h, h->place[page]);
}

uint32_t heap_take(struct heap *h)
{
	uint32_t page = h->page[0];

	h->place[page] = HEAP_NOWHERE;
	if (--h->nr) {
		put(h, 0, h->page[h->nr]);
		sift_down(h, 0);
	}
	return page;
}
