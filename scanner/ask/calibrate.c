/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/calibrate_inside.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/ask/share.h"
#include "scanner/dns/answer_text.h"

/* Queries a resolver is asked at the same time: few, it is a greeting; and one where there are very
 * many resolvers. */
#define AT_ONCE 4
#define MANY	4096
/* A control is a name that everybody resolves at once: who does not answer it in this time will not
 * do for a scan either. */
#define PATIENCE_NS (6 * NS_PER_S)
#define TRIES	    4
/* What it has just answered comes at once, or is lost; of who takes long for anything it is not told
 * so soon. */
#define SAMPLE_NS (1 * NS_PER_S)
/* Between two samples that are taken slowly. */
#define SLOW_NS (200 * NS_PER_MS)
#define TURN_NS (5 * NS_PER_MS)

enum { PATIENT, QUICK, LONG, PATIENCES };

static void next_trial(struct trial *trial);

/* ---- answers ---- */

static void look_at_records(struct trial *trial, const struct answer *answer)
{
	struct addr addr;
	char text[PAIR_TEXT_MAX];

	if (trial->pair.stage == PAIR_NORMAL) {
		trial->has_addr = message_address(answer, NULL, &trial->addr);
		trial->special = trial->has_addr && addr_special(&trial->addr) != NULL;
	} else if (trial->pair.stage == PAIR_CD) {
		trial->foreign = trial->has_addr && !message_address(answer, &trial->addr, &addr);
		trial->is_signed = answer_rrsig_text(answer, text, sizeof(text)) > 0;
	}
}

static enum tri kept_case(const struct trial *trial, const struct asked *asked)
{
	size_t len = trial->control->qname_len;

	if (asked->outcome != OUTCOME_ANSWERED || asked->answer.len < 12 + len ||
	    asked->answer.message[5] != 1)
		return TRI_UNKNOWN;
	return memcmp(asked->answer.message + 12, trial->other, len) == 0 ? TRI_YES : TRI_NO;
}

/* False: the trial goes on. */
static bool take_pair(struct trial *trial, const struct asked *asked)
{
	struct pair *pair = &trial->pair;

	if (asked->outcome == OUTCOME_ANSWERED)
		look_at_records(trial, &asked->answer);
	pair_take(pair, asked, true);
	if (trial->step == STEP_DENIAL && pair->normal.rcode != RCODE_SERVFAIL)
		return true;
	/* Without an answer there is nothing to compare CD=1 with; CD=0 again tells nothing more
	 * here. */
	return !(pair->stage == PAIR_CD && asked->outcome == OUTCOME_ANSWERED);
}

static void end_control(struct trial *trial)
{
	struct examinee *examinee = trial->examinee;
	const struct calibrate_config *config = examinee->owner->config;
	const struct controls *controls = config->controls;

	subject_pair(&examinee->subject, trial->control, &trial->pair, trial->special,
		     trial->foreign, trial->is_signed);
	if (reply_works(&trial->pair.normal)) {
		examinee->answered = trial->control;
		examinee->rcode = trial->pair.normal.rcode;
	}
	if (trial->control->kind == CONTROL_GOOD && trial->pair.normal.flags & FLAG_AD)
		examinee->vouched = trial->control;
	if (trial->control->kind == CONTROL_BOGUS &&
	    (trial->pair.normal.rcode == RCODE_SERVFAIL || reply_works(&trial->pair.normal)))
		examinee->bogus = trial->control;
	if (config->rcodes != NULL)
		config->rcodes[(size_t)examinee->number * controls->count +
			       (size_t)(trial->control - controls->list)] =
			trial->pair.normal.outcome == OUTCOME_ANSWERED ? trial->pair.normal.rcode
								       : RCODE_UNKNOWN;
}

/* ---- asking ---- */

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked);

static int patience_for(const struct trial *trial)
{
	if (trial->step != STEP_SAMPLE)
		return PATIENT;
	return subject_takes_long(&trial->examinee->subject) ? LONG : QUICK;
}

static void ask(struct trial *trial)
{
	struct examinee *examinee = trial->examinee;
	struct calibrator *c = examinee->owner;
	struct question question = calibrate_question(trial);
	unsigned what = pair_ask(&trial->pair) |
			resolver_ask(&c->config->resolvers->list[examinee->number]);

	if (trial->step == STEP_CASE)
		what &= ~(unsigned)ASK_CASED;
	if (trial->step == STEP_TCP)
		what |= ASK_STREAM;
	engine_ask(c->engine, examinee->number, &question, what, patience_for(trial), asked_back,
		   trial, 0);
}

/* Those that had nothing to do while controls were under way. */
static void wake(struct examinee *examinee)
{
	struct calibrator *c = examinee->owner;
	struct trial *trials = &c->trials[c->at_once * (size_t)examinee->number];

	for (size_t i = 0; i < c->at_once; i++)
		if (trials[i].idle)
			next_trial(&trials[i]);
}

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct trial *trial = owner;
	struct subject *subject = &trial->examinee->subject;

	(void)tag;
	if (trial->step <= STEP_DENIAL && trial->step != STEP_BOGUS && !take_pair(trial, asked)) {
		ask(trial);
		return;
	}
	if (trial->step == STEP_BOGUS || trial->step == STEP_SAMPLE)
		pair_take(&trial->pair, asked, false);
	switch (trial->step) {
	case STEP_CONTROL:
		end_control(trial);
		break;
	case STEP_ROOT:
		subject->asked++;
		subject_reply(subject, &trial->pair.normal);
		break;
	case STEP_BOGUS:
		subject_bogus(subject, &trial->pair.normal);
		break;
	case STEP_DENIAL:
		subject_denial(subject, &trial->pair);
		break;
	case STEP_TCP:
		subject->tcp = asked->outcome == OUTCOME_ANSWERED ? TRI_YES : TRI_NO;
		break;
	case STEP_CASE:
		subject->keeps_case = kept_case(trial, asked);
		break;
	case STEP_SAMPLE:
		subject_sample(subject, &trial->pair.normal, trial->examinee->rcode, trial->slow);
		break;
	case STEP_END:
		break;
	}
	pair_free_extras(&trial->pair);
	trial->examinee->owner->open--;
	trial->examinee->pending -= trial->step == STEP_CONTROL;
	next_trial(trial);
	if (trial->examinee->pending == 0)
		wake(trial->examinee);
}

/* ---- the order of it ---- */

/* A sample that is to be taken slowly waits for its time. */
static bool must_sleep(struct trial *trial)
{
	struct examinee *examinee = trial->examinee;
	int64_t now_ns = engine_now_ns(examinee->owner->engine);

	trial->slow = trial->step == STEP_SAMPLE && subject_is_slow(&examinee->subject);
	if (!trial->slow)
		return false;
	if (now_ns < examinee->not_before_ns)
		return true;
	examinee->not_before_ns = now_ns + SLOW_NS;
	return false;
}

static void ask_or_sleep(struct trial *trial)
{
	struct calibrator *c = trial->examinee->owner;

	c->asleep -= trial->asleep;
	trial->asleep = must_sleep(trial);
	c->asleep += trial->asleep;
	if (!trial->asleep)
		ask(trial);
}

static void next_trial(struct trial *trial)
{
	struct examinee *examinee = trial->examinee;

	trial->idle = false;
	/* Whoever has not answered the first ones is not there. */
	if (examinee->subject.asked > 0 && examinee->subject.answered == 0)
		return;
	/* What comes next depends on all of them. */
	if (examinee->step == STEP_CONTROL && !calibrate_wants(examinee) && examinee->pending > 0) {
		trial->idle = true;
		return;
	}
	while (examinee->step != STEP_END && !calibrate_wants(examinee)) {
		examinee->step++;
		examinee->next = 0;
	}
	if (examinee->step == STEP_END)
		return;
	trial->step = examinee->step;
	trial->control = calibrate_control(trial);
	examinee->next++;
	examinee->owner->open++;
	examinee->pending += trial->step == STEP_CONTROL;
	trial->special = trial->foreign = trial->is_signed = trial->has_addr = false;
	pair_init(&trial->pair);
	calibrate_disguise(trial);
	ask_or_sleep(trial);
}

/* ---- the whole ---- */

const char *calibration_unfit(const struct calibration *found)
{
	if (found->reachable == TRI_NO)
		return found->same_address == TRI_NO
			       ? "answers from another address or to another question"
			       : "does not answer";
	if (found->marks & CALIBRATION_FAILS)
		return "fails every control name (see --controls)";
	if (found->marks & CALIBRATION_DISGUISES)
		return "has answers of its own where a name fails";
	if (found->marks & CALIBRATION_UNSTEADY)
		return "answers the same control name now so, now otherwise";
	return found->marks & CALIBRATION_REFUSES ? "refuses every query" : NULL;
}

static bool open_engine(struct calibrator *c)
{
	const struct options *options = c->config->options;
	const struct resolvers *resolvers = c->config->resolvers;
	struct patience patience[PATIENCES] = {
		[PATIENT] = patience_make(TRIES, PATIENCE_NS),
		[QUICK] = patience_make(1, SAMPLE_NS),
		[LONG] = patience_make(1, PATIENCE_NS),
	};
	struct engine_config config = {
		.window = (uint32_t)(c->at_once * resolvers->count),
		.pace = &c->pace,
		.patience = patience,
		.patience_count = PATIENCES,
		.ports = 4, /* who stands behind an address may go by the port */
		.sources = options->sources,
		.source_count = options->source_count,
		.connections = 1,
		.keep_streams = true,
	};
	int64_t now = clock_mono_ns();

	c->base = event_base_new();
	if (c->base == NULL)
		return false;
	config.base = c->base;
	pace_init(&c->pace, share_of(options->rate, options->shards), now);
	c->engine = engine_create(&config);
	for (size_t r = 0; c->engine != NULL && r < resolvers->count; r++) {
		pace_init(&c->paces[r], share_of(options->resolver_rate, options->shards), now);
		if (resolver_destination(resolvers, r, c->engine, &c->paces[r], false) < 0)
			return false;
	}
	return c->engine != NULL;
}

static void close_engine(struct calibrator *c)
{
	engine_destroy(&c->engine);
	if (c->base != NULL)
		event_base_free(c->base);
	free(c->paces);
	free(c->examinees);
	free(c->trials);
}

static bool is_skipped(const struct calibrator *c, size_t number)
{
	return c->config->skip != NULL && c->config->skip[number];
}

static void judge_all(struct calibrator *c)
{
	for (size_t r = 0; r < c->config->resolvers->count; r++) {
		struct examinee *examinee = &c->examinees[r];

		if (is_skipped(c, r))
			continue;
		if (calibrate_transport(examinee) == TRANSPORT_TCP)
			examinee->subject.tcp = examinee->subject.answered > 0 ? TRI_YES : TRI_NO;
		if (calibrate_transport(examinee) == TRANSPORT_TLS)
			examinee->subject.tls = examinee->subject.answered > 0 ? TRI_YES : TRI_NO;
		subject_judge(&examinee->subject, examinee->found);
		if (examinee->found->tls == TRI_NO)
			examinee->found->tls_problem = engine_problem(c->engine, examinee->number);
		examinee->found->time_ms = clock_wall_ns() / NS_PER_MS;
	}
}

static void run(struct calibrator *c, struct calibration *found)
{
	const struct calibrate_config *config = c->config;

	for (size_t r = 0; r < config->resolvers->count; r++) {
		struct examinee *examinee = &c->examinees[r];

		calibration_init(&found[r]);
		found[r].resolver = view_of(config->resolvers->list[r].text);
		found[r].phase = config->phase;
		examinee->owner = c;
		examinee->number = (int32_t)r;
		examinee->found = &found[r];
		for (size_t i = 0; i < c->at_once && !is_skipped(c, r); i++) {
			c->trials[c->at_once * r + i].examinee = examinee;
			next_trial(&c->trials[c->at_once * r + i]);
		}
	}
	while (c->open > 0) {
		if (config->stop != NULL && config->stop(config->owner))
			return;
		engine_turn(c->engine, TURN_NS);
		for (size_t i = 0; c->asleep > 0 && i < c->at_once * config->resolvers->count; i++)
			if (c->trials[i].asleep)
				ask_or_sleep(&c->trials[i]);
	}
	judge_all(c);
}

bool calibrate(const struct calibrate_config *config, struct calibration *found)
{
	struct calibrator c = {.config = config};
	size_t count = config->resolvers->count, trials;
	bool good;

	c.at_once = count > MANY ? 1 : AT_ONCE;
	trials = c.at_once * count;
	for (size_t i = 0; config->rcodes != NULL && i < count * config->controls->count; i++)
		config->rcodes[i] = RCODE_UNKNOWN;
	c.paces = aligned_alloc(_Alignof(struct pace), count * sizeof(struct pace));
	c.examinees = calloc(count, sizeof(*c.examinees));
	c.trials = aligned_alloc(_Alignof(struct trial), trials * sizeof(*c.trials));
	if (c.trials != NULL)
		memset(c.trials, 0, trials * sizeof(*c.trials));
	good = c.paces != NULL && c.examinees != NULL && c.trials != NULL && open_engine(&c);
	if (good)
		run(&c, found);
	/* Cut short, trials may still hold texts. */
	for (size_t i = 0; c.trials != NULL && i < trials; i++)
		pair_free_extras(&c.trials[i].pair);
	close_engine(&c);
	return good;
}
