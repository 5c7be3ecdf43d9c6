/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The columns of pairs-NNN.csv.gz, their writer and their reader.
 */
#include "results/rows/csv.h"

#include <stdio.h>
#include <string.h>

#define CACHED_RCODES 24
/* The longest texts written, in octets; twice their sum and the numbers stay below CSV_PAIR_MAX. */
#define NAME_MAX     255
#define EDE_TEXT_MAX 1000
#define NSID_MAX     128
#define NOTE_MAX     128
#define NUMBER_MAX   20
#define RRSIG_MAX    1000

enum column {
	TIME,
	NAME,
	QTYPE,
	RESOLVER,
	OUTCOME,
	RCODE,
	EDE,
	EDE_TEXT,
	FLAGS,
	ANSWERS,
	TRIES,
	RTT_US,
	CD_OUTCOME,
	CD_RCODE,
	CD_EDE,
	CD_EDE_TEXT,
	CD_FLAGS,
	CD_ANSWERS,
	CD_TRIES,
	CD_RTT_US,
	AGAIN_OUTCOME,
	AGAIN_RCODE,
	NSID,
	NOTE,
	CD_RRSIG,
};

const struct csv_column csv_pair_columns[] = {
	[TIME] = {"time", "when the pair was done: UTC, RFC 3339, milliseconds", CSV_TIME},
	[NAME] = {"name", "QNAME: A-labels, lower case, no trailing dot", CSV_TEXT},
	[QTYPE] = {"qtype", "QTYPE", CSV_TEXT},
	[RESOLVER] = {"resolver", "the resolver, as in the list", CSV_TEXT},
	[OUTCOME] = {"outcome", "what the CD=0 query came to", CSV_TEXT},
	[RCODE] = {"rcode", "RCODE of the CD=0 answer", CSV_TEXT},
	[EDE] = {"ede", "its EDE INFO-CODEs (RFC 8914), joined by +", CSV_LIST},
	[EDE_TEXT] = {"ede_text", "its EXTRA-TEXTs, joined by ' | '", CSV_TEXT},
	[FLAGS] = {"flags", "its header flags, of aa tc rd ra ad cd, joined by +", CSV_LIST},
	[ANSWERS] = {"answers", "records in its answer section", CSV_NUMBER},
	[TRIES] = {"tries", "messages sent for CD=0, over all transports", CSV_NUMBER},
	[RTT_US] = {"rtt_us", "microseconds from the last sending to the answer", CSV_NUMBER},
	[CD_OUTCOME] = {"cd_outcome", "the same for CD=1, asked after the answer to CD=0",
			CSV_TEXT},
	[CD_RCODE] = {"cd_rcode", "RCODE of the CD=1 answer", CSV_TEXT},
	[CD_EDE] = {"cd_ede", "its EDE INFO-CODEs", CSV_LIST},
	[CD_EDE_TEXT] = {"cd_ede_text", "its EXTRA-TEXTs", CSV_TEXT},
	[CD_FLAGS] = {"cd_flags", "its header flags", CSV_LIST},
	[CD_ANSWERS] = {"cd_answers", "records in its answer section", CSV_NUMBER},
	[CD_TRIES] = {"cd_tries", "messages sent for CD=1", CSV_NUMBER},
	[CD_RTT_US] = {"cd_rtt_us", "microseconds to the CD=1 answer", CSV_NUMBER},
	[AGAIN_OUTCOME] = {"again_outcome", "CD=0 once more, where CD=0 failed and CD=1 did not",
			   CSV_TEXT},
	[AGAIN_RCODE] = {"again_rcode", "RCODE of that answer", CSV_TEXT},
	[NSID] = {"nsid", "the resolver's instance (RFC 5001)", CSV_TEXT},
	[NOTE] = {"note", "words joined by +: overload, recheck", CSV_LIST},
	[CD_RRSIG] = {"cd_rrsig",
		      "RRSIGs in the CD=1 answer, where CD=0 was not clean: "
		      "type/algorithm/key tag/inception/expiration/signer, joined by +",
		      CSV_LIST},
	{NULL, NULL, CSV_TEXT},
};

/* ---- writing ---- */

static struct csv_word word(const char *text)
{
	struct csv_word word = {{0}, (uint8_t)(strlen(text) + 1)};

	memcpy(word.text, text, strlen(text));
	word.text[word.len - 1] = ',';
	return word;
}

void csv_writer_init(struct csv_writer *writer)
{
	char text[NAME_TEXT_MAX];

	memset(writer, 0, sizeof(*writer));
	writer->second = INT64_MIN;
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		writer->outcomes[i] = word(outcome_name((enum outcome)i));
	for (int i = 0; i < CACHED_RCODES; i++)
		writer->rcodes[i] = word(rcode_name(i, text));
	for (unsigned i = 0; i < 64; i++)
		writer->flags[i] = word(flags_name(i, text));
}

/* Most are empty. */
static inline char *put_text(char *out, struct view text, size_t max)
{
	return text.len == 0 ? out : csv_field(out, text, max);
}

/* Copies the whole block: cheaper than asking how much of it counts. */
static inline char *put_word(char *out, const struct csv_word *word)
{
	memcpy(out, word->text, sizeof(word->text));
	return out + word->len;
}

/* Two digits at a time, each where it belongs. */
static inline char *put_number(char *out, uint64_t value)
{
	static const char digits[] = "00010203040506070809101112131415161718192021222324"
				     "25262728293031323334353637383940414243444546474849"
				     "50515253545556575859606162636465666768697071727374"
				     "75767778798081828384858687888990919293949596979899";
	unsigned len = 2;
	char *p;

	if (value < 10) {
		*out = (char)('0' + value);
		return out + 1;
	}
	for (uint64_t limit = 100; len < NUMBER_MAX && value >= limit; limit *= 10)
		len++;
	for (p = out + len; value >= 10; value /= 100)
		memcpy(p -= 2, digits + 2 * (value % 100), 2);
	if (value > 0)
		*--p = (char)('0' + value);
	return out + len;
}

static char *put_rcode(const struct csv_writer *writer, char *out, int rcode)
{
	char text[NAME_TEXT_MAX];

	if (rcode >= 0 && rcode < CACHED_RCODES)
		return put_word(out, &writer->rcodes[rcode]);
	out = stpcpy(out, rcode_name(rcode, text));
	*out++ = ',';
	return out;
}

static inline char *put_time(struct csv_writer *writer, char *out, int64_t time_ms)
{
	int64_t second = time_ms >= 0 ? time_ms / 1000 : (time_ms - 999) / 1000;
	unsigned ms = (unsigned)(time_ms - second * 1000);

	if (second != writer->second) {
		char text[25];

		csv_time(text, time_ms);
		memcpy(writer->date, text, 20);
		writer->second = second;
	}
	memcpy(out, writer->date, 20);
	out[20] = (char)('0' + ms / 100);
	out[21] = (char)('0' + ms / 10 % 10);
	out[22] = (char)('0' + ms % 10);
	out[23] = 'Z';
	out[24] = ',';
	return out + 25;
}

static char *put_ede(char *out, const struct reply *reply)
{
	unsigned count = reply->ede_count < ROW_EDE_MAX ? reply->ede_count : ROW_EDE_MAX;

	for (unsigned i = 0; i < count; i++) {
		if (i)
			*out++ = '+';
		out = put_number(out, reply->ede[i]);
	}
	return out;
}

static inline char *put_reply(const struct csv_writer *writer, char *out, const struct reply *reply)
{
	if (reply->outcome == OUTCOME_UNKNOWN) {
		memcpy(out, ",,,,,,,,", 8);
		return out + 8;
	}
	out = put_word(
		out, &writer->outcomes[(unsigned)reply->outcome < OUTCOME_COUNT ? reply->outcome
										: OUTCOME_UNKNOWN]);
	out = put_rcode(writer, out, reply->rcode);
	if (reply->ede_count)
		out = put_ede(out, reply);
	*out++ = ',';
	out = put_text(out, reply->ede_text, EDE_TEXT_MAX);
	*out++ = ',';
	out = put_word(out, &writer->flags[reply->flags & 63]);
	if (reply->answers >= 0)
		out = put_number(out, (unsigned)reply->answers);
	*out++ = ',';
	out = put_number(out, reply->tries);
	*out++ = ',';
	if (reply->rtt_us >= 0)
		out = put_number(out, (uint64_t)reply->rtt_us);
	*out++ = ',';
	return out;
}

size_t csv_pair_header(char *out)
{
	return csv_header(out, csv_pair_columns);
}

size_t csv_pair_write(struct csv_writer *writer, char *out, const struct row *row)
{
	char text[NAME_TEXT_MAX], *p = out;

	p = put_time(writer, p, row->time_ms);
	p = put_text(p, row->name, NAME_MAX);
	*p++ = ',';
	if (row->qtype == 1) {
		*p++ = 'A';
	} else {
		p = stpcpy(p, qtype_name(row->qtype, text));
	}
	*p++ = ',';
	p = put_text(p, row->resolver, CSV_RESOLVER_MAX);
	*p++ = ',';
	p = put_reply(writer, p, &row->normal);
	p = put_reply(writer, p, &row->cd);
	if (row->again_outcome == OUTCOME_UNKNOWN) {
		*p++ = ',';
		*p++ = ',';
	} else {
		p = put_word(
			p, &writer->outcomes[row->again_outcome < OUTCOME_COUNT ? row->again_outcome
										: OUTCOME_UNKNOWN]);
		p = put_rcode(writer, p, row->again_rcode);
	}
	p = put_text(p, row->nsid, NSID_MAX);
	*p++ = ',';
	p = put_text(p, row->note, NOTE_MAX);
	*p++ = ',';
	p = put_text(p, row->cd_rrsig, RRSIG_MAX);
	*p++ = '\n';
	return (size_t)(p - out);
}

/* ---- reading ---- */

static bool wrong(char why[CSV_WHY_MAX], unsigned column, struct view value)
{
	char shown[40];
	size_t len = value.len < sizeof(shown) - 1 ? value.len : sizeof(shown) - 1;

	for (size_t i = 0; i < len; i++)
		shown[i] = value.text[i] >= 0x20 && value.text[i] < 0x7f ? value.text[i] : '?';
	shown[len] = '\0';
	snprintf(why, CSV_WHY_MAX, "%s: '%s' is not valid", csv_pair_columns[column].name, shown);
	return false;
}

/* The eight columns of one reply; `first` is its outcome column. */
static bool reply_read(const struct view *values, unsigned first, struct reply *reply,
		       char why[CSV_WHY_MAX])
{
	const struct view *v = values + first;
	int64_t answers = -1, tries = 0, rtt_us = -1;
	unsigned bad = CD_RRSIG;

	if (!outcome_from_name(v[0].text, v[0].len, &reply->outcome))
		bad = OUTCOME;
	else if (!rcode_from_name(v[1].text, v[1].len, &reply->rcode))
		bad = RCODE;
	else if (!csv_read_ede(v[2], reply->ede, &reply->ede_count))
		bad = EDE;
	else if (!flags_from_name(v[4].text, v[4].len, &reply->flags))
		bad = FLAGS;
	else if (!csv_read_number(v[5], 0, 65535, &answers))
		bad = ANSWERS;
	else if (!csv_read_number(v[6], 0, 1000000, &tries))
		bad = TRIES;
	else if (!csv_read_number(v[7], 0, INT64_MAX, &rtt_us))
		bad = RTT_US;
	if (bad != CD_RRSIG)
		return wrong(why, first + bad - OUTCOME, v[bad - OUTCOME]);
	/* Files of others may lack the outcome: only an answer has an RCODE. */
	if (reply->outcome == OUTCOME_UNKNOWN && reply->rcode != RCODE_UNKNOWN)
		reply->outcome = OUTCOME_ANSWERED;
	reply->ede_text = v[3];
	reply->answers = (int)answers;
	reply->tries = (unsigned)tries;
	reply->rtt_us = rtt_us;
	return true;
}

bool csv_pair_read(const struct csv_layout *layout, char *line, size_t len, struct row *row,
		   char why[CSV_WHY_MAX])
{
	struct view v[CSV_FIELDS_MAX];

	row_init(row);
	if (!csv_split(layout, line, len, v, why))
		return false;
	if (!csv_read_time(v[TIME], &row->time_ms))
		return wrong(why, TIME, v[TIME]);
	if (v[NAME].len == 0 || v[NAME].len > NAME_MAX)
		return wrong(why, NAME, v[NAME]);
	if (!qtype_from_name(v[QTYPE].text, v[QTYPE].len, &row->qtype))
		return wrong(why, QTYPE, v[QTYPE]);
	if (v[RESOLVER].len == 0 || v[RESOLVER].len > CSV_RESOLVER_MAX)
		return wrong(why, RESOLVER, v[RESOLVER]);
	if (!reply_read(v, OUTCOME, &row->normal, why) || !reply_read(v, CD_OUTCOME, &row->cd, why))
		return false;
	if (row->normal.outcome == OUTCOME_UNKNOWN)
		return wrong(why, OUTCOME, v[OUTCOME]);
	if (row->normal.outcome == OUTCOME_ANSWERED && row->normal.rcode == RCODE_UNKNOWN)
		return wrong(why, RCODE, v[RCODE]);
	if (!outcome_from_name(v[AGAIN_OUTCOME].text, v[AGAIN_OUTCOME].len, &row->again_outcome))
		return wrong(why, AGAIN_OUTCOME, v[AGAIN_OUTCOME]);
	if (!rcode_from_name(v[AGAIN_RCODE].text, v[AGAIN_RCODE].len, &row->again_rcode))
		return wrong(why, AGAIN_RCODE, v[AGAIN_RCODE]);
	row->name = v[NAME];
	row->resolver = v[RESOLVER];
	row->nsid = v[NSID];
	row->note = v[NOTE];
	row->cd_rrsig = v[CD_RRSIG];
	return true;
}
