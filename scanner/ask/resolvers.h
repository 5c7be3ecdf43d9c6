/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * resolvers -- the list of recursive resolvers to ask, read once, constant once they are
 * calibrated.
 *
 * One a line: IP, IP:PORT, IP6, [IP6]:PORT, tcp:// before any of these, tls:// before any of these
 * and perhaps #WHO behind it (RFC 7858, RFC 8310). WHO is a name, pin-sha256=BASE64 (up to four),
 * or both, joined by ","; or "*", whoever it is. Without it the certificate has to be for the
 * address. "#" at the start of a line or behind a blank begins a comment; blank lines are skipped.
 * Errors   every bad line is reported, not only the first; the list is then NULL.
 */
#pragma once

#include <stddef.h>

#include "io/addr.h"
#include "io/buf.h"
#include "io/tls.h"
#include "scanner/ask/engine.h"

#define RESOLVERS_MAX 65536

enum transport {
	TRANSPORT_UDP, /* and TCP where an answer is truncated */
	TRANSPORT_TCP,
	TRANSPORT_TLS,
};

struct resolver {
	const char *text; /* as in the list */
	enum transport transport;
	struct addr addr;	      /* with its port */
	struct tls_identity identity; /* with TRANSPORT_TLS: who it has to be */
	bool cased;		      /* asked in letters by lot (ASK_CASED) */
	unsigned line;		      /* where it stands in the list; 0: the default list */
};

struct resolvers {
	size_t count; /* at least 1 */
	struct resolver *list;
	struct tls *tls; /* NULL: resolvers_trust() found no need, or was not called */
};

/*
 * path NULL: Google's, Cloudflare's and Quad9's. "-" is standard input. Where no file has that name,
 * it may be resolvers itself, joined by commas; their numbers then stand for lines.
 * NULL on error; `errors` then holds lines like "FILE:LINE: 'x' is no resolver address (...)\n". What
 * was dropped because it was there before goes to `warnings`, the same way. Both belong to the
 * caller.
 */
struct resolvers *resolvers_load(const char *path, struct buf *errors, struct buf *warnings);
/* What connections with TLS need, where there will be any or ca_file is given: the authorities in
 * that, NULL: the system's. False: said in errors. */
bool resolvers_trust(struct resolvers *resolvers, const char *ca_file, struct buf *errors);
void resolvers_destroy(struct resolvers **resolvers);

/* Reads one entry without blanks or comment; its texts are allocated (resolver_clear()). False: no
 * resolver address; errno ENXIO: a link-local one without its interface. */
bool resolver_parse(struct resolver *resolver, const char *text, size_t len);
void resolver_clear(struct resolver *resolver);
/* Makes one of the list a destination of the engine's; arguments and result as of
 * engine_destination(). */
int32_t resolver_destination(const struct resolvers *resolvers, size_t number,
			     struct engine *engine, struct pace *pace, bool connect);
/* ASK_* that say how it is asked. */
unsigned resolver_ask(const struct resolver *resolver);
/* The scheme it is written with in front of its address: "", "tcp://", "tls://". */
const char *transport_scheme(enum transport transport);
