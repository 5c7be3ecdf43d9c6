/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a table of evidence, and as one of resolvers: what is read is written as one line,
 * which reads the same.
 */
#include <string.h>

#include "results/rows/calibration.h"
#include "results/rows/evidence.h"
#include "results/rows/table.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINE_MAX_OCTETS (EVIDENCE_MAX > CALIBRATION_MAX ? EVIDENCE_MAX : CALIBRATION_MAX)

static void check(int good)
{
	if (!good)
		abort();
}

/* A kind of rows: reads a line and writes what was read; 0: it is none. */
struct rows {
	const struct csv_column *columns;
	size_t (*again)(const struct csv_layout *layout, char *line, size_t len, char *out);
};

static size_t evidence_again(const struct csv_layout *layout, char *line, size_t len, char *out)
{
	char why[CSV_WHY_MAX] = "";
	struct evidence row;

	if (evidence_read(layout, line, len, &row, why))
		return evidence_write(out, &row);
	check(why[0] != '\0');
	return 0;
}

static size_t calibration_again(const struct csv_layout *layout, char *line, size_t len, char *out)
{
	char why[CSV_WHY_MAX] = "";
	struct calibration row;

	if (calibration_read(layout, line, len, &row, why))
		return calibration_write(out, &row);
	check(why[0] != '\0');
	return 0;
}

static void check_line(const struct rows *rows, const struct csv_layout *layout, char *line,
		       size_t len)
{
	static char once[LINE_MAX_OCTETS], copy[LINE_MAX_OCTETS], twice[LINE_MAX_OCTETS];
	char header[CSV_PAIR_MAX], why[CSV_WHY_MAX];
	struct csv_layout ours;
	size_t once_len = rows->again(layout, line, len, once), twice_len;

	if (once_len == 0)
		return;
	check(once_len <= sizeof(once) && memchr(once, '\n', once_len) == once + once_len - 1);
	check(csv_layout_read(&ours, rows->columns, header, csv_header(header, rows->columns) - 1,
			      why));
	memcpy(copy, once, once_len);
	twice_len = rows->again(&ours, copy, once_len - 1, twice);
	check(twice_len == once_len && memcmp(once, twice, once_len) == 0);
}

static void read_table(const struct rows *rows, const char *path)
{
	char why[CSV_WHY_MAX], *line;
	struct table *table = table_open(path, rows->columns, why);
	enum table_result result;
	size_t len;

	if (!table)
		return;
	while ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
	       result == TABLE_BAD_LINE)
		if (result == TABLE_LINE)
			check_line(rows, table_layout(table), line, len);
	table_close(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rows kinds[] = {{evidence_columns, evidence_again},
					    {calibration_columns, calibration_again}};
	char path[64];
	int fd = memory_file(path, data, size);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		read_table(&kinds[i], path);
	close(fd);
	return 0;
}
