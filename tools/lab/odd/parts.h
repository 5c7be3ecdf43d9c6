/* SPDX-License-Identifier: BSD-2-Clause */
/* What endpoint.c and serve.c share: the server's world in one struct. */
#ifndef LAB_ODD_PARTS_H
#define LAB_ODD_PARTS_H

#include "tools/lab/odd/serve.h"

#include <netinet/in.h>

#define MAX_CONNECTIONS 512
#define IDLE_MS		10000
#define MAX_LATE	4096
#define MAX_LINES	16 /* zones at one address */

enum kind { UDP, LISTENER, CONNECTION, SIGNALS };

struct endpoint {
	enum kind kind;
	int fd;
	struct sockaddr_storage address;
	struct line *lines[MAX_LINES];
	size_t n_lines;
	/* a connection's own: */
	const struct endpoint *listener;
	int64_t idle_ms;
	uint8_t *in;
	size_t n_in;
	struct endpoint *next;
};

/* An answer that waits for its time. */
struct late {
	struct late *next;
	int64_t due_ms;
	int fd;
	bool tcp;
	struct sockaddr_storage to;
	struct reply reply;
};

struct server {
	int epoll;
	struct endpoint *endpoints; /* UDP and listeners */
	struct endpoint *connections;
	struct late *late; /* by due time */
	size_t n_endpoints, n_connections, n_late;
	struct endpoint signals;
};

bool endpoint_watch(struct server *s, struct endpoint *e);
socklen_t address_size(const struct sockaddr_storage *a);

#endif
