/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/assign.h"

#include <assert.h>

#include "io/hash.h"

/* So many draws for each; where nearly all are out, the next one after the last draw is as good. */
#define DRAWS 32

/* splitmix64 (Steele, Lea, Flood 2014): a sequence out of one hash. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static bool has(const int32_t *picked, unsigned count, int32_t resolver)
{
	for (unsigned i = 0; i < count; i++)
		if (picked[i] == resolver)
			return true;
	return false;
}

static int32_t draw(const struct assign *assign, uint64_t *state, int32_t gone,
		    const int32_t *picked, unsigned count)
{
	uint32_t at = 0;

	for (unsigned tries = 0; tries < DRAWS; tries++) {
		at = (uint32_t)((next_random(state) >> 32) * assign->resolvers >> 32);
		if (((int32_t)at == gone || !assign->out[at]) && !has(picked, count, (int32_t)at))
			return (int32_t)at;
	}
	for (uint32_t i = 0; i < assign->resolvers; i++, at = (at + 1) % assign->resolvers)
		if (((int32_t)at == gone || !assign->out[at]) && !has(picked, count, (int32_t)at))
			return (int32_t)at;
	return -1;
}

/* gone: one that is out and counts all the same; -1: nobody. */
static unsigned pick(const struct assign *assign, const uint8_t *qname, size_t len, unsigned count,
		     int32_t gone, int32_t *picked)
{
	uint64_t state = hash_octets(qname, len, assign->seed ^ 0x61737369676eu);
	unsigned found = 0;

	assert(count <= ASSIGN_MAX);
	while (found < count && (picked[found] = draw(assign, &state, gone, picked, found)) >= 0)
		found++;
	return found;
}

unsigned assign_pick(const struct assign *assign, const uint8_t *qname, size_t len, unsigned count,
		     int32_t *picked)
{
	return pick(assign, qname, len, count, -1, picked);
}

int32_t assign_instead(const struct assign *assign, const uint8_t *qname, size_t len,
		       unsigned count, int32_t out)
{
	int32_t before[ASSIGN_MAX], now[ASSIGN_MAX];
	unsigned had = pick(assign, qname, len, count, out, before),
		 has_now = pick(assign, qname, len, count, -1, now);

	for (unsigned i = 0; i < has_now; i++)
		if (!has(before, had, now[i]))
			return now[i];
	return -1;
}
