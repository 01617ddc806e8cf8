// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU plugin that counts how often each instruction of the guest runs between
 * two calls of one function, and again between the next two. Loaded by
 * tests/bench/profile; one CPU only.
 *
 * Arguments: toggle=ADDRESS (hexadecimal), where counting begins and ends;
 * out=PATH, written anew at each end, the longest stretch so far wins: a line
 * "ADDRESS COUNT" for each instruction.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of qemu-plugin.h, which Debian does not ship: version 1 of the interface. */
typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

#define PLUGIN_EXPORT __attribute__((visibility("default")))

enum { QEMU_PLUGIN_CB_NO_REGS };
enum { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t id,
						      struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int cpu, void *arg),
					  int flags, void *arg);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op,
						void *counter, uint64_t add);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

PLUGIN_EXPORT int qemu_plugin_version = 1;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
				      int argc, char **argv);

#define BUCKETS_SHIFT	16
#define NR_BUCKETS	(1u << BUCKETS_SHIFT)

/**
 * struct counter - one instruction, never freed: translated code points to it
 * @next: in its bucket.
 * @addr: of the instruction.
 * @nr: times it ran.
 * @before: times it had run when counting began.
 */
struct counter {
	struct counter *next;
	uint64_t addr;
	uint64_t nr;
	uint64_t before;
};

static struct counter *buckets[NR_BUCKETS];
static uint64_t toggle_addr, most;
static const char *out_path;
static bool is_counting;

static struct counter *get_counter(uint64_t addr)
{
	uint32_t bucket = addr * 0x9e3779b97f4a7c15ULL >> (64 - BUCKETS_SHIFT);
	struct counter *c;

	for (c = buckets[bucket]; c; c = c->next)
		if (c->addr == addr)
			return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->addr = addr;
	c->next = buckets[bucket];
	buckets[bucket] = c;
	return c;
}

static void begin(void)
{
	struct counter *c;
	uint32_t i;

	for (i = 0; i < NR_BUCKETS; i++)
		for (c = buckets[i]; c; c = c->next)
			c->before = c->nr;
}

static void end(void)
{
	uint64_t sum = 0;
	struct counter *c;
	uint32_t i;
	FILE *f;

	for (i = 0; i < NR_BUCKETS; i++)
		for (c = buckets[i]; c; c = c->next)
			sum += c->nr - c->before;
	if (sum < most)
		return;
	most = sum;
	f = fopen(out_path, "w");
	if (!f) {
		perror(out_path);
		exit(1);
	}
	for (i = 0; i < NR_BUCKETS; i++)
		for (c = buckets[i]; c; c = c->next)
			if (c->nr != c->before)
				fprintf(f, "%" PRIx64 " %" PRIu64 "\n", c->addr,
					c->nr - c->before);
	fclose(f);
}

static void toggle(unsigned int cpu, void *arg)
{
	(void)cpu;
	(void)arg;
	is_counting = !is_counting;
	if (is_counting)
		begin();
	else
		end();
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, nr = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (qemu_plugin_tb_vaddr(tb) == toggle_addr)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, toggle, QEMU_PLUGIN_CB_NO_REGS,
						     NULL);
	for (i = 0; i < nr; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		struct counter *c = get_counter(qemu_plugin_insn_vaddr(insn));

		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   &c->nr, 1);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
			char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "toggle=", 7))
			toggle_addr = strtoull(argv[i] + 7, NULL, 16);
		else if (!strncmp(argv[i], "out=", 4))
			out_path = strdup(argv[i] + 4);
	}
	if (!toggle_addr || !out_path) {
		fprintf(stderr, "profile: toggle= and out= are needed\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
