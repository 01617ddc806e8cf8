// SPDX-License-Identifier: GPL-2.0
/* Checks of swxctl's parts against results worked out by hand. Run by t_units.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "cgroup.h"
#include "config.h"
#include "key.h"
#include "latency.h"
#include "node_add.h"
#include "out.h"
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

/* @numeric: "" for a name, which is not looked up; NULL: refused. */
static void check_address(const char *text, const char *numeric, unsigned int port,
			  const char *name)
{
	struct err err = { 0 };
	struct address addr;
	char got[ADDRESS_LEN];
	int ret = address_parse(text, &addr, &err);

	if (!numeric) {
		if (!ret || err.kind != ERR_BAD_VALUE || !err.hint) {
			printf("FAIL: address '%s' is taken, or refused without a hint\n", text);
			failures++;
		}
		err_clear(&err);
		return;
	}
	address_name(&addr, got, sizeof(got));
	if (ret || strcmp(addr.numeric, numeric) || addr.port != port || strcmp(got, name)) {
		printf("FAIL: address '%s': %d, %s port %u, a node '%s'\n", text, ret,
		       addr.numeric, addr.port, got);
		failures++;
	}
	err_clear(&err);
}

static void test_addresses(void)
{
	static const char *const bad[] = {
		"", ":", ":7493", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:x",
		"10.0.0.1:-1", "10.0.0.1:74930000000000000000", "10.0.0", "10", "1.2.3.4.5",
		"10.0.0.256", "fd00::1", "::1:7493", "[fd00::1", "fd00::1]", "[fd00::1]x",
		"[fd00::1]:", "[10.0.0.1]:1", "[mem1]", "[]", "[fd00::zz]", "[fd00::1]:1:2",
		"mem 1", "10.0.0.1/24", " 10.0.0.1", "a]b", "10.0.0.1:7493 ",
	};
	char text[ADDRESS_LEN + 64];
	struct address a, b;
	struct err err = { 0 };

	check_address("10.0.0.1", "10.0.0.1", 7493, "10.0.0.1");
	check_address("10.0.0.1:7493", "10.0.0.1", 7493, "10.0.0.1");
	check_address("10.0.0.1:65535", "10.0.0.1", 65535, "10.0.0.1:65535");
	check_address("[fd00:0::01]", "fd00::1", 7493, "fd00::1");
	check_address("[FD00::1]:7494", "fd00::1", 7494, "[fd00::1]:7494");
	check_address("[::ffff:10.0.0.1]:1", "10.0.0.1", 1, "10.0.0.1:1");
	check_address("mem1", "", 7493, "mem1");
	check_address("mem-1.rack.example:80", "", 80, "mem-1.rack.example:80");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_address(bad[i], NULL, 0, NULL);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	check_address(text, NULL, 0, NULL);

	check(!address_parse("[::ffff:10.0.0.1]", &a, &err) && !address_parse("10.0.0.1", &b, &err));
	check(address_equal(&a, &b));
	b.port++;
	check(!address_equal(&a, &b));
	/* What is not known is nobody's. */
	check(!address_parse("mem1", &a, &err) && !address_parse("mem1", &b, &err));
	check(!address_equal(&a, &b));
	snprintf(a.host, sizeof(a.host), "no..name");
	check(address_resolve(&a, &err) && err.kind == ERR_BAD_VALUE && err.hint);
	err_clear(&err);
	address_print("fd00::1", 7493, text, sizeof(text));
	check(!strcmp(text, "[fd00::1]:7493"));
}

static void test_latency(void)
{
	struct latency l;
	char text[4096];
	size_t len = 0;

	latency_parse(NULL, &l);
	check(l.nr == 0 && !latency_percentile(&l, LATENCY_READ, 50));
	latency_parse("4096 0 7\n", &l);
	check(!latency_percentile(&l, LATENCY_READ, 50));
	check(latency_percentile(&l, LATENCY_WRITE, 1) == 4096);
	check(latency_percentile(&l, LATENCY_WRITE, 99) == 4096);
	/* 99 of 100 is the last that is quick; of 101 it is no more. */
	latency_parse("4096 50 99\n8192 49 0\n16384 0 1\n1048576 1 1\n", &l);
	check(l.nr == 4);
	check(latency_percentile(&l, LATENCY_READ, 50) == 4096);
	check(latency_percentile(&l, LATENCY_READ, 51) == 8192);
	check(latency_percentile(&l, LATENCY_READ, 99) == 8192);
	check(latency_percentile(&l, LATENCY_READ, 100) == 1048576);
	check(latency_percentile(&l, LATENCY_WRITE, 99) == 16384);
	/* Lines of a newer kernel, and one cut short. */
	latency_parse("# below reads writes\n4096 1 2 3\nx\n\n8192 5\n", &l);
	check(l.nr == 1 && l.bucket[0].requests[LATENCY_WRITE] == 2);
	for (int i = 0; i < 40; i++)
		len += snprintf(text + len, sizeof(text) - len, "%llu 1 1\n", 2ULL << i);
	latency_parse(text, &l);
	check(l.nr == LATENCY_BUCKETS);
	check(l.bucket[LATENCY_BUCKETS - 1].below_ns == LATENCY_LAST_NS);
}

static void test_latency_text(void)
{
	static const struct {
		unsigned long long ns;
		const char *text;
	} cases[] = {
		{ 2, "<2ns" }, { 512, "<512ns" }, { 1024, "<1.0us" }, { 8192, "<8.2us" },
		{ 16384, "<16us" }, { 524288, "<524us" }, { 1048576, "<1.0ms" },
		{ 1ULL << 31, "<2.1s" }, { LATENCY_LAST_NS, ">2.1s" },
	};
	char text[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out_below_ns(cases[i].ns, text, sizeof(text));
		if (strcmp(text, cases[i].text)) {
			printf("FAIL: %llu ns is %s, not %s\n", cases[i].ns, text, cases[i].text);
			failures++;
		}
	}
}

static void check_request(const char *addr, const char *size, const char *name,
			  const char *want)
{
	struct err err = { 0 };
	struct node_request req;
	char got[1024] = "refused";
	int ret = node_request_parse(&req, addr, size, name, "key", &err);

	if (!ret)
		snprintf(got, sizeof(got), "%s %llu %s", req.name, req.size, req.server);
	if (strcmp(got, want) || (ret && (err.kind != ERR_BAD_VALUE || !err.hint))) {
		printf("FAIL: backend add %s %s %s: %s, not %s\n", addr, size, name ?: "", got,
		       want);
		failures++;
	}
	err_clear(&err);
}

static void test_requests(void)
{
	static const char *const bad_sizes[] = {
		"", "0", "0G", "max", "1.5G", "-1", "1025T", "1125899906842625",
	};
	static const char *const bad_names[] = {
		"", "a/b", ".", ".hidden", "-x", "a b", "a\nb", "caf\xc3\xa9",
	};
	char name[65];

	check_request("10.0.0.1", "8M", NULL, "10.0.0.1 8388608 10.0.0.1:7493");
	check_request("[fd00::1]:1", "1", NULL, "[fd00::1]:1 1 [fd00::1]:1");
	check_request("mem1", "1024T", "one", "one 1125899906842624 mem1:7493");
	check_request("mem/1", "8M", "one", "refused");
	for (size_t i = 0; i < sizeof(bad_sizes) / sizeof(bad_sizes[0]); i++)
		check_request("10.0.0.1", bad_sizes[i], NULL, "refused");
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++)
		check_request("10.0.0.1", "8M", bad_names[i], "refused");
	memset(name, 'x', sizeof(name) - 1);
	name[64] = '\0';
	check_request("10.0.0.1", "8M", name, "refused");
	/* Named after it, a host would have too long a name, too. */
	check_request(name, "8M", NULL, "refused");
	check_request(name + 1, "1", NULL,
		      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 1 "
		      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:7493");
}

static void put_key(const char *path, size_t len, mode_t mode)
{
	FILE *f = fopen(path, "w");

	check(f);
	while (f && len--)
		fputc('k', f);
	check(f && !fclose(f) && !chmod(path, mode));
}

static void check_bad_key(const char *path, const char *why)
{
	struct err err = { 0 };
	struct key key;

	if (!key_read(path, &key, &err) || err.kind != ERR_KEY || !strstr(err.message, why)) {
		printf("FAIL: key %s is taken, or refused because of: %s\n", path,
		       err.message ?: "nothing");
		failures++;
	}
	err_clear(&err);
}

static void test_keys(void)
{
	static const mode_t bad[] = { 0604, 0602, 0620, 0644, 0666, 0601 };
	char dir[] = "/tmp/units.XXXXXX";
	struct err err = { 0 };
	struct key key;

	check(mkdtemp(dir) && !chdir(dir));
	put_key("key", 32, 0600);
	check(!key_read("key", &key, &err) && key.len == 32 && key.bytes[31] == 'k');
	put_key("key", 128, 0440);
	check(!key_read("key", &key, &err) && key.len == 128);
	check(!chmod("key", 0600));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_key("open", 32, bad[i]);
		check_bad_key("open", "others can read or change");
		check(!unlink("open"));
	}
	put_key("key", 31, 0600);
	check_bad_key("key", "32 to 128 bytes, key has 31");
	put_key("key", 129, 0600);
	check_bad_key("key", "has 129");
	check_bad_key("none", "No such file");
	check_bad_key(".", "no regular file");
	check(!mkfifo("pipe", 0600));
	check_bad_key("pipe", "no regular file");
	if (!geteuid()) {
		put_key("theirs", 32, 0600);
		check(!chown("theirs", 65534, 65534));
		check_bad_key("theirs", "belongs to user 65534");
		check(!unlink("theirs"));
	}
	check(!unlink("key") && !unlink("pipe") && !chdir("/") && !rmdir(dir));
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
	test_addresses();
	test_latency();
	test_latency_text();
	test_requests();
	test_keys();
	if (failures)
		return 1;
	puts("ok");
	return 0;
}
