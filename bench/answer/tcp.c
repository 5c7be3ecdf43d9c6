/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/answer/tcp.h"

#define IN_MAX	(16 * 1024)
#define OUT_MAX (64 * 1024)
#define EVENTS	256

struct connection {
	int fd;
	bool listens;
	bool waits_for_room; /* asked to be told when it can write */
	bool stalled;	     /* nothing is said any more */
	struct secure_link *secure;
	size_t in_len, out_at, out_len;
	size_t piece_left; /* of an answer that was not sent whole */
	uint8_t in[IN_MAX];
	uint8_t out[OUT_MAX];
};

static const char *const habit_words[] = {"none",   "closes", "backwards", "mute",
					  "stalls", "silent", "garbage"};

bool habit_parse(const char *word, enum habit *habit)
{
	for (unsigned i = 0; i < sizeof habit_words / sizeof *habit_words; i++)
		if (strcmp(habit_words[i], word) == 0) {
			*habit = (enum habit)i;
			return true;
		}
	return false;
}

/* What it does now. */
static enum habit habit_of(const struct tcp_server *server)
{
	return server->tally.tcp_queries < server->habit_after ? HABIT_NONE : server->habit;
}

/* Nothing is to be had of it, not even a handshake. */
static bool is_shut(const struct tcp_server *server)
{
	return habit_of(server) == HABIT_SILENT || habit_of(server) == HABIT_GARBAGE;
}

static void watch(int epoll, int fd, uint32_t events, void *what, int operation)
{
	struct epoll_event event = {.events = events, .data.ptr = what};

	epoll_ctl(epoll, operation, fd, &event);
}

static void end_connection(struct tcp_server *server, struct connection *connection)
{
	if (connection->secure)
		server->tally.tls_resumed += secure_was_resumed(connection->secure);
	secure_end(&connection->secure);
	close(connection->fd);
	free(connection);
}

static void take_connections(struct tcp_server *server, int epoll, int listener)
{
	static const char garbage[] = "220 mail.example ESMTP\r\n";
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct connection *connection = malloc(sizeof *connection);

		if (!connection) {
			close(fd);
			return;
		}
		memset(connection, 0, offsetof(struct connection, in));
		connection->fd = fd;
		if (server->secure && !(connection->secure = secure_accept(server->secure, fd))) {
			end_connection(server, connection);
			return;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		server->tally.tcp_connections++;
		if (habit_of(server) == HABIT_GARBAGE)
			(void)!send(fd, garbage, sizeof garbage - 1, MSG_NOSIGNAL);
		connection->stalled =
			habit_of(server) == HABIT_GARBAGE || habit_of(server) == HABIT_SILENT;
		watch(epoll, fd, connection->stalled ? 0 : EPOLLIN, connection, EPOLL_CTL_ADD);
	}
}

static ssize_t lower_read(struct connection *connection, void *into, size_t room)
{
	return connection->secure ? secure_read(connection->secure, into, room)
				  : recv(connection->fd, into, room, 0);
}

static ssize_t lower_write(struct connection *connection, const void *data, size_t len)
{
	return connection->secure ? secure_write(connection->secure, data, len)
				  : send(connection->fd, data, len, MSG_NOSIGNAL);
}

/* The answer before all that were put there before. */
static void move_to_front(struct connection *connection, size_t frame)
{
	uint8_t copy[2 + REPLY_MAX];

	memcpy(copy, connection->out + connection->out_len, frame);
	memmove(connection->out + connection->out_at + frame, connection->out + connection->out_at,
		connection->out_len - connection->out_at);
	memcpy(connection->out + connection->out_at, copy, frame);
}

/* Answers what is whole while there is room; false: not DNS, to be closed. */
static bool answer_messages(struct tcp_server *server, struct connection *connection)
{
	size_t at = 0;

	while (connection->in_len - at >= 2 && OUT_MAX - connection->out_len >= 2 + REPLY_MAX) {
		size_t len = (size_t)(connection->in[at] << 8 | connection->in[at + 1]);
		uint8_t *out = connection->out + connection->out_len;
		struct asking asking;
		size_t out_len;

		if (len > IN_MAX - 2)
			return false;
		if (connection->in_len - at - 2 < len)
			break;
		if (is_shut(server) || !reply_read(connection->in + at + 2, len, &asking))
			return false;
		server->tally.tcp_queries++;
		server->tally.queries++;
		server->tally.answers += habit_of(server) != HABIT_MUTE;
		out_len = reply_write(out + 2, connection->in + at + 2, &asking, server->shares,
				      true, false);
		out[0] = (uint8_t)(out_len >> 8);
		out[1] = (uint8_t)out_len;
		if (habit_of(server) == HABIT_BACKWARDS)
			move_to_front(connection, 2 + out_len);
		if (habit_of(server) != HABIT_MUTE)
			connection->out_len += 2 + out_len;
		at += 2 + len;
	}
	connection->in_len -= at;
	memmove(connection->in, connection->in + at, connection->in_len);
	return true;
}

/* Octets that leave together. */
static size_t next_piece(const struct tcp_server *server, const struct connection *connection)
{
	const uint8_t *at = connection->out + connection->out_at;

	if (connection->piece_left > 0)
		return connection->piece_left;
	if (server->together)
		return connection->out_len - connection->out_at;
	return 2U + (size_t)(at[0] << 8 | at[1]);
}

/* False: to be closed. */
static bool write_out(struct tcp_server *server, int epoll, struct connection *connection)
{
	while (connection->out_at < connection->out_len) {
		size_t piece = next_piece(server, connection);
		ssize_t sent;

		if (habit_of(server) == HABIT_STALLS) {
			connection->stalled = true;
			watch(epoll, connection->fd, 0, connection, EPOLL_CTL_MOD);
			if (connection->secure)
				secure_write_half(connection->secure, connection->out, piece);
			else
				(void)!send(connection->fd, connection->out, piece / 2,
					    MSG_NOSIGNAL);
			return true;
		}
		sent = lower_write(connection, connection->out + connection->out_at, piece);
		if (sent <= 0 && errno != EAGAIN)
			return false;
		if (sent < 0)
			break;
		connection->out_at += (size_t)sent;
		connection->piece_left = piece - (size_t)sent;
		if (habit_of(server) == HABIT_CLOSES)
			return false;
	}
	memmove(connection->out, connection->out + connection->out_at,
		connection->out_len - connection->out_at);
	connection->out_len -= connection->out_at;
	connection->out_at = 0;
	if (connection->waits_for_room != (connection->out_len > 0)) {
		connection->waits_for_room = connection->out_len > 0;
		watch(epoll, connection->fd, connection->waits_for_room ? EPOLLOUT : EPOLLIN,
		      connection, EPOLL_CTL_MOD);
	}
	return true;
}

static bool serve_connection(struct tcp_server *server, int epoll, struct connection *connection)
{
	if (connection->waits_for_room && !write_out(server, epoll, connection))
		return false;
	while (!connection->waits_for_room && !connection->stalled) {
		bool good;
		ssize_t got = lower_read(connection, connection->in + connection->in_len,
					 IN_MAX - connection->in_len);

		if (got <= 0)
			return got < 0 && errno == EAGAIN;
		connection->in_len += (size_t)got;
		good = answer_messages(server, connection);
		if (!write_out(server, epoll, connection) || !good)
			return false;
	}
	return true;
}

static void serve_event(struct tcp_server *server, int epoll, const struct epoll_event *event)
{
	struct connection *connection = event->data.ptr;

	if (connection->listens)
		take_connections(server, epoll, connection->fd);
	else if (event->events & (EPOLLHUP | EPOLLERR) || connection->stalled ||
		 !serve_connection(server, epoll, connection))
		end_connection(server, connection);
}

void *tcp_serve(void *argument)
{
	struct tcp_server *server = argument;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct connection *listeners = calloc(server->count, sizeof *listeners);
	struct epoll_event events[EVENTS];

	if (epoll < 0 || !listeners)
		goto out;
	watch(epoll, server->stop, EPOLLIN, NULL, EPOLL_CTL_ADD);
	for (unsigned i = 0; i < server->count; i++) {
		listeners[i].fd = server->listeners[i];
		listeners[i].listens = true;
		watch(epoll, listeners[i].fd, EPOLLIN, &listeners[i], EPOLL_CTL_ADD);
	}
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			if (!events[i].data.ptr)
				goto out;
			serve_event(server, epoll, &events[i]);
		}
	}
out:
	free(listeners);
	if (epoll >= 0)
		close(epoll);
	return NULL;
}
