/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/seen.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "io/hash.h"

#define BUCKET_PRINTS 12

/* A fingerprint is split into 32 and 8 bits, so that the compiler can compare many at once. Low 0:
 * free. */
struct bucket {
	uint32_t low[BUCKET_PRINTS];
	uint8_t high[BUCKET_PRINTS];
	uint8_t count;
	uint8_t oldest; /* once the bucket is full */
	uint16_t unused;
};

_Static_assert(sizeof(struct bucket) == 64, "a bucket is a cache line");

struct seen {
	struct bucket *buckets;
	size_t mask;
	size_t octets;
	uint64_t key;
};

struct seen *seen_create(size_t octets, uint64_t key)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	assert(octets >= 2 * sizeof(struct bucket) && (octets & (octets - 1)) == 0);
	if (!seen)
		return NULL;
	seen->buckets =
		mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (seen->buckets == MAP_FAILED) {
		free(seen);
		return NULL;
	}
	/* Every look-up goes somewhere else: large pages spare it the page tables. Best effort. */
	(void)madvise(seen->buckets, octets, MADV_HUGEPAGE);
	seen->octets = octets;
	seen->mask = octets / sizeof(struct bucket) - 1;
	seen->key = key;
	return seen;
}

void seen_destroy(struct seen **seen)
{
	if (!*seen)
		return;
	munmap((*seen)->buckets, (*seen)->octets);
	free(*seen);
	*seen = NULL;
}

static bool holds(const struct bucket *bucket, uint32_t low, uint8_t high)
{
	unsigned found = 0;

	for (int i = 0; i < BUCKET_PRINTS; i++)
		found |= (bucket->low[i] == low) & (bucket->high[i] == high);
	return found;
}

static void put(struct bucket *bucket, uint32_t low, uint8_t high)
{
	unsigned at = bucket->count;

	if (at < BUCKET_PRINTS) {
		bucket->count++;
	} else {
		at = bucket->oldest;
		bucket->oldest = (uint8_t)((at + 1) % BUCKET_PRINTS);
	}
	bucket->low[at] = low;
	bucket->high[at] = high;
}

bool seen_before(struct seen *seen, const void *data, size_t len)
{
	uint64_t hash = hash_octets(data, len, seen->key);
	uint32_t low = (uint32_t)hash ? (uint32_t)hash : 1;
	uint8_t high = (uint8_t)(hash >> 32);
	/* 24 bits are left for the first bucket; the second one lies apart by a distance the
	 * fingerprint gives. */
	size_t first = (size_t)(hash >> 40) & seen->mask;
	size_t apart = (size_t)((hash & 0xffffffffff) * 0x9e3779b97f4a7c15 >> 32) & seen->mask;
	struct bucket *one = &seen->buckets[first];
	struct bucket *two = &seen->buckets[first ^ (apart ? apart : 1)];

	__builtin_prefetch(two);
	if (holds(one, low, high) || holds(two, low, high))
		return true;
	/* Of two full ones either may forget; a bit of the hash decides, so that both do. */
	if (one->count == two->count ? hash & 1 : two->count < one->count)
		one = two;
	put(one, low, high);
	return false;
}
