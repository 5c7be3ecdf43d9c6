/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bench/answer/tally.h"

bool tally_want_rate(struct tally *tally, uint32_t addresses, int64_t start_ms)
{
	tally->rate = calloc(addresses, sizeof *tally->rate);
	if (!tally->rate)
		return false;
	tally->addresses = addresses;
	tally->start_ms = start_ms;
	/* Pages that nobody writes to cost nothing. */
	for (uint32_t i = 0; i < addresses; i++) {
		tally->rate[i] = calloc(TALLY_RATE_MAX_MS, sizeof **tally->rate);
		if (!tally->rate[i])
			return false;
	}
	return true;
}

void tally_arrival(struct tally *tally, uint32_t address, int64_t time_ms)
{
	int64_t bin = time_ms - tally->start_ms;

	if (bin >= 0 && bin < TALLY_RATE_MAX_MS)
		tally->rate[address][bin]++;
}

void tally_add(struct tally *sum, struct tally *one)
{
#define X(name) sum->name += one->name;
	TALLY_COUNTERS(X)
#undef X
	for (uint32_t i = 0; one->rate && i < one->addresses; i++)
		for (int64_t ms = 0; ms < TALLY_RATE_MAX_MS; ms++)
			if (one->rate[i][ms])
				sum->rate[i][ms] += one->rate[i][ms];
	tally_free(one);
}

void tally_free(struct tally *tally)
{
	for (uint32_t i = 0; tally->rate && i < tally->addresses; i++)
		free(tally->rate[i]);
	free(tally->rate);
	tally->rate = NULL;
}

void tally_print(const struct tally *tally, double user_s, double sys_s, FILE *out)
{
	fputc('{', out);
#define X(name) fprintf(out, "\"" #name "\": %" PRIu64 ", ", tally->name);
	TALLY_COUNTERS(X)
#undef X
	fprintf(out, "\"user_s\": %.3f, \"sys_s\": %.3f}\n", user_s, sys_s);
	fflush(out);
}

/* The lowest and the highest sum over `width` bins that begin in from..to-width; false when there
 * is no such window. */
static bool extremes(const uint32_t *bins, int64_t from, int64_t to, int64_t width, uint64_t *least,
		     uint64_t *most)
{
	uint64_t sum = 0;

	*least = UINT64_MAX;
	*most = 0;
	for (int64_t ms = from; ms < to; ms++) {
		sum += bins[ms];
		if (ms - from >= width)
			sum -= bins[ms - width];
		if (ms - from < width - 1)
			continue;
		*least = sum < *least ? sum : *least;
		*most = sum > *most ? sum : *most;
	}
	return *least != UINT64_MAX;
}

/*
 * The highest figures are over all windows, the lowest over those that lie between the first and
 * the last 250 ms: a scan that starts or runs out of names is not slow.
 */
static void print_rate_line(const uint32_t *bins, const char *name, FILE *out)
{
	int64_t first = 0, last = TALLY_RATE_MAX_MS - 1;
	uint64_t total = 0, low, high, high_10ms, unused;

	while (first < TALLY_RATE_MAX_MS && bins[first] == 0)
		first++;
	if (first == TALLY_RATE_MAX_MS)
		return;
	while (bins[last] == 0)
		last--;
	for (int64_t ms = first; ms <= last; ms++)
		total += bins[ms];
	fprintf(out, "%s\t%" PRIu64 "\t%.3f\t%.1f", name, total, (double)(last - first + 1) / 1000,
		(double)total * 1000 / (double)(last - first + 1));
	if (extremes(bins, first + 250, last - 250, 1000, &low, &unused) &&
	    extremes(bins, first, last + 1, 1000, &unused, &high))
		fprintf(out, "\t%" PRIu64 "\t%" PRIu64, low, high);
	else
		fputs("\t\t", out);
	if (extremes(bins, first, last + 1, 10, &unused, &high_10ms))
		fprintf(out, "\t%" PRIu64 "\n", high_10ms);
	else
		fputs("\t\n", out);
}

void tally_print_rate(const struct tally *tally, const char *(*name)(uint32_t), FILE *out)
{
	uint32_t *all = calloc(TALLY_RATE_MAX_MS, sizeof *all);

	fputs("address\tqueries\tseconds\tmean_1s\tleast_1s\tmost_1s\tmost_10ms\n", out);
	for (uint32_t i = 0; i < tally->addresses; i++) {
		print_rate_line(tally->rate[i], name(i), out);
		for (int64_t ms = 0; all && ms < TALLY_RATE_MAX_MS; ms++)
			all[ms] += tally->rate[i][ms];
	}
	if (all)
		print_rate_line(all, "all", out);
	free(all);
}

/* A Bloom filter: 2^29 bits (64 MiB), two of them a pair. */
#define ORDER_BITS 29

static _Atomic uint32_t *order_bits;

bool order_create(void)
{
	order_bits = calloc(1U << (ORDER_BITS - 5), sizeof *order_bits);
	return order_bits != NULL;
}

void order_destroy(void)
{
	free((void *)order_bits);
	order_bits = NULL;
}

static uint32_t order_place(uint64_t hash, int which, uint32_t *bit)
{
	uint32_t place = (uint32_t)(hash >> (which ? 35 : 3)) & ((1U << ORDER_BITS) - 1);

	*bit = 1U << (place & 31);
	return place >> 5;
}

void order_saw(uint64_t hash)
{
	for (int which = 0; which < 2; which++) {
		uint32_t bit, word = order_place(hash, which, &bit);

		if (!(atomic_load_explicit(&order_bits[word], memory_order_relaxed) & bit))
			atomic_fetch_or_explicit(&order_bits[word], bit, memory_order_relaxed);
	}
}

bool order_seen(uint64_t hash)
{
	for (int which = 0; which < 2; which++) {
		uint32_t bit, word = order_place(hash, which, &bit);

		if (!(atomic_load_explicit(&order_bits[word], memory_order_relaxed) & bit))
			return false;
	}
	return true;
}
