/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/held.h"

#include <stddef.h>

void held_put(struct held *held, struct pair *pair, uint32_t now_ms)
{
	pair->ended_ms = now_ms;
	pair->next = NULL;
	if (held->first == NULL)
		held->first = pair;
	else
		held->last->next = pair;
	held->last = pair;
}

struct pair *held_give_up(struct held *held)
{
	struct pair *pair = held->first;

	if (pair != NULL)
		held->first = pair->next;
	return pair;
}

struct pair *held_take(struct held *held, const struct troubles *troubles, enum trouble *what)
{
	const struct pair *pair = held->first;

	if (pair == NULL)
		return NULL;
	*what = troubles_between(troubles, (size_t)pair->resolver, pair->begun_ms, pair->ended_ms);
	return *what == TROUBLE_NOT_KNOWN ? NULL : held_give_up(held);
}
