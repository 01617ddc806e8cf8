/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as a file of a module takes that is compiled into a test: one
 * thread, nobody to lock out, memory that is there. The headers beside declare nothing.
 */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __rcu
#define __percpu
#define __counted_by(member)
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define PAGE_SIZE		4096UL
#define MAX_SWAPFILES_SHIFT	5
#define GFP_KERNEL		0
#define NSEC_PER_MSEC		1000000L
#define min(a, b)		((a) < (b) ? (a) : (b))
#define DIV_ROUND_UP(a, b)	(((a) + (b) - 1) / (b))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define struct_size(p, member, nr) (sizeof(*(p)) + (nr) * sizeof(*(p)->member))

/* One thread only */
#define READ_ONCE(x)			(x)
#define WRITE_ONCE(x, v)		((x) = (v))
#define smp_load_acquire(p)		(*(p))
#define rcu_dereference(p)		(p)
#define cpu_relax()			abort()
#define cmpxchg(p, old, new) ({						\
	typeof(*(p)) seen = *(p);					\
	if (seen == (old))						\
		*(p) = (new);						\
	seen;								\
})
#define guard(kind)			(void)
#define scoped_guard(kind, lock)	for (bool once = true; once; once = false)
#define this_cpu_add(x, nr)		((x) += (nr))

typedef struct { int v; } atomic_t;
#define atomic_set(a, i)		((a)->v = (i))
#define atomic_read(a)			((a)->v)
#define atomic_sub_and_test(i, a)	(!((a)->v -= (i)))
#define atomic_add_unless(a, i, unless)	((a)->v != (unless) && ((a)->v += (i), true))

/* What is not true is the test's failure. */
#define WARN_ON(cond) ({						\
	bool is = (cond);						\
	if (is)								\
		abort();						\
	is;								\
})
#define WARN_ON_ONCE(cond)		WARN_ON(cond)
#define lockdep_assert_held(lock)

/* Memory */
#define kvcalloc(nr, size, gfp)		calloc(nr, size)
#define kvzalloc(size, gfp)		calloc(1, size)
#define kvfree(p)			free(p)
#define kvfree_rcu(p, rcu)		free(p)

/* Lists */
struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline void list_add(struct list_head *new, struct list_head *head)
{
	new->next = head->next;
	new->prev = head;
	head->next->prev = new;
	head->next = new;
}

static inline void list_add_tail(struct list_head *new, struct list_head *head)
{
	list_add(new, head->prev);
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry_or_null(head, type, member) \
	((head)->next == (head) ? NULL : list_entry((head)->next, type, member))
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_entry((head)->next, typeof(*pos), member);	\
	     &pos->member != (head);					\
	     pos = list_entry(pos->member.next, typeof(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member)			\
	for (pos = list_entry((head)->next, typeof(*pos), member),	\
	     n = list_entry(pos->member.next, typeof(*pos), member);	\
	     &pos->member != (head);					\
	     pos = n, n = list_entry(n->member.next, typeof(*n), member))

/* Swap slots */
typedef struct { unsigned long val; } swp_entry_t;
#define swp_entry(type, offset)	((swp_entry_t) { (unsigned long)(type) << 58 | (offset) })
#define swp_type(entry)		((unsigned int)((entry).val >> 58))
#define swp_offset(entry)	((entry).val & ((1UL << 58) - 1))

#define le32_to_cpu(x)		le32toh(x)
#define le64_to_cpu(x)		le64toh(x)
#define msecs_to_jiffies(ms)	(ms)

/* A test says what numbers are drawn. */
u32 get_random_u32_below(u32 ceil);

/* Kept but not looked into. */
typedef struct { int unused; } spinlock_t, wait_queue_head_t;
struct rcu_head { int unused; };
struct mutex { int unused; };
struct completion { int unused; };
struct work_struct { int unused; };
struct delayed_work { int unused; };
struct timer_list { int unused; };
struct irq_work { int unused; };
struct config_group { int unused; };
struct ib_cqe { int unused; };
struct ib_sge { int unused; };
struct ib_rdma_wr { int unused; };
struct folio;
struct frontswap_backend;
struct ib_cq;
struct ib_device;
struct ib_pd;
struct rdma_cm_id;

#endif /* UNIT_KERNEL_H */
