/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/lists/zonefile.h"

struct batch_maker {
	uint32_t count;
	uint32_t octets;
	uint8_t lengths[BATCH_NAMES];
	uint16_t orders[BATCH_NAMES];
	uint8_t octet[BATCH_NAMES * NAME_WIRE_MAX];
	uint32_t record_octets;
	uint32_t records[BATCH_NAMES]; /* where they are, +1; 0: none */
	uint8_t record[BATCH_RECORDS];
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

bool batch_maker_full(const struct batch_maker *maker)
{
	return maker->count == BATCH_NAMES ||
	       maker->record_octets + 2 + ZONEFILE_RECORDS_MAX > BATCH_RECORDS;
}

static void add_records(struct batch_maker *maker, struct view records)
{
	uint8_t *record = maker->record + maker->record_octets;

	maker->records[maker->count] = 0;
	if (records.text == NULL || maker->record_octets + 2 + records.len > BATCH_RECORDS)
		return;
	maker->records[maker->count] = maker->record_octets + 1;
	record[0] = (uint8_t)(records.len >> 8);
	record[1] = (uint8_t)records.len;
	memcpy(record + 2, records.text, records.len);
	maker->record_octets += 2 + (uint32_t)records.len;
}

uint32_t batch_maker_add(struct batch_maker *maker, const struct name *name, uint32_t order,
			 struct view records)
{
	assert(maker->count < BATCH_NAMES);
	add_records(maker, records);
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
	maker->record_octets = 0;
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
	batch = malloc(head + maker->octets + maker->record_octets);
	if (!batch)
		return NULL;
	arena = (uint8_t *)batch + head;
	*batch = (struct batch){.count = maker->count, .open = maker->count};
	batch->arena = arena;
	count_lengths(maker, next, offset);
	for (uint32_t i = 0; i < maker->count; i++) {
		uint8_t len = maker->lengths[i];

		batch->names[next[len]++] = (struct batch_name){
			.offset = offset[len],
			.wire_len = len,
			.order = maker->orders[i],
			.records =
				maker->records[i] != 0 ? maker->octets + maker->records[i] - 1 : 0};
		memcpy(arena + offset[len], from, len);
		offset[len] += len;
		from += len;
	}
	memcpy(arena + maker->octets, maker->record, maker->record_octets);
	batch_maker_clear(maker);
	return batch;
}
