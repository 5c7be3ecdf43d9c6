/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/random.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void random_refill(struct random *random)
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
