/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Is what comes in an answer? A message has to have the ID, the address, the port, the question
 * and, where they were drawn by lot, the letters (RFC 5452 3, 9.1). What has not ends no wait.
 * Where so much of it comes that somebody may have guessed the ID, nothing that comes over UDP is
 * believed, and the query is asked again over TCP, where there is more to guess.
 */
#include "scanner/dns/casing.h"
#include "scanner/ask/engine_inside.h"

/* So many messages that nobody had asked for, at the port and in the time that a query waits, are
 * an attempt to guess its ID: 8 in 65,536 is what it may have had by then. */
#define STRANGERS_MAX 8
/* So many letters in upper or lower case by lot make it as hard again to guess. */
#define LETTERS_ENOUGH 16

/* Have so many tried, since the query was sent, that one may have guessed its ID? */
static bool may_be_forged(const struct engine *engine, const struct slot *slot)
{
	const struct destination *to = engine->destinations[slot->destination];

	return *to->strangers - slot->strangers > STRANGERS_MAX;
}

/* Its letters came back right: nobody guesses that as well. */
static bool is_spelt_right(const struct slot *slot)
{
	return slot->ask & ASK_CASED &&
	       casing_letters(slot->qname, slot->qname_len) >= LETTERS_ENOUGH;
}

static enum query_event distrust(struct engine *engine)
{
	COUNT(engine, distrusted, 1);
	return QUERY_SUSPECT;
}

/* What a message is that fits the question, as far as it holds one. */
static enum query_event event_of(struct engine *engine, const struct slot *slot, bool stream,
				 const struct answer *answer)
{
	const uint8_t *message = answer->message;
	bool bare = message[4] == 0 && message[5] == 0;

	if (bare)
		return QUERY_BARE;
	if (!stream && slot->ask & ASK_CASED &&
	    !casing_fits(message + MESSAGE_HEADER, slot->qname, slot->qname_len, slot->lots)) {
		COUNT(engine, wrong_case, 1);
		++*engine->destinations[slot->destination]->strangers;
		return QUERY_MISMATCHED;
	}
	if (!stream && may_be_forged(engine, slot) && !is_spelt_right(slot))
		return distrust(engine);
	return answer->flags & FLAG_TC ? QUERY_TRUNCATED : QUERY_ANSWERED;
}

void engine_message(struct engine *engine, uint32_t slot, bool stream, const uint8_t *message,
		    size_t len)
{
	const struct slot *s = &engine->inflight.slots[slot];
	struct question question = slot_question(s);
	struct asked answered;

	switch (message_read(message, len, &question, &answered.answer)) {
	case MESSAGE_FITS:
		engine_event(engine, slot, event_of(engine, s, stream, &answered.answer),
			     &answered);
		break;
	case MESSAGE_MISMATCH:
		COUNT(engine, wrong_question, 1);
		if (!stream)
			++*engine->destinations[s->destination]->strangers;
		engine_event(engine, slot, QUERY_MISMATCHED, NULL);
		break;
	case MESSAGE_MALFORMED:
		COUNT(engine, malformed, 1);
		engine_event(engine, slot, stream ? QUERY_STREAM_GARBAGE : QUERY_MALFORMED, NULL);
		break;
	}
}

uint32_t *engine_strangers(struct engine *engine, const struct addr *addr)
{
	return &engine->strangers[addr_hash(addr, engine->strangers_key) % ENGINE_STRANGERS];
}

static struct rejected *rejected_at(struct engine *engine, uint64_t address)
{
	return &engine->rejected[address % ENGINE_REJECTED];
}

void engine_reject(struct engine *engine, const struct addr *addr)
{
	uint64_t address = addr_hash(addr, engine->strangers_key);

	*rejected_at(engine, address) =
		(struct rejected){.address = address, .at_ns = engine->now_ns};
}

/* Since the slot's query was sent. */
static bool is_rejected(struct engine *engine, const struct slot *slot)
{
	uint64_t address =
		addr_hash(&engine->destinations[slot->destination]->addr, engine->strangers_key);
	const struct rejected *rejected = rejected_at(engine, address);

	return rejected->address == address && rejected->at_ns >= slot->sent_ns;
}

bool engine_stray(struct engine *engine, uint32_t channel, uint16_t id)
{
	switch (inflight_past(&engine->inflight, channel, id)) {
	case PAST_LATE:
		COUNT(engine, late, 1);
		return false;
	case PAST_ANSWERED:
		COUNT(engine, duplicates, 1);
		return false;
	case PAST_NOTHING:
		break;
	}
	COUNT(engine, unasked, 1);
	return true;
}

/* The wait is over; where an error without a question is all that came, that was the answer. */
void engine_expire(struct engine *engine, uint32_t slot)
{
	const struct slot *s = &engine->inflight.slots[slot];
	uint8_t header[MESSAGE_HEADER] = {(uint8_t)(s->id >> 8), (uint8_t)s->id, 0x80};
	struct asked bare = {.answer = {.message = header, .len = sizeof(header), .id = s->id}};

	if (!s->query.bare || s->query.state != QUERY_WAIT_UDP) {
		bool closed = s->query.state == QUERY_WAIT_UDP && !s->query.closed &&
			      is_rejected(engine, s);

		engine_event(engine, slot, closed ? QUERY_CLOSED : QUERY_TIMED_OUT, NULL);
		return;
	}
	bare.answer.rcode = s->truncated_rcode;
	bare.answer.flags = s->truncated_flags;
	header[3] = (uint8_t)(bare.answer.rcode & 0x0f);
	engine_event(engine, slot, may_be_forged(engine, s) ? distrust(engine) : QUERY_ANSWERED,
		     &bare);
}
