/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * pair -- one name asked of one resolver: CD=0, then CD=1, then CD=0 again where the two disagree.
 *
 * Pure: what came of a query goes in, what to ask next comes out. The order is never changed: a
 * CD=1 answer can put a bogus answer into some caches, and costs unbound its exact EDE. CD=0 is
 * asked again where it failed and CD=1 worked, since a server that is merely slow looks like broken
 * DNSSEC otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/rows/row.h"
#include "scanner/ask/engine.h"

/* CD=0 asks for AD (RFC 6840 5.7), CD=1 for the signatures, so that their dates come along. */
#define PAIR_ASK_NORMAL (ASK_RD | ASK_AD | ASK_EDNS | ASK_NSID)
#define PAIR_ASK_CD	(ASK_RD | ASK_CD | ASK_EDNS | ASK_DO | ASK_NSID)

#define PAIR_NSID_MAX 64
/* For the EXTRA-TEXTs of a reply, and for the signatures of CD=1. */
#define PAIR_TEXT_MAX 1000

enum pair_stage { PAIR_NORMAL, PAIR_CD, PAIR_AGAIN, PAIR_DONE };

/* What is kept of a reply; its EDE and texts are in the pair's extras. */
struct brief {
	uint8_t outcome; /* enum outcome */
	uint8_t flags;	 /* FLAG_* */
	uint8_t tries;
	uint8_t ede_count;
	int16_t rcode;
	uint16_t answers;
	int32_t rtt_us; /* -1: no answer */
};

/* Only few pairs have any. */
struct pair_extras {
	uint16_t ede[2][ROW_EDE_MAX]; /* of CD=0, CD=1 */
	uint16_t text_len[2], rrsig_len;
	char text[2][PAIR_TEXT_MAX];
	char rrsig[PAIR_TEXT_MAX];
};

/* Thousands are in flight and each is touched in another order: what every answer needs fits a
 * cache line. */
struct pair {
	_Alignas(64) void *owner;   /* who asks */
	void *batch;		    /* where the name is */
	struct pair_extras *extras; /* NULL: none */
	int32_t resolver;
	uint16_t name_index;
	uint8_t qtype_index;
	uint8_t stage; /* what was asked last: enum pair_stage */
	struct brief normal, cd;
	int16_t again_rcode;
	uint8_t again_outcome; /* enum outcome */
	uint8_t nsid_len;
	uint32_t begun_ms; /* the owner's, of any clock; likewise below */
	char nsid[PAIR_NSID_MAX];
	uint32_t ended_ms;
	struct pair *next; /* in held.h */
};

/* Empty, stage PAIR_NORMAL. */
void pair_init(struct pair *pair);
void pair_free_extras(struct pair *pair);
/* Takes what came of the last query in; the stage afterwards tells what to ask next. cd_always:
 * CD=1 also after a clean CD=0 answer. Out of memory costs texts, never facts. */
void pair_take(struct pair *pair, const struct asked *asked, bool cd_always);
/* What to ask in this stage. */
unsigned pair_ask(const struct pair *pair);
/* Answered with an RCODE that means the resolver did its work: NOERROR, NXDOMAIN. */
static inline bool reply_works(const struct brief *reply)
{
	return reply->outcome == OUTCOME_ANSWERED &&
	       (reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN);
}
/* Anything that wants a second look: not working, EDE that tells of trouble, CD=0 and CD=1 that
 * differ. */
bool pair_clean(const struct pair *pair);
/* CD=0 or CD=1 did not work: so it looks, too, where a resolver is overloaded. */
bool pair_doubtful(const struct pair *pair);
/* Something that was asked got no answer. */
bool pair_lost(const struct pair *pair);
/* Fills the pair's part of a row; its texts stay the pair's. */
void pair_row(const struct pair *pair, struct row *row);
