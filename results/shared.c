/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/shared.h"

#include <stdlib.h>
#include <string.h>

#include "io/hash.h"
#include "results/counts.h"

/* Numbers of a suffix. The way that most fail in is found by majority vote (Boyer and Moore), then
 * counted. */
enum {
	WAY,	/* candidate */
	VOTES,	/* its surplus */
	BELOW,	/* names scanned below the suffix */
	ALIKE,	/* of these, fail in that way */
	ITSELF, /* the way in which the suffix itself fails; 0: it does not, or was not scanned */
	ALIVE,	/* names below it, or it itself, that resolve somewhere */
	WIDTH
};

struct shared {
	struct counts *suffixes;
	uint64_t alive; /* names that resolve somewhere */
};

struct shared *shared_create(void)
{
	struct shared *shared = calloc(1, sizeof(*shared));

	if (shared && !(shared->suffixes = counts_create(WIDTH)))
		shared_destroy(&shared);
	return shared;
}

void shared_destroy(struct shared **shared)
{
	if (!*shared)
		return;
	if ((*shared)->suffixes)
		counts_destroy(&(*shared)->suffixes);
	free(*shared);
	*shared = NULL;
}

uint64_t shared_way(const struct opinion *opinions, size_t count)
{
	uint64_t way = 0;

	for (size_t i = 0; i < count; i++) {
		const struct opinion *o = &opinions[i];
		uint64_t facts[4 + ROW_EDE_MAX] = {way, o->resolver->identity, o->kind};

		if (o->kind == OPINION_NONE || o->kind == OPINION_EXEMPT ||
		    (o->kind == OPINION_OK && o->blind))
			continue;
		if (o->kind < OPINION_POLICY || o->kind >= OPINION_RECOVERED || !o->row)
			return 0;
		for (unsigned j = 0; j < o->row->normal.ede_count; j++)
			facts[4 + j] = o->row->normal.ede[j] + 1U;
		way = hash_octets(facts, sizeof(facts), 0) | 1;
	}
	return way;
}

/* The name without its first label; false at the top. */
static bool up(struct view *name)
{
	const char *dot = memchr(name->text, '.', name->len);

	if (!dot || (size_t)(dot - name->text) + 1 == name->len)
		return false;
	*name = (struct view){dot + 1, (size_t)(name->text + name->len - dot - 1)};
	return true;
}

bool shared_note(struct shared *shared, struct view name, uint64_t way)
{
	for (struct view zone = name; up(&zone);) {
		struct counts_item *item = counts_at(shared->suffixes, zone);

		if (!item)
			return false;
		if (item->number[WAY] == way) {
			item->number[VOTES]++;
		} else if (item->number[VOTES] > 0) {
			item->number[VOTES]--;
		} else {
			item->number[WAY] = way;
			item->number[VOTES] = 1;
		}
	}
	return true;
}

void shared_count(struct shared *shared, struct view name, uint64_t way, bool resolves)
{
	struct counts_item *item = counts_find(shared->suffixes, name);

	shared->alive += resolves;
	if (item && way)
		item->number[ITSELF] = way;
	if (item)
		item->number[ALIVE] += resolves;
	for (struct view zone = name; up(&zone);) {
		item = counts_find(shared->suffixes, zone);
		if (!item)
			continue;
		item->number[BELOW]++;
		item->number[ALIVE] += resolves;
		item->number[ALIKE] += way && item->number[WAY] == way;
	}
}

struct view shared_zone(const struct shared *shared, struct view name, uint64_t way)
{
	struct view found = {NULL, 0};

	for (struct view zone = name; way && up(&zone);) {
		const struct counts_item *item = counts_find(shared->suffixes, zone);

		if (!item)
			continue;
		if (item->number[ITSELF] == way ||
		    (item->number[WAY] == way && item->number[BELOW] >= SHARED_MIN &&
		     item->number[ALIKE] * 100 >= item->number[BELOW] * SHARED_SHARE))
			found = zone;
	}
	return found;
}

struct view shared_alive(const struct shared *shared, struct view name)
{
	for (struct view zone = name; up(&zone);) {
		const struct counts_item *item = counts_find(shared->suffixes, zone);

		if (item && item->number[ALIVE] > 0)
			return zone;
	}
	return shared->alive > 0 ? (struct view){".", 1} : (struct view){NULL, 0};
}

bool shared_alive_below(const struct shared *shared, struct view name)
{
	const struct counts_item *item = counts_find(shared->suffixes, name);

	return item && item->number[ALIVE] > 0;
}
