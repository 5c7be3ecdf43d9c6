/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/dictionary.h"

#include "results/rows/calibration.h"
#include "results/tally/changes.h"
#include "results/rows/delegations.h"
#include "results/rows/evidence.h"
#include "results/judge/verdict.h"

const struct csv_column rejected_columns[] = {
	{"file", "the file it stood in", CSV_TEXT},
	{"line", "and the line", CSV_NUMBER},
	{"reason", "why it was not asked", CSV_TEXT},
	{"text", "the line, cut after 200 octets; what is not printable is written \\xHH",
	 CSV_TEXT},
	{NULL, NULL, CSV_TEXT},
};

const struct dictionary_file dictionary[] = {
	{"pairs-NNN.csv.gz", csv_pair_columns},
	{"evidence-NNN.csv.gz", evidence_columns},
	{"resolvers.csv", calibration_columns},
	{"rejected.csv.gz", rejected_columns},
	{DELEGATIONS_FILE, delegations_columns},
	{"verdicts.csv.gz", verdict_columns},
	{"changes.csv.gz", change_columns},
	{NULL, NULL},
};

void dictionary_print(FILE *out)
{
	static const char *const types[] = {[CSV_TEXT] = "text",
					    [CSV_TIME] = "time",
					    [CSV_NUMBER] = "number",
					    [CSV_LIST] = "list"};

	fputs("file\tcolumn\ttype\tmeaning\n", out);
	for (const struct dictionary_file *file = dictionary; file->name; file++)
		for (const struct csv_column *column = file->columns; column->name; column++)
			fprintf(out, "%s\t%s\t%s\t%s\n", file->name, column->name,
				types[column->type], column->meaning);
}
