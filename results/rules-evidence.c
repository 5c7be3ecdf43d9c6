/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules on evidence rows: what was seen at the authoritative side, or proved by the chain.
 */
#include "results/rules.h"

#include <string.h>

/* In which order repairs make sense: ancestors and delegation first, then keys, then signatures,
 * then the rest. */
static unsigned rank(enum cause cause)
{
	static const enum cause order[] = {
		CAUSE_PARENT_DS_INVALID,
		CAUSE_NS_NAME_NONEXISTENT,
		CAUSE_NS_NAME_UNRESOLVABLE,
		CAUSE_NS_NAME_NO_ADDRESS,
		CAUSE_NS_GLUE_MISSING,
		CAUSE_NS_LOOP,
		CAUSE_NS_ADDRESS_SPECIAL,
		CAUSE_NS_PARENT_OUTDATED,
		CAUSE_NS_REFUSED,
		CAUSE_ZONE_NOT_LOADED,
		CAUSE_NS_ERROR,
		CAUSE_NS_UPWARD_REFERRAL,
		CAUSE_NS_OTHER_ZONE,
		CAUSE_NS_NOT_AUTHORITATIVE,
		CAUSE_NS_TIMEOUT,
		CAUSE_NS_UNREACHABLE,
		CAUSE_NS_MIXED_FAILURES,
		CAUSE_TCP_BLOCKED,
		CAUSE_EDNS_DROPPED,
		CAUSE_EDNS_REFUSED,
		CAUSE_DNSKEY_UNOBTAINABLE,
		CAUSE_DS_BUT_UNSIGNED,
		CAUSE_DS_ALGORITHM_MISMATCH,
		CAUSE_DS_NO_MATCHING_DNSKEY,
		CAUSE_DS_DIGEST_MISMATCH,
		CAUSE_DNSKEY_UNUSABLE,
		CAUSE_DNSKEY_REVOKED,
		CAUSE_DNSKEY_NOT_SIGNED,
		CAUSE_RRSIG_EXPIRED,
		CAUSE_RRSIG_NOT_YET_VALID,
		CAUSE_SERVER_WITHOUT_DNSSEC,
		CAUSE_RRSIG_MISSING,
		CAUSE_RRSIG_KEY_MISSING,
		CAUSE_RRSIG_WRONG_FIELDS,
		CAUSE_RRSIG_INVALID,
		CAUSE_DENIAL_MISSING,
		CAUSE_DENIAL_WRONG,
		CAUSE_SERVERS_INCONSISTENT,
	};

	for (unsigned i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (order[i] == cause)
			return i;
	return 1000 + (unsigned)cause;
}

static bool domain_side(enum cause cause)
{
	enum category category = cause_info(cause)->category;

	return category >= CATEGORY_DNSSEC && category <= CATEGORY_NETWORK;
}

/* Do the resolvers' answers allow this cause? */
static bool agrees(const struct inquiry *q, enum cause cause)
{
	bool validation = q->kinds[OPINION_VALIDATION] || q->kinds[OPINION_MUTE_CD];
	bool resolution = q->kinds[OPINION_RESOLUTION] || q->kinds[OPINION_MUTE];

	if (cause_info(cause)->category == CATEGORY_DNSSEC)
		return validation || !resolution || cause == CAUSE_DNSKEY_UNOBTAINABLE;
	/* with CD=1 the name resolves: the servers are there */
	return resolution || !validation || cause_info(cause)->category == CATEGORY_NETWORK;
}

/*
 * Rows that conclude (question empty) name the cause; rows of single probes are facts that a
 * conclusion stands on, and one bad server of four is no cause.
 */
bool rule_proved(const struct inquiry *q, struct verdict *v)
{
	const struct evidence *first = NULL;
	enum cause cause = CAUSE_NONE;

	for (size_t i = 0; i < q->facts->evidence_count; i++) {
		const struct evidence *e = &q->facts->evidence[i];
		enum cause found = cause_from_id(e->finding.text, e->finding.len);

		if (e->question.len == 0 && domain_side(found) &&
		    (!first || rank(found) < rank(cause))) {
			first = e;
			cause = found;
		}
	}
	if (!first)
		return false;
	verdict_at(v, first->zone);
	verdict_say(v, "%.*s", (int)first->detail.len, first->detail.len ? first->detail.text : "");
	if (agrees(q, cause))
		return verdict_is(v, cause,
				  v->status == STATUS_FAILING ? CONFIDENCE_CERTAIN
							      : CONFIDENCE_LIKELY);
	verdict_say(v, "the resolvers' answers do not fit this well");
	return verdict_is(v, cause, CONFIDENCE_GUESS);
}
