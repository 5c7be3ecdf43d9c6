/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/inflight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX (1u << 17) /* 4 MiB */

bool inflight_init(struct inflight *in, uint32_t window, uint64_t key)
{
	uint32_t places = 64, groups = 64;

	assert(window > 0 && window < SLOT_NONE / 4);
	while (places < 2 * window)
		places *= 2;
	while (groups < window / INFLIGHT_TOGETHER * INFLIGHT_REMEMBERED && groups < GROUPS_MAX)
		groups *= 2;
	memset(in, 0, sizeof(*in));
	in->slots = aligned_alloc(64, window * sizeof(*in->slots));
	in->places = aligned_alloc(64, places * sizeof(*in->places));
	in->remembered = calloc(groups, INFLIGHT_TOGETHER * sizeof(*in->remembered));
	if (in->slots == NULL || in->places == NULL || in->remembered == NULL) {
		inflight_free(in);
		return false;
	}
	memset(in->slots, 0, window * sizeof(*in->slots));
	in->window = window;
	in->place_mask = places - 1;
	in->group_mask = groups - 1;
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
	free(in->remembered);
	in->slots = NULL;
	in->places = NULL;
	in->remembered = NULL;
}

uint32_t inflight_take(struct inflight *in)
{
	uint32_t slot = in->free_head;

	if (slot == SLOT_NONE)
		return SLOT_NONE;
	in->free_head = in->slots[slot].next;
	in->used++;
	in->slots[slot].entered = in->slots[slot].waiting = in->slots[slot].streaming = false;
	in->slots[slot].ready = 0;
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

static uint32_t *group_of(const struct inflight *in, uint32_t mark)
{
	return &in->remembered[(size_t)(mark & in->group_mask) * INFLIGHT_TOGETHER];
}

/* Where the slot of that channel and ID is, or the free place where it would be. */
static struct place *seek(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint32_t mark = inflight_mark(in, channel, id);

	for (uint32_t at = mark;; at++) {
		struct place *place = inflight_place(in, at);

		if (place->slot == SLOT_NONE)
			return place;
		if (place->mark == mark && in->slots[place->slot].id == id &&
		    in->slots[place->slot].channel == channel)
			return place;
	}
}

uint32_t inflight_find(const struct inflight *in, uint32_t channel, uint16_t id)
{
	return seek(in, channel, id)->slot;
}

enum past inflight_past(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint32_t mark = inflight_mark(in, channel, id);
	const uint32_t *group = group_of(in, mark);

	for (unsigned i = 0; i < INFLIGHT_TOGETHER; i++)
		if (group[i] == mark)
			return PAST_LATE;
	return seek(in, channel, id)->mark == mark ? PAST_ANSWERED : PAST_NOTHING;
}

void inflight_remember(struct inflight *in, uint32_t slot)
{
	const struct slot *s = &in->slots[slot];
	uint32_t mark = inflight_mark(in, s->channel, s->id);
	uint32_t *group = group_of(in, mark);

	if (!s->entered || group[0] == mark)
		return;
	memmove(group + 1, group, (INFLIGHT_TOGETHER - 1) * sizeof(*group));
	group[0] = mark;
}

bool inflight_enter(struct inflight *in, uint32_t slot, uint32_t channel, uint16_t id)
{
	struct place *place = seek(in, channel, id);
	struct slot *s = &in->slots[slot];

	assert(!s->entered);
	if (place->slot != SLOT_NONE)
		return false;
	*place = (struct place){.slot = slot, .mark = inflight_mark(in, channel, id)};
	s->channel = channel;
	s->id = id;
	s->entered = true;
	return true;
}

/* Closes the gap: whoever was pushed beyond it moves back (Knuth, 6.4 Algorithm R). What is free in
 * the end remembers who left. */
static void close_gap(struct inflight *in, uint32_t gap)
{
	uint32_t left = inflight_place(in, gap)->mark;

	for (uint32_t at = gap + 1; inflight_place(in, at)->slot != SLOT_NONE; at++) {
		uint32_t from_home = (at - inflight_place(in, at)->mark) & in->place_mask;

		if (from_home < ((at - gap) & in->place_mask))
			continue;
		*inflight_place(in, gap) = *inflight_place(in, at);
		gap = at;
	}
	*inflight_place(in, gap) = (struct place){.slot = SLOT_NONE, .mark = left};
}

void inflight_leave(struct inflight *in, uint32_t slot)
{
	struct slot *s = &in->slots[slot];
	uint32_t at;

	if (!s->entered)
		return;
	at = inflight_mark(in, s->channel, s->id);
	while (inflight_place(in, at)->slot != slot)
		at++;
	close_gap(in, at & in->place_mask);
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
				/* Whoever waited longest has not been looked at for as long. */
				if (in->waits[p][w].head != SLOT_NONE)
					inflight_fetch(in, in->waits[p][w].head);
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
