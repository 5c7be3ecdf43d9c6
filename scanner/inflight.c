/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/inflight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool inflight_init(struct inflight *in, uint32_t window, uint64_t key)
{
	uint32_t places = 64;

	assert(window > 0 && window < SLOT_NONE / 4);
	while (places < 2 * window)
		places *= 2;
	memset(in, 0, sizeof(*in));
	in->slots = calloc(window, sizeof(*in->slots));
	in->places = aligned_alloc(64, places * sizeof(*in->places));
	if (in->slots == NULL || in->places == NULL) {
		inflight_free(in);
		return false;
	}
	in->window = window;
	in->place_mask = places - 1;
	in->key = key | 1;
	memset(in->places, 0xff, places * sizeof(*in->places));
	for (uint32_t i = 0; i < window; i++)
		in->slots[i].next = i + 1 < window ? i + 1 : SLOT_NONE;
	for (int p = 0; p < ENGINE_PATIENCE_MAX; p++)
		for (int w = 0; w < QUERY_WAITS; w++)
			in->waits[p][w].head = in->waits[p][w].tail = SLOT_NONE;
	return true;
}

void inflight_free(struct inflight *in)
{
	free(in->slots);
	free(in->places);
	in->slots = NULL;
	in->places = NULL;
}

uint32_t inflight_take(struct inflight *in)
{
	uint32_t slot = in->free_head;

	if (slot == SLOT_NONE)
		return SLOT_NONE;
	in->free_head = in->slots[slot].next;
	in->used++;
	in->slots[slot].entered = in->slots[slot].waiting = in->slots[slot].ready = in->slots[slot].streaming = false;
	return slot;
}

void inflight_give(struct inflight *in, uint32_t slot)
{
	inflight_leave(in, slot);
	inflight_unwait(in, slot);
	in->slots[slot].next = in->free_head;
	in->free_head = slot;
	in->used--;
}

static uint64_t hash_of(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint64_t mixed = (((uint64_t)channel << 16 | id) ^ in->key) * 0x9e3779b97f4a7c15u;

	return mixed ^ mixed >> 29;
}

static uint32_t mark_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

void inflight_prefetch(const struct inflight *in, uint32_t channel, uint16_t id)
{
	__builtin_prefetch(&in->places[hash_of(in, channel, id) & in->place_mask]);
}

uint32_t inflight_candidate(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint64_t hash = hash_of(in, channel, id);

	for (uint64_t at = hash;; at++) {
		const struct place *place = &in->places[at & in->place_mask];

		if (place->slot == SLOT_NONE || place->mark == mark_of(hash))
			return place->slot;
	}
}

uint32_t inflight_find(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint64_t hash = hash_of(in, channel, id);

	for (uint64_t at = hash;; at++) {
		const struct place *place = &in->places[at & in->place_mask];

		if (place->slot == SLOT_NONE)
			return SLOT_NONE;
		if (place->mark == mark_of(hash) && in->slots[place->slot].id == id &&
		    in->slots[place->slot].channel == channel)
			return place->slot;
	}
}

bool inflight_enter(struct inflight *in, uint32_t slot, uint32_t channel, uint16_t id)
{
	uint64_t hash = hash_of(in, channel, id), at = hash;
	struct slot *s = &in->slots[slot];

	assert(!s->entered);
	for (; in->places[at & in->place_mask].slot != SLOT_NONE; at++) {
		const struct place *place = &in->places[at & in->place_mask];

		if (place->mark == mark_of(hash) && in->slots[place->slot].id == id &&
		    in->slots[place->slot].channel == channel)
			return false;
	}
	in->places[at & in->place_mask] = (struct place){.slot = slot, .mark = mark_of(hash)};
	s->channel = channel;
	s->id = id;
	s->entered = true;
	return true;
}

/* Closes the gap at `gap`: whoever was pushed beyond it moves back (Knuth, Algorithm R). */
static void close_gap(struct inflight *in, uint64_t gap)
{
	for (uint64_t at = gap + 1;; at++) {
		struct place *place = &in->places[at & in->place_mask];
		const struct slot *s;
		uint64_t home;

		if (place->slot == SLOT_NONE)
			break;
		s = &in->slots[place->slot];
		home = hash_of(in, s->channel, s->id);
		/* how far from home it is, and how far the gap lies from here */
		if (((at - home) & in->place_mask) < ((at - gap) & in->place_mask))
			continue;
		in->places[gap & in->place_mask] = *place;
		gap = at;
	}
	in->places[gap & in->place_mask].slot = SLOT_NONE;
}

void inflight_leave(struct inflight *in, uint32_t slot)
{
	struct slot *s = &in->slots[slot];
	uint64_t at;

	if (!s->entered)
		return;
	at = hash_of(in, s->channel, s->id);
	while (in->places[at & in->place_mask].slot != slot)
		at++;
	close_gap(in, at);
	s->entered = false;
}

void inflight_unwait(struct inflight *in, uint32_t slot)
{
	struct slot *s = &in->slots[slot];
	struct wait_list *list = &in->waits[s->query.patience][s->wait_list];

	if (!s->waiting)
		return;
	if (s->prev == SLOT_NONE)
		list->head = s->next;
	else
		in->slots[s->prev].next = s->next;
	if (s->next == SLOT_NONE)
		list->tail = s->prev;
	else
		in->slots[s->next].prev = s->prev;
	s->waiting = false;
}

void inflight_wait(struct inflight *in, uint32_t slot, int64_t now_ns, int64_t wait_ns)
{
	struct slot *s = &in->slots[slot];
	struct wait_list *list;

	inflight_unwait(in, slot);
	s->wait_list = s->query.wait;
	list = &in->waits[s->query.patience][s->wait_list];
	s->deadline_ns = now_ns + wait_ns;
	s->next = SLOT_NONE;
	s->prev = list->tail;
	if (list->tail == SLOT_NONE)
		list->head = slot;
	else
		in->slots[list->tail].next = slot;
	list->tail = slot;
	s->waiting = true;
}

uint32_t inflight_expired(struct inflight *in, int64_t now_ns)
{
	for (int p = 0; p < ENGINE_PATIENCE_MAX; p++) {
		for (int w = 0; w < QUERY_WAITS; w++) {
			uint32_t slot = in->waits[p][w].head;

			if (slot != SLOT_NONE && in->slots[slot].deadline_ns <= now_ns) {
				inflight_unwait(in, slot);
				return slot;
			}
		}
	}
	return SLOT_NONE;
}

int64_t inflight_deadline(const struct inflight *in)
{
	int64_t nearest = INT64_MAX;

	for (int p = 0; p < ENGINE_PATIENCE_MAX; p++) {
		for (int w = 0; w < QUERY_WAITS; w++) {
			uint32_t slot = in->waits[p][w].head;

			if (slot != SLOT_NONE && in->slots[slot].deadline_ns < nearest)
				nearest = in->slots[slot].deadline_ns;
		}
	}
	return nearest;
}
