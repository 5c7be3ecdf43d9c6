/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * stream -- DNS messages over a byte stream, each behind its length in two octets (io/frame.h).
 *
 * One connection, many messages in flight; the owner matches answers to questions. Queries are put
 * together and leave in one write (stream_flush()); answers are handed out where they were read,
 * many at a time.
 * Owner    the thread that runs the event base. Callbacks come from that base's loop only, never
 *          from inside a call.
 * Memory   what is queued is bounded by STREAM_BACKLOG; of what was received only a message that is
 *          not whole yet is kept.
 * Signals  the program ignores SIGPIPE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"
#include "io/frame.h"
#include "io/tls.h"

struct event_base;
struct stream;

enum stream_end {
	STREAM_CLOSED,	    /* by the other side, in order, between two messages */
	STREAM_REFUSED,	    /* connection refused, or TLS by an alert */
	STREAM_UNTRUSTED,   /* with TLS: the server is not who it has to be */
	STREAM_UNREACHABLE, /* no route, host or network unreachable, permission denied */
	STREAM_RESET,	    /* reset after it was up */
	STREAM_MALFORMED, /* a message of no octets, or cut off by the close; no TLS where it should
			     be */
	STREAM_IDLE,	  /* the idle time passed, or connecting took longer than it */
};

/* A message of at least one octet. */
struct stream_message {
	const uint8_t *data;
	size_t len;
};

/* Messages handed out at a time. */
#define STREAM_BATCH 64

struct stream_events {
	/* The connection is up, with TLS its handshake done. May be NULL. */
	void (*up)(void *owner);
	/* Whole messages, 1..STREAM_BATCH, valid during the call. */
	void (*messages)(void *owner, const struct stream_message *messages, unsigned count);
	/* The stream is over, once and for all: no call comes after this one. */
	void (*end)(void *owner, enum stream_end why);
};

/* Octets asked of the kernel at a time. */
#define STREAM_READ (64 * 1024)

/* Where the streams of one thread read; no longer than a callback is anything in it. */
struct stream_inbox {
	uint8_t data[FRAME_MAX + STREAM_READ];
};

#define STREAM_BACKLOG (256 * 1024)

struct stream_config {
	struct event_base *base;
	struct stream_inbox *inbox;
	const struct addr *to;
	const struct addr *source; /* NULL: the kernel's choice */
	struct tls_peer *tls;	   /* NULL: without TLS; must outlive the stream */
	int idle_ms; /* at least 1: closes after that long without an octet sent or received */
	const struct stream_events *events;
	void *owner;
};

/*
 * Starts to connect. NULL: out of memory, descriptors or ports, errno set; every other failure
 * comes through events->end.
 */
struct stream *stream_connect(const struct stream_config *config);
/*
 * Queues one message (len 1..65535), also before the connection is up. False: backlog full, out of
 * memory, or the stream is over. True promises no more than that events->end tells if it was lost.
 */
bool stream_send(struct stream *stream, const uint8_t *message, size_t len);
/* Sends what is queued as soon as the connection is up, and what the kernel does not take at once
 * by itself later. */
void stream_flush(struct stream *stream);
/* Closes without further callbacks; may be called from each of them, and must be called once after
 * the end, too. Accepts a pointer to NULL; sets it to NULL. */
void stream_destroy(struct stream **stream);
