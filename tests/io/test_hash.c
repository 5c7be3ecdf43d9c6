/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define LONGEST 80

/* The same numbers for ever and on every machine: shards and samples of old runs depend on them. */
static void test_stable(void)
{
	ok(hash_octets("", 0, 0) == UINT64_C(0xea280f25d4ac9e3c), "empty");
	ok(hash_octets("example.org", 11, 1) == UINT64_C(0xeba1a3e26e7f6a0f), "a name");
	ok(hash_octets("a-name-of-more-than-sixteen.example", 35, 1) ==
		   UINT64_C(0x950c7db578139607),
	   "long");
}

static void fill(uint8_t *data, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		data[i] = (uint8_t)(seed >> 16);
	}
}

/*
 * Each input (or key) bit flips each output bit in half of all cases. With TRIALS of them the share
 * of flips has a standard deviation of 0.5 / sqrt(TRIALS) = 0.8 %; over the 64 * 8 * len pairs 5 of
 * these are never passed by chance.
 */
#define TRIALS 4096
static double worst_bias(size_t len, unsigned bit, bool in_key)
{
	static int flips[64];
	double worst = 0;

	memset(flips, 0, sizeof(flips));
	for (unsigned trial = 0; trial < TRIALS; trial++) {
		uint8_t data[LONGEST];
		uint64_t key = trial * UINT64_C(0x100000001b3);
		uint64_t before, change;

		fill(data, len, trial);
		before = hash_octets(data, len, key);
		if (in_key)
			key ^= UINT64_C(1) << bit;
		else
			data[bit / 8] = (uint8_t)(data[bit / 8] ^ 1u << bit % 8);
		change = before ^ hash_octets(data, len, key);
		for (int out = 0; out < 64; out++)
			flips[out] += (int)(change >> out & 1);
	}
	for (int out = 0; out < 64; out++) {
		double bias = (double)flips[out] / TRIALS - 0.5;

		if (bias < 0)
			bias = -bias;
		if (bias > worst)
			worst = bias;
	}
	return worst;
}

static void test_avalanche(void)
{
	static const size_t lens[] = {1, 3, 4, 7, 8, 13, 16, 17, 31, 40};

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		double worst = 0;

		for (unsigned bit = 0; bit < 8 * lens[i]; bit++) {
			double bias = worst_bias(lens[i], bit, false);

			worst = bias > worst ? bias : worst;
		}
		ok(worst < 0.045, "avalanche, %zu octets: worst bias %.3f", lens[i], worst);
	}
	for (size_t len = 0; len <= 20; len += 10) {
		double worst = 0;

		for (unsigned bit = 0; bit < 64; bit++) {
			double bias = worst_bias(len, bit, true);

			worst = bias > worst ? bias : worst;
		}
		ok(worst < 0.045, "avalanche of the key, %zu octets: worst bias %.3f", len, worst);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Names that differ in a counter only: no two alike, buckets as even as chance makes them at both
 * ends of the word. */
static void test_distribution(void)
{
	enum { NAMES = 1 << 20, BUCKETS = 1 << 10 };
	uint64_t *hashes = malloc(NAMES * sizeof(*hashes));
	static unsigned low[BUCKETS], high[BUCKETS];
	double expected = (double)NAMES / BUCKETS;
	double chi_low = 0;
	double chi_high = 0;
	int alike = 0;

	if (!hashes)
		abort();
	for (unsigned i = 0; i < NAMES; i++) {
		char name[40];
		int len = snprintf(name, sizeof(name), "n%07u.example", i);

		hashes[i] = hash_octets(name, (size_t)len, 42);
		low[hashes[i] % BUCKETS]++;
		high[hashes[i] >> 54]++;
	}
	for (int i = 0; i < BUCKETS; i++) {
		chi_low += (low[i] - expected) * (low[i] - expected) / expected;
		chi_high += (high[i] - expected) * (high[i] - expected) / expected;
	}
	/* chi-squared with 1023 degrees of freedom: mean 1023, standard deviation 45. */
	ok(chi_low > 798 && chi_low < 1248, "low bits are even: chi-squared %.0f", chi_low);
	ok(chi_high > 798 && chi_high < 1248, "high bits are even: chi-squared %.0f", chi_high);
	qsort(hashes, NAMES, sizeof(*hashes), compare);
	for (int i = 1; i < NAMES; i++)
		alike += hashes[i] == hashes[i - 1];
	is_int(alike, 0, "no collision among a million names");
	free(hashes);
}

/* Every octet and the length count, also across the borders between the ways of loading. */
static void test_every_octet(void)
{
	int missed = 0;
	int same_len = 0;
	int outside = 0;

	for (size_t len = 0; len < LONGEST; len++) {
		uint8_t data[LONGEST + 1] = {0};
		uint64_t hash = hash_octets(data, len, 7);

		same_len += hash == hash_octets(data, len + 1, 7);
		for (size_t i = 0; i < len; i++) {
			data[i] = 1;
			missed += hash_octets(data, len, 7) == hash;
			data[i] = 0;
		}
		data[len] = 1;
		outside += hash_octets(data, len, 7) != hash;
	}
	is_int(missed, 0, "every octet counts");
	is_int(same_len, 0, "the length counts");
	is_int(outside, 0, "nothing beyond the end counts");
	ok(hash_octets("x", 1, 1) != hash_octets("x", 1, 2), "the key counts");
}

int main(void)
{
	test_stable();
	test_every_octet();
	test_avalanche();
	test_distribution();
	return done_testing();
}
