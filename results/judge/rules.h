/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rules -- how a cause is found: one ordered table, first match wins. Known to rules*.c and
 * their test only.
 *
 * What the rules hold to:
 *  - A wrong `certain` is the worst outcome. From rows alone it is given only for dates that can be
 * read in the answer and that a validator complains about.
 *  - Who does not validate, ignores CD, is overloaded or dead has no vote on DNSSEC
 * (facts_opinions()).
 *  - EDE is a hint of one implementation. Hints of several resolvers are intersected; where they
 * contradict each other, or fit several causes, the verdict is a guess.
 *  - SERVFAIL with CD=0 and an answer with CD=1 says that validation fails, and not yet that a
 * signature is bad: a DNSKEY that cannot be fetched looks the same.
 */
#pragma once

#include "results/judge/trail.h"
#include "results/judge/vantage.h"
#include "results/judge/verdict.h"

#define BIT(cause) CAUSE_BIT(CAUSE_##cause)

/* Shows with CD=1 or does not: keys that cannot be fetched, servers other than those that should be
 * asked, or of changing mind. */
#define EITHER_WAY                                                                                 \
	(BIT(DNSKEY_UNOBTAINABLE) | BIT(SERVERS_INCONSISTENT) | BIT(NS_GLUE_WRONG) |               \
	 BIT(NS_PARENT_OUTDATED) | BIT(FLAPPING))
/* What a server says that has nothing to say may be taken for a denial, unless it must be proved.
 */
#define LOOKS_LIKE_DENIAL                                                                          \
	(BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_UPWARD_REFERRAL) | BIT(NS_OTHER_ZONE) | BIT(NS_ERROR))
/* Nobody can get an answer past these: whoever has one came another way than we. */
#define STOPS_ALL                                                                                  \
	(BIT(NS_TIMEOUT) | BIT(NS_UNREACHABLE) | BIT(NS_REFUSED) | BIT(ZONE_NOT_LOADED) |          \
	 BIT(NS_NAME_NONEXISTENT) | BIT(NS_NAME_NO_ADDRESS) | BIT(NS_NAME_UNRESOLVABLE) |          \
	 BIT(NS_GLUE_MISSING) | BIT(NS_LOOP) | BIT(NS_ADDRESS_SPECIAL) | BIT(NS_MIXED_FAILURES))

/* Everything a rule may look at. */
struct inquiry {
	const struct facts *facts;
	const struct opinion *opinions;
	size_t opinion_count;
	unsigned kinds[OPINION_COUNT]; /* opinions of each kind */
	unsigned ok_ad, ok_blind;      /* of those that are OK */
	unsigned ok, failing, unsettled, unknown;
	unsigned slow_ok, slow_failing; /* answers that took long, good and bad */
	unsigned confirmed;		/* failures seen more than once */
	int64_t lasted_ms;		/* the longest time between two failures at one resolver */
	struct vantages vantages;	/* ... by the places they were asked from */
	struct hint dnssec, servers;	/* those of all failing resolvers, put together */
	struct trail trail;		/* what the evidence comes to */
	const struct resolver *astray;	/* alone it failed it, and is not believed; NULL: none */
	unsigned unproved;		/* had an answer that they cannot have validated */
	bool unproved_later;		/* ... after they had failed it */
	unsigned dnssec_hints;		/* resolvers that gave one */
	bool dnssec_conflict;		/* no cause fits all hints */
};

struct rule {
	const char *name;
	/* True: it is this; the verdict's cause, confidence, at and evidence are filled. */
	bool (*judge)(const struct inquiry *inquiry, struct verdict *verdict);
};

/* The table, ended by {NULL, NULL}; the last rule matches always. */
extern const struct rule rules[];

void inquiry_init(struct inquiry *inquiry, const struct facts *facts, struct opinion *opinions);

/* rules-views.c */

/*
 * Signatures of the zone came with a resolver's CD=1 answer that are not those seen: none was seen
 * at all, or one that is out of date, and the resolver's is in date. The servers differ, or treat
 * resolvers and strangers differently, or it is out of a cache.
 */
bool fault_other_view(const struct inquiry *q, const struct fault *fault);
/* A signature by the zone that came to a resolver is out of date. */
bool fault_out_of_date(const struct inquiry *q, const struct fault *fault);
/* No signatures were seen, or no keys, and a resolver's are out of date: these are why it fails. */
bool fault_dated_otherwise(const struct inquiry *q, const struct fault *fault);

/*
 * Where the root does not validate nothing does, be it that some of what stands behind the address
 * has another trust anchor: what fails there for want of validation fails for what was seen, or
 * says nothing. Before opinions are counted; the trail is read.
 */
void disbelieve_unrooted(const struct inquiry *q, struct opinion *opinions);

/*
 * What is bogus for everybody, or must be proved and cannot be, does not validate anywhere: a
 * resolver that has it without AD has not validated it. It is out of a cache that CD=1 filled (BIND
 * does that to itself, Knot Resolver, what stands in front of a validator), or is exempt, or made
 * up. Such answers are taken back: opinions and q->unproved. Who does not validate at all may change
 * its mind as it likes. Before opinions are counted; the trail is read.
 */
void withdraw_unproved(struct inquiry *q, struct opinion *opinions);
/* Says how many that are. */
void say_unproved(const struct inquiry *q, struct verdict *v);

/* rules-fit.c */

/*
 * The first fault that was seen, or told, and explains what the resolvers say, or the first one
 * there is. NULL: none. *fit: it explains it.
 */
const struct fault *fault_that_fits(const struct inquiry *q, bool *fit);
/* Do the resolvers' answers allow this cause? */
bool fault_fits(const struct inquiry *q, const struct fault *fault);
/* With CD=1 all who answer say that there is nothing, but for those who put something in its place. */
bool resolved_to_nothing(const struct inquiry *q);
bool rule_behind_silence(const struct inquiry *q, struct verdict *v);

/* rules-evidence.c */
bool rule_proved(const struct inquiry *q, struct verdict *v);
bool rule_too_many_records(const struct inquiry *q, struct verdict *v);
bool rule_some_servers(const struct inquiry *q, struct verdict *v);
bool rule_beside(const struct inquiry *q, struct verdict *v);
bool rule_contradicted(const struct inquiry *q, struct verdict *v);
/* Says what is broken although all resolvers answer. */
void say_defects(const struct inquiry *q, struct verdict *v);
void say_all_is_fine(const struct inquiry *q, struct verdict *v);
/* What validates has company that does not. False: it has none. */
bool say_besides(const struct inquiry *q, struct verdict *v);
/* What is denied by NSEC3 of many iterations. False: it is not. */
bool say_iterations(const struct inquiry *q, struct verdict *v);
/* rules-time.c: silence, and resolvers that do not wait for it; or the other way round. */
bool out_of_step(const struct inquiry *q, const struct fault *fault);
/* Seen at one moment, and perhaps of that moment only. */
bool momentary(const struct inquiry *q, const struct fault *fault);
/* rules-dnssec.c */
bool rule_dates(const struct inquiry *q, struct verdict *v);
bool rule_validation(const struct inquiry *q, struct verdict *v);
bool rule_validation_partial(const struct inquiry *q, struct verdict *v);
bool rule_validation_without_cd(const struct inquiry *q, struct verdict *v);
/* rules-servers.c */
bool rule_aliases(const struct inquiry *q, struct verdict *v);
bool rule_slow(const struct inquiry *q, struct verdict *v);
bool rule_transient(const struct inquiry *q, struct verdict *v);
bool rule_blocked(const struct inquiry *q, struct verdict *v);
bool rule_policy(const struct inquiry *q, struct verdict *v);
bool rule_resolver_only(const struct inquiry *q, struct verdict *v);
bool rule_servers_named(const struct inquiry *q, struct verdict *v);
bool rule_errors(const struct inquiry *q, struct verdict *v);
bool rule_silent(const struct inquiry *q, struct verdict *v);
bool rule_some_places(const struct inquiry *q, struct verdict *v);

/* Whether a resolver that does not resolve it gave this INFO-CODE. */
bool any_ede(const struct inquiry *q, uint16_t info_code);
/* Fills cause and confidence; returns true, so that a rule can end with it. */
bool verdict_is(struct verdict *verdict, enum cause cause, enum confidence confidence);
/* Adds to the evidence, after "; " where there is some; what has no room is left out. */
void verdict_say(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Blames a zone (lower case, no trailing dot). Empty zones change nothing. */
void verdict_at(struct verdict *verdict, struct view zone);
