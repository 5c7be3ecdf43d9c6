/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/random.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void refill(struct random *random)
{
	size_t have = 0;

	/* More than 256 octets may come in parts, or be interrupted by a signal: getrandom(2). */
	while (have < RANDOM_POOL) {
		ssize_t got = getrandom(random->pool + have, RANDOM_POOL - have, 0);

		if (got > 0) {
			have += (size_t)got;
		} else if (got == 0 || errno != EINTR) {
			perror("getrandom");
			abort();
		}
	}
	random->left = RANDOM_POOL;
}

/* What is left over at the end of the pool, too short for the number wanted, is thrown away. */
static void draw(struct random *random, void *out, uint32_t len)
{
	uint8_t *at;

	if (random->left < len)
		refill(random);
	at = random->pool + RANDOM_POOL - random->left;
	memcpy(out, at, len);
	memset(at, 0, len);
	random->left -= len;
}

uint16_t random_u16(struct random *random)
{
	uint16_t number;

	draw(random, &number, sizeof(number));
	return number;
}

uint32_t random_u32(struct random *random)
{
	uint32_t number;

	draw(random, &number, sizeof(number));
	return number;
}

uint64_t random_u64(struct random *random)
{
	uint64_t number;

	draw(random, &number, sizeof(number));
	return number;
}

/*
 * The upper half of number * limit is uniform, but for the few numbers that fall into the
 * incomplete last round (D. Lemire, Fast Random Integer Generation in an Interval, 2019): those are
 * drawn again.
 */
uint32_t random_below(struct random *random, uint32_t limit)
{
	uint64_t product;
	uint32_t unfair;

	assert(limit > 0);
	product = (uint64_t)random_u32(random) * limit;
	if ((uint32_t)product < limit) {
		unfair = -limit % limit; /* 2^32 mod limit */
		while ((uint32_t)product < unfair)
			product = (uint64_t)random_u32(random) * limit;
	}
	return (uint32_t)(product >> 32);
}
