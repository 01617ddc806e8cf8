// SPDX-License-Identifier: GPL-2.0
/* Checks of swxctl's parts against results worked out by hand. Run by t_units.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "pin.h"
#include "policy.h"
#include "suggest.h"
#include "verifier.h"

static int failures;

#define check(cond)							\
do {									\
	if (!(cond)) {							\
		printf("FAIL: %s:%d: %s\n", __func__, __LINE__, #cond);	\
		failures++;						\
	}								\
} while (0)

static void check_pin_path(const char *cgroup, const char *pin)
{
	char dir[PATH_MAX], back[PATH_MAX];

	pin_cgroup_dir(cgroup, dir, sizeof(dir));
	if (strncmp(dir, PIN_CGROUPS, strlen(PIN_CGROUPS)) ||
	    strcmp(dir + strlen(PIN_CGROUPS), pin)) {
		printf("FAIL: %s is pinned at %s, not at %s\n", cgroup, dir, pin);
		failures++;
	}
	pin_cgroup_path(dir, back, sizeof(back));
	if (strcmp(back, cgroup)) {
		printf("FAIL: %s comes back as %s\n", cgroup, back);
		failures++;
	}
}

static void test_pin_paths(void)
{
	char name[64];

	check_pin_path("/", "");
	check_pin_path("/a", "/a");
	check_pin_path("/a/b", "/a/b");
	check_pin_path("/system.slice/redis.service", "/system:slice/redis:service");
	check_pin_path("/a/link", "/a/link%");
	check_pin_path("/params/stats", "/params%/stats%");
	check_pin_path("/linkage/mylink", "/linkage/mylink");
	check_pin_path("/a:b", "/a%3ab");
	check_pin_path("/50%", "/50%25");
	check_pin_path("/link%", "/link%25");
	check_pin_path("/%3a", "/%253a");
	check_pin_path("/dev-disk\\x2d1.swap", "/dev-disk\\x2d1:swap");

	pin_map_name("params", name, sizeof(name));
	check(!strcmp(name, "params"));
	pin_map_name(".rodata", name, sizeof(name));
	check(!strcmp(name, "rodata"));
	pin_map_name(".rodata.str1.1", name, sizeof(name));
	check(!strcmp(name, "rodata_str1_1"));
}

static void test_verifier_notes(void)
{
	static const char log[] =
		"0: R1=ctx() R10=fp0\n"
		"; u64 ___id = f->cgroup_id; @ leap.bpf.c:31\n"
		"0: (79) r1 = *(u64 *)(r1 +0)\n"
		"; return p->max_window; @ leap.bpf.c:88\n"
		"9: (61) r0 = *(u32 *)(r0 +0)\n"
		"R0 invalid mem access 'map_value_or_null'\n"
		"processed 10 insns (limit 1000000) max_states_per_insn 0 total_states 0\n";
	struct verifier_note note;

	check(verifier_explain(log, &note));
	check(note.line == 88);
	check(!strcmp(note.file, "leap.bpf.c"));
	check(!strcmp(note.source, "return p->max_window;"));
	check(!strcmp(note.reason, "R0 invalid mem access 'map_value_or_null'"));

	/* A source line may itself hold " @ ", and a log may end without newline. */
	check(verifier_explain("; puts(\" @ x:1\"); @ a.c:7\nbad", &note));
	check(note.line == 7 && !strcmp(note.source, "puts(\" @ x:1\");"));
	check(!strcmp(note.reason, "bad"));

	check(verifier_explain("attach to unsupported member fault\n", &note));
	check(!note.line && !strcmp(note.reason, "attach to unsupported member fault"));
	check(!verifier_explain("", &note));
	check(!verifier_explain("processed 0 insns (limit 1000000)\n", &note));
}

static const char *suggest(const char *wrong, const char *const *names)
{
	struct suggestion s = { .wrong = wrong };

	for (; *names; names++)
		suggest_consider(&s, *names);
	return s.best;
}

static void test_suggestions(void)
{
	static const char *const names[] = { "max_window", "sync", "record", NULL };

	check(suggest("max_windw", names) == names[0]);
	check(suggest("max", names) == names[0]);
	check(suggest("snyc", names) == names[1]);
	check(suggest("recrod", names) == names[2]);
	check(!suggest("zebra", names));
	check(!suggest("x", names));
	check(!suggest("", names));
}

static void test_fields(const char *fixtures)
{
	struct err err = { 0 };
	const struct field *window, *bias, *depth;
	struct policy *p;
	char path[PATH_MAX], data[64];
	__u64 value;

	snprintf(path, sizeof(path), "%s/fixture.bpf.o", fixtures);
	if (policy_open(path, &p, &err)) {
		printf("FAIL: %s: %s\n", path, err.message);
		failures++;
		return;
	}
	window = fields_find(&p->params, "max_window");
	bias = fields_find(&p->params, "bias");
	depth = fields_find(&p->consts, "depth");
	check(window && window->def == 8 && window->min == 1 && window->max == 64);
	check(window && !strcmp(window->help, "pages: at most"));
	check(bias && bias->is_signed && (__s64)bias->def == -3);
	check(depth && depth->def == 4);
	check(!fields_find(&p->params, "depth") && !fields_find(&p->params, "max"));
	if (!window || !bias || !depth)
		goto out;

	memset(data, 0xff, sizeof(data));
	fields_set_defaults(&p->params, data);
	check(field_get(window, data) == 8);
	check((__s64)field_get(bias, data) == -3);
	/* A field does not touch its neighbours. */
	field_set(window, data, 1);
	check((__s64)field_get(bias, data) == -3 && field_get(window, data) == 1);

	check(!field_parse(window, "p", "64", &value, &err) && value == 64);
	check(!field_parse(window, "p", "0x10", &value, &err) && value == 16);
	check(!field_parse(bias, "p", "-100", &value, &err) && (__s64)value == -100);
	static const char *const bad[] = {
		"65", "0", "-1", "", "8x", "x", "1 2", "99999999999999999999999",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check(field_parse(window, "p", bad[i], &value, &err));
		check(err.kind == ERR_BAD_VALUE && err.hint);
		err_clear(&err);
	}
	check(field_parse(bias, "p", "-101", &value, &err));
	err_clear(&err);

	check(!policy_set_const(p, depth, 9, &err));
	check(!policy_rename(p, "fifteen_letters", &err));
	check(policy_rename(p, "sixteen_letters_", &err));
	err_clear(&err);
	check(policy_rename(p, "no/slash", &err));
	err_clear(&err);
	check(policy_rename(p, "", &err));
	err_clear(&err);
out:
	policy_close(p);
}

static void test_config(void)
{
	char path[] = "/tmp/swxctl-units-XXXXXX";
	struct err err = { 0 };
	struct config config;
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f) {
		puts("FAIL: cannot make a temporary file");
		failures++;
		return;
	}
	fputs("# comment\n\n/ readahead\n\tredis.service\tleap a=1  b=2 # why\r\n/last x", f);
	fclose(f);
	check(!config_read(path, &config, &err));
	check(config.nr == 3);
	if (config.nr == 3) {
		check(!strcmp(config.lines[0].cgroup, "/") && config.lines[0].number == 3);
		check(!strcmp(config.lines[1].policy, "leap"));
		check(config.lines[1].nr_assignments == 2);
		check(!strcmp(config.lines[1].assignments[1], "b=2"));
		check(config.lines[2].number == 5 && !config.lines[2].nr_assignments);
	}
	config_free(&config);

	f = fopen(path, "w");
	fputs("/a leap\n/b # no policy\n", f);
	fclose(f);
	check(config_read(path, &config, &err));
	check(err.kind == ERR_CONFIG && strstr(err.message, ":2: no policy for cgroup /b"));
	err_clear(&err);
	remove(path);
	check(config_read(path, &config, &err));
	err_clear(&err);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: units FIXTURE_DIR\n", stderr);
		return 2;
	}
	test_pin_paths();
	test_verifier_notes();
	test_suggestions();
	test_fields(argv[1]);
	test_config();
	if (failures)
		return 1;
	puts("ok");
	return 0;
}
