/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules on names that resolve with CD=1 and fail with CD=0.
 */
#include "results/judge/rules.h"

#include <stdio.h>
#include <string.h>

#include "results/judge/signature.h"

/* Validators forgive some lateness (unbound: a tenth of the lifetime, an hour to a day), and clocks
 * differ. */
#define SLACK_S	    300
#define TOLERANCE_S 86400
/* So many causes may be left by hints that are as good as one: the most frequent of a family. */
#define HINTS_CLOSE 3
#define DATES	    (BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID))
/* One alone that fails what so many others validate has troubles of its own. */
#define OUTVOTED 2

static bool validation(const struct opinion *o)
{
	return o->kind == OPINION_VALIDATION || o->kind == OPINION_MUTE_CD;
}

static void say_date(struct verdict *v, const struct signature *s, bool expired)
{
	char from[25], until[25];

	csv_time(from, s->inception_s * 1000);
	csv_time(until, s->expiration_s * 1000);
	if (expired)
		verdict_say(v, "RRSIG over %.*s by key %lld of %.*s expired %.19sZ",
			    (int)s->type.len, s->type.text, (long long)s->key_tag,
			    (int)s->signer.len, s->signer.text, until);
	else
		verdict_say(v, "RRSIG over %.*s by key %lld of %.*s is valid from %.19sZ to %.19sZ",
			    (int)s->type.len, s->type.text, (long long)s->key_tag,
			    (int)s->signer.len, s->signer.text, from, until);
}

/* The first answer whose signatures' dates are wrong; *off_s by how much. */
static enum dates dates_seen(const struct inquiry *q, struct signature *bad, int64_t *off_s)
{
	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];
		enum dates dates;

		if (!validation(o))
			continue;
		dates = signature_dates(o->row->cd_rrsig, o->row->time_ms, SLACK_S, bad);
		if (dates == DATES_FINE)
			continue;
		*off_s = dates == DATES_EXPIRED ? o->row->time_ms / 1000 - bad->expiration_s
						: bad->inception_s - o->row->time_ms / 1000;
		return dates;
	}
	return DATES_FINE;
}

/* A code that means dates, be they past or to come: which of the two can be read. */
static bool says_dates_alone(const struct inquiry *q)
{
	return q->dnssec.strength == HINT_CODE && !(q->dnssec.possible & ~DATES);
}

bool rule_dates(const struct inquiry *q, struct verdict *v)
{
	struct signature bad;
	int64_t off_s = 0;
	enum dates dates = dates_seen(q, &bad, &off_s);
	enum cause cause = dates == DATES_EXPIRED ? CAUSE_RRSIG_EXPIRED : CAUSE_RRSIG_NOT_YET_VALID;
	bool told = q->dnssec.strength == HINT_NONE || (q->dnssec.possible & CAUSE_BIT(cause));

	/* DS and keys are mended before signatures are: a precise complaint about them comes first
	 */
	if (dates == DATES_FINE || (!told && !says_dates_alone(q)) || q->trail.clock)
		return false;
	say_date(v, &bad, dates == DATES_EXPIRED);
	verdict_at(v, bad.signer);
	/* No certain: old glue that leads to an old copy of the zone, say, shows the very same
	 * dates. */
	if (v->status == STATUS_FAILING)
		return verdict_is(v, cause, told ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
	/* Some validate it all the same: a matter of tolerance shortly after; long after, of another
	 * copy, or of a resolver that was told to mind no dates (BIND's dnssec-accept-expired, and it
	 * sets AD). What they were given is not known. */
	if (dates == DATES_EXPIRED && off_s > TOLERANCE_S && q->ok_ad)
		return verdict_is(v, CAUSE_SERVERS_INCONSISTENT, CONFIDENCE_GUESS);
	return verdict_is(v, cause, told ? CONFIDENCE_LIKELY : CONFIDENCE_GUESS);
}

/* What unbound says behind "DS with algorithm "; *len octets; NULL: it does not. */
static const char *algorithm_named(const struct row *row, size_t *len)
{
	static const char phrase[] = "DS with algorithm ";
	struct view text = row ? row->normal.ede_text : (struct view){0};
	const char *at = text.len ? memmem(text.text, text.len, phrase, sizeof(phrase) - 1) : NULL;

	if (!at)
		return NULL;
	at += sizeof(phrase) - 1;
	*len = (size_t)(text.text + text.len - at);
	return at;
}

/* unbound names the DS's algorithm: if the zone signs with others only, that is what is wrong. */
static bool other_algorithm(const struct inquiry *q)
{
	static const struct {
		const char *name;
		int number;
	} algorithms[] = {{"RSASHA1-NSEC3-SHA1 ", 7}, {"RSASHA1 ", 5},
			  {"RSASHA256 ", 8},	      {"RSASHA512 ", 10},
			  {"ECDSAP256SHA256 ", 13},   {"ECDSAP384SHA384 ", 14},
			  {"ED25519 ", 15},	      {"ED448 ", 16}};

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct row *row = q->opinions[i].row;
		size_t room = 0;
		const char *at = algorithm_named(row, &room);

		if (!at || !row->cd_rrsig.len)
			continue;
		for (size_t j = 0; j < sizeof(algorithms) / sizeof(*algorithms); j++) {
			size_t len = strlen(algorithms[j].name);

			if (room >= len && memcmp(at, algorithms[j].name, len) == 0)
				return !signature_uses_algorithm(row->cd_rrsig,
								 algorithms[j].number);
		}
	}
	return false;
}

/* Of several DS unbound may insist on each one's algorithm (harden-algo-downgrade); others do not. */
static bool fails_others_too(const struct inquiry *q)
{
	size_t room;

	for (size_t i = 0; i < q->opinion_count; i++)
		if (validation(&q->opinions[i]) && !algorithm_named(q->opinions[i].row, &room))
			return true;
	return false;
}

static bool negative_answers(const struct inquiry *q)
{
	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct row *row = q->opinions[i].row;

		if (row && validation(&q->opinions[i]) &&
		    (row->cd.rcode == RCODE_NXDOMAIN || row->cd.answers == 0))
			return true;
	}
	return false;
}

/* With CD=1 somebody has data of the name. */
static bool has_data(const struct inquiry *q)
{
	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct row *row = q->opinions[i].row;

		if (row && validation(&q->opinions[i]) && row->cd.rcode == RCODE_NOERROR &&
		    row->cd.answers > 0)
			return true;
	}
	return false;
}

/* All who have data of the name with CD=1 have it without a signature. */
static bool data_unsigned(const struct inquiry *q)
{
	for (size_t i = 0; i < q->opinion_count; i++)
		if (validation(&q->opinions[i]) && q->opinions[i].row->cd_rrsig.len)
			return false;
	return has_data(q);
}

/* What the hints leave open is more than a matter of words: many causes, none of which is by far
 * the most frequent, or either of the two ways in which a denial can fail. */
static bool wide(const struct hint *hint)
{
	const uint64_t denial = BIT(DENIAL_MISSING) | BIT(DENIAL_WRONG);

	return __builtin_popcountll(hint->possible) > HINTS_CLOSE || hint->possible == denial;
}

/* To one who fails it signatures came, and they are in date. */
static bool came_signed(const struct inquiry *q)
{
	struct signature bad;

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];

		if (validation(o) && o->row->cd_rrsig.len &&
		    signature_dates(o->row->cd_rrsig, o->row->time_ms, SLACK_S, &bad) == DATES_FINE)
			return true;
	}
	return false;
}

/* To those who fail it no signature came, and they hand out signatures where there are some. */
static bool came_unsigned(const struct inquiry *q)
{
	for (size_t i = 0; i < q->opinion_count; i++)
		if (validation(&q->opinions[i]) &&
		    (q->opinions[i].row->cd_rrsig.len || !q->opinions[i].resolver->signs))
			return false;
	return q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD] > 0;
}

/*
 * They complain of dates, and those that came are fine, or there are none. Where it is not said whose
 * they are: of keys, DS or denials, in this zone or above it, or of what is not a date at all (PowerDNS
 * says EDE 8 of wrong labels). Where it is said to be those of the answer: another copy, or a clock that
 * is wrong there.
 */
static bool other_dates(const struct inquiry *q)
{
	const uint64_t possible = q->dnssec.possible;
	bool precise = q->dnssec.strength == HINT_TEXT && (possible & (possible - 1)) == 0;

	if (!(possible & DATES))
		return false;
	if (came_signed(q))
		return !precise || (q->dnssec.of_answer && !q->dnssec.zone.len);
	return !precise && came_unsigned(q);
}

/* Whether the zone signs with the algorithm of the DS is not known: no signature was handed out. */
static bool algorithm_open(const struct inquiry *q)
{
	if (!(q->dnssec.possible & BIT(DS_ALGORITHM_MISMATCH)))
		return false;
	for (size_t i = 0; i < q->opinion_count; i++)
		if (q->opinions[i].row && q->opinions[i].row->cd_rrsig.len)
			return false;
	return true;
}

/* The cause out of the hints, and how sure that is. */
static bool from_hints(const struct inquiry *q, struct verdict *v, enum confidence most)
{
	enum cause cause = q->dnssec.best;
	bool sure = !wide(&q->dnssec) && (q->dnssec.strength >= HINT_CODE ||
					  (q->dnssec.possible & (q->dnssec.possible - 1)) == 0);

	if (q->dnssec.possible & BIT(DS_ALGORITHM_MISMATCH) && other_algorithm(q)) {
		cause = CAUSE_DS_ALGORITHM_MISMATCH;
		sure = fails_others_too(q);
	} else if (algorithm_open(q)) {
		sure = false;
	}
	if (q->dnssec_conflict || other_dates(q))
		sure = false;
	/* there is data, so it is something else that is denied without a proof: the keys */
	if (cause == CAUSE_DENIAL_MISSING && q->dnssec.possible & BIT(DS_BUT_UNSIGNED) &&
	    data_unsigned(q))
		cause = CAUSE_DS_BUT_UNSIGNED;
	verdict_at(v, q->dnssec.zone);
	if (q->confirmed == 0 && q->failing < 2)
		sure = false;
	/* keys that cannot be fetched: the zone's doing, or the network's */
	if (cause == CAUSE_DNSKEY_UNOBTAINABLE)
		sure = false;
	/* no keys and no data either: perhaps not the zone's servers at all */
	if (cause == CAUSE_DS_BUT_UNSIGNED && (negative_answers(q) || !has_data(q)))
		sure = false;
	return verdict_is(v, cause, sure ? most : CONFIDENCE_GUESS);
}

/* The same, and these resolvers hand out signatures where there are some. */
static bool nothing_signed(const struct inquiry *q)
{
	for (size_t i = 0; i < q->opinion_count; i++)
		if (validation(&q->opinions[i]) && !q->opinions[i].resolver->signs)
			return false;
	return data_unsigned(q);
}

/* All that can know fail it, and for at least one CD=1 makes the difference. */
bool rule_validation(const struct inquiry *q, struct verdict *v)
{
	unsigned bogus = q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD];

	if (v->status != STATUS_FAILING || !bogus)
		return false;
	verdict_say(v, "%u of %u resolvers fail it with CD=0 and resolve it with CD=1", bogus,
		    q->failing);
	if (q->dnssec.strength != HINT_NONE)
		return from_hints(q, v, CONFIDENCE_LIKELY);
	/* nor can there be, in a zone that was seen to be insecure */
	if (q->trail.insecure)
		return false;
	/* waiting, not complaining: the keys could not be fetched */
	if (q->kinds[OPINION_MUTE_CD] == bogus || q->slow_failing == q->failing)
		return verdict_is(v, CAUSE_DNSKEY_UNOBTAINABLE, CONFIDENCE_GUESS);
	verdict_say(v, "none says what is wrong with the signatures or keys");
	if (negative_answers(q))
		return verdict_is(v, any_ede(q, 6) ? CAUSE_DENIAL_WRONG : CAUSE_DENIAL_MISSING,
				  CONFIDENCE_GUESS);
	if (nothing_signed(q)) {
		verdict_say(v, "the data has no signature");
		return verdict_is(v, CAUSE_DS_BUT_UNSIGNED, CONFIDENCE_GUESS);
	}
	/* a bare 6 is more often a signature that does not verify than anything with a code of its
	 * own */
	if (any_ede(q, 6))
		return verdict_is(v, CAUSE_RRSIG_INVALID, CONFIDENCE_GUESS);
	return verdict_is(v, CAUSE_DS_NO_MATCHING_DNSKEY, CONFIDENCE_GUESS);
}

/* One alone fails what others validate, and what it got is as signed as theirs. */
static bool outvoted(const struct inquiry *q, unsigned bogus)
{
	return bogus == 1 && q->ok_ad >= OUTVOTED && came_signed(q);
}

/* Some validators pass it. */
bool rule_validation_partial(const struct inquiry *q, struct verdict *v)
{
	unsigned bogus = q->kinds[OPINION_VALIDATION] + q->kinds[OPINION_MUTE_CD];
	unsigned passed = q->ok + q->unsettled;

	if (v->status != STATUS_PARTIAL || !bogus || bogus < q->failing)
		return false;
	/* who stays silent complains of nothing: a lost packet, or a way of its own */
	if (!q->kinds[OPINION_VALIDATION] && q->dnssec.strength == HINT_NONE)
		return false;
	verdict_say(v, "%u resolvers fail to validate it, %u pass it, %u of these with AD", bogus,
		    passed, q->ok_ad);
	if (any_ede(q, 1) || any_ede(q, 2) || any_ede(q, 27))
		return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_LIKELY);
	if (q->trail.fine) {
		say_all_is_fine(q, v);
		/* what the zone has beside the answer might be in order, too */
		if (say_besides(q, v) || say_iterations(q, v))
			return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_GUESS);
		if (q->trail.sha1)
			return verdict_is(v, CAUSE_RESOLVER_LIMIT,
					  q->trail.secure && q->ok_ad ? CONFIDENCE_LIKELY
								      : CONFIDENCE_GUESS);
		/* they tell what was wrong with what they got: something else than the others got,
		 * out of one of many nodes perhaps; unless it came as signed as to the others */
		return verdict_is(v,
				  q->ok_ad && q->dnssec.strength != HINT_NONE && !outvoted(q, bogus)
					  ? CAUSE_SERVERS_INCONSISTENT
					  : CAUSE_RESOLVER_LIMIT,
				  CONFIDENCE_GUESS);
	}
	if (any_ede(q, 13) && bogus == 1)
		return verdict_is(v, CAUSE_RESOLVER_EXEMPTS, CONFIDENCE_GUESS);
	if (!q->ok_ad && bogus >= passed && q->dnssec.strength != HINT_NONE)
		return from_hints(q, v, CONFIDENCE_GUESS); /* the others see an insecure zone */
	if (q->dnssec.strength == HINT_CODE && bogus > passed)
		return from_hints(q, v,
				  CONFIDENCE_GUESS); /* 7 or 8 at most: a matter of tolerance */
	if (outvoted(q, bogus))
		return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_GUESS);
	verdict_at(v, q->dnssec.zone);
	if (q->ok_ad)
		return verdict_is(v, CAUSE_SERVERS_INCONSISTENT, CONFIDENCE_GUESS);
	return verdict_is(v, CAUSE_RESOLVER_LIMIT, CONFIDENCE_GUESS);
}

/* CD makes no difference because the resolver ignores it, or was not asked: but it says that
 * validation failed. */
bool rule_validation_without_cd(const struct inquiry *q, struct verdict *v)
{
	if (v->status != STATUS_FAILING || q->kinds[OPINION_SERVFAIL] != q->failing ||
	    q->servers.strength != HINT_NONE)
		return false;
	if (q->dnssec.strength != HINT_NONE)
		return from_hints(q, v, CONFIDENCE_LIKELY);
	return any_ede(q, 6) && verdict_is(v, CAUSE_RRSIG_INVALID, CONFIDENCE_GUESS);
}
