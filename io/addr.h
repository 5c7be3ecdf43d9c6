/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * addr -- an IPv4 or IPv6 socket address.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
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

/*
 * "IP", "IP:PORT", "IP6", "[IP6]", "[IP6]:PORT"; default_port where none is given. False, and *addr
 * zeroed, when it is none of these to the letter: ports are 1..65535 without leading zeros; a scope
 * ("%eth0", "%2") must be a link of this machine (or any number), and only link-local addresses
 * have one.
 */
bool addr_parse(struct addr *addr, const char *text, uint16_t default_port);
/* From raw octets as in A and AAAA RDATA. False, and *addr zeroed, when len is neither 4 nor 16. */
bool addr_from_octets(struct addr *addr, const uint8_t *octets, size_t len, uint16_t port);
/* "IP" when the port is default_port, otherwise "IP:PORT" or "[IP6]:PORT". Returns text. */
char *addr_format(const struct addr *addr, uint16_t default_port, char text[ADDR_TEXT_MAX]);
/* Same family, address, port and scope. */
bool addr_equal(const struct addr *a, const struct addr *b);
uint16_t addr_port(const struct addr *addr);
void addr_set_port(struct addr *addr, uint16_t port);
/* A 64-bit hash of what addr_equal() compares, keyed. */
uint64_t addr_hash(const struct addr *addr, uint64_t key);
/*
 * Special-purpose addresses that no public name server can have (IANA special-purpose registries,
 * RFC 6890): private, loopback, link-local, documentation, multicast, reserved, mapped, ... Returns
 * the kind ("private", "loopback") or NULL. A 6to4 address is as special as the IPv4 address in it.
 */
const char *addr_special(const struct addr *addr);
