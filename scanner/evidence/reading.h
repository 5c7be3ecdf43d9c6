/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * reading -- what a server's message says, seen from the zone that it was asked about. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/dns/dname.h"

struct records;

enum reading_kind {
	READING_ANSWER,	    /* data, an alias, or with AA that there is none */
	READING_REFERRAL,   /* to a zone below (reading->owner) that the QNAME is in */
	READING_ERROR,	    /* another RCODE than NOERROR and NXDOMAIN */
	READING_NOTHING,    /* neither data nor AA; or AA, and no SOA where the SOA was asked for */
	READING_SELF,	    /* a referral to the zone itself (owner) */
	READING_UPWARD,	    /* a referral to a zone above it (owner) */
	READING_ASIDE,	    /* a referral to a zone (owner) that the QNAME is not in */
	READING_OTHER_ZONE, /* a denial by the SOA of a zone (owner) that the zone is not in, or is
			       below of */
	READING_MALFORMED,  /* the message does not parse */
	READING_BAD_RDATA,  /* it does, but a record in its answer does not (owner) */
	READING_TOO_LONG,   /* a DNAME makes the name too long (RFC 6672 2.2) */
};

#define READING_ALIASES_MAX 32

struct reading {
	enum reading_kind kind;
	int rcode;
	bool authoritative;
	bool has_data; /* records of the QTYPE for the QNAME or where its aliases lead */
	bool no_name;  /* NXDOMAIN */
	bool rrsig;    /* some signature */
	/* What resolvers may mind in answers that are good enough for others. */
	bool trailing;	  /* octets behind the last record */
	bool other_data;  /* records, but of another name or type than was asked for */
	bool misplaced;	  /* what was asked for, but not in the answer section */
	bool two_aliases; /* of one name */
	bool opt_astray;  /* an EDNS record elsewhere than among the additional ones */
	bool self;	  /* without data or SOA, and with the zone's own NS */
	uint8_t owner[DNAME_MAX];
	bool has_soa; /* of this zone, in the answer or with a denial */
	uint32_t serial;
	/* Aliases in the answer section, from the QNAME on; with READING_ERROR too, if there are.
	 */
	unsigned aliases;
	bool alias_loop;	   /* they lead back to one before */
	bool ended;		   /* the message has the data of the last one, or denies them */
	uint8_t target[DNAME_MAX]; /* where they end: the QNAME when there are none */
};

/* records: of the message; NULL: it does not parse. recursive: it comes from a resolver, whose
 * denials carry no AA. */
void reading_make(struct reading *reading, const uint8_t *zone, const uint8_t *qname,
		  uint16_t qtype, const struct records *records, bool recursive);
/* Good enough for those who look for the way down: data, a denial, a referral. */
bool reading_useful(const struct reading *reading);
