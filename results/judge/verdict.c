/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/verdict.h"

#include <string.h>

const struct csv_column verdict_columns[] = {
	[VERDICT_NAME] = {"name", "the name asked for", CSV_TEXT},
	[VERDICT_QTYPE] = {"qtype", "the type asked for", CSV_TEXT},
	[VERDICT_STATUS] = {"status", "ok, failing, partial or unknown", CSV_TEXT},
	[VERDICT_CATEGORY] =
		{"category",
		 "where the fault lies: dnssec, unreachable, delegation, zone, network, resolver, "
		 "transient, expected, unknown; empty when ok",
		 CSV_TEXT},
	[VERDICT_CAUSE] = {"cause", "the one cause; empty when ok", CSV_TEXT},
	[VERDICT_AT] = {"at", "the zone at fault, where known", CSV_TEXT},
	[VERDICT_CONFIDENCE] = {"confidence", "certain, likely or guess; empty when ok", CSV_TEXT},
	[VERDICT_RESOLVERS_OK] = {"resolvers_ok", "resolvers that resolve it", CSV_NUMBER},
	[VERDICT_RESOLVERS_FAILING] = {"resolvers_failing", "resolvers that fail it", CSV_NUMBER},
	[VERDICT_RESOLVERS_UNKNOWN] = {"resolvers_unknown", "resolvers that cannot tell",
				       CSV_NUMBER},
	[VERDICT_EDE] = {"ede", "EDE INFO-CODEs of the failing answers, joined by +", CSV_LIST},
	[VERDICT_EVIDENCE] = {"evidence", "what was seen, in words", CSV_TEXT},
	[VERDICT_FIX] = {"fix", "how to mend it", CSV_TEXT},
	[VERDICT_OPERATOR] =
		{"operator",
		 "who serves the zone at fault (or the name's own), by the name servers' "
		 "domain, joined by +",
		 CSV_LIST},
	[VERDICT_ALGORITHM] =
		{"algorithm",
		 "numbers of the DNSSEC algorithms that it is signed with, joined by +", CSV_LIST},
	[VERDICT_SIGNED] =
		{"signed", "yes: signed, as a validator or signatures say; empty: no, or not known",
		 CSV_TEXT},
	[VERDICT_COLUMNS] = {NULL, NULL, CSV_TEXT},
};

static const char *const statuses[STATUS_COUNT] = {"ok", "failing", "partial", "unknown"};
static const char *const confidences[CONFIDENCE_COUNT] = {"", "guess", "likely", "certain"};

const char *status_name(enum status status)
{
	return statuses[status];
}

const char *confidence_name(enum confidence confidence)
{
	return confidences[confidence];
}

/* From outside: any octets. */
static char *put_text(char *p, const char *text)
{
	*p++ = ',';
	return csv_field(p, view_of(text), VERDICT_EVIDENCE_MAX);
}

/* One of our own words, or some joined by "+". */
static char *put_word(char *p, const char *word)
{
	*p++ = ',';
	return stpcpy(p, word);
}

static char *put_number(char *p, unsigned number)
{
	*p++ = ',';
	return csv_number(p, number);
}

size_t verdict_write(char *out, struct view name, uint16_t qtype, const struct verdict *v)
{
	const struct cause_info *info = cause_info(v->cause);
	char text[NAME_TEXT_MAX], *p = csv_field(out, name, 255);

	p = put_word(p, qtype_name(qtype, text));
	p = put_word(p, status_name(v->status));
	p = put_word(p, category_name(info->category));
	p = put_word(p, info->id);
	p = put_text(p, v->at);
	p = put_word(p, confidence_name(v->confidence));
	p = put_number(p, v->ok);
	p = put_number(p, v->failing);
	p = put_number(p, v->unknown);
	p = put_word(p, v->ede);
	p = put_text(p, v->evidence);
	p = put_text(p, info->fix);
	p = put_text(p, v->operators);
	p = put_word(p, v->algorithms);
	p = put_word(p, v->is_signed ? "yes" : "");
	*p++ = '\n';
	return (size_t)(p - out);
}
