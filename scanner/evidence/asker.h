/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * asker -- puts the evidence's questions to name servers by an engine, each server at its own pace,
 * unless it is known already what would come of it (standing.h).
 *
 * Owner    one thread.
 * Memory   standing.h; 80 octets for each question that waits, kept for the next one: of a name
 *          that is looked into there are PROBER_PROBES at most.
 */
#pragma once

#include "scanner/ask/engine.h"
#include "scanner/lists/suffixes.h"
#include "scanner/evidence/world.h"

struct asker;
struct lookout;
struct event_base;

struct asker_relay {
	struct relay relay;
	struct pace *pace; /* the resolver's own, shared with the scan */
	bool stream;	   /* over TCP only */
	/* With TLS: what it needs, and who it has to be; both must outlive the asker. NULL: without */
	const struct tls *tls;
	const struct tls_identity *identity;
};

struct asker_config {
	struct event_base *base;
	uint32_t window;
	struct pace *pace;	       /* of the whole scan; NULL: no limit */
	const struct lookout *lookout; /* when nobody is heard; NULL: nobody looks */
	double server_qps;	       /* 0: no limit, for tests */
	const struct hints *hints;
	const struct suffixes *exclude; /* servers and names never to be asked; NULL: none */
	uint16_t port;
	const struct glue *glue;    /* of the zone files that are scanned; NULL: there are none */
	const struct addr *sources; /* to ask from, as of engine.h */
	int source_count;
	const struct asker_relay
		*relays; /* resolvers that stand in where no server can be reached */
	unsigned relay_count;
};

struct asker *asker_create(const struct asker_config *config);
void asker_destroy(struct asker **asker);
const struct world *asker_world(const struct asker *asker);
/* As engine_turn(). */
void asker_turn(struct asker *asker, int64_t sleep_ns);
/* Ends all questions now, as if unanswered. */
void asker_give_up(struct asker *asker);
int64_t asker_now_ns(const struct asker *asker);
/* Messages, later tries included. */
uint64_t asker_sent(const struct asker *asker);
/* Nothing waits for the pace of a server, and half the window is free: who asks more takes nobody's
 * turn. */
bool asker_is_idle(const struct asker *asker);
/* No resolver is heard, nor any server: what comes to nothing now says nothing, and is asked again.
 */
bool asker_is_cut_off(const struct asker *asker);
/* Can name servers be reached, as far as is known? */
bool asker_sees(const struct asker *asker);
