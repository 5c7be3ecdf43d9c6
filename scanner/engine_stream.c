/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The TCP half of the engine: one connection to each destination, many queries on it (RFC 7766 6.2.1.1).
 */
#include "scanner/engine_inside.h"

#include <assert.h>

#include "io/clock.h"

static void enter_list(struct engine *engine, struct destination *to, uint32_t slot)
{
	struct slot *slots = engine->inflight.slots;

	slots[slot].streaming = true;
	slots[slot].stream_prev = SLOT_NONE;
	slots[slot].stream_next = to->stream_head;
	if (to->stream_head != SLOT_NONE)
		slots[to->stream_head].stream_prev = slot;
	to->stream_head = slot;
}

void engine_stream_leave(struct engine *engine, uint32_t slot)
{
	struct slot *slots = engine->inflight.slots, *s = &slots[slot];
	struct destination *to = engine->destinations[s->destination];

	if (!s->streaming)
		return;
	s->streaming = false;
	if (s->stream_prev == SLOT_NONE)
		to->stream_head = s->stream_next;
	else
		slots[s->stream_prev].stream_next = s->stream_next;
	if (s->stream_next != SLOT_NONE)
		slots[s->stream_next].stream_prev = s->stream_prev;
}

static void stream_up(void *owner)
{
	struct destination *to = owner;

	to->stream_was_up = true;
}

static void stream_message(void *owner, const uint8_t *message, size_t len)
{
	struct destination *to = owner;
	struct engine *engine = to->engine;
	uint32_t slot;

	engine->now_ns = clock_mono_ns();
	engine->moved++;
	COUNT(engine, received, 1);
	if (len < 2) {
		COUNT(engine, malformed, 1);
		return;
	}
	slot = inflight_find(&engine->inflight, STREAM_CHANNEL | (uint32_t)to->index, (uint16_t)(message[0] << 8 | message[1]));
	if (slot == SLOT_NONE) {
		COUNT(engine, late, 1);
		return;
	}
	engine_message(engine, slot, message, len, QUERY_STREAM_GARBAGE);
	if (to->stream_head == SLOT_NONE && !engine->config.keep_streams)
		stream_destroy(&to->stream);
}

static enum query_event event_of(enum stream_end why, bool was_up)
{
	switch (why) {
	case STREAM_REFUSED:
	case STREAM_UNREACHABLE:
		return QUERY_STREAM_REFUSED;
	case STREAM_MALFORMED:
		return QUERY_STREAM_GARBAGE;
	case STREAM_IDLE:
		return QUERY_STREAM_SILENT;
	case STREAM_CLOSED:
	case STREAM_RESET:
		break;
	}
	return was_up ? QUERY_STREAM_LOST : QUERY_STREAM_REFUSED;
}

static void stream_over(void *owner, enum stream_end why)
{
	struct destination *to = owner;
	struct engine *engine = to->engine;
	uint32_t slot;

	engine->now_ns = clock_mono_ns();
	stream_destroy(&to->stream);
	while ((slot = to->stream_head) != SLOT_NONE) {
		engine_stream_leave(engine, slot);
		engine_event(engine, slot, event_of(why, to->stream_was_up), NULL);
	}
}

static const struct stream_events events = {.up = stream_up, .message = stream_message, .end = stream_over};

void engine_stream_send(struct engine *engine, struct destination *to, uint32_t slot)
{
	struct slot *s = &engine->inflight.slots[slot];
	struct question question = slot_question(s);
	bool v6 = to->addr.sa.sa_family == AF_INET6;
	uint8_t message[MESSAGE_QUERY_MAX];
	uint16_t id = engine_new_id(engine, slot, STREAM_CHANNEL | (uint32_t)to->index);
	size_t len = message_query(message, id, &question, s->ask);

	s->sent_ns = engine->now_ns;
	if (to->stream == NULL) {
		int idle_ms = (int)(engine->patience[s->query.patience].stream_ns / NS_PER_MS);

		to->stream_was_up = false;
		to->stream = stream_connect(engine->config.base, &to->addr, v6 ? engine->config.source6 : engine->config.source4,
					    idle_ms, &events, to);
		COUNT(engine, streams, 1);
	}
	if (to->stream == NULL || !stream_send(to->stream, message, len)) {
		engine_event(engine, slot, QUERY_UNSENDABLE, NULL);
		return;
	}
	COUNT(engine, sent, 1);
	enter_list(engine, to, slot);
	engine_event(engine, slot, QUERY_SENT, NULL);
}
