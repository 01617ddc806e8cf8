// SPDX-License-Identifier: GPL-2.0
/*
 * frontswap - /sys/kernel/mm/frontswap
 *
 * Described in Documentation/ABI/testing/sysfs-kernel-mm-frontswap.
 */
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "frontswap.h"

/**
 * struct frontswap_dir - folder of a backend
 * @kobj: may outlive the backend, its files do not.
 * @b: the backend.
 */
struct frontswap_dir {
	struct kobject			kobj;
	struct frontswap_backend	*b;
};

static struct kobject *frontswap_kobj;

static struct frontswap_backend *kobj_backend(struct kobject *kobj)
{
	return container_of(kobj, struct frontswap_dir, kobj)->b;
}

static u64 read_stat(struct frontswap_backend *b, enum frontswap_stat item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(b->stats, cpu)->v[item]);
	return sum;
}

static const char * const durabilities[] = {
	[FRONTSWAP_NONE]		= "none",
	[FRONTSWAP_WRITE_BEHIND]	= "write-behind",
	[FRONTSWAP_WRITE_THROUGH]	= "write-through",
};

static ssize_t accept_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	bool on;
	int err = kstrtobool(buf, &on);

	if (err)
		return err;
	WRITE_ONCE(kobj_backend(kobj)->accept, on);
	/* When the write returns, nothing more is offered. */
	if (!on)
		synchronize_rcu();
	return count;
}

static ssize_t drain_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	bool on;
	int err = kstrtobool(buf, &on);

	if (!err && !on)
		err = -EINVAL;
	return err ?: frontswap_drain(kobj_backend(kobj)) ?: count;
}

static ssize_t poll_ns_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	u32 ns;
	int err = kstrtou32(buf, 0, &ns);

	if (err)
		return err;
	WRITE_ONCE(kobj_backend(kobj)->poll_ns, ns);
	return count;
}

static ssize_t durability_store(struct kobject *kobj, struct kobj_attribute *attr,
				const char *buf, size_t count)
{
	int which = sysfs_match_string(durabilities, buf);

	if (which < 0)
		return which;
	guard(mutex)(&frontswap_lock);
	return frontswap_set_durability(kobj_backend(kobj), which) ?: count;
}

static ssize_t window_pages_store(struct kobject *kobj, struct kobj_attribute *attr,
				  const char *buf, size_t count)
{
	struct frontswap_backend *b = kobj_backend(kobj);
	u32 nr;
	int err = kstrtou32(buf, 0, &nr);

	if (err)
		return err;
	if (!nr || nr > FRONTSWAP_MAX_WINDOW_PAGES)
		return -EINVAL;
	guard(mutex)(&frontswap_lock);
	if (b->durability == FRONTSWAP_WRITE_BEHIND)
		err = frontswap_set_window(b, nr);
	if (!err)
		WRITE_ONCE(b->window_pages, nr);
	return err ?: count;
}

#define FRONTSWAP_ATTR(_name, _mode, _fmt, _val)			\
static ssize_t _name##_show(struct kobject *kobj,			\
			    struct kobj_attribute *attr, char *buf)	\
{									\
	struct frontswap_backend *b = kobj_backend(kobj);		\
									\
	return sysfs_emit(buf, _fmt "\n", _val);			\
}									\
static struct kobj_attribute _name##_attr = __ATTR_##_mode(_name)

FRONTSWAP_ATTR(id, RO, "%u", b->id);
FRONTSWAP_ATTR(accept, RW, "%d", READ_ONCE(b->accept));
static struct kobj_attribute drain_attr = __ATTR_WO(drain);
FRONTSWAP_ATTR(poll_ns, RW, "%u", READ_ONCE(b->poll_ns));
FRONTSWAP_ATTR(nr_pages, RO, "%ld", atomic_long_read(&b->nr_pages));
/* Those that the backend alone has: what is lost with it. */
FRONTSWAP_ATTR(unsafe_pages, RO, "%ld",
	       max(atomic_long_read(&b->nr_pages) - atomic_long_read(&b->nr_safe), 0L));
FRONTSWAP_ATTR(durability, RW, "%s", durabilities[READ_ONCE(b->durability)]);
FRONTSWAP_ATTR(window_pages, RW, "%u", READ_ONCE(b->window_pages));
FRONTSWAP_ATTR(stores, RO, "%llu", read_stat(b, FRONTSWAP_STORES));
FRONTSWAP_ATTR(loads, RO, "%llu", read_stat(b, FRONTSWAP_LOADS));
FRONTSWAP_ATTR(refused, RO, "%llu", read_stat(b, FRONTSWAP_REFUSED));
FRONTSWAP_ATTR(write_errors, RO, "%llu", read_stat(b, FRONTSWAP_WRITE_ERRORS));
FRONTSWAP_ATTR(read_errors, RO, "%llu", read_stat(b, FRONTSWAP_READ_ERRORS));
FRONTSWAP_ATTR(corrupt, RO, "%llu", read_stat(b, FRONTSWAP_CORRUPT));
FRONTSWAP_ATTR(polled, RO, "%llu", read_stat(b, FRONTSWAP_POLLED));
FRONTSWAP_ATTR(fell_back, RO, "%llu", read_stat(b, FRONTSWAP_FELL_BACK));
FRONTSWAP_ATTR(window_full, RO, "%llu", read_stat(b, FRONTSWAP_WINDOW_FULL));

static struct attribute *backend_attrs[] = {
	&id_attr.attr,
	&accept_attr.attr,
	&drain_attr.attr,
	&poll_ns_attr.attr,
	&nr_pages_attr.attr,
	&unsafe_pages_attr.attr,
	&durability_attr.attr,
	&window_pages_attr.attr,
	&stores_attr.attr,
	&loads_attr.attr,
	&refused_attr.attr,
	&write_errors_attr.attr,
	&read_errors_attr.attr,
	&corrupt_attr.attr,
	&polled_attr.attr,
	&fell_back_attr.attr,
	&window_full_attr.attr,
	NULL,
};
ATTRIBUTE_GROUPS(backend);

static void release_dir(struct kobject *kobj)
{
	kfree(container_of(kobj, struct frontswap_dir, kobj));
}

static const struct kobj_type backend_ktype = {
	.release	= release_dir,
	.sysfs_ops	= &kobj_sysfs_ops,
	.default_groups	= backend_groups,
};

/**
 * frontswap_add_dir - give a backend its folder
 * @b: the backend
 *
 * Return: 0 or -errno.
 */
int frontswap_add_dir(struct frontswap_backend *b)
{
	int err;

	b->dir = kzalloc(sizeof(*b->dir), GFP_KERNEL);
	if (!b->dir)
		return -ENOMEM;
	b->dir->b = b;
	err = kobject_init_and_add(&b->dir->kobj, &backend_ktype, frontswap_kobj, "%s",
				   b->name);
	if (err)
		kobject_put(&b->dir->kobj);
	return err;
}

/**
 * frontswap_remove_dir - take it away; waits for its readers and writers
 * @b: the backend
 */
void frontswap_remove_dir(struct frontswap_backend *b)
{
	kobject_del(&b->dir->kobj);
	kobject_put(&b->dir->kobj);
}

#define FRONTSWAP_SWITCH_ATTR(_name)					\
static ssize_t _name##_show(struct kobject *kobj,			\
			    struct kobj_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%d\n", frontswap_##_name);		\
}									\
static ssize_t _name##_store(struct kobject *kobj,			\
			     struct kobj_attribute *attr,		\
			     const char *buf, size_t count)		\
{									\
	bool on;							\
	int err = kstrtobool(buf, &on);					\
									\
	if (err)							\
		return err;						\
	WRITE_ONCE(frontswap_##_name, on);				\
	return count;							\
}									\
static struct kobj_attribute _name##_attr = __ATTR_RW(_name)

FRONTSWAP_SWITCH_ATTR(verify);
FRONTSWAP_SWITCH_ATTR(read_early);

static const struct attribute *frontswap_attrs[] = {
	&verify_attr.attr,
	&read_early_attr.attr,
	NULL,
};

static int __init frontswap_sysfs_init(void)
{
	frontswap_kobj = kobject_create_and_add("frontswap", mm_kobj);
	if (!frontswap_kobj)
		return -ENOMEM;
	return sysfs_create_files(frontswap_kobj, frontswap_attrs);
}
subsys_initcall(frontswap_sysfs_init);
