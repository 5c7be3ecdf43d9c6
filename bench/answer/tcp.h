/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tcp -- the same answers over TCP (RFC 7766), many messages a connection, one thread for all.
 * Answers are not delayed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bench/answer/reply.h"
#include "bench/answer/tally.h"

struct tcp_server {
	const int *listeners;
	unsigned count;
	int stop; /* readable: return */
	const struct shares *shares;
	struct tally tally;
};

/* Serves until told to stop; a pthread's function. */
void *tcp_serve(void *tcp_server);
