// SPDX-License-Identifier: GPL-2.0
/*
 * Memory nodes in configfs
 *
 * A folder in /sys/kernel/config/swap_ext_rdma/ is a node. Its settings can be
 * written while it is not connected. To write 1 to connect waits until it is, or says
 * why it is not; then on, a connection that is lost is made again. A node that is
 * connected cannot be removed, and one that holds pages cannot be disconnected. A
 * file beside the nodes, mirror, says whether each page goes to two of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/parser.h>
#include <linux/slab.h>
#include <linux/utsname.h>
#include "rdma.h"

struct swx_node __rcu *swx_nodes[SWX_MAX_NODES];
static DEFINE_MUTEX(swx_nodes_lock);
static struct configfs_subsystem swx_subsys;

static struct swx_node *node_of(struct config_item *item)
{
	return container_of(to_config_group(item), struct swx_node, group);
}

/**
 * swx_say - what has happened to a node, in words; "" takes it back
 * @n: the node
 * @fmt: format
 *
 * Context: any.
 */
void swx_say(struct swx_node *n, const char *fmt, ...)
{
	char text[SWX_TEXT_LEN];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	scoped_guard(spinlock_irqsave, &n->text_lock) {
		if (!strcmp(n->text, text))
			return;
		strscpy(n->text, text);
	}
	pr_info("%s: %s\n", config_item_name(&n->group.cg_item), text[0] ? text : "connected");
}

/* Settings */

/* To be released by the caller, if it is 0. */
static int lock_settings(struct swx_node *n)
{
	mutex_lock(&n->mutex);
	if (!n->wanted)
		return 0;
	mutex_unlock(&n->mutex);
	return -EBUSY;
}

/* One printable word, with or without a newline. */
static ssize_t store_word(struct swx_node *n, char *to, size_t size, const char *page,
			  size_t count)
{
	size_t i, len = count;
	int err;

	if (len && page[len - 1] == '\n')
		len--;
	if (len >= size)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isascii(page[i]) || !isgraph(page[i]))
			return -EINVAL;
	err = lock_settings(n);
	if (err)
		return err;
	memset(to, 0, size);
	memcpy(to, page, len);
	mutex_unlock(&n->mutex);
	return count;
}

static ssize_t swx_node_address_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", node_of(item)->address);
}

static ssize_t swx_node_address_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);

	return store_word(n, n->address, sizeof(n->address), page, count);
}

static ssize_t swx_node_name_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", node_of(item)->name);
}

static ssize_t swx_node_name_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);

	return store_word(n, n->name, sizeof(n->name), page, count);
}

static ssize_t swx_node_port_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", node_of(item)->port);
}

static ssize_t swx_node_port_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);
	u16 port;
	int err;

	err = kstrtou16(page, 0, &port);
	if (err || !port)
		return err ?: -EINVAL;
	err = lock_settings(n);
	if (err)
		return err;
	n->port = port;
	mutex_unlock(&n->mutex);
	return count;
}

static ssize_t swx_node_size_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", node_of(item)->size);
}

static ssize_t swx_node_size_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);
	char *end;
	u64 size;
	int err;

	size = memparse(page, &end);
	if (end == page || *skip_spaces(end) || !size || size > 1ULL << 50)
		return -EINVAL;
	err = lock_settings(n);
	if (err)
		return err;
	n->size = size;
	mutex_unlock(&n->mutex);
	return count;
}

/* Byte by byte what its file has. It cannot be read. */
static ssize_t swx_node_key_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);
	int err;

	if (count < SWX_WIRE_KEY_MIN || count > SWX_WIRE_KEY_MAX)
		return -EINVAL;
	err = lock_settings(n);
	if (err)
		return err;
	memcpy(n->key, page, count);
	n->key_len = count;
	mutex_unlock(&n->mutex);
	return count;
}

/* Connecting */

static int connect_node(struct swx_node *n)
{
	int err;

	lockdep_assert_held(&n->mutex);
	if (n->wanted)
		return 0;
	if (!n->address[0] || !n->key_len || !n->size) {
		swx_say(n, "set address, key and size first");
		return -EINVAL;
	}
	err = configfs_depend_item_unlocked(&swx_subsys, &n->group.cg_item);
	if (err)
		return err;
	/* The last disconnect may have left a kick behind, which would settle this. */
	cancel_delayed_work_sync(&n->work);
	reinit_completion(&n->settled);
	n->first = true;
	n->backoff_ms = 0;
	n->next_try = jiffies;
	WRITE_ONCE(n->closing, false);
	WRITE_ONCE(n->wanted, true);
	swx_kick(n);
	wait_for_completion(&n->settled);
	if (n->first_err)
		configfs_undepend_item(&n->group.cg_item);
	return n->first_err;
}

static int disconnect_node(struct swx_node *n)
{
	u64 live, lost;

	lockdep_assert_held(&n->mutex);
	if (!n->wanted)
		return 0;
	WRITE_ONCE(n->closing, true);
	/* Whoever did not see that has counted its slots. */
	synchronize_rcu();
	live = swx_count_live(n, &lost);
	if (live) {
		WRITE_ONCE(n->closing, false);
		pr_err("%s: not disconnected: it holds %llu pages; bring them home first: write 1 to its file drain\n",
		       config_item_name(&n->group.cg_item), live);
		return -EBUSY;
	}
	reinit_completion(&n->settled);
	WRITE_ONCE(n->wanted, false);
	swx_kick(n);
	wait_for_completion(&n->settled);
	configfs_undepend_item(&n->group.cg_item);
	return 0;
}

static ssize_t swx_node_connect_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(node_of(item)->wanted));
}

static ssize_t swx_node_connect_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);
	bool on;
	int err;

	err = kstrtobool(page, &on);
	if (err)
		return err;
	mutex_lock(&n->mutex);
	err = on ? connect_node(n) : disconnect_node(n);
	mutex_unlock(&n->mutex);
	return err ?: count;
}

static ssize_t swx_node_drain_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(node_of(item)->drained));
}

/* What is there comes home, and nothing goes there until 0 is written. */
static ssize_t swx_node_drain_store(struct config_item *item, const char *page, size_t count)
{
	struct swx_node *n = node_of(item);
	bool on;
	int err;

	err = kstrtobool(page, &on);
	if (err)
		return err;
	WRITE_ONCE(n->drained, on);
	if (on)
		err = swx_bring_home(n);
	return err ?: count;
}

/* What there is to see */

static const char *state_name(struct swx_node *n)
{
	static const char * const names[] = {
		[SWX_OFF]		= "off",
		[SWX_CONNECTING]	= "connecting",
		[SWX_RESYNC]		= "resync",
		[SWX_UP]		= "up",
		[SWX_DOWN]		= "down",
	};
	struct swx_path *p;

	guard(rcu)();
	p = rcu_dereference(n->path);
	if (p && READ_ONCE(p->suspect))
		return "suspect";
	return names[READ_ONCE(n->state)];
}

static ssize_t swx_node_state_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", state_name(node_of(item)));
}

/* The state and, if there is something to say about it, why. */
static ssize_t swx_node_status_show(struct config_item *item, char *page)
{
	struct swx_node *n = node_of(item);
	char text[SWX_TEXT_LEN];

	scoped_guard(spinlock_irqsave, &n->text_lock)
		strscpy(text, n->text);
	return sysfs_emit(page, "%s%s%s\n", state_name(n), text[0] ? ": " : "", text);
}

static ssize_t swx_node_usage_show(struct config_item *item, char *page)
{
	struct swx_node *n = node_of(item);
	u64 live, lost;
	int len;

	live = swx_count_live(n, &lost);
	len = sysfs_emit(page, "slabs %u\nslab_bytes %llu\nfree_bytes %llu\n",
			 READ_ONCE(n->nr_slabs), READ_ONCE(n->slab_bytes),
			 READ_ONCE(n->nr_free) * (u64)SWX_PIECE_SIZE);
	return len + sysfs_emit_at(page, len, "pages %llu\nlost_pages %llu\n", live, lost);
}

static ssize_t swx_node_counters_show(struct config_item *item, char *page)
{
	return swx_stats_show(node_of(item), page);
}

static ssize_t swx_node_latency_show(struct config_item *item, char *page)
{
	return swx_latency_show(node_of(item), page);
}

CONFIGFS_ATTR(swx_node_, address);
CONFIGFS_ATTR(swx_node_, port);
CONFIGFS_ATTR(swx_node_, name);
CONFIGFS_ATTR(swx_node_, size);
CONFIGFS_ATTR_WO(swx_node_, key);
CONFIGFS_ATTR(swx_node_, connect);
CONFIGFS_ATTR(swx_node_, drain);
CONFIGFS_ATTR_RO(swx_node_, state);
CONFIGFS_ATTR_RO(swx_node_, status);
CONFIGFS_ATTR_RO(swx_node_, usage);
CONFIGFS_ATTR_RO(swx_node_, counters);
CONFIGFS_ATTR_RO(swx_node_, latency);

static struct configfs_attribute *swx_node_attrs[] = {
	&swx_node_attr_address,
	&swx_node_attr_port,
	&swx_node_attr_name,
	&swx_node_attr_size,
	&swx_node_attr_key,
	&swx_node_attr_connect,
	&swx_node_attr_drain,
	&swx_node_attr_state,
	&swx_node_attr_status,
	&swx_node_attr_usage,
	&swx_node_attr_counters,
	&swx_node_attr_latency,
	NULL,
};

/* Nodes */

static void free_node(struct swx_node *n)
{
	if (n->tfm)
		swx_auth_exit(n);
	swx_hold_exit(n);
	free_percpu(n->stats);
	kfree_sensitive(n);
}

/* The last reference is gone: it is off, and no slot has a page there. */
static void release_node(struct config_item *item)
{
	struct swx_node *n = node_of(item);

	scoped_guard(mutex, &swx_nodes_lock)
		RCU_INIT_POINTER(swx_nodes[n->index], NULL);
	synchronize_rcu();
	cancel_delayed_work_sync(&n->home_work);
	cancel_delayed_work_sync(&n->work);
	WARN_ON(n->own || !list_empty(&n->slabs));
	WARN_ON(swx_stat_sum(n, SWX_MAPPED) != swx_stat_sum(n, SWX_UNMAPPED));
	free_node(n);
}

static struct configfs_item_operations swx_node_item_ops = {
	.release = release_node,
};

static const struct config_item_type swx_node_type = {
	.ct_item_ops	= &swx_node_item_ops,
	.ct_attrs	= swx_node_attrs,
	.ct_owner	= THIS_MODULE,
};

static int add_node(struct swx_node *n)
{
	guard(mutex)(&swx_nodes_lock);
	for (n->index = 0; n->index < SWX_MAX_NODES; n->index++) {
		if (rcu_access_pointer(swx_nodes[n->index]))
			continue;
		rcu_assign_pointer(swx_nodes[n->index], n);
		return 0;
	}
	return -ENOSPC;
}

static struct config_group *make_node(struct config_group *group, const char *name)
{
	struct swx_node *n;
	int err;

	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return ERR_PTR(-ENOMEM);
	mutex_init(&n->mutex);
	spin_lock_init(&n->text_lock);
	spin_lock_init(&n->slab_lock);
	INIT_LIST_HEAD(&n->slabs);
	INIT_LIST_HEAD(&n->free_pieces);
	INIT_DELAYED_WORK(&n->work, swx_node_work);
	INIT_DELAYED_WORK(&n->home_work, swx_home_work);
	init_completion(&n->settled);
	n->port = SWX_WIRE_PORT;
	strscpy(n->name, init_utsname()->nodename);
	config_group_init_type_name(&n->group, name, &swx_node_type);
	err = swx_hold_init(n);
	if (err)
		goto fail;
	err = -ENOMEM;
	n->stats = alloc_percpu(struct swx_stats);
	if (!n->stats)
		goto fail;
	err = swx_auth_init(n);
	if (err) {
		n->tfm = NULL;
		goto fail;
	}
	err = add_node(n);
	if (err)
		goto fail;
	return &n->group;

fail:
	free_node(n);
	return ERR_PTR(err);
}

static struct configfs_group_operations swx_subsys_group_ops = {
	.make_group = make_node,
};

/* Whether ranges of slots that are given memory from now on get it on two nodes. */
bool swx_mirror;

static ssize_t swx_subsys_mirror_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(swx_mirror));
}

static ssize_t swx_subsys_mirror_store(struct config_item *item, const char *page,
				       size_t count)
{
	bool on;
	int err = kstrtobool(page, &on);

	if (err)
		return err;
	WRITE_ONCE(swx_mirror, on);
	return count;
}

CONFIGFS_ATTR(swx_subsys_, mirror);

static struct configfs_attribute *swx_subsys_attrs[] = {
	&swx_subsys_attr_mirror,
	NULL,
};

static const struct config_item_type swx_subsys_type = {
	.ct_group_ops	= &swx_subsys_group_ops,
	.ct_attrs	= swx_subsys_attrs,
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem swx_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf	= KBUILD_MODNAME,
			.ci_type	= &swx_subsys_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(swx_subsys.su_mutex),
};

/**
 * swx_nodes_init - show up in configfs
 *
 * Return: 0 or -errno.
 */
int swx_nodes_init(void)
{
	config_group_init(&swx_subsys.su_group);
	return configfs_register_subsystem(&swx_subsys);
}

/**
 * swx_nodes_exit - go from configfs, where there is no node: it would hold the module
 */
void swx_nodes_exit(void)
{
	configfs_unregister_subsystem(&swx_subsys);
}
