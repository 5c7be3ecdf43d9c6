/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/counts.h"

#include <stdlib.h>
#include <string.h>

#include "io/hash.h"

/* What malloc() takes beside what it gives. */
#define MALLOC_OCTETS 16

/* The hash tells nearly always that an item is another one, without a look at it. */
struct slot {
	uint64_t hash;
	struct counts_item *item; /* NULL: empty */
};

struct counts {
	size_t width, size, octets; /* octets: of all items */
	size_t slots;		    /* a power of two, at least twice the size */
	struct slot *slot;
	struct counts_item *last; /* what counts_at() gave last; NULL: it is gone */
	bool unlisted;
};

struct counts *counts_create(size_t width)
{
	struct counts *counts = calloc(1, sizeof(*counts));

	if (!counts)
		return NULL;
	counts->width = width;
	counts->slots = 64;
	counts->slot = calloc(counts->slots, sizeof(*counts->slot));
	if (!counts->slot) {
		free(counts);
		return NULL;
	}
	return counts;
}

void counts_destroy(struct counts **counts)
{
	if (!*counts)
		return;
	for (size_t i = 0; i < (*counts)->slots; i++)
		free((*counts)->slot[i].item);
	free((*counts)->slot);
	free(*counts);
	*counts = NULL;
}

size_t counts_size(const struct counts *counts)
{
	return counts->size;
}

static uint64_t hash_of(struct view key)
{
	return hash_octets(key.text, key.len, 0);
}

/* The slot that holds the key, or the empty one where it would go. */
static struct slot *place(struct slot *slot, size_t slots, struct view key, uint64_t hash)
{
	size_t i = hash & (slots - 1);

	while (slot[i].item && !(slot[i].hash == hash && view_equal(slot[i].item->key, key)))
		i = (i + 1) & (slots - 1);
	return &slot[i];
}

static bool grow(struct counts *counts)
{
	size_t slots = counts->slots * 2;
	struct slot *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return false;
	for (size_t i = 0; i < counts->slots; i++)
		if (counts->slot[i].item)
			*place(slot, slots, counts->slot[i].item->key, counts->slot[i].hash) =
				counts->slot[i];
	free(counts->slot);
	counts->slot = slot;
	counts->slots = slots;
	return true;
}

struct counts_item *counts_find(const struct counts *counts, struct view key)
{
	return place(counts->slot, counts->slots, key, hash_of(key))->item;
}

/* One that was not there, with zeros. */
static struct counts_item *add(struct counts *counts, struct view key, uint64_t hash)
{
	size_t numbers = counts->width * sizeof(uint64_t);
	struct counts_item *item;
	char *text;

	if (counts->size * 2 >= counts->slots && !grow(counts))
		return NULL;
	item = calloc(1, sizeof(*item) + numbers + key.len + 1);
	if (!item)
		return NULL;
	text = (char *)item + sizeof(*item) + numbers;
	if (key.len)
		memcpy(text, key.text, key.len);
	item->key = (struct view){text, key.len};
	*place(counts->slot, counts->slots, key, hash) = (struct slot){hash, item};
	counts->size++;
	counts->octets += sizeof(*item) + numbers + key.len + 1 + MALLOC_OCTETS;
	return item;
}

static struct counts_item *at(struct counts *counts, struct view key, uint64_t hash)
{
	struct counts_item *item = place(counts->slot, counts->slots, key, hash)->item;

	return item ? item : add(counts, key, hash);
}

struct counts_item *counts_at(struct counts *counts, struct view key)
{
	if (!counts->last || !view_equal(counts->last->key, key))
		counts->last = at(counts, key, hash_of(key));
	return counts->last;
}

static int compare(const void *a, const void *b, void *by)
{
	const struct counts_item *x = *(struct counts_item *const *)a,
				 *y = *(struct counts_item *const *)b;
	size_t index = *(size_t *)by;

	if (x->number[index] != y->number[index])
		return x->number[index] < y->number[index] ? 1 : -1;
	return strcmp(x->key.text, y->key.text);
}

size_t counts_list(struct counts *counts, struct counts_item ***items)
{
	size_t count = 0;

	*items = malloc((counts->size + 1) * sizeof(**items));
	counts->unlisted |= !*items;
	if (!*items)
		return 0;
	for (size_t i = 0; i < counts->slots; i++)
		if (counts->slot[i].item)
			(*items)[count++] = counts->slot[i].item;
	return count;
}

size_t counts_sorted(struct counts *counts, size_t by, struct counts_item ***items)
{
	size_t count = counts_list(counts, items);

	if (count)
		qsort_r(*items, count, sizeof(**items), compare, &by);
	return count;
}

bool counts_unlisted(const struct counts *counts)
{
	return counts->unlisted;
}

size_t counts_octets(const struct counts *counts)
{
	return counts->slots * sizeof(*counts->slot) + counts->octets;
}

bool counts_join(struct counts *into, const struct counts *from)
{
	for (size_t i = 0; i < from->slots; i++) {
		const struct counts_item *item = from->slot[i].item;
		struct counts_item *sum = item ? at(into, item->key, from->slot[i].hash) : NULL;

		if (item && !sum)
			return false;
		for (size_t j = 0; item && j < into->width; j++)
			sum->number[j] += item->number[j];
	}
	return true;
}

void counts_clear(struct counts *counts)
{
	for (size_t i = 0; i < counts->slots; i++) {
		free(counts->slot[i].item);
		counts->slot[i].item = NULL;
	}
	counts->size = counts->octets = 0;
	counts->last = NULL;
}

bool counts_cut(struct counts *counts, size_t by, size_t most, const struct counts_item *keep)
{
	struct counts_item **items;
	size_t count = counts_sorted(counts, by, &items);

	if (!items)
		return false;
	memset(counts->slot, 0, counts->slots * sizeof(*counts->slot));
	counts->last = NULL;
	for (size_t i = 0; i < count; i++) {
		if (i < most || items[i] == keep) {
			uint64_t hash = hash_of(items[i]->key);

			*place(counts->slot, counts->slots, items[i]->key, hash) =
				(struct slot){hash, items[i]};
			continue;
		}
		counts->size--;
		counts->octets -= sizeof(*items[i]) + counts->width * sizeof(uint64_t) +
				  items[i]->key.len + 1 + MALLOC_OCTETS;
		free(items[i]);
	}
	free(items);
	return true;
}
