/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * wheel -- queries kept back until their answers are due: a ring of ticks, each a first-in
 * first-out list.
 *
 * Owner    one thread.
 * Memory   a pool that doubles when full; nothing is freed before the end.
 * Limits   up to WHEEL_DELAY_MAX_MS ahead; due times are rounded up to a tick (0.26 ms).
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/answer/reply.h"

#define WHEEL_TICK_SHIFT   18
#define WHEEL_SLOTS	   16384
#define WHEEL_DELAY_MAX_MS 4000

/* One query and the way back. */
struct held {
	uint32_t next;
	uint16_t port;	/* index of the socket it came by */
	uint16_t local; /* index of the address it was sent to */
	bool overloaded;
	struct sockaddr_in6 from; /* or a sockaddr_in */
	struct asking asking;
	uint8_t query[REPLY_QUESTION_MAX];
};

struct wheel {
	uint32_t head[WHEEL_SLOTS], tail[WHEEL_SLOTS];
	struct held *held; /* 0 is nobody */
	uint32_t cap, free;
	uint32_t count;
	int64_t tick; /* the next one to be emptied */
};

/* NULL when out of memory. */
struct wheel *wheel_create(int64_t now_ns);
void wheel_destroy(struct wheel **wheel);
/* Room for one query due at due_ns, to be filled in; valid until the next call. NULL when out of
 * memory. */
struct held *wheel_put(struct wheel *wheel, int64_t due_ns);
/* The next one that is due by now_ns, or NULL; valid until the next call. */
struct held *wheel_take(struct wheel *wheel, int64_t now_ns);
/* When the next tick with something in it is over; INT64_MAX: empty. */
int64_t wheel_next_ns(const struct wheel *wheel);
