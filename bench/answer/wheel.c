/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>

#include "bench/answer/wheel.h"

struct wheel *wheel_create(int64_t now_ns)
{
	struct wheel *wheel = calloc(1, sizeof *wheel);

	if (wheel)
		wheel->tick = now_ns >> WHEEL_TICK_SHIFT;
	return wheel;
}

void wheel_destroy(struct wheel **wheel)
{
	if (*wheel)
		free((*wheel)->held);
	free(*wheel);
	*wheel = NULL;
}

static bool grow(struct wheel *wheel)
{
	uint32_t cap = wheel->cap ? 2 * wheel->cap : 4096;
	struct held *held = realloc(wheel->held, cap * sizeof *held);

	if (!held)
		return false;
	for (uint32_t i = wheel->cap ? wheel->cap : 1; i < cap; i++)
		held[i].next = i + 1 < cap ? i + 1 : 0;
	wheel->free = wheel->cap ? wheel->cap : 1;
	wheel->held = held;
	wheel->cap = cap;
	return true;
}

struct held *wheel_put(struct wheel *wheel, int64_t due_ns)
{
	int64_t tick = (due_ns >> WHEEL_TICK_SHIFT) + 1;
	uint32_t slot, index;

	if (wheel->free == 0 && !grow(wheel))
		return NULL;
	if (tick < wheel->tick)
		tick = wheel->tick;
	slot = (uint32_t)(tick & (WHEEL_SLOTS - 1));
	index = wheel->free;
	wheel->free = wheel->held[index].next;
	wheel->held[index].next = 0;
	if (wheel->head[slot])
		wheel->held[wheel->tail[slot]].next = index;
	else
		wheel->head[slot] = index;
	wheel->tail[slot] = index;
	wheel->count++;
	return &wheel->held[index];
}

struct held *wheel_take(struct wheel *wheel, int64_t now_ns)
{
	int64_t now = now_ns >> WHEEL_TICK_SHIFT;

	if (wheel->count == 0) {
		wheel->tick = now;
		return NULL;
	}
	for (; wheel->tick <= now; wheel->tick++) {
		uint32_t slot = (uint32_t)(wheel->tick & (WHEEL_SLOTS - 1));
		uint32_t index = wheel->head[slot];
		struct held *held = &wheel->held[index];

		if (index == 0)
			continue;
		wheel->head[slot] = held->next;
		held->next = wheel->free; /* its content stays until the next put */
		wheel->free = index;
		wheel->count--;
		return held;
	}
	return NULL;
}

int64_t wheel_next_ns(const struct wheel *wheel)
{
	if (wheel->count == 0)
		return INT64_MAX;
	for (int64_t tick = wheel->tick;; tick++)
		if (wheel->head[tick & (WHEEL_SLOTS - 1)])
			return tick << WHEEL_TICK_SHIFT;
}
