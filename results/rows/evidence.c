/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/evidence.h"

#include <stdio.h>
#include <string.h>

enum column {
	TIME,
	NAME,
	QTYPE,
	ZONE,
	PROBE,
	QUESTION,
	QUESTION_TYPE,
	SERVER,
	ADDRESS,
	TRANSPORT,
	OUTCOME,
	RCODE,
	FLAGS,
	ANSWERS,
	TRIES,
	RTT_US,
	FINDING,
	DETAIL,
};

const struct csv_column evidence_columns[] = {
	[TIME] = {"time", "when: UTC, RFC 3339, milliseconds", CSV_TIME},
	[NAME] = {"name", "the scanned name that it is for", CSV_TEXT},
	[QTYPE] = {"qtype", "and its QTYPE", CSV_TEXT},
	[ZONE] = {"zone", "the zone that the fact is about", CSV_TEXT},
	[PROBE] = {"probe", "chain, delegation, ns-address, server, denial, recheck or path",
		   CSV_TEXT},
	[QUESTION] = {"question", "QNAME asked", CSV_TEXT},
	[QUESTION_TYPE] = {"question_type", "QTYPE asked", CSV_TEXT},
	[SERVER] = {"server", "name of the server or resolver asked", CSV_TEXT},
	[ADDRESS] = {"address", "its address", CSV_TEXT},
	[TRANSPORT] = {"transport", "how it was asked: udp, tcp, udp-noedns", CSV_TEXT},
	[OUTCOME] = {"outcome", "what the query came to", CSV_TEXT},
	[RCODE] = {"rcode", "RCODE of the answer", CSV_TEXT},
	[FLAGS] = {"flags", "its header flags, of aa tc rd ra ad cd, joined by +", CSV_LIST},
	[ANSWERS] = {"answers", "records in its answer section", CSV_NUMBER},
	[TRIES] = {"tries", "messages sent", CSV_NUMBER},
	[RTT_US] = {"rtt_us", "microseconds to the answer", CSV_NUMBER},
	[FINDING] = {"finding", "what it shows: ok, insecure, a cause, another word", CSV_TEXT},
	[DETAIL] = {"detail", "the same in a sentence that a person can check", CSV_TEXT},
	{NULL, NULL, CSV_TEXT},
};

void evidence_init(struct evidence *row)
{
	*row = (struct evidence){.rcode = RCODE_UNKNOWN, .answers = -1, .rtt_us = -1};
}

static char *put_view(char *p, struct view text, size_t max)
{
	p = csv_field(p, text, max);
	*p++ = ',';
	return p;
}

size_t evidence_write(char *out, const struct evidence *row)
{
	char text[NAME_TEXT_MAX], time[25], *p = out;

	csv_time(time, row->time_ms);
	p += sprintf(p, "%s,", time);
	p = put_view(p, row->name, 255);
	p += sprintf(p, "%s,", qtype_name(row->qtype, text));
	p = put_view(p, row->zone, 255);
	p = put_view(p, row->probe, 32);
	p = put_view(p, row->question, 255);
	if (row->question_type)
		p = stpcpy(p, qtype_name(row->question_type, text));
	*p++ = ',';
	p = put_view(p, row->server, 255);
	p = put_view(p, row->address, 128);
	p = put_view(p, row->transport, 32);
	p += sprintf(p, "%s,", outcome_name(row->outcome));
	p += sprintf(p, "%s,", rcode_name(row->rcode, text));
	p += sprintf(p, "%s,", flags_name(row->flags, text));
	if (row->answers >= 0)
		p += sprintf(p, "%d", row->answers);
	p += sprintf(p, ",%u,", row->tries);
	if (row->rtt_us >= 0)
		p += sprintf(p, "%lld", (long long)row->rtt_us);
	*p++ = ',';
	p = put_view(p, row->finding, 64);
	p = csv_field(p, row->detail, 1500);
	*p++ = '\n';
	return (size_t)(p - out);
}

static unsigned values_read(const struct view *v, struct evidence *row)
{
	int64_t answers = -1, tries = 0;

	if (!csv_read_time(v[TIME], &row->time_ms))
		return TIME;
	if (v[NAME].len == 0 || v[NAME].len > 255)
		return NAME;
	if (!qtype_from_name(v[QTYPE].text, v[QTYPE].len, &row->qtype))
		return QTYPE;
	if (v[QUESTION_TYPE].len &&
	    !qtype_from_name(v[QUESTION_TYPE].text, v[QUESTION_TYPE].len, &row->question_type))
		return QUESTION_TYPE;
	if (!outcome_from_name(v[OUTCOME].text, v[OUTCOME].len, &row->outcome))
		return OUTCOME;
	if (!rcode_from_name(v[RCODE].text, v[RCODE].len, &row->rcode))
		return RCODE;
	if (!flags_from_name(v[FLAGS].text, v[FLAGS].len, &row->flags))
		return FLAGS;
	if (!csv_read_number(v[ANSWERS], 0, 65535, &answers))
		return ANSWERS;
	if (!csv_read_number(v[TRIES], 0, 1000000, &tries))
		return TRIES;
	if (!csv_read_number(v[RTT_US], 0, INT64_MAX, &row->rtt_us))
		return RTT_US;
	row->answers = (int)answers;
	row->tries = (unsigned)tries;
	return DETAIL;
}

bool evidence_read(const struct csv_layout *layout, char *line, size_t len, struct evidence *row,
		   char why[CSV_WHY_MAX])
{
	struct view v[CSV_FIELDS_MAX];
	unsigned bad;

	evidence_init(row);
	if (!csv_split(layout, line, len, v, why))
		return false;
	bad = values_read(v, row);
	if (bad != DETAIL) {
		snprintf(why, CSV_WHY_MAX, "%s: not valid", evidence_columns[bad].name);
		return false;
	}
	row->name = v[NAME];
	row->zone = v[ZONE];
	row->probe = v[PROBE];
	row->question = v[QUESTION];
	row->server = v[SERVER];
	row->address = v[ADDRESS];
	row->transport = v[TRANSPORT];
	row->finding = v[FINDING];
	row->detail = v[DETAIL];
	return true;
}
