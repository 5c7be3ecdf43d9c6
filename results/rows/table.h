/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * table -- a CSV file, gzip or plain, line by line, going by its header line.
 *
 * Memory   what lines.h needs and one line (LINES_LINE_MAX). One owner.
 * A line equal to the header (files put together with cat) is skipped.
 */
#pragma once

#include <stdint.h>

#include "results/rows/csv.h"

struct table;

enum table_result {
	TABLE_END,
	TABLE_LINE,
	TABLE_BAD_LINE, /* too long: why says so, the next call goes on behind it */
	TABLE_ERROR	/* the file cannot be read on from here: why says so */
};

/* Opens path ("-": standard input) and reads the header line. NULL: why says what is wrong. */
struct table *table_open(const char *path, const struct csv_column *columns, char why[CSV_WHY_MAX]);
void table_close(struct table **table);
const struct csv_layout *table_layout(const struct table *table);
/* The next line without its end, in memory that the caller may change until the next call. Empty
 * lines are skipped. */
enum table_result table_next(struct table *table, char **line, size_t *len, char why[CSV_WHY_MAX]);
/* Number of the line handed out last; the header is 1. */
uint64_t table_line(const struct table *table);
