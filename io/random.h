/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * random -- unpredictable numbers out of the kernel (getrandom), a pool at a time.
 *
 * Owner    one thread; no lock. Not across fork(): both sides would draw the same numbers.
 * Errors   none: a kernel that has no randomness to give ends the program (abort): query IDs and
 *          ports that can be guessed are worse than none (RFC 5452).
 */
#pragma once

#include <stdint.h>
#include <string.h>

#define RANDOM_POOL 4096

struct random {
	uint32_t left; /* octets not yet used, at the end of pool */
	uint8_t pool[RANDOM_POOL];
};

/* Starts empty: the first call fills it. */
#define RANDOM_INIT                                                                                \
	{                                                                                          \
		.left = 0                                                                          \
	}

/* Fills the pool anew. */
void random_refill(struct random *random);

/* What is left over at the end of the pool, too short for the number wanted, is thrown away. Inline:
 * one is drawn for each query. */
static inline void random_draw(struct random *random, void *out, uint32_t len)
{
	uint8_t *at;

	if (random->left < len)
		random_refill(random);
	at = random->pool + RANDOM_POOL - random->left;
	memcpy(out, at, len);
	memset(at, 0, len);
	random->left -= len;
}

static inline uint16_t random_u16(struct random *random)
{
	uint16_t number;

	random_draw(random, &number, sizeof(number));
	return number;
}

static inline uint32_t random_u32(struct random *random)
{
	uint32_t number;

	random_draw(random, &number, sizeof(number));
	return number;
}

static inline uint64_t random_u64(struct random *random)
{
	uint64_t number;

	random_draw(random, &number, sizeof(number));
	return number;
}

/* Uniform in 0..limit-1; limit at least 1. */
uint32_t random_below(struct random *random, uint32_t limit);
