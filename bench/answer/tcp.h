/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tcp -- the same answers over TCP (RFC 7766) or TLS (RFC 7858), many messages a connection, one
 * thread for all. Answers are not delayed. Each leaves in a write (and record) of its own, as with
 * real servers, or all that there are in one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bench/answer/reply.h"
#include "bench/answer/secure.h"
#include "bench/answer/tally.h"

/* What a server does that should not. */
enum habit {
	HABIT_NONE,
	HABIT_CLOSES,	 /* closes behind each answer */
	HABIT_BACKWARDS, /* the last query of those that came together is answered first */
	HABIT_MUTE,	 /* takes queries, answers none */
	HABIT_STALLS,	 /* in the middle of an answer, with TLS of a record */
	HABIT_SILENT,	 /* accepts and takes nothing, not even a handshake */
	HABIT_GARBAGE,	 /* says something that is neither DNS nor TLS */
};

struct tcp_server {
	const int *listeners;
	unsigned count;
	int stop; /* readable: return */
	const struct shares *shares;
	struct secure *secure; /* NULL: plain */
	enum habit habit;
	uint64_t habit_after; /* so many queries; until then it does as it should */
	bool together;	      /* answers leave in one write */
	struct tally tally;
};

/* False: no such word. */
bool habit_parse(const char *word, enum habit *habit);
/* Serves until told to stop; a pthread's function. */
void *tcp_serve(void *tcp_server);
