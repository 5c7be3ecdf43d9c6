/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/lines.h"

struct table {
	struct lines *lines;
	struct csv_layout layout;
	uint64_t line;
	size_t header_len;
	char *header;
	char scratch[LINES_LINE_MAX];
};

static bool read_header(struct table *table, const struct csv_column *columns,
			char why[CSV_WHY_MAX])
{
	struct line line;
	int got = lines_next(table->lines, &line);

	if (got < 0) {
		snprintf(why, CSV_WHY_MAX, "%s", lines_error(table->lines));
		return false;
	}
	if (got == 0 || line.too_long || line.len > sizeof(table->scratch)) {
		snprintf(why, CSV_WHY_MAX, got ? "the header line is too long" : "no header line");
		return false;
	}
	table->header = malloc(line.len + 1);
	if (!table->header) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return false;
	}
	memcpy(table->header, line.text, line.len);
	memcpy(table->scratch, line.text, line.len);
	table->header_len = line.len;
	table->line = line.number;
	return csv_layout_read(&table->layout, columns, table->scratch, line.len, why);
}

struct table *table_open(const char *path, const struct csv_column *columns, char why[CSV_WHY_MAX])
{
	struct table *table = malloc(sizeof(*table));

	if (!table) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return NULL;
	}
	table->header = NULL;
	table->lines = lines_open(path);
	if (!table->lines)
		snprintf(why, CSV_WHY_MAX, "%s", strerror(errno));
	if (!table->lines || !read_header(table, columns, why))
		table_close(&table);
	return table;
}

void table_close(struct table **table)
{
	if (!*table)
		return;
	if ((*table)->lines)
		lines_close(&(*table)->lines);
	free((*table)->header);
	free(*table);
	*table = NULL;
}

const struct csv_layout *table_layout(const struct table *table)
{
	return &table->layout;
}

uint64_t table_line(const struct table *table)
{
	return table->line;
}

enum table_result table_next(struct table *table, char **text, size_t *len, char why[CSV_WHY_MAX])
{
	struct line line;
	int got;

	do {
		got = lines_next(table->lines, &line);
		if (got < 0) {
			snprintf(why, CSV_WHY_MAX, "%s", lines_error(table->lines));
			return TABLE_ERROR;
		}
		if (got == 0)
			return TABLE_END;
		table->line = line.number;
		if (line.too_long || line.len > sizeof(table->scratch)) {
			snprintf(why, CSV_WHY_MAX, "the line is too long");
			return TABLE_BAD_LINE;
		}
	} while (line.len == 0 || (line.len == table->header_len &&
				   memcmp(line.text, table->header, line.len) == 0));
	memcpy(table->scratch, line.text, line.len);
	*text = table->scratch;
	*len = line.len;
	return TABLE_LINE;
}
