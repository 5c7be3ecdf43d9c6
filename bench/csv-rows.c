/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * csv-rows -- nanoseconds to write and to read one pair line. Usage: csv-rows [ROWS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "results/rows/csv.h"

#define NAMES 4096

static struct csv_writer writer;
static char names[NAMES][32], line[CSV_PAIR_MAX], copy[CSV_PAIR_MAX];

static void fill(struct row *row, unsigned i)
{
	row->time_ms = 1793664000000 + i / 100;
	row->name = (struct view){names[i % NAMES], strlen(names[i % NAMES])};
	row->normal.rtt_us = 900 + i % 40000;
	row->cd.rtt_us = 400 + i % 500;
}

int main(int argc, char **argv)
{
	unsigned long rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000000;
	struct csv_layout layout;
	char why[CSV_WHY_MAX];
	struct row row, got;
	uint64_t octets = 0;
	int64_t start, ns;

	for (unsigned i = 0; i < NAMES; i++)
		snprintf(names[i], sizeof(names[i]), "name%u.example", i * 7919);
	csv_writer_init(&writer);
	row_init(&row);
	row.qtype = 1;
	row.resolver = (struct view){"9.9.9.9", 7};
	row.normal.outcome = row.cd.outcome = OUTCOME_ANSWERED;
	row.normal.rcode = row.cd.rcode = RCODE_NOERROR;
	row.normal.flags = row.cd.flags = FLAG_RD | FLAG_RA;
	row.normal.answers = row.cd.answers = 1;
	row.normal.tries = row.cd.tries = 1;

	start = clock_mono_ns();
	for (unsigned i = 0; i < rows; i++) {
		fill(&row, i);
		octets += csv_pair_write(&writer, line, &row);
	}
	ns = clock_mono_ns() - start;
	printf("write: %.1f ns a row of %.1f octets\n", (double)ns / (double)rows,
	       (double)octets / (double)rows);

	octets = csv_pair_header(line);
	if (!csv_layout_read(&layout, csv_pair_columns, line, octets - 1, why))
		return 1;
	octets = csv_pair_write(&writer, line, &row) - 1;
	start = clock_mono_ns();
	for (unsigned i = 0; i < rows; i++) {
		memcpy(copy, line, octets);
		if (!csv_pair_read(&layout, copy, octets, &got, why))
			return 1;
	}
	ns = clock_mono_ns() - start;
	printf("read: %.1f ns a row\n", (double)ns / (double)rows);
	return 0;
}
