/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * query -- the life of one query as a pure state machine: an event goes in, what to do next comes
 * out.
 *
 *     READY --sent--> WAIT_UDP --answer--> DONE
 *                        | truncated --> READY_STREAM --sent--> WAIT_STREAM --answer, end,
 * timeout--> DONE | timeout, tries left --> READY | closed --> WAIT_UDP, a short while, then as
 * after a timeout
 *
 * It sees no socket and no clock, so tests play loss, delay and forgery as text.
 *
 * A timed-out try is asked again with the same ID from the same port: a late answer to the first
 * try is an answer. A malformed or mismatching message does not end the wait, for it may be forged
 * and the true answer still on its way. An error that leaves the question out is as easily forged
 * as its ID is guessed (RFC 5452 4.2): it is the answer when no other has come a short while later.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/rows/names.h"
#include "scanner/ask/engine.h"

enum query_state { QUERY_READY, QUERY_WAIT_UDP, QUERY_READY_STREAM, QUERY_WAIT_STREAM, QUERY_DONE };

enum query_event {
	QUERY_SENT,	  /* over UDP or the stream, as the state says */
	QUERY_UNSENDABLE, /* the kernel refuses to send: no route */
	QUERY_HELD_BACK,  /* ... now: a filter of this machine's own, or its table is full */
	QUERY_ANSWERED,	  /* a whole answer that fits */
	QUERY_TRUNCATED,  /* an answer that fits, TC=1 */
	QUERY_BARE,	  /* an error without a question: of whom? */
	QUERY_SUSPECT,	  /* it would fit, but so many have tried that it may be forged */
	QUERY_MISMATCHED, /* right ID, address and port; another question */
	QUERY_MALFORMED,  /* right ID, address and port; does not parse */
	QUERY_CLOSED,	  /* ICMP: port or host unreachable */
	QUERY_TIMED_OUT,  /* the wait is over */
	QUERY_STREAM_REFUSED,
	QUERY_STREAM_LOST,   /* the connection ended before any answer, after it was up */
	QUERY_STREAM_CUT,    /* ... before this answer, after others */
	QUERY_STREAM_BROKEN, /* what came over it was no DNS */
	QUERY_STREAM_GARBAGE,
	QUERY_STREAM_SILENT, /* never came up, or idle for too long */
};

enum query_action {
	QUERY_SEND_UDP,	   /* to the ready list; the state is READY */
	QUERY_SEND_STREAM, /* likewise READY_STREAM */
	QUERY_WAIT,	   /* as before, nothing changes */
	QUERY_WAIT_ANEW,   /* for query_wait() from now */
	QUERY_FINISH,	   /* outcome is set */
};

/* Which wait, for tables of deadlines: the waits for each try, for a stream, and after an ICMP
 * error. */
enum { QUERY_WAIT_STREAM_EXCHANGE = ENGINE_TRIES_MAX, QUERY_WAIT_CLOSED, QUERY_WAITS };

/* After an ICMP error: long enough for a restart to matter, short beside any timeout. */
#define QUERY_CLOSED_NS 300000000LL

struct query {
	uint8_t state;	  /* enum query_state */
	uint8_t patience; /* index; limits below are copies of it */
	uint8_t tries_max;
	uint8_t tries;		       /* over UDP, of which */
	uint8_t unsent;		       /* did not leave this machine */
	uint8_t streams;	       /* sent over a stream, or in vain waited for one */
	uint8_t wait;		       /* which wait is running, 0..QUERY_WAITS-1 */
	uint8_t mismatches, malformed; /* saturating */
	bool truncated, closed;
	bool bare;    /* such an error came, and is believed if nothing else comes soon */
	bool suspect; /* UDP is not believed any more */
	bool stream_only : 1, no_stream : 1;
	bool stream_sent : 1;	/* it went out over a connection */
	uint8_t outcome;	/* enum outcome */
	uint8_t stream_outcome; /* enum outcome */
};

void query_init(struct query *query, unsigned ask, const struct patience *patience, int index);
enum query_action query_step(struct query *query, enum query_event event);
