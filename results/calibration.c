/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/calibration.h"

#include <stdio.h>
#include <string.h>

enum column {
	RESOLVER,
	PHASE,
	TIME,
	REACHABLE,
	VALIDATES,
	HONOURS_CD,
	SENDS_EDE,
	FORWARDS_AD,
	REWRITES_NXDOMAIN,
	FILTERS,
	KEEPS_CASE,
	SAME_ADDRESS,
	TCP,
	MEDIAN_RTT_US,
	CONTROLS_ASKED,
	CONTROLS_FAILED,
	NOTE,
};

const struct csv_column calibration_columns[] = {
	[RESOLVER] = {"resolver", "the resolver, as in the list"},
	[PHASE] = {"phase", "before, during or after the scan"},
	[TIME] = {"time", "when this was found out: UTC, RFC 3339"},
	[REACHABLE] = {"reachable", "yes: it answers"},
	[VALIDATES] = {"validates", "yes: SERVFAIL for a bogus name"},
	[HONOURS_CD] = {"honours_cd", "yes: it answers the bogus name when CD=1"},
	[SENDS_EDE] = {"sends_ede", "yes: it says why (RFC 8914)"},
	[FORWARDS_AD] = {"forwards_ad", "yes: AD=1 for a good signed name"},
	[REWRITES_NXDOMAIN] = {"rewrites_nxdomain", "yes: it answers names that do not exist"},
	[FILTERS] = {"filters", "yes: it withholds or forges names"},
	[KEEPS_CASE] = {"keeps_case", "yes: it copies the letters of QNAME as they came"},
	[SAME_ADDRESS] = {"same_address", "no: answers come from another address"},
	[TCP] = {"tcp", "yes: it answers over TCP"},
	[MEDIAN_RTT_US] = {"median_rtt_us", "median round trip of its answers, microseconds"},
	[CONTROLS_ASKED] = {"controls_asked", "control queries sent in this phase"},
	[CONTROLS_FAILED] = {"controls_failed",
			     "control queries that came back wrong or not at all"},
	[NOTE] = {"note", "anything else worth saying"},
	{NULL, NULL},
};

static const char *const tri_words[] = {"", "yes", "no"};
static const char *const phase_words[] = {"before", "during", "after"};

static bool word_read(struct view text, const char *const *words, unsigned count, unsigned *value)
{
	for (unsigned i = 0; i < count; i++) {
		if (strlen(words[i]) == text.len &&
		    (text.len == 0 || memcmp(words[i], text.text, text.len) == 0)) {
			*value = i;
			return true;
		}
	}
	return false;
}

const char *tri_name(enum tri value)
{
	return tri_words[value];
}

void calibration_init(struct calibration *row)
{
	*row = (struct calibration){
		.median_rtt_us = -1, .controls_asked = -1, .controls_failed = -1};
}

size_t calibration_write(char *out, const struct calibration *row)
{
	const enum tri tris[] = {row->reachable, row->validates,   row->honours_cd,
				 row->sends_ede, row->forwards_ad, row->rewrites_nxdomain,
				 row->filters,	 row->keeps_case,  row->same_address,
				 row->tcp};
	const int64_t numbers[] = {row->median_rtt_us, row->controls_asked, row->controls_failed};
	char *p = csv_field(out, row->resolver, 128), time[25];

	csv_time(time, row->time_ms);
	p += sprintf(p, ",%s,%s", phase_words[row->phase], time);
	for (size_t i = 0; i < sizeof(tris) / sizeof(*tris); i++)
		p += sprintf(p, ",%s", tri_words[tris[i]]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		*p++ = ',';
		if (numbers[i] >= 0)
			p += sprintf(p, "%lld", (long long)numbers[i]);
	}
	*p++ = ',';
	p = csv_field(p, row->note, 512);
	*p++ = '\n';
	return (size_t)(p - out);
}

bool calibration_read(const struct csv_layout *layout, char *line, size_t len,
		      struct calibration *row, char why[CSV_WHY_MAX])
{
	struct view v[CSV_FIELDS_MAX];
	enum tri *const tris[] = {&row->reachable, &row->validates,   &row->honours_cd,
				  &row->sends_ede, &row->forwards_ad, &row->rewrites_nxdomain,
				  &row->filters,   &row->keeps_case,  &row->same_address,
				  &row->tcp};
	unsigned bad = NOTE, value = 0;

	calibration_init(row);
	if (!csv_split(layout, line, len, v, why))
		return false;
	row->resolver = v[RESOLVER];
	row->note = v[NOTE];
	if (v[RESOLVER].len == 0)
		bad = RESOLVER;
	else if (v[PHASE].len && !word_read(v[PHASE], phase_words, 3, &value))
		bad = PHASE;
	else if (!csv_read_time(v[TIME], &row->time_ms))
		bad = TIME;
	row->phase = (enum phase)value;
	for (unsigned i = 0; i < sizeof(tris) / sizeof(*tris); i++) {
		if (!word_read(v[REACHABLE + i], tri_words, 3, &value))
			bad = REACHABLE + i;
		else
			*tris[i] = (enum tri)value;
	}
	if (!csv_read_number(v[MEDIAN_RTT_US], 0, INT64_MAX, &row->median_rtt_us))
		bad = MEDIAN_RTT_US;
	if (!csv_read_number(v[CONTROLS_ASKED], 0, INT64_MAX, &row->controls_asked))
		bad = CONTROLS_ASKED;
	if (!csv_read_number(v[CONTROLS_FAILED], 0, INT64_MAX, &row->controls_failed))
		bad = CONTROLS_FAILED;
	if (bad != NOTE)
		snprintf(why, CSV_WHY_MAX, "%s: not valid", calibration_columns[bad].name);
	return bad == NOTE;
}
