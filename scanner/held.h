/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * held -- pairs that came to nothing good, waiting until it is known whether their resolver was
 * overloaded meanwhile.
 *
 * Owner    one thread; the pairs stay whoever's they are.    Order    first in, first out: all wait
 * equally long.
 */
#pragma once

#include "scanner/pair.h"
#include "scanner/troubles.h"

struct held {
	struct pair *first, *last; /* zeroed: empty */
};

/* The pair ended now; its begun_ms is on the same clock, that of the troubles. */
void held_put(struct held *held, struct pair *pair, uint32_t now_ms);
/* The next one of which it is known now: *what is TROUBLE_NONE or TROUBLE_SOME. NULL: none is. */
struct pair *held_take(struct held *held, const struct troubles *troubles, enum trouble *what);
/* The next one, known or not; NULL: there is none. */
struct pair *held_give_up(struct held *held);
