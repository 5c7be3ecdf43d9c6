/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * play_server -- a name server on loopback, in a thread of its own, that plays a script.
 *
 * A script is words parted by blanks, one for each message that arrives, the last one for all that
 * follow; UDP and TCP have one each. A word is what is done, joined by "+":
 *   answer servfail tc   answers; query: the query itself comes back
 *   lower bare          answers in lower case; an error that is nothing but a header; ids: ten answers with other IDs
 *   id question elsewhere garbage one   not an answer: other ID, other question, other port, cut off, a single octet
 *   hold release backwards   keeps this query; answers those kept; ... the last one first
 *   close cut reset      (TCP) closes; closes in the middle of an answer; resets
 *   split zero           (TCP) an answer octet by octet; a message of no octets
 *   drop                 nothing
 */
#pragma once

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/addr.h"
#include "io/clock.h"

#define PLAY_SEEN  8192
#define PLAY_CONNS 8

/* What a reply says; made by the script, or by say(). */
struct play_said {
	int rcode;
	bool ad, tc, answers, drop;
	int ede;    /* -1: none */
	bool other; /* the address is another one */
	bool lower; /* the question comes back in lower case */
};

struct play_server {
	const char *udp, *tcp; /* scripts; NULL: nobody listens there */
	/* Instead of a script: decides by the question. qname: text in lower case without the dot
	 * at the end. */
	void (*say)(void *owner, const char *qname, bool cd, struct play_said *said);
	void *owner;
	struct addr addr;
	int fd, elsewhere, listener, stop;
	pthread_t thread;
	int conns[PLAY_CONNS];
	/* To be read after play_stop(). */
	struct play_seen {
		uint16_t id, port, len;
		uint8_t from_last; /* octet of the address it came from */
		bool stream;
		int64_t at_ns;
	} seen[PLAY_SEEN];
	unsigned seen_count, udp_count, tcp_count, connections;
	unsigned most_open; /* connections at a time */
	atomic_uint heard; /* messages; what was seen of them can be read while the server runs */
	struct {
		uint8_t query[512];
		size_t len;
		struct addr from;
		int conn;
	} held[64];
	unsigned held_count;
};

static inline size_t play_question_end(const uint8_t *query, size_t len)
{
	size_t at = 12;

	while (at < len && query[at] != 0)
		at += query[at] + 1U;
	return at + 5;
}

static inline size_t play_reply(uint8_t *out, const uint8_t *query, size_t len, const struct play_said *said)
{
	size_t at = play_question_end(query, len);

	memcpy(out, query, at);
	for (size_t i = 12; said->lower && i < at - 4; i++)
		out[i] = out[i] >= 'A' && out[i] <= 'Z' ? (uint8_t)(out[i] | 0x20) : out[i];
	out[2] = (uint8_t)(0x80 | (query[2] & 0x01) | (said->tc ? 2 : 0));
	out[3] = (uint8_t)(0x80 | (query[3] & 0x10) | (said->ad ? 0x20 : 0) | said->rcode);
	memset(out + 6, 0, 6);
	if (said->answers) {
		static const uint8_t a[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 5, 53, 8, 1};

		out[7] = 1;
		memcpy(out + at, a, sizeof(a));
		out[at + sizeof(a) - 1] = said->other ? 2 : 1;
		at += sizeof(a);
	}
	if (said->ede >= 0) {
		const uint8_t opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6, 0, 15, 0, 2, 0, (uint8_t)said->ede};

		out[11] = 1;
		memcpy(out + at, opt, sizeof(opt));
		at += sizeof(opt);
	}
	return at;
}

static inline void play_qname(char text[256], const uint8_t *query)
{
	size_t used = 0;

	for (const uint8_t *label = query + 12; *label != 0; label += *label + 1) {
		memcpy(text + used, label + 1, *label);
		used += *label;
		text[used++] = '.';
	}
	text[used > 0 ? used - 1 : 0] = '\0';
	for (char *c = text; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
}

/* The word for message number n. */
static inline void play_word(const char *script, unsigned n, char word[64])
{
	size_t len;

	for (;; n--) {
		script += strspn(script, " ");
		len = strcspn(script, " ");
		if (n == 0 || script[len + strspn(script + len, " ")] == '\0')
			break;
		script += len;
	}
	memcpy(word, script, len);
	word[len] = '\0';
}

static inline void play_send(struct play_server *server, int conn, int fd, const struct addr *to, const uint8_t *data, size_t len)
{
	uint8_t framed[1024];

	if (conn < 0) {
		(void)!sendto(fd, data, len, 0, &to->sa, to->len);
		return;
	}
	(void)server;
	framed[0] = (uint8_t)(len >> 8);
	framed[1] = (uint8_t)len;
	memcpy(framed + 2, data, len);
	(void)!send(server->conns[conn], framed, len + 2, MSG_NOSIGNAL);
}

static inline void play_close(struct play_server *server, int conn, bool reset)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	if (conn < 0 || server->conns[conn] < 0)
		return;
	if (reset)
		setsockopt(server->conns[conn], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(server->conns[conn]);
	server->conns[conn] = -1;
}

static inline void play_do(struct play_server *server, int conn, const struct addr *from, const uint8_t *query, size_t len,
			   const char *what)
{
	struct play_said said = {.answers = true, .ede = -1};
	uint8_t reply[1024];
	size_t reply_len;

	if (strcmp(what, "drop") == 0)
		return;
	if (strcmp(what, "hold") == 0 && server->held_count < 64) {
		memcpy(server->held[server->held_count].query, query, len);
		server->held[server->held_count].len = len;
		server->held[server->held_count].conn = conn;
		server->held[server->held_count++].from = *from;
		return;
	}
	if (strcmp(what, "release") == 0 || strcmp(what, "backwards") == 0) {
		for (unsigned n = 0; n < server->held_count; n++) {
			unsigned i = *what == 'b' ? server->held_count - 1 - n : n;

			reply_len = play_reply(reply, server->held[i].query, server->held[i].len, &said);
			play_send(server, server->held[i].conn, server->fd, &server->held[i].from, reply, reply_len);
		}
		server->held_count = 0;
		return;
	}
	if (strcmp(what, "servfail") == 0)
		said = (struct play_said){.rcode = 2, .ede = 22};
	if (strcmp(what, "tc") == 0)
		said = (struct play_said){.tc = true, .ede = -1};
	said.lower = strcmp(what, "lower") == 0;
	reply_len = play_reply(reply, query, len, &said);
	if (strcmp(what, "bare") == 0) {
		memset(reply + 4, 0, 8);
		reply[3] |= 2;
		reply_len = 12;
	}
	for (uint8_t i = 0; strcmp(what, "ids") == 0 && i < 10; i++) {
		reply[1] ^= i ^ (i + 1);
		if (i < 9)
			play_send(server, conn, server->fd, from, reply, reply_len);
	}
	if (strcmp(what, "id") == 0)
		reply[1] ^= 1;
	else if (strcmp(what, "question") == 0)
		reply[13] ^= 1;
	else if (strcmp(what, "garbage") == 0)
		reply_len -= 5;
	else if (strcmp(what, "one") == 0)
		reply_len = 1;
	else if (strcmp(what, "query") == 0)
		memcpy(reply, query, reply_len = len);
	if (strcmp(what, "close") == 0 || strcmp(what, "reset") == 0) {
		play_close(server, conn, *what == 'r');
	} else if (strcmp(what, "cut") == 0) {
		uint8_t half[2] = {0, (uint8_t)reply_len};

		(void)!send(server->conns[conn], half, 2, MSG_NOSIGNAL);
		(void)!send(server->conns[conn], reply, reply_len / 2, MSG_NOSIGNAL);
		play_close(server, conn, false);
	} else if (strcmp(what, "zero") == 0) {
		(void)!send(server->conns[conn], "\0\0", 2, MSG_NOSIGNAL);
	} else if (strcmp(what, "split") == 0) {
		uint8_t head[2] = {(uint8_t)(reply_len >> 8), (uint8_t)reply_len};

		for (size_t i = 0; i < reply_len + 2; i++) {
			(void)!send(server->conns[conn], i < 2 ? head + i : reply + i - 2, 1, MSG_NOSIGNAL);
			usleep(200);
		}
	} else {
		play_send(server, conn, strcmp(what, "elsewhere") == 0 ? server->elsewhere : server->fd, from, reply, reply_len);
	}
}

static inline void play_message(struct play_server *server, int conn, const struct addr *from, const uint8_t *query, size_t len)
{
	unsigned number = conn < 0 ? server->udp_count++ : server->tcp_count++;
	struct play_said said = {.answers = true, .ede = -1};
	char word[64], qname[256], *rest = word, *what;
	uint8_t reply[1024];

	if (server->seen_count < PLAY_SEEN)
		server->seen[server->seen_count++] = (struct play_seen){
			.id = (uint16_t)(query[0] << 8 | query[1]),
			.port = addr_port(from),
			.len = (uint16_t)len,
			.from_last = ((const uint8_t *)&from->in.sin_addr)[3],
			.stream = conn >= 0,
			.at_ns = clock_mono_ns(),
		};
	atomic_fetch_add(&server->heard, 1);
	if (server->say != NULL) {
		play_qname(qname, query);
		server->say(server->owner, qname, query[3] & 0x10, &said);
		if (!said.drop)
			play_send(server, conn, server->fd, from, reply, play_reply(reply, query, len, &said));
		return;
	}
	play_word(conn < 0 ? server->udp : server->tcp, number, word);
	while ((what = strsep(&rest, "+")) != NULL)
		play_do(server, conn, from, query, len, what);
}

static inline void play_datagrams(struct play_server *server)
{
	uint8_t query[512];
	struct addr from;
	ssize_t len;

	for (;;) {
		from.len = sizeof(from.in6);
		len = recvfrom(server->fd, query, sizeof(query), MSG_DONTWAIT, &from.sa, &from.len);
		if (len < 17)
			return;
		play_message(server, -1, &from, query, (size_t)len);
	}
}

/* One whole message; tests send short ones, which come in one piece. */
static inline void play_stream(struct play_server *server, int conn)
{
	struct addr from = {.len = sizeof(from.in6)};
	uint8_t head[2], query[512];
	size_t len;

	if (recv(server->conns[conn], head, 2, MSG_WAITALL) != 2) {
		play_close(server, conn, false);
		return;
	}
	len = (size_t)head[0] << 8 | head[1];
	(void)getpeername(server->conns[conn], &from.sa, &from.len);
	if (len < 17 || len > sizeof(query) || recv(server->conns[conn], query, len, MSG_WAITALL) != (ssize_t)len) {
		play_close(server, conn, false);
		return;
	}
	play_message(server, conn, &from, query, len);
}

static inline void play_accept(struct play_server *server)
{
	int fd = accept(server->listener, NULL, NULL);
	unsigned open = 0;

	for (int i = 0; i < PLAY_CONNS; i++) {
		if (fd >= 0 && server->conns[i] < 0) {
			server->conns[i] = fd;
			server->connections++;
			fd = -1;
		}
		open += server->conns[i] >= 0;
	}
	if (fd >= 0)
		abort();
	if (open > server->most_open)
		server->most_open = open;
}

static inline void *play_thread(void *argument)
{
	struct play_server *server = argument;

	for (;;) {
		struct pollfd polled[3 + PLAY_CONNS] = {{.fd = server->stop, .events = POLLIN},
							{.fd = server->fd, .events = POLLIN},
							{.fd = server->listener, .events = POLLIN}};

		for (int i = 0; i < PLAY_CONNS; i++)
			polled[3 + i] = (struct pollfd){.fd = server->conns[i], .events = POLLIN};
		if (poll(polled, 3 + PLAY_CONNS, -1) < 0)
			continue;
		if (polled[0].revents)
			return NULL;
		if (polled[1].revents)
			play_datagrams(server);
		for (int i = 0; i < PLAY_CONNS; i++)
			if (polled[3 + i].revents && server->conns[i] >= 0)
				play_stream(server, i);
		if (polled[2].revents)
			play_accept(server);
	}
}

static inline int play_socket(struct addr *addr, int type)
{
	int fd = socket(addr->sa.sa_family, type | SOCK_CLOEXEC, 0), on = 1, size = 4 * 1024 * 1024;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (fd >= 0 && bind(fd, &addr->sa, addr->len) == 0 && (type == SOCK_DGRAM || listen(fd, 16) == 0) &&
	    getsockname(fd, &addr->sa, &addr->len) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The same free port for both transports. False: no such address here (no IPv6, say). */
static inline bool play_start(struct play_server *server, const char *ip)
{
	server->fd = server->listener = server->elsewhere = -1;
	for (int i = 0; i < PLAY_CONNS; i++)
		server->conns[i] = -1;
	for (int tries = 0; tries < 20; tries++) {
		struct addr elsewhere;

		if (!addr_parse(&server->addr, ip, 1))
			abort();
		addr_set_port(&server->addr, 0);
		elsewhere = server->addr;
		server->fd = play_socket(&server->addr, SOCK_DGRAM);
		if (server->fd < 0)
			return false;
		server->listener = play_socket(&server->addr, SOCK_STREAM);
		if (server->listener < 0) { /* somebody else's port */
			close(server->fd);
			continue;
		}
		if (server->tcp == NULL && server->say == NULL) {
			close(server->listener);
			server->listener = -1;
		}
		if (server->udp == NULL && server->say == NULL) {
			close(server->fd);
			server->fd = -1;
		}
		server->elsewhere = play_socket(&elsewhere, SOCK_DGRAM);
		server->stop = eventfd(0, EFD_CLOEXEC);
		return pthread_create(&server->thread, NULL, play_thread, server) == 0;
	}
	return false;
}

static inline void play_stop(struct play_server *server)
{
	eventfd_write(server->stop, 1);
	pthread_join(server->thread, NULL);
	for (int i = 0; i < PLAY_CONNS; i++)
		play_close(server, i, false);
	if (server->fd >= 0)
		close(server->fd);
	if (server->listener >= 0)
		close(server->listener);
	close(server->elsewhere);
	close(server->stop);
}
