/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * stream -- DNS messages over a byte stream, each behind its length in two octets (RFC 1035 4.2.2, RFC 7766).
 *
 * One connection, many messages in flight; the owner matches answers to questions. Built on libevent's bufferevents, so
 * TLS is the same stream with another bufferevent below (io/tls.h).
 * Owner     the thread that runs the event base. Callbacks come from that base's loop only, never from inside a call.
 * Memory    what is queued and received is bounded by STREAM_BACKLOG and 64 KiB a message.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"

struct event_base;
struct stream;

enum stream_end {
	STREAM_CLOSED,      /* by the other side, in order */
	STREAM_REFUSED,     /* connection refused */
	STREAM_UNREACHABLE, /* no route, host or network unreachable, permission denied */
	STREAM_RESET,       /* reset after it was up */
	STREAM_MALFORMED,   /* impossible framing, or a TLS failure */
	STREAM_IDLE,        /* the idle time passed, or connecting took longer than it */
};

struct stream_events {
	/* The connection is up (and verified, with TLS). May be NULL. */
	void (*up)(void *owner);
	/* One whole message, valid during the call. */
	void (*message)(void *owner, const uint8_t *message, size_t len);
	/* The stream is over; stream_destroy() may be called from here, or later. */
	void (*end)(void *owner, enum stream_end why);
};

#define STREAM_BACKLOG (256 * 1024)

/* Starts to connect, from `source` when not NULL. idle_ms: closes after that long without traffic. NULL: out of memory or
 * descriptors, errno set; every other failure comes through events->end. */
struct stream *stream_connect(struct event_base *base, const struct addr *to, const struct addr *source, int idle_ms,
			      const struct stream_events *events, void *owner);
/* Queues one message (len at most 65535). False: backlog full or out of memory. */
bool stream_send(struct stream *stream, const uint8_t *message, size_t len);
/* Closes without further callbacks. Accepts a pointer to NULL; sets it to NULL. */
void stream_destroy(struct stream **stream);
