/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/cells.h"

#include <stdlib.h>
#include <string.h>

struct cells *cells_create(uint32_t rows, uint32_t columns)
{
	struct cells *cells = calloc(1, sizeof(*cells) + columns * sizeof(cells->column[0]));

	if (cells != NULL) {
		cells->rows = rows;
		cells->columns = columns;
	}
	return cells;
}

void cells_destroy(struct cells **cells)
{
	if (*cells == NULL)
		return;
	for (uint32_t c = 0; c < (*cells)->columns; c++)
		free((*cells)->column[c].bits);
	free(*cells);
	*cells = NULL;
}

struct cells *cells_copy(const struct cells *cells)
{
	struct cells *copy = cells_create(cells->rows, cells->columns);
	size_t octets = (cells->rows + 7) / 8;

	for (uint32_t c = 0; copy != NULL && c < cells->columns; c++) {
		const struct cell_column *from = &cells->column[c];

		copy->column[c].set = from->set;
		if (from->bits == NULL)
			continue;
		copy->column[c].bits = malloc(octets);
		if (copy->column[c].bits == NULL)
			cells_destroy(&copy);
		else
			memcpy(copy->column[c].bits, from->bits, octets);
	}
	return copy;
}

bool cells_has(const struct cells *cells, uint32_t row, uint32_t column)
{
	const struct cell_column *at = &cells->column[column];

	if (at->bits == NULL)
		return at->set > 0;
	return at->bits[row / 8] >> (row % 8) & 1;
}

bool cells_set(struct cells *cells, uint32_t row, uint32_t column)
{
	struct cell_column *at = &cells->column[column];

	if (cells_has(cells, row, column))
		return true;
	if (at->bits == NULL)
		at->bits = calloc(1, (cells->rows + 7) / 8);
	if (at->bits == NULL)
		return false;
	at->bits[row / 8] |= (uint8_t)(1u << (row % 8));
	if (++at->set == cells->rows) {
		free(at->bits);
		at->bits = NULL;
	}
	return true;
}
