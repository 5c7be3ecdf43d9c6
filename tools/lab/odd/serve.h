/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of the odd server: every address with UDP and TCP, one epoll loop. */
#ifndef LAB_ODD_SERVE_H
#define LAB_ODD_SERVE_H

#include "tools/lab/odd/odd.h"

struct server;

struct server *server_create(void);
void server_destroy(struct server **s);
/* Serves the line at an address ("-": nothing to do). Lines outlive the server's run. */
bool server_add(struct server *s, const char *address, struct line *line);
size_t server_size(const struct server *s); /* addresses */
/* Until SIGTERM or SIGINT. False: the loop could not go on. */
bool server_run(struct server *s);

#endif
