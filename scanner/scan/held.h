/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * held -- pairs that came to nothing good, waiting until it is known why: whether nobody at all was
 * heard meanwhile (lookout.h), or their resolver was overloaded (troubles.h).
 *
 * Owner    one thread; the pairs stay whoever's they are.
 * Order    first in, first out: all wait equally long.
 * Memory   none of its own; HELD_MAX pairs of a thread wait without taking a place in its window,
 *          with the 3 KiB of texts that each may have.
 */
#pragma once

#include "scanner/ask/lookout.h"
#include "scanner/ask/pair.h"
#include "scanner/ask/troubles.h"

#define HELD_MAX 20000

struct held {
	struct pair *first, *last; /* zeroed: empty */
	struct lookout *lookout;
	const struct troubles *troubles; /* NULL: nobody looks after the resolvers */
};

enum held_why {
	HELD_NOTHING,  /* it is as it looks */
	HELD_OVERLOAD, /* the resolver's */
	HELD_SILENCE,  /* nobody was heard: to be asked anew */
};

/* How many pairs a thread has that may have `window` queries in flight: those that are held take
 * nobody's place, as long as they are not too many. */
uint32_t held_room(uint32_t window);
/* The pair ended now; its begun_ms is on the same clock, that of the troubles. */
void held_put(struct held *held, struct pair *pair, uint32_t now_ms);
/* The first one that waits; NULL: there is none. */
const struct pair *held_first(const struct held *held);
/* The first one, if it is known of it. can_ask: one that is to be asked anew may be taken, too.
 * NULL: none is. */
struct pair *held_take(struct held *held, bool can_ask, enum held_why *why);
/* The next one, known or not; NULL: there is none. */
struct pair *held_give_up(struct held *held);
