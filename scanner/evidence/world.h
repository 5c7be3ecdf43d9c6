/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * world -- what the evidence knows of the outside: where the tree begins, how to put a question to
 * an address, and what servers are known for. The thread that gathers evidence gives it (prober.c);
 * tests give their own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/addr.h"
#include "scanner/evidence/hints.h"

struct fact;
struct glue;

/* How a question is put. */
enum probe_way {
	PROBE_UDP,	   /* EDNS 1232, DO; two tries within 2.5 s */
	PROBE_PATIENT,	   /* the same once more, waiting for 16 s */
	PROBE_PLAIN,	   /* UDP without EDNS */
	PROBE_TCP,	   /* EDNS, DO; waiting for 6 s */
	PROBE_TCP_PATIENT, /* the same once more, waiting for 16 s */
	PROBE_RELAY,	   /* to a resolver: RD, CD, EDNS, DO; TCP where that is truncated */
	PROBE_COOKIE,	   /* UDP, EDNS with a cookie, as BIND asks; two tries */
	PROBE_CD,	   /* UDP, EDNS, CD=1, as unbound and Knot Resolver ask; two tries */
	PROBE_MIXED,	   /* UDP, the QNAME in mixed case, as Knot Resolver asks; two tries */
	PROBE_SMALL,	   /* UDP, EDNS 512, DO; two tries */
	PROBE_PACED,	   /* PROBE_PACED + n: UDP, a single try, sent n * 300 ms later */
};

/* One of those over TCP; a relay's are its resolver's own matter. */
static inline bool probe_way_streams(enum probe_way way)
{
	return way == PROBE_TCP || way == PROBE_TCP_PATIENT;
}

#define PROBE_PACED_COUNT 12
#define PROBE_PACED_NS	  300000000LL
#define PROBE_WAYS	  (PROBE_PACED + PROBE_PACED_COUNT)

/* How to get at the data: from name servers, or from resolvers where these cannot be reached. */
enum road { ROAD_SERVERS, ROAD_RESOLVERS };

/* A resolver that honours CD. */
struct relay {
	const char *text; /* as in the list */
	struct addr addr;
};

#define RELAYS_MAX 8

/* The families in which name servers can be reached from here. */
struct reach {
	bool ipv4, ipv6;
	const char *why; /* answers come that say nothing of name servers: why; constant. NULL */
};

/* What is known of a server before it is asked about one more zone. */
struct reputation {
	const char *finding; /* NULL: ask it. Otherwise what it always came to; constant */
	uint32_t zones;	     /* of so many other zones */
	bool mute; /* ... because it gave no answer lately; otherwise because the outcome is always
		      the same */
	bool steady; /* finding NULL: the last zones all came to the same */
};

/* Has a server answered over UDP in this run, be it about another zone? Then it is not dead. */
enum heard { HEARD_NEVER, HEARD_ELSEWHERE, HEARD_OF_ZONE };

struct world {
	void *owner;
	/* Asks; later fact_found() with a struct probe in the arena of the fact. qname stays valid.
	 */
	void (*ask)(void *owner, struct fact *probe, const struct addr *addr, const uint8_t *qname,
		    uint16_t qtype, enum probe_way way);
	/* May be NULL, like those below. */
	struct reputation (*reputation)(void *owner, const struct addr *addr, const uint8_t *zone);
	/* What a server came to for a zone. finding: constant. */
	void (*report)(void *owner, const struct addr *addr, const uint8_t *zone,
		       const char *finding);
	enum heard (*heard)(void *owner, const struct addr *addr, const uint8_t *zone);
	/* A number that changes when it is to be found out anew what can be reached: nobody was
	 * heard for that long. */
	uint16_t (*epoch)(void *owner, int64_t max_age_ns);
	/* What came of it; not NULL where epoch is not. */
	void (*reached)(void *owner, const struct reach *reach);
	/* Are queries lost on the way from here, whoever they go to? */
	bool (*lossy)(void *owner);
	/* Has any name server answered over TCP? */
	bool (*streams)(void *owner);
	const struct hints *hints;
	const struct glue *glue; /* of the zone files that are scanned; NULL: there are none */
	const struct relay *relays;
	unsigned relay_count;
	uint16_t port; /* of all servers: 53 */
};
