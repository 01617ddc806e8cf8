// SPDX-License-Identifier: GPL-2.0
/* Checks of swxctl's parts against results worked out by hand. Run by t_units.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "config.h"
#include "pin.h"
#include "policy.h"
#include "savefile.h"
#include "suggest.h"
#include "util.h"
#include "verifier.h"

static int failures;

#define check(cond)							\
do {									\
	if (!(cond)) {							\
		printf("FAIL: %s:%d: %s\n", __func__, __LINE__, #cond);	\
		failures++;						\
	}								\
} while (0)

static void check_normal(const char *name, const char *path)
{
	char got[16];

	if (cgroup_normalize(name, got, sizeof(got)))
		strcpy(got, "too long");
	if (strcmp(got, path)) {
		printf("FAIL: '%s' is cgroup %s, not %s\n", name, got, path);
		failures++;
	}
}

static void test_cgroup_names(void)
{
	struct err err = { 0 };
	struct cgroup cg;

	check_normal("/", "/");
	check_normal("", "/");
	check_normal("a", "/a");
	check_normal("/a//b/", "/a/b");
	check_normal("./a/./b/.", "/a/b");
	check_normal(".", "/");
	check_normal("/.a/..b/...", "/.a/..b/...");
	/* The longest there is room for, and one more, wherever it is. */
	check_normal("/a/34567890123/", "/a/34567890123");
	check_normal("/a/345678901234", "/a/345678901234");
	check_normal("/a/3456789012345", "too long");
	check_normal("/3456789012345678/a", "too long");
	check_normal("/a/b/c/d/e/f/g/h", "too long");

	/* What means nothing, or here, is not the root; a machine may lack cgroup2. */
	static const char *const bad[] = { "", ".", "./", ".//." };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check(cgroup_open(bad[i], &cg, &err));
		check(err.kind == ERR_NO_CGROUP);
		err_clear(&err);
	}
}

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

	/* What does not fit is cut short, within the last few bytes of the buffer. */
	for (size_t size = sizeof(PIN_CGROUPS) + 4; size < sizeof(name); size++) {
		memset(name, '#', sizeof(name));
		pin_cgroup_dir("/.a/params/b:/stats/%/link/very/long/a.b.c/params", name,
			       size);
		check(memchr(name, '\0', size) && strlen(name) >= size - 4);
		check(name[size] == '#');
	}

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
	check(!field_parse(window, "p", "010", &value, &err) && value == 10);
	check(!field_parse(window, "p", "08", &value, &err) && value == 8);
	check(!field_parse(bias, "p", "-0x10", &value, &err) && (__s64)value == -16);
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

static off_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	check(f && fputs(text, f) >= 0);
	if (f)
		fclose(f);
}

/* What fails leaves every file as it was; a success takes a map, see t_cli_state.sh. */
static void test_save_targets(void)
{
	struct loaded stateless = { .policy = "none" };
	char dir[] = "/tmp/swxctl-units-XXXXXX";
	struct save_counts counts;
	struct err err = { 0 };
	struct stat st;

	if (!mkdtemp(dir) || chdir(dir)) {
		puts("FAIL: cannot make a temporary directory");
		failures++;
		return;
	}
	check(!mkfifo("pipe", 0600));
	check(savefile_write(&stateless, 1, "pipe", &counts, &err));
	check(err.kind == ERR_FAILED && strstr(err.message, "no regular file") && err.hint);
	check(!stat("pipe", &st) && S_ISFIFO(st.st_mode));
	err_clear(&err);

	put_file("old", "old");
	put_file("old.new", "another");
	check(savefile_write(&stateless, 1, "old", &counts, &err));
	check(err.kind == ERR_BAD_POLICY);
	check(file_size("old") == 3 && file_size("old.new") == 7);
	err_clear(&err);

	check(savefile_write(&stateless, 1, "nowhere/file", &counts, &err));
	check(err.kind == ERR_FAILED && strstr(err.message, "nowhere/file"));
	err_clear(&err);

	check(!unlink("pipe") && !unlink("old") && !unlink("old.new"));
	/* Fails if one of them left something of its own. */
	check(!chdir("/") && !rmdir(dir));
}

static void test_sizes(void)
{
	static const char *const bad[] = {
		"", " 1", "-1", "+1", "x", "1x", "1KB", "1.5G", "1 K", "max", "K",
		"18446744073709551616", "16777216T", "0x10",
	};
	unsigned long long n;

	check(parse_size("0", &n) && n == 0);
	check(parse_size("4096", &n) && n == 4096);
	check(parse_size("512k", &n) && n == 524288);
	check(parse_size("3M", &n) && n == 3145728);
	check(parse_size("1G", &n) && n == 1073741824);
	check(parse_size("2t", &n) && n == 2199023255552);
	check(parse_size("18446744073709551615", &n) && n == ~0ULL);
	check(parse_size("16777215T", &n));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(!parse_size(bad[i], &n));
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: units FIXTURE_DIR\n", stderr);
		return 2;
	}
	test_cgroup_names();
	test_pin_paths();
	test_verifier_notes();
	test_suggestions();
	test_fields(argv[1]);
	test_config();
	test_save_targets();
	test_sizes();
	if (failures)
		return 1;
	puts("ok");
	return 0;
}
