// SPDX-License-Identifier: GPL-2.0
/*
 * redisload - fill a redis server with data it can predict, then read it back with
 * several clients and compare every byte of every reply.
 *
 * Values and list elements are windows into one block of random numbers, at a
 * place that follows from the key: checking costs a memcmp(), and a page of
 * another key, or of the same one at another offset, does not match.
 * Called by tests/demo/guest. Prints one line of "name value" pairs.
 *
 * Exit: 0 all replies right, 1 a wrong reply, 2 usage, 3 could not run.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "../work/pattern.h"

#define VALUE_MIN	1024u
#define VALUE_MAX	65536u
#define ELEMENT_MIN	32u
#define ELEMENT_MAX	160u
#define ELEMENTS	150u	/* of a list */
#define RANGE		100u	/* of them read by one request */
#define POOL_BYTES	(4u << 20)
#define PIPELINE	16u	/* commands under way while filling */
#define MAX_CLIENTS	64u
#define MAX_TOLD	3u	/* wrong replies that a client names, of any number */

enum {
	EXIT_WRONG	= 1,
	EXIT_USAGE	= 2,
	EXIT_CANNOT	= 3,
};

/**
 * struct span - bytes of the pool
 * @data: first of them.
 * @len: how many.
 */
struct span {
	const char *data;
	size_t len;
};

/**
 * struct client - what one client did
 * @wrong: replies that were not what was stored.
 * @bytes: checked.
 */
struct client {
	uint64_t wrong;
	uint64_t bytes;
};

static struct {
	uint32_t nr_keys;
	uint32_t nr_lists;
} data = { 14000, 5000 };

static char *pool;
static uint64_t *latency_ns;

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "redisload: %s: %s\n", what, why);
	exit(EXIT_CANNOT);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void pool_make(void)
{
	uint64_t state = 1, word;
	size_t i;

	pool = malloc(POOL_BYTES + VALUE_MAX);
	if (!pool)
		die("pool", strerror(ENOMEM));
	for (i = 0; i < POOL_BYTES + VALUE_MAX; i += sizeof(word)) {
		word = random_next(&state);
		memcpy(pool + i, &word, sizeof(word));
	}
}

static struct span pool_span(uint64_t name, size_t len)
{
	return (struct span){ pool + random_next(&name) % POOL_BYTES, len };
}

/* Sizes from VALUE_MIN to VALUE_MAX, as many below 8 KiB as above. */
static struct span value_of(uint32_t key)
{
	uint64_t state = (1ULL << 60) + key;
	double share = (random_next(&state) >> 11) * 0x1p-53;
	size_t len = VALUE_MIN * pow(VALUE_MAX / VALUE_MIN, share);

	return pool_span((2ULL << 60) + key, len);
}

static struct span element_of(uint32_t list, uint32_t index)
{
	uint64_t name = (3ULL << 60) + (uint64_t)list * ELEMENTS + index;
	uint64_t state = name;
	size_t len = ELEMENT_MIN + random_next(&state) % (ELEMENT_MAX - ELEMENT_MIN + 1);

	return pool_span(name, len);
}

static redisContext *server_connect(const char *path)
{
	redisContext *c = redisConnectUnix(path);

	if (!c || c->err)
		die(path, c ? c->errstr : strerror(ENOMEM));
	return c;
}

static redisReply *server_reply(redisContext *c)
{
	redisReply *reply;

	if (redisGetReply(c, (void **)&reply) != REDIS_OK)
		die("no reply", c->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		die("redis refuses", reply->str);
	return reply;
}

static void append_value(redisContext *c, uint32_t key)
{
	struct span v = value_of(key);

	redisAppendCommand(c, "SET key:%u %b", key, v.data, v.len);
}

static void append_list(redisContext *c, uint32_t list)
{
	const char *argv[ELEMENTS + 2] = { "RPUSH" };
	size_t len[ELEMENTS + 2] = { strlen("RPUSH") };
	char name[24];
	uint32_t i;

	len[1] = snprintf(name, sizeof(name), "list:%u", list);
	argv[1] = name;
	for (i = 0; i < ELEMENTS; i++) {
		struct span e = element_of(list, i);

		argv[i + 2] = e.data;
		len[i + 2] = e.len;
	}
	redisAppendCommandArgv(c, ELEMENTS + 2, argv, len);
}

static void fill_with(redisContext *c, uint32_t nr,
		      void (*append)(redisContext *c, uint32_t index))
{
	uint32_t i, under_way = 0;

	for (i = 0; i < nr; i++) {
		append(c, i);
		if (++under_way < PIPELINE && i + 1 < nr)
			continue;
		while (under_way) {
			freeReplyObject(server_reply(c));
			under_way--;
		}
	}
}

static void fill(const char *path)
{
	redisContext *c = server_connect(path);
	uint64_t bytes = 0, begin_ns = now_ns();
	uint32_t i, k;

	fill_with(c, data.nr_keys, append_value);
	fill_with(c, data.nr_lists, append_list);
	redisFree(c);

	for (i = 0; i < data.nr_keys; i++)
		bytes += value_of(i).len;
	for (i = 0; i < data.nr_lists; i++)
		for (k = 0; k < ELEMENTS; k++)
			bytes += element_of(i, k).len;
	printf("keys %u lists %u bytes %" PRIu64 " elapsed_ns %" PRIu64 "\n",
	       data.nr_keys, data.nr_lists, bytes, now_ns() - begin_ns);
}

static bool is_span(const redisReply *reply, struct span want)
{
	return reply->type == REDIS_REPLY_STRING && reply->len == want.len &&
	       !memcmp(reply->str, want.data, want.len);
}

static bool get_one(redisContext *c, uint32_t key, struct client *out)
{
	struct span want = value_of(key);
	redisReply *reply;
	bool right;

	redisAppendCommand(c, "GET key:%u", key);
	reply = server_reply(c);
	right = is_span(reply, want);
	out->bytes += want.len;
	freeReplyObject(reply);
	return right;
}

static void count_wrong(struct client *out, const char *request, uint32_t index)
{
	if (out->wrong++ < MAX_TOLD)
		fprintf(stderr, "redisload: %s %u: the reply is not what was stored\n",
			request, index);
}

/* Read the first @nr values in order of their keys, several requests under way. */
static int scan(const char *path, uint32_t nr)
{
	redisContext *c = server_connect(path);
	struct client out = { 0 };
	uint32_t asked = 0, read;
	redisReply *reply;

	for (read = 0; read < nr; read++) {
		while (asked < nr && asked - read < PIPELINE)
			redisAppendCommand(c, "GET key:%u", asked++);
		reply = server_reply(c);
		if (!is_span(reply, value_of(read)))
			count_wrong(&out, "scan", read);
		freeReplyObject(reply);
	}
	redisFree(c);
	printf("requests %u wrong %" PRIu64 "\n", nr, out.wrong);
	return out.wrong ? EXIT_WRONG : EXIT_SUCCESS;
}

static bool range_one(redisContext *c, uint32_t list, struct client *out)
{
	redisReply *reply;
	bool right;
	uint32_t i;

	redisAppendCommand(c, "LRANGE list:%u 0 %u", list, RANGE - 1);
	reply = server_reply(c);
	right = reply->type == REDIS_REPLY_ARRAY && reply->elements == RANGE;
	for (i = 0; right && i < RANGE; i++) {
		right = is_span(reply->element[i], element_of(list, i));
		out->bytes += reply->element[i]->len;
	}
	freeReplyObject(reply);
	return right;
}

/**
 * struct request - a kind of request
 * @name: on the command line.
 * @one: send one about the given key or list; true if the reply was right.
 * @nr: keys or lists there are.
 * @pattern: which of them are asked for.
 */
struct request {
	const char *name;
	bool (*one)(redisContext *c, uint32_t index, struct client *out);
	const uint32_t *nr;
	struct pattern pattern;
};

static const struct request requests[] = {
	{ "get", get_one, &data.nr_keys, { .kind = PATTERN_ZIPF, .skew = 0.99 } },
	{ "lrange", range_one, &data.nr_lists, { .kind = PATTERN_RANDOM } },
};

static void __attribute__((noreturn))
client_run(const char *path, const struct request *r, const uint32_t *order,
	   uint32_t first, uint32_t nr, struct client *out)
{
	redisContext *c = server_connect(path);
	uint64_t begin_ns;
	uint32_t i, index;

	for (i = first; i < first + nr; i++) {
		index = order[i % *r->nr];
		begin_ns = now_ns();
		if (!r->one(c, index, out))
			count_wrong(out, r->name, index);
		latency_ns[i] = now_ns() - begin_ns;
	}
	redisFree(c);
	exit(out->wrong ? EXIT_WRONG : EXIT_SUCCESS);
}

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void *shared_memory(size_t bytes)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		die("shared memory", strerror(errno));
	return mem;
}

static int drive(const char *path, const struct request *r, uint32_t nr,
		 uint32_t nr_clients, uint64_t seed)
{
	struct client *clients = shared_memory(nr_clients * sizeof(*clients));
	uint32_t *order = pattern_order(&r->pattern, *r->nr, seed, 0);
	uint64_t wrong = 0, bytes = 0, begin_ns, elapsed_ns;
	uint32_t i, share = nr / nr_clients;
	int status, result = EXIT_SUCCESS;

	if (!order)
		die("requests", strerror(ENOMEM));
	nr = share * nr_clients;
	latency_ns = shared_memory(nr * sizeof(*latency_ns));

	begin_ns = now_ns();
	for (i = 0; i < nr_clients; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork", strerror(errno));
		if (!pid)
			client_run(path, r, order, i * share, share, &clients[i]);
	}
	while (wait(&status) > 0)
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			result = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT;
	elapsed_ns = now_ns() - begin_ns;

	for (i = 0; i < nr_clients; i++) {
		wrong += clients[i].wrong;
		bytes += clients[i].bytes;
	}
	qsort(latency_ns, nr, sizeof(*latency_ns), compare_u64);
	printf("requests %u wrong %" PRIu64 " bytes %" PRIu64 " elapsed_ns %" PRIu64
	       " p50_ns %" PRIu64 " p99_ns %" PRIu64 "\n", nr, wrong, bytes,
	       elapsed_ns, latency_ns[nr / 2], latency_ns[nr - 1 - nr / 100]);
	free(order);
	return result;
}

static int print_usage(void)
{
	fputs("Usage: redisload SOCKET fill\n"
	      "       redisload SOCKET scan REQUESTS\n"
	      "       redisload SOCKET get|lrange REQUESTS CLIENTS SEED\n"
	      "fill stores the data; scan reads the first values, get values by zipf, lrange\n"
	      "100 elements of lists in random order, and all three compare every reply with\n"
	      "what was stored.\n",
	      stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	uint32_t nr, nr_clients;
	uint64_t seed;
	size_t i;

	if (argc == 3 && !strcmp(argv[2], "fill")) {
		pool_make();
		fill(argv[1]);
		return EXIT_SUCCESS;
	}
	nr = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	if (argc == 4 && !strcmp(argv[2], "scan") && nr && nr <= data.nr_keys) {
		pool_make();
		return scan(argv[1], nr);
	}
	if (argc != 6)
		return print_usage();

	nr_clients = strtoul(argv[4], NULL, 10);
	seed = strtoull(argv[5], NULL, 10);
	if (!nr_clients || nr_clients > MAX_CLIENTS || nr < nr_clients)
		return print_usage();
	pool_make();
	for (i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (!strcmp(argv[2], requests[i].name))
			return drive(argv[1], &requests[i], nr, nr_clients, seed);
	return print_usage();
}
