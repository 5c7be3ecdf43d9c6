/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/rules.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "results/judge/origin.h"

/* Slower than this, an answer is of a server that some resolvers will not wait for (PowerDNS gives
 * up after 1.5 s). */
#define SLOW_OK_US (1 << 21) /* a power of two: clean answers keep no more */
/* A failure that took this long is one of waiting, not of being refused. */
#define SLOW_FAILING_US 4000000

/* So many are to resolve what one alone fails that fails much. */
#define ASTRAY_OTHERS 2

/* ---- what rules say ---- */

bool verdict_is(struct verdict *verdict, enum cause cause, enum confidence confidence)
{
	verdict->cause = cause;
	verdict->confidence = confidence;
	return true;
}

void verdict_say(struct verdict *verdict, const char *format, ...)
{
	size_t used = strlen(verdict->evidence), room = sizeof(verdict->evidence) - used;
	const char *glue = used ? "; " : "";
	va_list args;
	int len;

	if (room <= strlen(glue) + 1)
		return;
	strcpy(verdict->evidence + used, glue);
	va_start(args, format);
	len = vsnprintf(verdict->evidence + used + strlen(glue), room - strlen(glue), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= room - strlen(glue))
		verdict->evidence[used] = '\0'; /* half a fact is none */
}

void verdict_at(struct verdict *verdict, struct view zone)
{
	size_t len = zone.len > 1 && zone.text[zone.len - 1] == '.' ? zone.len - 1 : zone.len;

	if (len == 0 || len >= sizeof(verdict->at))
		return;
	for (size_t i = 0; i < len; i++)
		verdict->at[i] = (char)tolower((unsigned char)zone.text[i]);
	verdict->at[len] = '\0';
}

bool any_ede(const struct inquiry *q, uint16_t info_code)
{
	for (size_t i = 0; i < q->opinion_count; i++)
		if (q->opinions[i].row && reply_has_ede(&q->opinions[i].row->normal, info_code))
			return true;
	return false;
}

/* ---- the plainest rules ---- */

static bool rule_unknown(const struct inquiry *q, struct verdict *v)
{
	unsigned overloaded = 0;

	if (v->status != STATUS_UNKNOWN)
		return false;
	for (size_t i = 0; i < q->opinion_count; i++)
		overloaded += q->opinions[i].overloaded;
	if (q->kinds[OPINION_EXEMPT]) {
		verdict_say(v, "answered only from stale data or under a negative trust anchor "
			       "(EDE 3, 19, 33)");
		say_defects(q, v);
		return verdict_is(v, CAUSE_RESOLVER_EXEMPTS, CONFIDENCE_LIKELY);
	}
	if (overloaded && overloaded == q->unknown) {
		verdict_say(v, "asked only while the resolver was overloaded or refused more");
		return verdict_is(v, CAUSE_RESOLVER_OVERLOAD, CONFIDENCE_LIKELY);
	}
	verdict_say(v, "no resolver that can tell has answered");
	return verdict_is(v, CAUSE_UNDECIDED, CONFIDENCE_GUESS);
}

static bool rule_ok(const struct inquiry *q, struct verdict *v)
{
	if (v->status != STATUS_OK)
		return false;
	say_defects(q, v);
	if (q->astray)
		verdict_say(v, "%s fails it, as it does many that all others resolve",
			    q->astray->name);
	return verdict_is(v, CAUSE_NONE, CONFIDENCE_NONE);
}

static bool rule_undecided(const struct inquiry *q, struct verdict *v)
{
	if (v->status == STATUS_FAILING && q->kinds[OPINION_RESOLUTION] == q->failing)
		verdict_say(v, "not a matter of signatures; whether servers, delegation or network "
			       "cannot be told from here");
	else
		verdict_say(v, "the answers do not say why");
	return verdict_is(v, CAUSE_UNDECIDED, CONFIDENCE_GUESS);
}

const struct rule rules[] = {
	{"nobody-can-tell", rule_unknown},
	{"resolves", rule_ok},
	{"blocked-by-the-resolver", rule_blocked},
	{"only-some-places", rule_some_places},
	{"broken-data-behind-silence", rule_behind_silence},
	{"proved-by-evidence", rule_proved},
	{"too-many-records", rule_too_many_records},
	{"beside-the-answer", rule_beside},
	{"contradicted-by-evidence", rule_contradicted},
	{"cut-in-aliases", rule_aliases},
	{"slow-servers", rule_slow},
	{"came-back", rule_transient},
	{"policy-of-the-resolver", rule_policy},
	{"dates-in-the-answer", rule_dates},
	{"some-servers-fail", rule_some_servers},
	{"validation-fails-everywhere", rule_validation},
	{"validation-fails-somewhere", rule_validation_partial},
	{"validation-fails-without-cd", rule_validation_without_cd},
	{"servers-named-in-ede", rule_servers_named},
	{"only-some-resolvers", rule_resolver_only},
	{"errors-passed-through", rule_errors},
	{"silence", rule_silent},
	{"undecided", rule_undecided},
	{NULL, NULL},
};

/* ---- the inquiry ---- */

static enum cause most_probable(uint64_t possible)
{
	/* by how often they are met, as far as published counts go */
	static const enum cause order[] = {
		CAUSE_DS_NO_MATCHING_DNSKEY, CAUSE_RRSIG_EXPIRED,     CAUSE_DS_BUT_UNSIGNED,
		CAUSE_RRSIG_MISSING,	     CAUSE_DENIAL_MISSING,    CAUSE_RRSIG_INVALID,
		CAUSE_DENIAL_WRONG,	     CAUSE_RRSIG_KEY_MISSING, CAUSE_DNSKEY_NOT_SIGNED,
		CAUSE_DNSKEY_UNOBTAINABLE,   CAUSE_DS_DIGEST_MISMATCH};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (possible & CAUSE_BIT(order[i]))
			return order[i];
	for (unsigned i = 1; i < CAUSE_COUNT; i++)
		if (possible & CAUSE_BIT(i))
			return (enum cause)i;
	return CAUSE_NONE;
}

/* Narrows sum by one more hint. False: they contradict each other, and sum, from stronger hints, is
 * kept; or what they leave is what neither of them, or only the vaguer one, means as a rule. */
static bool hint_join(struct hint *sum, struct hint hint)
{
	uint64_t both = sum->possible & hint.possible;
	bool agree;

	if (sum->strength == HINT_NONE) {
		*sum = hint;
		return true;
	}
	if (!sum->zone.len)
		sum->zone = hint.zone;
	if (!both)
		return false;
	agree = both & CAUSE_BIT(sum->best) ||
		(hint.strength >= sum->strength && both & CAUSE_BIT(hint.best));
	if (!(both & CAUSE_BIT(sum->best)))
		sum->best = both & CAUSE_BIT(hint.best) ? hint.best : most_probable(both);
	sum->possible = both;
	return agree;
}

static bool negative(const struct row *row)
{
	return row->cd.rcode == RCODE_NXDOMAIN ||
	       (row->cd.rcode == RCODE_NOERROR && row->cd.answers == 0);
}

/* The hint of one resolver: of its CD=0 answer, or if that says nothing of its CD=1 answer. */
static struct hint opinion_hint(const struct opinion *opinion, bool dnssec)
{
	const struct row *row = opinion->row;
	struct hint hint;

	if (!dnssec)
		return hint_servers(&row->normal);
	hint = hint_dnssec(&row->normal, negative(row));
	return hint.strength != HINT_NONE ? hint : hint_dnssec(&row->cd, negative(row));
}

/* Hints of so many opinions are kept in mind; those of others are looked for each time. */
#define HINTS_KEPT 32

enum { HINT_DNSSEC, HINT_SERVERS, HINT_KINDS };

static void read_hints(const struct opinion *opinion, struct hint hints[HINT_KINDS])
{
	bool has = opinion->row && opinion->kind != OPINION_NONE && opinion->kind != OPINION_EXEMPT;

	for (unsigned i = 0; i < HINT_KINDS; i++)
		hints[i] = has ? opinion_hint(opinion, i == HINT_DNSSEC)
			       : (struct hint){.best = CAUSE_NONE};
}

/* All hints of failing resolvers, the strongest first, so that the order of resolvers does not
 * matter much. */
static void join_hints(struct inquiry *q)
{
	struct hint kept[HINTS_KEPT][HINT_KINDS], other[HINT_KINDS];

	for (size_t i = 0; i < q->opinion_count && i < HINTS_KEPT; i++)
		read_hints(&q->opinions[i], kept[i]);
	for (int strength = HINT_TEXT; strength > HINT_NONE; strength--) {
		for (size_t i = 0; i < q->opinion_count; i++) {
			const struct hint *hints = i < HINTS_KEPT ? kept[i] : other;

			if (i >= HINTS_KEPT)
				read_hints(&q->opinions[i], other);
			if ((int)hints[HINT_DNSSEC].strength == strength) {
				q->dnssec_hints++;
				q->dnssec_conflict |= !hint_join(&q->dnssec, hints[HINT_DNSSEC]);
			}
			if ((int)hints[HINT_SERVERS].strength == strength)
				hint_join(&q->servers, hints[HINT_SERVERS]);
		}
	}
}

static void count_opinion(struct inquiry *q, const struct opinion *o)
{
	q->kinds[o->kind]++;
	switch (o->kind) {
	case OPINION_NONE:
	case OPINION_EXEMPT:
		q->unknown++;
		break;
	case OPINION_OK:
		q->ok_ad += o->ad && !o->blind;
		q->ok_blind += o->blind;
		q->ok++;
		q->slow_ok += o->rtt_us >= SLOW_OK_US;
		break;
	case OPINION_RECOVERED:
	case OPINION_FLAPS:
		q->unsettled++;
		q->slow_ok += o->again_us >= SLOW_OK_US;
		break;
	default:
		q->failing++;
		q->confirmed += o->confirmed;
		if (o->lasted_ms > q->lasted_ms)
			q->lasted_ms = o->lasted_ms;
		q->slow_failing += o->rtt_us >= SLOW_FAILING_US;
		/* CD=0 failed and CD=1 worked, but took long: the servers are slow */
		q->slow_ok += (o->kind == OPINION_VALIDATION || o->kind == OPINION_MUTE_CD) &&
			      o->again_us >= SLOW_OK_US;
	}
}

/* One resolver's answer stayed out once and came when asked again, and all others had theirs at
 * once: a lost packet or a busy moment, and nothing about the name. */
static void forgive_one_silence(struct inquiry *q, struct opinion *opinions)
{
	if (q->unsettled != 1 || q->failing || !q->ok)
		return;
	for (size_t i = 0; i < q->opinion_count; i++) {
		struct opinion *o = &opinions[i];

		if (o->kind != OPINION_RECOVERED || o->row->normal.outcome != OUTCOME_TIMEOUT)
			continue;
		o->kind = OPINION_OK;
		o->row = NULL;
		q->kinds[OPINION_RECOVERED]--;
		q->kinds[OPINION_OK]++;
		q->unsettled--;
		q->ok++;
	}
}

/* Who fails far more than its peers, and this alone among them, while all servers are well from
 * here and others resolve it: the trouble is its own. */
static void disbelieve_astray(struct inquiry *q, struct opinion *opinions)
{
	if (q->failing + q->unsettled != 1 || q->ok < ASTRAY_OTHERS || !q->trail.fine)
		return;
	for (size_t i = 0; i < q->opinion_count; i++) {
		struct opinion *o = &opinions[i];

		if (!o->resolver->astray || o->kind < OPINION_POLICY)
			continue;
		q->astray = o->resolver;
		q->kinds[o->kind]--;
		o->kind = OPINION_NONE;
		o->row = NULL;
		q->kinds[OPINION_NONE]++;
		q->unknown++;
		q->failing = q->unsettled = q->confirmed = q->slow_failing = 0;
	}
}

void inquiry_init(struct inquiry *q, const struct facts *facts, struct opinion *opinions)
{
	*q = (struct inquiry){.facts = facts, .opinions = opinions};
	q->opinion_count = facts_opinions(facts, opinions);
	trail_read(facts->evidence, facts->evidence_count, &q->trail);
	disbelieve_unrooted(q, opinions);
	withdraw_unproved(q, opinions);
	for (size_t i = 0; i < q->opinion_count; i++)
		count_opinion(q, &opinions[i]);
	forgive_one_silence(q, opinions);
	disbelieve_astray(q, opinions);
	/* A resolver that does not validate cannot tell that a name is bogus: where others say so,
	 * it has no vote. */
	if (q->kinds[OPINION_VALIDATION] || q->kinds[OPINION_MUTE_CD]) {
		q->ok -= q->ok_blind;
		q->unknown += q->ok_blind;
	}
	vantages_read(&q->vantages, opinions, q->opinion_count);
	join_hints(q);
}

/* ---- the verdict ---- */

static enum status status_of(const struct inquiry *q)
{
	if (q->failing + q->ok + q->unsettled == 0)
		return STATUS_UNKNOWN;
	if (q->failing + q->unsettled == 0)
		return STATUS_OK;
	return q->ok + q->unsettled == 0 ? STATUS_FAILING : STATUS_PARTIAL;
}

static void collect_ede(const struct inquiry *q, char text[VERDICT_EDE_MAX])
{
	uint16_t codes[64];
	unsigned count = 0;
	char *p = text;

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct row *row = q->opinions[i].row;

		for (unsigned j = 0; row && j < row->normal.ede_count && count < 64; j++) {
			unsigned k = count;

			for (; k > 0 && codes[k - 1] > row->normal.ede[j]; k--)
				codes[k] = codes[k - 1];
			if (k > 0 && codes[k - 1] == row->normal.ede[j]) {
				for (; k < count; k++)
					codes[k] = codes[k + 1]; /* it is there: close the gap */
				continue;
			}
			codes[k] = row->normal.ede[j];
			count++;
		}
	}
	for (unsigned i = 0; i < count && p - text + 7 < VERDICT_EDE_MAX; i++) {
		if (i)
			*p++ = '+';
		p = csv_number(p, codes[i]);
	}
	*p = '\0';
}

static const char *reply_word(enum outcome outcome, int rcode, char text[NAME_TEXT_MAX])
{
	return outcome == OUTCOME_ANSWERED ? rcode_name(rcode, text) : outcome_name(outcome);
}

/* Where it was asked from several places, and these saw different things: which saw what. */
static void say_places(const struct inquiry *q, struct verdict *v)
{
	for (unsigned i = 0; i < q->vantages.count; i++) {
		const struct vantage *place = &q->vantages.list[i];
		unsigned bad = place->failing + place->unsettled, told = bad + place->ok;
		const char *label =
			place->label.len ? place->label.text : "a place without a label";

		if (told == 0)
			verdict_say(v, "from %s nobody can tell", label);
		else
			verdict_say(v, "from %s %u of %u resolvers fail it", label, bad, told);
	}
}

/* What each failing resolver said, shortest form: "9.9.9.9: SERVFAIL, with CD=1 NOERROR, EDE 9
 * 'text'". */
static void say_answers(const struct inquiry *q, struct verdict *v)
{
	char one[NAME_TEXT_MAX], two[NAME_TEXT_MAX];

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];
		const struct row *row = o->row;
		char ede[VERDICT_EDE_MAX + 300] = "", codes[VERDICT_EDE_MAX] = "";
		struct inquiry single = {.opinions = o, .opinion_count = 1};

		if (!row)
			continue;
		collect_ede(&single, codes);
		if (codes[0])
			snprintf(ede, sizeof(ede),
				 row->normal.ede_text.len ? ", EDE %s '%.*s'" : ", EDE %s", codes,
				 (int)(row->normal.ede_text.len < 200 ? row->normal.ede_text.len
								      : 200),
				 row->normal.ede_text.text ? row->normal.ede_text.text : "");
		verdict_say(v, "%s: %s, with CD=1 %s%s%s", o->resolver->name,
			    reply_word(row->normal.outcome, row->normal.rcode, one),
			    row->cd.outcome ? reply_word(row->cd.outcome, row->cd.rcode, two)
					    : "not asked",
			    o->kind == OPINION_RECOVERED ? ", later fine" : "", ede);
	}
	if (v->ok && (v->failing || q->unsettled))
		verdict_say(v, "%u other%s fine", v->ok, v->ok == 1 ? " is" : "s are");
}

/* On the list of names that are broken for tests: that is the verdict, and the cause found becomes
 * evidence. */
static void excuse(struct verdict *v)
{
	char found[VERDICT_EVIDENCE_MAX];
	const struct cause_info *info = cause_info(v->cause);

	memcpy(found, v->evidence, sizeof(found));
	v->evidence[0] = '\0';
	verdict_say(v, "on the list of names broken for tests; what is seen is %s/%s (%s)",
		    category_name(info->category), info->id, confidence_name(v->confidence));
	verdict_say(v, "%s", found);
	verdict_is(v, CAUSE_BROKEN_ON_PURPOSE, CONFIDENCE_CERTAIN);
}

/* What is said of a name that is not ok, beside its cause. */
static void complete(const struct inquiry *q, struct verdict *v)
{
	if (!v->at[0] && v->status != STATUS_UNKNOWN &&
	    cause_info(v->cause)->category < CATEGORY_RESOLVER)
		verdict_at(v, q->facts->shared_at);
	if (q->trail.clock)
		verdict_say(v, "by the clock of this scan the root's keys are out of date: no date "
			       "was judged");
	say_answers(q, v);
	say_unproved(q, v);
	origin_read(q->facts, q->opinions, q->opinion_count, v);
	if (q->facts->on_purpose && v->status != STATUS_UNKNOWN)
		excuse(v);
}

size_t judge(const struct facts *facts, struct opinion *opinions, struct verdict *v)
{
	struct inquiry q;
	const struct rule *rule = rules;

	inquiry_init(&q, facts, opinions);
	memset(v, 0, sizeof(*v));
	v->status = status_of(&q);
	v->ok = q.ok + q.kinds[OPINION_RECOVERED];
	v->failing = q.failing + q.kinds[OPINION_FLAPS];
	v->unknown = q.unknown;
	v->places_differ = vantages_disagree(&q.vantages);
	if (v->status != STATUS_OK && vantages_differ(&q.vantages))
		say_places(&q, v);
	while (!rule->judge(&q, v))
		rule++;
	v->rule = rule->name;
	collect_ede(&q, v->ede);
	if (v->status == STATUS_OK)
		origin_read(facts, opinions, q.opinion_count, v);
	else
		complete(&q, v);
	return q.opinion_count;
}
