/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPF programs of swxctl's own. They are in the binary, so that one that is copied
 * somewhere has them with it; build.mk says which.
 */
#ifndef __SWXCTL_EMBED_H
#define __SWXCTL_EMBED_H

#include <bpf/libbpf.h>

#include "err.h"

/**
 * struct embedded - one object of them
 * @verb: that needs it.
 * @object: its first byte.
 * @end: the one behind its last.
 * @lacks: what a kernel that refuses it cannot do, as "does not say which pages ...".
 * @needs: what it should have.
 */
struct embedded {
	const char	*verb;
	const char	*object;
	const char	*end;
	const char	*lacks;
	const char	*needs;
};

/* Puts a file into the binary, as @name and @name_end. */
#define EMBED(name, file)						\
	__asm__(".section .rodata\n"					\
		".balign 8\n"						\
		#name ": .incbin \"" file "\"\n"			\
		#name "_end: .byte 0\n"					\
		".previous\n");						\
	extern const char name[], name##_end[]

/* To be closed with bpf_object__close(), also if embedded_load() fails. */
int embedded_open(const struct embedded *e, struct bpf_object **obj, struct err *err);
int embedded_load(const struct embedded *e, struct bpf_object *obj, struct err *err);

#endif /* __SWXCTL_EMBED_H */
