/* SPDX-License-Identifier: BSD-2-Clause */

/*
 *     stream_connect() -> connecting -> (TLS handshake) -> up -> messages both ways -> end
 *                     \-> failed at once -------------------- timer, from the loop ^
 *
 * Since an owner may destroy the stream inside any callback, the memory stays until the outermost
 * one has returned.
 */
#include "io/stream.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So often a stream reads in a row before others have their turn. */
#define READS_MAX 4

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

static void drop_connection(struct stream *stream)
{
	if (stream->fd < 0)
		return;
	if (stream->reads)
		event_free(stream->reads);
	if (stream->writes)
		event_free(stream->writes);
	stream->reads = stream->writes = NULL;
	tls_end(&stream->tls);
	close(stream->fd);
	stream->fd = -1;
}

static void release(struct stream *stream)
{
	drop_connection(stream);
	if (stream->timer)
		event_free(stream->timer);
	free(stream->out);
	free(stream->rest);
	free(stream);
}

static void enter(struct stream *stream)
{
	stream->depth++;
}

static void leave(struct stream *stream)
{
	if (--stream->depth == 0 && stream->destroyed)
		release(stream);
}

void stream_destroy(struct stream **stream)
{
	struct stream *gone = *stream;

	if (!gone)
		return;
	*stream = NULL;
	gone->over = true;
	gone->destroyed = true;
	if (gone->depth == 0)
		release(gone);
	else
		drop_connection(gone);
}

/* From the loop only. */
static void finish(struct stream *stream, enum stream_end why)
{
	if (stream->over)
		return;
	stream->over = true;
	event_del(stream->timer);
	drop_connection(stream);
	stream->config.events->end(stream->config.owner, why);
}

/* Outside the loop: the timer tells. */
static void fail(struct stream *stream, enum stream_end why)
{
	static const struct timeval at_once;

	stream->failed = true;
	stream->why = why;
	drop_connection(stream);
	event_add(stream->timer, &at_once);
}

static enum stream_end end_of(int error, bool up)
{
	switch (error) {
	case ECONNREFUSED:
		return STREAM_REFUSED;
	case ETIMEDOUT: /* the kernel gave up before we did */
		return STREAM_IDLE;
	case ECONNRESET:
	case EPIPE:
		return up ? STREAM_RESET : STREAM_REFUSED;
	case ENOMEM: /* as if it had been lost on the way */
		return STREAM_RESET;
	default:
		return STREAM_UNREACHABLE;
	}
}

static void touch(struct stream *stream)
{
	event_add(stream->timer, &stream->idle);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	(void)fd;
	(void)what;
	enter(stream);
	finish(stream, stream->why);
	leave(stream);
}

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
static enum stream_end end_of_result(const struct stream *stream, enum tls_result result, int error)
{
	switch (result) {
	case TLS_ERRNO:
		return end_of(error, stream->up);
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
				finish(stream, STREAM_MALFORMED);
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
		finish(stream, STREAM_RESET);
	else if (result == TLS_CLOSED && stream->rest_len > 0)
		finish(stream, STREAM_MALFORMED);
	else
		finish(stream, end_of_result(stream, result, error));
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
		finish(stream, STREAM_RESET);
}

/* Reads as much as there is room for. True: there may be more. */
static bool read_some(struct stream *stream)
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
		touch(stream);
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
		finish(stream, STREAM_RESET);
	return false;
}

static void shake(struct stream *stream);

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;
	bool more = true;

	(void)fd;
	(void)what;
	enter(stream);
	if (!stream->up) {
		shake(stream);
		leave(stream);
		return;
	}
	for (int i = 0; i < READS_MAX && more; i++)
		more = read_some(stream);
	/* What TLS has read ahead makes no socket readable. */
	if (more)
		event_active(stream->reads, EV_READ, 0);
	leave(stream);
}

/* ---- out ---- */

/* What is taken now. */
static void write_out(struct stream *stream)
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
		touch(stream);
}

void stream_flush(struct stream *stream)
{
	if (stream->up && !stream->over && !stream->failed)
		write_out(stream);
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

/* ---- connecting ---- */

static void on_up(struct stream *stream)
{
	stream->up = true;
	touch(stream);
	if (stream->config.events->up)
		stream->config.events->up(stream->config.owner);
	if (!stream->over)
		write_out(stream);
	/* The first messages may have come with the end of the handshake. */
	if (!stream->over && stream->tls)
		event_active(stream->reads, EV_READ, 0);
}

/* Goes on with the handshake. */
static void shake(struct stream *stream)
{
	enum tls_result result = tls_handshake(stream->tls);

	if (result == TLS_DONE)
		on_up(stream);
	else if (result == TLS_WANTS_WRITE)
		event_add(stream->writes, NULL);
	else if (result != TLS_WANTS_READ)
		finish(stream, end_of_result(stream, result, errno));
}

static void on_connected(struct stream *stream)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		finish(stream, end_of(error, false));
		return;
	}
	event_add(stream->reads, NULL);
	if (!stream->config.tls) {
		on_up(stream);
		return;
	}
	stream->tls = tls_start(stream->config.tls, stream->fd);
	if (stream->tls)
		shake(stream);
	else
		finish(stream, STREAM_RESET);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	(void)fd;
	(void)what;
	enter(stream);
	if (stream->up)
		write_out(stream);
	else if (stream->tls)
		shake(stream);
	else
		on_connected(stream);
	leave(stream);
}

/* A socket that connects, or -1 with errno. */
static int start_socket(const struct addr *to, const struct addr *source)
{
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int on = 1;
	int error;

	if (fd < 0)
		return -1;
	/* A flush is what there is to say: it must not wait for an ACK of the one before. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* The port is chosen by connect(), which knows the destination: far more of them to choose
	 * from. */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if ((!source || bind(fd, &source->sa, source->len) == 0) &&
	    (connect(fd, &to->sa, to->len) == 0 || errno == EINPROGRESS))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* What is wrong here rather than in the network. */
static bool is_own_fault(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
	       error == EADDRNOTAVAIL || error == EADDRINUSE;
}

/* False: errno. */
static bool start(struct stream *stream, const struct stream_config *config)
{
	errno = ENOMEM;
	stream->timer = evtimer_new(config->base, on_timer, stream);
	if (!stream->timer)
		return false;
	stream->fd = start_socket(config->to, config->source);
	if (stream->fd < 0) {
		if (is_own_fault(errno))
			return false;
		fail(stream, end_of(errno, false));
		return true;
	}
	errno = ENOMEM;
	stream->reads =
		event_new(config->base, stream->fd, EV_READ | EV_PERSIST, on_readable, stream);
	stream->writes = event_new(config->base, stream->fd, EV_WRITE, on_writable, stream);
	return stream->reads && stream->writes && event_add(stream->writes, NULL) == 0 &&
	       event_add(stream->timer, &stream->idle) == 0;
}

struct stream *stream_connect(const struct stream_config *config)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	int error;

	assert(config->idle_ms > 0);
	if (!stream)
		return NULL;
	stream->config = *config;
	stream->config.to = stream->config.source = NULL; /* may not stay */
	stream->fd = -1;
	stream->idle.tv_sec = config->idle_ms / 1000;
	stream->idle.tv_usec = config->idle_ms % 1000 * 1000;
	stream->why = STREAM_IDLE;
	if (start(stream, config))
		return stream;
	error = errno;
	release(stream);
	errno = error;
	return NULL;
}
