/* SPDX-License-Identifier: BSD-2-Clause */

/* Errands: one question each, from the fact that needs it to the probe that it becomes. */
#include "scanner/evidence/asker_inside.h"

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"

/* What came to nothing while nobody was heard is asked again so much later; its list. */
#define CUT_OFF_NS NS_PER_S
/* So many answers of each server tell how much is lost on the way from here. */
#define LOSS_OF_SERVER 2
#define CUT_OFF	   0

const struct patience asker_patiences[ASKER_PATIENCES] = {
	{.tries = 2, .wait_ns = {PROBE_SECOND_NS, 1700 * NS_PER_MS}, .stream_ns = 6 * NS_PER_S},
	{.tries = 1, .wait_ns = {16 * NS_PER_S}, .stream_ns = 16 * NS_PER_S},
	{.tries = 1, .wait_ns = {3 * NS_PER_S}, .stream_ns = 6 * NS_PER_S},
	{.tries = 1, .wait_ns = {2 * NS_PER_S}, .stream_ns = 6 * NS_PER_S},
	/* a resolver may have to find its way first */
	{.tries = 2, .wait_ns = {5 * NS_PER_S, 10 * NS_PER_S}, .stream_ns = 10 * NS_PER_S},
};

static int patience_of(enum probe_way way)
{
	switch (way) {
	case PROBE_UDP:
	case PROBE_COOKIE:
	case PROBE_CD:
	case PROBE_MIXED:
	case PROBE_SMALL:
		return 0;
	case PROBE_PATIENT:
	case PROBE_TCP_PATIENT:
		return 1;
	case PROBE_PLAIN:
	case PROBE_TCP:
		return 2;
	case PROBE_RELAY:
		return 4;
	default:
		return 3;
	}
}

static unsigned ask_of(enum probe_way way)
{
	switch (way) {
	case PROBE_PLAIN:
		return ASK_NO_STREAM;
	case PROBE_TCP:
	case PROBE_TCP_PATIENT:
		return ASK_EDNS | ASK_DO | ASK_STREAM;
	case PROBE_RELAY:
		return ASK_RD | ASK_CD | ASK_EDNS | ASK_DO;
	case PROBE_CD:
		return ASK_CD | ASK_EDNS | ASK_DO | ASK_NO_STREAM;
	case PROBE_COOKIE:
		return ASK_EDNS | ASK_DO | ASK_COOKIE | ASK_NO_STREAM;
	case PROBE_SMALL:
		return ASK_EDNS | ASK_DO | ASK_SMALL | ASK_NO_STREAM;
	default:
		return ASK_EDNS | ASK_DO | ASK_NO_STREAM;
	}
}

static struct probe *make_probe(const struct errand *errand, const struct addr *addr)
{
	struct probe *probe = arena_take(fact_arena(errand->fact), sizeof(*probe));

	probe->addr = *addr;
	probe->qname = fact_key(errand->fact)->name;
	probe->qtype = errand->question.qtype;
	probe->way = errand->way;
	probe->rcode = RCODE_UNKNOWN;
	probe->answers = -1;
	probe->rtt_ns = -1;
	probe->time_ms = clock_wall_ns() / NS_PER_MS;
	return probe;
}

static void take_answer(struct probe *probe, const struct errand *errand,
			const struct answer *answer)
{
	probe->rcode = answer->rcode;
	probe->flags = answer->flags;
	probe->answers = answer->answers;
	probe->edns = answer->edns;
	probe->edns_do = answer->edns_do;
	probe->bad_option = answer->bad_option;
	/* the question, where there is one, is known to be the same but for that (message.h) */
	probe->other_case = answer->message != NULL && answer->message[5] != 0 &&
			    memcmp(answer->message + MESSAGE_HEADER, errand->question.qname,
				   errand->question.qname_len) != 0;
	if (answer->message != NULL)
		(void)probe_keep(probe, errand->fact, answer->message, answer->len);
}

static void spare(struct asker *asker, struct errand *errand)
{
	errand->next = asker->spare;
	asker->spare = errand;
}

/* What came of an errand, as a probe. */
static struct probe *probe_of(const struct errand *errand, const struct asked *asked)
{
	struct asker *asker = errand->asker;
	struct probe *probe = make_probe(errand, &errand->to->addr);

	probe->outcome = asked->outcome;
	probe->tries = asked->tries;
	probe->rtt_ns = asked->rtt_ns;
	/* TC over TCP: there is no other way to get the rest */
	probe->truncated = asked->over_stream ? asked->answer.flags & FLAG_TC : asked->truncated;
	probe->closed = asked->closed;
	probe->connected = asked->stream_sent;
	probe->unsent = asked->unsent;
	if (!probe_way_streams(errand->way) && errand->way != PROBE_RELAY &&
	    (asked->outcome == OUTCOME_ANSWERED || asked->outcome == OUTCOME_TIMEOUT))
		standing_tried(errand->to, probe->qname, asked->outcome == OUTCOME_ANSWERED);
	probe->mismatches = asked->mismatches;
	probe->malformed = asked->malformed;
	if (asked->outcome == OUTCOME_ANSWERED) {
		take_answer(probe, errand, &asked->answer);
		errand->to->mute_zones = 0;
		errand->to->answers += !probe_way_streams(errand->way);
		asker->streams |= probe_way_streams(errand->way);
		/* many servers, not one of them that loses queries itself */
		if (errand->way == PROBE_UDP && errand->to->answers <= LOSS_OF_SERVER)
			outlook_answered(&asker->outlook, asked->tries, asked->rtt_ns);
		if (errand->way != PROBE_RELAY)
			outlook_heard(&asker->outlook, errand->to->addr.sa.sa_family == AF_INET6,
				      engine_now_ns(asker->engine));
	} else if (asker->giving_up) {
		probe->outcome = OUTCOME_NOT_ASKED;
		probe->why = "the scan was stopped";
	} else if (asked->outcome == OUTCOME_TIMEOUT && errand->way == PROBE_PATIENT &&
		   errand->to->strays != errand->strays) {
		probe->outcome = OUTCOME_MISMATCH;
		probe->mismatches = errand->to->strays - errand->strays;
	} else if (asked->outcome == OUTCOME_TIMEOUT && errand->way == PROBE_PATIENT &&
		   errand->to->garbage != errand->garbage) {
		probe->outcome = OUTCOME_MALFORMED;
		probe->malformed = errand->to->garbage - errand->garbage;
	}
	return probe;
}

void errands_init(struct errands *errands)
{
	*errands = (struct errands){NULL, &errands->first};
}

static void put(struct errands *errands, struct errand *errand)
{
	errand->next = NULL;
	*errands->end = errand;
	errands->end = &errand->next;
}

/* There is one. */
static struct errand *take(struct errands *errands)
{
	struct errand *errand = errands->first;

	errands->first = errand->next;
	if (errands->first == NULL)
		errands->end = &errands->first;
	return errand;
}

static void put_off(struct asker *asker, struct errand *errand, unsigned delay)
{
	errand->due_ns = engine_now_ns(asker->engine) +
			 (delay == CUT_OFF ? CUT_OFF_NS : delay * PROBE_PACED_NS);
	put(&asker->later[delay], errand);
}

/* It came to nothing while nobody was heard. */
static bool tells_nothing(const struct errand *errand, const struct asked *asked)
{
	return (asked->outcome == OUTCOME_TIMEOUT || asked->outcome == OUTCOME_UNREACHABLE) &&
	       !errand->asker->giving_up && asker_is_cut_off(errand->asker);
}

static void come_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct errand *errand = owner;
	struct fact *fact = errand->fact;
	const struct probe *probe;

	(void)tag;
	if (fact_ready(fact) && tells_nothing(errand, asked)) {
		put_off(errand->asker, errand, CUT_OFF);
		return;
	}
	probe = fact_ready(fact) ? probe_of(errand, asked) : NULL;
	errand->to->load--;
	errand->to->asked_ns = engine_now_ns(errand->asker->engine);
	spare(errand->asker, errand);
	if (probe != NULL)
		fact_found(fact, probe);
	else
		fact_starve(fact);
}

/* Nothing is sent; the answer is known. */
static void answer_at_once(struct errand *errand, const struct addr *addr, enum outcome outcome,
			   const char *why)
{
	struct probe *probe = make_probe(errand, addr);

	probe->outcome = outcome;
	probe->why = why;
	probe->unsent = outcome == OUTCOME_UNREACHABLE;
	probe->excluded = errand->excluded;
	fact_found(errand->fact, probe);
}

static void send_off(struct asker *asker, struct errand *errand)
{
	unsigned what = ask_of(errand->way);

	if (errand->way == PROBE_RELAY && asker->relay_stream[errand->to - asker->relay])
		what |= ASK_STREAM;
	engine_ask(asker->engine, errand->to->destination, &errand->question, what,
		   patience_of(errand->way), come_back, errand, 0);
}

/* NULL: it is none. */
static struct standing *relay_of(struct asker *asker, const struct addr *addr)
{
	for (unsigned i = 0; i < asker->world.relay_count; i++)
		if (addr_equal(&asker->relays[i].addr, addr))
			return &asker->relay[i];
	return NULL;
}

/* Where to; NULL: nowhere, *why says why. */
static struct standing *find_standing(struct asker *asker, const struct addr *addr,
				      enum probe_way way, enum outcome *outcome, const char **why)
{
	struct standing *to;

	*outcome = OUTCOME_NOT_ASKED;
	*why = "too many servers at a time";
	if (way == PROBE_RELAY)
		return relay_of(asker, addr);
	if (addr->sa.sa_family == AF_INET6 ? asker->no_ipv6 : asker->no_ipv4) {
		*outcome = OUTCOME_UNREACHABLE;
		*why = "this machine has no way there";
		return NULL;
	}
	to = standings_make(asker->standings, addr);
	if (to == NULL || !standing_is_mute(asker->standings, to))
		return to;
	*outcome = OUTCOME_TIMEOUT;
	*why = "not asked: it was mute for other zones";
	return NULL;
}

/* Every second letter in upper case. */
static const uint8_t *mixed(struct fact *fact, const uint8_t *qname)
{
	size_t len = dname_len(qname);
	uint8_t *copy = arena_copy(fact_arena(fact), qname, len);
	bool upper = false;

	for (size_t i = 0; i < len; i++)
		if (copy[i] >= 'a' && copy[i] <= 'z' && (upper = !upper))
			copy[i] = (uint8_t)(copy[i] - 'a' + 'A');
	return copy;
}

void asker_ask(void *owner, struct fact *fact, const struct addr *addr, const uint8_t *qname,
	       uint16_t qtype, enum probe_way way)
{
	struct asker *asker = owner;
	struct errand *errand = asker->spare, local = {.fact = fact, .way = way};
	struct standing *to;
	enum outcome outcome;
	const char *why;

	local.asker = asker;
	local.question = (struct question){.qname = way == PROBE_MIXED ? mixed(fact, qname) : qname,
					   .qname_len = (uint8_t)dname_len(qname),
					   .qtype = qtype};
	if (asker->giving_up) {
		answer_at_once(&local, addr, OUTCOME_NOT_ASKED, "the scan was stopped");
		return;
	}
	if (asker->config.exclude != NULL &&
	    (suffixes_match_addr(asker->config.exclude, addr) ||
	     suffixes_match_name(asker->config.exclude, qname, dname_len(qname)))) {
		local.excluded = true;
		answer_at_once(&local, addr, OUTCOME_NOT_ASKED,
			       "not asked: on the list of what is never asked");
		return;
	}
	to = find_standing(asker, addr, way, &outcome, &why);
	if (to == NULL) {
		if (outcome == OUTCOME_NOT_ASKED)
			fact_unsound(fact);
		answer_at_once(&local, addr, outcome, why);
		return;
	}
	if (errand != NULL)
		asker->spare = errand->next;
	else
		errand = malloc(sizeof(*errand));
	if (errand == NULL) {
		fact_starve(fact);
		return;
	}
	*errand = local;
	errand->to = to;
	errand->strays = to->strays;
	errand->garbage = to->garbage;
	to->load++;
	if (way > PROBE_PACED)
		put_off(asker, errand, (unsigned)(way - PROBE_PACED));
	else
		put(&asker->waiting, errand);
}

static void send_waiting(struct asker *asker)
{
	int64_t now = engine_now_ns(asker->engine);

	for (int i = 0; i < ASKER_DELAYS; i++)
		while (asker->later[i].first != NULL && asker->later[i].first->due_ns <= now)
			put(&asker->waiting, take(&asker->later[i]));
	while (asker->waiting.first != NULL && engine_room(asker->engine) > 0)
		send_off(asker, take(&asker->waiting));
}

void asker_turn(struct asker *asker, int64_t sleep_ns)
{
	send_waiting(asker);
	engine_turn(asker->engine, sleep_ns);
}

void asker_give_up(struct asker *asker)
{
	asker->giving_up = true;
	for (int i = 0; i < ASKER_DELAYS; i++)
		while (asker->later[i].first != NULL)
			put(&asker->waiting, take(&asker->later[i]));
	do {
		send_waiting(asker);
		engine_give_up(asker->engine);
	} while (asker->waiting.first != NULL);
}
