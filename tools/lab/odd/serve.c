/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: datagrams, connections, answers that wait for their time. */
#include "tools/lab/odd/parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static struct line *line_for(const struct endpoint *e, const ldns_rdf *name)
{
	struct line *best = NULL;

	for (size_t i = 0; i < e->n_lines; i++) {
		struct line *line = e->lines[i];

		if (ldns_dname_compare(name, line->zone) != 0 &&
		    !ldns_dname_is_subdomain(name, line->zone))
			continue;
		if (!best ||
		    ldns_dname_label_count(line->zone) > ldns_dname_label_count(best->zone))
			best = line;
	}
	return best;
}

/* Answers one message; reply->wire is NULL when silence is the answer. */
static void answer_message(const struct endpoint *e, const uint8_t *wire, size_t size, bool tcp,
			   const struct sockaddr_storage *from, struct reply *reply)
{
	ldns_pkt_rcode rcode;
	struct query *q = query_parse(wire, size, tcp, &rcode);
	struct line *line = q && q->name ? line_for(e, q->name) : NULL;

	memset(reply, 0, sizeof *reply);
	if (!q)
		return;
	q->from = *from;
	if (line && rcode == LDNS_RCODE_NOERROR) {
		behave(line, q, now_ms(), reply);
	} else if (!e->lines[0]->how.mute) {
		struct answer a;

		answer_init(&a);
		a.aa = false;
		a.rcode = rcode == LDNS_RCODE_NOERROR ? LDNS_RCODE_REFUSED : rcode;
		reply->wire = answer_wire(q, &a, NULL, &reply->size);
		answer_clear(&a);
	}
	query_destroy(&q);
}

static int other_socket(const struct server *s, const struct endpoint *e)
{
	for (const struct endpoint *o = s->endpoints; o; o = o->next) {
		if (o != e && o->kind == UDP && o->address.ss_family == e->address.ss_family)
			return o->fd;
	}
	return e->fd;
}

static void send_reply(int fd, bool tcp, const struct sockaddr_storage *to, struct reply *reply)
{
	uint8_t *framed;

	if (!tcp) {
		(void)!sendto(fd, reply->wire, reply->size, 0, (const struct sockaddr *)to,
			      address_size(to));
		return;
	}
	framed = malloc(reply->size + 2);
	if (!framed)
		return;
	framed[0] = (uint8_t)(reply->size >> 8);
	framed[1] = (uint8_t)reply->size;
	memcpy(framed + 2, reply->wire, reply->size);
	/* One answer fits into an empty socket buffer; who does not read loses the rest. */
	(void)!send(fd, framed, reply->size + 2, MSG_NOSIGNAL);
	free(framed);
}

static void keep_late(struct server *s, int fd, bool tcp, const struct sockaddr_storage *to,
		      struct reply *reply)
{
	struct late *l = s->n_late < MAX_LATE ? calloc(1, sizeof *l) : NULL, **at = &s->late;

	if (!l) {
		free(reply->wire);
		return;
	}
	l->due_ms = now_ms() + reply->delay_ms;
	l->fd = fd;
	l->tcp = tcp;
	l->to = *to;
	l->reply = *reply;
	while (*at && (*at)->due_ms <= l->due_ms)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
	s->n_late++;
}

static void dispatch(struct server *s, const struct endpoint *e, int fd, bool tcp,
		     const struct sockaddr_storage *from, struct reply *reply)
{
	if (!reply->wire)
		return;
	if (reply->other_source && !tcp)
		fd = other_socket(s, e);
	if (reply->delay_ms > 0) {
		keep_late(s, fd, tcp, from, reply);
		return;
	}
	send_reply(fd, tcp, from, reply);
	free(reply->wire);
}

static void serve_udp(struct server *s, const struct endpoint *e)
{
	uint8_t wire[ODD_MAX_MESSAGE];

	for (int i = 0; i < 64; i++) {
		struct sockaddr_storage from = {0};
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(e->fd, wire, sizeof wire, 0, (struct sockaddr *)&from, &size);
		struct reply reply;

		if (n < 0)
			return;
		answer_message(e, wire, (size_t)n, false, &from, &reply);
		dispatch(s, e, e->fd, false, &from, &reply);
	}
}

static void close_connection(struct server *s, struct endpoint *c)
{
	struct late **at = &s->late;

	while (*at) { /* its late answers have nowhere to go */
		struct late *l = *at;

		if (l->tcp && l->fd == c->fd) {
			*at = l->next;
			free(l->reply.wire);
			free(l);
			s->n_late--;
		} else {
			at = &l->next;
		}
	}
	for (struct endpoint **p = &s->connections; *p; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			break;
		}
	}
	close(c->fd);
	free(c->in);
	free(c);
	s->n_connections--;
}

static void accept_connection(struct server *s, const struct endpoint *listener)
{
	struct sockaddr_storage from = {0};
	socklen_t size = sizeof from;
	int fd = accept4(listener->fd, (struct sockaddr *)&from, &size,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct endpoint *c;

	if (fd < 0)
		return;
	c = s->n_connections < MAX_CONNECTIONS ? calloc(1, sizeof *c) : NULL;
	if (c)
		c->in = malloc(ODD_MAX_MESSAGE + 2);
	if (!c || !c->in) {
		free(c);
		close(fd);
		return;
	}
	c->kind = CONNECTION;
	c->fd = fd;
	c->address = from;
	c->listener = listener;
	c->idle_ms = now_ms();
	c->next = s->connections;
	s->connections = c;
	s->n_connections++;
	if (!endpoint_watch(s, c))
		close_connection(s, c);
}

static void serve_framed(struct server *s, struct endpoint *c)
{
	enum tcp_mode mode = c->listener->lines[0]->how.tcp;
	size_t length;

	while (c->n_in >= 2 && c->n_in >= 2 + (length = (size_t)(c->in[0] << 8 | c->in[1]))) {
		struct reply reply = {0};

		if (mode == TCP_GARBAGE) {
			static const uint8_t noise[] =
				"\x00\x20HTTP/1.0 400 Bad Request\r\n\r\n....";
			(void)!send(c->fd, noise, sizeof noise - 1, MSG_NOSIGNAL);
		} else if (mode != TCP_SILENT) {
			answer_message(c->listener, c->in + 2, length, true, &c->address, &reply);
			dispatch(s, c->listener, c->fd, true, &c->address, &reply);
		}
		memmove(c->in, c->in + 2 + length, c->n_in - 2 - length);
		c->n_in -= 2 + length;
	}
}

static void serve_tcp(struct server *s, struct endpoint *c)
{
	ssize_t n = recv(c->fd, c->in + c->n_in, ODD_MAX_MESSAGE + 2 - c->n_in, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close_connection(s, c);
		return;
	}
	if (n < 0)
		return;
	c->idle_ms = now_ms();
	c->n_in += (size_t)n;
	serve_framed(s, c);
}

/* Sends what is due and returns how long the loop may sleep. */
static int tend(struct server *s)
{
	int64_t now = now_ms(), wait = 1000;

	while (s->late && s->late->due_ms <= now) {
		struct late *l = s->late;

		s->late = l->next;
		s->n_late--;
		send_reply(l->fd, l->tcp, &l->to, &l->reply);
		free(l->reply.wire);
		free(l);
	}
	for (struct endpoint *c = s->connections, *next; c; c = next) {
		next = c->next;
		if (now - c->idle_ms > IDLE_MS * 3)
			close_connection(s, c);
	}
	if (s->late && s->late->due_ms - now < wait)
		wait = s->late->due_ms - now;
	return (int)wait;
}

static bool watch_signals(struct server *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals.kind = SIGNALS;
	s->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals.fd >= 0 && endpoint_watch(s, &s->signals);
}

bool server_run(struct server *s)
{
	struct epoll_event events[1];

	if (!watch_signals(s))
		return false;
	for (;;) {
		/* One event at a time: handling one may close the endpoint of another. */
		int n = epoll_wait(s->epoll, events, 1, tend(s));
		struct endpoint *e = n > 0 ? events[0].data.ptr : NULL;

		if (n < 0 && errno != EINTR)
			return false;
		if (!e)
			continue;
		if (e->kind == SIGNALS)
			return true;
		if (e->kind == UDP)
			serve_udp(s, e);
		else if (e->kind == LISTENER)
			accept_connection(s, e);
		else
			serve_tcp(s, e);
	}
}

void server_destroy(struct server **server)
{
	struct server *s = *server;

	if (!s)
		return;
	while (s->connections)
		close_connection(s, s->connections);
	for (struct late *l = s->late, *next; l; l = next) {
		next = l->next;
		free(l->reply.wire);
		free(l);
	}
	for (struct endpoint *e = s->endpoints, *next; e; e = next) {
		next = e->next;
		close(e->fd);
		free(e);
	}
	close(s->epoll);
	free(s);
	*server = NULL;
}
