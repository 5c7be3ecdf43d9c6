/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What of the engine's queries is ready to be sent: lists for each destination, by how they are to
 * be sent, and the list of destinations that have something in them.
 */
#include "scanner/ask/engine_inside.h"

#include <assert.h>

void engine_activate(struct engine *engine, struct destination *to)
{
	if (to->active)
		return;
	to->active = true;
	to->active_next = -1;
	if (engine->active_count++ == 0)
		engine->active_head = to->index;
	else
		engine->destinations[engine->active_tail]->active_next = to->index;
	engine->active_tail = to->index;
}

struct destination *engine_next_active(struct engine *engine)
{
	struct destination *to = engine->destinations[engine->active_head];

	engine->active_head = to->active_next;
	engine->active_count--;
	to->active = false;
	return to;
}

static struct ready_list *list_of(struct destination *to, const struct slot *slot)
{
	return slot->ready == READY_AGAIN
		       ? &to->again[slot->channel % (uint32_t)to->engine->config.ports]
		       : &to->ready[slot->ready];
}

static enum ready ready_for(const struct query *query)
{
	if (query->state == QUERY_READY_STREAM)
		return READY_STREAM;
	return query->tries > 0 ? READY_AGAIN : READY_UDP;
}

void engine_make_ready(struct engine *engine, uint32_t slot, bool first)
{
	struct destination *to = engine_destination_of(engine, slot);
	struct slot *slots = engine->inflight.slots, *s = &slots[slot];
	struct ready_list *list;

	assert(s->ready == READY_NOT && !s->waiting);
	s->ready = (uint8_t)ready_for(&s->query);
	list = list_of(to, s);
	to->again_count += s->ready == READY_AGAIN;
	s->prev = first ? SLOT_NONE : list->tail;
	s->next = first ? list->head : SLOT_NONE;
	if (s->prev == SLOT_NONE)
		list->head = slot;
	else
		slots[s->prev].next = slot;
	if (s->next == SLOT_NONE)
		list->tail = slot;
	else
		slots[s->next].prev = slot;
	list->count++;
	engine_activate(engine, to);
}

void engine_unready(struct engine *engine, uint32_t slot)
{
	struct slot *slots = engine->inflight.slots, *s = &slots[slot];
	struct destination *to;
	struct ready_list *list;

	if (s->ready == READY_NOT)
		return;
	to = engine_destination_of(engine, slot);
	list = list_of(to, s);
	to->again_count -= s->ready == READY_AGAIN;
	s->ready = READY_NOT;
	if (s->prev == SLOT_NONE)
		list->head = s->next;
	else
		slots[s->prev].next = s->next;
	if (s->next == SLOT_NONE)
		list->tail = s->prev;
	else
		slots[s->next].prev = s->prev;
	list->count--;
}
