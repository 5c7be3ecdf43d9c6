/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * counts -- from a text to a few numbers: per TLD, per zone at fault, per suffix.
 *
 * Memory   the text and 8 octets a number; grows, never shrinks. One owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/row.h"

struct counts;

struct counts_item {
	struct view key; /* terminated by a NUL besides */
	uint64_t number[];
};

/* width: numbers a key. NULL when out of memory. */
struct counts *counts_create(size_t width);
void counts_destroy(struct counts **counts);
size_t counts_size(const struct counts *counts);
/* The item of that key, made with zeros if there is none. NULL when out of memory. Valid until the
 * map is destroyed. */
struct counts_item *counts_at(struct counts *counts, struct view key);
/* NULL when there is none. */
struct counts_item *counts_find(const struct counts *counts, struct view key);
/*
 * All items, the greatest number[by] first, equal ones by key: always the same order. *items is
 * malloc()ed for the caller to free; returns their number, 0 also when out of memory.
 */
size_t counts_sorted(const struct counts *counts, size_t by, struct counts_item ***items);
/* Adds the numbers of `from`, key by key. The same width. False: out of memory. */
bool counts_join(struct counts *into, const struct counts *from);
