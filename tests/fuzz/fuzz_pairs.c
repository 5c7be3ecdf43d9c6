/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a file of pairs: the first line is the header, each other line is read, judged as
 * if it were all that is known of a name, and written again. What was written must be one line, and
 * read back.
 */
#include <stdlib.h>
#include <string.h>

#include "results/rows/csv.h"
#include "results/judge/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void written_again(const struct row *row)
{
	static struct csv_writer writer;
	static struct csv_layout ours;
	static char line[CSV_PAIR_MAX];
	char why[CSV_WHY_MAX];
	struct row again;
	size_t len;

	if (!ours.fields) {
		csv_writer_init(&writer);
		len = csv_pair_header(line);
		if (!csv_layout_read(&ours, csv_pair_columns, line, len - 1, why))
			abort();
	}
	len = csv_pair_write(&writer, line, row);
	if (len > CSV_PAIR_MAX || memchr(line, '\n', len) != line + len - 1)
		abort();
	if (!csv_pair_read(&ours, line, len - 1, &again, why) || again.qtype != row->qtype ||
	    again.name.len == 0)
		abort();
}

static void judged(const struct row *row)
{
	struct resolver resolver = {.name = "r"};
	struct look look = {&resolver,	  look_kind(row),     false,
			    row->time_ms, row->normal.rtt_us, row};
	struct facts facts = {
		.name = row->name, .qtype = row->qtype, .looks = &look, .look_count = 1};
	static char line[VERDICT_MAX];
	struct opinion opinion;
	struct verdict verdict;

	judge(&facts, &opinion, &verdict);
	if (verdict.confidence == CONFIDENCE_CERTAIN ||
	    verdict_write(line, row->name, row->qtype, &verdict) > VERDICT_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_layout layout = {.fields = 0};
	char *text = malloc(size + 1), *end = text + size, why[CSV_WHY_MAX];
	struct row row;

	if (!text)
		return 0;
	memcpy(text, data, size);
	*end = '\n';
	for (char *line = text; line < end;) {
		char *stop = memchr(line, '\n', (size_t)(end - line) + 1);
		size_t len = (size_t)(stop - line);

		if (line == text) {
			if (!csv_layout_read(&layout, csv_pair_columns, line, len, why))
				break;
		} else if (csv_pair_read(&layout, line, len, &row, why)) {
			written_again(&row);
			judged(&row);
		}
		line = stop + 1;
	}
	free(text);
	return 0;
}
