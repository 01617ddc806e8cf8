// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext_dram - a frontswap backend in local memory, as slow as it is told to be
 *
 * It does what a far memory of a given latency, bandwidth and reliability would
 * do, on a machine that has none: the reference other backends are compared with.
 * Pages are copied when they are submitted, as a network card's DMA would move
 * them meanwhile, and end when the modelled time has passed.
 *
 * Pages and requests are allocated at load: nothing here allocates on behalf of
 * reclaim. A store that finds none is refused.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/frontswap.h>
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/prandom.h>
#include <linux/swapops.h>

/* Of a slot that has no page: this is the one it had. */
#define DRAM_OLD	BIT(31)
/* Requests ended between two looks at the queue. */
#define DRAM_BATCH	16

/**
 * struct dram_request - a read or write whose time has not come
 * @node: in &dram_dir.free or &dram_queue.due.
 * @due: when it ends; until it is queued, how much later than the model says.
 * @folio: what it reads or writes.
 * @err: how it ends.
 */
struct dram_request {
	struct list_head	node;
	ktime_t			due;
	struct folio		*folio;
	int			err;
};

/**
 * struct dram_queue - what is on its way and noticed by one timer
 * @dir: its direction.
 * @due: requests, the earliest first. A list, since without jitter each new one is
 *	the last, and the end of a list is found faster than that of a tree.
 * @first: when the earliest is due, or KTIME_MAX; pollers look at it unlocked.
 * @armed: when @timer goes off, or KTIME_MAX.
 * @timer: ends what is due.
 */
struct dram_queue {
	struct dram_dir		*dir;
	struct list_head	due;
	ktime_t			first;
	ktime_t			armed;
	struct hrtimer		timer;
};

/**
 * struct dram_dir - one direction: all reads, or all writes
 * @lock: all that follows.
 * @timed: operations take time, they do not end at once.
 * @latency_ns: how much.
 * @line_free: when the last transfer has passed the modelled line.
 * @queue: [1] has polled reads, whose timer starts only when nobody polls any
 *	more. Among the others, whose timer goes on from one to the next, it would
 *	go off for a page that a poller has by then.
 * @free: requests nobody uses. Of each direction, because a write may be refused
 *	for want of one, and a read may not.
 * @requests: all of them.
 */
struct dram_dir {
	spinlock_t		lock; /* see above */
	bool			timed;
	u32			latency_ns;
	ktime_t			line_free;
	struct dram_queue	queue[2];
	struct list_head	free;
	struct dram_request	*requests;
};

static struct dram_dir dram_reads, dram_writes;

/* Pages go by numbers from 1 on. Free ones are those in ->free from ->nr_used on. */
static struct {
	spinlock_t	lock; /* ->nr_used, ->free, ->previous */
	unsigned int	nr_total;
	unsigned int	nr_used;
	u32		*free;
	u32		*previous; /* the page that its slot had before, for stale_read */
	void		**pages; /* their addresses */
} dram_pool = { .lock = __SPIN_LOCK_UNLOCKED(dram_pool.lock) };

/* Per swap device and slot: the number of its page, or 0. */
static struct {
	u32		*slots;
	unsigned long	nr;
} dram_devices[MAX_SWAPFILES];

/* Devices come and go, all their slots are looked at. */
static DEFINE_MUTEX(dram_devices_lock);

static bool dram_faulty;	/* some fault may be injected */
static u32 dram_page_ns;	/* how long a page takes to pass the line */
static struct rnd_state dram_random;
static DEFINE_SPINLOCK(dram_random_lock);
static struct frontswap_backend dram_backend;

/* Parameters */

static unsigned int size_mb = 256, nr_requests = 1024;
static unsigned int read_ns, write_ns, bandwidth_mbps, jitter_ns, seed = 1;
static unsigned int refuse_write, fail_write;
static unsigned int fail_read, corrupt_read, stale_read, delay_read, delay_ns = 1000000;
static unsigned int requests_overrun, faults_injected;

static void dram_forget_old(void);

static void dram_reseed(void)
{
	guard(spinlock_irqsave)(&dram_random_lock);
	/* From a small seed the generator's first numbers would be small. */
	prandom_seed_state(&dram_random, hash_64(seed + 1ULL, 64));
}

static void dram_update_model(void)
{
	dram_faulty = refuse_write || fail_write || fail_read || corrupt_read ||
		      stale_read || delay_read;
	dram_page_ns = bandwidth_mbps ?
		DIV_ROUND_CLOSEST(PAGE_SIZE * BITS_PER_BYTE * 1000, bandwidth_mbps) : 0;
	dram_reads.latency_ns = read_ns;
	dram_writes.latency_ns = write_ns;
	dram_writes.timed = write_ns || bandwidth_mbps || jitter_ns;
	dram_reads.timed = read_ns || bandwidth_mbps || jitter_ns || delay_read;
	dram_backend.sync = !dram_reads.timed && !dram_writes.timed;
}

/* At load, it is called before dram_init(). */
static int dram_set_setting(const char *val, const struct kernel_param *kp)
{
	int err = param_set_uint(val, kp);

	if (err)
		return err;
	if (kp->arg == &seed)
		dram_reseed();
	dram_update_model();
	if (!stale_read)
		dram_forget_old();
	return 0;
}

static int dram_set_gauge(const char *val, const struct kernel_param *kp)
{
	return -EPERM;
}

/* Types for module_param(). */
static const struct kernel_param_ops param_ops_setting = {
	.set = dram_set_setting,
	.get = param_get_uint,
};

static const struct kernel_param_ops param_ops_gauge = {
	.set = dram_set_gauge,
	.get = param_get_uint,
};

#define param_check_setting	param_check_uint
#define param_check_gauge	param_check_uint

module_param(size_mb, uint, 0444);
MODULE_PARM_DESC(size_mb, "memory, allocated at load, in MiB (default 256)");
module_param(nr_requests, uint, 0444);
MODULE_PARM_DESC(nr_requests, "operations under way at most, of each direction (default 1024)");
module_param_named(poll_ns, dram_backend.poll_ns, uint, 0644);
MODULE_PARM_DESC(poll_ns, "how long a fault polls for its page, in ns (default 20000)");
module_param(read_ns, setting, 0644);
MODULE_PARM_DESC(read_ns, "how long a read takes, in ns (default 0: ends before it returns)");
module_param(write_ns, setting, 0644);
MODULE_PARM_DESC(write_ns, "how long a write takes, in ns (default 0: ends before it returns)");
module_param(bandwidth_mbps, setting, 0644);
MODULE_PARM_DESC(bandwidth_mbps, "of each direction, in Mbit/s (default 0: unlimited)");
module_param(jitter_ns, setting, 0644);
MODULE_PARM_DESC(jitter_ns, "added to each operation, from 0 to this, in ns (default 0)");
module_param(seed, setting, 0644);
MODULE_PARM_DESC(seed, "of jitter and faults; to write it starts them again (default 1)");
module_param(refuse_write, setting, 0644);
MODULE_PARM_DESC(refuse_write, "writes refused, of a million (default 0)");
module_param(fail_write, setting, 0644);
MODULE_PARM_DESC(fail_write, "writes that end with -EIO, of a million (default 0)");
module_param(fail_read, setting, 0644);
MODULE_PARM_DESC(fail_read, "reads that end with -EIO, of a million (default 0)");
module_param(corrupt_read, setting, 0644);
MODULE_PARM_DESC(corrupt_read, "reads with one bit flipped, of a million (default 0)");
module_param(stale_read, setting, 0644);
MODULE_PARM_DESC(stale_read, "reads of what the slot had before, of a million; while not 0, that is kept, in pages of the pool (default 0)");
module_param(delay_read, setting, 0644);
MODULE_PARM_DESC(delay_read, "reads that take delay_ns longer, of a million (default 0)");
module_param(delay_ns, setting, 0644);
MODULE_PARM_DESC(delay_ns, "see delay_read, in ns (default 1000000)");
module_param_named(pages_total, dram_pool.nr_total, gauge, 0444);
MODULE_PARM_DESC(pages_total, "pages of the pool");
module_param_named(pages_used, dram_pool.nr_used, gauge, 0444);
MODULE_PARM_DESC(pages_used, "pages of the pool in use");
module_param(requests_overrun, gauge, 0444);
MODULE_PARM_DESC(requests_overrun, "writes refused and reads ended at once for want of a request");
module_param(faults_injected, gauge, 0444);
MODULE_PARM_DESC(faults_injected, "faults injected");

static u32 dram_random_below(u32 limit)
{
	guard(spinlock_irqsave)(&dram_random_lock);
	return reciprocal_scale(prandom_u32_state(&dram_random), limit);
}

/* Does a fault of @rate in a million happen now? */
static bool dram_hits(unsigned int rate)
{
	if (!rate || dram_random_below(1000000) >= rate)
		return false;
	faults_injected++;
	return true;
}

/* Memory */

static u32 *dram_slot(swp_entry_t entry)
{
	return dram_devices[swp_type(entry)].slots + swp_offset(entry);
}

static void dram_free_page(u32 nr)
{
	lockdep_assert_held(&dram_pool.lock);
	dram_pool.free[--dram_pool.nr_used] = nr;
}

/* Give each of @nr slots, which have none, a page; or none of them. */
static int dram_reserve(u32 *slot, unsigned int nr)
{
	guard(spinlock_irqsave)(&dram_pool.lock);
	if (nr > dram_pool.nr_total - dram_pool.nr_used)
		return -ENOSPC;
	for (; nr; nr--, slot++) {
		u32 old = *slot & ~DRAM_OLD;

		*slot = dram_pool.free[dram_pool.nr_used++];
		if (unlikely(old))
			dram_pool.previous[*slot] = old;
	}
	return 0;
}

static void dram_free_previous(u32 nr)
{
	if (likely(!dram_pool.previous[nr]))
		return;
	dram_free_page(dram_pool.previous[nr]);
	dram_pool.previous[nr] = 0;
}

static void dram_forget_device(unsigned int type)
{
	u32 *slots = dram_devices[type].slots;
	unsigned long i;

	for (i = 0; i < dram_devices[type].nr; i++) {
		cond_resched();
		if (!READ_ONCE(slots[i]))
			continue;
		guard(spinlock_irq)(&dram_pool.lock);
		if (slots[i] & DRAM_OLD) {
			dram_free_page(slots[i] & ~DRAM_OLD);
			slots[i] = 0;
		} else {
			dram_free_previous(slots[i]);
		}
	}
}

/* What was kept for stale_read. */
static void dram_forget_old(void)
{
	unsigned int type;

	guard(mutex)(&dram_devices_lock);
	for (type = 0; type < MAX_SWAPFILES; type++)
		dram_forget_device(type);
}

static void dram_read_page(struct folio *folio, u32 nr)
{
	void *addr = kmap_local_folio(folio, 0);

	copy_page(addr, dram_pool.pages[nr]);
	kunmap_local(addr);
}

static void dram_write_page(u32 nr, struct folio *folio, unsigned int i)
{
	void *addr = kmap_local_folio(folio, i * PAGE_SIZE);

	copy_page(dram_pool.pages[nr], addr);
	kunmap_local(addr);
}

static void dram_flip_bit(struct folio *folio)
{
	u32 bit = dram_random_below(PAGE_SIZE * BITS_PER_BYTE);
	u8 *addr = kmap_local_folio(folio, 0);

	addr[bit / BITS_PER_BYTE] ^= BIT(bit % BITS_PER_BYTE);
	kunmap_local(addr);
}

/* Apart, to keep what is always done short. */
static noinline int dram_fetch_faulty(struct folio *folio, u32 nr)
{
	if (dram_hits(fail_read))
		return -EIO;
	if (dram_pool.previous[nr] && dram_hits(stale_read))
		nr = dram_pool.previous[nr];
	dram_read_page(folio, nr);
	if (dram_hits(corrupt_read))
		dram_flip_bit(folio);
	return 0;
}

static __always_inline int dram_fetch(struct folio *folio)
{
	u32 nr = *dram_slot(folio->swap);

	if (WARN_ON_ONCE(!nr || nr & DRAM_OLD))
		return -EIO;
	if (unlikely(dram_faulty))
		return dram_fetch_faulty(folio, nr);
	dram_read_page(folio, nr);
	return 0;
}

/* Requests */

static void dram_put_requests(struct dram_dir *dir, struct list_head *reqs)
{
	guard(spinlock_irqsave)(&dir->lock);
	list_splice(reqs, &dir->free);
}

static void dram_look_first(struct dram_queue *q)
{
	struct dram_request *req;

	req = list_first_entry_or_null(&q->due, struct dram_request, node);
	/* Pairs with READ_ONCE() in dram_poll(). */
	WRITE_ONCE(q->first, req ? req->due : KTIME_MAX);
}

static void dram_start_timer(struct dram_queue *q)
{
	lockdep_assert_held(&q->dir->lock);
	/* One that goes off before it goes on from there. */
	if (q->first >= q->armed)
		return;
	q->armed = q->first;
	hrtimer_start(&q->timer, q->armed, HRTIMER_MODE_ABS_PINNED);
}

/* When a request submitted at @now ends. It takes its turn on the line. */
static ktime_t dram_due(struct dram_dir *dir, struct dram_request *req, ktime_t now)
{
	ktime_t due = now;

	if (dram_page_ns) {
		due = max(now, dir->line_free) +
			(u64)dram_page_ns * folio_nr_pages(req->folio);
		dir->line_free = due;
	}
	if (jitter_ns)
		due += dram_random_below(jitter_ns);
	return due + dir->latency_ns;
}

static void dram_post(struct dram_queue *q, struct list_head *reqs, ktime_t now, bool polled)
{
	struct dram_request *req, *next, *last;

	guard(spinlock_irqsave)(&q->dir->lock);
	list_for_each_entry_safe(req, next, reqs, node) {
		req->due += dram_due(q->dir, req, now);
		list_for_each_entry_reverse(last, &q->due, node)
			if (last->due <= req->due)
				break;
		list_move(&req->node, &last->node);
	}
	dram_look_first(q);
	if (!polled)
		dram_start_timer(q);
}

/* Not under the lock, since to end a read is to check and to unlock its folio. */
static void dram_end_due(struct dram_queue *q, bool is_timer)
{
	struct folio *folio[DRAM_BATCH];
	struct dram_request *req, *next;
	int err[DRAM_BATCH];
	unsigned int nr, i;

	do {
		ktime_t now = ktime_get();

		nr = 0;
		scoped_guard(spinlock_irqsave, &q->dir->lock) {
			list_for_each_entry_safe(req, next, &q->due, node) {
				if (req->due > now || nr == DRAM_BATCH)
					break;
				folio[nr] = req->folio;
				err[nr++] = req->err;
				list_move(&req->node, &q->dir->free);
			}
			dram_look_first(q);
			if (is_timer && nr < DRAM_BATCH) {
				q->armed = KTIME_MAX;
				dram_start_timer(q);
			}
		}
		for (i = 0; i < nr; i++) {
			if (q->dir == &dram_reads)
				frontswap_read_end(folio[i], err[i]);
			else
				frontswap_write_end(folio[i], err[i]);
		}
	} while (nr == DRAM_BATCH);
}

static unsigned int dram_take(struct dram_dir *dir, unsigned int nr, struct list_head *reqs)
{
	guard(spinlock_irqsave)(&dir->lock);
	for (; nr && !list_empty(&dir->free); nr--)
		list_move_tail(dir->free.next, reqs);
	return nr;
}

static void dram_get_requests(struct dram_dir *dir, unsigned int nr, struct list_head *reqs)
{
	nr = dram_take(dir, nr, reqs);
	if (likely(!nr))
		return;
	/* As drivers do with a queue that is full: the timer may be late. */
	dram_end_due(&dir->queue[0], false);
	dram_end_due(&dir->queue[1], false);
	requests_overrun += dram_take(dir, nr, reqs);
}

static enum hrtimer_restart dram_timer(struct hrtimer *timer)
{
	dram_end_due(container_of(timer, struct dram_queue, timer), true);
	/* It has been started again if need be, under the lock, as everywhere. */
	return HRTIMER_NORESTART;
}

/* What the core calls */

static int dram_swapon(struct frontswap_backend *b, unsigned int type, unsigned long nr_slots)
{
	u32 *slots = kvcalloc(nr_slots, sizeof(*slots), GFP_KERNEL);

	if (!slots)
		return -ENOMEM;
	guard(mutex)(&dram_devices_lock);
	dram_devices[type].slots = slots;
	dram_devices[type].nr = nr_slots;
	return 0;
}

static void dram_swapoff(struct frontswap_backend *b, unsigned int type)
{
	guard(mutex)(&dram_devices_lock);
	dram_forget_device(type);
	kvfree(dram_devices[type].slots);
	dram_devices[type].slots = NULL;
	dram_devices[type].nr = 0;
}

static int dram_submit_write(struct frontswap_backend *b, struct folio *folio)
{
	unsigned int i, nr = folio_nr_pages(folio);
	u32 *slot = dram_slot(folio->swap);
	struct dram_request *req = NULL;
	ktime_t now = 0;
	LIST_HEAD(reqs);
	int err;

	if (unlikely(dram_faulty) && dram_hits(refuse_write))
		return -EAGAIN;
	if (dram_writes.timed) {
		now = ktime_get();
		dram_get_requests(&dram_writes, 1, &reqs);
		req = list_first_entry_or_null(&reqs, struct dram_request, node);
		if (!req)
			return -EBUSY;
	}
	err = dram_reserve(slot, nr);
	if (err) {
		if (req)
			dram_put_requests(&dram_writes, &reqs);
		return err;
	}

	frontswap_write_begin(folio, 1);
	for (i = 0; i < nr; i++)
		dram_write_page(slot[i], folio, i);
	if (unlikely(dram_faulty) && dram_hits(fail_write))
		err = -EIO;
	if (req) {
		req->folio = folio;
		req->due = 0;
		req->err = err;
		dram_post(&dram_writes.queue[0], &reqs, now, false);
	} else {
		frontswap_write_end(folio, err);
	}
	return 0;
}

/* Returns how many found a request. */
static noinline unsigned int dram_submit_timed(struct folio **folios, unsigned int nr,
					       bool polled)
{
	ktime_t now = ktime_get();
	struct dram_request *req;
	unsigned int i = 0;
	LIST_HEAD(reqs);

	dram_get_requests(&dram_reads, nr, &reqs);
	list_for_each_entry(req, &reqs, node) {
		req->folio = folios[i++];
		req->due = dram_hits(delay_read) ? delay_ns : 0;
		req->err = dram_fetch(req->folio);
	}
	dram_post(&dram_reads.queue[polled], &reqs, now, polled);
	return i;
}

static unsigned int dram_submit_read(struct frontswap_backend *b, struct folio **folios,
				     unsigned int nr, bool polled)
{
	unsigned int i = dram_reads.timed ? dram_submit_timed(folios, nr, polled) : 0;

	/*
	 * What got no request ends at once, too: to wait here would hold up a CPU
	 * for what only a benchmark would want to know. That reads requests_overrun.
	 */
	for (; i < nr; i++)
		frontswap_read_end(folios[i], dram_fetch(folios[i]));
	return polled;
}

static void dram_poll(struct frontswap_backend *b, unsigned int queue)
{
	struct dram_queue *q = &dram_reads.queue[queue];

	if (ktime_get() >= READ_ONCE(q->first))
		dram_end_due(q, false);
}

static void dram_arm(struct frontswap_backend *b, unsigned int queue)
{
	guard(spinlock_irqsave)(&dram_reads.lock);
	dram_start_timer(&dram_reads.queue[queue]);
}

static void dram_invalidate(struct frontswap_backend *b, swp_entry_t entry)
{
	u32 *slot = dram_slot(entry);
	u32 nr = *slot;

	guard(spinlock_irqsave)(&dram_pool.lock);
	dram_free_previous(nr);
	if (unlikely(stale_read)) {
		*slot = nr | DRAM_OLD;
		return;
	}
	dram_free_page(nr);
	*slot = 0;
}

static const struct frontswap_ops dram_ops = {
	.owner		= THIS_MODULE,
	.swapon		= dram_swapon,
	.swapoff	= dram_swapoff,
	.submit_write	= dram_submit_write,
	.submit_read	= dram_submit_read,
	.poll		= dram_poll,
	.arm		= dram_arm,
	.invalidate	= dram_invalidate,
};

static struct frontswap_backend dram_backend = {
	.name		= "dram",
	.ops		= &dram_ops,
	.poll_ns	= 20000,
};

/* Load and unload */

static int __init dram_init_dir(struct dram_dir *dir)
{
	struct dram_queue *q;
	unsigned int i;

	spin_lock_init(&dir->lock);
	INIT_LIST_HEAD(&dir->free);
	for (q = dir->queue; q < dir->queue + ARRAY_SIZE(dir->queue); q++) {
		q->dir = dir;
		INIT_LIST_HEAD(&q->due);
		q->first = KTIME_MAX;
		q->armed = KTIME_MAX;
		hrtimer_init(&q->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED);
		q->timer.function = dram_timer;
	}
	dir->requests = kvcalloc(nr_requests, sizeof(*dir->requests), GFP_KERNEL);
	if (!dir->requests)
		return -ENOMEM;
	for (i = 0; i < nr_requests; i++)
		list_add_tail(&dir->requests[i].node, &dir->free);
	return 0;
}

static void dram_exit_dir(struct dram_dir *dir)
{
	hrtimer_cancel(&dir->queue[0].timer);
	hrtimer_cancel(&dir->queue[1].timer);
	WARN_ON(dir->requests && list_count_nodes(&dir->free) != nr_requests);
	kvfree(dir->requests);
}

static int __init dram_init_pool(unsigned int nr)
{
	unsigned int i;

	dram_pool.free = kvmalloc_array(nr, sizeof(u32), GFP_KERNEL);
	dram_pool.previous = kvcalloc(nr + 1, sizeof(u32), GFP_KERNEL);
	dram_pool.pages = kvcalloc(nr + 1, sizeof(void *), GFP_KERNEL);
	if (!dram_pool.free || !dram_pool.previous || !dram_pool.pages)
		return -ENOMEM;
	for (i = 1; i <= nr; i++) {
		/* An error of insmod, no reason to kill anybody. */
		dram_pool.pages[i] = (void *)__get_free_page(GFP_KERNEL | __GFP_NOWARN |
							     __GFP_RETRY_MAYFAIL);
		if (!dram_pool.pages[i])
			return -ENOMEM;
		dram_pool.free[i - 1] = i;
		dram_pool.nr_total = i;
		cond_resched();
	}
	return 0;
}

static void dram_exit_pool(void)
{
	unsigned int i;

	WARN(dram_pool.nr_used, "%u pages were not given back\n", dram_pool.nr_used);
	for (i = 1; i <= dram_pool.nr_total; i++)
		free_page((unsigned long)dram_pool.pages[i]);
	kvfree(dram_pool.pages);
	kvfree(dram_pool.previous);
	kvfree(dram_pool.free);
}

static int __init dram_init(void)
{
	u64 nr_pages = (u64)size_mb << (20 - PAGE_SHIFT);
	int err;

	if (!nr_pages || nr_pages >= DRAM_OLD || !nr_requests) {
		pr_err("size_mb=%u nr_requests=%u: out of range\n", size_mb, nr_requests);
		return -EINVAL;
	}
	/* Too much is refused before it drives anybody out. */
	if (nr_pages > si_mem_available()) {
		pr_err("size_mb=%u: %lu MiB are available\n", size_mb,
		       si_mem_available() >> (20 - PAGE_SHIFT));
		return -ENOMEM;
	}
	dram_reseed();
	dram_update_model();
	err = dram_init_pool(nr_pages);
	if (err)
		goto err_pool;
	err = dram_init_dir(&dram_reads);
	if (err)
		goto err_reads;
	err = dram_init_dir(&dram_writes);
	if (err)
		goto err_writes;
	err = frontswap_register(&dram_backend);
	if (err)
		goto err_writes;
	return 0;

err_writes:
	dram_exit_dir(&dram_writes);
err_reads:
	dram_exit_dir(&dram_reads);
err_pool:
	dram_exit_pool();
	return err;
}
module_init(dram_init);

static void __exit dram_exit(void)
{
	/* By then no page is held; swapoff() was called for each device. */
	frontswap_unregister(&dram_backend);
	dram_exit_dir(&dram_reads);
	dram_exit_dir(&dram_writes);
	dram_exit_pool();
}
module_exit(dram_exit);

MODULE_DESCRIPTION("frontswap backend in local memory with a modelled latency");
MODULE_LICENSE("GPL");
