/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * engine_inside -- what engine.c (ready lists, limits, the turn), engine_udp.c and engine_stream.c (TCP) share; nobody else
 * includes it.
 */
#pragma once

#include <event2/event.h>

#include "io/random.h"
#include "io/stream.h"
#include "io/udp.h"
#include "scanner/engine.h"
#include "scanner/inflight.h"

/* Channels of streams are told from those of sockets by this bit; the rest is the destination. */
#define STREAM_CHANNEL 0x80000000u

struct port {
	struct engine *engine;
	struct event *event;
	uint32_t channel;
	int fd;
	bool connected; /* the kernel lets in what comes from its destination only */
};

/* config.ports of them, or none. */
struct port_set {
	struct port *list;
	bool failed; /* they could not be opened */
};

/* Queries of one destination put in order of length at a time. */
#define ENGINE_CHUNK 256

struct destination {
	struct engine *engine;
	int32_t index;
	struct addr addr;
	struct pace *pace;
	bool connected;		/* asked through ports of its own */
	struct port_set own;
	uint32_t ready_head, ready_tail, ready; /* slots waiting to be sent */
	uint32_t load;				/* ready or in flight */
	bool active;				/* in the list of destinations with something ready */
	int32_t active_next;
	struct stream *stream;
	uint32_t stream_head; /* slots that wait for an answer over it */
	bool stream_was_up;
};

struct engine {
	struct engine_config config;
	struct patience patience[ENGINE_PATIENCE_MAX];
	struct inflight inflight;
	struct destination **destinations;
	uint32_t destination_count, destination_cap;
	int32_t active_head, active_tail;
	uint32_t active_count;
	struct port_set shared[2]; /* IPv4, IPv6; opened when first needed */
	struct event *timer;
	struct random random;
	struct udp_inbox inbox;
	struct udp_outbox outbox;
	int64_t now_ns, turn_ns;
	uint32_t moved;	   /* datagrams in and out in this turn */
	bool trains;
	bool paced;	   /* something is ready but has to wait for tokens or buffers */
	struct engine_counters counters;
};

#define COUNT(engine, counter, n)                                                                                      \
	atomic_store_explicit(&(engine)->counters.counter,                                                             \
			      atomic_load_explicit(&(engine)->counters.counter, memory_order_relaxed) + (n),           \
			      memory_order_relaxed)

static inline struct question slot_question(const struct slot *slot)
{
	return (struct question){.qname = slot->qname, .qname_len = slot->qname_len, .qtype = slot->qtype};
}

/* The event happened to the slot's query: does what the state machine says. answer: of ANSWERED and TRUNCATED. */
void engine_event(struct engine *engine, uint32_t slot, enum query_event event, const struct answer *answer);
/* A message came for the slot's query: is it an answer? garbage: the event for what does not parse. */
void engine_message(struct engine *engine, uint32_t slot, const uint8_t *message, size_t len, enum query_event garbage);
/* Draws a new random ID, unique within the channel, and enters the slot under it. */
uint16_t engine_new_id(struct engine *engine, uint32_t slot, uint32_t channel);

/* What could not be sent waits at the head of its list; its tokens go back. */
void engine_take_back(struct engine *engine, struct destination *to, const uint32_t *slots, unsigned count);

/* engine_udp.c */
void engine_ports_open(struct engine *engine, struct destination *to);
void engine_ports_close(struct port_set *set, int count);
/* First tries (at most ENGINE_CHUNK) get their order, one port picked at random, and IDs; later ones keep what they have. */
void engine_udp_enter(struct engine *engine, const struct destination *to, uint32_t *slots, unsigned count);
/* False: buffers are full, what was left is taken back. */
bool engine_udp_send(struct engine *engine, struct destination *to, const uint32_t *slots, unsigned count);

/* engine_stream.c */
void engine_stream_send(struct engine *engine, struct destination *to, uint32_t slot);
void engine_stream_leave(struct engine *engine, uint32_t slot);
