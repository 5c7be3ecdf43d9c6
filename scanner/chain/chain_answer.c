/* SPDX-License-Identifier: BSD-2-Clause */

/* From a zone's keys to its answer: the RRset asked for, the aliases on the way, or the denial. */
#include "scanner/chain/chain_inner.h"

#include <assert.h>
#include <string.h>

#include "results/rows/names.h"
#include "scanner/chain/denial.h"

#define ALIASES_MAX 16

struct ask {
	struct chain_call call;
	const struct keyset *keys;
	uint8_t name[DNAME_MAX]; /* the QNAME, then what it is an alias of */
	uint16_t qtype;
	bool insecure; /* some proof on the way was */
};

static bool authority_is(const struct ask *ask, const uint8_t *zone)
{
	return records_find(&ask->call.records, SECTION_AUTHORITY, zone, TYPE_SOA) != NULL;
}

/* Does a zone below ours speak for the name: by a referral, or by its own SOA? */
static bool cut_below(struct ask *ask)
{
	const struct records *records = &ask->call.records;

	for (unsigned i = 0; i < records->count; i++) {
		const struct record *record = &records->record[i];

		if (record->section == SECTION_AUTHORITY &&
		    (record->type == TYPE_SOA ||
		     (record->type == TYPE_NS && !authority_is(ask, ask->keys->zone))) &&
		    dname_below(record->owner, ask->keys->zone) &&
		    dname_under(ask->name, record->owner) &&
		    !(ask->qtype == TYPE_DS && dname_equal(ask->name, record->owner))) {
			dname_copy(ask->call.result->cut, record->owner);
			return true;
		}
	}
	return false;
}

/* A negative answer that is none of this zone's. */
static bool useless(struct ask *ask)
{
	const struct records *records = &ask->call.records;
	const struct record *soa = records_find(records, SECTION_AUTHORITY, NULL, TYPE_SOA);
	const struct record *ns = records_find(records, SECTION_AUTHORITY, NULL, TYPE_NS);
	char text[NAME_TEXT_MAX], name[DNAME_TEXT_MAX];

	if (records->rcode != RCODE_NOERROR && records->rcode != RCODE_NXDOMAIN) {
		reason_add(ask->call.result, 0, CHAIN_ANSWER_USELESS, "the server answers with %s",
			   rcode_name((int)records->rcode, text));
		return true;
	}
	if (soa && !authority_is(ask, ask->keys->zone)) {
		reason_add(ask->call.result, 0, CHAIN_ANSWER_USELESS,
			   "the answer is another zone's: %.200s", dname_text(name, soa->owner));
		return true;
	}
	if (!soa && ns && !dname_under(ns->owner, ask->keys->zone)) {
		reason_add(ask->call.result, 0, CHAIN_ANSWER_USELESS,
			   "the answer refers to the servers of %.200s",
			   dname_text(name, ns->owner));
		return true;
	}
	/* Knot DNS denies a name like that when it finds no NSEC3 for it: then the proof is missing
	 */
	if (records->rcode == RCODE_NOERROR && !soa && !records->authoritative &&
	    !records_find(records, ~0u, NULL, TYPE_RRSIG)) {
		reason_add(ask->call.result, 0, CHAIN_ANSWER_USELESS,
			   "the answer is empty: no records, no SOA, not authoritative");
		return true;
	}
	return false;
}

static enum denial_verdict deny(struct ask *ask, struct denial *denial)
{
	enum denial_verdict verdict = DENIAL_WRONG;
	char why[DENIAL_WHY_MAX];

	if (ask->call.records.rcode != RCODE_NXDOMAIN)
		return denial_nodata(denial, ask->name, ask->qtype);
	verdict = denial_nxdomain(denial, ask->name);
	if (verdict < DENIAL_MISSING)
		return verdict;
	/* NXDOMAIN for an empty non-terminal is wrong (RFC 8020), yet the NSEC that covers it is
	 * good for NODATA, and validators take it; not so an NSEC or NSEC3 of the name itself. */
	memcpy(why, denial->why, sizeof why);
	if (denial_nodata(denial, ask->name, ask->qtype) < DENIAL_MISSING && !denial->by_match) {
		note_add(ask->call.result, "NXDOMAIN for a name that exists");
		return DENIAL_PROVED;
	}
	memcpy(denial->why, why, sizeof why);
	return verdict;
}

static void judge_negative(struct ask *ask)
{
	struct chain_call *call = &ask->call;
	const struct keyset *keys = ask->keys;
	enum denial_verdict verdict, pretended;
	struct denial denial;
	bool soa_good = true;

	if (cut_below(ask) || useless(ask))
		return;
	/* unbound, knot and pdns want the SOA signed, too; BIND does not mind. */
	if (authority_is(ask, keys->zone))
		soa_good = rrset_check(call, SECTION_AUTHORITY, keys->zone, TYPE_SOA, keys, -1,
				       RANK_SIGNATURE)
				   .good;
	denial_collect(&denial, call, keys, RANK_SIGNATURE);
	verdict = deny(ask, &denial);
	pretended = verdict;
	if (denial_pretend(&denial, verdict))
		pretended = denial_pretended(&denial, deny(ask, &denial));
	if (!soa_good && verdict < DENIAL_MISSING) {
		note_add(call->result, "only the SOA's signature is bad: BIND does not mind");
		chain_fail(call);
		return;
	}
	if (!denial_settle(&denial, verdict, pretended))
		return;
	if (ask->insecure)
		call->result->state = CHAIN_INSECURE;
	if (!authority_is(ask, keys->zone))
		reason_add(call->result, RANK_BESIDES, CHAIN_DENIAL_MISSING,
			   "the denial comes without the zone's SOA (PowerDNS minds)");
}

/* RFC 4035 5.3.4: what a wildcard stands for must not exist itself. */
static bool wildcard_good(struct ask *ask, unsigned labels)
{
	struct chain_call *call = &ask->call;
	enum denial_verdict verdict, pretended;
	struct denial denial;

	call->result->wildcard = true;
	denial_collect(&denial, call, ask->keys, RANK_SIGNATURE);
	verdict = denial_wildcard(&denial, ask->name, labels);
	pretended = verdict;
	if (denial_pretend(&denial, verdict))
		pretended = denial_pretended(&denial, denial_wildcard(&denial, ask->name, labels));
	if (!denial_settle(&denial, verdict, pretended))
		return false;
	ask->insecure |= call->result->state == CHAIN_INSECURE;
	return true;
}

/* Is there an RRSIG over owner/type by this zone? After an alias a name may be another zone's. */
static bool ours(const struct ask *ask, const uint8_t *owner, uint16_t type)
{
	const struct records *records = &ask->call.records;
	const struct record *record;
	struct rrsig rrsig;
	unsigned at = 0;

	while ((record = records_next(records, &at, SECTION_ANSWER, owner, TYPE_RRSIG)))
		if (rrsig_read(records, record, &rrsig) && rrsig.type_covered == type &&
		    dname_equal(rrsig.signer, ask->keys->zone))
			return true;
	return false;
}

enum step {
	STEP_BAD,
	STEP_ELSEWHERE, /* the name is another zone's */
	STEP_GOOD,	/* go on with the alias */
	STEP_DONE,
};

static enum step check(struct ask *ask, const uint8_t *owner, uint16_t type, bool first)
{
	char name[DNAME_TEXT_MAX], signer[DNAME_TEXT_MAX], text[NAME_TEXT_MAX];
	struct chain_call *call = &ask->call;
	struct signed_by by;

	if (!first && !ours(ask, owner, type))
		return STEP_ELSEWHERE;
	by = rrset_look(call, SECTION_ANSWER, owner, type, ask->keys, -1, RANK_SIGNATURE);
	if (by.good)
		return !by.wildcard || wildcard_good(ask, by.labels) ? STEP_GOOD : STEP_BAD;
	if (by.child[0] != 0 && call->result->reasons == 0) {
		memcpy(call->result->cut, by.child, sizeof by.child);
		/* who knows that no zone is there takes it for what it then is */
		reason_add(call->result, RANK_SIGNATURE, CHAIN_RRSIG_WRONG_FIELDS,
			   "RRSIG over %s of %.120s names as its signer %.120s, below this zone",
			   qtype_name(type, text), dname_text(name, owner),
			   dname_text(signer, by.child));
		return STEP_ELSEWHERE;
	}
	chain_fail(call);
	return STEP_BAD;
}

/* The DNAME that stands above the name, if any. */
static const struct record *dname_above(const struct ask *ask)
{
	const struct records *records = &ask->call.records;
	const struct record *record;
	unsigned at = 0;

	while ((record = records_next(records, &at, SECTION_ANSWER, NULL, TYPE_DNAME)))
		if (dname_below(ask->name, record->owner) &&
		    dname_under(record->owner, ask->keys->zone))
			return record;
	return NULL;
}

/* RFC 6672 3.1: the CNAME that comes with a DNAME is unsigned; it has to be what the DNAME makes.
 */
static enum step follow_dname(struct ask *ask, const struct record *record, bool first)
{
	const struct records *records = &ask->call.records;
	const struct record *cname = records_find(records, SECTION_ANSWER, ask->name, TYPE_CNAME);
	uint8_t target[DNAME_MAX], made[DNAME_MAX], given[DNAME_MAX];
	size_t front = dname_len(ask->name) - dname_len(record->owner);
	enum step step = check(ask, record->owner, TYPE_DNAME, first);
	char name[DNAME_TEXT_MAX];

	if (step != STEP_GOOD)
		return step;
	if (!record_name(records, record, 0, target) || !dname_join(made, ask->name, front, target))
		return STEP_DONE; /* YXDOMAIN: the name would be too long (RFC 6672 2.2) */
	if (cname && (!record_name(records, cname, 0, given) || !dname_equal(given, made))) {
		reason_add(ask->call.result, RANK_SIGNATURE, CHAIN_RRSIG_MISSING,
			   "CNAME of %.200s is not what the DNAME above it makes, and has no RRSIG "
			   "of its "
			   "own",
			   dname_text(name, ask->name));
		chain_fail(&ask->call);
		return STEP_BAD;
	}
	dname_copy(ask->name, made);
	return STEP_GOOD;
}

static enum step follow_cname(struct ask *ask, const struct record *record, bool first)
{
	uint8_t target[DNAME_MAX];
	enum step step = check(ask, ask->name, TYPE_CNAME, first);

	if (step == STEP_GOOD && record_name(&ask->call.records, record, 0, target))
		dname_copy(ask->name, target);
	return step;
}

/* Nothing in the answer section is about the name. */
static void end_without(struct ask *ask, bool first)
{
	if (first || (dname_under(ask->name, ask->keys->zone) && !cut_below(ask) &&
		      authority_is(ask, ask->keys->zone))) {
		judge_negative(ask);
		return;
	}
	memset(ask->call.result->cut, 0, sizeof ask->call.result->cut);
	dname_copy(ask->call.result->alias, ask->name);
	ask->call.result->state = ask->insecure ? CHAIN_INSECURE : CHAIN_SECURE;
}

/* One name: its data, or its alias. STEP_BAD also when all is said. */
static enum step judge_name(struct ask *ask, bool first)
{
	const struct records *records = &ask->call.records;
	const struct record *data = records_find(records, SECTION_ANSWER, ask->name, ask->qtype);
	const struct record *cname = records_find(records, SECTION_ANSWER, ask->name, TYPE_CNAME);
	const struct record *dname = dname_above(ask);
	enum step step;

	if (dname && (!data || ask->qtype == TYPE_CNAME) && !ours(ask, ask->name, TYPE_CNAME)) {
		step = follow_dname(ask, dname, first);
		return step == STEP_GOOD && data ? STEP_DONE : step;
	}
	if (data) {
		step = check(ask, ask->name, ask->qtype, first);
		return step == STEP_GOOD ? STEP_DONE : step;
	}
	if (cname)
		return follow_cname(ask, cname, first);
	end_without(ask, first);
	return STEP_BAD;
}

/* What comes with a good answer and is not needed, some validators want signed all the same. */
static void look_beside(struct ask *ask)
{
	const struct records *records = &ask->call.records;
	struct chain_result *result = ask->call.result;
	const uint8_t *zone = ask->keys->zone;
	const struct record *record;
	char name[DNAME_TEXT_MAX];
	struct rrsig rrsig;
	unsigned at = 0;

	if (result->state != CHAIN_SECURE ||
	    !records_find(records, SECTION_AUTHORITY, zone, TYPE_NS))
		return;
	while ((record = records_next(records, &at, SECTION_AUTHORITY, zone, TYPE_RRSIG))) {
		struct signed_by by;

		if (!rrsig_read(records, record, &rrsig) || rrsig.type_covered != TYPE_NS)
			continue;
		by = rrset_check(&ask->call, SECTION_AUTHORITY, zone, TYPE_NS, ask->keys, -1,
				 RANK_BESIDES);
		result->beside = by.good	    ? CHAIN_FAULT_NONE
				 : by.child[0] != 0 ? CHAIN_RRSIG_WRONG_FIELDS
						    : by.fault;
		return;
	}
	result->beside = CHAIN_RRSIG_MISSING;
	reason_add(result, RANK_BESIDES, CHAIN_RRSIG_MISSING,
		   "NS of %.200s, beside the answer, has no RRSIG (PowerDNS minds)",
		   dname_text(name, zone));
}

static void judge(struct ask *ask)
{
	struct chain_result *result = ask->call.result;

	for (unsigned i = 0; i < ALIASES_MAX; i++) {
		enum step step;

		if (i > 0 && !dname_under(ask->name, ask->keys->zone))
			break;
		step = judge_name(ask, i == 0);
		if (step == STEP_BAD || (step == STEP_ELSEWHERE && i == 0))
			return;
		if (step == STEP_ELSEWHERE)
			break;
		result->state = ask->insecure ? CHAIN_INSECURE : CHAIN_SECURE;
		if (step == STEP_DONE)
			return;
	}
	dname_copy(result->alias, ask->name);
}

void chain_answer(const struct keyset *keys, const uint8_t *qname, uint16_t qtype,
		  const uint8_t *message, size_t len, int64_t now_s, struct chain_budget *budget,
		  struct chain_result *result)
{
	struct ask ask = {.keys = keys, .qtype = qtype};

	assert(dname_under(qname, keys->zone));

	if (keys->state == CHAIN_INSECURE) {
		result_init(result);
		result->state = CHAIN_INSECURE;
		return;
	}
	if (!chain_begin(&ask.call, message, len, now_s, budget, result))
		return;
	dname_copy(ask.name, qname);
	if (qtype == TYPE_ANY || qtype == TYPE_RRSIG)
		reason_add(result, 0, CHAIN_ANSWER_USELESS,
			   "answers to ANY and RRSIG are not judged");
	else {
		judge(&ask);
		look_beside(&ask);
	}
	chain_end(&ask.call);
}

static const struct chain_reason *find_reason(const struct chain_result *result,
					      enum chain_fault fault)
{
	for (unsigned i = 0; i < result->reasons; i++)
		if (result->reason[i].fault == fault)
			return &result->reason[i];
	return NULL;
}

void chain_merge(struct chain_result *keys, const struct chain_result *answer)
{
	const struct chain_reason *root = NULL;

	if (keys->state != CHAIN_BOGUS || answer->state != CHAIN_BOGUS || keys->reasons == 0)
		return;
	/* Not only the DNSKEY RRset, nothing at all is signed. */
	if (keys->reason[0].fault == CHAIN_DNSKEY_NOT_SIGNED && keys->no_rrsigs &&
	    answer->no_rrsigs)
		root = find_reason(answer, CHAIN_RRSIG_MISSING);
	/* The DNSKEY RRset was changed after signing, and a key that the rest is signed by is gone,
	 * or spoilt. */
	else if (keys->reason[0].fault == CHAIN_RRSIG_INVALID) {
		root = find_reason(answer, CHAIN_RRSIG_KEY_MISSING);
		root = root ? root : find_reason(answer, CHAIN_DNSKEY_UNUSABLE);
	}
	if (root)
		reason_add(keys, RANK_LIMIT, root->fault, "%s", root->text);
}
