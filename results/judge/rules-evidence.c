/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules on evidence rows: what was seen at the authoritative side, or proved by the chain, held
 * against what the resolvers say.
 */
#include "results/judge/rules.h"

#include <stdio.h>
#include <string.h>

#include "results/judge/signature.h"

/* What is only measured, or a matter of the resolver's patience. */
#define NEVER_CERTAIN                                                                              \
	(BIT(PACKET_LOSS) | BIT(CNAME_CHAIN_TOO_LONG) | BIT(NS_PARENT_OUTDATED) |                  \
	 BIT(NS_MIXED_FAILURES) | BIT(FLAPPING))
/* What makes a name fail at one time and not at another. */
#define COMES_AND_GOES                                                                             \
	(BIT(NS_SLOW) | BIT(PACKET_LOSS) | BIT(SERVERS_INCONSISTENT) | BIT(UDP_BLOCKED) |          \
	 BIT(EDNS_DROPPED) | BIT(EDNS_REFUSED) | BIT(LARGE_ANSWERS_LOST) | BIT(ANSWER_MISMATCH) |  \
	 BIT(ANSWER_MALFORMED) | BIT(NS_PARENT_OUTDATED) | BIT(NS_GLUE_WRONG) |                    \
	 BIT(CNAME_CHAIN_TOO_LONG) | BIT(FLAPPING))
/* Octets of a detail that a verdict has room for. */
#define DETAIL_MAX 560
/* Servers named behind a fault of the chain. */
#define SERVERS_SHOWN 4

/* ---- the text ---- */

/* As much of it as there is room for, cut where a sentence ends. */
static void say_detail(struct verdict *v, struct view detail)
{
	size_t len = detail.len;

	if (len > DETAIL_MAX) {
		for (len = DETAIL_MAX; len > DETAIL_MAX / 2; len--)
			if (detail.text[len] == ';' && detail.text[len + 1] == ' ')
				break;
		if (len == DETAIL_MAX / 2)
			len = DETAIL_MAX;
		while (len > 0 && ((unsigned char)detail.text[len] & 0xc0) == 0x80)
			len--;
	}
	if (len > 0)
		verdict_say(v, "%.*s%s", (int)len, detail.text, len < detail.len ? " ..." : "");
}

/* Which servers gave the answers that do not validate. */
static void say_servers(const struct inquiry *q, struct verdict *v, const struct fault *fault)
{
	const struct facts *facts = q->facts;
	char text[700] = "";
	size_t len = 0;
	unsigned count = 0;

	for (size_t i = 0; i < facts->evidence_count; i++) {
		const struct evidence *e = &facts->evidence[i];

		if (!view_is(e->probe, "chain") || e->address.len == 0 ||
		    !view_equal(e->zone, fault->zone) ||
		    !view_equal(e->finding, fault->row->finding))
			continue;
		if (fault->told != view_is(e->transport, "resolver"))
			continue;
		if (count++ < SERVERS_SHOWN && len < sizeof(text))
			len += (size_t)snprintf(
				text + len, sizeof(text) - len, "%s%.*s%s%.*s", len ? ", " : "",
				(int)e->server.len, e->server.text, fault->told ? "" : " ",
				fault->told ? 0 : (int)e->address.len, e->address.text);
	}
	if (count > SERVERS_SHOWN)
		verdict_say(v, "%s %s and %u more", fault->told ? "as told by" : "seen at", text,
			    count - SERVERS_SHOWN);
	else if (count)
		verdict_say(v, "%s %s", fault->told ? "as told by" : "seen at", text);
}

static void say_fault(const struct inquiry *q, struct verdict *v, const struct fault *fault)
{
	if (fault->via)
		say_detail(v, fault->via->detail);
	if (view_is(fault->row->probe, "chain") && fault->row->address.len == 0 &&
	    cause_info(fault->cause)->category == CATEGORY_DNSSEC &&
	    !view_equal(fault->zone, q->facts->name))
		verdict_say(v, "%.*s: %.*s", (int)fault->zone.len, fault->zone.text,
			    (int)(fault->row->detail.len < DETAIL_MAX ? fault->row->detail.len
								      : DETAIL_MAX),
			    fault->row->detail.len ? fault->row->detail.text : "");
	else if (view_is(fault->row->probe, "ns-address") || view_is(fault->row->probe, "server"))
		verdict_say(v, "%.*s: %.*s", (int)fault->row->server.len, fault->row->server.text,
			    (int)fault->row->detail.len, fault->row->detail.text);
	else
		say_detail(v, fault->row->detail);
	if (cause_info(fault->cause)->category == CATEGORY_DNSSEC &&
	    view_is(fault->row->probe, "chain"))
		say_servers(q, v, fault);
	verdict_at(v, fault->zone);
}

void say_all_is_fine(const struct inquiry *q, struct verdict *v)
{
	if (!q->trail.fine)
		verdict_say(v, "what resolvers hand out with CD=1 validates, or need not");
	else
		verdict_say(v, "asked from here, all servers on the way answer well%s",
			    q->trail.secure ? ", and the answer validates" : "");
}

/* ---- the rules ---- */

/* A resolver that had failed has resolved it since the evidence was gathered. */
static bool changed(const struct inquiry *q)
{
	const struct facts *facts = q->facts;

	for (size_t i = 0; q->unsettled && i < facts->look_count; i++)
		if ((facts->looks[i].kind == LOOK_CLEAN ||
		     facts->looks[i].kind == LOOK_RECOVERED) &&
		    facts->looks[i].time_ms > q->trail.time_ms)
			return true;
	return false;
}

/* Nobody's answer suffers from it, but it is there. */
void say_defects(const struct inquiry *q, struct verdict *v)
{
	const struct fault *fault = q->trail.faults ? &q->trail.fault[0] : &q->trail.defect;

	if (!fault->row)
		return;
	verdict_say(v, "nobody's answer suffers from it: %s", cause_info(fault->cause)->id);
	say_fault(q, v, fault);
	v->at[0] = '\0';
}

/* What resolvers say themselves of the servers is something else: perhaps these treat us
 * differently. A broken chain is proved by its data, whatever they say of it. */
static bool gainsaid(const struct inquiry *q, enum cause cause)
{
	return cause_info(cause)->category != CATEGORY_DNSSEC && q->servers.strength >= HINT_CODE &&
	       !(q->servers.possible & CAUSE_BIT(cause));
}

/* A zone file may be older than the DS of today. What resolvers told is of some server, perhaps an
 * old copy that old glue leads to, and they may all be one that a network redirects to. */
static bool proved(const struct inquiry *q, const struct fault *fault)
{
	return !fault->told && (!fault->filed || q->trail.file_good);
}

static bool says(const struct fault *fault, const char *words)
{
	struct view detail = fault->row->detail;

	return detail.len && memmem(detail.text, detail.len, words, strlen(words));
}

/* Something of the zone came to resolvers that is signed by it. */
static bool came_from(const struct inquiry *q, struct view zone)
{
	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];
		struct view list = o->row ? o->row->cd_rrsig : (struct view){0};
		struct signature signature;

		while (signature_next(&list, &signature))
			if (view_equal(signature.signer, zone))
				return true;
	}
	return false;
}

/* Resolvers have no keys, or none that are signed: the zone has none, or the servers, a filter, a way
 * without EDNS or TCP keep them back. Where keys come signed, what is missing beside them is. So it is
 * with a denial of which nothing is signed: it may be of servers that have another zone. */
static bool left_out(const struct inquiry *q, const struct fault *fault)
{
	if (!fault->told)
		return false;
	if (fault->cause == CAUSE_DENIAL_MISSING)
		return !came_from(q, fault->zone);
	return fault->cause == CAUSE_DNSKEY_UNOBTAINABLE || says(fault, "it has no RRSIG at all") ||
	       says(fault, "carries no EDNS DO"); /* the resolver's answer, that is */
}

/* With CD=1 most fail it, too: then a chain that breaks is not all that there is. */
static bool outvoted(const struct inquiry *q, const struct fault *fault)
{
	return cause_info(fault->cause)->category == CATEGORY_DNSSEC &&
	       !(CAUSE_BIT(fault->cause) & EITHER_WAY) && view_is(fault->row->probe, "chain") &&
	       !view_is(fault->row->finding, EVIDENCE_NO_DS) &&
	       q->kinds[OPINION_RESOLUTION] >
		       q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD];
}

/* Nobody gets an answer there, as it was seen; but with CD=1 a resolver has data. */
static bool belied(const struct inquiry *q, const struct fault *fault)
{
	return CAUSE_BIT(fault->cause) & (STOPS_ALL | LOOKS_LIKE_DENIAL) && !resolved_to_nothing(q);
}

/* A signed zone whose keys were not to be had here, and all who fail it have its data: what fails
 * them may be in there. */
static bool unseen(const struct inquiry *q, const struct fault *fault)
{
	return fault->cause == CAUSE_PACKET_LOSS && !q->trail.secure && !q->trail.insecure &&
	       q->failing && (q->failing > 1 || q->confirmed) &&
	       q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD] == q->failing;
}

/* What a way looks like that loses much of everything. */
#define LOOKS_LOST                                                                                 \
	(BIT(PACKET_LOSS) | BIT(NS_TIMEOUT) | BIT(UDP_BLOCKED) | BIT(EDNS_DROPPED) |               \
	 BIT(LARGE_ANSWERS_LOST) | BIT(TCP_BLOCKED) | BIT(NS_MIXED_FAILURES) |                     \
	 BIT(DNSKEY_UNOBTAINABLE))

static bool lost_here(const struct fault *fault)
{
	return fault->lossy && CAUSE_BIT(fault->cause) & LOOKS_LOST;
}

/* What some resolvers hand out is bogus, and others validate it: they have other copies. */
static bool told_otherwise(const struct inquiry *q, const struct fault *fault)
{
	return fault->told && q->ok_ad && fault->cause != CAUSE_SERVERS_INCONSISTENT &&
	       cause_info(fault->cause)->category == CATEGORY_DNSSEC;
}

static enum confidence confidence_in(const struct inquiry *q, const struct verdict *v,
				     const struct fault *fault)
{
	enum cause cause = fault->cause;

	if (unseen(q, fault) || left_out(q, fault) || lost_here(fault) || told_otherwise(q, fault))
		return CONFIDENCE_GUESS;
	if (v->status != STATUS_FAILING)
		return q->ok + q->unsettled && CAUSE_BIT(cause) & STOPS_ALL && !fault->quirk
			       ? CONFIDENCE_GUESS
			       : CONFIDENCE_LIKELY;
	if (fault->unsure || !proved(q, fault) || CAUSE_BIT(cause) & NEVER_CERTAIN ||
	    momentary(q, fault) || gainsaid(q, cause) || fault_other_view(q, fault) ||
	    out_of_step(q, fault) || outvoted(q, fault) || belied(q, fault))
		return CONFIDENCE_LIKELY;
	if (q->trail.anchor && cause_info(cause)->category == CATEGORY_DNSSEC)
		return CONFIDENCE_LIKELY;
	/* or it was mended, by taking the DS away, and not all know it yet */
	if (q->unproved_later)
		return CONFIDENCE_LIKELY;
	/* either is enough */
	if (cause == CAUSE_DNSKEY_UNOBTAINABLE && fault_out_of_date(q, fault))
		return CONFIDENCE_LIKELY;
	return CONFIDENCE_CERTAIN;
}

/* Broken data that some validators do not mind, or forget about (Knot Resolver, once CD=1 has
 * brought them into its cache), and habits that some resolvers do not mind, are still there as long
 * as one minds them. */
static bool lasts(const struct inquiry *q, const struct fault *fault)
{
	return (cause_info(fault->cause)->category == CATEGORY_DNSSEC || fault->quirk) &&
	       q->failing && q->confirmed == q->failing && !q->kinds[OPINION_FLAPS];
}

/* It was broken when it was looked at, and is not, or not for all, any more. */
static bool has_changed(const struct inquiry *q, struct verdict *v, const struct fault *fault)
{
	bool proved = cause_info(fault->cause)->category == CATEGORY_DNSSEC;

	v->at[0] = '\0';
	verdict_say(v, "that is over for %s", q->failing ? "some" : "all");
	/* the few who still fail it may do so out of their caches */
	if (q->failing < q->unsettled && !q->kinds[OPINION_FLAPS])
		return verdict_is(v, CAUSE_RECOVERED,
				  q->failing || proved ? CONFIDENCE_GUESS : CONFIDENCE_LIKELY);
	return verdict_is(v, CAUSE_FLAPPING,
			  q->kinds[OPINION_FLAPS] > 1 ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
}

static void say_anchor(const struct inquiry *q, struct verdict *v)
{
	verdict_say(v, "judged although the root's keys do not fit the trust anchor of this scan");
	say_detail(v, q->trail.anchor->detail);
}

/* The DS seen here fits nothing, another server of the parent has other DS, and resolvers validate:
 * by those. */
static bool other_ds(const struct inquiry *q, const struct fault *fault)
{
	static const char words[] = "has other DS records";
	const struct evidence *parents = q->trail.parents;

	return CAUSE_BIT(fault->cause) & (BIT(DS_NO_MATCHING_DNSKEY) | BIT(DS_DIGEST_MISMATCH) |
					  BIT(DS_ALGORITHM_MISMATCH) | BIT(DNSKEY_NOT_SIGNED)) &&
	       fault->unsure && q->ok_ad && parents && parents->detail.len &&
	       memmem(parents->detail.text, parents->detail.len, words, sizeof(words) - 1);
}

/* Something is broken for everybody who comes that way. */
bool rule_proved(const struct inquiry *q, struct verdict *v)
{
	const struct fault *fault;
	bool fit;

	fault = fault_that_fits(q, &fit);
	if (!fault)
		return false;
	say_fault(q, v, fault);
	if (changed(q) && !(CAUSE_BIT(fault->cause) & COMES_AND_GOES) && !lasts(q, fault))
		return has_changed(q, v, fault);
	if (q->trail.anchor && !q->trail.clock &&
	    cause_info(fault->cause)->category == CATEGORY_DNSSEC)
		say_anchor(q, v);
	if (fault_other_view(q, fault))
		verdict_say(v, "but what resolvers got differs from that: the servers differ, or "
			       "do not treat all alike");
	if (q->trail.parents && q->trail.parents != fault->row && fault->unsure)
		say_detail(v, q->trail.parents->detail);
	if (fit && other_ds(q, fault)) {
		verdict_at(v, q->trail.parents->zone);
		return verdict_is(v, CAUSE_SERVERS_INCONSISTENT, CONFIDENCE_LIKELY);
	}
	if (lost_here(fault))
		verdict_say(v, "queries to servers that do answer are lost from there, too");
	if (fit && momentary(q, fault))
		verdict_say(v, "seen at one time only, and perhaps over at another");
	if (fit)
		return verdict_is(v, fault->cause, confidence_in(q, v, fault));
	verdict_say(v, "the resolvers' answers do not fit this well");
	return verdict_is(v, fault->cause, CONFIDENCE_GUESS);
}

/* Some servers fail in a way that would explain what the resolvers say. */
static bool some_servers(const struct inquiry *q)
{
	const struct fault *defect = &q->trail.defect;
	bool bogus = q->kinds[OPINION_VALIDATION] || q->kinds[OPINION_MUTE_CD];

	/* where a zone is signed, what a wrong server denies without a signature is bogus */
	return defect->row &&
	       (fault_fits(q, defect) ||
		(bogus && q->trail.secure && CAUSE_BIT(defect->cause) & LOOKS_LIKE_DENIAL));
}

/* Some servers fail, and others do not: who meets the wrong ones may fail. */
bool rule_some_servers(const struct inquiry *q, struct verdict *v)
{
	const struct fault *defect = &q->trail.defect;

	if (!some_servers(q))
		return false;
	verdict_say(v, "some servers fail, others answer well");
	say_fault(q, v, defect);
	return verdict_is(v, defect->cause, CONFIDENCE_GUESS);
}

/* More records than a resolver takes: nothing is wrong with the servers. */
bool rule_too_many_records(const struct inquiry *q, struct verdict *v)
{
	const struct evidence *many = q->trail.many;

	if (!q->trail.fine || !many || !q->kinds[OPINION_RESOLUTION])
		return false;
	verdict_say(v, "the answer has %d records; some resolvers take no more than %d of a type",
		    many->answers, TRAIL_RECORDS_MANY);
	return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_LIKELY);
}

/* Failed to validate, be it that the answer came out of its cache when it was asked again. */
static bool met_bogus(const struct opinion *o)
{
	enum opinion_kind kind = o->kind;

	if (kind == OPINION_RECOVERED || kind == OPINION_FLAPS)
		kind = facts_failed(o);
	return kind == OPINION_VALIDATION;
}

/* The answer validates, and what comes with it does not: who checks that, too, fails. */
bool rule_beside(const struct inquiry *q, struct verdict *v)
{
	const struct fault *beside = &q->trail.beside;
	bool hinted = q->dnssec.strength != HINT_NONE;
	unsigned met = 0;

	if (!beside->row || !q->trail.fine || q->failing + q->unsettled == 0 ||
	    (hinted && !(q->dnssec.possible & CAUSE_BIT(beside->cause))))
		return false;
	for (size_t i = 0; i < q->opinion_count; i++)
		met += q->opinions[i].row && met_bogus(&q->opinions[i]);
	if (met < q->failing + q->unsettled)
		return false;
	say_fault(q, v, beside);
	verdict_say(v, "who checks all that comes fails until the answer comes out of its cache");
	return verdict_is(v, beside->cause,
			  hinted || any_ede(q, 6) ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
}

/* Validators that allow for few failed signatures (BIND: one) give up before they come to the good
 * one. */
bool say_besides(const struct inquiry *q, struct verdict *v)
{
	if (!q->trail.besides)
		return false;
	verdict_say(v, "some validators give up at what they meet first");
	say_detail(v, q->trail.besides->detail);
	return true;
}

bool say_iterations(const struct inquiry *q, struct verdict *v)
{
	if (!q->trail.iterations)
		return false;
	verdict_say(v, "resolvers need not count NSEC3 iterations, and may fail them (RFC 9276)");
	say_detail(v, q->trail.iterations->detail);
	return true;
}

/* What validates, or is insecure, but some resolvers' policies have it fail. */
static bool beyond_resolvers(const struct inquiry *q, struct verdict *v)
{
	if (any_ede(q, 1) || any_ede(q, 2) || any_ede(q, 27)) {
		verdict_say(v, "algorithms or iterations that a resolver does not take make a zone "
			       "insecure, not bogus (EDE 1, 2, 27)");
		return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_LIKELY);
	}
	if (say_besides(q, v) || say_iterations(q, v))
		return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_GUESS);
	if (!q->trail.sha1)
		return false;
	verdict_say(v, "the zone is signed with SHA-1, which the crypto policies of some systems "
		       "refuse");
	return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_GUESS);
}

/*
 * All resolvers fail what looks well from here, and no server's fault explains it. They may be
 * right: a filter that only they meet, a node of a load balancer that only they reach; or it was
 * mended in between.
 */
bool rule_contradicted(const struct inquiry *q, struct verdict *v)
{
	if (v->status != STATUS_FAILING || (!q->trail.fine && !q->trail.told_fine) ||
	    some_servers(q))
		return false;
	say_all_is_fine(q, v);
	if (q->kinds[OPINION_REFUSED] + q->kinds[OPINION_POLICY] == q->failing)
		return verdict_is(v, CAUSE_RESOLVER_POLICY,
				  q->failing == 1 ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
	if (rule_dates(q, v)) /* in what resolvers were given */
		return true;
	if (q->kinds[OPINION_VALIDATION] == q->failing && beyond_resolvers(q, v))
		return true;
	/* what one alone complains of, and validates here, may be that one's, or of its cache */
	if (q->dnssec.strength >= HINT_CODE && q->kinds[OPINION_VALIDATION] > q->trail.secure) {
		verdict_at(v, q->dnssec.zone);
		return verdict_is(v, q->dnssec.best, CONFIDENCE_GUESS);
	}
	verdict_say(v,
		    "a filter between the resolvers and the servers would look like this, and so "
		    "would a fault that was mended in between");
	return verdict_is(v, CAUSE_UNDECIDED, CONFIDENCE_GUESS);
}
