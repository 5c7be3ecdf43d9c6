/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules on names that do not resolve whatever CD says, on resolvers of their own mind, and on what
 * comes and goes.
 */
#include "results/judge/rules.h"

/* What two places saw within that time they saw together. */
#define TOGETHER_MS (60 * 1000)

/*
 * SERVFAIL with many records: the aliases that were followed before the resolver gave up. A chain
 * and a loop look alike.
 */
bool rule_aliases(const struct inquiry *q, struct verdict *v)
{
	unsigned cut = 0;

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct row *row = q->opinions[i].row;

		cut += row && row->normal.rcode == RCODE_SERVFAIL &&
		       row->normal.answers >= ALIASES_MIN;
	}
	if (!cut)
		return false;
	verdict_say(v, "%u resolvers gave up amid a chain of aliases", cut);
	return verdict_is(v, CAUSE_CNAME_CHAIN_TOO_LONG, CONFIDENCE_GUESS);
}

/* The servers answer, but later than some resolvers wait. */
bool rule_slow(const struct inquiry *q, struct verdict *v)
{
	unsigned bad = q->kinds[OPINION_POLICY] + q->kinds[OPINION_REFUSED];

	if (v->status == STATUS_FAILING || !q->slow_ok || bad || q->trail.fine)
		return false;
	if (q->kinds[OPINION_VALIDATION] && q->kinds[OPINION_VALIDATION] == q->failing &&
	    q->dnssec.strength >= HINT_CODE)
		return false;
	verdict_say(v, "%u answers took 2 s or more", q->slow_ok);
	return verdict_is(v, CAUSE_NS_SLOW, q->slow_ok > 1 ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
}

/* Nobody fails it now. */
bool rule_transient(const struct inquiry *q, struct verdict *v)
{
	unsigned flapping = q->kinds[OPINION_FLAPS];
	enum confidence confidence = CONFIDENCE_GUESS;

	if (!q->unsettled || q->failing)
		return false;
	if (flapping)
		return verdict_is(v, CAUSE_FLAPPING,
				  flapping > 1 ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
	/* who met the wrong ones may meet them again */
	if (rule_some_servers(q, v))
		return true;
	/* asked again at once, it worked: a lost packet and a slow server look the same */
	for (size_t i = 0; i < q->opinion_count; i++)
		if (q->opinions[i].kind == OPINION_RECOVERED && q->opinions[i].confirmed)
			confidence = CONFIDENCE_LIKELY;
	/* what CD=1 brought may be what it has in its cache by now, as good as ever */
	if (q->dnssec.strength != HINT_NONE || any_ede(q, 6)) {
		verdict_say(v, "it was not validated at first, which need not be over");
		confidence = CONFIDENCE_GUESS;
	}
	return verdict_is(v, CAUSE_RECOVERED, confidence);
}

/* All that fails it says so itself: whatever else may be wrong is not why. */
bool rule_blocked(const struct inquiry *q, struct verdict *v)
{
	return q->kinds[OPINION_POLICY] && q->kinds[OPINION_POLICY] == q->failing &&
	       verdict_is(v, CAUSE_RESOLVER_POLICY, CONFIDENCE_LIKELY);
}

/* What fails it is a resolver's own decision. */
bool rule_policy(const struct inquiry *q, struct verdict *v)
{
	unsigned policy = q->kinds[OPINION_POLICY], refused = q->kinds[OPINION_REFUSED];

	if (policy + refused == 0 || policy + refused < q->failing)
		return false;
	/* REFUSED by all may have come from the servers: resolvers turn that into SERVFAIL,
	 * forwarders do not */
	return verdict_is(v, CAUSE_RESOLVER_POLICY,
			  policy || (refused == 1 && q->ok > 1) ? CONFIDENCE_LIKELY
								: CONFIDENCE_GUESS);
}

/* EDE tells what single servers answered, or that the zone itself is bad. */
bool rule_servers_named(const struct inquiry *q, struct verdict *v)
{
	bool named = q->servers.strength >= HINT_CODE;

	if (v->status != STATUS_FAILING || q->servers.strength == HINT_NONE ||
	    (!named && cause_info(q->servers.best)->category != CATEGORY_ZONE))
		return false;
	verdict_at(v, q->servers.zone);
	return verdict_is(v, q->servers.best, named ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
}

/* Some resolve it and some do not, and signatures are not it. */
bool rule_resolver_only(const struct inquiry *q, struct verdict *v)
{
	bool waiting = q->kinds[OPINION_MUTE] || q->kinds[OPINION_MUTE_CD] || q->slow_failing ||
		       q->servers.strength != HINT_NONE;

	if (v->status != STATUS_PARTIAL || !q->failing)
		return false;
	if (q->trail.fine)
		say_all_is_fine(q, v);
	/* the few who still fail it may do so out of their caches */
	if (q->unsettled > q->failing && !q->kinds[OPINION_FLAPS])
		return verdict_is(v, CAUSE_RECOVERED, CONFIDENCE_GUESS);
	if (q->unsettled && !q->ok)
		return verdict_is(v, CAUSE_FLAPPING, CONFIDENCE_GUESS);
	if (!waiting)
		return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_GUESS);
	/* where many fail it is hardly the path of each: perhaps they are shown something else */
	return verdict_is(v, CAUSE_RESOLVER_PATH,
			  (q->trail.fine && (q->failing == 1 || q->failing * 4 <= q->ok)) ||
					  (q->failing == 1 && q->ok > 1 && q->confirmed)
				  ? CONFIDENCE_LIKELY
				  : CONFIDENCE_GUESS);
}

/* FORMERR, NOTIMP, YXDOMAIN and the like, handed on to us. */
bool rule_errors(const struct inquiry *q, struct verdict *v)
{
	if (v->status != STATUS_FAILING || !q->kinds[OPINION_ERROR])
		return false;
	return verdict_is(v, CAUSE_NS_ERROR, CONFIDENCE_GUESS);
}

/* Nobody answers the resolvers: they wait, and say so or say nothing. */
bool rule_silent(const struct inquiry *q, struct verdict *v)
{
	unsigned waited = q->kinds[OPINION_MUTE] + q->slow_failing;
	bool said = q->servers.strength != HINT_NONE;

	/* one that waited among others that did not says little */
	if (v->status != STATUS_FAILING || (waited * 2 < q->failing && !said))
		return false;
	verdict_at(v, q->servers.zone);
	verdict_say(v, "%u of %u resolvers waited in vain%s", waited, q->failing,
		    said ? ", and EDE says that no authority can be reached" : "");
	/* private addresses, dropped EDNS and dead IPv6 keep resolvers waiting as well: no more
	 * than a guess */
	return verdict_is(v, CAUSE_NS_TIMEOUT, CONFIDENCE_GUESS);
}

/* Whether what was seen is what a path may do to whoever comes that way, and not what the servers
 * have or say. */
static bool is_of_the_path(const struct inquiry *q)
{
	for (unsigned i = 0; i < q->trail.faults; i++) {
		enum category category = cause_info(q->trail.fault[i].cause)->category;

		if (category != CATEGORY_UNREACHABLE && category != CATEGORY_NETWORK)
			return false;
	}
	return true;
}

/* Asked at other times, places differ for other reasons. */
static bool asked_together(const struct facts *facts)
{
	for (size_t i = 0; i < facts->look_count; i++)
		for (size_t j = 0; facts->looks[i].kind == LOOK_CLEAN && j < facts->look_count;
		     j++) {
			int64_t apart_ms = facts->looks[i].time_ms - facts->looks[j].time_ms;

			if (facts->looks[j].kind != LOOK_CLEAN && apart_ms < TOGETHER_MS &&
			    apart_ms > -TOGETHER_MS)
				return true;
		}
	return false;
}

/*
 * From one vantage point nobody resolves it, from another all do: what lies between that place and
 * the servers is broken. What servers answer there is told by the rules that follow.
 */
bool rule_some_places(const struct inquiry *q, struct verdict *v)
{
	unsigned named =
		q->kinds[OPINION_RESOLUTION] + q->kinds[OPINION_SERVFAIL] + q->kinds[OPINION_MUTE];

	if (!v->places_differ || q->unsettled || named != q->failing || !is_of_the_path(q))
		return false;
	for (unsigned i = 0; i < q->vantages.count; i++)
		if (q->vantages.list[i].ok && q->vantages.list[i].failing)
			return false;
	if (q->trail.faults)
		verdict_say(v, "seen from there: %s", cause_info(q->trail.fault[0].cause)->meaning);
	verdict_say(v, asked_together(q->facts)
			       ? "the servers, or the way to them, differ from place to place"
			       : "they were asked at different times, and it may be that alone");
	return verdict_is(v, CAUSE_RESOLVER_PATH,
			  q->failing > 1 && q->confirmed && asked_together(q->facts)
				  ? CONFIDENCE_LIKELY
				  : CONFIDENCE_GUESS);
}
