/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tally-inside -- what a tally is made of. Known to tally*.c only.
 */
#pragma once

#include "results/tally/tally.h"

struct table_kind {
	size_t width;
	bool of_names; /* of verdicts; it can be as large as the list of names */
	size_t by;     /* the number that comes first in reports */
};

extern const struct table_kind tally_tables[TALLY_TABLES];

/* The resolver with that number, made with zeros if there is none. NULL when out of memory. */
struct tally_resolver *tally_resolver_at(struct tally *tally, unsigned number);
void tally_join_calibration(struct calibration *a, const struct calibration *b);
