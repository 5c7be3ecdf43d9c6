/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * message -- queries to octets, octets to answers (RFC 1035, 6891, 8914, 5001).
 *
 * The plain case is read by hand: header, question, and the OPT record found by skipping the
 * others. Nothing is copied; an answer points into the message. Every octet is hostile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"

#define MESSAGE_QNAME_MAX  255 /* RFC 1035 2.3.4 */
#define MESSAGE_QUERY_MAX  (12 + MESSAGE_QNAME_MAX + 4 + 11 + 4 + 12)
#define MESSAGE_HEADER	   12 /* octets; the question follows */
#define MESSAGE_EDNS_SIZE  1232
#define MESSAGE_EDNS_SMALL 512 /* as without EDNS */
#define MESSAGE_EDE_MAX	   8

/* What a query asks for; a set of these is an `ask`. */
enum {
	ASK_RD = 1,
	ASK_CD = 2,
	ASK_AD = 4,
	ASK_EDNS = 8,
	ASK_DO = 16,	     /* needs ASK_EDNS */
	ASK_NSID = 32,	     /* needs ASK_EDNS; RFC 5001 */
	ASK_STREAM = 64,     /* over TCP from the start */
	ASK_NO_STREAM = 128, /* never over TCP: a truncated answer is the answer */
	ASK_AHEAD = 256,     /* before all that waits for its turn: it ends what was begun */
	ASK_COOKIE = 512,    /* needs ASK_EDNS; a client's cookie (RFC 7873) */
	ASK_CASED = 1024,    /* over UDP in letters of a case by lot, to come back so */
	ASK_SMALL = 2048,    /* needs ASK_EDNS; no more than MESSAGE_EDNS_SMALL octets */
};

struct question {
	const uint8_t *qname; /* wire format, lower case, uncompressed */
	uint8_t qname_len;    /* with the root octet: 1..255 */
	uint16_t qtype;
};

struct ede {
	uint16_t info_code;
	uint16_t text_len;
	const uint8_t *text; /* UTF-8 as promised by RFC 8914, not checked */
};

/* The facts of one response. */
struct answer {
	const uint8_t *message;
	uint16_t len;
	uint16_t id;
	int rcode;	/* with the extended bits when there is an OPT */
	unsigned flags; /* FLAG_* of results/rows/names.h */
	uint16_t answers, authorities, additionals;
	bool edns;
	uint16_t edns_size;
	bool edns_do;
	bool bad_option; /* a COOKIE of a length that it cannot have (RFC 7873 4) */
	uint8_t ede_count;
	uint16_t nsid_len;
	const uint8_t *nsid;		 /* NULL when there is none */
	struct ede ede[MESSAGE_EDE_MAX]; /* ede_count of them; what is behind was never written */
};

enum message_fit {
	MESSAGE_FITS,	   /* a response to this question */
	MESSAGE_MISMATCH,  /* not a response, or to another question */
	MESSAGE_MALFORMED, /* cut off, or records that do not parse */
};

/* Writes a query, returns its length. */
size_t message_query(uint8_t out[MESSAGE_QUERY_MAX], uint16_t id, const struct question *question,
		     unsigned ask);
/* The length message_query() would return. */
size_t message_query_len(const struct question *question, unsigned ask);
/* No facts: RCODE_UNKNOWN, the rest 0. */
void answer_init(struct answer *answer);
/*
 * Reads a response to `question`. On MESSAGE_FITS and MESSAGE_MALFORMED (where at least the header
 * was read) fills answer. QNAME is compared without regard to case (RFC 4343). An empty question
 * section fits errors only.
 */
enum message_fit message_read(const uint8_t *message, size_t len, const struct question *question,
			      struct answer *answer);

/* One resource record, where it lies in the message. */
struct record {
	size_t owner; /* offset of the owner's name, perhaps compressed */
	uint16_t type, class;
	uint32_t ttl;
	uint16_t rdlength;
	const uint8_t *rdata;
};

/* The offset of the first record behind the question section; 0 when there is none. */
size_t message_records(const struct answer *answer);
/* Reads the record at that offset; returns the offset behind it, 0 when it runs over the end. */
size_t message_record(const struct answer *answer, size_t at, struct record *record);
/* The first IPv4 address in the answer section, or, where one is wanted, that one. False: it is not
 * there. */
bool message_address(const struct answer *answer, const struct addr *wanted, struct addr *addr);

/* Text ("example.org", no escapes, lower-cased) to wire; 0 when it is no name. "." and "" are the
 * root. */
size_t message_qname(uint8_t wire[MESSAGE_QNAME_MAX], const char *text, size_t len);
/* Wire to text without trailing dot ("." for the root), other than [a-z0-9_-] escaped \DDD. Labels
 * that do not fit into len octets, or into those of a name, are left out. Returns its length, NUL
 * added. */
size_t message_qname_text(char text[4 * MESSAGE_QNAME_MAX + 1], const uint8_t *wire, size_t len);
