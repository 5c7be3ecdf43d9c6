/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/units.h"

#include <errno.h>
#include <string.h>

/* Before the octets of a record in a unit. */
struct head {
	uint32_t payload_len, source;
	uint16_t key_len;
};

void units_init(struct units *units, struct sorter *sorter)
{
	*units = (struct units){.sorter = sorter};
	pthread_mutex_init(&units->lock, NULL);
}

void units_clear(struct units *units)
{
	pthread_mutex_destroy(&units->lock);
}

static int hold_next(struct units *units)
{
	int got = units->held;

	while (!units->held &&
	       (got = sorter_next(units->sorter, &units->record, &units->source)) > 0)
		units->held = units->record.key_len > 0; /* a head is about no question */
	return got;
}

static bool add(struct unit *unit, const struct record *record, unsigned source)
{
	struct head head = {(uint32_t)record->payload_len, source, (uint16_t)record->key_len};
	char *p;

	if (!buf_reserve(&unit->records, sizeof(head) + record->key_len + record->payload_len))
		return false;
	p = unit->records.data + unit->records.len;
	memcpy(p, &head, sizeof(head));
	memcpy(p + sizeof(head), record->key, record->key_len);
	if (record->payload_len)
		memcpy(p + sizeof(head) + record->key_len, record->payload, record->payload_len);
	unit->records.len += sizeof(head) + record->key_len + record->payload_len;
	return true;
}

static bool same_key(const struct record *a, const struct record *b)
{
	return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* last: where the last record added lies. Its key is that of the question that must not be cut. */
static bool goes_on(const struct units *units, struct unit *unit, size_t last)
{
	struct unit behind = {.records = unit->records, .at = last};
	struct record record;
	unsigned source;

	return unit_peek(&behind, &record, &source) && same_key(&record, &units->record);
}

static int accompany(struct units *units, const struct record *record, struct unit *unit)
{
	int more = units->accompany ? units->accompany(units->owner, record, &unit->with) : 0;

	return unit->with.failed ? -ENOMEM : more;
}

static int take(struct units *units, struct unit *unit)
{
	size_t last = 0;
	int got = 0, more = 0;
	bool any;

	while ((got = hold_next(units)) > 0) {
		if (unit->records.len >= UNITS_OCTETS && !goes_on(units, unit, last))
			break;
		more = accompany(units, &units->record, unit);
		if (more)
			break;
		last = unit->records.len;
		if (!add(unit, &units->record, units->source))
			return -ENOMEM;
		units->held = false;
	}
	if (got == 0)
		more = accompany(units, NULL, unit);
	if (got < 0 || more < 0)
		return got < 0 ? got : more;
	any = unit->records.len > 0 || unit->with.len > 0;
	unit->turn = units->turn;
	units->turn += any;
	return any;
}

int units_take(struct units *units, struct unit *unit)
{
	int got;

	buf_clear(&unit->records);
	buf_clear(&unit->with);
	unit->at = unit->with_at = 0;
	pthread_mutex_lock(&units->lock);
	got = take(units, unit);
	pthread_mutex_unlock(&units->lock);
	return got;
}

bool unit_peek(const struct unit *unit, struct record *record, unsigned *source)
{
	const char *p = unit->records.data + unit->at;
	struct head head;

	if (unit->at >= unit->records.len)
		return false;
	memcpy(&head, p, sizeof(head));
	p += sizeof(head);
	*record = (struct record){p, p + head.key_len, head.key_len, head.payload_len};
	*source = head.source;
	return true;
}

bool unit_next(struct unit *unit, struct record *record, unsigned *source)
{
	if (!unit_peek(unit, record, source))
		return false;
	unit->at += sizeof(struct head) + record->key_len + record->payload_len;
	return true;
}

void unit_free(struct unit *unit)
{
	buf_free(&unit->records);
	buf_free(&unit->with);
}
