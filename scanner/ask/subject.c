/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/subject.h"

#include <stdlib.h>

enum {
	EDE_FORGED = 4,
	EDE_BLOCKED = 15,
	EDE_CENSORED = 16,
	EDE_FILTERED = 17,
	EDE_PROHIBITED = 18
};

static bool reply_is(const struct brief *reply, int rcode)
{
	return reply->outcome == OUTCOME_ANSWERED && reply->rcode == rcode;
}

static void take_rtt(struct subject *s, int64_t rtt_us)
{
	if (s->rtt_count < SUBJECT_RTTS)
		s->rtts[s->rtt_count++] = rtt_us;
}

void subject_reply(struct subject *s, const struct brief *reply)
{
	s->mismatched += reply->outcome == OUTCOME_MISMATCH;
	if (reply->outcome != OUTCOME_ANSWERED)
		return;
	s->answered++;
	s->late += reply->tries > 1 || reply->rtt_us > SUBJECT_LONG_US;
	s->refused += reply->rcode == RCODE_REFUSED || reply->rcode == RCODE_NOTIMP ||
		      reply->rcode == RCODE_FORMERR;
	take_rtt(s, reply->rtt_us);
}

static bool has_ede(const struct pair *pair, uint16_t from, uint16_t until)
{
	for (unsigned i = 0; pair->extras != NULL && i < pair->normal.ede_count; i++)
		if (pair->extras->ede[0][i] >= from && pair->extras->ede[0][i] <= until)
			return true;
	return false;
}

static bool has_policy_ede(const struct pair *pair)
{
	return has_ede(pair, EDE_FORGED, EDE_FORGED) || has_ede(pair, EDE_BLOCKED, EDE_FILTERED);
}

static void count_bogus(struct subject *s, const struct pair *pair, bool foreign)
{
	const struct brief *normal = &pair->normal;

	if (reply_works(normal) && reply_is(&pair->cd, RCODE_NOERROR) && pair->cd.answers > 0)
		s->bogus_disguised += normal->answers == 0 || foreign;
	s->bogus++;
	s->bogus_servfail += reply_is(&pair->normal, RCODE_SERVFAIL);
	s->bogus_works += reply_is(&pair->normal, RCODE_NOERROR);
	/* no policy fails it with CD=0 alone */
	s->bogus_labelled +=
		reply_is(normal, RCODE_SERVFAIL) && reply_is(&pair->cd, RCODE_NOERROR) &&
		(has_policy_ede(pair) || has_ede(pair, EDE_PROHIBITED, EDE_PROHIBITED));
	s->bogus_ede += pair->normal.ede_count > 0;
	s->bogus_cd += pair->cd.outcome == OUTCOME_ANSWERED;
	s->bogus_cd_works += reply_is(&pair->cd, RCODE_NOERROR);
}

/* SERVFAIL is no filter, it may be the name's fault; so may silence. */
static void count_filtered(struct subject *s, const struct brief *reply, bool special)
{
	bool works = reply_is(reply, RCODE_NOERROR) && reply->answers > 0 && !special;

	s->filtered_through += works;
	s->filtered_away +=
		reply->outcome == OUTCOME_ANSWERED && !works && reply->rcode != RCODE_SERVFAIL;
}

void subject_pair(struct subject *s, const struct control *control, const struct pair *pair,
		  bool special, bool foreign, bool is_signed)
{
	const struct brief *normal = &pair->normal;
	bool works = reply_is(normal, RCODE_NOERROR);

	s->asked++;
	subject_reply(s, normal);
	subject_reply(s, &pair->cd);
	s->policy_edes += has_policy_ede(pair);
	switch (control->kind) {
	case CONTROL_GOOD:
		s->good++;
		s->good_works += works;
		s->good_ad += works && (normal->flags & FLAG_AD);
		break;
	case CONTROL_BOGUS:
		count_bogus(s, pair, foreign);
		return;
	case CONTROL_FILTERED:
		count_filtered(s, normal, special);
		return;
	case CONTROL_NXDOMAIN:
		s->nxdomain++;
		s->nxdomain_rewritten += works && normal->answers > 0;
		break;
	case CONTROL_UNSIGNED:
		s->unsigned_ad += works && !is_signed && (normal->flags & FLAG_AD);
		break;
	case CONTROL_KINDS:
		break;
	}
	/* An answer for a name that does not exist is a lie, and no failure. */
	works = works || (control->kind == CONTROL_NXDOMAIN && reply_works(normal));
	s->expected += works;
	s->unexpected += !works;
	s->labelled += works && has_policy_ede(pair);
	s->denied += works && normal->rcode == RCODE_NXDOMAIN && !has_policy_ede(pair);
}

void subject_bogus(struct subject *s, const struct brief *reply)
{
	s->bogus_works += reply_is(reply, RCODE_NOERROR);
	s->bogus_servfail += reply_is(reply, RCODE_SERVFAIL);
	s->bogus_ede += reply_is(reply, RCODE_SERVFAIL) && reply->ede_count > 0;
}

void subject_denial(struct subject *s, const struct pair *pair)
{
	bool works = reply_works(&pair->normal), ad = pair->normal.flags & FLAG_AD;

	s->denials_ad += works && ad;
	s->denials_plain += works && !ad;
	s->denials_bogus += reply_is(&pair->normal, RCODE_SERVFAIL) && reply_works(&pair->cd);
	s->denials_lost += pair->normal.outcome != OUTCOME_ANSWERED;
}

unsigned subject_denials(const struct subject *s, size_t resolvers)
{
	if (resolvers > SUBJECT_DENIED || subject_takes_long(s) || s->denials_lost > 0)
		return 0;
	return SUBJECT_DENIALS;
}

void subject_sample(struct subject *s, const struct brief *reply, int rcode, bool slow)
{
	bool answered = reply->outcome == OUTCOME_ANSWERED;
	bool other = answered && reply->rcode != rcode;

	s->samples++;
	s->samples_lost += !answered;
	s->samples_other += other;
	s->slow += slow;
	s->slow_other += slow && other;
	if (answered)
		take_rtt(s, reply->rtt_us);
}

bool subject_is_slow(const struct subject *s)
{
	return s->samples_other > 0;
}

bool subject_takes_long(const struct subject *s)
{
	return 2 * s->late > s->answered;
}

unsigned subject_samples(const struct subject *s)
{
	if (subject_is_slow(s))
		return s->samples + SUBJECT_SLOW - s->slow;
	if (subject_takes_long(s))
		return SUBJECT_LONG_SAMPLES;
	return s->samples_lost > 0 ? SUBJECT_SAMPLES_MAX : SUBJECT_SAMPLES;
}

/* ---- judging ---- */

static enum tri tri_of(bool known_at_all, bool yes)
{
	return !known_at_all ? TRI_UNKNOWN : yes ? TRI_YES : TRI_NO;
}

static int by_value(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Now one that validates answers, and now one that does not. */
static bool is_mixed(const struct subject *s)
{
	return s->denials_ad >= SUBJECT_DENIALS_MANY && s->denials_plain >= SUBJECT_DENIALS_MANY;
}

/* Now one that validates a zone answers, and now one for which it is bogus. */
static bool is_split(const struct subject *s)
{
	return s->denials_ad >= SUBJECT_DENIALS_MANY && s->denials_bogus >= SUBJECT_DENIALS_MANY;
}

/* What is said of everything, or of all that has data, or of all that fails, says nothing. */
static bool labels_all(const struct subject *s)
{
	return s->bogus_labelled > 0 || (s->labelled > 1 && s->labelled + s->denied == s->expected);
}

static unsigned marks_of(const struct subject *s, const struct calibration *found)
{
	unsigned marks = 0;

	if (s->answered > 0 && s->refused == s->answered)
		marks |= CALIBRATION_REFUSES;
	else if (s->answered > 0 && s->expected == 0 && s->unexpected > 1)
		marks |= CALIBRATION_FAILS;
	else if (s->bogus_disguised > 0 && s->bogus_disguised == s->bogus_cd && !s->bogus_servfail)
		marks |= CALIBRATION_DISGUISES;
	else if (s->slow > 0 && s->slow_other * SUBJECT_UNSTEADY_OF >= s->slow)
		marks |= CALIBRATION_UNSTEADY;
	if (labels_all(s))
		marks |= CALIBRATION_LABELS;
	if (is_mixed(s))
		marks |= CALIBRATION_MIXED;
	if (is_split(s))
		marks |= CALIBRATION_SPLIT;
	if (s->unsigned_ad > 0)
		marks |= CALIBRATION_AD_ALWAYS;
	if (found->loss_percent >= SUBJECT_LOSSY_PERCENT)
		marks |= CALIBRATION_LOSSY;
	return marks;
}

void subject_judge(struct subject *s, struct calibration *found)
{
	bool validation_seen =
		s->bogus > 0 && (s->bogus_servfail > 0 || s->bogus_works > 0) && s->good_works > 0;
	unsigned filtered;

	found->reachable = tri_of(true, s->answered > 0);
	found->same_address = tri_of(s->answered + s->mismatched > 0, s->mismatched == 0);
	/* One bogus name that passes is enough to take the right to vote on DNSSEC away. */
	found->validates =
		tri_of(validation_seen, s->bogus_works == 0 && s->good_ad > 0 && !is_mixed(s));
	found->honours_cd = tri_of(s->bogus_servfail > 0 && s->bogus_cd > 0, s->bogus_cd_works > 0);
	found->sends_ede = tri_of(s->bogus_servfail > 0, s->bogus_ede > 0);
	found->forwards_ad = tri_of(s->good_works > 0, s->good_ad > 0);
	found->rewrites_nxdomain =
		tri_of(s->nxdomain > 0 && s->answered > 0, s->nxdomain_rewritten > 0);
	filtered = s->filtered_away + (labels_all(s) ? 0 : s->policy_edes);
	found->filters =
		tri_of(s->expected > 0 && s->filtered_through + filtered > 0, filtered > 0);
	found->keeps_case = s->keeps_case;
	found->tcp = s->tcp;
	found->tls = s->tls;
	found->controls_asked = s->asked;
	found->controls_failed = s->unexpected;
	if (s->rtt_count > 0) {
		qsort(s->rtts, s->rtt_count, sizeof(s->rtts[0]), by_value);
		found->median_rtt_us = s->rtts[s->rtt_count / 2];
		found->most_rtt_us = s->rtts[(s->rtt_count - 1) * 9 / 10];
	}
	if (s->samples > 0)
		found->loss_percent = (100 * s->samples_lost + s->samples / 2) / s->samples;
	found->marks |= marks_of(s, found);
}
