/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/evidence.h"
#include "scanner/chain/denial.h"

#include <stdio.h>
#include <string.h>

#include "results/rows/names.h"

void denial_why(struct denial *denial, const char *format, const uint8_t *name)
{
	char text[DNAME_TEXT_MAX];

	dname_text(text, name);
	text[160] = '\0';
	snprintf(denial->why, sizeof denial->why, format, text);
}

/* Type bitmaps: RFC 4034 4.1.2. */
bool denial_type(const struct denial_record *record, uint16_t type)
{
	size_t at = 0;

	while (record->bitmap_len - at >= 2) {
		uint8_t window = record->bitmap[at], len = record->bitmap[at + 1];

		at += 2;
		if (len == 0 || len > 32 || len > record->bitmap_len - at)
			return false;
		if (window == type >> 8)
			return (type & 0xff) / 8 < len &&
			       record->bitmap[at + (type & 0xffu) / 8] & 0x80 >> (type & 7);
		at += len;
	}
	return false;
}

bool denial_types_deny(struct denial *denial, const struct denial_record *record,
		       const uint8_t *qname, uint16_t qtype)
{
	bool delegation = denial_type(record, TYPE_NS) && !denial_type(record, TYPE_SOA);
	const char *kind = record->nsec3 ? "NSEC3" : "NSEC";
	char type[NAME_TEXT_MAX], name[DNAME_TEXT_MAX];

	dname_text(name, qname);
	denial->delegation = delegation;
	if (denial_type(record, qtype) || denial_type(record, TYPE_CNAME)) {
		snprintf(denial->why, sizeof denial->why,
			 "the %s of %.160s says that %s exists there", kind, name,
			 qtype_name(denial_type(record, qtype) ? qtype : TYPE_CNAME, type));
		return false;
	}
	/* RFC 6840 4.1: at a delegation the parent speaks for DS only, the child for all the rest.
	 */
	if (qtype == TYPE_DS && denial_type(record, TYPE_SOA) && *qname != 0) {
		snprintf(denial->why, sizeof denial->why,
			 "the %s of %.160s is the child zone's, which cannot deny the DS", kind,
			 name);
		return false;
	}
	if (qtype != TYPE_DS && delegation) {
		snprintf(denial->why, sizeof denial->why,
			 "the %s of %.160s is the parent's of a delegation, which can deny the DS "
			 "only",
			 kind, name);
		return false;
	}
	return true;
}

static bool read_nsec(const struct records *records, const struct record *from,
		      struct denial_record *record)
{
	size_t at = record_name(records, from, 0, record->next);

	record->bitmap = record_rdata(records, from) + at;
	record->bitmap_len = from->rdata_len - at;
	return at > 0;
}

static void collect(struct denial *denial, const struct keyset *keys, const struct record *from,
		    unsigned rank)
{
	struct chain_call *call = denial->call;
	struct denial_record *record = &denial->record[denial->count];
	struct signed_by by;

	*record = (struct denial_record){.owner = from->owner, .nsec3 = from->type == TYPE_NSEC3};
	if (!dname_under(from->owner, denial->zone) ||
	    (record->nsec3 ? !nsec3_read(denial, record, record_rdata(&call->records, from),
					 from->rdata_len)
			   : !read_nsec(&call->records, from, record)))
		return;
	by = rrset_check(call, SECTION_AUTHORITY, from->owner, from->type, keys, -1, rank);
	record->good = by.good;
	denial->any_bad |= !record->good;
	denial->any_altered |=
		by.fault == CHAIN_RRSIG_INVALID || by.fault == CHAIN_RRSIG_WRONG_FIELDS;
	if (record->nsec3 && record->good && !denial->params)
		denial->params = record;
	denial->count++;
}

static bool collected(const struct denial *denial, const struct record *record)
{
	for (unsigned i = 0; i < denial->count; i++)
		if (denial->record[i].nsec3 == (record->type == TYPE_NSEC3) &&
		    dname_equal(denial->record[i].owner, record->owner))
			return true;
	return false;
}

void denial_collect(struct denial *denial, struct chain_call *call, const struct keyset *keys,
		    unsigned rank)
{
	memset(denial, 0, sizeof *denial);
	denial->call = call;
	denial->keys = keys;
	denial->zone = keys->zone;
	for (unsigned i = 0; i < call->records.count && denial->count < DENIAL_MAX; i++) {
		const struct record *record = &call->records.record[i];

		if (record->section == SECTION_AUTHORITY && !call->exhausted &&
		    (record->type == TYPE_NSEC || record->type == TYPE_NSEC3) &&
		    !collected(denial, record))
			collect(denial, keys, record, rank);
	}
	for (unsigned i = 0; i < denial->count && !denial->params; i++)
		if (denial->record[i].nsec3)
			denial->params = &denial->record[i];
	if (denial->params) {
		struct chain_result *result = call->result;

		result->nsec3 = true;
		result->nsec3_iterations = denial->params->iterations;
		if (denial->params->iterations > 0)
			note_add(result, EVIDENCE_ITERATIONS "%u (RFC 9276: 0)",
				 denial->params->iterations);
	}
}

/* What every question has in common: are there records, and may NSEC3 be counted at all? */
static bool ready(struct denial *denial, const uint8_t *qname, enum denial_verdict *verdict)
{
	if (denial->count == 0) {
		denial_why(denial,
			   denial->unknown_hash ? "the NSEC3s for %s use a hash algorithm or flags "
						  "that nobody knows"
						: "no NSEC or NSEC3 comes with the denial of %s",
			   qname);
		*verdict = denial->unknown_hash ? DENIAL_WRONG : DENIAL_MISSING;
		return false;
	}
	if (denial->params && denial->params->iterations > NSEC3_ITERATIONS_MAX) {
		*verdict = denial->params->good || denial->pretend ? DENIAL_ITERATIONS
								   : DENIAL_MISSING;
		denial_why(denial, "the NSEC3s for %s have more iterations than validators count",
			   qname);
		return false;
	}
	return true;
}

static bool has(const struct denial *denial, bool nsec3)
{
	for (unsigned i = 0; i < denial->count; i++)
		if (denial->record[i].nsec3 == nsec3)
			return true;
	return false;
}

enum denial_verdict denial_nxdomain(struct denial *denial, const uint8_t *qname)
{
	enum denial_verdict verdict;

	if (!ready(denial, qname, &verdict))
		return verdict;
	verdict = has(denial, false) ? nsec_nxdomain(denial, qname) : DENIAL_MISSING;
	return verdict >= DENIAL_MISSING && has(denial, true) ? nsec3_nxdomain(denial, qname)
							      : verdict;
}

enum denial_verdict denial_nodata(struct denial *denial, const uint8_t *qname, uint16_t qtype)
{
	enum denial_verdict verdict;

	if (!ready(denial, qname, &verdict))
		return verdict;
	verdict = has(denial, false) ? nsec_nodata(denial, qname, qtype) : DENIAL_MISSING;
	return verdict >= DENIAL_MISSING && has(denial, true) ? nsec3_nodata(denial, qname, qtype)
							      : verdict;
}

enum denial_verdict denial_wildcard(struct denial *denial, const uint8_t *qname, unsigned labels)
{
	enum denial_verdict verdict;

	if (!ready(denial, qname, &verdict)) {
		if (denial->count == 0 && !denial->unknown_hash)
			denial_why(denial,
				   "the answer is made out of a wildcard, and no NSEC or NSEC3 "
				   "comes with it to show that %s itself does not exist",
				   qname);
		return verdict;
	}
	verdict = has(denial, false) ? nsec_wildcard(denial, qname, labels) : DENIAL_MISSING;
	return verdict >= DENIAL_MISSING && has(denial, true)
		       ? nsec3_wildcard(denial, qname, labels)
		       : verdict;
}

static bool holds(enum denial_verdict verdict)
{
	return verdict < DENIAL_MISSING;
}

bool denial_pretend(struct denial *denial, enum denial_verdict verdict)
{
	if (holds(verdict) || denial->call->exhausted || !denial->any_bad)
		return false;
	denial->pretend = true;
	return true;
}

enum denial_verdict denial_pretended(struct denial *denial, enum denial_verdict pretended)
{
	if (!denial->call->exhausted)
		return pretended;
	denial->call->exhausted = false;
	denial->spent = true;
	return DENIAL_PROVED;
}

bool denial_settle(struct denial *denial, enum denial_verdict verdict,
		   enum denial_verdict pretended)
{
	struct chain_call *call = denial->call;
	struct chain_result *result = call->result;

	if (holds(verdict)) {
		result->state = verdict == DENIAL_PROVED ? CHAIN_SECURE : CHAIN_INSECURE;
		result->opt_out |= verdict == DENIAL_OPT_OUT;
		if (verdict == DENIAL_OPT_OUT)
			note_add(result, "the proof rests on an opt-out span");
		if (verdict == DENIAL_ITERATIONS)
			note_add(result, "more NSEC3 iterations than validators count: insecure");
		/* Besides the proof there may be records that it does not need. */
		for (unsigned i = 0; i < result->reasons; i++)
			result->reason[i].rank += RANK_BESIDES;
		return true;
	}
	if (!call->exhausted && !holds(pretended)) {
		/* what was changed, and does not prove it, was changed there; where signatures are
		 * only gone or old, servers may find no proof because of that */
		bool wrong = pretended != DENIAL_MISSING || denial->any_altered;

		reason_add(result, wrong && denial->any_bad ? RANK_PROVED : RANK_DENIAL,
			   wrong ? CHAIN_DENIAL_WRONG : CHAIN_DENIAL_MISSING, "%s", denial->why);
	} else if (!call->exhausted && denial->any_altered && !denial->spent) {
		nsec3_repair(denial);
	}
	chain_fail(call);
	return false;
}
