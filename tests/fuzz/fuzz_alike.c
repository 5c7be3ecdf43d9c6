/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a file of pairs: what is recognised as like a line before must be what reading it
 * finds, and a line that cannot be read is like none.
 */
#include <stdlib.h>
#include <string.h>

#include "results/judge/alike.h"
#include "results/judge/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct alike_line *line, const struct row *row, const char *end)
{
	const struct row *alike = &line->alike->row;

	if (line->end != end + 1 || look_kind(row) != LOOK_CLEAN ||
	    line->name.len != row->name.len ||
	    memcmp(line->name.text, row->name.text, row->name.len) != 0 ||
	    line->time_ms != row->time_ms || line->rtt_us != row->normal.rtt_us ||
	    alike->qtype != row->qtype || alike->normal.flags != row->normal.flags ||
	    alike->normal.rcode != row->normal.rcode || alike->cd.rcode != row->cd.rcode ||
	    alike->normal.tries != row->normal.tries || alike->cd.tries != row->cd.tries ||
	    alike->normal.ede_count != row->normal.ede_count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alikes *alikes = alikes_create();
	struct csv_layout layout = {.fields = 0};
	char *text = calloc(1, size + 1 + ALIKE_SLACK), *copy = malloc(size + 1), why[CSV_WHY_MAX],
	     *end = text ? text + size : NULL;

	if (!alikes || !text || !copy)
		abort();
	if (size)
		memcpy(text, data, size);
	*end = '\n';
	for (char *line = text; line < end;) {
		char *stop = memchr(line, '\n', (size_t)(end - line) + 1);
		size_t len = (size_t)(stop - line);
		struct alike_line found = {.time_ms = 0, .rtt_us = -1};
		struct row row;
		bool good;

		memcpy(copy, line, len);
		if (line == text) {
			if (!csv_layout_read(&layout, csv_pair_columns, copy, len, why))
				break;
			alikes_begin(alikes, &layout);
			line = stop + 1;
			continue;
		}
		good = csv_pair_read(&layout, copy, len, &row, why);
		if (alikes_match(alikes, line, &found)) {
			if (!good)
				abort();
			compare(&found, &row, stop);
		} else if (good && look_kind(&row) == LOOK_CLEAN) {
			alikes_learn(alikes, line, len, &row, 1);
		}
		line = stop + 1;
	}
	alikes_destroy(&alikes);
	free(text);
	free(copy);
	return 0;
}
