// SPDX-License-Identifier: GPL-2.0
/*
 * cc: backend/memd/config.c backend/memd/log.c -Ibackend -linih
 *
 * Settings of swx-memd: sizes and times, what is refused and in which words, files,
 * quotas by name and by address.
 */
#include "../../backend/memd/config.h"
#include "expect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_LIMIT (~0ULL)

static void test_sizes(void)
{
	static const struct {
		const char *text;
		__u64 want;	/* 0: not a size */
	} sizes[] = {
		{ "1", 1 }, { "4096", 4096 }, { "64K", 64 << 10 }, { "64KiB", 64 << 10 },
		{ "2M", 2 << 20 }, { "16G", 16ULL << 30 }, { "3T", 3ULL << 40 },
		{ "16777215T", 16777215ULL << 40 }, { "16777216T", 0 }, { "", 0 },
		{ "G", 0 }, { "-1", 0 }, { "+1", 0 }, { " 1", 0 }, { "1 M", 0 },
		{ "1MB", 0 }, { "1Gx", 0 }, { "1.5G", 0 }, { "0x10", 0 },
		{ "99999999999999999999", 0 },
	};
	__u64 got;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		got = 0;
		if (memd_parse_size(sizes[i].text, &got))
			got = 0;
		EXPECT(got == sizes[i].want, "'%s': %llu", sizes[i].text, got);
	}
}

static void test_times(void)
{
	__u64 ms;

	EXPECT(!memd_parse_time("500ms", &ms) && ms == 500, "500ms");
	EXPECT(!memd_parse_time("30", &ms) && ms == 30000, "30");
	EXPECT(!memd_parse_time("0s", &ms) && !ms, "0s");
	EXPECT(!memd_parse_time("5m", &ms) && ms == 300000, "5m");
	EXPECT(!memd_parse_time("2h", &ms) && ms == 7200000, "2h");
	EXPECT(memd_parse_time("5x", &ms) && memd_parse_time("", &ms) &&
	       memd_parse_time("ms", &ms) && memd_parse_time("5 s", &ms) &&
	       memd_parse_time("18446744073709551615h", &ms), "not a time");
}

/* Refused, and with these words in what is said. */
static void expect_refused(const char *name, const char *value, const char *words)
{
	struct memd_err err = { 0 };
	struct memd_config cfg;
	char said[700];

	memd_config_init(&cfg);
	EXPECT(memd_config_set(&cfg, name, value, &err) == -EINVAL, "%s = %s", name, value);
	snprintf(said, sizeof(said), "%s / %s", err.message, err.hint);
	EXPECT(strstr(said, words), "%s = %s: '%s'", name, value, said);
	memd_config_free(&cfg);
}

static void test_refusals(void)
{
	expect_refused("sise", "1G", "no setting 'sise' / all settings: man memd.conf");
	expect_refused("size", "lots", "size: 'lots' is not a size like 64M");
	expect_refused("size", "1K", "not within 1048576 and");
	expect_refused("slab_size", "8G", "not within 1048576 and 4294967296 bytes");
	expect_refused("port", "0", "port: '0' is not within 1 and 65535");
	expect_refused("port", "80x", "not a whole number");
	expect_refused("port", "", "not a whole number");
	expect_refused("grace", "soon", "grace: 'soon' is not a time like");
	expect_refused("handshake_timeout", "1ms", "not within 100 and 600000 ms");
	expect_refused("listen", "localhost", "listen: 'localhost' is not an IP address");
	expect_refused("quota", "much", "quota: 'much' is not a size");
	expect_refused("quota", "node1 much", "quota: 'much' is not a size");
	expect_refused("log_level", "loud", "log_level: 'loud' is not");
}

static void set(struct memd_config *cfg, const char *name, const char *value)
{
	struct memd_err err = { 0 };

	EXPECT(!memd_config_set(cfg, name, value, &err), "%s = %s: %s", name, value,
	       err.message);
}

static __u64 quota_of(const struct memd_config *cfg, const char *name, const char *addr)
{
	const struct memd_quota *q = memd_config_quota(cfg, name, addr);

	return q ? q->bytes : cfg->quota;
}

static void test_quotas(void)
{
	struct memd_config cfg;

	memd_config_init(&cfg);
	EXPECT(quota_of(&cfg, "a", "10.0.0.2") == NO_LIMIT, "default");
	set(&cfg, "quota", "1G");
	set(&cfg, "quota", "node1 4G");
	set(&cfg, "quota", "fd00::2 \t 8G");
	set(&cfg, "quota", "node2 2G");
	set(&cfg, "quota", "node2 none");
	EXPECT(quota_of(&cfg, "x", "10.0.0.2") == 1ULL << 30, "default");
	EXPECT(quota_of(&cfg, "node1", "10.0.0.2") == 4ULL << 30, "by name");
	EXPECT(quota_of(&cfg, "x", "fd00::2") == 8ULL << 30, "by address");
	EXPECT(quota_of(&cfg, "node1", "fd00::2") == 4ULL << 30, "name before address");
	EXPECT(quota_of(&cfg, "node2", "x") == NO_LIMIT, "the last one counts");
	EXPECT(quota_of(&cfg, "", "x") == 1ULL << 30, "without a name");
	memd_config_free(&cfg);
}

static void test_check(void)
{
	struct memd_err err = { 0 };
	struct memd_config cfg;

	memd_config_init(&cfg);
	EXPECT(memd_config_check(&cfg, &err) == -EINVAL && strstr(err.hint, "--size"),
	       "no size: %s", err.hint);
	set(&cfg, "size", "100M");
	memset(&err, 0, sizeof(err));
	EXPECT(!memd_config_check(&cfg, &err) && cfg.size == 64 << 20, "not whole slabs: %llu",
	       cfg.size);
	set(&cfg, "slab_size", "3M");
	EXPECT(memd_config_check(&cfg, &err) == -EINVAL &&
	       strstr(err.message, "not a power of two"), "%s", err.message);
	memset(&err, 0, sizeof(err));
	set(&cfg, "slab_size", "128M");
	EXPECT(memd_config_check(&cfg, &err) == -EINVAL &&
	       strstr(err.message, "less than one slab"), "%s", err.message);
	memd_config_free(&cfg);
}

static int read_text(struct memd_config *cfg, const char *text, struct memd_err *err)
{
	char path[] = "/tmp/memd-conf-XXXXXX";
	int fd = mkstemp(path), ret;

	EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "cannot write");
	close(fd);
	memset(err, 0, sizeof(*err));
	memd_config_init(cfg);
	ret = memd_config_read(cfg, path, err);
	unlink(path);
	return ret;
}

static void test_file(void)
{
	struct memd_config cfg;
	struct memd_err err = { 0 };
	int ret;

	ret = read_text(&cfg, "# a comment\n\n size=8G\nlisten = 10.0.0.1\nlisten=fd00::1\n"
			"quota = fd00::7 2G\nkey = /a b/c\n", &err);
	EXPECT(!ret, "%s", err.message);
	EXPECT(cfg.size == 8ULL << 30 && cfg.nr_listen == 2 && !strcmp(cfg.key, "/a b/c") &&
	       !strcmp(cfg.listen[1], "fd00::1"), "not what the file says");
	EXPECT(quota_of(&cfg, "", "fd00::7") == 2ULL << 30, "a quota with colons");
	memd_config_forget_listen(&cfg);
	EXPECT(!cfg.nr_listen, "addresses stay");
	memd_config_free(&cfg);

	ret = read_text(&cfg, "size = 1G\n\nport = x\ngrace = y\n", &err);
	EXPECT(ret == -EINVAL && strstr(err.message, ":3: port: 'x' is not"), "%s",
	       err.message);
	memd_config_free(&cfg);
	ret = read_text(&cfg, "size = 1G\nsomething\n", &err);
	EXPECT(ret == -EINVAL && strstr(err.message, ":2: neither"), "%s", err.message);
	memd_config_free(&cfg);
	ret = read_text(&cfg, "[memd]\nsize = 1G\n", &err);
	EXPECT(ret == -EINVAL && strstr(err.message, ":2: section [memd]"), "%s", err.message);
	memd_config_free(&cfg);

	memd_config_init(&cfg);
	memset(&err, 0, sizeof(err));
	EXPECT(memd_config_read(&cfg, "/nonexistent", &err) == -ENOENT &&
	       strstr(err.message, "No such file"), "%s", err.message);
	memd_config_free(&cfg);
}

int main(void)
{
	test_sizes();
	test_times();
	test_refusals();
	test_quotas();
	test_check();
	test_file();
	return nr_failed != 0;
}
