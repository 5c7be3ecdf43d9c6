/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How long resolvers took, held against what was seen: nobody is silent who is given up within a
 * moment, nor does anybody wait for one that says no at once. And what was seen at one moment only.
 */
#include <string.h>

#include "results/judge/rules.h"

/* Said at once, by whoever says it; and resolvers that hear SERVFAIL keep asking. */
#define SAYS_NO                                                                                    \
	(BIT(NS_REFUSED) | BIT(NS_ERROR) | BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_UPWARD_REFERRAL) |   \
	 BIT(NS_OTHER_ZONE))
/* Known by silence, which has other reasons too: rate limits, a filter that shuts strangers out for
 * a while. */
#define SILENCE (BIT(NS_TIMEOUT) | BIT(UDP_BLOCKED) | BIT(EDNS_DROPPED) | BIT(LARGE_ANSWERS_LOST))
/* Said at one moment, and perhaps not at the next: servers that restart, or get a zone. */
#define SAID (SAYS_NO | BIT(DNSKEY_UNOBTAINABLE))
/* Silence is to be met by two resolvers, or by one twice with so much time between. */
#define SILENCE_MS (15 * 1000)
/* So long a resolver may keep a failure without asking anew (RFC 9520 3.2): what one alone fails
 * again within that time is no second failure. */
#define CACHED_MS (5 * 60 * 1000)
/* SERVFAIL is the answer of a server that lives: a zone is loaded or transferred in that time. */
#define LOADING_MS (10 * 60 * 1000)
/* A resolver that is quicker waits for nobody; one that takes so long does nothing else (PowerDNS
 * gives a server 1.5 s). */
#define QUICK_US 500000
#define LONG_US	 1400000

static bool is_bad(const struct look *look)
{
	return look->row && look->kind != LOOK_NOTHING && look->kind != LOOK_RECOVERED;
}

static bool is_quick(const struct reply *reply)
{
	return reply->outcome == OUTCOME_ANSWERED && reply->tries <= 1 && reply->rtt_us > 0 &&
	       reply->rtt_us < QUICK_US;
}

static bool is_long(const struct reply *reply)
{
	return reply->outcome == OUTCOME_TIMEOUT || reply->tries > 1 || reply->rtt_us >= LONG_US;
}

/* Known from other zones: so it may be to resolvers, which then need not wait. */
static bool by_others(const struct evidence *row)
{
	static const char words[] = "not asked again";

	return row->detail.len &&
	       memmem(row->detail.text, row->detail.len, words, sizeof(words) - 1);
}

bool out_of_step(const struct inquiry *q, const struct fault *fault)
{
	const struct facts *facts = q->facts;
	unsigned first = 0, bad = 0, quick = 0, slow = 0;

	for (size_t i = 0; i < facts->look_count; i++) {
		const struct look *look = &facts->looks[i];

		if (!is_bad(look))
			continue;
		bad++;
		quick += is_quick(&look->row->normal);
		/* what comes later may come out of its cache */
		if (i > 0 && look[-1].resolver == look->resolver && is_bad(look - 1))
			continue;
		first++;
		slow += is_long(&look->row->normal);
	}
	if (fault->cause == CAUSE_NS_TIMEOUT)
		return bad > 0 && quick == bad && !by_others(fault->row);
	return CAUSE_BIT(fault->cause) & SAYS_NO && first > 0 && slow == first;
}

bool momentary(const struct inquiry *q, const struct fault *fault)
{
	uint64_t cause = CAUSE_BIT(fault->cause);

	if (fault->cause == CAUSE_ZONE_NOT_LOADED)
		return q->lasted_ms < LOADING_MS;
	if (cause & SAID || view_is(fault->row->finding, EVIDENCE_NO_DS))
		return (q->failing < 2 && q->lasted_ms < CACHED_MS) ||
		       (cause & BIT(DNSKEY_UNOBTAINABLE) && q->facts->alive_below);
	return cause & SILENCE &&
	       ((q->failing < 2 && q->lasted_ms < SILENCE_MS) || q->facts->alive_below);
}
