/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/held.h"

#include <stddef.h>

uint32_t held_room(uint32_t window)
{
	return window + (window < HELD_MAX ? window : HELD_MAX);
}

void held_put(struct held *held, struct pair *pair, uint32_t now_ms)
{
	pair->ended_ms = now_ms;
	pair->next = NULL;
	if (held->first == NULL)
		held->first = pair;
	else
		held->last->next = pair;
	held->last = pair;
	lookout_wait(held->lookout, 1);
}

const struct pair *held_first(const struct held *held)
{
	return held->first;
}

struct pair *held_give_up(struct held *held)
{
	struct pair *pair = held->first;

	if (pair == NULL)
		return NULL;
	held->first = pair->next;
	lookout_wait(held->lookout, -1);
	return pair;
}

struct pair *held_take(struct held *held, bool can_ask, enum held_why *why)
{
	const struct pair *pair = held->first;
	enum trouble what;

	if (pair == NULL)
		return NULL;
	what = lookout_between(held->lookout, pair->begun_ms, pair->ended_ms);
	if (what == TROUBLE_NOT_KNOWN)
		return NULL;
	*why = HELD_SILENCE;
	if (what == TROUBLE_SOME && pair_lost(pair))
		return can_ask ? held_give_up(held) : NULL;
	*why = HELD_NOTHING;
	if (held->troubles == NULL)
		return held_give_up(held);
	what = troubles_between(held->troubles, (size_t)pair->resolver, pair->begun_ms,
				pair->ended_ms);
	if (what == TROUBLE_NOT_KNOWN)
		return NULL;
	if (what == TROUBLE_SOME)
		*why = HELD_OVERLOAD;
	return held_give_up(held);
}
