/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The IANA special-purpose address registries (RFC 6890 and its successors) as tables, first match
 * wins.
 *
 * Left out on purpose are blocks that are special but globally reachable and do hold public name
 * servers: AS112 (192.31.196.0/24, 192.175.48.0/24, 2001:4:112::/48, 2620:4f:8000::/48; RFC 7534,
 * 7535), and AMT (192.52.193.0/24, 2001:3::/32).
 */
#include "io/addr.h"

#include <stddef.h>

struct block {
	uint8_t prefix[16];
	uint8_t bits;
	const char *kind; /* NULL: not special, though it lies in a larger block that is */
};

static const struct block blocks4[] = {
	{{0}, 8, "this-network"},		 /* RFC 791, 3.2 */
	{{10}, 8, "private"},			 /* RFC 1918 */
	{{100, 64}, 10, "shared"},		 /* RFC 6598 */
	{{127}, 8, "loopback"},			 /* RFC 1122, 3.2.1.3 */
	{{169, 254}, 16, "link-local"},		 /* RFC 3927 */
	{{172, 16}, 12, "private"},		 /* RFC 1918 */
	{{192, 0, 0}, 24, "ietf-protocol"},	 /* RFC 6890, 2.1 */
	{{192, 0, 2}, 24, "documentation"},	 /* RFC 5737 */
	{{192, 88, 99}, 24, "6to4-relay"},	 /* RFC 7526 */
	{{192, 168}, 16, "private"},		 /* RFC 1918 */
	{{198, 18}, 15, "benchmarking"},	 /* RFC 2544 */
	{{198, 51, 100}, 24, "documentation"},	 /* RFC 5737 */
	{{203, 0, 113}, 24, "documentation"},	 /* RFC 5737 */
	{{224}, 4, "multicast"},		 /* RFC 5771 */
	{{255, 255, 255, 255}, 32, "broadcast"}, /* RFC 919, 7 */
	{{240}, 4, "reserved"},			 /* RFC 1112, 4 */
};

static const struct block blocks6[] = {
	{{0}, 128, "unspecified"},			 /* RFC 4291, 2.5.2 */
	{{[15] = 1}, 128, "loopback"},			 /* RFC 4291, 2.5.3 */
	{{[10] = 0xff, 0xff}, 96, "ipv4-mapped"},	 /* RFC 4291, 2.5.5.2 */
	{{0}, 96, "ipv4-compatible"},			 /* RFC 4291, 2.5.5.1 */
	{{0, 0x64, 0xff, 0x9b}, 96, "nat64"},		 /* RFC 6052, 2.1 */
	{{0, 0x64, 0xff, 0x9b, 0, 1}, 48, "nat64"},	 /* RFC 8215 */
	{{1}, 64, "discard"},				 /* RFC 6666 */
	{{1, 0, 0, 0, 0, 0, 0, 1}, 64, "dummy"},	 /* RFC 9780 */
	{{0x20, 0x01, 0, 0}, 32, "teredo"},		 /* RFC 4380 */
	{{0x20, 0x01, 0, 2, 0, 0}, 48, "benchmarking"},	 /* RFC 5180 */
	{{0x20, 0x01, 0, 3}, 32, NULL},			 /* RFC 7450 */
	{{0x20, 0x01, 0, 4, 0x01, 0x12}, 48, NULL},	 /* RFC 7535 */
	{{0x20, 0x01, 0, 0x10}, 28, "orchid"},		 /* RFC 4843 */
	{{0x20, 0x01, 0, 0x20}, 28, "orchid"},		 /* RFC 7343 */
	{{0x20, 0x01, 0, 0}, 23, "ietf-protocol"},	 /* RFC 2928 */
	{{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"}, /* RFC 3849 */
	{{0x3f, 0xff, 0}, 20, "documentation"},		 /* RFC 9637 */
	{{0x20}, 3, NULL},				 /* RFC 4291, 2.5.4: the global ones */
	{{0x5f, 0}, 16, "segment-routing"},		 /* RFC 9602 */
	{{0xfc}, 7, "unique-local"},			 /* RFC 4193 */
	{{0xfe, 0x80}, 10, "link-local"},		 /* RFC 4291, 2.5.6 */
	{{0xfe, 0xc0}, 10, "site-local"},		 /* RFC 3879 */
	{{0xff}, 8, "multicast"},			 /* RFC 4291, 2.7 */
	{{0}, 0, "reserved"}, /* RFC 4291, 2.4: all else is not yet given out */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool within(const struct block *block, const uint8_t *octets)
{
	unsigned whole = block->bits / 8;
	unsigned rest = block->bits % 8;

	for (unsigned i = 0; i < whole; i++)
		if (octets[i] != block->prefix[i])
			return false;
	return rest == 0 || (octets[whole] ^ block->prefix[whole]) >> (8 - rest) == 0;
}

static const char *find(const struct block *blocks, size_t count, const uint8_t *octets)
{
	for (size_t i = 0; i < count; i++)
		if (within(&blocks[i], octets))
			return blocks[i].kind;
	return NULL;
}

const char *addr_special(const struct addr *addr)
{
	const uint8_t *octets;

	if (addr->sa.sa_family == AF_INET)
		return find(blocks4, COUNT(blocks4), (const uint8_t *)&addr->in.sin_addr);
	octets = addr->in6.sin6_addr.s6_addr;
	/* 6to4 reaches just as far as the IPv4 address in it: RFC 3056, 2. */
	if (octets[0] == 0x20 && octets[1] == 0x02)
		return find(blocks4, COUNT(blocks4), octets + 2);
	return find(blocks6, COUNT(blocks6), octets);
}
