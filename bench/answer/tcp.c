/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
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
	size_t in_len, out_len;
	uint8_t in[IN_MAX];
	uint8_t out[OUT_MAX];
};

static void watch(int epoll, int fd, uint32_t events, void *what, int operation)
{
	struct epoll_event event = {.events = events, .data.ptr = what};

	epoll_ctl(epoll, operation, fd, &event);
}

static void take_connections(struct tcp_server *server, int epoll, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct connection *connection = malloc(sizeof *connection);

		if (!connection) {
			close(fd);
			return;
		}
		connection->fd = fd;
		connection->listens = connection->waits_for_room = false;
		connection->in_len = connection->out_len = 0;
		server->tally.tcp_connections++;
		watch(epoll, fd, EPOLLIN, connection, EPOLL_CTL_ADD);
	}
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
		if (!reply_read(connection->in + at + 2, len, &asking))
			return false;
		server->tally.tcp_queries++;
		out_len = reply_write(out + 2, connection->in + at + 2, &asking, server->shares,
				      true, false);
		out[0] = (uint8_t)(out_len >> 8);
		out[1] = (uint8_t)out_len;
		connection->out_len += 2 + out_len;
		at += 2 + len;
	}
	connection->in_len -= at;
	memmove(connection->in, connection->in + at, connection->in_len);
	return true;
}

static bool write_out(int epoll, struct connection *connection)
{
	ssize_t sent;

	if (connection->out_len == 0)
		return true;
	sent = send(connection->fd, connection->out, connection->out_len, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN)
		return false;
	if (sent > 0) {
		connection->out_len -= (size_t)sent;
		memmove(connection->out, connection->out + sent, connection->out_len);
	}
	if (connection->waits_for_room != (connection->out_len > 0)) {
		connection->waits_for_room = connection->out_len > 0;
		watch(epoll, connection->fd, connection->waits_for_room ? EPOLLOUT : EPOLLIN,
		      connection, EPOLL_CTL_MOD);
	}
	return true;
}

static bool serve_connection(struct tcp_server *server, int epoll, struct connection *connection)
{
	if (!connection->waits_for_room) {
		ssize_t got = recv(connection->fd, connection->in + connection->in_len,
				   IN_MAX - connection->in_len, 0);

		if (got <= 0)
			return got < 0 && errno == EAGAIN;
		connection->in_len += (size_t)got;
	}
	for (;;) {
		size_t before = connection->in_len;

		if (!answer_messages(server, connection) || !write_out(epoll, connection))
			return false;
		if (connection->in_len == before || connection->out_len > 0)
			return true;
	}
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
			struct connection *connection = events[i].data.ptr;

			if (!connection)
				goto out;
			if (connection->listens) {
				take_connections(server, epoll, connection->fd);
			} else if (!serve_connection(server, epoll, connection)) {
				close(connection->fd);
				free(connection);
			}
		}
	}
out:
	free(listeners);
	if (epoll >= 0)
		close(epoll);
	return NULL;
}
