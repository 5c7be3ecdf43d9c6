/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/inflight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool inflight_init(struct inflight *in, uint32_t window, uint64_t key)
{
	uint32_t buckets = 64;

	assert(window > 0 && window < SLOT_NONE / 4);
	while (buckets < 2 * window)
		buckets *= 2;
	memset(in, 0, sizeof(*in));
	in->slots = calloc(window, sizeof(*in->slots));
	in->keys = calloc(window, sizeof(*in->keys));
	in->buckets = malloc(buckets * sizeof(*in->buckets));
	if (in->slots == NULL || in->keys == NULL || in->buckets == NULL) {
		inflight_free(in);
		return false;
	}
	in->window = window;
	in->bucket_mask = buckets - 1;
	in->key = key | 1;
	memset(in->buckets, 0xff, buckets * sizeof(*in->buckets));
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
	free(in->keys);
	free(in->buckets);
	in->slots = NULL;
	in->keys = NULL;
	in->buckets = NULL;
}

uint32_t inflight_take(struct inflight *in)
{
	uint32_t slot = in->free_head;

	if (slot == SLOT_NONE)
		return SLOT_NONE;
	in->free_head = in->slots[slot].next;
	in->used++;
	in->slots[slot].waiting = in->slots[slot].ready = in->slots[slot].streaming = false;
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

static uint32_t bucket_of(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint64_t mixed = (((uint64_t)channel << 16 | id) ^ in->key) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(mixed >> 32) & in->bucket_mask;
}

uint32_t inflight_find(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint32_t slot = in->buckets[bucket_of(in, channel, id)];

	while (slot != SLOT_NONE && (in->keys[slot].id != id || in->keys[slot].channel != channel))
		slot = in->keys[slot].next;
	return slot;
}

bool inflight_enter(struct inflight *in, uint32_t slot, uint32_t channel, uint16_t id)
{
	uint32_t *bucket = &in->buckets[bucket_of(in, channel, id)];

	assert(!in->keys[slot].entered);
	for (uint32_t other = *bucket; other != SLOT_NONE; other = in->keys[other].next)
		if (in->keys[other].id == id && in->keys[other].channel == channel)
			return false;
	in->keys[slot] = (struct slot_key){.channel = channel, .id = id, .next = *bucket, .entered = true};
	*bucket = slot;
	return true;
}

void inflight_leave(struct inflight *in, uint32_t slot)
{
	struct slot_key *key = &in->keys[slot];
	uint32_t *at;

	if (!key->entered)
		return;
	at = &in->buckets[bucket_of(in, key->channel, key->id)];
	while (*at != slot)
		at = &in->keys[*at].next;
	*at = key->next;
	key->entered = false;
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
