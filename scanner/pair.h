/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * pair -- one name asked of one resolver: CD=0, then CD=1, then CD=0 again where the two disagree.
 *
 * Pure: what came of a query goes in, what to ask next comes out. The order is never changed: a CD=1 answer can put a bogus
 * answer into some caches, and costs unbound its exact EDE. CD=0 is asked again where it failed and CD=1 worked, since a
 * server that is merely slow looks like broken DNSSEC otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/row.h"
#include "scanner/engine.h"

/* CD=0 asks for AD (RFC 6840 5.7), CD=1 for the signatures, so that their dates come along. */
#define PAIR_ASK_NORMAL (ASK_RD | ASK_AD | ASK_EDNS | ASK_NSID)
#define PAIR_ASK_CD	(ASK_RD | ASK_CD | ASK_EDNS | ASK_DO | ASK_NSID)

#define PAIR_NSID_MAX 64
/* Texts of a reply beyond its numbers: EXTRA-TEXTs and signatures; only few replies have any. */
#define PAIR_TEXT_MAX 1024

enum pair_stage { PAIR_NORMAL, PAIR_CD, PAIR_AGAIN, PAIR_DONE };

struct pair {
	uint8_t stage; /* what was asked last: enum pair_stage */
	uint8_t qtype_index;
	uint16_t name_index;
	int32_t resolver;
	void *batch;
	int64_t started_ns;
	struct reply normal, cd;
	uint8_t again_outcome; /* enum outcome */
	int16_t again_rcode;
	uint8_t nsid_len;
	char nsid[PAIR_NSID_MAX];
	char *texts; /* NULL, or the memory behind the replies' texts and cd_rrsig */
	uint16_t texts_len;
	struct view cd_rrsig;
};

/* Empty, stage PAIR_NORMAL. */
void pair_init(struct pair *pair);
void pair_free_texts(struct pair *pair);
/* Takes what came of the last query in; the stage afterwards tells what to ask next. cd_always: CD=1 also after a clean
 * CD=0 answer. Out of memory costs texts, never facts. */
void pair_take(struct pair *pair, const struct asked *asked, bool cd_always);
/* What to ask in this stage. */
unsigned pair_ask(const struct pair *pair);
/* Answered with an RCODE that means the resolver did its work: NOERROR, NXDOMAIN, YXDOMAIN. */
bool reply_works(const struct reply *reply);
/* Anything that wants a second look: not working, EDE that tells of trouble, CD=0 and CD=1 that differ. */
bool pair_clean(const struct pair *pair);
/* Fills the pair's part of a row; its texts stay the pair's. */
void pair_row(const struct pair *pair, struct row *row);
