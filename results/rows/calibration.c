/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/calibration.h"

#include <stddef.h>
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
	TLS,
	LOSS_PERCENT,
	RATE_QPS,
	OVERLOAD_S,
	TLS_PROBLEM,
	COLUMNS,
};

const struct csv_column calibration_columns[] = {
	[RESOLVER] = {"resolver", "the resolver, as in the list", CSV_TEXT},
	[PHASE] = {"phase", "before, during or after the scan", CSV_TEXT},
	[TIME] = {"time", "when this was found out: UTC, RFC 3339", CSV_TIME},
	[REACHABLE] = {"reachable", "yes: it answers", CSV_TEXT},
	[VALIDATES] = {"validates", "yes: SERVFAIL for a bogus name", CSV_TEXT},
	[HONOURS_CD] = {"honours_cd", "yes: it answers the bogus name when CD=1", CSV_TEXT},
	[SENDS_EDE] = {"sends_ede", "yes: it says why (RFC 8914)", CSV_TEXT},
	[FORWARDS_AD] = {"forwards_ad", "yes: AD=1 for a good signed name", CSV_TEXT},
	[REWRITES_NXDOMAIN] = {"rewrites_nxdomain", "yes: it answers names that do not exist",
			       CSV_TEXT},
	[FILTERS] = {"filters", "yes: it withholds or forges names", CSV_TEXT},
	[KEEPS_CASE] = {"keeps_case", "yes: it copies the letters of QNAME as they came", CSV_TEXT},
	[SAME_ADDRESS] = {"same_address", "no: answers come from another address", CSV_TEXT},
	[TCP] = {"tcp", "yes: it answers over TCP", CSV_TEXT},
	[MEDIAN_RTT_US] = {"median_rtt_us", "median round trip of its answers, microseconds",
			   CSV_NUMBER},
	[CONTROLS_ASKED] = {"controls_asked", "control queries sent in this phase", CSV_NUMBER},
	[CONTROLS_FAILED] = {"controls_failed",
			     "control queries that came back wrong or not at all", CSV_NUMBER},
	[NOTE] = {"note", "what it is, in words joined by +", CSV_TEXT},
	[TLS] = {"tls", "yes: it answers over TLS", CSV_TEXT},
	[LOSS_PERCENT] = {"loss_percent", "control queries without an answer to the first try",
			  CSV_TEXT},
	[RATE_QPS] = {"rate_qps", "queries a second it was asked when the phase ended", CSV_TEXT},
	[OVERLOAD_S] = {"overload_s", "seconds in which it was overloaded", CSV_TEXT},
	[TLS_PROBLEM] = {"tls_problem", "why it does not answer over TLS", CSV_TEXT},
	{NULL, NULL, CSV_TEXT},
};

static const char *const tri_words[] = {"", "yes", "no"};
static const char *const phase_words[] = {"before", "during", "after"};
static const char *const mark_words[] = {"refuses", "fails",	 "lossy",    "overload",
					 "slowed",  "dropped",	 "unsteady", "disguises",
					 "labels",  "ad-always", "mixed",    "split"};

#define MARKS (sizeof(mark_words) / sizeof(mark_words[0]))

/* The columns of one kind, and where their values are. */
static const struct {
	enum column column;
	size_t offset;
} tri_columns[] =
	{
		{REACHABLE, offsetof(struct calibration, reachable)},
		{VALIDATES, offsetof(struct calibration, validates)},
		{HONOURS_CD, offsetof(struct calibration, honours_cd)},
		{SENDS_EDE, offsetof(struct calibration, sends_ede)},
		{FORWARDS_AD, offsetof(struct calibration, forwards_ad)},
		{REWRITES_NXDOMAIN, offsetof(struct calibration, rewrites_nxdomain)},
		{FILTERS, offsetof(struct calibration, filters)},
		{KEEPS_CASE, offsetof(struct calibration, keeps_case)},
		{SAME_ADDRESS, offsetof(struct calibration, same_address)},
		{TCP, offsetof(struct calibration, tcp)},
		{TLS, offsetof(struct calibration, tls)},
},
  number_columns[] = {
	  {MEDIAN_RTT_US, offsetof(struct calibration, median_rtt_us)},
	  {CONTROLS_ASKED, offsetof(struct calibration, controls_asked)},
	  {CONTROLS_FAILED, offsetof(struct calibration, controls_failed)},
	  {LOSS_PERCENT, offsetof(struct calibration, loss_percent)},
	  {RATE_QPS, offsetof(struct calibration, rate_qps)},
	  {OVERLOAD_S, offsetof(struct calibration, overload_s)},
};

#define TRIS		     (sizeof(tri_columns) / sizeof(tri_columns[0]))
#define NUMBERS		     (sizeof(number_columns) / sizeof(number_columns[0]))
#define FIELD(type, row, at) ((type *)(void *)((char *)(row) + (at)))

static bool word_read(struct view text, const char *const *words, unsigned count, unsigned *value)
{
	for (unsigned i = 0; i < count; i++) {
		if (view_is(text, words[i])) {
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
	*row = (struct calibration){.most_rtt_us = -1};
	for (size_t i = 0; i < NUMBERS; i++)
		*FIELD(int64_t, row, number_columns[i].offset) = -1;
}

static char *write_marks(char *p, unsigned marks)
{
	const char *glue = "";

	for (size_t i = 0; i < MARKS; i++) {
		if (marks & 1u << i) {
			p += sprintf(p, "%s%s", glue, mark_words[i]);
			glue = "+";
		}
	}
	return p;
}

size_t calibration_write(char *out, const struct calibration *row)
{
	char cells[COLUMNS][32] = {""}, note[128], *p;
	struct calibration copy = *row;

	for (size_t i = 0; i < TRIS; i++)
		strcpy(cells[tri_columns[i].column],
		       tri_name(*FIELD(enum tri, &copy, tri_columns[i].offset)));
	for (size_t i = 0; i < NUMBERS; i++) {
		int64_t number = *FIELD(int64_t, &copy, number_columns[i].offset);

		if (number >= 0)
			sprintf(cells[number_columns[i].column], "%lld", (long long)number);
	}
	strcpy(cells[PHASE], phase_words[row->phase]);
	csv_time(cells[TIME], row->time_ms);
	p = csv_field(out, row->resolver, CSV_RESOLVER_MAX);
	*write_marks(note, row->marks) = '\0';
	for (int i = RESOLVER + 1; i < TLS_PROBLEM; i++)
		p += sprintf(p, ",%s", i == NOTE ? note : cells[i]);
	*p++ = ',';
	if (row->tls_problem)
		p = csv_field(p, view_of(row->tls_problem), 200);
	*p++ = '\n';
	return (size_t)(p - out);
}

/* Words of other versions are none of ours. */
static unsigned read_marks(struct view note)
{
	unsigned marks = 0;

	while (note.len > 0) {
		const char *end = memchr(note.text, '+', note.len);
		size_t len = end ? (size_t)(end - note.text) : note.len;
		unsigned which;

		if (word_read((struct view){note.text, len}, mark_words, MARKS, &which))
			marks |= 1u << which;
		len += end != NULL;
		note = (struct view){note.text + len, note.len - len};
	}
	return marks;
}

bool calibration_read(const struct csv_layout *layout, char *line, size_t len,
		      struct calibration *row, char why[CSV_WHY_MAX])
{
	struct view v[CSV_FIELDS_MAX];
	unsigned value = 0;
	int bad = -1;

	calibration_init(row);
	if (!csv_split(layout, line, len, v, why))
		return false;
	row->resolver = v[RESOLVER];
	row->marks = read_marks(v[NOTE]);
	if (v[RESOLVER].len == 0)
		bad = RESOLVER;
	else if (v[PHASE].len && !word_read(v[PHASE], phase_words, 3, &value))
		bad = PHASE;
	else if (!csv_read_time(v[TIME], &row->time_ms))
		bad = TIME;
	row->phase = (enum phase)value;
	for (size_t i = 0; i < TRIS; i++) {
		if (!word_read(v[tri_columns[i].column], tri_words, 3, &value))
			bad = (int)tri_columns[i].column;
		else
			*FIELD(enum tri, row, tri_columns[i].offset) = (enum tri)value;
	}
	for (size_t i = 0; i < NUMBERS; i++)
		if (!csv_read_number(v[number_columns[i].column], 0, INT64_MAX,
				     FIELD(int64_t, row, number_columns[i].offset)))
			bad = (int)number_columns[i].column;
	if (bad >= 0)
		snprintf(why, CSV_WHY_MAX, "%s: not valid", calibration_columns[bad].name);
	return bad < 0;
}
