/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of what is in flight against a plain model: random enter, leave, find, wait and expire. */
#include "scanner/ask/inflight.h"

#include <stdlib.h>

#include "tests/tap.h"

#define WINDOW 300
#define STEPS  200000

static struct {
	bool taken, entered;
	uint32_t channel;
	uint16_t id;
	int64_t deadline; /* 0: does not wait */
} model[WINDOW];

static struct inflight in;
static unsigned rng = 12345;

static unsigned draw(unsigned below)
{
	rng = rng * 1664525 + 1013904223;
	return (rng >> 8) % below;
}

static uint32_t model_find(uint32_t channel, uint16_t id)
{
	for (uint32_t i = 0; i < WINDOW; i++)
		if (model[i].entered && model[i].channel == channel && model[i].id == id)
			return i;
	return SLOT_NONE;
}

static void give(uint32_t slot)
{
	inflight_give(&in, slot);
	model[slot].taken = model[slot].entered = false;
	model[slot].deadline = 0;
}

/* Everything that is due comes out, nothing else does. */
static bool expire(int64_t now)
{
	uint32_t slot;

	while ((slot = inflight_expired(&in, now)) != SLOT_NONE) {
		if (model[slot].deadline == 0 || model[slot].deadline > now)
			return false;
		model[slot].deadline = 0;
	}
	for (uint32_t i = 0; i < WINDOW; i++)
		if (model[i].deadline != 0 && model[i].deadline <= now)
			return false;
	return true;
}

static int64_t model_deadline(void)
{
	int64_t nearest = INT64_MAX;

	for (uint32_t i = 0; i < WINDOW; i++)
		if (model[i].deadline != 0 && model[i].deadline < nearest)
			nearest = model[i].deadline;
	return nearest;
}

static bool step(int64_t now)
{
	static const int64_t waits[] = {100, 250, 700};
	uint32_t slot = draw(WINDOW);
	uint32_t channel = draw(3);
	uint16_t id = (uint16_t)draw(400); /* few, so that they collide */

	switch (draw(6)) {
	case 0:
	case 1:
		slot = inflight_take(&in);
		if (slot == SLOT_NONE)
			return in.used == WINDOW;
		if (model[slot].taken)
			return false;
		model[slot].taken = true;
		query_init(&in.slots[slot].query, 0, &(struct patience){.tries = 3}, (int)draw(2));
		return true;
	case 2:
		if (model[slot].taken && !model[slot].entered) {
			bool is_free = model_find(channel, id) == SLOT_NONE;

			if (inflight_enter(&in, slot, channel, id) != is_free)
				return false;
			model[slot].entered = is_free;
			model[slot].channel = channel;
			model[slot].id = id;
		}
		return true;
	case 3:
		if (model[slot].taken) {
			in.slots[slot].query.wait = (uint8_t)draw(3);
			inflight_wait(&in, slot, now, waits[in.slots[slot].query.wait]);
			model[slot].deadline = now + waits[in.slots[slot].query.wait];
		}
		return true;
	case 4:
		if (model[slot].taken && draw(2) == 0) {
			inflight_leave(&in, slot);
			model[slot].entered = false;
		} else if (model[slot].taken) {
			give(slot);
		}
		return true;
	default:
		return inflight_find(&in, channel, id) == model_find(channel, id) &&
		       inflight_deadline(&in) == model_deadline() && expire(now);
	}
}

/* A resolver stands still, and then answers all that was asked of it. */
static void test_many_late(void)
{
	enum { MANY = 1000, ROUNDS = 8 };
	static uint16_t ids[ROUNDS][MANY];
	struct inflight wide;
	unsigned late = 0;

	if (!inflight_init(&wide, MANY, 4711))
		abort();
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t slots[MANY];

		for (uint16_t i = 0; i < MANY; i++) {
			slots[i] = inflight_take(&wide);
			ids[round][i] = i;
			while (!inflight_enter(&wide, slots[i], round, ids[round][i]))
				ids[round][i] = (uint16_t)(ids[round][i] + MANY);
		}
		for (uint32_t i = 0; i < MANY; i++) {
			inflight_remember(&wide, slots[i]);
			inflight_give(&wide, slots[i]);
		}
	}
	for (uint32_t round = 0; round < ROUNDS; round++)
		for (uint16_t i = 0; i < MANY; i++)
			late += inflight_past(&wide, round, ids[round][i]) == PAST_LATE;
	ok(late >= ROUNDS * MANY - 3, "%u of eight windows' worth are known as late", late);
	inflight_free(&wide);
}

/* Where nine IDs belong into one bucket, the ninth has to wait until one of the others leaves. */
static void test_full_bucket(void)
{
	struct inflight one;
	uint32_t slot = 0, home = 0, entered = 0;
	uint16_t ids[INFLIGHT_PLACES + 1];

	if (!inflight_init(&one, WINDOW, 4711))
		abort();
	home = inflight_mark(&one, 1, 0) & one.bucket_mask;
	for (uint32_t id = 0; id <= UINT16_MAX && entered <= INFLIGHT_PLACES; id++)
		if ((inflight_mark(&one, 1, (uint16_t)id) & one.bucket_mask) == home)
			ids[entered++] = (uint16_t)id;
	for (uint32_t i = 0; i < INFLIGHT_PLACES; i++)
		ok(inflight_enter(&one, inflight_take(&one), 1, ids[i]), "%u in a bucket", i + 1);
	slot = inflight_take(&one);
	ok(!inflight_enter(&one, slot, 1, ids[INFLIGHT_PLACES]), "there is no room for a ninth");
	inflight_give(&one, inflight_find(&one, 1, ids[3]));
	is_int(inflight_past(&one, 1, ids[3]), PAST_ANSWERED, "who has left is remembered");
	ok(inflight_enter(&one, slot, 1, ids[INFLIGHT_PLACES]), "now there is");
	is_int(inflight_find(&one, 1, ids[INFLIGHT_PLACES]), slot, "... and it is found");
	is_int(inflight_find(&one, 1, ids[3]), SLOT_NONE, "... and the other one is not");
	inflight_free(&one);
}

int main(void)
{
	bool good = inflight_init(&in, WINDOW, 0x1234567);
	int steps = 0;

	for (; good && steps < STEPS; steps++)
		good = step(1000 + steps);
	ok(good, "%d random steps agree with the model", steps);
	for (uint32_t i = 0; i < WINDOW; i++)
		if (model[i].taken)
			give(i);
	is_int(in.used, 0, "all can be given back");
	is_int(inflight_deadline(&in), INT64_MAX, "... and nobody waits then");
	inflight_free(&in);
	test_many_late();
	test_full_bucket();
	return done_testing();
}
