/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Multiply two 64-bit words, fold the 128-bit product onto itself: one such step spreads every bit
 * over all others. Both factors carry a secret made from the key: were one of them open, an input
 * could be chosen that makes it zero, and every other octet would be lost in the product.
 */
#include "io/hash.h"

#include <endian.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* The golden ratio's fraction and its successors under multiplication by 3, 5, 7: odd and with no
 * pattern. */
#define SALT_A UINT64_C(0x9e3779b97f4a7c15)
#define SALT_B UINT64_C(0xdaa66d2c7ddf743f)
#define SALT_C UINT64_C(0x1715609f7c746c69)
#define SALT_D UINT64_C(0x538454127b096493)

static inline uint64_t fold(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return le64toh(word);
}

static inline uint64_t load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return le32toh(word);
}

uint64_t hash_octets(const void *data, size_t len, uint64_t key)
{
	const uint8_t *at = data;
	size_t left = len;
	uint64_t secret = fold(key ^ SALT_A, SALT_B);
	uint64_t state = fold(key ^ SALT_C, SALT_D ^ len);
	uint64_t a = 0;
	uint64_t b = 0;

	for (; left > 16; left -= 16, at += 16)
		state = fold(load64(at) ^ secret, load64(at + 8) ^ state);
	/* 1..16 octets are left, or none of an empty input; the two loads overlap instead of
	 * branching on each length. */
	if (left >= 8) {
		a = load64(at);
		b = load64(at + left - 8);
	} else if (left >= 4) {
		a = load32(at);
		b = load32(at + left - 4);
	} else if (left > 0) {
		a = (uint64_t)at[0] << 16 | (uint64_t)at[left / 2] << 8 | at[left - 1];
	}
	return fold(fold(a ^ secret, b ^ state) ^ SALT_A, secret ^ SALT_B);
}
