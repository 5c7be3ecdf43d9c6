/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * asker -- puts the evidence's questions to name servers by an engine, each server at its own pace,
 * and remembers what servers are like: a mute one, or one that always says the same, is not asked
 * about each of its million zones.
 *
 * Owner    one thread.
 * Memory   ASKER_SERVERS servers; who was not heard of for longest is forgotten.
 */
#pragma once

#include "scanner/engine.h"
#include "scanner/suffixes.h"
#include "scanner/world.h"

struct asker;
struct event_base;

#define ASKER_SERVERS 16384 /* a power of two */
/* Queries a second to one address: a polite stranger. */
#define ASKER_SERVER_QPS 20
/* Zones in a row that came to the same before most further ones are spared; then one in
 * ASKER_SAMPLE is asked. */
#define ASKER_SAME   50
#define ASKER_SAMPLE 20
/* Zones in a row that found the server mute before it is left alone, and for how long. */
#define ASKER_MUTE    3
#define ASKER_MUTE_NS (300 * 1000000000LL)

struct asker_config {
	struct event_base *base;
	uint32_t window;
	struct pace *pace; /* of the whole scan; NULL: no limit */
	double server_qps; /* 0: no limit, for tests */
	const struct hints *hints;
	const struct suffixes *exclude; /* servers and names never to be asked; NULL: none */
	uint16_t port;
};

struct asker *asker_create(const struct asker_config *config);
void asker_destroy(struct asker **asker);
const struct world *asker_world(const struct asker *asker);
/* As engine_turn(). */
void asker_turn(struct asker *asker, int64_t sleep_ns);
/* Ends all questions now, as if unanswered. */
void asker_give_up(struct asker *asker);
int64_t asker_now_ns(const struct asker *asker);
uint64_t asker_sent(const struct asker *asker);
