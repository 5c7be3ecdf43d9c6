/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * secure -- the server's side of TLS for the bench's server: DNS over TLS (RFC 7858), sessions
 * resumed by ticket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct secure;	    /* certificate and key */
struct secure_link; /* one connection */

/* path: PEM, the certificate (and what leads to its authority) and its key. NULL: said on standard
 * error. */
struct secure *secure_create(const char *path);
void secure_destroy(struct secure **secure);

/* NULL: out of memory. */
struct secure_link *secure_accept(struct secure *secure, int fd);
void secure_end(struct secure_link **link);
/* As recv(2) and send(2), EAGAIN also while the handshake goes on; writing makes a record of it. */
ssize_t secure_read(struct secure_link *link, void *into, size_t room);
ssize_t secure_write(struct secure_link *link, const void *data, size_t len);
/* Sends only half the record that it makes of this. */
void secure_write_half(struct secure_link *link, const void *data, size_t len);
/* Did it go on with a session of before? */
bool secure_was_resumed(const struct secure_link *link);
