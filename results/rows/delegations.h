/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * delegations -- operators.csv of a run: how many names of a TLD each operator serves, and how many
 * of these are signed, out of a zone file. Written by the scanner, read by the aggregator.
 *
 * A row of a TLD without an operator is of all its names, each once; a name with several operators
 * counts for each. The operator "other" is all those that were too small to be told apart.
 */
#pragma once

#include "results/rows/csv.h"

#define DELEGATIONS_FILE  "operators.csv"
#define DELEGATIONS_OTHER "other"
/* Octets of a line, at most. */
#define DELEGATIONS_LINE 1200

extern const struct csv_column delegations_columns[];

struct delegations {
	struct view tld, by; /* by: the operator; empty: all of the TLD */
	uint64_t delegated, with_ds;
};

/* Writes one line, returns its length. */
size_t delegations_write(char out[DELEGATIONS_LINE], const struct delegations *row);
/* Splits a line in place; the texts are views into it. False: why says what is wrong. */
bool delegations_read(const struct csv_layout *layout, char *line, size_t len,
		      struct delegations *row, char why[CSV_WHY_MAX]);
