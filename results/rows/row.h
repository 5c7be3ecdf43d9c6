/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * row -- one pair as plain facts: the same question to the same resolver, CD=0, then CD=1, then
 * perhaps CD=0 again.
 *
 * A row owns nothing: its texts are views into memory of whoever filled it (the scanner's slots, or
 * the line just read).
 */
#pragma once

#include <stdint.h>

#include "results/rows/names.h"
#include "results/rows/view.h"

/* RFC 8914 lets a message carry several; more than these are dropped. */
#define ROW_EDE_MAX 8

/* What one query came to. Zeroed: OUTCOME_UNKNOWN, but set rcode to RCODE_UNKNOWN and rtt_us to -1.
 */
struct reply {
	enum outcome outcome;
	int rcode;	/* extended RCODE, 0..4095, RCODE_UNKNOWN: none came */
	unsigned flags; /* FLAG_* */
	int answers;	/* ANCOUNT; -1: not known */
	unsigned tries; /* messages sent, over all transports; 0: not asked */
	int64_t rtt_us; /* from the last sending to the answer; -1: not known */
	unsigned ede_count;
	uint16_t ede[ROW_EDE_MAX];
	struct view ede_text; /* the EXTRA-TEXTs, joined by " | " */
};

struct row {
	int64_t time_ms;  /* wall clock since 1970, when the pair was done */
	struct view name; /* A-label, lower case, no trailing dot; the root is "." */
	uint16_t qtype;
	struct view resolver;	    /* as in the list */
	struct reply normal;	    /* CD=0 */
	struct reply cd;	    /* CD=1 */
	enum outcome again_outcome; /* CD=0 once more; OUTCOME_UNKNOWN: there was no reason to */
	int again_rcode;
	struct view nsid; /* printable as it is, otherwise in hex */
	struct view note; /* words joined by "+": overload, recheck, ... */
	/* RRSIGs in the CD=1 answer when CD=0 was not clean:
	 * "A/13/12345/20261101000000/20261201000000/example.org", joined by "+" (type covered,
	 * algorithm, key tag, inception, expiration, signer). */
	struct view cd_rrsig;
};

/* Empty facts: unknown everywhere (rcode RCODE_UNKNOWN, answers and rtt_us -1). */
void row_init(struct row *row);
