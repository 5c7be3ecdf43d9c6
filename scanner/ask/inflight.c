/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/inflight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "io/large.h"

#define GROUPS_MAX (1u << 17) /* 4 MiB */

bool inflight_init(struct inflight *in, uint32_t window, uint64_t key)
{
	uint32_t buckets = 8, groups = 64;

	assert(window > 0 && window < SLOT_NONE / 4);
	while (buckets * INFLIGHT_PLACES < 2 * window)
		buckets *= 2;
	while (groups < window / INFLIGHT_TOGETHER * INFLIGHT_REMEMBERED && groups < GROUPS_MAX)
		groups *= 2;
	memset(in, 0, sizeof(*in));
	in->slots = large_alloc(window * sizeof(*in->slots));
	in->buckets = large_alloc(buckets * sizeof(*in->buckets));
	in->remembered = calloc(groups, INFLIGHT_TOGETHER * sizeof(*in->remembered));
	if (in->slots == NULL || in->buckets == NULL || in->remembered == NULL) {
		inflight_free(in);
		return false;
	}
	memset(in->slots, 0, window * sizeof(*in->slots));
	in->window = window;
	in->bucket_mask = buckets - 1;
	in->group_mask = groups - 1;
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
	free(in->buckets);
	free(in->remembered);
	in->slots = NULL;
	in->buckets = NULL;
	in->remembered = NULL;
}

uint32_t inflight_take(struct inflight *in)
{
	uint32_t slot = in->free_head;

	if (slot == SLOT_NONE)
		return SLOT_NONE;
	in->free_head = in->slots[slot].next;
	if (in->free_head != SLOT_NONE)
		__builtin_prefetch(&in->slots[in->free_head], 1); /* for whoever asks next */
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

uint32_t inflight_find(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint32_t mark = inflight_mark(in, channel, id);
	const struct bucket *bucket = inflight_bucket(in, mark);

	for (unsigned i = 0; i < INFLIGHT_PLACES; i++) {
		unsigned at = (inflight_first(mark) + i) % INFLIGHT_PLACES;
		uint32_t slot = bucket->slots[at];

		if (bucket->marks[at] == mark && slot != SLOT_NONE && in->slots[slot].id == id &&
		    in->slots[slot].channel == channel)
			return slot;
	}
	return SLOT_NONE;
}

enum past inflight_past(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint32_t mark = inflight_mark(in, channel, id);
	const uint32_t *group = group_of(in, mark);
	const struct bucket *bucket = inflight_bucket(in, mark);

	for (unsigned i = 0; i < INFLIGHT_TOGETHER; i++)
		if (group[i] == mark)
			return PAST_LATE;
	for (unsigned i = 0; i < INFLIGHT_PLACES; i++)
		if (bucket->marks[i] == mark && bucket->slots[i] == SLOT_NONE)
			return PAST_ANSWERED;
	return PAST_NOTHING;
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

/* A free place of the mark's bucket; INFLIGHT_PLACES: there is none. */
static unsigned free_place(const struct bucket *bucket, uint32_t mark)
{
	for (unsigned i = 0; i < INFLIGHT_PLACES; i++) {
		unsigned at = (inflight_first(mark) + i) % INFLIGHT_PLACES;

		if (bucket->slots[at] == SLOT_NONE)
			return at;
	}
	return INFLIGHT_PLACES;
}

/* Mostly nobody has or had the mark; then no place need be looked at for itself. */
static bool is_known(const struct bucket *bucket, uint32_t mark)
{
	unsigned found = 0;

	for (unsigned i = 0; i < INFLIGHT_PLACES; i++)
		found |= bucket->marks[i] == mark;
	return found;
}

bool inflight_enter(struct inflight *in, uint32_t slot, uint32_t channel, uint16_t id)
{
	uint32_t mark = inflight_mark(in, channel, id);
	struct bucket *bucket = inflight_bucket(in, mark);
	unsigned at = free_place(bucket, mark);
	struct slot *s = &in->slots[slot];

	assert(!s->entered);
	if (at == INFLIGHT_PLACES ||
	    (is_known(bucket, mark) && inflight_find(in, channel, id) != SLOT_NONE))
		return false;
	bucket->slots[at] = slot;
	bucket->marks[at] = mark;
	s->channel = channel;
	s->id = id;
	s->entered = true;
	return true;
}

/* Its mark stays in the place, which remembers who left. */
void inflight_leave(struct inflight *in, uint32_t slot)
{
	struct slot *s = &in->slots[slot];
	struct bucket *bucket;
	uint32_t mark;
	unsigned at;

	if (!s->entered)
		return;
	mark = inflight_mark(in, s->channel, s->id);
	bucket = inflight_bucket(in, mark);
	at = inflight_first(mark);
	while (bucket->slots[at] != slot)
		at = (at + 1) % INFLIGHT_PLACES;
	bucket->slots[at] = SLOT_NONE;
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
