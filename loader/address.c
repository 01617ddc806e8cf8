// SPDX-License-Identifier: GPL-2.0
/* Parses addresses of memory servers. Called by node.c and the verbs about nodes. */
#include "address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

static int bad_address(const char *text, struct err *err)
{
	int ret;

	ret = err_set(err, ERR_BAD_VALUE, text, "'%s' is no address of a server", text);
	err_hint(err, "a name or an address, with a port unless it is %d: "
		 "10.0.0.1, mem1:7494, [fd00::1]:7494", SWX_WIRE_PORT);
	return ret;
}

static bool parse_port(const char *text, unsigned int *port)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	*port = n;
	return !*end && n && n <= 65535;
}

/* Takes the brackets and the port away from @text, into which *@host then points. */
static bool split(char *text, char **host, unsigned int *port)
{
	char *colon = strrchr(text, ':'), *close = strchr(text, ']');

	*port = SWX_WIRE_PORT;
	*host = text;
	if (*text == '[') {
		if (!close || (close[1] && close[1] != ':'))
			return false;
		colon = close[1] ? close + 1 : NULL;
		*close = '\0';
		*host = text + 1;
		if (!strchr(*host, ':'))
			return false;
	} else if (colon && colon != strchr(text, ':')) {
		/* Is ::1:7493 an address, or one and a port? */
		return false;
	}
	if (!colon)
		return true;
	*colon = '\0';
	return parse_port(colon + 1, port);
}

/* What stands for IPv4 within IPv6 is the same as IPv4. */
static bool print_numeric(const struct addrinfo *ai, char *text, size_t size)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	const struct sockaddr_in6 *v6 = (const void *)ai->ai_addr;

	if (ai->ai_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(&v4.sin_addr, v6->sin6_addr.s6_addr + 12, sizeof(v4.sin_addr));
		return inet_ntop(AF_INET, &v4.sin_addr, text, size);
	}
	return !getnameinfo(ai->ai_addr, ai->ai_addrlen, text, size, NULL, 0,
			    NI_NUMERICHOST);
}

/* 0 or what gai_strerror() knows. */
static int look_up(const char *host, int flags, char *numeric, size_t size)
{
	struct addrinfo hints = { .ai_flags = flags, .ai_socktype = SOCK_STREAM }, *ai;
	int ret;

	ret = getaddrinfo(host, NULL, &hints, &ai);
	if (ret)
		return ret;
	if (!print_numeric(ai, numeric, size))
		ret = EAI_FAIL;
	freeaddrinfo(ai);
	return ret;
}

int address_parse(const char *text, struct address *addr, struct err *err)
{
	char copy[ADDRESS_LEN], *host;
	struct in_addr v4;

	*addr = (struct address) { 0 };
	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy) ||
	    !split(copy, &host, &addr->port) || !*host || strpbrk(host, "[]/ \t\n"))
		return bad_address(text, err);
	/* "10" would be 0.0.0.10, "64.1" would be 64.0.0.1. */
	if (host[strspn(host, "0123456789.")] == '\0' && inet_pton(AF_INET, host, &v4) != 1)
		return bad_address(text, err);
	if (look_up(host, AI_NUMERICHOST, addr->numeric, sizeof(addr->numeric))) {
		addr->numeric[0] = '\0';
		if (strchr(host, ':'))
			return bad_address(text, err);
	}
	snprintf(addr->host, sizeof(addr->host), "%s", addr->numeric[0] ? addr->numeric : host);
	return 0;
}

int address_resolve(struct address *addr, struct err *err)
{
	int ret;

	if (addr->numeric[0])
		return 0;
	ret = look_up(addr->host, AI_ADDRCONFIG, addr->numeric, sizeof(addr->numeric));
	if (!ret)
		return 0;
	addr->numeric[0] = '\0';
	ret = err_set(err, ERR_BAD_VALUE, addr->host, "cannot look up the address of '%s': %s",
		      addr->host, gai_strerror(ret));
	err_hint(err, "what this machine finds: getent ahosts %s", addr->host);
	return ret;
}

void address_print(const char *host, unsigned int port, char *text, size_t size)
{
	bool v6 = strchr(host, ':');

	snprintf(text, size, "%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

void address_name(const struct address *addr, char *name, size_t size)
{
	if (addr->port == SWX_WIRE_PORT)
		snprintf(name, size, "%s", addr->host);
	else
		address_print(addr->host, addr->port, name, size);
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->numeric[0] && !strcmp(a->numeric, b->numeric) && a->port == b->port;
}
