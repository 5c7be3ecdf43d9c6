/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/delegations.h"

#include <stdio.h>

#define TEXT_OCTETS 256

enum column { TLD, OPERATOR, DELEGATED, SIGNED, COLUMNS };

const struct csv_column delegations_columns[] = {
	[TLD] = {"tld", "the top-level domain", CSV_TEXT},
	[OPERATOR] =
		{"operator",
		 "who serves the names, as in verdicts.csv.gz; empty: all names of the TLD, each "
		 "once; \"other\": those too small to be told apart",
		 CSV_TEXT},
	[DELEGATED] = {"delegated", "names delegated to it that were to be asked", CSV_NUMBER},
	[SIGNED] = {"signed", "of these, with a DS in the zone file", CSV_NUMBER},
	[COLUMNS] = {NULL, NULL, CSV_TEXT},
};

size_t delegations_write(char out[DELEGATIONS_LINE], const struct delegations *row)
{
	char *p = csv_field(out, row->tld, TEXT_OCTETS);

	*p++ = ',';
	p = csv_field(p, row->by, TEXT_OCTETS);
	return (size_t)(p - out) + (size_t)sprintf(p, ",%llu,%llu\n",
						   (unsigned long long)row->delegated,
						   (unsigned long long)row->with_ds);
}

static bool read_count(struct view text, const char *column, uint64_t *count, char why[CSV_WHY_MAX])
{
	int64_t value = -1;

	if (csv_read_number(text, 0, INT64_MAX, &value) && value >= 0) {
		*count = (uint64_t)value;
		return true;
	}
	snprintf(why, CSV_WHY_MAX, "%s: '%.*s' is no number", column,
		 (int)(text.len < 40 ? text.len : 40), text.text ? text.text : "");
	return false;
}

bool delegations_read(const struct csv_layout *layout, char *line, size_t len,
		      struct delegations *row, char why[CSV_WHY_MAX])
{
	struct view v[CSV_FIELDS_MAX];

	if (!csv_split(layout, line, len, v, why))
		return false;
	row->tld = v[TLD];
	row->by = v[OPERATOR];
	if (v[TLD].len == 0 || v[TLD].len > TEXT_OCTETS || v[OPERATOR].len > TEXT_OCTETS) {
		snprintf(why, CSV_WHY_MAX, "tld or operator: no name");
		return false;
	}
	if (!read_count(v[DELEGATED], "delegated", &row->delegated, why) ||
	    !read_count(v[SIGNED], "signed", &row->with_ds, why))
		return false;
	if (row->with_ds <= row->delegated)
		return true;
	snprintf(why, CSV_WHY_MAX, "more names are signed than delegated");
	return false;
}
