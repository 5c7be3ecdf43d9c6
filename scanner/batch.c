/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct batch_maker {
	uint32_t count;
	uint32_t octets;
	uint8_t lengths[BATCH_NAMES];
	uint16_t orders[BATCH_NAMES];
	uint8_t octet[BATCH_NAMES * NAME_WIRE_MAX];
};

void batch_destroy(struct batch **batch)
{
	if (*batch == NULL)
		return;
	cells_destroy(&(*batch)->done);
	cells_destroy(&(*batch)->late);
	free(*batch);
	*batch = NULL;
}

struct batch_maker *batch_maker_create(void)
{
	struct batch_maker *maker = malloc(sizeof(*maker));

	if (maker)
		batch_maker_clear(maker);
	return maker;
}

void batch_maker_destroy(struct batch_maker **maker)
{
	free(*maker);
	*maker = NULL;
}

uint32_t batch_maker_add(struct batch_maker *maker, const struct name *name, uint32_t order)
{
	assert(maker->count < BATCH_NAMES);
	memcpy(maker->octet + maker->octets, name->wire, name->wire_len);
	maker->octets += name->wire_len;
	maker->orders[maker->count] = (uint16_t)order;
	maker->lengths[maker->count++] = name->wire_len;
	return maker->count;
}

uint32_t batch_maker_count(const struct batch_maker *maker)
{
	return maker->count;
}

void batch_maker_clear(struct batch_maker *maker)
{
	maker->count = 0;
	maker->octets = 0;
}

/* Where the names of each length begin: a counting sort needs one pass to count and one to place.
 */
static void count_lengths(const struct batch_maker *maker, uint32_t next[256], uint32_t offset[256])
{
	uint32_t names = 0, octets = 0;
	uint32_t counts[256] = {0};

	for (uint32_t i = 0; i < maker->count; i++)
		counts[maker->lengths[i]]++;
	for (uint32_t len = 0; len < 256; len++) {
		next[len] = names;
		offset[len] = octets;
		names += counts[len];
		octets += counts[len] * len;
	}
}

struct batch *batch_maker_take(struct batch_maker *maker)
{
	size_t head = sizeof(struct batch) + maker->count * sizeof(struct batch_name);
	const uint8_t *from = maker->octet;
	uint32_t next[256], offset[256];
	struct batch *batch;
	uint8_t *arena;

	assert(maker->count > 0);
	batch = malloc(head + maker->octets);
	if (!batch)
		return NULL;
	arena = (uint8_t *)batch + head;
	*batch = (struct batch){.count = maker->count, .open = maker->count};
	batch->arena = arena;
	count_lengths(maker, next, offset);
	for (uint32_t i = 0; i < maker->count; i++) {
		uint8_t len = maker->lengths[i];

		batch->names[next[len]++] =
			(struct batch_name){.offset = offset[len], .wire_len = len, .order = maker->orders[i]};
		memcpy(arena + offset[len], from, len);
		offset[len] += len;
		from += len;
	}
	batch_maker_clear(maker);
	return batch;
}
