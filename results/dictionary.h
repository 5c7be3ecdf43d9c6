/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * dictionary -- every column of every file of rows, out of the tables that these are written by.
 */
#pragma once

#include <stdio.h>

#include "results/rows/csv.h"

struct dictionary_file {
	const char *name; /* "pairs-NNN.csv.gz" */
	const struct csv_column *columns;
};

/* Ends with {NULL, NULL}. */
extern const struct dictionary_file dictionary[];

/* Of rejected.csv.gz, which only the scanner writes. */
extern const struct csv_column rejected_columns[];

/* Tab-separated, with a header line: file, column, type (text, time, number, list), meaning. Errors
 * stay in `out`. */
void dictionary_print(FILE *out);
