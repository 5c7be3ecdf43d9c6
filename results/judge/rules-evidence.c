/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules on evidence rows: what was seen at the authoritative side, or proved by the chain, held
 * against what the resolvers say.
 */
#include "results/judge/rules.h"

#include <stdio.h>
#include <string.h>

#define BIT(cause) CAUSE_BIT(CAUSE_##cause)

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
/* Shows with CD=1 or does not: keys that cannot be fetched, servers other than those that should be
 * asked. */
#define EITHER_WAY                                                                                 \
	(BIT(DNSKEY_UNOBTAINABLE) | BIT(SERVERS_INCONSISTENT) | BIT(NS_GLUE_WRONG) |               \
	 BIT(NS_PARENT_OUTDATED))
/* What a server says that has nothing to say may be taken for a denial, unless it must be proved.
 */
#define LOOKS_LIKE_DENIAL                                                                          \
	(BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_UPWARD_REFERRAL) | BIT(NS_OTHER_ZONE) | BIT(NS_ERROR))
/* Servers that answer who asks without EDNS: data without signatures, which CD=1 lets pass. */
#define ANSWERS_UNSIGNED (BIT(EDNS_REFUSED) | BIT(EDNS_DROPPED) | BIT(SERVER_WITHOUT_DNSSEC))
/* Nobody can get an answer past these: whoever has one came another way than we. */
#define STOPS_ALL                                                                                  \
	(BIT(NS_TIMEOUT) | BIT(NS_UNREACHABLE) | BIT(NS_REFUSED) | BIT(ZONE_NOT_LOADED) |          \
	 BIT(NS_NAME_NONEXISTENT) | BIT(NS_NAME_NO_ADDRESS) | BIT(NS_NAME_UNRESOLVABLE) |          \
	 BIT(NS_GLUE_MISSING) | BIT(NS_LOOP) | BIT(NS_ADDRESS_SPECIAL) | BIT(NS_MIXED_FAILURES))
/* Octets of a detail that a verdict has room for. */
#define DETAIL_MAX 560
/* Servers named behind a fault of the chain. */
#define SERVERS_SHOWN 4

static bool same(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static bool is(struct view view, const char *word)
{
	return same(view, (struct view){word, strlen(word)});
}

/* With CD=1 all who answer say that there is nothing, but for those who put something in its place.
 */
static bool resolved_to_nothing(const struct inquiry *q)
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
static bool fits(const struct inquiry *q, const struct fault *fault)
{
	enum cause cause = fault->cause;
	bool validation = q->kinds[OPINION_VALIDATION] || q->kinds[OPINION_MUTE_CD];
	bool resolution = q->kinds[OPINION_RESOLUTION] || q->kinds[OPINION_MUTE] ||
			  q->kinds[OPINION_ERROR] || q->kinds[OPINION_REFUSED];

	if (CAUSE_BIT(cause) & EITHER_WAY || is(fault->row->finding, EVIDENCE_NO_DS))
		return true;
	if (fault->mixed & ANSWERS_UNSIGNED ||
	    ((CAUSE_BIT(cause) | fault->mixed) & LOOKS_LIKE_DENIAL && resolved_to_nothing(q)))
		return true;
	switch (cause_info(cause)->category) {
	case CATEGORY_DNSSEC:
		/* a server that fails for want of records is one that fails, whatever CD says */
		return validation || !resolution || is(fault->row->probe, "conclusion");
	case CATEGORY_NETWORK:
		return true;
	default:
		return resolution || !validation;
	}
}

/* Is `name` the zone itself, or below it? */
static bool within(struct view name, struct view zone)
{
	struct view end = {NULL, zone.len};

	if (is(zone, "."))
		return name.len > 0;
	if (name.len < zone.len || name.len == 0 || zone.len == 0)
		return false;
	end.text = name.text + name.len - zone.len;
	return same(end, zone) &&
	       (name.len == zone.len || name.text[name.len - zone.len - 1] == '.');
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
	return is(fault->zone, ".") ||
	       (!same(fault->zone, q->facts->name) && within(q->facts->name, fault->zone) &&
		within(q->facts->alive_above, fault->zone));
}

/* Broken data behind servers that are slow, lose queries or refuse some: these fail the impatient
 * and the unlucky, those every validator. NULL: there are none. */
static const struct fault *behind(const struct inquiry *q, const struct fault *fault)
{
	const struct trail *trail = &q->trail;

	if (!(CAUSE_BIT(fault->cause) & (BIT(PACKET_LOSS) | BIT(NS_SLOW) | BIT(FLAPPING))) ||
	    !q->failing)
		return NULL;
	for (const struct fault *next = fault + 1; next < trail->fault + trail->faults; next++)
		if (cause_info(next->cause)->category == CATEGORY_DNSSEC &&
		    next->cause != CAUSE_DNSKEY_UNOBTAINABLE && next->told == fault->told &&
		    !(next->filed && trail->file_old))
			return next;
	return NULL;
}

/* The first fault that explains what the resolvers see, or the first one there is. What was seen
 * and explains nothing is forgotten where resolvers told more. */
static const struct fault *pick(const struct inquiry *q, bool *fit)
{
	const struct trail *trail = &q->trail;
	const struct fault *first = NULL;

	for (unsigned i = 0; i < trail->faults; i++) {
		const struct fault *fault = &trail->fault[i];

		if (fault->filed && trail->file_old)
			continue;
		/* who resolves it later does not mind a server's habits */
		if (overruled(q, fault) || fault_dated_otherwise(q, fault) ||
		    (trail->told && !fault->told && !fits(q, fault)) ||
		    (fault->quirk && !q->failing))
			continue;
		if (fits(q, fault)) {
			const struct fault *next = behind(q, fault);

			*fit = true;
			return next ? next : fault;
		}
		first = first ? first : fault;
	}
	*fit = false;
	return first;
}

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

		if (!is(e->probe, "chain") || e->address.len == 0 || !same(e->zone, fault->zone) ||
		    !same(e->finding, fault->row->finding))
			continue;
		if (fault->told != is(e->transport, "resolver"))
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
	if (is(fault->row->probe, "chain") && fault->row->address.len == 0 &&
	    cause_info(fault->cause)->category == CATEGORY_DNSSEC &&
	    !same(fault->zone, q->facts->name))
		verdict_say(v, "%.*s: %.*s", (int)fault->zone.len, fault->zone.text,
			    (int)(fault->row->detail.len < DETAIL_MAX ? fault->row->detail.len
								      : DETAIL_MAX),
			    fault->row->detail.len ? fault->row->detail.text : "");
	else if (is(fault->row->probe, "ns-address") || is(fault->row->probe, "server"))
		verdict_say(v, "%.*s: %.*s", (int)fault->row->server.len, fault->row->server.text,
			    (int)fault->row->detail.len, fault->row->detail.text);
	else
		say_detail(v, fault->row->detail);
	if (cause_info(fault->cause)->category == CATEGORY_DNSSEC && is(fault->row->probe, "chain"))
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

/* A signature that holds but for its dates proves them, whoever hands it out, but not that all
 * servers have it: two resolvers are to suffer from it. What is missing, or fits nothing, may be
 * the resolver's doing; and a zone file may be older than the DS of today. */
static bool proved(const struct inquiry *q, const struct fault *fault)
{
	static const char words[] = "but for its dates";

	if (fault->filed && !q->trail.file_good)
		return false;
	if (!fault->told)
		return true;
	return q->failing > 1 &&
	       CAUSE_BIT(fault->cause) &
		       (BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID) | BIT(PARENT_DS_INVALID)) &&
	       fault->row->detail.len &&
	       memmem(fault->row->detail.text, fault->row->detail.len, words, sizeof(words) - 1);
}

/* With CD=1 most fail it, too: then a chain that breaks is not all that there is. */
static bool outvoted(const struct inquiry *q, const struct fault *fault)
{
	return cause_info(fault->cause)->category == CATEGORY_DNSSEC &&
	       !(CAUSE_BIT(fault->cause) & EITHER_WAY) && is(fault->row->probe, "chain") &&
	       !is(fault->row->finding, EVIDENCE_NO_DS) &&
	       q->kinds[OPINION_RESOLUTION] >
		       q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD];
}

/* Nobody gets an answer there, as it was seen; but with CD=1 a resolver has data. */
static bool belied(const struct inquiry *q, const struct fault *fault)
{
	return CAUSE_BIT(fault->cause) & (STOPS_ALL | LOOKS_LIKE_DENIAL) && !resolved_to_nothing(q);
}

static enum confidence confidence_in(const struct inquiry *q, const struct verdict *v,
				     const struct fault *fault)
{
	enum cause cause = fault->cause;

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
 * brought them into its cache), are still there as long as one minds them. */
static bool lasts(const struct inquiry *q, const struct fault *fault)
{
	return cause_info(fault->cause)->category == CATEGORY_DNSSEC && q->failing &&
	       q->confirmed == q->failing && !q->kinds[OPINION_FLAPS];
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

/* Something is broken for everybody who comes that way. */
bool rule_proved(const struct inquiry *q, struct verdict *v)
{
	const struct fault *fault;
	bool fit;

	fault = pick(q, &fit);
	if (!fault)
		return false;
	say_fault(q, v, fault);
	if (changed(q) && !(CAUSE_BIT(fault->cause) & COMES_AND_GOES) && !lasts(q, fault))
		return has_changed(q, v, fault);
	if (q->trail.anchor && cause_info(fault->cause)->category == CATEGORY_DNSSEC)
		say_anchor(q, v);
	if (fault_other_view(q, fault))
		verdict_say(v, "but what resolvers got differs from that: the servers differ, or "
			       "do not treat all alike");
	if (q->trail.parents && q->trail.parents != fault->row && fault->unsure)
		say_detail(v, q->trail.parents->detail);
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
	return defect->row && (fits(q, defect) || (bogus && q->trail.secure &&
						   CAUSE_BIT(defect->cause) & LOOKS_LIKE_DENIAL));
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

/* What validates, or is insecure, but some resolvers' policies have it fail. */
static bool beyond_resolvers(const struct inquiry *q, struct verdict *v)
{
	if (any_ede(q, 1) || any_ede(q, 2) || any_ede(q, 27)) {
		verdict_say(v, "algorithms or iterations that a resolver does not take make a zone "
			       "insecure, not bogus (EDE 1, 2, 27)");
		return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_LIKELY);
	}
	if (say_besides(q, v))
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
	if (q->dnssec.strength >= HINT_CODE && q->kinds[OPINION_VALIDATION]) {
		verdict_at(v, q->dnssec.zone);
		return verdict_is(v, q->dnssec.best, CONFIDENCE_GUESS);
	}
	verdict_say(v,
		    "a filter between the resolvers and the servers would look like this, and so "
		    "would a fault that was mended in between");
	return verdict_is(v, CAUSE_UNDECIDED, CONFIDENCE_GUESS);
}
