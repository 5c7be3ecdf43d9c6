/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which of the faults that the evidence has explains what the resolvers say.
 */
#include "results/judge/rules.h"

/* Servers that answer who asks without EDNS: data without signatures, which CD=1 lets pass. */
#define ANSWERS_UNSIGNED (BIT(EDNS_REFUSED) | BIT(EDNS_DROPPED) | BIT(SERVER_WITHOUT_DNSSEC))

/* With CD=1 all who answer say that there is nothing, but for those who put something in its place.
 */
bool resolved_to_nothing(const struct inquiry *q)
{
	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];

		if ((o->kind == OPINION_VALIDATION || o->kind == OPINION_MUTE_CD) &&
		    !o->resolver->rewrites && o->row->cd.rcode == RCODE_NOERROR &&
		    o->row->cd.answers != 0)
			return false;
	}
	return true;
}

/*
 * Do the resolvers' answers allow this cause? With CD=1 validation does not matter: what fails then
 * is no matter of signatures, and what works then has servers that answer. Keys that cannot be
 * fetched, and networks that lose large answers, may show either way.
 */
bool fault_fits(const struct inquiry *q, const struct fault *fault)
{
	enum cause cause = fault->cause;
	bool validation = q->kinds[OPINION_VALIDATION] || q->kinds[OPINION_MUTE_CD];
	bool resolution = q->kinds[OPINION_RESOLUTION] || q->kinds[OPINION_MUTE] ||
			  q->kinds[OPINION_ERROR] || q->kinds[OPINION_REFUSED];

	if (CAUSE_BIT(cause) & EITHER_WAY || view_is(fault->row->finding, EVIDENCE_NO_DS))
		return true;
	if (fault->mixed & ANSWERS_UNSIGNED ||
	    ((CAUSE_BIT(cause) | fault->mixed) & LOOKS_LIKE_DENIAL && resolved_to_nothing(q)))
		return true;
	switch (cause_info(cause)->category) {
	case CATEGORY_DNSSEC:
		/* a server that fails for want of records is one that fails, whatever CD says */
		return validation || !resolution || view_is(fault->row->probe, "conclusion");
	case CATEGORY_NETWORK:
		return true;
	default:
		return resolution || !validation;
	}
}

/*
 * A zone above the name that looks dead from here is not, when resolvers have answers for other
 * names below it: then it is this host that cannot get there. Nor is the root ever dead to
 * everybody.
 */
static bool overruled(const struct inquiry *q, const struct fault *fault)
{
	if (!(CAUSE_BIT(fault->cause) & STOPS_ALL) || fault->quirk)
		return false;
	return view_is(fault->zone, ".") || (!view_equal(fault->zone, q->facts->name) &&
					     view_within(q->facts->name, fault->zone) &&
					     view_within(q->facts->alive_above, fault->zone));
}

/* Fails the impatient and the unlucky. */
#define FAILS_SOME (BIT(PACKET_LOSS) | BIT(NS_SLOW) | BIT(FLAPPING))
/* What a limit on queries looks like to who meets it. */
#define LOOKS_SILENT                                                                               \
	(BIT(NS_TIMEOUT) | BIT(UDP_BLOCKED) | BIT(TCP_BLOCKED) | BIT(NS_MIXED_FAILURES) |          \
	 BIT(NS_ERROR))

static bool hides(const struct fault *fault)
{
	return CAUSE_BIT(fault->cause) & (FAILS_SOME | LOOKS_SILENT);
}

static unsigned count_bogus(const struct inquiry *q)
{
	return q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD];
}

/* Does data that resolvers handed on, and that fails them, outweigh what was not to be had here? */
static bool outweighs(const struct inquiry *q, const struct fault *told, const struct fault *seen)
{
	return CAUSE_BIT(told->cause) & READ_IN_DATA && count_bogus(q) && fault_fits(q, told) &&
	       (CAUSE_BIT(seen->cause) & FAILS_SOME || count_bogus(q) * 2 >= q->failing);
}

/* What was seen of servers that do answer, or of where they are to be: no loss on the way. */
#define LASTS                                                                                      \
	(BIT(NS_REFUSED) | BIT(ZONE_NOT_LOADED) | BIT(NS_UNREACHABLE) | BIT(NS_NAME_NONEXISTENT) | \
	 BIT(NS_NAME_NO_ADDRESS) | BIT(NS_GLUE_MISSING) | BIT(NS_LOOP) | BIT(NS_ADDRESS_SPECIAL) | \
	 BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_UPWARD_REFERRAL) | BIT(NS_OTHER_ZONE) |                \
	 BIT(CNAME_LOOP) | BIT(RECORDS_MALFORMED) | BIT(TCP_BLOCKED))

/* A zone above loses queries, or is slow: nobody gets past what is wrong further down, however often
 * he asks. Silence down there counts where others get past the zone above. */
static bool worse_below(const struct inquiry *q, const struct fault *above,
			const struct fault *fault)
{
	uint64_t worse = LASTS;

	if (view_within(q->facts->alive_above, above->zone))
		worse |= STOPS_ALL;
	return CAUSE_BIT(fault->cause) & worse && !fault->quirk &&
	       !view_equal(fault->zone, above->zone) && view_within(fault->zone, above->zone) &&
	       fault_fits(q, fault);
}

/* Broken data behind servers that are slow, lose queries or refuse some: these fail the impatient
 * and the unlucky, those every validator. So it is with a broken zone below such servers. NULL:
 * there are none. */
static const struct fault *behind(const struct inquiry *q, const struct fault *fault)
{
	const struct trail *trail = &q->trail;
	bool fails_some = CAUSE_BIT(fault->cause) & FAILS_SOME;

	if (!hides(fault) || !q->failing)
		return NULL;
	for (const struct fault *next = fault + 1; next < trail->fault + trail->faults; next++) {
		if (fails_some && next->told == fault->told && worse_below(q, fault, next))
			return next;
		if (cause_info(next->cause)->category != CATEGORY_DNSSEC ||
		    next->cause == CAUSE_DNSKEY_UNOBTAINABLE || (next->filed && trail->file_old))
			continue;
		if (next->told == fault->told ? fails_some
					      : next->told && outweighs(q, next, fault))
			return next;
	}
	return NULL;
}

static bool breaks_all(const struct fault *fault)
{
	return CAUSE_BIT(fault->cause) & READ_IN_DATA && !fault->unsure && !fault->told;
}

/* What was seen and explains nothing is forgotten where resolvers told more. */
const struct fault *fault_that_fits(const struct inquiry *q, bool *fit)
{
	const struct trail *trail = &q->trail;
	const struct fault *first = NULL;

	for (unsigned i = 0; i < trail->faults; i++) {
		const struct fault *fault = &trail->fault[i];

		if (fault->filed && trail->file_old)
			continue;
		/* who resolves it later does not mind a server's habits */
		if (overruled(q, fault) || fault_dated_otherwise(q, fault) ||
		    (trail->told && !fault->told && !fault_fits(q, fault)) ||
		    (fault->quirk && !q->failing))
			continue;
		if (fault_fits(q, fault)) {
			const struct fault *next = behind(q, fault);

			*fit = true;
			/* who gets past what only some mind meets what no validator takes */
			if (fault->quirk && first && breaks_all(first))
				return first;
			return next ? next : fault;
		}
		/* what only some mind, and cannot be why, is not why */
		first = first || fault->quirk ? first : fault;
	}
	*fit = false;
	return first;
}

/*
 * Nothing of the chain was to be had from servers that lose queries, limit them or are slow; but
 * resolvers have data that is out of date, or complain of what they have read.
 */
bool rule_behind_silence(const struct inquiry *q, struct verdict *v)
{
	bool fit;
	const struct fault *fault = fault_that_fits(q, &fit);

	if (!fault || !hides(fault) || !count_bogus(q) || count_bogus(q) * 2 < q->failing)
		return false;
	if (!rule_dates(q, v)) {
		if (q->dnssec.strength == HINT_NONE || q->dnssec.possible & ~READ_IN_DATA ||
		    q->dnssec_conflict)
			return false;
		verdict_say(v, "resolvers complain of data that they have read");
		verdict_at(v, q->dnssec.zone);
		verdict_is(v, q->dnssec.best,
			   q->confirmed || q->failing > 1 ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
	}
	verdict_say(v, "besides, %s", cause_info(fault->cause)->meaning);
	return true;
}
