// SPDX-License-Identifier: GPL-2.0
/* Settings by name: one table serves the file, the command line and the checks. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "wire.h"

#define KIB		(1ULL << 10)
#define MIB		(1ULL << 20)
#define GIB		(1ULL << 30)
#define NO_LIMIT	(~0ULL)

enum setting_kind { KIND_NUMBER, KIND_SIZE, KIND_TIME, KIND_PATH, KIND_LEVEL,
		    KIND_LISTEN, KIND_QUOTA };

static const struct setting {
	const char		*name;
	enum setting_kind	kind;
	size_t			offset;
	__u64			min;
	__u64			max;
} settings[] = {
#define S(name, kind, min, max) { #name, kind, offsetof(struct memd_config, name), min, max }
	S(listen,		KIND_LISTEN,	0, 0),
	S(port,			KIND_NUMBER,	1, 65535),
	S(size,			KIND_SIZE,	MIB, 1ULL << 50),
	S(slab_size,		KIND_SIZE,	MIB, 4 * GIB),
	S(key,			KIND_PATH,	0, 0),
	S(stat_socket,		KIND_PATH,	0, 0),
	S(quota,		KIND_QUOTA,	0, 0),
	S(max_clients,		KIND_NUMBER,	1, 65536),
	S(max_handshakes,	KIND_NUMBER,	1, 1024),
	S(max_connections,	KIND_NUMBER,	1, 65536),
	S(handshake_timeout,	KIND_TIME,	100, 600 * 1000),
	S(idle_timeout,		KIND_TIME,	100, 24 * 3600 * 1000),
	S(grace,		KIND_TIME,	0, 24 * 3600 * 1000),
	S(drain_timeout,	KIND_TIME,	0, 24 * 3600 * 1000),
	S(log_level,		KIND_LEVEL,	0, 0),
#undef S
};

void memd_config_init(struct memd_config *cfg)
{
	*cfg = (struct memd_config) {
		.port			= SWX_WIRE_PORT,
		.slab_size		= 64 * MIB,
		.key			= strdup("/etc/swap_ext/memd.key"),
		.stat_socket		= strdup("/run/swx-memd/stat.sock"),
		.quota			= NO_LIMIT,
		.max_clients		= 64,
		.max_handshakes		= 8,
		.max_connections	= 1024,
		.handshake_timeout	= 5 * 1000,
		.idle_timeout		= 30 * 1000,
		.grace			= 60 * 1000,
		.drain_timeout		= 60 * 1000,
		.log_level		= MEMD_LOG_INFO,
	};
}

void memd_config_forget_listen(struct memd_config *cfg)
{
	while (cfg->nr_listen)
		free(cfg->listen[--cfg->nr_listen]);
}

void memd_config_free(struct memd_config *cfg)
{
	unsigned int i;

	memd_config_forget_listen(cfg);
	for (i = 0; i < cfg->nr_quotas; i++)
		free(cfg->quotas[i].client);
	free(cfg->quotas);
	free(cfg->key);
	free(cfg->stat_socket);
	memset(cfg, 0, sizeof(*cfg));
}

/* Digits, and what follows them. */
static int parse_number(const char *text, __u64 *value, const char **rest)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	*rest = end;
	return errno ? -ERANGE : 0;
}

static int scale(__u64 *value, __u64 factor)
{
	return __builtin_mul_overflow(*value, factor, value) ? -ERANGE : 0;
}

int memd_parse_size(const char *text, __u64 *bytes)
{
	static const char units[] = "KMGT";
	const char *rest, *unit;
	int ret;

	ret = parse_number(text, bytes, &rest);
	if (ret || !*rest)
		return ret;
	unit = strchr(units, *rest);
	if (!unit || (rest[1] && strcmp(rest + 1, "iB")))
		return -EINVAL;
	return scale(bytes, 1ULL << (10 * (unit - units + 1)));
}

int memd_parse_time(const char *text, __u64 *ms)
{
	static const struct {
		const char *name;
		__u64 ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		      { "h", 3600000 } };
	const char *rest;
	size_t i;
	int ret;

	ret = parse_number(text, ms, &rest);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(rest, units[i].name))
			return scale(ms, units[i].ms);
	return -EINVAL;
}

static int set_string(char **at, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*at);
	*at = copy;
	return 0;
}

static int add_listen(struct memd_config *cfg, const char *value, struct memd_err *err)
{
	unsigned char addr[16];

	if (inet_pton(AF_INET, value, addr) != 1 && inet_pton(AF_INET6, value, addr) != 1) {
		memd_err_set(err, 0, "listen: '%s' is not an IP address", value);
		memd_err_hint(err, "addresses of RDMA devices: rdma link; ip addr");
		return -EINVAL;
	}
	if (cfg->nr_listen == MEMD_MAX_LISTEN)
		return memd_err_set(err, -EINVAL, "listen: more than %d addresses",
				    MEMD_MAX_LISTEN);
	cfg->listen[cfg->nr_listen] = strdup(value);
	if (!cfg->listen[cfg->nr_listen])
		return -ENOMEM;
	cfg->nr_listen++;
	return 0;
}

static int set_client_quota(struct memd_config *cfg, const char *client, __u64 bytes)
{
	struct memd_quota *quotas;
	unsigned int i;

	for (i = 0; i < cfg->nr_quotas; i++) {
		if (!strcmp(cfg->quotas[i].client, client)) {
			cfg->quotas[i].bytes = bytes;
			return 0;
		}
	}
	quotas = reallocarray(cfg->quotas, cfg->nr_quotas + 1, sizeof(*quotas));
	if (!quotas)
		return -ENOMEM;
	cfg->quotas = quotas;
	quotas[cfg->nr_quotas].client = strdup(client);
	if (!quotas[cfg->nr_quotas].client)
		return -ENOMEM;
	quotas[cfg->nr_quotas++].bytes = bytes;
	return 0;
}

/* "4G", "none", "CLIENT 4G" */
static int set_quota(struct memd_config *cfg, const char *value, struct memd_err *err)
{
	size_t len = strcspn(value, " \t");
	const char *size = value + len + strspn(value + len, " \t");
	char client[SWX_WIRE_NAME_LEN + 1] = "";
	__u64 bytes = NO_LIMIT;
	int ret;

	if (*size && len < sizeof(client))
		memcpy(client, value, len);
	else
		size = value;
	if (strcmp(size, "none") && memd_parse_size(size, &bytes)) {
		memd_err_set(err, 0, "quota: '%s' is not a size", size);
		memd_err_hint(err, "quota = SIZE or quota = CLIENT SIZE, SIZE like 16G or none");
		return -EINVAL;
	}
	if (!client[0]) {
		cfg->quota = bytes;
		return 0;
	}
	ret = set_client_quota(cfg, client, bytes);
	return ret ? memd_err_set(err, ret, "out of memory") : 0;
}

static int set_number(const struct setting *s, __u64 *at, const char *value,
		      struct memd_err *err)
{
	static const char *const examples[] = {
		[KIND_NUMBER] = "a whole number", [KIND_SIZE] = "a size like 64M",
		[KIND_TIME] = "a time like 500ms or 30s",
	};
	const char *rest;
	__u64 number;
	int ret;

	if (s->kind == KIND_SIZE)
		ret = memd_parse_size(value, &number);
	else if (s->kind == KIND_TIME)
		ret = memd_parse_time(value, &number);
	else
		ret = parse_number(value, &number, &rest) ?: *rest ? -EINVAL : 0;
	if (ret)
		return memd_err_set(err, -EINVAL, "%s: '%s' is not %s", s->name, value,
				    examples[s->kind]);
	if (number < s->min || number > s->max)
		return memd_err_set(err, -EINVAL, "%s: '%s' is not within %llu and %llu%s",
				    s->name, value, (unsigned long long)s->min,
				    (unsigned long long)s->max,
				    s->kind == KIND_TIME ? " ms" :
				    s->kind == KIND_SIZE ? " bytes" : "");
	*at = number;
	return 0;
}

static int set_level(__u64 *at, const char *value, struct memd_err *err)
{
	int level = memd_log_parse(value);

	if (level < 0)
		return memd_err_set(err, -EINVAL,
				    "log_level: '%s' is not error, warning, info or debug",
				    value);
	*at = level;
	return 0;
}

static const struct setting *find_setting(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	return NULL;
}

int memd_config_set(struct memd_config *cfg, const char *name, const char *value,
		    struct memd_err *err)
{
	const struct setting *s = find_setting(name);
	void *at = s ? (char *)cfg + s->offset : NULL;

	if (!s) {
		memd_err_set(err, 0, "there is no setting '%s'", name);
		memd_err_hint(err, "all settings: man memd.conf");
		return -EINVAL;
	}
	switch (s->kind) {
	case KIND_LISTEN:
		return add_listen(cfg, value, err);
	case KIND_QUOTA:
		return set_quota(cfg, value, err);
	case KIND_LEVEL:
		return set_level(at, value, err);
	case KIND_PATH:
		return set_string(at, value) ? memd_err_set(err, -ENOMEM, "out of memory") : 0;
	default:
		return set_number(s, at, value, err);
	}
}

struct reader {
	struct memd_config *cfg;
	struct memd_err *err;
};

static int read_one(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;

	if (*section)
		return memd_err_set(r->err, 0, "section [%s]: there are none here", section);
	return !memd_config_set(r->cfg, name, value, r->err);
}

int memd_config_read(struct memd_config *cfg, const char *path, struct memd_err *err)
{
	struct memd_err why = { 0 };
	struct reader r = { cfg, &why };
	FILE *f = fopen(path, "re");
	int line;

	if (!f) {
		line = errno;
		memd_err_set(err, 0, "%s: cannot read: %s", path, strerror(line));
		return -line;
	}
	line = ini_parse_file(f, read_one, &r);
	fclose(f);
	if (!line)
		return 0;
	memd_err_set(err, 0, "%s:%d: %s", path, line,
		     why.message[0] ? why.message : "neither 'name = value' nor a comment");
	if (why.hint[0])
		memd_err_hint(err, "%s", why.hint);
	return -EINVAL;
}

int memd_config_check(struct memd_config *cfg, struct memd_err *err)
{
	if (!cfg->size) {
		memd_err_set(err, 0, "no size given: how much memory may clients have?");
		memd_err_hint(err, "size = 16G in %s, or --size 16G", MEMD_CONFIG_FILE);
		return -EINVAL;
	}
	if (cfg->slab_size & (cfg->slab_size - 1))
		return memd_err_set(err, -EINVAL, "slab_size: %llu is not a power of two",
				    (unsigned long long)cfg->slab_size);
	if (cfg->size < cfg->slab_size) {
		memd_err_set(err, 0, "size: %llu KiB is less than one slab of %llu KiB",
			     (unsigned long long)(cfg->size / KIB),
			     (unsigned long long)(cfg->slab_size / KIB));
		memd_err_hint(err, "raise size or lower slab_size");
		return -EINVAL;
	}
	cfg->size -= cfg->size % cfg->slab_size;
	if (cfg->size / cfg->slab_size > 1U << 30)
		return memd_err_set(err, -EINVAL, "size: too many slabs; raise slab_size");
	return 0;
}

const struct memd_quota *memd_config_quota(const struct memd_config *cfg,
					   const char *name, const char *addr)
{
	const char *const wanted[] = { name, addr };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		for (j = 0; j < cfg->nr_quotas; j++)
			if (*wanted[i] && !strcmp(cfg->quotas[j].client, wanted[i]))
				return &cfg->quotas[j];
	return NULL;
}
