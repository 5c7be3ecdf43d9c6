/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/cells.h"

#include <stddef.h>

#include "tests/tap.h"

int main(void)
{
	struct cells *cells = cells_create(11, 3), *copy;
	bool good = true;

	for (uint32_t row = 0; row < 11; row++)
		good = good && !cells_has(cells, row, 1);
	ok(good, "none is set at first");
	cells_set(cells, 9, 1);
	cells_set(cells, 9, 1);
	ok(cells_has(cells, 9, 1) && !cells_has(cells, 8, 1) && !cells_has(cells, 9, 0) &&
		   !cells_has(cells, 9, 2),
	   "one is");
	for (uint32_t row = 0; row < 10; row++)
		cells_set(cells, row, 2);
	ok(cells_has(cells, 9, 2) && !cells_has(cells, 10, 2), "all but one");
	cells_set(cells, 10, 2);
	ok(cells->column[2].bits == NULL && cells_has(cells, 0, 2) && cells_has(cells, 10, 2),
	   "a full column takes no memory");
	copy = cells_copy(cells);
	cells_set(cells, 3, 1);
	ok(cells_has(copy, 9, 1) && !cells_has(copy, 3, 1) && cells_has(copy, 5, 2) &&
		   !cells_has(copy, 5, 0),
	   "a copy is its own");
	cells_destroy(&cells);
	cells_destroy(&copy);
	ok(cells == NULL && copy == NULL, "destroyed");
	return done_testing();
}
