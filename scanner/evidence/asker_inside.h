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

/* First come, first served. */
struct errands {
	struct errand *first, **end;
};

void errands_init(struct errands *errands);

/* Who is put off waits as long as all others of the same list, so each is sorted by due_ns: first
 * those that came to nothing while nobody was heard, then those of PROBE_PACED + n. */
#define ASKER_DELAYS (1 + PROBE_PACED_COUNT)

struct asker {
	struct asker_config config;
	struct world world;
	struct engine *engine;
	struct standings *standings;
	struct errands waiting; /* for room in the window */
	struct errands later[ASKER_DELAYS];
	struct errand *spare;
	bool no_ipv4, no_ipv6; /* no way there from here */
	bool streams;	       /* some name server has answered over TCP */
	struct outlook outlook;
	bool losing; /* all who are asked much lose much, as of losing_ns */
	int64_t losing_ns;
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
