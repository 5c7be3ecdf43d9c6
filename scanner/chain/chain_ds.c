/* SPDX-License-Identifier: BSD-2-Clause */

/* From the parent's keys to the child's DS set, or to the proof that there is none. */
#include "scanner/chain/chain_inner.h"

#include <stdio.h>
#include <string.h>

#include "results/rows/names.h"
#include "scanner/chain/denial.h"

struct link {
	struct chain_call call;
	const struct keyset *parent;
	const uint8_t *child;
	struct chain_ds_set *ds;
};

/* Whatever is wrong here, it is the parent's to mend. */
static enum chain_cut blame_parent(struct link *link)
{
	struct chain_result *result = link->call.result;
	char text[CHAIN_TEXT_MAX], name[DNAME_TEXT_MAX];

	chain_fail(&link->call);
	if (result->state != CHAIN_BOGUS || result->reasons == 0)
		return CHAIN_CUT_UNKNOWN;
	dname_text(name, link->parent->zone);
	result->parent_fault = result->reason[0].fault;
	result->reason[0].fault = CHAIN_PARENT_DS_INVALID;
	snprintf(text, sizeof text, "%s", result->reason[0].text);
	/* Half a sentence is better than none: the zone's name is what gives way. */
	snprintf(result->reason[0].text, sizeof result->reason[0].text, "in %.60s: %.300s", name,
		 text);
	return CHAIN_CUT_UNKNOWN;
}

static void take_ds(struct chain_ds_set *set, const uint8_t *rdata, size_t len)
{
	struct chain_ds *ds = &set->ds[set->count];

	/* A digest longer than any we know is kept as none: the type is what makes it insecure. */
	if (len < 4)
		return;
	*ds = (struct chain_ds){.key_tag = (uint16_t)(rdata[0] << 8 | rdata[1]),
				.algorithm = rdata[2],
				.digest_type = rdata[3]};
	if (len - 4 <= CHAIN_DS_DIGEST_MAX) {
		ds->digest_len = (uint8_t)(len - 4);
		memcpy(ds->digest, rdata + 4, len - 4);
	}
	set->count++;
}

static enum chain_cut with_ds(struct link *link, unsigned section)
{
	struct chain_call *call = &link->call;
	const struct record *record;
	unsigned at = 0;

	if (!rrset_check(call, section, link->child, TYPE_DS, link->parent, -1, RANK_SIGNATURE)
		     .good)
		return blame_parent(link);
	while (link->ds->count < CHAIN_DS_MAX &&
	       (record = records_next(&call->records, &at, section, link->child, TYPE_DS)))
		take_ds(link->ds, record_rdata(&call->records, record), record->rdata_len);
	link->ds->more = records_next(&call->records, &at, section, link->child, TYPE_DS) != NULL;
	call->result->state = CHAIN_SECURE;
	return CHAIN_CUT_SECURE;
}

/* An NXDOMAIN for a name that has names below it is wrong by RFC 8020, yet a proof of no DS. */
static enum denial_verdict deny(struct link *link, struct denial *denial, bool *no_name)
{
	enum denial_verdict verdict = DENIAL_WRONG;

	if (link->call.records.rcode == RCODE_NXDOMAIN)
		verdict = denial_nxdomain(denial, link->child);
	*no_name = verdict < DENIAL_MISSING;
	return *no_name ? verdict : denial_nodata(denial, link->child, TYPE_DS);
}

static enum chain_cut without_ds(struct link *link)
{
	enum denial_verdict verdict, pretended;
	struct denial denial;
	bool no_name, scrap;

	denial_collect(&denial, &link->call, link->parent, RANK_SIGNATURE);
	verdict = pretended = deny(link, &denial, &no_name);
	if (denial_pretend(&denial, verdict))
		pretended = denial_pretended(&denial, deny(link, &denial, &scrap));
	if (!denial_settle(&denial, verdict, pretended))
		return blame_parent(link);
	if (no_name)
		return CHAIN_CUT_NO_NAME;
	/* No NS there: the proof says that nothing is delegated. An opt-out span leaves it open. */
	if (verdict == DENIAL_PROVED && !denial.delegation)
		return CHAIN_CUT_NONE;
	link->call.result->state = CHAIN_INSECURE;
	return CHAIN_CUT_INSECURE;
}

/* The message is no answer from the parent at all. */
static bool useless(struct link *link)
{
	const struct records *records = &link->call.records;
	const struct record *soa = records_find(records, SECTION_AUTHORITY, NULL, TYPE_SOA);
	const struct record *ns = records_find(records, SECTION_AUTHORITY, NULL, TYPE_NS);
	char text[NAME_TEXT_MAX], name[DNAME_TEXT_MAX];

	dname_text(name, link->child);
	link->call.result->parent_fault = CHAIN_ANSWER_USELESS;
	if (records->rcode != RCODE_NOERROR && records->rcode != RCODE_NXDOMAIN)
		reason_add(link->call.result, 0, CHAIN_PARENT_DS_INVALID,
			   "the server answers %.200s DS with %s", name,
			   rcode_name((int)records->rcode, text));
	else if (records_find(records, SECTION_AUTHORITY, link->child, TYPE_SOA))
		reason_add(link->call.result, 0, CHAIN_ANSWER_USELESS,
			   "the answer to %.200s DS comes from the child zone, not from its parent",
			   name);
	else if (!soa && ns && !dname_under(ns->owner, link->parent->zone))
		reason_add(link->call.result, 0, CHAIN_ANSWER_USELESS,
			   "the answer to %.200s DS refers upwards", name);
	else if (!soa && !ns && !records->authoritative &&
		 !records_find(records, ~0u, NULL, TYPE_RRSIG))
		reason_add(link->call.result, 0, CHAIN_ANSWER_USELESS,
			   "the answer to %.200s DS is empty and not authoritative", name);
	else
		return false;
	return true;
}

static enum chain_cut alias(struct link *link, const uint8_t *owner, uint16_t type)
{
	if (!rrset_check(&link->call, SECTION_ANSWER, owner, type, link->parent, -1, RANK_SIGNATURE)
		     .good)
		return blame_parent(link);
	link->call.result->state = CHAIN_SECURE;
	return CHAIN_CUT_NONE;
}

static const uint8_t *dname_above(const struct link *link)
{
	const struct record *record;
	unsigned at = 0;

	while ((record = records_next(&link->call.records, &at, SECTION_ANSWER, NULL, TYPE_DNAME)))
		if (dname_below(link->child, record->owner) &&
		    dname_under(record->owner, link->parent->zone))
			return record->owner;
	return NULL;
}

static enum chain_cut judge(struct link *link)
{
	const struct records *records = &link->call.records;
	const uint8_t *dname;

	if (records_find(records, SECTION_ANSWER, link->child, TYPE_DS))
		return with_ds(link, SECTION_ANSWER);
	if (records_find(records, SECTION_AUTHORITY, link->child, TYPE_DS))
		return with_ds(link, SECTION_AUTHORITY);
	/* What is an alias, or below a DNAME, is not delegated. */
	dname = dname_above(link);
	if (dname)
		return alias(link, dname, TYPE_DNAME);
	if (records_find(records, SECTION_ANSWER, link->child, TYPE_CNAME))
		return alias(link, link->child, TYPE_CNAME);
	return useless(link) ? CHAIN_CUT_UNKNOWN : without_ds(link);
}

enum chain_cut chain_ds(const struct keyset *parent, const uint8_t *child, const uint8_t *message,
			size_t len, int64_t now_s, struct chain_budget *budget,
			struct chain_ds_set *ds, struct chain_result *result)
{
	struct link link = {.parent = parent, .child = child, .ds = ds};
	enum chain_cut cut;

	ds->count = 0;
	ds->more = false;
	if (parent->state == CHAIN_INSECURE) {
		result_init(result);
		result->state = CHAIN_INSECURE;
		return CHAIN_CUT_INSECURE;
	}
	if (!chain_begin(&link.call, message, len, now_s, budget, result))
		return CHAIN_CUT_UNKNOWN;
	cut = judge(&link);
	chain_end(&link.call);
	return cut;
}
