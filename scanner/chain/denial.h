/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * denial -- proofs that something does not exist, by NSEC (RFC 4035 5.4, RFC 9824) and NSEC3 (RFC
 * 5155 8, RFC 9276).
 *
 * First denial_collect() takes the NSEC and NSEC3 records of a response and checks who signed them;
 * then each question may be put to them. A `why` in plain words stays behind where the proof fails.
 *
 * Limits  DENIAL_MAX records, and the hashes that the call's budget has left.
 */
#pragma once

#include "scanner/chain/chain_inner.h"

#define DENIAL_MAX	   12
#define NSEC3_HASH	   20 /* octets of SHA-1, the only algorithm there is (RFC 5155 11) */
#define DENIAL_HASHES_KEPT 8
#define DENIAL_WHY_MAX	   256

enum denial_verdict {
	DENIAL_PROVED,
	DENIAL_OPT_OUT,	   /* proved as far as an opt-out span goes: insecure */
	DENIAL_ITERATIONS, /* validators do not count that far: insecure (RFC 9276 3.2) */
	DENIAL_MISSING,	   /* there is none, or one that the proof needs is not among them */
	DENIAL_WRONG,	   /* those that are there say something else */
	DENIAL_EXHAUSTED,  /* the budget is */
};

/* An NSEC or NSEC3 record. */
struct denial_record {
	bool nsec3;
	bool good; /* its signature is */
	const uint8_t *owner;
	uint8_t next[DNAME_MAX];  /* NSEC */
	uint8_t hash[NSEC3_HASH]; /* NSEC3: the owner's label */
	uint8_t next_hash[NSEC3_HASH];
	bool opt_out;
	uint16_t iterations;
	uint8_t salt_len;
	const uint8_t *salt;
	const uint8_t *bitmap;
	size_t bitmap_len;
};

struct denial {
	struct chain_call *call;
	const struct keyset *keys;
	const uint8_t *zone;
	unsigned count;
	struct denial_record record[DENIAL_MAX];
	const struct denial_record
		*params;   /* the NSEC3 whose iterations and salt all others share */
	bool unknown_hash; /* NSEC3 of an algorithm or flags that nobody knows: not counted */
	bool any_bad;	   /* some signature is not good */
	bool any_altered;  /* ... because the record was changed after signing */
	bool spent;	   /* ... and that could not be seen for want of budget */
	bool pretend; /* count records whose signature is not good, to see whether they would prove
			 it */
	bool delegation; /* denial_nodata(): the record that matched is a delegation's */
	bool by_match;	 /* denial_nodata(): it is one of the name itself */
	char why[DENIAL_WHY_MAX];
	unsigned hashes;
	struct {
		uint8_t name[DNAME_MAX];
		uint8_t hash[NSEC3_HASH];
	} kept[DENIAL_HASHES_KEPT];
};

/* Faults of signatures go to the call's result at `rank`. */
void denial_collect(struct denial *denial, struct chain_call *call, const struct keyset *keys,
		    unsigned rank);

/* The name does not exist, nor does a wildcard that would stand for it. */
enum denial_verdict denial_nxdomain(struct denial *denial, const uint8_t *qname);
/* The name exists (or a wildcard for it, or names below it), the type does not. */
enum denial_verdict denial_nodata(struct denial *denial, const uint8_t *qname, uint16_t qtype);
/* The name itself does not exist, so that the wildcard below its last `labels` labels stood for it.
 */
enum denial_verdict denial_wildcard(struct denial *denial, const uint8_t *qname, unsigned labels);

/* Is there need to put the question again, with all records counted? Then they are, from now on. */
bool denial_pretend(struct denial *denial, enum denial_verdict verdict);
/* What that came to. Where the budget did not allow it, it is as if it had held: the proof fails by
 * its signatures, whatever it would have been without. */
enum denial_verdict denial_pretended(struct denial *denial, enum denial_verdict pretended);

/*
 * Puts what a proof came to into the call's result: true where it holds (the state then is SECURE
 * or INSECURE). `pretended` is the verdict with all records counted, good or not: where that would
 * hold the signatures are the root, otherwise the denial is.
 */
bool denial_settle(struct denial *denial, enum denial_verdict verdict,
		   enum denial_verdict pretended);

/* denial_nsec.c, denial_nsec3.c: the same with one kind of record. */
bool denial_type(const struct denial_record *record, uint16_t type);
/* Do the types at a name deny qtype there? Sets why where not. */
bool denial_types_deny(struct denial *denial, const struct denial_record *record,
		       const uint8_t *qname, uint16_t qtype);
/*
 * A record that the proof needs is not given. MISSING, as a rule: the zone has it not, and its
 * server gives what lies next to it. WRONG where a record that is given belongs to no sound chain.
 */
enum denial_verdict nsec_lacking(struct denial *denial, const uint8_t *qname);
enum denial_verdict nsec3_lacking(struct denial *denial, const uint8_t *qname);
void denial_why(struct denial *denial, const char *format, const uint8_t *name);
enum denial_verdict nsec_nxdomain(struct denial *denial, const uint8_t *qname);
enum denial_verdict nsec_nodata(struct denial *denial, const uint8_t *qname, uint16_t qtype);
enum denial_verdict nsec_wildcard(struct denial *denial, const uint8_t *qname, unsigned labels);
enum denial_verdict nsec3_nxdomain(struct denial *denial, const uint8_t *qname);
enum denial_verdict nsec3_nodata(struct denial *denial, const uint8_t *qname, uint16_t qtype);
enum denial_verdict nsec3_wildcard(struct denial *denial, const uint8_t *qname, unsigned labels);
/* denial_repair.c: an NSEC3 would prove it, but for its signature. Says so when that holds once the
 * next hash, or the owner's, is put right: then it is not the signature that was spoilt. */
void nsec3_repair(struct denial *denial);
/* Of a name, by the iterations and the salt of denial->params. NULL: the budget does not allow it.
 */
const uint8_t *nsec3_hash(struct denial *denial, const uint8_t *name);
/* Reads the RDATA and the owner's label; false: malformed. */
bool nsec3_read(struct denial *denial, struct denial_record *record, const uint8_t *rdata,
		size_t len);
