/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * counts -- from a text to a few numbers: per TLD, per zone at fault, per suffix.
 *
 * Memory   the text and 8 octets a number; grows, and shrinks only when told so. One owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/rows/row.h"

struct counts;

struct counts_item {
	struct view key; /* terminated by a NUL besides */
	uint64_t number[];
};

/* width: numbers a key. NULL when out of memory. */
struct counts *counts_create(size_t width);
void counts_destroy(struct counts **counts);
size_t counts_size(const struct counts *counts);
/* The item of that key, made with zeros if there is none. NULL when out of memory. Valid until it
 * is forgotten. */
struct counts_item *counts_at(struct counts *counts, struct view key);
/* NULL when there is none. */
struct counts_item *counts_find(const struct counts *counts, struct view key);
/*
 * All items, the greatest number[by] first, equal ones by key: always the same order. *items is
 * malloc()ed for the caller to free; returns their number, 0 also when out of memory.
 */
size_t counts_sorted(struct counts *counts, size_t by, struct counts_item ***items);
/* All items in any order, as counts_sorted(); *items is NULL when out of memory. */
size_t counts_list(struct counts *counts, struct counts_item ***items);
/* Was there ever no memory for a list? Who writes one down asks in the end. */
bool counts_unlisted(const struct counts *counts);
/* About the octets of memory that it takes. */
size_t counts_octets(const struct counts *counts);
/* Adds the numbers of `from`, key by key. The same width. False: out of memory. */
bool counts_join(struct counts *into, const struct counts *from);
/* Forgets all keys. */
void counts_clear(struct counts *counts);
/* Leaves the first `most` items in the order of counts_sorted(), and `keep` (may be NULL) wherever
 * that comes. False: out of memory. */
bool counts_cut(struct counts *counts, size_t by, size_t most, const struct counts_item *keep);
