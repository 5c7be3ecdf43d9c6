/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "scanner/ask/engine_inside.h"

struct patience patience_make(int tries, int64_t total_ns)
{
	struct patience patience = {.tries = tries, .stream_ns = total_ns};
	int64_t parts;

	assert(tries >= 1 && tries <= ENGINE_TRIES_MAX);
	parts = ((int64_t)1 << tries) - 1;
	for (int i = 0; i < tries; i++)
		patience.wait_ns[i] = total_ns * ((int64_t)1 << i) / parts;
	return patience;
}

/* ---- what happens to a query ---- */

/* All but the answer. */
static void tell(const struct engine *engine, const struct slot *s, struct asked *asked)
{
	const struct query *query = &s->query;

	asked->outcome = (enum outcome)query->outcome;
	asked->tries = (unsigned)query->tries + query->streams;
	asked->rtt_ns = query->outcome == OUTCOME_ANSWERED ? engine->now_ns - s->sent_ns : -1;
	asked->truncated = query->truncated;
	asked->over_stream = query->stream_outcome == OUTCOME_ANSWERED;
	asked->stream_sent = query->stream_sent;
	asked->closed = query->closed;
	asked->unsent = query->outcome == OUTCOME_UNREACHABLE && query->unsent > 0 &&
			query->unsent == query->tries;
	asked->mismatches = query->mismatches;
	asked->malformed = query->malformed;
	asked->stream_outcome = (enum outcome)query->stream_outcome;
}

static void tell_no_answer(struct engine *engine, const struct slot *s, struct asked *asked)
{
	answer_init(&asked->answer);
	if (asked->outcome == OUTCOME_TRUNCATED_TCP_FAILED) {
		asked->answer.rcode = s->truncated_rcode;
		asked->answer.flags = s->truncated_flags;
		asked->answer.answers = s->truncated_answers;
	}
	COUNT(engine, timeouts, asked->outcome == OUTCOME_TIMEOUT);
}

static void finish(struct engine *engine, uint32_t slot, struct asked *answered)
{
	struct slot *s = &engine->inflight.slots[slot];
	const struct query *query = &s->query;
	asked_done done = s->done;
	void *owner = s->owner;
	uintptr_t tag = s->tag;
	struct asked nothing, *asked = answered;

	if (asked == NULL) {
		answer_init(&nothing.answer);
		asked = &nothing;
	}
	tell(engine, s, asked);
	if (answered != NULL && asked->outcome == OUTCOME_ANSWERED)
		COUNT(engine, answered, 1);
	else
		tell_no_answer(engine, s, asked);
	if (asked->outcome != OUTCOME_ANSWERED || query->tries > 1)
		inflight_remember(&engine->inflight, slot);
	engine_unready(engine, slot);
	engine_stream_leave(engine, slot);
	engine_destination_of(engine, slot)->load--;
	inflight_give(&engine->inflight, slot);
	done(owner, tag, asked);
}

static int64_t wait_ns(const struct engine *engine, const struct query *query)
{
	const struct patience *patience = &engine->patience[query->patience];

	if (query->wait == QUERY_WAIT_CLOSED)
		return QUERY_CLOSED_NS;
	return query->wait == QUERY_WAIT_STREAM_EXCHANGE ? patience->stream_ns
							 : patience->wait_ns[query->wait];
}

void engine_event(struct engine *engine, uint32_t slot, enum query_event event,
		  struct asked *answered)
{
	struct slot *s = &engine->inflight.slots[slot];

	if (event == QUERY_TRUNCATED || event == QUERY_BARE) {
		s->truncated_rcode = (int16_t)answered->answer.rcode;
		s->truncated_flags = (uint16_t)answered->answer.flags;
		s->truncated_answers = answered->answer.answers;
	}
	switch (query_step(&s->query, event)) {
	case QUERY_SEND_UDP:
	case QUERY_SEND_STREAM:
		inflight_unwait(&engine->inflight, slot);
		engine_stream_leave(engine, slot);
		engine_unready(engine, slot); /* it may have waited for another try over UDP */
		engine_make_ready(engine, slot, false);
		break;
	case QUERY_WAIT:
		break;
	case QUERY_WAIT_ANEW:
		inflight_wait(&engine->inflight, slot, engine->now_ns, wait_ns(engine, &s->query));
		break;
	case QUERY_FINISH:
		finish(engine, slot, answered);
		break;
	}
}

/*
 * Answers come in an order of their own, so each touches memory that nobody has looked at for a
 * while. Three rounds that only fetch (the table, the slots, their owners and questions) let the
 * misses of a whole batch overlap; then each answer is dealt with.
 */
void engine_fetch(const struct engine *engine, uint32_t channel, const uint16_t *ids,
		  unsigned count)
{
	const struct slot *slots[UDP_BATCH > STREAM_BATCH ? UDP_BATCH : STREAM_BATCH];

	for (unsigned i = 0; i < count; i++)
		inflight_prefetch(&engine->inflight, channel, ids[i]);
	for (unsigned i = 0; i < count; i++) {
		uint32_t slot = inflight_candidate(&engine->inflight, channel, ids[i]);

		slots[i] = slot == SLOT_NONE ? NULL : &engine->inflight.slots[slot];
		if (slot != SLOT_NONE)
			inflight_fetch(&engine->inflight, slot);
	}
	for (unsigned i = 0; i < count; i++) {
		if (slots[i] == NULL)
			continue;
		inflight_touch(slots[i]->qname);
		if (slots[i]->owner != NULL)
			inflight_touch(slots[i]->owner);
	}
}

uint16_t engine_new_id(struct engine *engine, uint32_t slot, uint32_t channel)
{
	uint16_t id;

	if (engine->inflight.slots[slot].query.tries > 1)
		inflight_remember(&engine->inflight, slot);
	inflight_leave(&engine->inflight, slot);
	do
		id = random_u16(&engine->random);
	while (!inflight_enter(&engine->inflight, slot, channel, id));
	return id;
}

static void give_up(struct engine *engine, uint32_t slot)
{
	engine->inflight.slots[slot].query.outcome = OUTCOME_TIMEOUT;
	finish(engine, slot, NULL);
}

void engine_give_up(struct engine *engine)
{
	for (uint32_t slot = 0; slot < engine->inflight.window; slot++) {
		const struct slot *s = &engine->inflight.slots[slot];

		if (s->ready || s->waiting)
			give_up(engine, slot);
	}
}

void engine_give_up_waiting(struct engine *engine, int32_t destination)
{
	for (uint32_t slot = 0; slot < engine->inflight.window; slot++) {
		const struct slot *s = &engine->inflight.slots[slot];

		if (s->ready && s->destination == destination)
			give_up(engine, slot);
	}
}

/* ---- the engine ---- */

static void timer_fires(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
}

struct engine *engine_create(const struct engine_config *config)
{
	struct engine *engine = aligned_alloc(64, (sizeof(*engine) + 63) / 64 * 64);

	if (engine == NULL)
		return NULL;
	assert(config->connections >= 1 && config->connections <= ENGINE_CONNECTIONS_MAX);
	assert(config->ports >= 1 && config->ports <= ENGINE_PORTS_MAX);
	assert(config->patience_count >= 1 && config->patience_count <= ENGINE_PATIENCE_MAX);
	memset(engine, 0, sizeof(*engine));
	engine->config = *config;
	memcpy(engine->patience, config->patience,
	       sizeof(*config->patience) * (size_t)config->patience_count);
	engine->trains = config->trains;
	engine->connections = (uint32_t)config->connections;
	engine->strangers_key = random_u64(&engine->random);
	if (engine->config.ports < config->source_count)
		engine->config.ports = config->source_count;
	engine->active_head = engine->active_tail = -1;
	engine->now_ns = engine->turn_ns = clock_mono_ns();
	engine->tick_ns = ENGINE_TICK_FULL_NS;
	engine->timer = evtimer_new(config->base, timer_fires, NULL);
	if (engine->timer == NULL || !udp_inbox_init(&engine->inbox, config->trains) ||
	    !inflight_init(&engine->inflight, config->window,
			   (uint64_t)random_u32(&engine->random) << 32 |
				   random_u32(&engine->random))) {
		engine_destroy(&engine);
		errno = ENOMEM;
	}
	return engine;
}

void engine_destroy(struct engine **engine)
{
	struct engine *e = *engine;

	if (e == NULL)
		return;
	for (uint32_t i = 0; i < e->destination_count; i++) {
		engine_streams_close(e->destinations[i]);
		tls_peer_destroy(&e->destinations[i]->tls);
		engine_ports_close(&e->destinations[i]->own, e->config.ports);
		free(e->destinations[i]->again);
		free(e->destinations[i]);
	}
	free(e->destinations);
	engine_ports_close(&e->shared[0], e->config.ports);
	engine_ports_close(&e->shared[1], e->config.ports);
	if (e->timer != NULL)
		event_free(e->timer);
	udp_inbox_free(&e->inbox);
	inflight_free(&e->inflight);
	free(e);
	*engine = NULL;
}

int32_t engine_destination(struct engine *engine, const struct addr *addr, struct pace *pace,
			   bool connect)
{
	struct destination *to;

	if (engine->destination_count == engine->destination_cap) {
		uint32_t cap = engine->destination_cap ? 2 * engine->destination_cap : 16;
		struct destination **more =
			realloc(engine->destinations, cap * sizeof(struct destination *));

		if (more == NULL)
			return -1;
		engine->destinations = more;
		engine->destination_cap = cap;
	}
	to = calloc(1, sizeof(*to));
	if (to == NULL)
		return -1;
	to->again = calloc((size_t)engine->config.ports, sizeof(*to->again));
	if (to->again == NULL) {
		free(to);
		return -1;
	}
	to->engine = engine;
	to->index = (int32_t)engine->destination_count;
	to->addr = *addr;
	to->strangers = engine_strangers(engine, addr);
	to->pace = pace;
	for (int i = 0; i < READY_LISTS; i++)
		to->ready[i] = (struct ready_list){SLOT_NONE, SLOT_NONE, 0};
	for (int i = 0; i < engine->config.ports; i++)
		to->again[i] = (struct ready_list){SLOT_NONE, SLOT_NONE, 0};
	engine_streams_init(to);
	engine->destinations[engine->destination_count++] = to;
	to->connected = connect;
	engine_ports_open(engine, to);
	return to->index;
}

bool engine_secure(struct engine *engine, int32_t destination, const struct tls *tls,
		   const struct tls_identity *identity)
{
	struct destination *to = engine->destinations[destination];

	assert(to->line_count == 0 && to->tls == NULL);
	to->tls = tls_peer_create(tls, identity, &to->addr);
	return to->tls != NULL;
}

const char *engine_problem(const struct engine *engine, int32_t destination)
{
	const struct destination *to = engine->destinations[destination];

	return to->tls != NULL ? tls_peer_problem(to->tls) : NULL;
}

void engine_redirect(struct engine *engine, int32_t destination, const struct addr *addr)
{
	struct destination *to = engine->destinations[destination];

	assert(to->load == 0);
	engine_streams_close(to);
	engine_streams_init(to);
	assert(!to->connected && to->tls == NULL);
	to->addr = *addr;
	to->strangers = engine_strangers(engine, addr);
	engine_ports_open(engine, to);
}

uint32_t engine_load(const struct engine *engine, int32_t destination)
{
	return engine->destinations[destination]->load;
}

uint32_t engine_waiting(const struct engine *engine, int32_t destination)
{
	return engine_ready_count(engine->destinations[destination]);
}

bool engine_is_paced(const struct engine *engine)
{
	return engine->paced;
}

void engine_limit_connections(struct engine *engine, int connections)
{
	assert(connections >= 1);
	engine->connections =
		(uint32_t)(connections < engine->config.connections ? connections
								    : engine->config.connections);
	for (uint32_t i = 0; i < engine->destination_count; i++)
		engine_streams_tidy(engine->destinations[i]);
}

uint32_t engine_room(const struct engine *engine)
{
	return engine->inflight.window - engine->inflight.used;
}

uint32_t engine_in_flight(const struct engine *engine)
{
	return engine->inflight.used;
}

void engine_ask(struct engine *engine, int32_t destination, const struct question *question,
		unsigned ask, int patience, asked_done done, void *owner, uintptr_t tag)
{
	uint32_t slot = inflight_take(&engine->inflight);
	struct slot *s;

	assert(slot != SLOT_NONE);
	s = &engine->inflight.slots[slot];
	s->qname = question->qname;
	s->qname_len = question->qname_len;
	s->qtype = question->qtype;
	s->ask = (uint16_t)ask;
	s->lots = ask & ASK_CASED ? random_u32(&engine->random) : 0;
	s->destination = destination;
	s->sent_ns = 0;
	s->done = done;
	s->owner = owner;
	s->tag = tag;
	query_init(&s->query, ask, &engine->patience[patience], patience);
	engine_destination_of(engine, slot)->load++;
	engine_make_ready(engine, slot, ask & ASK_AHEAD);
}

int64_t engine_now_ns(const struct engine *engine)
{
	return engine->now_ns;
}

const struct addr *engine_source(const struct engine *engine, int family, uint32_t number)
{
	const struct engine_config *config = &engine->config;
	uint32_t of_family = 0;

	for (int i = 0; i < config->source_count; i++)
		of_family += config->sources[i].sa.sa_family == family;
	if (of_family == 0)
		return NULL;
	number %= of_family;
	for (int i = 0;; i++)
		if (config->sources[i].sa.sa_family == family && number-- == 0)
			return &config->sources[i];
}

const struct engine_counters *engine_counters(const struct engine *engine)
{
	return &engine->counters;
}
