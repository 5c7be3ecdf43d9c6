/* SPDX-License-Identifier: BSD-2-Clause */

/*
 *     stream_connect() -> connecting -> up -> messages both ways -> end
 *                     \-> failed at once ------ timer, from the loop ^
 *
 * The bufferevent calls back from the loop only (BEV_OPT_DEFER_CALLBACKS). Since an owner may
 * destroy the stream inside any callback, the memory stays until the outermost one has returned.
 */
#include "io/stream.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/frame.h"

/* Room for a frame of any size and the start of the next. */
#define INPUT_MAX (2 * FRAME_MAX)

struct stream {
	struct bufferevent *bev; /* NULL: failed at once, or over */
	struct event *timer;	 /* counts the idle time; at once where it failed at once */
	struct timeval idle;
	const struct stream_events *events;
	void *owner;
	enum stream_end why; /* it ends when the timer runs out */
	bool up;
	bool over;	/* the end was told, or nobody wants to know */
	bool destroyed; /* to be freed when depth is 0 again */
	int depth;	/* callbacks under way */
};

static void on_traffic(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg);

/* libevent may keep the bufferevent, and its socket, for another turn: nothing may lead back to us.
 */
static void drop_connection(struct stream *stream)
{
	struct bufferevent *bev = stream->bev;

	if (!bev)
		return;
	stream->bev = NULL;
	evbuffer_remove_cb(bufferevent_get_input(bev), on_traffic, stream);
	evbuffer_remove_cb(bufferevent_get_output(bev), on_traffic, stream);
	bufferevent_disable(bev, EV_READ | EV_WRITE);
	bufferevent_free(bev); /* closes the socket */
}

static void release(struct stream *stream)
{
	drop_connection(stream);
	if (stream->timer)
		event_free(stream->timer);
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
}

static void finish(struct stream *stream, enum stream_end why)
{
	if (stream->over)
		return;
	stream->over = true;
	event_del(stream->timer);
	drop_connection(stream);
	stream->events->end(stream->owner, why);
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

/* Octets came in, or the kernel took some. */
static void on_traffic(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct stream *stream = arg;
	bool input = buffer == bufferevent_get_input(stream->bev);

	if (stream->up && !stream->over && (input ? info->n_added : info->n_deleted) > 0)
		touch(stream);
}

/* Hands out all messages that are there, and asks not to be woken before the next one is. */
static void deliver(struct stream *stream)
{
	struct evbuffer *input = bufferevent_get_input(stream->bev);

	while (!stream->over) {
		uint8_t header[FRAME_HEADER];
		ssize_t seen = evbuffer_copyout(input, header, sizeof(header));
		size_t octets = frame_octets(header, seen > 0 ? (size_t)seen : 0);
		const uint8_t *frame;

		if (octets == 0) {
			finish(stream, STREAM_MALFORMED);
			return;
		}
		if (evbuffer_get_length(input) < octets) {
			bufferevent_setwatermark(stream->bev, EV_READ, octets, INPUT_MAX);
			return;
		}
		frame = evbuffer_pullup(input, (ev_ssize_t)octets);
		if (!frame) { /* out of memory: as if it had been lost on the way */
			finish(stream, STREAM_RESET);
			return;
		}
		stream->events->message(stream->owner, frame + FRAME_HEADER, octets - FRAME_HEADER);
		if (!stream->over)
			evbuffer_drain(input, octets);
	}
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct stream *stream = arg;

	(void)bev;
	enter(stream);
	if (!stream->over)
		deliver(stream);
	leave(stream);
}

static void on_up(struct stream *stream)
{
	stream->up = true;
	touch(stream);
	bufferevent_setwatermark(stream->bev, EV_READ, FRAME_HEADER, INPUT_MAX);
	bufferevent_enable(stream->bev, EV_READ);
	if (stream->events->up)
		stream->events->up(stream->owner);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct stream *stream = arg;
	int error = EVUTIL_SOCKET_ERROR(); /* before anything else touches errno */

	enter(stream);
	if (stream->over) {
		/* the owner has lost interest */
	} else if (what & BEV_EVENT_CONNECTED) {
		on_up(stream);
	} else if (what & BEV_EVENT_EOF && what & BEV_EVENT_ERROR) {
		/* The error went to a write, and the read after it found nothing but the end. */
		finish(stream, STREAM_RESET);
	} else if (what & BEV_EVENT_ERROR) {
		finish(stream, end_of(error, stream->up));
	} else {
		/* All whole messages are out already: on_read() came first. */
		bool cut = evbuffer_get_length(bufferevent_get_input(bev)) > 0;

		finish(stream, cut ? STREAM_MALFORMED : STREAM_CLOSED);
	}
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
	/* A query is one small segment that nothing follows: it must not wait for an ACK. */
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

/* Runs over `fd`, which it owns from now on. False: out of memory. */
static bool run_over(struct stream *stream, struct event_base *base, int fd)
{
	int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;

	stream->bev = bufferevent_socket_new(base, fd, options);
	if (!stream->bev) {
		close(fd);
		return false;
	}
	bufferevent_setcb(stream->bev, on_read, NULL, on_event, stream);
	return evbuffer_add_cb(bufferevent_get_input(stream->bev), on_traffic, stream) &&
	       evbuffer_add_cb(bufferevent_get_output(stream->bev), on_traffic, stream) &&
	       /* no address: it connects already, tell when it is done */
	       bufferevent_socket_connect(stream->bev, NULL, 0) == 0;
}

struct stream *stream_connect(struct event_base *base, const struct addr *to,
			      const struct addr *source, int idle_ms,
			      const struct stream_events *events, void *owner)
{
	static const struct timeval at_once;
	struct stream *stream = calloc(1, sizeof(*stream));
	int fd;

	assert(idle_ms > 0);
	if (!stream)
		return NULL;
	stream->events = events;
	stream->owner = owner;
	stream->idle.tv_sec = idle_ms / 1000;
	stream->idle.tv_usec = idle_ms % 1000 * 1000;
	stream->why = STREAM_IDLE;
	stream->timer = evtimer_new(base, on_timer, stream);
	if (!stream->timer)
		goto no_memory;
	fd = start_socket(to, source);
	if (fd >= 0) {
		if (!run_over(stream, base, fd) || event_add(stream->timer, &stream->idle) != 0)
			goto no_memory;
	} else if (is_own_fault(errno)) {
		int error = errno;

		release(stream);
		errno = error;
		return NULL;
	} else {
		stream->why = end_of(errno, false);
		if (event_add(stream->timer, &at_once) != 0)
			goto no_memory;
	}
	return stream;
no_memory:
	release(stream);
	errno = ENOMEM;
	return NULL;
}

bool stream_send(struct stream *stream, const uint8_t *message, size_t len)
{
	struct evbuffer_iovec space;
	struct evbuffer *output;

	assert(len > 0 && len <= FRAME_MESSAGE);
	if (stream->over)
		return false;
	if (!stream->bev) /* failed at once; the end is on its way */
		return true;
	output = bufferevent_get_output(stream->bev);
	if (evbuffer_get_length(output) + FRAME_HEADER + len > STREAM_BACKLOG)
		return false;
	/* In one piece, so that the length never travels alone: RFC 7766, 8. */
	if (evbuffer_reserve_space(output, (ev_ssize_t)(FRAME_HEADER + len), &space, 1) != 1)
		return false;
	if (stream->up && evbuffer_get_length(output) == 0)
		touch(stream); /* it was at rest until now */
	space.iov_len = frame_write(space.iov_base, message, len);
	return evbuffer_commit_space(output, &space, 1) == 0;
}
