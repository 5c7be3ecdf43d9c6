/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/pace.h"

#include <stddef.h>

/* Fractions of a nanosecond, so that odd rates do not drift: 1/1024 ns lasts for 104 days in 63
 * bits. */
#define FINE 1024

void pace_init(struct pace *pace, double rate, int64_t now_ns)
{
	pace->start_ns = now_ns;
	atomic_init(&pace->due, 0);
	atomic_init(&pace->cost, 0);
	pace_set_rate(pace, rate);
}

void pace_set_rate(struct pace *pace, double rate)
{
	int64_t cost = rate > 0 ? (int64_t)(1e9 * FINE / rate + 0.5) : 0;

	atomic_store_explicit(&pace->cost, rate > 0 && cost == 0 ? 1 : cost, memory_order_relaxed);
}

/*
 * `due` is when the bucket would be empty if nobody took more. It never lags more than the burst
 * behind now, so an idle limiter saves up no more than that; and at least one token fits however
 * slow the rate.
 */
uint32_t pace_take(struct pace *pace, uint32_t want, int64_t now_ns)
{
	int64_t cost, now, burst, due, from, tokens;

	if (pace == NULL || want == 0)
		return want;
	cost = atomic_load_explicit(&pace->cost, memory_order_relaxed);
	if (cost == 0)
		return want;
	now = (now_ns - pace->start_ns) * FINE;
	burst = PACE_BURST_NS * FINE;
	if (burst < cost)
		burst = cost;
	due = atomic_load_explicit(&pace->due, memory_order_relaxed);
	do {
		from = due > now - burst ? due : now - burst;
		tokens = from < now ? (now - from) / cost : 0;
		if (tokens <= 0)
			return 0;
		if (tokens > want)
			tokens = want;
	} while (!atomic_compare_exchange_weak_explicit(&pace->due, &due, from + tokens * cost,
							memory_order_relaxed,
							memory_order_relaxed));
	return (uint32_t)tokens;
}

/* Tokens, negative when they are given back, are time added. */
static void add(struct pace *pace, int64_t tokens)
{
	if (pace != NULL && tokens != 0)
		atomic_fetch_add_explicit(
			&pace->due,
			tokens * atomic_load_explicit(&pace->cost, memory_order_relaxed),
			memory_order_relaxed);
}

void pace_return(struct pace *pace, uint32_t tokens)
{
	add(pace, -(int64_t)tokens);
}

void pace_charge(struct pace *pace, uint32_t tokens)
{
	add(pace, tokens);
}

uint32_t pace_within(const struct pace *pace, int64_t ns)
{
	int64_t cost = pace == NULL ? 0 : atomic_load_explicit(&pace->cost, memory_order_relaxed);
	int64_t tokens = cost == 0 ? UINT32_MAX : ns * FINE / cost;

	return tokens < UINT32_MAX ? (uint32_t)tokens : UINT32_MAX;
}
