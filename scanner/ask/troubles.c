/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/troubles.h"

#include <stdlib.h>
#include <string.h>

struct record {
	/* from << 32 | until; 0: empty. One value each, so that none is ever seen half. */
	_Atomic uint64_t times[TROUBLES_KEPT];
	uint32_t latest;    /* the writer's */
	uint64_t before_ms; /* of those that have made room */
};

struct troubles {
	_Alignas(64) _Atomic uint32_t known_ms;
	_Alignas(64) size_t count;
	struct record *records;
};

struct troubles *troubles_create(size_t resolvers)
{
	struct troubles *troubles = aligned_alloc(_Alignof(struct troubles), sizeof(*troubles));

	if (troubles == NULL)
		return NULL;
	memset(troubles, 0, sizeof(*troubles));
	troubles->count = resolvers;
	troubles->records = calloc(resolvers, sizeof(*troubles->records));
	if (troubles->records == NULL)
		troubles_destroy(&troubles);
	return troubles;
}

void troubles_destroy(struct troubles **troubles)
{
	if (*troubles == NULL)
		return;
	free((*troubles)->records);
	free(*troubles);
	*troubles = NULL;
}

static uint32_t from_of(uint64_t times)
{
	return (uint32_t)(times >> 32);
}

static uint32_t until_of(uint64_t times)
{
	return (uint32_t)times;
}

static uint64_t length_of(uint64_t times)
{
	return until_of(times) - from_of(times);
}

void troubles_add(struct troubles *troubles, size_t resolver, uint32_t from_ms, uint32_t until_ms)
{
	struct record *record = &troubles->records[resolver];
	uint64_t times = atomic_load_explicit(&record->times[record->latest], memory_order_relaxed);

	if (times != 0 && from_ms <= until_of(times) + TROUBLES_GAP_MS) {
		from_ms = from_ms < from_of(times) ? from_ms : from_of(times);
		until_ms = until_ms > until_of(times) ? until_ms : until_of(times);
	} else if (times != 0) {
		record->latest = (record->latest + 1) % TROUBLES_KEPT;
		record->before_ms += length_of(
			atomic_load_explicit(&record->times[record->latest], memory_order_relaxed));
	}
	atomic_store_explicit(&record->times[record->latest], (uint64_t)from_ms << 32 | until_ms,
			      memory_order_relaxed);
}

void troubles_are_known(struct troubles *troubles, uint32_t until_ms)
{
	atomic_store_explicit(&troubles->known_ms, until_ms, memory_order_release);
}

uint64_t troubles_total_ms(const struct troubles *troubles, size_t resolver)
{
	const struct record *record = &troubles->records[resolver];
	uint64_t total = record->before_ms;

	for (int i = 0; i < TROUBLES_KEPT; i++)
		total += length_of(atomic_load_explicit(&record->times[i], memory_order_relaxed));
	return total;
}

enum trouble troubles_between(const struct troubles *troubles, size_t resolver, uint32_t from_ms,
			      uint32_t until_ms)
{
	const struct record *record = &troubles->records[resolver];

	if (until_ms >= atomic_load_explicit(&troubles->known_ms, memory_order_acquire))
		return TROUBLE_NOT_KNOWN;
	for (int i = 0; i < TROUBLES_KEPT; i++) {
		uint64_t times = atomic_load_explicit(&record->times[i], memory_order_relaxed);

		if (times != 0 && from_of(times) <= until_ms && until_of(times) >= from_ms)
			return TROUBLE_SOME;
	}
	return TROUBLE_NONE;
}
