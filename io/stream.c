/* SPDX-License-Identifier: BSD-2-Clause */

/*
 *     stream_connect() -> connecting -> (TLS handshake) -> up -> messages both ways -> end
 *                     \-> failed at once -------------------- timer, from the loop ^
 *
 * Since an owner may destroy the stream inside any callback, the memory stays until the outermost
 * one has returned.
 */
#include "io/stream-inside.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

/* So often a stream reads in a row before others have their turn. */
#define READS_MAX 4

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
void stream_finish(struct stream *stream, enum stream_end why)
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

enum stream_end stream_end_of(int error, bool up)
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

void stream_touch(struct stream *stream)
{
	event_add(stream->timer, &stream->idle);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	(void)fd;
	(void)what;
	enter(stream);
	stream_finish(stream, stream->why);
	leave(stream);
}

/* ---- connecting ---- */

static void on_up(struct stream *stream)
{
	stream->up = true;
	stream_touch(stream);
	if (stream->config.events->up)
		stream->config.events->up(stream->config.owner);
	if (!stream->over)
		stream_write_out(stream);
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
		stream_finish(stream, stream_end_of_result(stream, result, errno));
}

static void on_connected(struct stream *stream)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		stream_finish(stream, stream_end_of(error, false));
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
		stream_finish(stream, STREAM_RESET);
}

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
		more = stream_read_some(stream);
	/* What TLS has read ahead makes no socket readable. */
	if (more)
		event_active(stream->reads, EV_READ, 0);
	leave(stream);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	(void)fd;
	(void)what;
	enter(stream);
	if (stream->up)
		stream_write_out(stream);
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
		fail(stream, stream_end_of(errno, false));
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
