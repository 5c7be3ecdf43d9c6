/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tls -- TLS below a stream, as DNS over TLS wants it (RFC 7858, RFC 8310). The only door to
 * OpenSSL among the transports.
 *
 *     tls        what all connections share: the trusted authorities; constant, for all threads
 *     tls_peer   a server as one thread knows it: who it has to be, sessions to resume
 *     tls_link   TLS on one connected, non-blocking socket
 *
 * TLS 1.2 at least, ALPN "dot" (RFC 7858 3.1, RFC 8310), no renegotiation. The program ignores
 * SIGPIPE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"
#include "io/buf.h"

struct tls;
struct tls_peer;
struct tls_link;

#define TLS_PIN	     32 /* octets: SHA-256 of the SubjectPublicKeyInfo */
#define TLS_PINS_MAX 4

/*
 * Who a server has to be. Given a name, or neither name nor pin: its certificate leads to a trusted
 * authority and holds the name, or else the address that was connected to. Given pins: its key is
 * one of them, whoever signed it (RFC 7858 4.2; the server's own key, not one further up). Given
 * both: both.
 */
struct tls_identity {
	bool anybody; /* RFC 8310 5, opportunistic: encrypted, but not authenticated */
	const char *name;
	unsigned pin_count;
	uint8_t pins[TLS_PINS_MAX][TLS_PIN];
};

/* Reads base64, as written by "openssl dgst -sha256 -binary | base64". False: no SHA-256. */
bool tls_pin_read(uint8_t pin[TLS_PIN], const char *text, size_t len);

/* ca_file: trusted authorities, PEM; NULL: the system's. NULL: one line without the program's name
 * is in errors. */
struct tls *tls_create(const char *ca_file, struct buf *errors);
void tls_destroy(struct tls **tls);

/* tls and identity must outlive it. NULL: out of memory. */
struct tls_peer *tls_peer_create(const struct tls *tls, const struct tls_identity *identity,
				 const struct addr *addr);
void tls_peer_destroy(struct tls_peer **peer);
/* Why the last handshake failed, in words ("certificate has expired") that stay; NULL: it did not.
 */
const char *tls_peer_problem(const struct tls_peer *peer);
/* Connections that went on with a session of an earlier one. */
uint64_t tls_peer_resumed(const struct tls_peer *peer);

enum tls_result {
	TLS_DONE,	 /* for read and write: at least one octet */
	TLS_WANTS_READ,	 /* again when the socket is readable */
	TLS_WANTS_WRITE, /* again when it is writable */
	TLS_CLOSED,	 /* by the other side */
	TLS_ERRNO,	 /* the connection failed: errno */
	TLS_REFUSED,	 /* the other side sent an alert */
	TLS_UNTRUSTED,	 /* it is not who it has to be */
	TLS_MALFORMED,	 /* it does not speak TLS, or not as it should */
};

/* The peer must outlive it; the socket stays the caller's. NULL: out of memory. */
struct tls_link *tls_start(struct tls_peer *peer, int fd);
/* Tells the other side if it was up; the socket may be closed afterwards. */
void tls_end(struct tls_link **link);
/* Repeat until it is TLS_DONE; then the peer is who it has to be. */
enum tls_result tls_handshake(struct tls_link *link);
/* Up to a record at a time. More may be there although the socket is not readable, until
 * TLS_WANTS_READ. */
enum tls_result tls_read(struct tls_link *link, uint8_t *into, size_t room, size_t *got);
/* Less than len may be taken. After TLS_WANTS_*, what was not taken must come again, perhaps with
 * more behind it. */
enum tls_result tls_write(struct tls_link *link, const uint8_t *data, size_t len, size_t *taken);
