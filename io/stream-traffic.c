/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What goes over a stream that is up: messages put together from octets, and octets queued until
 * they are taken.
 */
#include "io/stream-inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is below: the socket, or TLS on it ---- */

static enum tls_result result_of_errno(enum tls_result wants)
{
	return errno == EAGAIN || errno == EWOULDBLOCK ? wants : TLS_ERRNO;
}

static enum tls_result lower_read(struct stream *stream, uint8_t *into, size_t room, size_t *got)
{
	ssize_t octets;

	if (stream->tls)
		return tls_read(stream->tls, into, room, got);
	do
		octets = recv(stream->fd, into, room, 0);
	while (octets < 0 && errno == EINTR);
	if (octets < 0)
		return result_of_errno(TLS_WANTS_READ);
	*got = (size_t)octets;
	return octets > 0 ? TLS_DONE : TLS_CLOSED;
}

static enum tls_result lower_write(struct stream *stream, const uint8_t *data, size_t len,
				   size_t *taken)
{
	ssize_t octets;

	if (stream->tls)
		return tls_write(stream->tls, data, len, taken);
	do
		octets = send(stream->fd, data, len, MSG_NOSIGNAL);
	while (octets < 0 && errno == EINTR);
	if (octets < 0)
		return result_of_errno(TLS_WANTS_WRITE);
	*taken = (size_t)octets;
	return TLS_DONE;
}

/* Why a stream ends whose socket or TLS said this; error: of TLS_ERRNO. */
enum stream_end stream_end_of_result(const struct stream *stream, enum tls_result result, int error)
{
	switch (result) {
	case TLS_ERRNO:
		return stream_end_of(error, stream->up);
	case TLS_REFUSED:
		return stream->up ? STREAM_RESET : STREAM_REFUSED;
	case TLS_UNTRUSTED:
		return STREAM_UNTRUSTED;
	case TLS_MALFORMED:
		return STREAM_MALFORMED;
	default:
		return STREAM_CLOSED;
	}
}

/* ---- in ---- */

/* Hands out the whole messages in data[0..len); how many octets they took. */
static size_t deliver(struct stream *stream, const uint8_t *data, size_t len)
{
	struct stream_message list[STREAM_BATCH];
	unsigned count = 0;
	size_t at = 0;

	while (!stream->over) {
		size_t octets = frame_octets(data + at, len - at);
		bool whole = octets > 0 && octets <= len - at;

		if (whole) {
			list[count++] = (struct stream_message){data + at + FRAME_HEADER,
								octets - FRAME_HEADER};
			at += octets;
		}
		if (count == STREAM_BATCH || (!whole && count > 0)) {
			stream->config.events->messages(stream->config.owner, list, count);
			count = 0;
		}
		if (!whole) {
			if (octets == 0)
				stream_finish(stream, STREAM_MALFORMED);
			break;
		}
	}
	return at;
}

/* False: out of memory. */
static bool keep_rest(struct stream *stream, const uint8_t *data, size_t len)
{
	if (len > stream->rest_cap) {
		uint8_t *more = realloc(stream->rest, len);

		if (!more)
			return false;
		stream->rest = more;
		stream->rest_cap = len;
	}
	if (len > 0)
		memcpy(stream->rest, data, len);
	stream->rest_len = len;
	return true;
}

/* Nothing more comes. */
static void read_end(struct stream *stream, enum tls_result result, int error)
{
	/* An error went to a write, and the read after it may find nothing but the end. */
	if (result == TLS_CLOSED && stream->write_failed)
		stream_finish(stream, STREAM_RESET);
	else if (result == TLS_CLOSED && stream->rest_len > 0)
		stream_finish(stream, STREAM_MALFORMED);
	else
		stream_finish(stream, stream_end_of_result(stream, result, error));
}

/* What was read: the rest of before, and `got` octets behind it. */
static void take(struct stream *stream, size_t got)
{
	uint8_t *data = stream->config.inbox->data;
	size_t len = stream->rest_len + got, used;

	if (stream->rest_len > 0)
		memcpy(data, stream->rest, stream->rest_len);
	used = deliver(stream, data, len);
	if (!stream->over && !keep_rest(stream, data + used, len - used))
		stream_finish(stream, STREAM_RESET);
}

/* Reads as much as there is room for. True: there may be more. */
bool stream_read_some(struct stream *stream)
{
	uint8_t *room = stream->config.inbox->data + stream->rest_len;
	enum tls_result result = TLS_DONE;
	size_t got = 0;
	int error;

	/* TLS hands out a record at a time, which may hold no more than one answer. */
	while (result == TLS_DONE && got < STREAM_READ) {
		size_t more = 0;

		result = lower_read(stream, room + got, STREAM_READ - got, &more);
		got += more;
		if (!stream->tls)
			break;
	}
	error = errno;
	if (got > 0) {
		stream_touch(stream);
		take(stream, got);
	}
	if (stream->over)
		return false;
	if (result == TLS_WANTS_WRITE)
		event_add(stream->writes, NULL);
	if (result == TLS_DONE)
		return got == STREAM_READ;
	if (result != TLS_WANTS_READ && result != TLS_WANTS_WRITE)
		read_end(stream, result, error);
	else if (stream->write_failed)
		stream_finish(stream, STREAM_RESET);
	return false;
}

/* ---- out ---- */

/* What is taken now. */
void stream_write_out(struct stream *stream)
{
	bool taken_any = false;

	while (stream->out_at < stream->out_len && !stream->write_failed) {
		size_t taken = 0;
		enum tls_result result = lower_write(stream, stream->out + stream->out_at,
						     stream->out_len - stream->out_at, &taken);

		stream->out_at += taken;
		taken_any |= taken > 0;
		if (result == TLS_WANTS_WRITE)
			event_add(stream->writes, NULL);
		if (result == TLS_WANTS_WRITE || result == TLS_WANTS_READ)
			break;
		/* What was sent to us before may still be there: the reader tells of the end. */
		stream->write_failed = result != TLS_DONE;
		if (stream->write_failed)
			event_active(stream->reads, EV_READ, 0);
	}
	if (stream->out_at == stream->out_len)
		stream->out_at = stream->out_len = 0;
	if (taken_any)
		stream_touch(stream);
}

void stream_flush(struct stream *stream)
{
	if (stream->up && !stream->over && !stream->failed)
		stream_write_out(stream);
}

/* Room for len octets behind those queued; NULL: backlog full, or out of memory. */
static uint8_t *out_room(struct stream *stream, size_t len)
{
	size_t queued = stream->out_len - stream->out_at;

	if (queued + len > STREAM_BACKLOG)
		return NULL;
	if (stream->out_len + len > stream->out_cap && stream->out_at > 0) {
		memmove(stream->out, stream->out + stream->out_at, queued);
		stream->out_at = 0;
		stream->out_len = queued;
	}
	if (stream->out_len + len > stream->out_cap) {
		size_t cap = stream->out_cap ? stream->out_cap : 1024;
		uint8_t *more;

		while (cap < stream->out_len + len)
			cap *= 2;
		more = realloc(stream->out, cap);
		if (!more)
			return NULL;
		stream->out = more;
		stream->out_cap = cap;
	}
	return stream->out + stream->out_len;
}

bool stream_send(struct stream *stream, const uint8_t *message, size_t len)
{
	uint8_t *room;

	assert(len > 0 && len <= FRAME_MESSAGE);
	if (stream->over)
		return false;
	if (stream->failed) /* the end is on its way */
		return true;
	room = out_room(stream, FRAME_HEADER + len);
	if (!room)
		return false;
	stream->out_len += frame_write(room, message, len);
	return true;
}
