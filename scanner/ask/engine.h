/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * engine -- the queries of one thread: sends them, paced and in batches, and brings back what came
 * of each.
 *
 *     engine_ask() -> ready list of the destination -> (tokens) -> trains of equal length -> UDP
 *                  <- asked_done() <- answer, or all tries used up <- question, ID, address and port
 *                                                                     checked
 *
 * A truncated answer goes to TCP by itself (RFC 7766). Each query ends in exactly one call of its
 * owner's `done`.
 *
 * Owner    one thread; the event base is that thread's (EVENT_BASE_FLAG_NOLOCK).
 * Memory   slots and tables are allocated by engine_create(); later only destinations and streams.
 * Limits   `window` queries between engine_ask() and done.
 * Loop     the owner runs engine_turn() again and again: it sends what is ready and paid for, waits,
 *          reads the sockets, looks at the deadlines, and returns. Under load it works in ticks
 *          (ENGINE_TICK_NS; with thousands in flight ENGINE_TICK_FULL_NS, or up to
 *          ENGINE_TICK_MOST_NS where a good batch takes that long to come together), so that
 *          answers, and hence the next queries, come in batches; this is also the precision of
 *          rtt_ns then.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/addr.h"
#include "results/rows/names.h"
#include "scanner/dns/message.h"
#include "scanner/ask/pace.h"

struct engine;
struct event_base;
struct tls;
struct tls_identity;

/* How long to wait and how often to ask; an engine knows a few of these (ENGINE_PATIENCE_MAX). */
struct patience {
	int tries;	    /* 1..ENGINE_TRIES_MAX */
	int64_t wait_ns[8]; /* for the answer to each try */
	int64_t stream_ns;  /* for a whole exchange over TCP */
};

#define ENGINE_TRIES_MAX       8
#define ENGINE_TICK_NS	       300000LL
#define ENGINE_TICK_FULL_NS    1000000LL
#define ENGINE_TICK_MOST_NS    (4 * ENGINE_TICK_FULL_NS)
#define ENGINE_PATIENCE_MAX    5
#define ENGINE_PORTS_MAX       256
#define ENGINE_CONNECTIONS_MAX 64

/* tries waits that double each time and sum up to total_ns. */
struct patience patience_make(int tries, int64_t total_ns);

struct engine_config {
	struct event_base *base;
	uint32_t window;
	struct pace *pace; /* shared by all engines; NULL: no limit */
	const struct patience *patience;
	int patience_count;
	int ports; /* UDP sockets, each with a random port, per address family or connected
		      destination; 1..ENGINE_PORTS_MAX */
	/* Addresses to ask from, of either family, in turn; without one of a family, the kernel's
	 * choice. They must outlive the engine. */
	const struct addr *sources;
	int source_count;
	int connections;   /* to one destination, at most; 1..ENGINE_CONNECTIONS_MAX */
	bool keep_streams; /* leave idle connections open for the next truncated answer (few
			      destinations) */
	bool trains;	   /* UDP_SEGMENT where the kernel has it */
	/* Sleeps that long under load, or while something is ready and not yet paid for: cheaper,
	 * for rates of a few a second. 0: the ticks of a fast scan. */
	int64_t pause_ns;
	/* Hears of datagrams that answer nothing in flight, nor what was asked of late (their ID is
	 * wrong); NULL: nobody does. */
	void (*stray)(void *owner, const struct addr *from, const uint8_t *data, size_t len);
	void *stray_owner;
};

/* What came of one query: facts, valid during done(). */
struct asked {
	enum outcome outcome;
	unsigned tries;	     /* messages sent, over all transports */
	int64_t rtt_ns;	     /* -1: no answer */
	bool truncated;	     /* UDP answered with TC */
	bool over_stream;    /* the answer came over TCP */
	bool stream_sent;    /* a connection was up, and it went out over that */
	bool closed;	     /* an ICMP error or a refused connection said so, at least once */
	bool unsent;	     /* nothing left this machine: no way there, or a filter of its own */
	unsigned mismatches; /* messages with the right ID, address and port but another question */
	unsigned malformed;  /* messages with the right ID that did not parse */
	enum outcome stream_outcome; /* of TCP where it was tried: ANSWERED, TIMEOUT, UNREACHABLE
					(refused), MALFORMED, ... */
	struct answer answer; /* with outcome ANSWERED (for TRUNCATED_TCP_FAILED: the truncated
				 one); message NULL otherwise */
};

typedef void (*asked_done)(void *owner, uintptr_t tag, const struct asked *asked);

/* Counters of one engine; written by its thread, read by anyone (relaxed). */
struct engine_counters {
	_Atomic uint64_t sent, sent_again, received, answered, timeouts, streams, icmp;
	/* What came in and counted for nothing: behind a query that was given up, or had its
	 * answer; with an ID that was not asked under; from elsewhere; to another question, or in
	 * other letters; no DNS. */
	_Atomic uint64_t late, duplicates, unasked, wrong_address, wrong_question, wrong_case,
		malformed;
	_Atomic uint64_t distrusted; /* queries asked again over TCP because of these */
	_Atomic uint64_t trains, send_errors;
};

/* NULL on error, errno set. */
struct engine *engine_create(const struct engine_config *config);
/* Queries in flight are dropped without a call. */
void engine_destroy(struct engine **engine);

/*
 * A destination is an address with a limit of its own (pace may be NULL). -1: out of memory. The
 * same address may be added twice. Destinations live as long as the engine.
 * connect: asked through ports of its own, connected: cheaper, for a few destinations; answers from
 * another address are not seen then, not even to be counted.
 */
int32_t engine_destination(struct engine *engine, const struct addr *addr, struct pace *pace,
			   bool connect);
/* All connections to that destination speak TLS, with whom identity says; both must outlive the
 * engine. Before anything is asked. False: out of memory. */
bool engine_secure(struct engine *engine, int32_t destination, const struct tls *tls,
		   const struct tls_identity *identity);
/* Why the last connection to it failed, where the reason is TLS; NULL otherwise. */
const char *engine_problem(const struct engine *engine, int32_t destination);
/* Gives a destination without load (assert) another address; its limit stays. For owners of more
 * addresses than they want to keep. */
void engine_redirect(struct engine *engine, int32_t destination, const struct addr *addr);
/* Queries ready or in flight to that destination. */
uint32_t engine_load(const struct engine *engine, int32_t destination);
/* ... of these, those not sent yet: the limiters hold them back. */
uint32_t engine_waiting(const struct engine *engine, int32_t destination);
/* From now on no more connections to one destination than that, nor than the config's; at least 1.
 * Those there are beyond it take no more queries, and end with those they have. */
void engine_limit_connections(struct engine *engine, int connections);
/* Room left in the window. */
uint32_t engine_room(const struct engine *engine);
/* In the last turn something had to wait for a limiter, or for the network to take it. */
bool engine_is_paced(const struct engine *engine);
uint32_t engine_in_flight(const struct engine *engine);

/*
 * Asks. The window must have room (assert). question->qname must stay valid until done, and owner,
 * unless it is NULL: its first octet is read ahead. `done` may call engine_ask(). patience: an index
 * into the config's.
 */
void engine_ask(struct engine *engine, int32_t destination, const struct question *question,
		unsigned ask, int patience, asked_done done, void *owner, uintptr_t tag);

/* Stops waiting for everything: each query ends now, as a timeout, with a call of its `done`. */
void engine_give_up(struct engine *engine);
/* Likewise of what waits for the limiters to let it go to that destination: nobody will answer. Its
 * `done` may ask again, and then it waits again. */
void engine_give_up_waiting(struct engine *engine, int32_t destination);
/* One turn. When there is little to do it waits for the network, sleep_ns at most; under load for
 * the next tick. */
void engine_turn(struct engine *engine, int64_t sleep_ns);
/* The engine's idea of now: monotonic, read once a turn. */
int64_t engine_now_ns(const struct engine *engine);
const struct engine_counters *engine_counters(const struct engine *engine);
