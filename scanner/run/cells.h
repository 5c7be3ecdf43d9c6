/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * cells -- which pairs of a batch of names are done: a row a name, a column for each resolver and
 * QTYPE.
 *
 * Resolvers go through the names in order, so most columns are empty or full, and take no memory
 * but their place.
 * Owner    one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cell_column {
	uint8_t *bits; /* NULL: all of them are set, or none */
	uint32_t set;  /* how many */
};

struct cells {
	uint32_t rows, columns;
	struct cell_column column[];
};

/* None is set. NULL when out of memory. */
struct cells *cells_create(uint32_t rows, uint32_t columns);
/* NULL when out of memory. */
struct cells *cells_copy(const struct cells *cells);
/* Accepts a pointer to NULL; sets it to NULL. */
void cells_destroy(struct cells **cells);
/* False when out of memory: then it is not set. Setting it twice is the same as once. */
bool cells_set(struct cells *cells, uint32_t row, uint32_t column);
bool cells_has(const struct cells *cells, uint32_t row, uint32_t column);
