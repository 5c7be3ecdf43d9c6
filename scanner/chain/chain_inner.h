/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * chain_inner -- what the parts of the chain (chain_*.c, denial.c) share among themselves.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ldns/ldns.h>

#include "scanner/chain/chain.h"
#include "scanner/dns/records.h"

#define KEYSET_MAX	 64 /* keys kept of one DNSKEY RRset */
#define KEYS_PER_TAG	 4  /* that share tag and algorithm are tried (KeyTrap, CVE-2023-50387) */
#define RRSIGS_PER_RRSET 16 /* are looked at */
#define TRIES_PER_RRSET	 16 /* signatures verified; unbound gives up after 8, BIND after 16 */
#define DNSKEY_FIXED	 4  /* octets in front of the public key */
#define DNSKEY_ZONE	 0x0100
#define DNSKEY_REVOKE	 0x0080 /* RFC 5011 7 */
#define DNSKEY_SEP	 0x0001
#define DNSKEY_KNOWN	 (DNSKEY_ZONE | DNSKEY_REVOKE | DNSKEY_SEP)
#define DNSKEY_PROTOCOL	 3
#define RRSIG_FIXED	 18 /* octets in front of the signer's name */
#define NSEC3_ITERATIONS_MAX                                                                       \
	150 /* above it unbound 1.17, BIND 9.18, knot 5.6, pdns 4.8: insecure */

struct dnskey {
	uint16_t flags;
	uint16_t tag;
	uint8_t protocol;
	uint8_t algorithm;
	uint16_t rdata_len;
	const uint8_t *rdata; /* in the keyset's own memory */
	const char *defect;   /* why its material cannot be used; NULL: it can */
};

struct keyset {
	enum chain_state state;
	uint8_t zone[DNAME_MAX];
	unsigned count;
	size_t size;
	struct dnskey key[];
};

struct rrsig {
	const struct record *record;
	uint16_t type_covered;
	uint8_t algorithm;
	uint8_t labels;
	uint32_t original_ttl;
	uint32_t expiration;
	uint32_t inception;
	uint16_t key_tag;
	uint8_t signer[DNAME_MAX];
	const uint8_t *signature;
	size_t signature_len;
};

struct piece {
	uint32_t at;
	uint32_t len;
};

/* One call of a public function: what it looks at, what it may spend, what it found. */
struct chain_call {
	struct records records;
	int64_t now_s;
	struct chain_budget *budget;
	struct chain_result *result;
	ldns_buffer *canonical; /* the RDATAs of one RRset, one after the other */
	struct piece *piece;	/* where each is, in canonical order */
	unsigned pieces;
	ldns_buffer *data; /* what a signature is over */
	uint8_t *scratch;  /* RECORD_CANONICAL_MAX */
	bool exhausted;
};

/* chain_reason.c */

/* The lower, the nearer to the root: how far the best attempt got, and what it met there. */
enum chain_rank {
	RANK_LIMIT,
	RANK_PROVED,	      /* undoing one edit makes the signature good */
	RANK_SIGNATURE,	      /* + 0..7 by what is wrong with it */
	RANK_SERVER = 10,     /* the server rather than the zone */
	RANK_KEY = 20,	      /* a DS fits a key, but the key is no good */
	RANK_NOT_SIGNED = 30, /* ... or it did not sign */
	RANK_DS = 40,	      /* no DS fits */
	RANK_DENIAL = 50,
	RANK_BESIDES = 100, /* noticed, never the root */
};

void reason_add(struct chain_result *result, unsigned rank, enum chain_fault fault,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
void note_add(struct chain_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Sets BOGUS, or INDETERMINATE when the budget ran out on the way. */
void chain_fail(struct chain_call *call);
/* Empties a result. */
void result_init(struct chain_result *result);

/* "2026-11-03T00:00:00Z": serial arithmetic unrolled around now (RFC 4034 3.1.5). */
#define MOMENT_TEXT_MAX 32
const char *moment_text(char text[MOMENT_TEXT_MAX], uint32_t serial, int64_t now_s);
bool serial_before(uint32_t a, uint32_t b);

/* Reads the message; false: the result says why not, and there is nothing to end. */
bool chain_begin(struct chain_call *call, const uint8_t *message, size_t len, int64_t now_s,
		 struct chain_budget *budget, struct chain_result *result);
void chain_end(struct chain_call *call);
/* Takes SHA blocks from the budget. False: none left, and the call has to give up. */
bool chain_spend_hashes(struct chain_call *call, uint32_t blocks);
/* The same for a mere explanation: false, and it has to do without. */
bool chain_spare_hashes(struct chain_call *call, uint32_t blocks);

/* chain_crypto.c */

bool algorithm_supported(uint8_t algorithm);
/* "13 (ECDSAP256SHA256)" without the number. */
const char *algorithm_name(uint8_t algorithm);
bool digest_supported(uint8_t digest_type);
/* Why this key material is of no use; NULL: it may be. */
const char *key_material_defect(uint8_t algorithm, const uint8_t *material, size_t len);
/* An RSA key whose exponent is short, and its length in the form for long ones. */
bool key_written_long(uint8_t algorithm, const uint8_t *material, size_t len);
/* ECDSA keys can be of the right length and still be none. True for other algorithms. */
bool key_on_curve(uint8_t algorithm, const uint8_t *material, size_t len);
/* The length a signature must have; 0: any. */
size_t signature_length(uint8_t algorithm, const uint8_t *material, size_t len);
/* Digest of a DS over owner and DNSKEY RDATA (RFC 4034 5.1.4); returns its length, 0: cannot. */
size_t ds_digest(uint8_t digest_type, const uint8_t *owner, const uint8_t *rdata, size_t len,
		 uint8_t digest[CHAIN_DS_DIGEST_MAX]);

enum crypto_status {
	CRYPTO_GOOD,
	CRYPTO_BAD,
	CRYPTO_KEY_UNUSABLE,
};
enum crypto_status crypto_verify(ldns_buffer *data, uint8_t algorithm, const uint8_t *signature,
				 size_t signature_len, const uint8_t *material, size_t len);

/* chain_keyset.c */

/* The DNSKEY RRset of `zone` in the answer, not yet believed; empty when there is none. NULL: out
 * of memory. */
struct keyset *keyset_read(const struct records *records, const uint8_t *zone);
/* "12345 (flags 257), 23456 (flags 256)", the first few. algorithm: only keys of that; 0: all, with
 * their algorithms. */
#define KEYSET_TEXT_MAX 160
const char *keyset_text(char text[KEYSET_TEXT_MAX], const struct keyset *keys, uint8_t algorithm);
/* The key that a signature by a key that is not there must be by: all that could be it, of those
 * that are no entry, are of no use. NULL: there is none, or a sound one. */
const struct dnskey *keyset_spoilt_signer(const struct keyset *keys, uint8_t algorithm);

/* chain_repair.c: was it one edit? */

/* Key `entry` signed the DNSKEY RRset, but the signature fails: says so when it holds once one
 * field of one other key is put right, or when a key that also signed is not there any more. */
void repair_dnskey(struct chain_call *call, const struct keyset *keys, unsigned entry);
/* No key has the DS's tag and algorithm: says so when one would, but for its flags, protocol or
 * algorithm field. False: none. */
bool repair_match(struct chain_call *call, const struct keyset *keys, const struct chain_ds *ds);

/* A signature over the RRset in call->canonical has the tag of no key: the key that made it all the
 * same, be it that the tag was changed after signing or that the signer wrote a wrong one. NULL:
 * none that is here. */
const struct dnskey *repair_tag(struct chain_call *call, const struct keyset *keys,
				const struct rrsig *rrsig, const uint8_t *owner, uint16_t type);

/* A signature over another type than the RRset's in call->canonical: is it over that one all the
 * same, as it is or with the type put right? */
bool repair_covered(struct chain_call *call, const struct keyset *keys, const struct rrsig *rrsig,
		    const uint8_t *owner, uint16_t type);

/* chain_canonical.c */

/* Reads an RRSIG's RDATA; false: too short, or no name where one must be. */
bool rrsig_read(const struct records *records, const struct record *record, struct rrsig *rrsig);
/* The labels of a name as RRSIGs count them: an asterisk in front not (RFC 4034 3.1.3). */
unsigned rrsig_labels_of(const uint8_t *owner);
/* Puts the RRset's RDATAs into call->canonical and call->piece. False: malformed, no memory. */
bool rrset_canonical(struct chain_call *call, unsigned sections, const uint8_t *owner,
		     uint16_t type);
/* Then: what the signature is over, into call->data. */
bool rrset_signed_data(struct chain_call *call, const struct rrsig *rrsig, const uint8_t *owner,
		       uint16_t type);

/* chain_sig.c */

/* What came of looking at an RRset's signatures. */
struct signed_by {
	bool good;
	bool undated;		  /* one would be good but for its dates */
	uint8_t labels;		  /* of the good signature */
	bool wildcard;		  /* it was made for the asterisk */
	enum chain_fault fault;	  /* what is wrong with the best of those that are not good */
	uint32_t until_s;	  /* seconds until it ends */
	unsigned rrsigs;	  /* seen at all */
	unsigned by_key;	  /* of these, by the key asked for (only_key) */
	bool mistagged;		  /* none is, but one that says it is of another */
	uint8_t child[DNAME_MAX]; /* a zone below that signed it instead; the root's octet: none */
};

/*
 * Is the RRset owner/type in `sections` signed by a key of the set? Where not, the reasons are
 * added to the result, each at rank + RANK_SIGNATURE. only_key >= 0: by that key alone.
 */
struct signed_by rrset_check(struct chain_call *call, unsigned sections, const uint8_t *owner,
			     uint16_t type, const struct keyset *keys, int only_key, unsigned rank);
/* The same for who knows what to do when a zone below signed it (signed_by.child): that alone is no
 * reason here. */
struct signed_by rrset_look(struct chain_call *call, unsigned sections, const uint8_t *owner,
			    uint16_t type, const struct keyset *keys, int only_key, unsigned rank);
