/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * standing -- name servers by address: the pace at which each is asked, and what it is known for,
 * so that a mute one, or one that always says the same, is not asked about each of its million
 * zones.
 *
 * Owner    one thread.
 * Memory   STANDINGS servers; who was not heard of for longest is forgotten. STANDING_ZONES servers
 *          of zones that answered, a newer one in place of an older one.
 */
#pragma once

#include "scanner/ask/engine.h"
#include "scanner/evidence/world.h"

#define STANDINGS 16384 /* a power of two */
/* Queries a second to one address: a polite stranger. */
#define STANDING_QPS 20
/* Zones in a row that came to the same before most further ones are spared; then one in
 * STANDING_SAMPLE is asked. */
#define STANDING_SAME	50
#define STANDING_SAMPLE 20
/* ... before an error is no longer taken for a matter of the moment. */
#define STANDING_STEADY 2
#define STANDING_ZONES	65536 /* a power of two */
/* Who answered for so many names, of so many questions, tells what is lost on the way; so many of
 * them. */
#define STANDING_NAMES	   5
#define STANDING_QUESTIONS 12
#define STANDING_LOSING	   2
/* Zones in a row that found the server mute before it is left alone, and for how long. */
#define STANDING_MUTE	 3
#define STANDING_MUTE_NS (300 * 1000000000LL)

struct standing {
	struct pace pace;
	struct addr addr;     /* len 0: free */
	int32_t destination;  /* of the engine; -1: none yet */
	uint32_t load;	      /* questions waiting or in flight */
	int64_t heard_ns;     /* of it, last */
	int64_t asked_ns;     /* last; 0: never */
	uint32_t strays;      /* responses from there that answer nothing that was asked */
	uint32_t garbage;     /* what is no response at all */
	uint32_t answers;     /* over UDP */
	uint32_t names;	      /* that it answered for: a bit by the hash of each */
	uint16_t asked, lost; /* questions over UDP of late, and those that got no answer */
	/* what it is known for */
	uint32_t mute_zones;
	int64_t mute_ns;
	const char *finding; /* the same for `zones` zones in a row */
	uint32_t zones;
	uint64_t last_zone;
};

struct standings;

/* server_qps: to each address; 0: no limit. NULL: out of memory. */
struct standings *standings_create(struct engine *engine, double server_qps);
void standings_destroy(struct standings **standings);
/* NULL: not heard of. */
struct standing *standings_find(const struct standings *standings, const struct addr *addr);
/* The same, if need be in place of one that is not used; NULL: all are. */
struct standing *standings_make(struct standings *standings, const struct addr *addr);

/* What came of a question over UDP, however often it was put: late is not lost. */
void standing_tried(struct standing *to, const uint8_t *qname, bool answered);
/* Whether the servers that many names are asked of, such as those of the zones above, leave a third
 * of the questions without an answer, all of them: then it is not they who do. Looks at all there
 * are. */
bool standings_all_lose(const struct standings *standings);

/* This machine was cut off: who was silent until now may not be mute. */
void standings_forget_mute(struct standings *standings);
bool standing_is_mute(const struct standings *standings, const struct standing *standing);
/* What is known of the server before it is asked about that zone. */
struct reputation standings_reputation(const struct standings *standings, const struct addr *addr,
				       const uint8_t *zone);
/* Whether it answered over UDP, as far as is remembered. */
enum heard standings_heard(const struct standings *standings, const struct addr *addr,
			   const uint8_t *zone);
/* What it came to for that zone. finding: constant. */
void standings_report(struct standings *standings, const struct addr *addr, const uint8_t *zone,
		      const char *finding);
