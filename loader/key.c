// SPDX-License-Identifier: GPL-2.0
/* Reads the shared key. Called by "backend add". */
#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_read(const char *path, int errnum, struct err *err)
{
	int ret;

	ret = err_set(err, errnum == EACCES ? ERR_PERMISSION : ERR_KEY, path,
		      "cannot read the key %s: %s", path, strerror(errnum));
	if (errnum == EACCES)
		err_hint(err, "run as root");
	else
		err_hint(err, "copy the server's, or name its file: --key FILE\n"
			 "a server has none yet: (umask 077; head -c 32 /dev/urandom > %s)",
			 path);
	return ret;
}

static int check_file(const char *path, const struct stat *st, struct err *err)
{
	int ret;

	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_KEY, path, "the key %s is no regular file", path);
	if (st->st_mode & (S_IRWXO | S_IWGRP)) {
		ret = err_set(err, ERR_KEY, path,
			      "others can read or change the key %s (mode %04o)", path,
			      st->st_mode & 07777);
		err_hint(err, "chmod 600 %s, and a new one on all machines if it may be known",
			 path);
		return ret;
	}
	if (st->st_uid && st->st_uid != geteuid()) {
		ret = err_set(err, ERR_KEY, path, "the key %s belongs to user %u", path,
			      st->st_uid);
		err_hint(err, "chown root %s", path);
		return ret;
	}
	if (st->st_size < SWX_WIRE_KEY_MIN || st->st_size > SWX_WIRE_KEY_MAX) {
		ret = err_set(err, ERR_KEY, path, "a key has %d to %d bytes, %s has %lld",
			      SWX_WIRE_KEY_MIN, SWX_WIRE_KEY_MAX, path,
			      (long long)st->st_size);
		err_hint(err, "it is to be, byte for byte, the server's");
		return ret;
	}
	return 0;
}

int key_read(const char *path, struct key *key, struct err *err)
{
	/* A FIFO would keep us waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t len;
	int ret;

	if (fd < 0)
		return cannot_read(path, errno, err);
	if (fstat(fd, &st)) {
		ret = cannot_read(path, errno, err);
		goto out;
	}
	ret = check_file(path, &st, err);
	if (ret)
		goto out;
	len = read(fd, key->bytes, sizeof(key->bytes));
	if (len != st.st_size)
		ret = cannot_read(path, len < 0 ? errno : EIO, err);
	else
		key->len = len;
out:
	close(fd);
	return ret;
}
