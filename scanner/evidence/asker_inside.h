/* SPDX-License-Identifier: BSD-2-Clause */

/* What the asker's rooms know of each other: asker.c, and asker_errand.c, which puts the questions.
 */
#pragma once

#include "scanner/evidence/asker.h"
#include "scanner/evidence/outlook.h"
#include "scanner/evidence/probe.h"
#include "scanner/evidence/standing.h"

struct errand {
	struct errand *next;
	struct asker *asker;
	struct fact *fact;
	struct standing *to;
	struct question question;
	enum probe_way way;
	int64_t due_ns;
	uint32_t strays, garbage; /* of the server, before */
	bool excluded;		  /* its server or its name: it is not run */
};

struct asker {
	struct asker_config config;
	struct world world;
	struct engine *engine;
	struct standings *standings;
	struct errand *waiting, **waiting_end; /* for room in the window */
	struct errand *later;		       /* sorted by due_ns */
	struct errand *spare;
	bool no_ipv4, no_ipv6; /* no way there from here */
	struct outlook outlook;
	/* Resolvers that stand in for servers. */
	struct relay relays[RELAYS_MAX];
	struct standing *relay;
	bool relay_stream[RELAYS_MAX];
	bool giving_up;
};

#define ASKER_PATIENCES 5
extern const struct patience asker_patiences[ASKER_PATIENCES];

/* world.h: ask. */
void asker_ask(void *owner, struct fact *fact, const struct addr *addr, const uint8_t *qname,
	       uint16_t qtype, enum probe_way way);
