/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cgroups of a case and what the kernel says about them. Names are relative to
 * /sys/fs/cgroup/t, which is ""; "/" is the root of all.
 */
#ifndef GROUP_H
#define GROUP_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

/* Path of a file in a group, of its directory if @file is NULL. A few at a time. */
const char *group_path(const char *name, const char *file);

/* Make it, with parents that pass the memory controller on. */
void group_make(const char *name);
/* Remove it, what is in it and below it. */
void group_remove(const char *name);
void group_remove_all(void);

/* A descriptor of its directory. */
int group_open(const char *name);
uint64_t group_id(const char *name);

/* Write to one of its files, of any file with an absolute @file: 0 or -errno. */
int group_write(const char *name, const char *file, const char *text);
/* The whole of a file, static memory; "" for an empty one. */
const char *group_read(const char *name, const char *file);

/* memory.swap_ext.{stat,state,log}: the value of one key, "" without it. */
uint64_t group_stat(const char *name, const char *key);
const char *group_state(const char *name, const char *key);
const char *group_log(const char *name, const char *key);
uint64_t machine_stat(const char *key);
uint64_t swap_ext_number(const char *file);

/* The policy and state in force there. */
#define expect_state(name, want_state, want_policy, want_governor)	\
do {									\
	expect_str(group_state(name, "state"), want_state);		\
	expect_str(group_state(name, "policy"), want_policy);		\
	expect_eq(strtoull(group_state(name, "governor"), NULL, 10),	\
		  (want_governor));					\
} while (0)

/* Run @run(@arg) in a process in the group; it dies with the case. */
pid_t group_spawn(const char *name, void (*run)(void *arg), void *arg);
/* Wait for it; anything but exit status 0 fails the case. */
void group_join(pid_t pid);

#endif /* GROUP_H */
