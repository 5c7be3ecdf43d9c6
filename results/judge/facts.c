/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/facts.h"

#include <string.h>

bool note_has(struct view note, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= note.len; i++)
		if (memcmp(note.text + i, word, len) == 0 && (i == 0 || note.text[i - 1] == '+') &&
		    (i + len == note.len || note.text[i + len] == '+'))
			return true;
	return false;
}

static bool works(enum outcome outcome, int rcode)
{
	return outcome == OUTCOME_ANSWERED && (rcode == RCODE_NOERROR || rcode == RCODE_NXDOMAIN);
}

static bool silent(enum outcome outcome)
{
	return outcome == OUTCOME_TIMEOUT || outcome == OUTCOME_UNREACHABLE;
}

/* CD=0 came back SERVFAIL or not at all: what do CD=1 and the second CD=0 say? */
static enum look_kind failed_kind(const struct row *row)
{
	bool mute = row->normal.outcome != OUTCOME_ANSWERED;

	if (works(row->again_outcome, row->again_rcode))
		return LOOK_RECOVERED;
	if (works(row->cd.outcome, row->cd.rcode))
		return mute ? LOOK_MUTE_CD : LOOK_VALIDATION;
	if (mute)
		return LOOK_MUTE;
	if (row->cd.outcome == OUTCOME_ANSWERED && row->cd.rcode == RCODE_REFUSED)
		return LOOK_NOTHING; /* SERVFAIL, then REFUSED: we are being limited */
	if (row->cd.outcome == OUTCOME_ANSWERED || silent(row->cd.outcome))
		return LOOK_RESOLUTION;
	return LOOK_SERVFAIL;
}

/* RFC 8914: what INFO-CODEs 5 to 12 mean is that it does not validate. */
static bool says_bogus(const struct reply *reply)
{
	for (unsigned i = 0; i < reply->ede_count; i++)
		if (reply->ede[i] >= 5 && reply->ede[i] <= 12)
			return true;
	return false;
}

/* A policy refuses a name whatever CD says, and at any time; else we are being limited, and what
 * the others of the three said is what there is. */
static enum look_kind refused_kind(const struct row *row)
{
	bool servfail_again =
		row->again_outcome == OUTCOME_ANSWERED && row->again_rcode == RCODE_SERVFAIL;

	if (works(row->again_outcome, row->again_rcode))
		return LOOK_CLEAN;
	if ((servfail_again || says_bogus(&row->normal)) && works(row->cd.outcome, row->cd.rcode))
		return LOOK_VALIDATION;
	return row->cd.outcome == OUTCOME_ANSWERED && row->cd.rcode == RCODE_SERVFAIL
		       ? LOOK_NOTHING
		       : LOOK_REFUSED;
}

bool look_unrooted(const struct row *row)
{
	/* "for key .": then nothing validates there (clock, trust anchor) */
	struct view zone =
		row->normal.outcome == OUTCOME_ANSWERED && row->normal.rcode == RCODE_SERVFAIL
			? hint_zone(&row->normal)
			: (struct view){0};

	return zone.len == 1 && zone.text[0] == '.';
}

static enum look_kind kind_of(const struct row *row, bool labels)
{
	const struct reply *normal = &row->normal;

	if (note_has(row->note, "overload"))
		return LOOK_NOTHING;
	if (silent(normal->outcome))
		return failed_kind(row);
	if (normal->outcome != OUTCOME_ANSWERED || normal->rcode == RCODE_UNKNOWN)
		return LOOK_NOTHING;
	if (!labels && hint_policy(normal))
		return LOOK_POLICY;
	if (works(normal->outcome, normal->rcode))
		return hint_exempt(normal) ? LOOK_EXEMPT : LOOK_CLEAN;
	if (hint_busy(normal))
		return LOOK_NOTHING;
	if (normal->rcode == RCODE_SERVFAIL)
		return look_unrooted(row) ? LOOK_NOTHING : failed_kind(row);
	return normal->rcode == RCODE_REFUSED ? refused_kind(row) : LOOK_ERROR;
}

enum look_kind look_kind(const struct row *row)
{
	return kind_of(row, false);
}

enum look_kind look_kind_of(const struct row *row, const struct resolver *resolver)
{
	struct row alone = *row;

	if (resolver->no_cd || (resolver->fell_silent && silent(row->cd.outcome)))
		alone.cd = (struct reply){.outcome = OUTCOME_NOT_ASKED};
	if (resolver->fell_silent && silent(row->normal.outcome) &&
	    alone.cd.outcome != OUTCOME_ANSWERED)
		return LOOK_NOTHING;
	return kind_of(&alone, resolver->labels);
}

static enum opinion_kind failing_opinion(const struct resolver *resolver, enum look_kind kind)
{
	switch (kind) {
	case LOOK_VALIDATION:
		return OPINION_VALIDATION;
	case LOOK_RESOLUTION:
		/* who ignores CD, or hands on what one says who does, fails either way */
		return resolver->honours_cd == TRI_NO ? OPINION_SERVFAIL : OPINION_RESOLUTION;
	case LOOK_SERVFAIL:
		return OPINION_SERVFAIL;
	case LOOK_MUTE:
		return OPINION_MUTE;
	case LOOK_MUTE_CD:
		return OPINION_MUTE_CD;
	case LOOK_POLICY:
		return OPINION_POLICY;
	case LOOK_REFUSED:
		return OPINION_REFUSED;
	case LOOK_ERROR:
		return OPINION_ERROR;
	default:
		return OPINION_NONE;
	}
}

static bool fails(enum look_kind kind)
{
	return kind >= LOOK_POLICY && kind <= LOOK_MUTE_CD;
}

/* Which of two failing looks tells more: the kinds that CD=1 explains, then the earlier one (fresh
 * EDE, no cache). */
static bool tells_more(const struct look *look, const struct look *than)
{
	static const unsigned char weight[] = {
		[LOOK_VALIDATION] = 5, [LOOK_RESOLUTION] = 4, [LOOK_MUTE_CD] = 3,
		[LOOK_SERVFAIL] = 2,   [LOOK_MUTE] = 2,	      [LOOK_RECOVERED] = 1};

	return !than || weight[look->kind] > weight[than->kind];
}

/* A failure that may well be of an overloaded resolver, one that limits us, or a path that loses
 * messages. */
static bool is_excused(const struct look *look)
{
	const struct resolver *resolver = look->resolver;

	if (!fails(look->kind) && look->kind != LOOK_RECOVERED)
		return false;
	return resolver->overloaded || look->kind == LOOK_REFUSED ||
	       (resolver->lossy && look->row && silent(look->row->normal.outcome));
}

/* Has the resolver answered in the end? Then what it failed before that, and has an excuse for, is
 * forgotten. */
static bool came_round(const struct look *looks, size_t count)
{
	while (count > 0 && looks[count - 1].kind == LOOK_NOTHING)
		count--;
	return count > 0 &&
	       (looks[count - 1].kind == LOOK_CLEAN ||
		(looks[count - 1].kind == LOOK_RECOVERED && is_excused(&looks[count - 1])));
}

/* Asks others who validate, and hands on what they say: where they fail a name with CD=0 and not
 * with CD=1, CD=0 may well work afterwards, out of its cache. */
static bool is_relay(const struct resolver *resolver)
{
	return resolver->validates == TRI_NO && resolver->honours_cd != TRI_UNKNOWN;
}

/* The looks of one resolver, in order of time, as one opinion. */
static void settle(const struct look *looks, size_t count, struct opinion *opinion)
{
	const struct look *worst = NULL, *good = NULL, *exempt = NULL, *last = NULL, *first = NULL;
	unsigned failures = 0, changes = 0, nothing = 0;
	bool was_failing = false, forgiving = came_round(looks, count);

	for (size_t i = 0; i < count; i++) {
		const struct look *look = &looks[i];
		bool excused = forgiving && is_excused(look);
		bool failing = !excused && (fails(look->kind) || look->kind == LOOK_RECOVERED);

		if (excused && look->kind == LOOK_RECOVERED)
			good = last = look;
		if (excused)
			continue;
		if (look->kind == LOOK_RECOVERED && is_relay(look->resolver))
			continue;
		if (look->kind == LOOK_NOTHING) {
			nothing++;
			continue;
		}
		if (look->kind == LOOK_EXEMPT) {
			exempt = look;
			continue;
		}
		changes += last && failing != was_failing;
		/* failed, then worked: the row itself holds a change */
		changes += look->kind == LOOK_RECOVERED;
		was_failing = fails(look->kind);
		failures += failing;
		if (failing && !first)
			first = look;
		if (failing)
			opinion->lasted_ms = look->time_ms - first->time_ms;
		if (failing && tells_more(look, worst))
			worst = look;
		if (!fails(look->kind))
			good = look;
		last = look;
	}
	opinion->overloaded = !last && !exempt && nothing > 0;
	if (!last) {
		opinion->kind = exempt ? OPINION_EXEMPT : OPINION_NONE;
		opinion->row = exempt ? exempt->row : NULL;
	} else if (!failures) {
		opinion->kind = OPINION_OK;
		opinion->ad = good->ad && !opinion->resolver->ad_always;
		opinion->rtt_us = good->rtt_us;
	} else {
		opinion->row = worst->row;
		opinion->rtt_us = worst->rtt_us;
		opinion->again_us = worst->row ? worst->row->cd.rtt_us : -1;
		opinion->confirmed = failures > 1 ||
				     (worst->row && worst->row->again_outcome == OUTCOME_ANSWERED &&
				      worst->row->again_rcode == RCODE_SERVFAIL);
		if (changes > 1 && good)
			opinion->kind = OPINION_FLAPS;
		else if (was_failing)
			opinion->kind = failing_opinion(opinion->resolver, worst->kind);
		else
			opinion->kind = OPINION_RECOVERED;
		opinion->ad = good && good->ad && !opinion->resolver->ad_always;
		if (opinion->kind == OPINION_RECOVERED)
			opinion->confirmed = good->kind == LOOK_CLEAN;
		/* now one who validates was asked, now one who does not: of the name that tells
		 * only that it resolves */
		if (is_relay(opinion->resolver) &&
		    (opinion->kind == OPINION_RECOVERED || opinion->kind == OPINION_FLAPS)) {
			opinion->kind = OPINION_OK;
			opinion->row = NULL;
			opinion->rtt_us = good->rtt_us;
		}
	}
}

enum opinion_kind facts_failed(const struct opinion *opinion)
{
	enum look_kind kind = look_kind(opinion->row);

	if (kind == LOOK_RECOVERED) /* CD=0 failed, and CD=1 did not */
		kind = opinion->row->normal.outcome == OUTCOME_ANSWERED ? LOOK_VALIDATION
									: LOOK_MUTE_CD;
	return failing_opinion(opinion->resolver, kind);
}

size_t facts_opinions(const struct facts *facts, struct opinion *opinions)
{
	size_t count = 0, end;

	for (size_t i = 0; i < facts->look_count; i = end) {
		const struct resolver *resolver = facts->looks[i].resolver;
		struct opinion *opinion = &opinions[count++];

		for (end = i + 1; end < facts->look_count; end++)
			if (facts->looks[end].resolver->identity != resolver->identity)
				break;
		*opinion = (struct opinion){.resolver = resolver,
					    .blind = resolver->validates == TRI_NO,
					    .rtt_us = -1,
					    .again_us = -1};
		if (!resolver->useless)
			settle(facts->looks + i, end - i, opinion);
	}
	return count;
}
