/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * hint -- what the EDE of one answer (RFC 8914) says about the cause. A hint, no proof: it is
 * unauthenticated, each implementation chooses its codes in its own way, and a cached answer says
 * less than a fresh one.
 *
 * A hint is a set of causes that fit. Hints of several resolvers are put together by intersection,
 * so that two vague ones make a precise one. The texts known are those of unbound (val-log-level:
 * 2), Knot Resolver, BIND, PowerDNS Recursor, Cloudflare and Google.
 */
#pragma once

#include "results/judge/cause.h"
#include "results/rows/row.h"

/* Resolvers follow at least so many aliases before they give up. */
#define ALIASES_MIN 8

enum strength {
	HINT_NONE,   /* says nothing */
	HINT_FAMILY, /* an INFO-CODE that several causes share */
	HINT_CODE,   /* an INFO-CODE that means one cause */
	HINT_TEXT    /* an EXTRA-TEXT that says which */
};

struct hint {
	enum strength strength;
	uint64_t possible; /* CAUSE_BIT()s */
	enum cause best;   /* the most probable of them */
	struct view zone; /* the zone that the text blames, as it stands there without the last dot;
			     empty: none */
	bool of_answer;	  /* the text blames the answer itself, and no key or DS on the way */
};

/* About validation, from an answer SERVFAIL while CD=1 works. negative: the CD=1 answer has no
 * answer records. */
struct hint hint_dnssec(const struct reply *reply, bool negative);
/* Its zone alone. */
struct view hint_zone(const struct reply *reply);
/* About servers, delegation and network. */
struct hint hint_servers(const struct reply *reply);

/* Says that the resolver's own policy made the answer (blocked, censored, filtered, forged). */
bool hint_policy(const struct reply *reply);
/* Says that the answer is old, or exempt from validation, and would be a failure otherwise. */
bool hint_exempt(const struct reply *reply);
/* Says that the resolver is busy, limits us, or is not ready. */
bool hint_busy(const struct reply *reply);

bool reply_has_ede(const struct reply *reply, uint16_t info_code);
