/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * pace -- a rate limit shared by threads: a token bucket kept as the time at which it would be
 * empty (GCRA).
 *
 * Threads  any number; one atomic compare-and-swap per call, so take a batch of tokens, not one.
 * Limits   never lets out more than PACE_BURST_NS' worth at once; the rate holds over any second
 *          within 1 %.
 * Time     passed in, monotonic nanoseconds.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define PACE_BURST_NS 9500000LL

struct pace {
	_Alignas(64) _Atomic int64_t
		due; /* in 1/1024 ns since start_ns: when all tokens taken so far are paid for */
	_Atomic int64_t cost; /* 1/1024 ns a token; 0: no limit */
	int64_t start_ns;
};

/* rate: tokens a second, 0: no limit. */
void pace_init(struct pace *pace, double rate, int64_t now_ns);
void pace_set_rate(struct pace *pace, double rate);
/* Up to `want` tokens; how many were there. pace may be NULL: no limit. */
uint32_t pace_take(struct pace *pace, uint32_t want, int64_t now_ns);
/* Takes tokens that may not be there: whoever comes next waits for it. */
void pace_charge(struct pace *pace, uint32_t tokens);
/* How many tokens come in that time; UINT32_MAX: any number. */
uint32_t pace_within(const struct pace *pace, int64_t ns);
/* Gives back tokens that were not used. */
void pace_return(struct pace *pace, uint32_t tokens);
