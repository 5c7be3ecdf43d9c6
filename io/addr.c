/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/addr.h"

#include <arpa/inet.h>
#include <assert.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "io/hash.h"

/* Decimal, from 1 to limit, no sign, no leading zero; false otherwise. */
static bool parse_number(const char *text, uint32_t limit, uint32_t *number)
{
	uint64_t value = 0;

	if (*text < '1' || *text > '9')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > limit)
			return false;
	}
	*number = (uint32_t)value;
	return true;
}

static bool parse_ip4(struct addr *addr, const char *host)
{
	/* inet_pton() takes four decimal numbers and nothing else, unlike inet_aton(). */
	if (inet_pton(AF_INET, host, &addr->in.sin_addr) != 1)
		return false;
	addr->in.sin_family = AF_INET;
	addr->len = sizeof(addr->in);
	return true;
}

/* `host` is cut at the '%' of a scope (RFC 4007, 11): a link's name or number, for link-local
 * addresses only. */
static bool parse_ip6(struct addr *addr, char *host)
{
	char *scope = strchr(host, '%');

	if (scope)
		*scope++ = '\0';
	if (inet_pton(AF_INET6, host, &addr->in6.sin6_addr) != 1)
		return false;
	addr->in6.sin6_family = AF_INET6;
	addr->len = sizeof(addr->in6);
	if (!scope)
		return true;
	if (!IN6_IS_ADDR_LINKLOCAL(&addr->in6.sin6_addr))
		return false;
	if (parse_number(scope, UINT32_MAX, &addr->in6.sin6_scope_id))
		return true;
	addr->in6.sin6_scope_id = if_nametoindex(scope);
	return addr->in6.sin6_scope_id != 0;
}

/* Parts of the text in `host`: where the address ends is set to NUL; *port stays NULL where there
 * is none. */
static char *split(char *host, const char **port)
{
	char *end;

	*port = NULL;
	if (*host == '[') {
		end = strchr(host, ']');
		if (!end || (end[1] != ':' && end[1] != '\0'))
			return NULL;
		*port = end[1] == ':' ? end + 2 : NULL;
		*end = '\0';
		return host + 1;
	}
	end = strchr(host, ':');
	if (end && !strchr(end + 1, ':')) { /* a single colon: no IPv6 address has only one */
		*port = end + 1;
		*end = '\0';
	}
	return host;
}

bool addr_parse(struct addr *addr, const char *text, uint16_t default_port)
{
	char copy[ADDR_TEXT_MAX];
	size_t len = strnlen(text, sizeof(copy));
	uint32_t port = default_port;
	const char *port_text;
	char *host;
	bool good;

	memset(addr, 0, sizeof(*addr));
	if (len == sizeof(copy))
		return false;
	memcpy(copy, text, len + 1);
	host = split(copy, &port_text);
	if (!host || (port_text && !parse_number(port_text, UINT16_MAX, &port)))
		return false;
	if (strchr(host, ':'))
		good = parse_ip6(addr, host);
	else
		good = *text != '[' && parse_ip4(addr, host);
	if (!good)
		memset(addr, 0, sizeof(*addr));
	else
		addr_set_port(addr, (uint16_t)port);
	return good;
}

bool addr_from_octets(struct addr *addr, const uint8_t *octets, size_t len, uint16_t port)
{
	memset(addr, 0, sizeof(*addr));
	if (len == 4) {
		addr->in.sin_family = AF_INET;
		memcpy(&addr->in.sin_addr, octets, 4);
		addr->len = sizeof(addr->in);
	} else if (len == 16) {
		addr->in6.sin6_family = AF_INET6;
		memcpy(&addr->in6.sin6_addr, octets, 16);
		addr->len = sizeof(addr->in6);
	} else {
		return false;
	}
	addr_set_port(addr, port);
	return true;
}

char *addr_format(const struct addr *addr, uint16_t default_port, char text[ADDR_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE] = "";
	char scope[IF_NAMESIZE];
	unsigned port = addr_port(addr);
	size_t len;

	if (addr->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &addr->in.sin_addr, host, sizeof(host));
	} else {
		inet_ntop(AF_INET6, &addr->in6.sin6_addr, host, sizeof(host));
		len = strlen(host);
		if (addr->in6.sin6_scope_id == 0)
			;
		else if (if_indextoname(addr->in6.sin6_scope_id, scope))
			snprintf(host + len, sizeof(host) - len, "%%%s", scope);
		else
			snprintf(host + len, sizeof(host) - len, "%%%u", addr->in6.sin6_scope_id);
	}
	if (port == default_port)
		snprintf(text, ADDR_TEXT_MAX, "%s", host);
	else if (addr->sa.sa_family == AF_INET)
		snprintf(text, ADDR_TEXT_MAX, "%s:%u", host, port);
	else
		snprintf(text, ADDR_TEXT_MAX, "[%s]:%u", host, port);
	return text;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr &&
		       a->in.sin_port == b->in.sin_port;
	return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16) == 0 &&
	       a->in6.sin6_port == b->in6.sin6_port && a->in6.sin6_scope_id == b->in6.sin6_scope_id;
}

uint16_t addr_port(const struct addr *addr)
{
	return ntohs(addr->sa.sa_family == AF_INET ? addr->in.sin_port : addr->in6.sin6_port);
}

void addr_set_port(struct addr *addr, uint16_t port)
{
	if (addr->sa.sa_family == AF_INET)
		addr->in.sin_port = htons(port);
	else
		addr->in6.sin6_port = htons(port);
}

/* The octets are laid out the same on every machine: ports stay in network order, scopes are the
 * machine's own anyway. */
uint64_t addr_hash(const struct addr *addr, uint64_t key)
{
	uint8_t octets[16 + 2 + 4];

	if (addr->sa.sa_family == AF_INET) {
		memcpy(octets, &addr->in.sin_addr, 4);
		memcpy(octets + 4, &addr->in.sin_port, 2);
		return hash_octets(octets, 6, key);
	}
	memcpy(octets, &addr->in6.sin6_addr, 16);
	memcpy(octets + 16, &addr->in6.sin6_port, 2);
	memcpy(octets + 18, &addr->in6.sin6_scope_id, 4);
	return hash_octets(octets, sizeof(octets), key);
}
