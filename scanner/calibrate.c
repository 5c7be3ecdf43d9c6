/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/calibrate.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/listfile.h"
#include "scanner/name.h"
#include "scanner/pair.h"

/* Controls a resolver is asked at the same time: few, it is a greeting. */
#define AT_ONCE 2
/* A control is a name that everybody resolves at once: who does not answer it in this time will not do for a scan either. */
#define PATIENCE_NS (6 * NS_PER_S)
#define TRIES	    4
#define TURN_NS (5 * NS_PER_MS)
/* Any type will do for most; A is what everybody answers. */
#define TYPE_A	1
#define TYPE_NS 2

/* Names of the Internet that have been what they are for many years. */
static const struct {
	const char *name;
	enum control_kind kind;
} known[] = {
	{"ietf.org", CONTROL_GOOD},
	{"nlnetlabs.nl", CONTROL_GOOD},
	{"dnssec-failed.org", CONTROL_BOGUS},
	{"sigfail.verteiltesysteme.net", CONTROL_BOGUS},
	{"google.com", CONTROL_UNSIGNED},
	{"servfail-control.iana.org", CONTROL_NXDOMAIN},
};

static const char *const kinds[CONTROL_KINDS] = {"good", "bogus", "unsigned", "nxdomain"};

/* ---- the list ---- */

static bool add_control(struct controls *controls, const char *text, size_t len, const char *kind, size_t kind_len)
{
	struct control *control = &controls->list[controls->count];
	struct name name;

	if (controls->count == CONTROLS_MAX || name_normalise(&name, text, len) != NAME_OK)
		return false;
	for (int i = 0; i < CONTROL_KINDS; i++) {
		if (strlen(kinds[i]) != kind_len || memcmp(kinds[i], kind, kind_len) != 0)
			continue;
		control->kind = (enum control_kind)i;
		control->qname_len = name.wire_len;
		memcpy(control->qname, name.wire, name.wire_len);
		controls->count++;
		return true;
	}
	return false;
}

/* What controls_load() reads into, and where it complains. */
struct loading {
	struct controls *controls;
	const char *path;
	struct buf *errors;
};

static void add_line(void *owner, const char *text, size_t len, unsigned line)
{
	struct loading *loading = owner;
	size_t name_len = 0, kind;
	char shown[LISTFILE_SHOWN];

	while (name_len < len && text[name_len] != ' ' && text[name_len] != '\t')
		name_len++;
	kind = name_len;
	while (kind < len && (text[kind] == ' ' || text[kind] == '\t'))
		kind++;
	if (!add_control(loading->controls, text, name_len, text + kind, len - kind))
		buf_addf(loading->errors, "%s:%u: '%s' is no control (NAME good|bogus|unsigned|nxdomain, %d at most)\n",
			 loading->path, line, listfile_show(shown, text, len), CONTROLS_MAX);
}

bool controls_load(struct controls *controls, const char *path, struct buf *errors)
{
	struct loading loading = {controls, path, errors};
	size_t before = errors->len;

	controls->count = 0;
	if (path != NULL && strcmp(path, "none") == 0)
		return true;
	for (size_t i = 0; path == NULL && i < sizeof(known) / sizeof(known[0]); i++)
		add_control(controls, known[i].name, strlen(known[i].name), kinds[known[i].kind],
			    strlen(kinds[known[i].kind]));
	return path == NULL || (listfile_read(path, add_line, &loading, errors) && errors->len == before);
}

/* ---- asking ---- */

/* What became of the controls at one resolver. */
struct subject {
	struct calibrator *owner;
	int32_t number;
	size_t next;	/* control to ask next */
	unsigned asked; /* and done */
	struct calibration *found;
	unsigned answered, refused, unexpected, mismatched;
	unsigned good, good_ad, good_works, bogus, bogus_servfail, bogus_works, bogus_cd, bogus_cd_works, bogus_ede;
	unsigned nxdomain, nxdomain_rewritten, unsigned_asked, unsigned_works;
	int64_t rtts[4 * CONTROLS_MAX];
	size_t rtt_count;
};

/* One control at one resolver: the pair's life. */
struct trial {
	struct subject *subject;
	const struct control *control; /* NULL: the root's NS, to see whether anybody is there */
	struct pair pair;
};

struct calibrator {
	const struct controls *controls;
	const struct resolvers *resolvers;
	struct event_base *base;
	struct engine *engine;
	struct pace pace;
	struct pace *paces;
	struct subject *subjects;
	struct trial *trials; /* AT_ONCE a resolver */
	unsigned open;	      /* trials under way */
};

static bool reply_is(const struct brief *reply, int rcode)
{
	return reply->outcome == OUTCOME_ANSWERED && reply->rcode == rcode;
}

static void count_trial(struct subject *s, const struct control *control, const struct pair *pair)
{
	const struct brief *normal = &pair->normal, *cd = &pair->cd;
	bool works = reply_is(normal, RCODE_NOERROR);

	if (control == NULL)
		return;
	switch (control->kind) {
	case CONTROL_GOOD:
		s->good++;
		s->good_works += works;
		s->good_ad += works && (normal->flags & FLAG_AD);
		s->unexpected += !works;
		break;
	case CONTROL_BOGUS:
		s->bogus++;
		s->bogus_servfail += reply_is(normal, RCODE_SERVFAIL);
		s->bogus_works += works;
		s->bogus_ede += normal->ede_count > 0;
		s->bogus_cd += cd->outcome == OUTCOME_ANSWERED;
		s->bogus_cd_works += reply_is(cd, RCODE_NOERROR);
		break;
	case CONTROL_UNSIGNED:
		s->unsigned_asked++;
		s->unsigned_works += works;
		s->unexpected += !works;
		break;
	case CONTROL_NXDOMAIN:
		s->nxdomain++;
		s->nxdomain_rewritten += works && normal->answers > 0;
		s->unexpected += !reply_is(normal, RCODE_NXDOMAIN);
		break;
	case CONTROL_KINDS:
		break;
	}
}

static void count_reply(struct subject *s, const struct brief *reply)
{
	s->mismatched += reply->outcome == OUTCOME_MISMATCH;
	if (reply->outcome != OUTCOME_ANSWERED)
		return;
	s->answered++;
	s->refused += reply->rcode == RCODE_REFUSED || reply->rcode == RCODE_NOTIMP || reply->rcode == RCODE_FORMERR;
	if (s->rtt_count < sizeof(s->rtts) / sizeof(s->rtts[0]))
		s->rtts[s->rtt_count++] = reply->rtt_us;
}

static void next_trial(struct trial *trial);

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked);

static void ask(struct trial *trial)
{
	struct calibrator *c = trial->subject->owner;
	int32_t number = trial->subject->number;
	static const uint8_t root[1] = {0};
	struct question question = {.qname = root, .qname_len = 1, .qtype = TYPE_NS};
	unsigned what = pair_ask(&trial->pair);

	if (trial->control != NULL)
		question = (struct question){trial->control->qname, trial->control->qname_len, TYPE_A};
	if (c->resolvers->list[number].transport != TRANSPORT_UDP)
		what |= ASK_STREAM;
	engine_ask(c->engine, number, &question, what, 0, asked_back, trial, 0);
}

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct trial *trial = owner;
	struct subject *subject = trial->subject;

	(void)tag;
	pair_take(&trial->pair, asked, true);
	/* Without an answer there is nothing to compare CD=1 with; CD=0 again tells nothing more here. */
	if (trial->pair.stage == PAIR_CD && asked->outcome == OUTCOME_ANSWERED) {
		ask(trial);
		return;
	}
	count_reply(subject, &trial->pair.normal);
	count_reply(subject, &trial->pair.cd);
	count_trial(subject, trial->control, &trial->pair);
	pair_free_extras(&trial->pair);
	subject->asked++;
	subject->owner->open--;
	next_trial(trial);
}

static void next_trial(struct trial *trial)
{
	struct subject *subject = trial->subject;
	const struct controls *controls = subject->owner->controls;

	/* Whoever has not answered the first ones is not there. */
	if (subject->asked > 0 && subject->answered == 0)
		return;
	if (subject->next > controls->count || (subject->next == controls->count && controls->count > 0))
		return;
	trial->control = controls->count > 0 ? &controls->list[subject->next] : NULL;
	subject->next++;
	subject->owner->open++;
	pair_init(&trial->pair);
	ask(trial);
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

static void judge(struct subject *s)
{
	struct calibration *found = s->found;
	bool validation_seen = s->bogus > 0 && (s->bogus_servfail > 0 || s->bogus_works > 0) && s->good_works > 0;

	found->time_ms = clock_wall_ns() / NS_PER_MS;
	found->reachable = tri_of(true, s->answered > 0);
	/* One bogus name that passes is enough to take the right to vote on DNSSEC away. */
	found->same_address = tri_of(s->answered + s->mismatched > 0, s->mismatched == 0);
	found->validates = tri_of(validation_seen, s->bogus_works == 0 && s->good_ad > 0);
	found->honours_cd = tri_of(s->bogus_servfail > 0 && s->bogus_cd > 0, s->bogus_cd_works > 0);
	found->sends_ede = tri_of(s->bogus_servfail > 0, s->bogus_ede > 0);
	found->forwards_ad = tri_of(s->good_works > 0, s->good_ad > 0);
	found->rewrites_nxdomain = tri_of(s->nxdomain > 0 && s->answered > 0, s->nxdomain_rewritten > 0);
	found->controls_asked = (int64_t)s->next;
	found->controls_failed = s->unexpected;
	if (s->rtt_count > 0) {
		qsort(s->rtts, s->rtt_count, sizeof(s->rtts[0]), by_value);
		found->median_rtt_us = s->rtts[s->rtt_count / 2];
	}
	if (s->answered > 0 && s->refused == s->answered)
		found->note = (struct view){"refuses", 7};
}

const char *calibration_unfit(const struct calibration *found)
{
	if (found->reachable == TRI_NO)
		return found->same_address == TRI_NO ? "answers from another address or to another question"
						     : "does not answer";
	return found->note.len > 0 ? "refuses every query" : NULL;
}

/* ---- the whole ---- */

static bool open_engine(struct calibrator *c, const struct options *options)
{
	struct patience patience = patience_make(TRIES, PATIENCE_NS);
	size_t count = c->resolvers->count;
	struct engine_config config = {
		.window = (uint32_t)(AT_ONCE * count),
		.pace = &c->pace,
		.patience = &patience,
		.patience_count = 1,
		.ports = 1,
		.keep_streams = true,
	};
	int64_t now = clock_mono_ns();

	c->base = event_base_new();
	if (c->base == NULL)
		return false;
	config.base = c->base;
	pace_init(&c->pace, (double)options->rate, now);
	c->engine = engine_create(&config);
	for (size_t r = 0; c->engine != NULL && r < count; r++) {
		pace_init(&c->paces[r], (double)options->resolver_rate, now);
		if (engine_destination(c->engine, &c->resolvers->list[r].addr, &c->paces[r], false) < 0)
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
	free(c->subjects);
	free(c->trials);
}

static void run(struct calibrator *c, const bool *skip, struct calibration *found, enum phase phase,
		calibrate_stop stop, void *owner)
{
	for (size_t r = 0; r < c->resolvers->count; r++) {
		struct subject *subject = &c->subjects[r];

		calibration_init(&found[r]);
		found[r].resolver = (struct view){c->resolvers->list[r].text, strlen(c->resolvers->list[r].text)};
		found[r].phase = phase;
		*subject = (struct subject){.owner = c, .number = (int32_t)r, .found = &found[r]};
		for (size_t i = 0; i < AT_ONCE && !(skip != NULL && skip[r]); i++) {
			c->trials[AT_ONCE * r + i].subject = subject;
			next_trial(&c->trials[AT_ONCE * r + i]);
		}
	}
	while (c->open > 0) {
		if (stop != NULL && stop(owner))
			return;
		engine_turn(c->engine, TURN_NS);
	}
	for (size_t r = 0; r < c->resolvers->count; r++)
		if (skip == NULL || !skip[r])
			judge(&c->subjects[r]);
}

bool calibrate(const struct controls *controls, const struct resolvers *resolvers, const struct options *options,
	       const bool *skip, enum phase phase, calibrate_stop stop, void *owner, struct calibration *found)
{
	struct calibrator c = {.controls = controls, .resolvers = resolvers};
	bool good;

	c.paces = aligned_alloc(_Alignof(struct pace), resolvers->count * sizeof(struct pace));
	c.subjects = calloc(resolvers->count, sizeof(*c.subjects));
	c.trials = calloc(AT_ONCE * resolvers->count, sizeof(*c.trials));
	good = c.paces != NULL && c.subjects != NULL && c.trials != NULL && open_engine(&c, options);
	if (good)
		run(&c, skip, found, phase, stop, owner);
	/* Cut short, trials may still hold texts. */
	for (size_t i = 0; c.trials != NULL && i < AT_ONCE * resolvers->count; i++)
		pair_free_extras(&c.trials[i].pair);
	close_engine(&c);
	return good;
}
