/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The engine's queries over connections: many on each, answered in any order (RFC 7766 6.2.1.1).
 *
 * RFC 7766 6.2.2 wants as few connections as will do. But servers answer only so many queries of
 * one connection at a time (PowerDNS 10, BIND 23, unbound 32), and one that takes ten seconds to
 * fail holds up what stands behind it. So a connection is given DEPTH_START queries at a time at
 * first; more where that many are answered quickly; another connection is opened when that is not
 * enough, and what finds no place waits unsent, for what was not sent cannot time out.
 *
 * A server may close a connection whenever it likes (6.2.3, 6.2.4): what was not answered is asked
 * again on another one. From one that closes after every so many answers the destination learns to
 * ask no more than that over each.
 */
#include "scanner/ask/engine_inside.h"

#include <assert.h>
#include <stdlib.h>

#include "io/clock.h"

#define DEPTH_START 10
#define DEPTH_MAX   1024
/* Answers as quick as that, where as many as allowed are waited for, allow one more; those as slow
 * as that, half as many. */
#define QUICK_NS (250 * NS_PER_MS)
#define SLOW_NS	 (1 * NS_PER_S)
/* Between two openings: how deep the open ones may be used shows meanwhile. */
#define OPENING_NS (50 * NS_PER_MS)
/* From the opening of one that failed to come up to the next; twice as long after each in a row. */
#define FAILED_NS  (1 * NS_PER_S)
#define FAILED_MAX 1
/* Queries put on one connection in a row, so that they leave in one write. */
#define RUN 64
/* A connection that is closed as soon after an answer was closed because of it, not because it was
 * idle. */
#define CLOSING_NS (1 * NS_PER_S)

void engine_streams_init(struct destination *to)
{
	to->depth = DEPTH_START;
	to->quota = UINT32_MAX;
	to->failures = 0;
	to->not_before_ns = 0;
}

/* ---- the slots of a line ---- */

static struct line *line_of(const struct engine *engine, const struct slot *slot)
{
	uint32_t number = (slot->channel & ~STREAM_CHANNEL) % (uint32_t)engine->config.connections;

	return engine->destinations[slot->destination]->lines[number];
}

static void enter_line(struct engine *engine, struct line *line, uint32_t slot)
{
	struct slot *slots = engine->inflight.slots;

	slots[slot].streaming = true;
	slots[slot].stream_prev = SLOT_NONE;
	slots[slot].stream_next = line->head;
	if (line->head != SLOT_NONE)
		slots[line->head].stream_prev = slot;
	line->head = slot;
	line->load++;
}

void engine_stream_leave(struct engine *engine, uint32_t slot)
{
	struct slot *slots = engine->inflight.slots, *s = &slots[slot];
	struct line *line;

	if (!s->streaming)
		return;
	line = line_of(engine, s);
	s->streaming = false;
	line->load--;
	if (s->stream_prev == SLOT_NONE)
		line->head = s->stream_next;
	else
		slots[s->stream_prev].stream_next = s->stream_next;
	if (s->stream_next != SLOT_NONE)
		slots[s->stream_next].stream_prev = s->stream_prev;
}

/* ---- lines ---- */

/* Its place among those of its destination. */
static uint32_t number_of(const struct line *line)
{
	return (line->channel & ~STREAM_CHANNEL) % (uint32_t)line->to->engine->config.connections;
}

static void close_line(struct line *line)
{
	struct destination *to = line->to;

	stream_destroy(&line->stream);
	to->lines[number_of(line)] = NULL;
	to->line_count--;
	free(line);
}

void engine_streams_close(struct destination *to)
{
	for (int i = 0; to->lines != NULL && i < to->engine->config.connections; i++)
		if (to->lines[i] != NULL)
			close_line(to->lines[i]);
	free(to->lines);
	to->lines = NULL;
}

/* Nothing more is to be asked over it. */
static bool is_spent(const struct line *line)
{
	return line->mute || line->sent >= line->to->quota ||
	       number_of(line) >= line->to->engine->connections;
}

/* Queries it takes now. */
static uint32_t room_of(const struct line *line)
{
	uint32_t room;

	if (line == NULL || !line->up || is_spent(line) || line->load >= line->to->depth)
		return 0;
	room = line->to->depth - line->load;
	return room < line->to->quota - line->sent ? room : line->to->quota - line->sent;
}

uint32_t engine_stream_room(const struct destination *to)
{
	uint32_t room = 0;

	for (int i = 0; to->lines != NULL && i < to->engine->config.connections; i++)
		room += room_of(to->lines[i]);
	return room;
}

/* Is another one up that can be used? */
static bool has_line_up(const struct destination *to, const struct line *except)
{
	for (int i = 0; i < to->engine->config.connections; i++)
		if (to->lines[i] != NULL && to->lines[i] != except && to->lines[i]->up &&
		    !to->lines[i]->mute)
			return true;
	return false;
}

/* Closes it where nobody waits for it and it will not be used again. */
static void tidy(struct line *line)
{
	if (line->load == 0 && (is_spent(line) || (!line->to->engine->config.keep_streams &&
						   line->to->ready[READY_STREAM].count == 0)))
		close_line(line);
}

void engine_streams_tidy(struct destination *to)
{
	for (int i = 0; to->lines != NULL && i < to->engine->config.connections; i++)
		if (to->lines[i] != NULL)
			tidy(to->lines[i]);
}

/* ---- what comes back ---- */

static void line_up(void *owner)
{
	struct line *line = owner;

	line->up = true;
	line->to->failures = 0;
}

/* How many queries at a time the server bears. full: so many as are allowed were waited for. */
static void learn_depth(const struct line *line, int64_t rtt_ns, bool full)
{
	struct destination *to = line->to;

	if (rtt_ns > SLOW_NS && to->depth > DEPTH_START)
		to->depth = to->depth / 2 > DEPTH_START ? to->depth / 2 : DEPTH_START;
	else if (rtt_ns < QUICK_NS && full && to->depth < DEPTH_MAX)
		to->depth++;
}

static void message_in(struct line *line, const struct stream_message *message, bool full)
{
	struct engine *engine = line->to->engine;
	uint32_t slot;

	if (message->len < 2) {
		COUNT(engine, malformed, 1);
		return;
	}
	slot = inflight_find(&engine->inflight, line->channel,
			     message_id(message->data, message->len));
	if (slot == SLOT_NONE) {
		(void)engine_stray(engine, line->channel, message_id(message->data, message->len));
		return;
	}
	learn_depth(line, engine->now_ns - engine->inflight.slots[slot].sent_ns, full);
	line->answers++;
	engine_message(engine, slot, true, message->data, message->len);
}

static void line_messages(void *owner, const struct stream_message *messages, unsigned count)
{
	struct line *line = owner;
	struct engine *engine = line->to->engine;
	bool full = line->load >= line->to->depth;
	uint16_t ids[STREAM_BATCH];

	engine->now_ns = line->heard_ns = clock_mono_ns();
	engine->moved += count;
	COUNT(engine, received, count);
	for (unsigned i = 0; i < count; i++)
		ids[i] = message_id(messages[i].data, messages[i].len);
	engine_fetch(engine, line->channel, ids, count);
	for (unsigned i = 0; i < count; i++)
		message_in(line, &messages[i], full);
	tidy(line);
}

static enum query_event event_of(const struct line *line, enum stream_end why)
{
	switch (why) {
	case STREAM_MALFORMED:
		return line->up ? QUERY_STREAM_BROKEN : QUERY_STREAM_GARBAGE;
	case STREAM_IDLE:
		return QUERY_STREAM_SILENT;
	case STREAM_REFUSED:
	case STREAM_UNTRUSTED:
	case STREAM_UNREACHABLE:
	case STREAM_CLOSED:
	case STREAM_RESET:
		break;
	}
	if (!line->up)
		return QUERY_STREAM_REFUSED;
	return line->answers > 0 ? QUERY_STREAM_CUT : QUERY_STREAM_LOST;
}

/* Whoever waits for a connection will not get one. */
static void fail_waiting(struct destination *to, enum query_event event)
{
	/* Who asks on at once hears it at once. */
	while (to->ready[READY_STREAM].count > 0)
		engine_event(to->engine, to->ready[READY_STREAM].head, event, NULL);
}

void engine_stream_late(struct engine *engine, uint32_t slot)
{
	const struct slot *s = &engine->inflight.slots[slot];
	struct line *line;

	if (!s->streaming)
		return;
	line = line_of(engine, s);
	if (line->heard_ns >= s->sent_ns)
		line->to->depth = line->to->depth > 1 ? line->to->depth / 2 : 1;
	else
		line->mute = true;
	if (line->mute && !has_line_up(line->to, line))
		fail_waiting(line->to, QUERY_STREAM_SILENT);
}

/* It did not come up, which matters to those who wait unless others are there. */
static void line_failed(const struct line *line, enum query_event event)
{
	struct destination *to = line->to;

	to->not_before_ns = line->opened_ns + (FAILED_NS << to->failures);
	if (to->failures < FAILED_MAX)
		to->failures++;
	if (!has_line_up(to, line))
		fail_waiting(to, event);
}

/* Closed with queries on it: how many does the server take? */
static void learn_quota(const struct line *line)
{
	struct destination *to = line->to;

	if (line->answers == 0)
		to->depth = 1;
	else if (to->engine->now_ns - line->heard_ns < CLOSING_NS && line->answers < to->quota)
		to->quota = line->answers;
}

static void line_over(void *owner, enum stream_end why)
{
	struct line *line = owner;
	struct destination *to = line->to;
	struct engine *engine = to->engine;
	enum query_event event = event_of(line, why);
	uint32_t slot;

	engine->now_ns = clock_mono_ns();
	if (!line->up)
		line_failed(line, event);
	else if (line->load > 0 && (why == STREAM_CLOSED || why == STREAM_RESET))
		learn_quota(line);
	/* Those that are asked again must find another line. */
	line->mute = true;
	while ((slot = line->head) != SLOT_NONE) {
		engine_stream_leave(engine, slot);
		engine_event(engine, slot, event, NULL);
	}
	assert(to->lines[number_of(line)] == line);
	close_line(line);
}

static const struct stream_events events = {
	.up = line_up, .messages = line_messages, .end = line_over};

/* ---- what goes out ---- */

static struct line *open_line(struct destination *to, uint32_t number)
{
	struct engine *engine = to->engine;
	uint32_t first = to->ready[READY_STREAM].head;
	const struct patience *patience =
		&engine->patience[engine->inflight.slots[first].query.patience];
	struct line *line = calloc(1, sizeof(*line));
	struct stream_config config = {
		.base = engine->config.base,
		.inbox = &engine->stream_inbox,
		.to = &to->addr,
		.source = engine_source(engine, to->addr.sa.sa_family, number),
		.tls = to->tls,
		.idle_ms = (int)(patience->stream_ns / NS_PER_MS),
		.events = &events,
		.owner = line,
	};

	if (line == NULL)
		return NULL;
	line->to = to;
	line->head = SLOT_NONE;
	line->opened_ns = engine->now_ns;
	line->channel = STREAM_CHANNEL |
			((uint32_t)to->index * (uint32_t)engine->config.connections + number);
	line->stream = stream_connect(&config);
	if (line->stream == NULL) {
		free(line);
		return NULL;
	}
	COUNT(engine, streams, 1);
	return line;
}

/* Those that are being opened will do: each takes so many, and until the server is known, one shows
 * what it bears. */
static bool enough_opening(const struct destination *to)
{
	uint32_t each = to->depth < to->quota ? to->depth : to->quota, opening = 0;

	for (int i = 0; to->lines != NULL && i < to->engine->config.connections; i++)
		opening += to->lines[i] != NULL && !to->lines[i]->up;
	return opening > 0 &&
	       (to->quota == UINT32_MAX || opening * each >= to->ready[READY_STREAM].count);
}

static int free_place(const struct destination *to)
{
	for (uint32_t i = 0; i < to->engine->connections; i++)
		if (to->lines[i] == NULL)
			return (int)i;
	return -1;
}

void engine_stream_open(struct engine *engine, struct destination *to)
{
	while (to->ready[READY_STREAM].count > 0 && engine_stream_room(to) == 0 &&
	       !enough_opening(to) &&
	       (engine->now_ns >= to->not_before_ns ||
		(to->line_count == 0 && to->failures == 0))) {
		int place;

		if (to->lines == NULL)
			to->lines =
				calloc((size_t)engine->config.connections, sizeof(struct line *));
		place = to->lines != NULL ? free_place(to) : -1;
		if (to->lines != NULL && place < 0)
			return;
		to->not_before_ns = engine->now_ns + (to->quota == UINT32_MAX ? OPENING_NS : 0);
		if (place >= 0)
			to->lines[place] = open_line(to, (uint32_t)place);
		if (place >= 0 && to->lines[place] != NULL)
			to->line_count++;
		else if (to->line_count == 0) /* no memory or descriptors */
			fail_waiting(to, QUERY_UNSENDABLE);
		else
			return;
	}
}

/* False: the backlog is full. */
static bool put_query(struct engine *engine, struct line *line, uint32_t slot)
{
	struct slot *s = &engine->inflight.slots[slot];
	struct question question = slot_question(s);
	uint8_t message[MESSAGE_QUERY_MAX];
	uint16_t id = engine_new_id(engine, slot, line->channel);

	if (!stream_send(line->stream, message, message_query(message, id, &question, s->ask)))
		return false;
	engine_unready(engine, slot);
	s->sent_ns = engine->now_ns;
	line->sent++;
	line->has_unsent = true;
	COUNT(engine, sent, 1);
	engine->moved++;
	enter_line(engine, line, slot);
	engine_event(engine, slot, QUERY_SENT, NULL);
	return true;
}

/* The one that has the most room. */
static struct line *pick_line(const struct destination *to)
{
	struct line *best = NULL;

	for (int i = 0; i < to->engine->config.connections; i++)
		if (room_of(to->lines[i]) > (best != NULL ? room_of(best) : 0))
			best = to->lines[i];
	return best;
}

uint32_t engine_stream_send(struct engine *engine, struct destination *to, uint32_t count)
{
	uint32_t sent = 0;
	bool room = true;

	while (room && sent < count) {
		struct line *line = pick_line(to);
		uint32_t run = room_of(line);

		assert(line != NULL);
		if (run > RUN)
			run = RUN;
		for (; room && run > 0 && sent < count; run--) {
			room = put_query(engine, line, to->ready[READY_STREAM].head);
			sent += room;
		}
	}
	for (int i = 0; to->lines != NULL && i < engine->config.connections; i++)
		if (to->lines[i] != NULL && to->lines[i]->has_unsent) {
			to->lines[i]->has_unsent = false;
			stream_flush(to->lines[i]->stream);
		}
	return sent;
}
