/* SPDX-License-Identifier: GPL-2.0 */
/* Pages in queues, each in one at most: links by page number, for models. */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdint.h>

#define NO_PAGE	UINT32_MAX

/**
 * struct queue - from @newest to @oldest
 * @links: of all pages; queues of one model share them
 */
struct queue {
	struct queue_links {
		uint32_t older, newer;
	} *links;
	uint32_t newest, oldest;
	uint32_t nr;
};

static inline struct queue queue_begin(struct queue_links *links)
{
	return (struct queue) { .links = links, .newest = NO_PAGE, .oldest = NO_PAGE };
}

static inline void queue_add(struct queue *q, uint32_t page)
{
	q->links[page] = (struct queue_links) { .older = q->newest, .newer = NO_PAGE };
	*(q->newest == NO_PAGE ? &q->oldest : &q->links[q->newest].newer) = page;
	q->newest = page;
	q->nr++;
}

static inline void queue_remove(struct queue *q, uint32_t page)
{
	struct queue_links *l = &q->links[page];

	*(l->older == NO_PAGE ? &q->oldest : &q->links[l->older].newer) = l->newer;
	*(l->newer == NO_PAGE ? &q->newest : &q->links[l->newer].older) = l->older;
	q->nr--;
}

static inline uint32_t queue_take_oldest(struct queue *q)
{
	uint32_t page = q->oldest;

	queue_remove(q, page);
	return page;
}

#endif /* QUEUE_H */
