/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * trail -- the way from the root to the answer as one inquiry's evidence rows tell it: what on it
 * is broken, topmost first, aliases in the order in which they are followed.
 *
 * What resolvers told, asked with CD=1 where servers could not be seen, is a way of its own behind
 * the one that was seen (transport "resolver").
 *
 * Rows that conclude (question empty) are what counts. Rows of single probes are what conclusions
 * stand on, and one bad server of four is no cause. Nothing is judged here against what resolvers
 * say: that is the rules' part.
 */
#pragma once

#include "results/judge/cause.h"
#include "results/rows/evidence.h"

#define TRAIL_FAULTS_MAX 16

/* BIND takes no more records of one type than that (max-records-per-type, 9.18.28 on). */
#define TRAIL_RECORDS_MANY 100

/* Read in signed data, or in the keys that these need, whoever handed them on. What is missing may
 * be the doing of who asked: without EDNS no signature comes. */
#define READ_IN_DATA                                                                               \
	(CAUSE_BIT(CAUSE_RRSIG_EXPIRED) | CAUSE_BIT(CAUSE_RRSIG_NOT_YET_VALID) |                   \
	 CAUSE_BIT(CAUSE_RRSIG_INVALID) | CAUSE_BIT(CAUSE_RRSIG_KEY_MISSING) |                     \
	 CAUSE_BIT(CAUSE_RRSIG_WRONG_FIELDS) | CAUSE_BIT(CAUSE_DS_NO_MATCHING_DNSKEY) |            \
	 CAUSE_BIT(CAUSE_DS_DIGEST_MISMATCH) | CAUSE_BIT(CAUSE_DS_ALGORITHM_MISMATCH) |            \
	 CAUSE_BIT(CAUSE_DS_BUT_UNSIGNED) | CAUSE_BIT(CAUSE_DNSKEY_REVOKED) |                      \
	 CAUSE_BIT(CAUSE_DNSKEY_UNUSABLE) | CAUSE_BIT(CAUSE_PARENT_DS_INVALID))

struct fault {
	enum cause cause;
	struct view zone;	     /* where it lies */
	const struct evidence *row;  /* that says so */
	const struct evidence *via;  /* the alias that led there; NULL: none */
	const struct evidence *host; /* the name server's zone that is to blame; NULL: none */
	uint64_t mixed; /* of NS_MIXED_FAILURES: what the addresses fail by, each a CAUSE_BIT() */
	bool filed;	/* it rests on the DS of a zone file */
	bool lossy;	/* silence, where many queries are lost on the way from the scan's place */
	bool told;   /* by resolvers: asked for with CD=1, nothing seen at the servers themselves */
	bool unsure; /* there was no way to look, or most resolvers do not mind it */
	bool quirk;  /* a habit that only some resolvers mind, and then at all times */
};

struct trail {
	struct fault fault[TRAIL_FAULTS_MAX];
	unsigned faults;
	struct fault defect; /* of some servers, that others make up for; row NULL: none */
	struct fault beside; /* of what comes with the answer, and is not needed; row NULL: none */
	const struct evidence *many; /* an answer of more than TRAIL_RECORDS_MANY records; NULL */
	const struct evidence *besides; /* a link that is good, beside others that are not; NULL */
	const struct evidence *iterations; /* NSEC3 are hashed more than once; NULL: not seen */
	const struct evidence
		*anchor; /* the root's keys do not fit the scan's trust anchor; NULL */
	bool clock;	 /* ... by their dates: it is this machine's clock that is wrong */
	const struct evidence *parents; /* of a zone on the way, which do not agree; NULL */
	const struct evidence *budget;	/* what was not asked; NULL: nothing */
	int64_t time_ms;		/* when it was gathered */
	bool gathered;			/* there is evidence */
	bool fine;	/* all of the way was seen, and nothing on it is broken for everybody */
	bool secure;	/* and its end is signed and validates */
	bool insecure;	/* its end need not be signed */
	bool told;	/* resolvers were asked for what could not be seen, and had an answer */
	bool told_fine; /* and nothing is wrong with that */
	bool file_good, file_old; /* the DS of the zone file are those that the parent has now, or
				     are not */
	bool sha1;		  /* a zone on the way is signed with it (algorithms 5 and 7) */
};

/* Whether the row says something that trail_read() would look at. */
bool trail_wants(const struct evidence *row);
/* rows: of one inquiry, in their order; the trail points into them. */
void trail_read(const struct evidence *rows, size_t count, struct trail *trail);
