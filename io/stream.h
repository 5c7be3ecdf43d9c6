/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * stream -- DNS messages over a byte stream, each behind its length in two octets (io/frame.h).
 *
 * One connection, many messages in flight; the owner matches answers to questions. Built on
 * libevent's bufferevents, so TLS is the same stream with another bufferevent below (io/tls.h).
 * Owner     the thread that runs the event base. Callbacks come from that base's loop only, never
 *           from inside a call.
 * Memory    what is queued is bounded by STREAM_BACKLOG, what is received by two messages.
 * Signals   the program ignores SIGPIPE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"

struct event_base;
struct stream;

enum stream_end {
	STREAM_CLOSED,	    /* by the other side, in order, between two messages */
	STREAM_REFUSED,	    /* connection refused */
	STREAM_UNREACHABLE, /* no route, host or network unreachable, permission denied */
	STREAM_RESET,	    /* reset after it was up */
	STREAM_MALFORMED,   /* a message of no octets, or cut off by the close; a TLS failure */
	STREAM_IDLE,	    /* the idle time passed, or connecting took longer than it */
};

struct stream_events {
	/* The connection is up (and verified, with TLS). May be NULL. */
	void (*up)(void *owner);
	/* One whole message of at least one octet, valid during the call. */
	void (*message)(void *owner, const uint8_t *message, size_t len);
	/* The stream is over, once and for all: no call comes after this one. */
	void (*end)(void *owner, enum stream_end why);
};

#define STREAM_BACKLOG (256 * 1024)

/*
 * Starts to connect, from `source` when not NULL. idle_ms (at least 1): closes after that long
 * without an octet sent or received. NULL: out of memory, descriptors or ports, errno set; every
 * other failure comes through events->end.
 */
struct stream *stream_connect(struct event_base *base, const struct addr *to,
			      const struct addr *source, int idle_ms,
			      const struct stream_events *events, void *owner);
/*
 * Queues one message (len 1..65535), also before the connection is up. False: backlog full, out of
 * memory, or the stream is over. True promises no more than that events->end tells if it was lost.
 */
bool stream_send(struct stream *stream, const uint8_t *message, size_t len);
/* Closes without further callbacks; may be called from each of them, and must be called once after
 * the end, too. Accepts a pointer to NULL; sets it to NULL. */
void stream_destroy(struct stream **stream);
