/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * reply -- what the bench's server answers: a pure function of the query and the shares it was
 * started with.
 *
 * Nothing is looked up: a hash of the QNAME decides whether the name is good, bogus (SERVFAIL with
 * CD=0 only) or dead (SERVFAIL with both), and whether UDP answers are truncated. So every address
 * and every run agrees on a name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shares {
	unsigned bogus;	    /* per mille of the names */
	unsigned dead;	    /* per mille of the names */
	unsigned truncated; /* per mille of the names, over UDP */
	bool ede;	    /* EDE 9 and 22 (RFC 8914) on SERVFAIL answers */
	unsigned signature; /* octets of the signature in an RRSIG on DO=1; 0: the names are not
			       signed */
};

/* What is known of a query after one look. */
struct asking {
	uint64_t hash;	       /* of the QNAME in lower case, and the QTYPE */
	uint16_t question_end; /* octets of header and question */
	uint16_t qtype;
	bool cd, ad, edns, dnssec_ok;
};

/* Header, a question of up to 255 + 4 octets, an address, an RRSIG whose signer is as long as the
 * QNAME, OPT with EDE. */
#define REPLY_SIGNATURE_MAX 512
#define REPLY_MAX	    (12 + 259 + 28 + 12 + 18 + 255 + REPLY_SIGNATURE_MAX + 11 + 4 + 64)
#define REPLY_QUESTION_MAX  (12 + 255 + 4)

/* False: not a query with one question, to be dropped. */
bool reply_read(const uint8_t *query, size_t len, struct asking *asking);
/* Writes the answer; `query` holds at least asking->question_end octets. overloaded: SERVFAIL
 * whatever the name. */
size_t reply_write(uint8_t out[REPLY_MAX], const uint8_t *query, const struct asking *asking,
		   const struct shares *shares, bool stream, bool overloaded);
/* Sets the times written into signatures; before the first answer. */
void reply_set_time(int64_t wall_s);
