/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Zones and names come with their labels reversed, so all below a zone follows it: a walk through
 * the tree with the way from the root to here in hand.
 */
#include "results/sort/shared-inside.h"

#include <errno.h>
#include <string.h>

#define LEVELS_MAX 258 /* a name's labels, were all of them empty */
/* Ways kept of one zone: nearly all names below fail so, or it does itself (for each type). */
#define WAYS_MAX 8

struct way {
	uint64_t way, alike, itself;
};

/* A zone on the way from the root. */
struct level {
	size_t len;	 /* of the path that is its name */
	unsigned labels; /* of these */
	uint64_t below, alive_below, alive_itself, unclean_below;
	struct way ways[WAYS_MAX + 1]; /* the last one may still be counted */
	unsigned way_count;
};

struct walk {
	struct shared *shared;
	char path[RECORD_KEY_MAX];
	struct level level[LEVELS_MAX];
	unsigned depth;
};

static unsigned count_labels(const char *key, size_t len)
{
	unsigned labels = 0;

	for (size_t i = 0; i < len; i++)
		labels += key[i] == '\0';
	return labels;
}

/* Leaves what the key does not lie below (or is). */
static void leave(struct walk *walk, const char *key, size_t len)
{
	while (walk->depth > 0) {
		const struct level *level = &walk->level[walk->depth - 1];

		if (level->len <= len && memcmp(walk->path, key, level->len) == 0)
			break;
		walk->depth--;
	}
}

static struct level *enter(struct walk *walk, const char *key, size_t len)
{
	struct level *level;

	leave(walk, key, len);
	if (walk->depth > 0 && walk->level[walk->depth - 1].len == len)
		return &walk->level[walk->depth - 1];
	if (walk->depth == LEVELS_MAX) /* cannot be: each is longer than the one above */
		return &walk->level[LEVELS_MAX - 1];
	memcpy(walk->path, key, len);
	level = &walk->level[walk->depth++];
	level->len = len;
	level->labels = count_labels(key, len);
	level->below = level->alive_below = level->alive_itself = level->unclean_below = 0;
	level->way_count = 0;
	return level;
}

/* Is the zone to blame for what fails so below it? */
static bool is_blamed(const struct level *level, const struct way *way)
{
	return way->itself > 0 ||
	       (level->below >= SHARED_MIN && way->alike * 100 >= level->below * SHARED_SHARE);
}

static void take_way(struct level *level, uint64_t number, uint64_t alike, uint64_t itself)
{
	struct way *last = level->way_count ? &level->ways[level->way_count - 1] : NULL;

	if (!last || last->way != number) {
		/* the one before is complete */
		if (last && (!is_blamed(level, last) || level->way_count > WAYS_MAX))
			level->way_count--;
		last = &level->ways[level->way_count++];
		*last = (struct way){.way = number};
	}
	last->alike += alike;
	last->itself += itself;
}

static void take_counts(struct walk *walk, const struct record *record)
{
	const char *p = record->payload, *end = p + record->payload_len;
	uint64_t number[4] = {0}, way;
	struct level *level;
	char kind = *p++;

	for (size_t i = 0; i < 4 && p && p < end; i++)
		p = varint_get(p, end, &number[i]);
	if (kind == SHARED_WAY) {
		size_t len = record->key_len - SHARED_WAY_TAIL;

		memcpy(&way, record->key + len + 1, sizeof(way));
		take_way(enter(walk, record->key, len), way, number[0], number[1]);
		return;
	}
	level = enter(walk, record->key, record->key_len);
	level->below += number[0];
	level->alive_below += number[1];
	level->alive_itself += number[2];
	level->unclean_below += number[3];
}

static bool blames(const struct level *level, uint64_t number)
{
	for (unsigned i = 0; i < level->way_count; i++)
		if (level->ways[i].way == number)
			return is_blamed(level, &level->ways[i]);
	return false;
}

static int give_answer(struct walk *walk, const struct record *record)
{
	char answer[3] = {0};
	struct record put = {.payload = answer, .payload_len = sizeof(answer)};
	uint64_t way;

	memcpy(&way, record->payload, sizeof(way));
	put.key = record->payload + sizeof(way);
	put.key_len = record->payload_len - sizeof(way);
	leave(walk, record->key, record->key_len);
	for (unsigned i = 0; i < walk->depth; i++) {
		const struct level *level = &walk->level[i];

		if (level->len == record->key_len) { /* itself */
			answer[2] = level->alive_below > 0 && level->unclean_below > 0;
			break;
		}
		if (way && !answer[0] && blames(level, way))
			answer[0] = (char)level->labels;
		if (level->alive_below + level->alive_itself > 0)
			answer[1] = (char)level->labels;
	}
	return sorter_put(walk->shared->answers, 0, &put);
}

static int next(struct sorter *sorter, struct record *record)
{
	unsigned source;

	return sorter_next(sorter, record, &source);
}

int shared_walk(struct shared *shared)
{
	static _Thread_local struct walk walk; /* too large for a stack */
	struct record counts, asking;
	int more = next(shared->counts, &counts), asks = next(shared->asking, &asking), error = 0;

	walk.shared = shared;
	walk.depth = 0;
	while (asks > 0 && more >= 0 && !error) {
		if (more > 0 && record_compare(&counts, &asking) <= 0) {
			take_counts(&walk, &counts);
			more = next(shared->counts, &counts);
		} else {
			error = give_answer(&walk, &asking);
			asks = next(shared->asking, &asking);
		}
	}
	return error ? error : asks < 0 ? asks : more < 0 ? more : 0;
}
