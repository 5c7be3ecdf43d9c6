/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * stream-inside -- what a stream is made of. Known to io/stream.c (its beginning and its end) and
 * io/stream-traffic.c (what goes over it) only.
 */
#pragma once

#include "io/stream.h"

#include <event2/event.h>

struct stream {
	struct stream_config config;
	int fd;			      /* -1: failed at once, or over */
	struct tls_link *tls;	      /* from the moment it is connected; NULL: without */
	struct event *reads, *writes; /* NULL with fd -1 */
	struct event *timer;	      /* counts the idle time; at once where it failed */
	struct timeval idle;
	enum stream_end why; /* it ends when the timer runs out */
	bool failed;	     /* nothing is sent or read any more, the timer tells */
	bool up;
	bool over;	/* the end was told, or nobody wants to know */
	bool destroyed; /* to be freed when depth is 0 again */
	int depth;	/* callbacks under way */
	bool write_failed;
	uint8_t *out; /* queued: out[out_at..out_len) */
	size_t out_at, out_len, out_cap;
	uint8_t *rest; /* the beginning of a message that is not whole yet */
	size_t rest_len, rest_cap;
};

/* io/stream.c */
/* From the loop only: the end is told. */
void stream_finish(struct stream *stream, enum stream_end why);
/* Its idle time begins anew. */
void stream_touch(struct stream *stream);
/* Why a stream ends whose socket said errno `error`. */
enum stream_end stream_end_of(int error, bool up);

/* io/stream-traffic.c */
/* Why a stream ends whose socket or TLS said this; error: of TLS_ERRNO. */
enum stream_end stream_end_of_result(const struct stream *stream, enum tls_result result,
				     int error);
/* Reads as much as there is room for, and hands out what is whole. True: there may be more. */
bool stream_read_some(struct stream *stream);
/* Writes what is taken now. */
void stream_write_out(struct stream *stream);
