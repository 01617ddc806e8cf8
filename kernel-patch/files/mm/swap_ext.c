// SPDX-License-Identifier: GPL-2.0
/*
 * swap_ext - attach BPF swap policies to memory cgroups
 *
 * An attachment (struct swap_ext_domain) governs its cgroup and every cgroup
 * below that has no nearer one; each memcg points straight at the attachment
 * that governs it, so a fault asks once and walks nothing. This file creates,
 * replaces and ends attachments; swap_ext_fault.c calls the policy,
 * swap_ext_plan.c acts on what it says, swap_ext_bpf.c is the BPF side.
 *
 * A policy that misbehaves is stopped, not detached: its cgroup falls back to
 * the next policy above or to the stock kernel, the link stays, and the record
 * says why. Locking: see swap_ext.h.
 */
#define pr_fmt(fmt) "swap_ext: " fmt

#include <linux/bpf.h>
#include <linux/cgroup.h>
#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "swap_ext.h"

#define CREATE_TRACE_POINTS
#include <trace/events/swap_ext.h>

DEFINE_STATIC_KEY_FALSE(swap_ext_key);
DEFINE_STATIC_KEY_FALSE(swap_ext_policy_key);
DEFINE_STATIC_KEY_FALSE(swap_ext_reclaim_key);
DEFINE_STATIC_KEY_FALSE(swap_ext_page_key);
/* List of domains, domain->link and the records kept per memcg. */
DEFINE_MUTEX(swap_ext_lock);

bool swap_ext_enabled = true;
atomic_t swap_ext_nr_attached, swap_ext_nr_stopped, swap_ext_nr_rejected;

static LIST_HEAD(swap_ext_domains);

/* Domains: life */

static void swap_ext_release(struct kref *ref)
{
	struct swap_ext_domain *dom = container_of(ref, struct swap_ext_domain, ref);

	mem_cgroup_put(dom->memcg);
	kfree(dom->record.dump);
	kfree(dom);
}

static void swap_ext_put(struct swap_ext_domain *dom)
{
	kref_put(&dom->ref, swap_ext_release);
}

static struct swap_ext_domain *swap_ext_find(struct bpf_link *link)
{
	struct swap_ext_domain *dom;

	guard(mutex)(&swap_ext_lock);
	list_for_each_entry(dom, &swap_ext_domains, node)
		if (dom->link == link)
			return dom;
	return NULL;
}

/* Memory cgroups: state and who governs them */

/* Give @memcg its state if it has none. Caller holds cgroup_mutex. */
static int swap_ext_memcg_prepare(struct mem_cgroup *memcg)
{
	struct swap_ext_memcg *se;

	if (memcg->swap_ext)
		return 0;
	se = kzalloc(sizeof(*se), GFP_KERNEL);
	if (!se)
		return -ENOMEM;
	se->stats = alloc_percpu(struct swap_ext_stats);
	if (!se->stats) {
		kfree(se);
		return -ENOMEM;
	}
	swap_ext_reset_governor(se);
	se->remote.max = PAGE_COUNTER_MAX;
	/* Pairs with READ_ONCE() in swap_ext_of(): a fault sees it whole. */
	smp_store_release(&memcg->swap_ext, se);
	return 0;
}

/*
 * Every memcg from the root down to @memcg and all below it: the ones below are
 * going to be governed, the ones above collect the counters of removed children.
 */
static int swap_ext_prepare_family(struct mem_cgroup *memcg)
{
	struct cgroup_subsys_state *pos;
	struct mem_cgroup *up;
	int err;

	for (up = parent_mem_cgroup(memcg); up; up = parent_mem_cgroup(up)) {
		err = swap_ext_memcg_prepare(up);
		if (err)
			return err;
	}
	css_for_each_descendant_pre(pos, &memcg->css) {
		err = swap_ext_memcg_prepare(mem_cgroup_from_css(pos));
		if (err)
			return err;
	}
	return 0;
}

/**
 * swap_ext_memcg_ready - give a memcg its state, and whoever is above and below it
 * @memcg: the memcg
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int swap_ext_memcg_ready(struct mem_cgroup *memcg)
{
	guard(mutex)(&cgroup_mutex);
	return swap_ext_prepare_family(memcg);
}

static struct swap_ext_domain *swap_ext_own(struct swap_ext_memcg *se)
{
	return rcu_dereference_protected(se->own, lockdep_is_held(&cgroup_mutex));
}

/* Who governs the parent, if there is one. Caller holds cgroup_mutex. */
static struct swap_ext_domain *swap_ext_above(struct mem_cgroup *memcg)
{
	struct mem_cgroup *parent = parent_mem_cgroup(memcg);

	if (!parent || !parent->swap_ext)
		return NULL;
	return rcu_dereference_protected(parent->swap_ext->domain,
					 lockdep_is_held(&cgroup_mutex));
}

/*
 * Let @memcg and all below follow the nearest running attachment. Cheap to get
 * right by walking the whole subtree: attach and detach are rare. The order,
 * parents first, makes ->domain of the parent the answer for a child without
 * an attachment of its own. Who gets a policy it did not have, @fresh's among
 * them, starts with the limits of a good one. Caller holds cgroup_mutex.
 */
static void swap_ext_publish(struct mem_cgroup *memcg, struct swap_ext_domain *fresh)
{
	struct cgroup_subsys_state *pos;

	css_for_each_descendant_pre(pos, &memcg->css) {
		struct mem_cgroup *m = mem_cgroup_from_css(pos);
		struct swap_ext_memcg *se = m->swap_ext;
		struct swap_ext_domain *dom, *old;

		/* Not online yet: swap_ext_memcg_online() will look up. */
		if (!se)
			continue;
		dom = swap_ext_own(se);
		/* One that was stopped governs nobody, nor does one of a removed cgroup. */
		if (!dom || !rcu_access_pointer(dom->ops) || !(pos->flags & CSS_ONLINE))
			dom = swap_ext_above(m);
		old = rcu_replace_pointer(se->domain, dom,
					  lockdep_is_held(&cgroup_mutex));
		if (dom && (dom != old || dom == fresh))
			swap_ext_reset_governor(se);
	}
}

/**
 * swap_ext_memcg_online - a memcg comes up: it follows its parent from birth
 * @memcg: the new memcg
 *
 * Context: cgroup_mutex held.
 * Return: 0 or -ENOMEM.
 */
int swap_ext_memcg_online(struct mem_cgroup *memcg)
{
	struct mem_cgroup *parent = parent_mem_cgroup(memcg);
	int err;

	if (!parent || !parent->swap_ext)
		return 0;
	err = swap_ext_memcg_prepare(memcg);
	if (err)
		return err;
	rcu_assign_pointer(memcg->swap_ext->domain, swap_ext_above(memcg));
	return 0;
}

/**
 * swap_ext_memcg_free - the last reference to a memcg is gone
 * @memcg: the memcg; its parent is still there
 */
void swap_ext_memcg_free(struct mem_cgroup *memcg)
{
	struct mem_cgroup *parent = parent_mem_cgroup(memcg);
	struct swap_ext_memcg *se = memcg->swap_ext;

	if (!se)
		return;
	/* What its pages still did since it went offline. */
	if (parent && parent->swap_ext)
		swap_ext_fold_stats(se, parent->swap_ext);
	free_percpu(se->stats);
	kfree(se->last.dump);
	kfree(se);
	memcg->swap_ext = NULL;
}

/* Attachments: start and stop. dom->lock is held by the callers. */

/* Running policies; its mutex orders the last one's leaving and the next. */
static DEFINE_MUTEX(swap_ext_running_lock);
static unsigned int swap_ext_nr_running;

static bool swap_ext_wants_pages(const struct swap_ext_ops *ops)
{
	return ops->added || ops->removed || ops->place || ops->select_backend ||
	       ops->swapped_out || ops->slot_freed ||
	       ops->flags & SWAP_EXT_OPS_PAGE_STATE;
}

/* Its mutex is held. */
static void swap_ext_put_page_key(void)
{
	static_branch_dec(&swap_ext_page_key);
	if (!static_key_enabled(&swap_ext_page_key))
		swap_ext_forget_pages();
}

/**
 * swap_ext_get_pages - somebody wants to know of pages, whatever the policies want
 *
 * Context: may sleep; tracepoints_mutex is held.
 * Return: 0
 */
int swap_ext_get_pages(void)
{
	guard(mutex)(&swap_ext_running_lock);
	static_branch_inc(&swap_ext_page_key);
	return 0;
}

/**
 * swap_ext_put_pages - undo one swap_ext_get_pages()
 */
void swap_ext_put_pages(void)
{
	guard(mutex)(&swap_ext_running_lock);
	swap_ext_put_page_key();
}

static void swap_ext_get_keys(const struct swap_ext_ops *ops)
{
	guard(mutex)(&swap_ext_running_lock);
	if (swap_ext_wants_pages(ops))
		static_branch_inc(&swap_ext_page_key);
	if (ops->reclaim || ops->evict)
		static_branch_inc(&swap_ext_reclaim_key);
	if (swap_ext_nr_running++)
		return;
	static_branch_enable(&swap_ext_policy_key);
	static_branch_inc(&swap_ext_key);
}

/* No call of @ops is under way any more. */
static void swap_ext_put_keys(const struct swap_ext_ops *ops)
{
	guard(mutex)(&swap_ext_running_lock);
	if (ops->reclaim || ops->evict) {
		static_branch_dec(&swap_ext_reclaim_key);
		if (!static_key_enabled(&swap_ext_reclaim_key))
			swap_ext_forget_keeps();
	}
	if (swap_ext_wants_pages(ops))
		swap_ext_put_page_key();
	if (--swap_ext_nr_running)
		return;
	swap_ext_settle();
	static_branch_dec(&swap_ext_key);
	static_branch_disable(&swap_ext_policy_key);
}

/*
 * Around the sleepable ops of a policy. A kfunc that reads user memory may be called
 * from any of them, and update_mutex, under which they run, must not wait for
 * whoever serves that memory; nor may the fault call another policy.
 */
static void swap_ext_enter(struct swap_ext_call *call)
{
	pagefault_disable();
	current->swap_ext_call = call;
}

static void swap_ext_leave(void)
{
	current->swap_ext_call = NULL;
	pagefault_enable();
}

static int swap_ext_run_init(struct swap_ext_domain *dom, struct swap_ext_ops *ops)
{
	struct swap_ext_call call = { .dom = dom, .ops = ops, .record = &dom->record };
	int err = 0;

	dom->record.info.kind = SWAP_EXT_EXIT_NONE;
	strscpy(dom->record.name, ops->name);
	if (ops->init) {
		swap_ext_enter(&call);
		err = ops->init(dom->memcg, dom->cgroup_id);
		swap_ext_leave();
	}
	/* A policy may also refuse by bpf_swap_ext_error(). */
	if (err >= 0 && dom->record.info.kind != SWAP_EXT_EXIT_NONE)
		err = -ECANCELED;
	if (err < -MAX_ERRNO)
		err = -EINVAL;
	return min(err, 0);
}

/* After the grace period that ends all calls of @ops for this attachment. */
static void swap_ext_run_exit(struct swap_ext_domain *dom, struct swap_ext_ops *ops,
			      struct swap_ext_record *rec)
{
	struct swap_ext_call call = { .dom = dom, .ops = ops, .record = rec };
	struct swap_ext_memcg *se = dom->memcg->swap_ext;

	rec->info.cgroup_id = dom->cgroup_id;
	rec->at_ns = ktime_get_ns();
	if (ops->dump && rec->info.kind >= SWAP_EXT_EXIT_ERROR)
		rec->dump = kzalloc(SWAP_EXT_DUMP_LEN, GFP_KERNEL);
	swap_ext_enter(&call);
	if (rec->dump)
		ops->dump(dom->memcg, dom->cgroup_id);
	if (ops->exit)
		ops->exit(dom->memcg, &rec->info);
	swap_ext_leave();
	trace_swap_ext_exit(dom->cgroup_id, rec->name, rec->info.kind,
			    rec->info.code, rec->info.msg);

	guard(mutex)(&swap_ext_lock);
	kfree(se->last.dump);
	se->last = *rec;
	rec->dump = NULL;
	rec->dump_len = 0;
}

/* Hand the cgroups over to @ops (NULL: to whoever governs above). */
static void swap_ext_switch(struct swap_ext_domain *dom, struct swap_ext_ops *ops)
{
	cgroup_lock();
	rcu_assign_pointer(dom->ops, ops);
	swap_ext_publish(dom->memcg, dom);
	cgroup_unlock();
	/* Fault path readers are gone after this. */
	synchronize_rcu();
}

/*
 * What a policy remembers of pages ends with it. A call of the policy before it that is
 * under way finds nothing in the words of the next.
 */
static void swap_ext_set_store(struct swap_ext_domain *dom, struct swap_ext_store *store)
{
	struct swap_ext_store *old;

	old = rcu_replace_pointer(dom->store, store, lockdep_is_held(&dom->lock));
	if (!old)
		return;
	synchronize_rcu();
	swap_ext_free_store(old);
}

/* Its init() has said yes: @ops governs from now on. */
static void swap_ext_start(struct swap_ext_domain *dom, struct swap_ext_ops *ops,
			   struct swap_ext_store *store)
{
	swap_ext_get_keys(ops);
	swap_ext_set_store(dom, store);
	swap_ext_switch(dom, ops);
	dom->attached_ns = ktime_get_ns();
	WRITE_ONCE(dom->started, true);
	trace_swap_ext_attach(dom->cgroup_id, ops->name);
}

static void swap_ext_claim(struct swap_ext_record *rec,
			   enum swap_ext_exit_kind kind, s64 code,
			   const char *msg)
{
	struct swap_ext_exit_info *info = &rec->info;

	if (cmpxchg(&info->kind, SWAP_EXT_EXIT_NONE, kind) != SWAP_EXT_EXIT_NONE)
		return;
	info->code = code;
	strscpy(info->msg, msg);
	/* One line, whatever the policy put into it: the record is a line each. */
	for (char *c = info->msg; *c; c++)
		if (iscntrl(*c))
			*c = ' ';
}

static void swap_ext_stop(struct swap_ext_domain *dom,
			  enum swap_ext_exit_kind kind, const char *msg)
{
	struct swap_ext_ops *ops;

	lockdep_assert_held(&dom->lock);
	if (!dom->started)
		return;
	swap_ext_claim(&dom->record, kind, 0, msg);
	ops = rcu_dereference_protected(dom->ops, lockdep_is_held(&dom->lock));
	swap_ext_switch(dom, NULL);
	swap_ext_run_exit(dom, ops, &dom->record);
	WRITE_ONCE(dom->started, false);
	swap_ext_set_store(dom, NULL);
	swap_ext_put_keys(ops);
}

static void swap_ext_stop_workfn(struct work_struct *work)
{
	struct swap_ext_domain *dom =
		container_of(work, struct swap_ext_domain, stop_work);

	mutex_lock(&dom->lock);
	/* A replacement may have come first: then there is nothing to stop. */
	if (dom->started && dom->record.info.kind != SWAP_EXT_EXIT_NONE) {
		swap_ext_stop(dom, SWAP_EXT_EXIT_ERROR, "");
		atomic_inc(&swap_ext_nr_stopped);
		pr_info("policy %s stopped in cgroup %llu: %s\n",
			dom->record.name, dom->cgroup_id, dom->record.info.msg);
	}
	mutex_unlock(&dom->lock);
	swap_ext_put(dom);
}

/**
 * swap_ext_fail - stop the policy that is being called soon
 * @call: the call
 * @kind: why
 * @code: passed on in the record
 * @msg: one line for a person
 *
 * The first caller wins. No new call of the policy starts once the work has
 * run; calls under way end with their RCU read-side section.
 *
 * Context: where the call was made: under rcu_read_lock() or the attachment's lock.
 */
void swap_ext_fail(const struct swap_ext_call *call, enum swap_ext_exit_kind kind,
		   s64 code, const char *msg)
{
	struct swap_ext_domain *dom = call->dom;
	const struct swap_ext_ops *incoming = READ_ONCE(dom->incoming);

	/* The old policy is leaving; its last words must not stop the new one. */
	if (incoming && incoming != call->ops)
		return;
	swap_ext_claim(call->record, kind, code, msg);
	if (!kref_get_unless_zero(&dom->ref))
		return;
	if (!queue_work(system_unbound_wq, &dom->stop_work))
		swap_ext_put(dom);
}

/* Link operations */

static struct mem_cgroup *swap_ext_memcg_from_cgroup(struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css;

	/* Exactly this cgroup's, not the nearest one that has the controller. */
	css = rcu_dereference_protected(cgrp->subsys[memory_cgrp_id],
					lockdep_is_held(&cgroup_mutex));
	if (!css || !(css->flags & CSS_ONLINE))
		return NULL;
	return mem_cgroup_from_css(css);
}

/* May @ops govern @memcg, given what is attached below? */
static int swap_ext_may_govern(struct swap_ext_ops *ops, struct mem_cgroup *memcg)
{
	struct cgroup_subsys_state *pos;

	if (!(ops->flags & SWAP_EXT_OPS_NO_OVERRIDE))
		return 0;
	css_for_each_descendant_pre(pos, &memcg->css) {
		struct swap_ext_memcg *se = mem_cgroup_from_css(pos)->swap_ext;

		if (pos != &memcg->css && se && swap_ext_own(se))
			return -EBUSY;
	}
	return 0;
}

/* May @ops be attached to @memcg, given what is attached around it? */
static int swap_ext_may_attach(struct swap_ext_ops *ops, struct mem_cgroup *memcg)
{
	struct mem_cgroup *up;

	if (swap_ext_own(memcg->swap_ext))
		return -EEXIST;
	for (up = parent_mem_cgroup(memcg); up; up = parent_mem_cgroup(up)) {
		struct swap_ext_domain *dom = swap_ext_own(up->swap_ext);
		struct swap_ext_ops *above;

		above = dom ? rcu_dereference_protected(dom->ops,
				lockdep_is_held(&cgroup_mutex)) : NULL;
		if (above && above->flags & SWAP_EXT_OPS_NO_OVERRIDE)
			return -EPERM;
	}
	return swap_ext_may_govern(ops, memcg);
}

/* Reserve @cgrp for @dom; nothing follows it yet. Returns as swap_ext_attach(). */
static int swap_ext_reserve(struct swap_ext_domain *dom, struct swap_ext_ops *ops,
			    struct cgroup *cgrp)
{
	struct mem_cgroup *memcg;
	int err;

	guard(mutex)(&cgroup_mutex);
	memcg = swap_ext_memcg_from_cgroup(cgrp);
	err = memcg ? swap_ext_prepare_family(memcg) : -ENODEV;
	err = err ?: swap_ext_may_attach(ops, memcg);
	if (err)
		return err;
	css_get(&memcg->css);
	dom->memcg = memcg;
	rcu_assign_pointer(memcg->swap_ext->own, dom);
	return 0;
}

/* The cgroup is free again, and the link not referred to any more. */
static void swap_ext_disown(struct swap_ext_domain *dom)
{
	mutex_lock(&swap_ext_lock);
	list_del_init(&dom->node);
	dom->link = NULL;
	mutex_unlock(&swap_ext_lock);

	cgroup_lock();
	RCU_INIT_POINTER(dom->memcg->swap_ext->own, NULL);
	cgroup_unlock();
	synchronize_rcu();
}

static void swap_ext_offline_workfn(struct work_struct *work);

/* Each item waits for locks and grace periods: in a queue where nobody else does. */
static struct workqueue_struct *swap_ext_offline_wq;

static int __init swap_ext_init(void)
{
	swap_ext_offline_wq = alloc_ordered_workqueue("swap_ext_offline", 0);
	return swap_ext_offline_wq ? 0 : -ENOMEM;
}
core_initcall(swap_ext_init);

/**
 * swap_ext_attach - a link puts a policy on a cgroup
 * @ops: the policy
 * @cgrp: the cgroup; the link keeps it
 * @link: the new link
 *
 * Return: 0; -ENODEV: @cgrp has no memory controller or is being removed;
 * -EEXIST: it has a policy; -EPERM: one above forbids it; -EBUSY: @ops forbids
 * overriding and a cgroup below has a policy; -ENOMEM; what ops->init() said.
 */
int swap_ext_attach(struct swap_ext_ops *ops, struct cgroup *cgrp,
		    struct bpf_link *link)
{
	struct swap_ext_store *store = swap_ext_make_store(ops);
	struct swap_ext_domain *dom;
	int err;

	if (IS_ERR(store))
		return PTR_ERR(store);
	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom) {
		swap_ext_free_store(store);
		return -ENOMEM;
	}
	kref_init(&dom->ref);
	mutex_init(&dom->lock);
	INIT_LIST_HEAD(&dom->node);
	INIT_WORK(&dom->stop_work, swap_ext_stop_workfn);
	INIT_WORK(&dom->offline_work, swap_ext_offline_workfn);
	dom->cgroup_id = cgroup_id(cgrp);
	dom->link = link;

	mutex_lock(&dom->lock);
	err = swap_ext_reserve(dom, ops, cgrp);
	if (err)
		goto err_unlock;
	err = swap_ext_run_init(dom, ops);
	if (err)
		goto err_disown;
	mutex_lock(&swap_ext_lock);
	list_add_tail(&dom->node, &swap_ext_domains);
	mutex_unlock(&swap_ext_lock);
	/*
	 * If the cgroup was removed since it was reserved, nothing is published
	 * and offline_work waits for our caller's update_mutex to detach us.
	 */
	swap_ext_start(dom, ops, store);
	atomic_inc(&swap_ext_nr_attached);
	mutex_unlock(&dom->lock);
	return 0;

err_disown:
	/* A removal of the cgroup may have queued offline_work already. */
	swap_ext_disown(dom);
err_unlock:
	atomic_inc(&swap_ext_nr_rejected);
	mutex_unlock(&dom->lock);
	swap_ext_put(dom);
	swap_ext_free_store(store);
	return err;
}

/**
 * swap_ext_replace - a link gets another policy
 * @ops: the new policy; its init runs while the old one still governs
 * @link: the link
 *
 * Return: 0; -ENOLINK: the cgroup is gone; -EBUSY: as for swap_ext_attach(); what
 * ops->init() said. After an error the old policy stays.
 */
int swap_ext_replace(struct swap_ext_ops *ops, struct bpf_link *link)
{
	struct swap_ext_domain *dom = swap_ext_find(link);
	struct swap_ext_record old_rec;
	struct swap_ext_store *store;
	struct swap_ext_ops *old;
	int err;

	if (!dom)
		return -ENOLINK;
	guard(mutex)(&dom->lock);
	old = rcu_dereference_protected(dom->ops, lockdep_is_held(&dom->lock));
	if (old == ops)
		return 0;
	cgroup_lock();
	err = swap_ext_may_govern(ops, dom->memcg);
	cgroup_unlock();
	if (err) {
		atomic_inc(&swap_ext_nr_rejected);
		return err;
	}
	store = swap_ext_make_store(ops);
	if (IS_ERR(store))
		return PTR_ERR(store);
	/* From here on nobody claims the record for the old policy. */
	WRITE_ONCE(dom->incoming, ops);
	synchronize_rcu();
	old_rec = dom->record;
	err = swap_ext_run_init(dom, ops);
	if (err) {
		dom->record = old_rec;
		atomic_inc(&swap_ext_nr_rejected);
		swap_ext_free_store(store);
		goto out;
	}
	swap_ext_start(dom, ops, store);
	if (old) {
		swap_ext_claim(&old_rec, SWAP_EXT_EXIT_REPLACED, 0, "replaced");
		swap_ext_run_exit(dom, old, &old_rec);
		swap_ext_put_keys(old);
	}
out:
	WRITE_ONCE(dom->incoming, NULL);
	return err;
}

/**
 * swap_ext_detach - a link lets go of its cgroup
 * @link: the link; not referred to any more on return
 *
 * Called for BPF_LINK_DETACH, for the removal of the cgroup, and when the last
 * reference to the link is dropped: any of them may come first.
 */
void swap_ext_detach(struct bpf_link *link)
{
	struct swap_ext_domain *dom = swap_ext_find(link);
	bool gone;

	if (!dom)
		return;
	mutex_lock(&dom->lock);
	gone = READ_ONCE(dom->removed);
	swap_ext_stop(dom, gone ? SWAP_EXT_EXIT_OFFLINE : SWAP_EXT_EXIT_DETACH,
		      gone ? "cgroup removed" : "link detached");
	mutex_unlock(&dom->lock);
	swap_ext_disown(dom);
	atomic_dec(&swap_ext_nr_attached);
	trace_swap_ext_detach(dom->cgroup_id, dom->record.name);
	swap_ext_put(dom);
}

/*
 * Detaching wants update_mutex, which is outside cgroup_mutex: so not from
 * css_offline but from here. The link may be on its way out by itself; it
 * cannot be freed before swap_ext_detach() has cleared dom->link.
 */
static void swap_ext_offline_workfn(struct work_struct *work)
{
	struct swap_ext_domain *dom =
		container_of(work, struct swap_ext_domain, offline_work);
	struct bpf_link *link = NULL;

	mutex_lock(&swap_ext_lock);
	if (dom->link)
		link = bpf_link_inc_not_zero(dom->link);
	mutex_unlock(&swap_ext_lock);
	if (!IS_ERR_OR_NULL(link)) {
		link->ops->detach(link);
		bpf_link_put(link);
	}
	swap_ext_put(dom);
}

/**
 * swap_ext_memcg_offline - a memcg goes down
 * @memcg: the memcg
 *
 * No call of a policy attached to it starts once this and a grace period have
 * passed; its tasks are gone, and one inherited from above stays with it.
 *
 * Context: cgroup_mutex held.
 */
void swap_ext_memcg_offline(struct mem_cgroup *memcg)
{
	struct mem_cgroup *parent = parent_mem_cgroup(memcg);
	struct swap_ext_memcg *se = memcg->swap_ext;
	struct swap_ext_domain *dom;

	if (!se)
		return;
	/* It may have none if memory ran out while an attachment was made. */
	if (parent && parent->swap_ext)
		swap_ext_fold_stats(se, parent->swap_ext);
	dom = swap_ext_own(se);
	if (!dom)
		return;
	rcu_assign_pointer(se->domain, swap_ext_above(memcg));
	/* The work may run before our caller takes CSS_ONLINE away. */
	WRITE_ONCE(dom->removed, true);
	kref_get(&dom->ref);
	if (!queue_work(swap_ext_offline_wq, &dom->offline_work))
		swap_ext_put(dom);
}
