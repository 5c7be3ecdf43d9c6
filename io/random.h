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

uint16_t random_u16(struct random *random);
uint32_t random_u32(struct random *random);
uint64_t random_u64(struct random *random);
/* Uniform in 0..limit-1; limit at least 1. */
uint32_t random_below(struct random *random, uint32_t limit);
