/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * addr -- an IPv4 or IPv6 socket address.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

/* Longest text: "[" IPv6 "%" scope "]:65535" and NUL. */
#define ADDR_TEXT_MAX 80

/* "IP", "IP:PORT", "[IP6]:PORT", "IP6"; default_port where none is given. False when it is none of these. */
bool addr_parse(struct addr *addr, const char *text, uint16_t default_port);
/* From raw octets as in A and AAAA RDATA: len 4 or 16. */
bool addr_from_octets(struct addr *addr, const uint8_t *octets, size_t len, uint16_t port);
/* "IP" when the port is default_port, otherwise "IP:PORT" or "[IP6]:PORT". Returns text. */
char *addr_format(const struct addr *addr, uint16_t default_port, char text[ADDR_TEXT_MAX]);
/* Same family, address and port. */
bool addr_equal(const struct addr *a, const struct addr *b);
uint16_t addr_port(const struct addr *addr);
void addr_set_port(struct addr *addr, uint16_t port);
/* A 64-bit hash of address and port, keyed. */
uint64_t addr_hash(const struct addr *addr, uint64_t key);
/*
 * Special-purpose addresses that no public name server can have (IANA special-purpose registries, RFC 6890): private,
 * loopback, link-local, documentation, multicast, reserved, mapped, ... Returns the kind ("private", "loopback") or NULL.
 */
const char *addr_special(const struct addr *addr);
