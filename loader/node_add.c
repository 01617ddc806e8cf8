// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a memory node. What can be checked is before anything is made; what was made
 * goes again if it cannot be connected. Called by "backend add".
 */
#include "node_add.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "module.h"
#include "util.h"

/* The kernel has it in fs/configfs/, not in linux/magic.h. */
#define CONFIGFS_MAGIC 0x62656570U

#define MAX_SIZE	(1ULL << 50)	/* the module's */

static int parse_size_wanted(const char *text, unsigned long long *size, struct err *err)
{
	int ret;

	if (parse_size(text, size) && *size && *size <= MAX_SIZE)
		return 0;
	ret = err_set(err, ERR_BAD_VALUE, text, "'%s' is no size for a memory node", text);
	err_hint(err, "bytes, K, M, G or T of 1024 each, from 1 to 1024T: 64G");
	return ret;
}

/* The kernel would take others, but whoever types or parses them would not be glad. */
static int check_name(const char *name, struct err *err)
{
	const char *c;
	int ret;

	for (c = name; *c > ' ' && *c < 0x7f && *c != '/'; c++)
		;
	if (!*c && *name && *name != '.' && *name != '-' && c - name < 64)
		return 0;
	ret = err_set(err, ERR_BAD_VALUE, name, "'%s' is no name for a node", name);
	err_hint(err, "up to 63 printable characters without blank or slash, the first no dot or dash: --name one");
	return ret;
}

int node_request_parse(struct node_request *req, const char *addr, const char *size,
		       const char *name, const char *key_file, struct err *err)
{
	int ret;

	*req = (struct node_request) { .key_file = key_file };
	ret = address_parse(addr, &req->addr, err);
	if (!ret)
		ret = parse_size_wanted(size, &req->size, err);
	if (ret)
		return ret;
	address_print(req->addr.host, req->addr.port, req->server, sizeof(req->server));
	if (name)
		snprintf(req->name, sizeof(req->name), "%s", name);
	else
		address_name(&req->addr, req->name, sizeof(req->name));
	return check_name(name ?: req->name, err);
}

/* The module and configfs */

static int check_configfs(struct err *err)
{
	struct statfs fs;
	int ret;

	if (!access(NODES_DIR, F_OK))
		return 0;
	if (!statfs(CONFIGFS_DIR, &fs) && (__u32)fs.f_type == CONFIGFS_MAGIC)
		return err_set(err, ERR_CONFIGFS, NODES_DIR,
			       "the module " NODE_MODULE " is loaded, but there is no " NODES_DIR);
	ret = err_set(err, ERR_CONFIGFS, CONFIGFS_DIR, "configfs is not mounted at " CONFIGFS_DIR);
	err_hint(err, "mount -t configfs none " CONFIGFS_DIR);
	return ret;
}

static int prepare(struct node_request *req, bool dry_run, struct err *err)
{
	int ret;

	if (!module_is_loaded(NODE_MODULE)) {
		if (dry_run)
			return 0;
		ret = module_load(NODE_MODULE, err);
		if (ret)
			return ret;
		req->loaded = true;
	}
	return check_configfs(err);
}

/* Making the node */

static int check_new(const struct node_request *req, struct err *err)
{
	char path[PATH_MAX], name[NODE_NAME_LEN];
	int ret;

	if (node_find_address(&req->addr, name, sizeof(name))) {
		ret = err_set(err, ERR_NODE_EXISTS, name, "%s is memory node '%s' already",
			      req->server, name);
		err_hint(err, "look: swxctl backend nodes %s\n"
			 "to have another size there: swxctl backend remove %s, then add it again",
			 name, name);
		return ret;
	}
	snprintf(path, sizeof(path), NODES_DIR "/%s", req->name);
	if (access(path, F_OK))
		return 0;
	ret = err_set(err, ERR_NODE_EXISTS, req->name,
		      "there is a memory node '%s' already, of another server", req->name);
	err_hint(err, "look: swxctl backend nodes %s; choose another name: --name NODE",
		 req->name);
	return ret;
}

static int cannot_make(const struct node_request *req, int errnum, struct err *err)
{
	int ret;

	switch (errnum) {
	case EPERM:
	case EACCES:
		ret = err_set(err, ERR_PERMISSION, NODES_DIR, "no permission to add a memory node");
		err_hint(err, "run as root");
		return ret;
	case ENOSPC:
		ret = err_set(err, ERR_FAILED, req->name, "there are as many memory nodes as there can be");
		err_hint(err, "take one away: swxctl backend nodes; swxctl backend remove NODE");
		return ret;
	default:
		return err_set(err, ERR_FAILED, req->name, "cannot make " NODES_DIR "/%s: %s",
			       req->name, strerror(errnum));
	}
}

static void remove_node(const struct node_request *req)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), NODES_DIR "/%s", req->name);
	rmdir(path);
}

static int write_settings(const struct node_request *req, struct err *err)
{
	char port[16], size[32];
	int ret;

	snprintf(port, sizeof(port), "%u", req->addr.port);
	snprintf(size, sizeof(size), "%llu", req->size);
	ret = node_write_text(req->name, "address", req->addr.numeric);
	if (!ret)
		ret = node_write_text(req->name, "port", port);
	if (!ret)
		ret = node_write_text(req->name, "size", size);
	if (!ret)
		ret = node_write(req->name, "key", req->key.bytes, req->key.len);
	return ret ? cannot_make(req, -ret, err) : 0;
}

/* One at a time, or two could make two nodes of one server. */
static int make_node(const struct node_request *req, struct err *err)
{
	int ret, lock = open(NODES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_MAX];

	if (lock < 0)
		return cannot_make(req, errno, err);
	flock(lock, LOCK_EX);
	ret = check_new(req, err);
	if (ret)
		goto out;
	snprintf(path, sizeof(path), NODES_DIR "/%s", req->name);
	if (mkdir(path, 0755)) {
		ret = cannot_make(req, errno, err);
		goto out;
	}
	ret = write_settings(req, err);
	if (ret)
		remove_node(req);
out:
	close(lock);
	return ret;
}

/* Connecting it */

static void hint_at(const struct node_request *req, int errnum, struct err *err)
{
	switch (errnum) {
	case EACCES:
		err_hint(err, "is the key the same on both machines? sha256sum %s", req->key_file);
		break;
	case ECONNREFUSED:
	case EBUSY:
		err_hint(err, "does it run there, and what does it say? journalctl -u swx-memd\n"
			 "its port and how many clients it takes: memd.conf(5)");
		break;
	case ENOSPC:
		err_hint(err, "what it has: echo json | nc -U /run/swx-memd/stat.sock\n"
			 "to give more: size and quota in memd.conf(5)");
		break;
	case ENODEV:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		err_hint(err, "RDMA devices of this machine, and its way there: rdma link; ip route get %s",
			 req->addr.numeric);
		break;
	case ETIMEDOUT:
		err_hint(err, "does it run there, and is it to be reached? systemctl status swx-memd; ping %s",
			 req->addr.numeric);
		break;
	case EPROTONOSUPPORT:
		err_hint(err, "use " NODE_MODULE " and swx-memd of the same release");
		break;
	default:
		err_hint(err, "more: dmesg; on the server: journalctl -u swx-memd");
		break;
	}
}

static int cannot_connect(const struct node_request *req, int errnum, struct err *err)
{
	char *why = node_why(req->name), *text = why;
	char prefix[ADDRESS_LEN + 32];
	size_t len;
	int ret;

	/* Who it is about has been said. */
	len = snprintf(prefix, sizeof(prefix), "%s port %u: ", req->addr.numeric, req->addr.port);
	if (text && !strncmp(text, prefix, len))
		text += len;
	ret = err_set(err, ERR_NOT_CONNECTED, req->server, "%s: not added: %s", req->server,
		      text && *text ? text : strerror(errnum));
	hint_at(req, errnum, err);
	free(why);
	return ret;
}

static bool was_interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       sigismember(&pending, SIGHUP);
}

/* Signals wait until it is whole, or gone again; what ends us then is the error. */
static int make_and_connect(const struct node_request *req, struct err *err)
{
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ret = make_node(req, err);
	if (ret)
		return ret;
	ret = node_write_text(req->name, "connect", "1");
	if (ret) {
		ret = cannot_connect(req, -ret, err);
	} else if (was_interrupted()) {
		node_write_text(req->name, "connect", "0");
		ret = err_set(err, ERR_INTERRUPTED, req->server, "%s: not added: interrupted",
			      req->server);
	}
	if (ret)
		remove_node(req);
	return ret;
}

int node_add(struct node_request *req, bool dry_run, struct err *err)
{
	int ret;

	ret = address_resolve(&req->addr, err);
	if (!ret)
		ret = prepare(req, dry_run, err);
	if (!ret)
		ret = dry_run ? check_new(req, err) : make_and_connect(req, err);
	if (ret && req->loaded)
		module_unload(NODE_MODULE);
	return ret;
}
