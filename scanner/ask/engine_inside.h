/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * engine_inside -- what engine.c (queries, destinations), engine_turn.c (a turn, limits),
 * engine_ready.c (what is ready), engine_checks.c (what came), engine_udp.c and engine_stream.c
 * (connections) share; nobody else includes it.
 */
#pragma once

#include <event2/event.h>

#include "io/random.h"
#include "io/stream.h"
#include "io/udp.h"
#include "scanner/ask/engine.h"
#include "scanner/ask/inflight.h"

/* Channels of connections are told from those of sockets by this bit; the rest is destination and
 * line. */
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

/* A connection of a destination. */
struct line {
	struct destination *to;
	struct stream *stream;
	uint32_t channel;
	uint32_t head, load;	     /* slots that wait for an answer over it */
	uint32_t sent, answers;	     /* over it so far */
	int64_t opened_ns, heard_ns; /* when it last answered */
	bool up;
	bool mute;	 /* did not answer in time: nothing more is asked over it */
	bool has_unsent; /* queries to be flushed */
};

/* Slots waiting to be sent, in this order. */
struct ready_list {
	uint32_t head, tail, count;
};

/* How they are to be sent: over UDP for the first time or over a connection; or over UDP again,
 * through the port that they have, in the list of that port. */
enum ready { READY_NOT, READY_UDP, READY_STREAM, READY_LISTS, READY_AGAIN = READY_LISTS };

struct destination {
	struct engine *engine;
	int32_t index;
	struct addr addr;
	uint32_t *strangers; /* the engine's counter for that address */
	struct pace *pace;
	bool connected; /* asked through ports of its own */
	struct port_set own;
	struct ready_list ready[READY_LISTS];
	struct ready_list *again; /* config.ports of them */
	uint32_t again_count;	  /* in all of them */
	uint32_t load;		  /* ready or in flight */
	bool active;		  /* in the list of destinations with something ready */
	int32_t active_next;
	/* connections: see engine_stream.c */
	struct tls_peer *tls; /* NULL: without TLS */
	struct line **lines;  /* config.connections of them, NULL: not open; NULL as a whole: none
				 was ever needed */
	uint32_t line_count;
	uint32_t depth;	       /* queries on each at a time */
	uint32_t quota;	       /* queries over each in all */
	uint32_t failures;     /* to come up, in a row */
	int64_t not_before_ns; /* the next one is opened */
};

/* Messages that may have been forged are counted by the address that they claim to come from: so
 * many counters, which addresses share by their hash. */
#define ENGINE_STRANGERS 1024

/* Of ICMP errors that quote no more than RFC 792 asks for, which ends before the message begins: to
 * which address nothing comes through, and since when that is known. So many are kept in mind. */
#define ENGINE_REJECTED 256

struct rejected {
	uint64_t address; /* by its hash */
	int64_t at_ns;
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
	uint32_t turn_port; /* in each set, what first tries of this turn go through */
	bool busy;	    /* so much is in flight that it is worked in ticks */
	struct udp_inbox inbox;
	struct udp_outbox outbox;
	struct port *out_port; /* through which it goes */
	uint32_t out_slots[UDP_BATCH * UDP_TRAIN_MAX],
		out_count; /* whose datagrams are in it, in order */
	struct stream_inbox stream_inbox;
	uint32_t connections; /* to one destination; config.connections, or less from now on */
	int64_t now_ns, turn_ns;
	int64_t tick_ns; /* the last full tick */
	uint32_t moved;	 /* datagrams in and out in this turn */
	bool trains;
	bool paced; /* something is ready but has to wait for tokens or buffers */
	uint32_t strangers[ENGINE_STRANGERS]; /* wrap */
	uint64_t strangers_key;
	struct rejected rejected[ENGINE_REJECTED];
	struct engine_counters counters;
};

#define COUNT(engine, counter, n)                                                                  \
	atomic_store_explicit(                                                                     \
		&(engine)->counters.counter,                                                       \
		atomic_load_explicit(&(engine)->counters.counter, memory_order_relaxed) + (n),     \
		memory_order_relaxed)

static inline struct question slot_question(const struct slot *slot)
{
	return (struct question){
		.qname = slot->qname, .qname_len = slot->qname_len, .qtype = slot->qtype};
}

/* The event happened to the slot's query: does what the state machine says. answered: of ANSWERED,
 * TRUNCATED, BARE and SUSPECT; holds their answer, and the rest is filled in here when the query
 * ends by it. */
void engine_event(struct engine *engine, uint32_t slot, enum query_event event,
		  struct asked *answered);
/* engine_checks.c */
/* A message came for the slot's query: is it an answer? stream: it came over a connection. */
void engine_message(struct engine *engine, uint32_t slot, bool stream, const uint8_t *message,
		    size_t len);
/* The counter of strangers for that address. */
uint32_t *engine_strangers(struct engine *engine, const struct addr *addr);
/* The network has said that nothing comes through to that address, and not to which message. */
void engine_reject(struct engine *engine, const struct addr *addr);
/* A message came that no query waits for; true: nor had anything been asked of late. */
bool engine_stray(struct engine *engine, uint32_t channel, uint16_t id);
/* The slot's wait is over. */
void engine_expire(struct engine *engine, uint32_t slot);
/* engine.c */
/* The number-th address to ask from, of that family; NULL: the kernel's choice. */
const struct addr *engine_source(const struct engine *engine, int family, uint32_t number);
/* Brings what belongs to messages with these IDs into the cache. */
void engine_fetch(const struct engine *engine, uint32_t channel, const uint16_t *ids,
		  unsigned count);
static inline uint16_t message_id(const uint8_t *data, size_t len)
{
	if (len < 2)
		return 0;
	return (uint16_t)(data[0] << 8 | data[1]);
}
/* Draws a new random ID, unique within the channel, and enters the slot under it. For channels that
 * are bounded far below all IDs, as connections are. */
uint16_t engine_new_id(struct engine *engine, uint32_t slot, uint32_t channel);

static inline struct destination *engine_destination_of(struct engine *engine, uint32_t slot)
{
	return engine->destinations[engine->inflight.slots[slot].destination];
}

/* engine_ready.c */
/* Into the list of its destination that its state says; first: before all others. */
void engine_make_ready(struct engine *engine, uint32_t slot, bool first);
/* Takes the slot out of its ready list, if it is in one. */
void engine_unready(struct engine *engine, uint32_t slot);
/* The destination is looked at in the next turn. */
void engine_activate(struct engine *engine, struct destination *to);
/* Takes the first of the engine's active destinations out of their list, which is not empty. */
struct destination *engine_next_active(struct engine *engine);
static inline uint32_t engine_ready_count(const struct destination *to)
{
	return to->ready[READY_UDP].count + to->ready[READY_STREAM].count + to->again_count;
}

/* engine_turn.c */
/* What could not be sent waits at the head of its list; its tokens go back. */
void engine_take_back(struct engine *engine, const uint32_t *slots, unsigned count);

/* engine_udp.c */
void engine_ports_open(struct engine *engine, struct destination *to);
void engine_ports_close(struct port_set *set, int count);
/* First tries (at most ENGINE_CHUNK) get the port of the turn and IDs. For how many, in this order,
 * the port had IDs. */
unsigned engine_udp_enter(struct engine *engine, const struct destination *to,
			  const uint32_t *slots, unsigned count);
/* Puts at most ENGINE_CHUNK slots in order of their queries' length, stable, so that trains form. */
void engine_udp_order(const struct engine *engine, uint32_t *slots, unsigned count);
/* Puts queries into the outbox, and sends that when it is full or of another port. False: buffers
 * are full, what was left is taken back. */
bool engine_udp_put(struct engine *engine, struct destination *to, const uint32_t *slots,
		    unsigned count);
/* Sends what is in the outbox. False likewise. */
bool engine_udp_flush(struct engine *engine);

/* engine_stream.c */
void engine_streams_init(struct destination *to);
/* Closes all connections of a destination without load. */
void engine_streams_close(struct destination *to);
/* Closes those without load that will not be used again, for there are more than are allowed now. */
void engine_streams_tidy(struct destination *to);
/* Queries that the connections take now. */
uint32_t engine_stream_room(const struct destination *to);
/* Sends up to `count` of those ready for connections, no more than there is room for; how many were
 * sent. */
uint32_t engine_stream_send(struct engine *engine, struct destination *to, uint32_t count);
/* Opens a connection where queries wait for one. */
void engine_stream_open(struct engine *engine, struct destination *to);
/* The slot waits for no connection's answer any more. */
void engine_stream_leave(struct engine *engine, uint32_t slot);
/* ... because none came in time. */
void engine_stream_late(struct engine *engine, uint32_t slot);
