/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the sockets of each address, and knows which lines it serves. */
#include "tools/lab/odd/parts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PORT 53

struct server *server_create(void)
{
	struct server *s = calloc(1, sizeof *s);

	if (s && (s->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) {
		free(s);
		return NULL;
	}
	return s;
}

bool endpoint_watch(struct server *s, struct endpoint *e)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = e};

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, e->fd, &event) == 0;
}

socklen_t address_size(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static bool parse_address(const char *text, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(PORT);
		return true;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(PORT);
	return inet_pton(AF_INET6, text, &in6->sin6_addr) == 1;
}

/* A queue of length 0 that is full: the kernel drops every further SYN, as a filter does. */
static void fill_queue(const struct endpoint *e)
{
	for (int i = 0; i < 2; i++) {
		int fd =
			socket(e->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, (const struct sockaddr *)&e->address,
				       address_size(&e->address)) < 0)
			continue; /* stays open, half way: that is its purpose */
	}
}

static struct endpoint *open_endpoint(struct server *s, const struct sockaddr_storage *address,
				      enum kind kind, enum tcp_mode mode)
{
	int type = (kind == UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, on = 1;
	bool v4 = address->ss_family == AF_INET;
	struct endpoint *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->kind = kind;
	e->address = *address;
	e->fd = socket(address->ss_family, type, 0);
	if (e->fd < 0)
		goto fail;
	setsockopt(e->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(e->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_FREEBIND : IPV6_FREEBIND, &on,
		   sizeof on);
	if (!v4)
		setsockopt(e->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(e->fd, (const struct sockaddr *)address, address_size(address)) < 0)
		goto fail;
	if (kind == LISTENER && listen(e->fd, mode == TCP_FILTERED ? 0 : 64) < 0)
		goto fail;
	if (kind == LISTENER && mode == TCP_FILTERED)
		fill_queue(e);
	else if (!endpoint_watch(s, e))
		goto fail;
	e->next = s->endpoints;
	s->endpoints = e;
	return e;
fail:
	perror("odd: socket");
	if (e->fd >= 0)
		close(e->fd);
	free(e);
	return NULL;
}

static struct endpoint *find_endpoint(struct server *s, const struct sockaddr_storage *address,
				      enum kind kind)
{
	for (struct endpoint *e = s->endpoints; e; e = e->next) {
		if (e->kind == kind && memcmp(&e->address, address, sizeof *address) == 0)
			return e;
	}
	return NULL;
}

bool server_add(struct server *s, const char *text, struct line *line)
{
	static const enum kind kinds[] = {UDP, LISTENER};
	struct sockaddr_storage address;

	if (strcmp(text, "-") == 0)
		return true;
	if (!parse_address(text, &address))
		return false;
	for (int i = 0; i < 2; i++) {
		struct endpoint *e = find_endpoint(s, &address, kinds[i]);

		if (!e && kinds[i] == LISTENER && line->how.tcp == TCP_CLOSED)
			continue;
		if (!e)
			e = open_endpoint(s, &address, kinds[i], line->how.tcp);
		if (!e || e->n_lines == MAX_LINES)
			return false;
		e->lines[e->n_lines++] = line;
	}
	s->n_endpoints++;
	return true;
}

size_t server_size(const struct server *s)
{
	return s->n_endpoints;
}
