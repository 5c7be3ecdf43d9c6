/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * csv -- rows to CSV lines and back (RFC 4180). No allocation.
 *
 * The column table of pairs (csv_pair_columns) is the single place that knows names, order and meaning; header, reader and
 * documentation go by it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/row.h"

struct csv_column {
	const char *name;
	const char *meaning;
};

extern const struct csv_column csv_pair_columns[]; /* ends with {NULL, NULL} */

/* An upper bound for one pair line: the caller makes room for so many octets. */
#define CSV_PAIR_MAX 8192

/* Writes the header line, returns its length. */
size_t csv_pair_header(char *out);
/* Writes one line, returns its length (at most CSV_PAIR_MAX; over-long texts are cut). The scanner's hot path. */
size_t csv_pair_write(char *out, const struct row *row);
