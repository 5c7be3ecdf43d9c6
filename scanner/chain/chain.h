/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * chain -- judges one link of the DNSSEC chain of trust from messages already fetched, and says
 * exactly what is wrong with it, in the words of the causes and in a sentence a person can check.
 *
 *     trust anchor -> chain_keys(.) -> chain_ds(org.) -> chain_keys(org.) -> ... -> chain_answer()
 *
 * Pure      no socket, no clock: the time is an argument. Same input, same words.
 * Hostile   messages up to 64 KiB of anything. Work is bounded by the budget handed in, memory by
 *           a few MB a call.
 * Names     wire format, lower case, uncompressed (dname.h); checked by the caller.
 * Threads   any; a keyset may be shared once made.
 *
 * Signatures count as RFC 4034, 4035 and 6840 have it: any one valid signature will do, whatever
 * the others say (RFC 6840 5.4, 5.11). Where validators differ the stricter ones are followed and a
 * note says who does not mind: a verdict explains a failure that was seen, it does not make one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/dns/dname.h"

enum chain_state {
	CHAIN_INDETERMINATE, /* the message does not tell; fault says why, where something is wrong
			      */
	CHAIN_SECURE,
	CHAIN_INSECURE, /* proved, or nobody can tell better: no DS, unknown algorithms, opt-out */
	CHAIN_BOGUS,
};

/* What is wrong; chain_fault_id() gives the id of the cause. */
enum chain_fault {
	CHAIN_FAULT_NONE,
	CHAIN_RRSIG_EXPIRED,
	CHAIN_RRSIG_NOT_YET_VALID,
	CHAIN_RRSIG_INVALID,
	CHAIN_RRSIG_MISSING,
	CHAIN_RRSIG_KEY_MISSING,
	CHAIN_RRSIG_WRONG_FIELDS,
	CHAIN_DS_NO_MATCHING_DNSKEY,
	CHAIN_DS_DIGEST_MISMATCH,
	CHAIN_DS_ALGORITHM_MISMATCH,
	CHAIN_DS_BUT_UNSIGNED,
	CHAIN_DNSKEY_NOT_SIGNED,
	CHAIN_DNSKEY_REVOKED,
	CHAIN_DNSKEY_UNUSABLE,
	CHAIN_DNSKEY_UNOBTAINABLE,
	CHAIN_DENIAL_MISSING,
	CHAIN_DENIAL_WRONG,
	CHAIN_PARENT_DS_INVALID,
	CHAIN_SERVER_WITHOUT_DNSSEC,
	CHAIN_ANSWER_MALFORMED, /* the message does not parse */
	CHAIN_ANSWER_USELESS, /* SERVFAIL, REFUSED, truncated: no answer to judge; no cause of ours
			       */
	CHAIN_LIMIT,	      /* the budget is used up: "resolver-limit", others may go further */
	CHAIN_FAULT_COUNT
};

#define CHAIN_TEXT_MAX	  384
#define CHAIN_REASONS_MAX 6
#define CHAIN_NOTES_MAX	  512

struct chain_reason {
	enum chain_fault fault;
	unsigned rank; /* inner: the lower, the nearer to the root */
	char text[CHAIN_TEXT_MAX];
};

/*
 * The verdict on one link. reason[0] is the root, what an operator must mend; the others are what
 * is wrong besides. There may be none (secure), and there may be some on a secure link: they did
 * not matter.
 */
struct chain_result {
	enum chain_state state;
	unsigned reasons;
	struct chain_reason reason[CHAIN_REASONS_MAX];
	/* With CHAIN_PARENT_DS_INVALID: what exactly, e.g. CHAIN_RRSIG_EXPIRED. */
	enum chain_fault parent_fault;
	/* chain_answer, SECURE: what is wrong with the zone's NS RRset that comes with the answer.
	 * Nobody needs it; whoever checks all that comes (PowerDNS) fails, as long as it comes. */
	enum chain_fault beside;
	/* Facts of a good link that somebody may mind, joined by "; ", e.g. "NSEC3 iterations 200".
	 */
	char notes[CHAIN_NOTES_MAX];
	uint16_t nsec3_iterations; /* the highest seen */
	bool nsec3;
	bool opt_out;		    /* the proof rests on an opt-out span */
	bool wildcard;		    /* the answer comes from one */
	bool no_rrsigs;		    /* not one RRSIG in the whole message */
	bool server_knows_dnssec;   /* it echoed DO */
	bool rrsigs_by_missing_key; /* some signature is by a key that the DNSKEY RRset lacks */
	uint32_t ttl_s; /* how long the link may be kept: TTLs, and the end of its signatures */
	/* chain_answer: where the answer goes on (CNAME, DNAME); the root's octet alone: nowhere.
	 */
	uint8_t alias[DNAME_MAX];
	/* chain_answer: INDETERMINATE because the name lies in this zone below: go on there. Where
	 * it is a signature that says so, it is the reason: the fault, if no zone is there. */
	uint8_t cut[DNAME_MAX];
};

/* How much work a call, or a whole chain, may be. Counted down. */
struct chain_budget {
	uint32_t signatures; /* to verify; one for each 64 KiB of data */
	uint32_t hashes;     /* SHA blocks for NSEC3 and DS */
};

/* Enough for any honest link several times over, and at most some 20 ms. */
struct chain_budget chain_budget_default(void);

#define CHAIN_DS_MAX	    32
#define CHAIN_DS_DIGEST_MAX 64

/* The DS RRset of a zone, validated, or a trust anchor. */
struct chain_ds_set {
	bool more; /* there were more than it holds */
	unsigned count;
	struct chain_ds {
		uint16_t key_tag;
		uint8_t algorithm;
		uint8_t digest_type;
		uint8_t digest_len;
		uint8_t digest[CHAIN_DS_DIGEST_MAX];
	} ds[CHAIN_DS_MAX];
};

/* What the parent says about a name below it. */
enum chain_cut {
	CHAIN_CUT_UNKNOWN,
	CHAIN_CUT_SECURE,   /* a DS RRset, valid */
	CHAIN_CUT_INSECURE, /* a delegation without DS, proved */
	CHAIN_CUT_NONE,	    /* no delegation there: the name belongs to the parent zone */
	CHAIN_CUT_NO_NAME,  /* the name does not exist */
};

struct keyset; /* a zone's DNSKEY RRset; constant */

const char *chain_fault_id(enum chain_fault fault);
const char *chain_state_name(enum chain_state state);

/* Adds one line in zone-file format (DS or DNSKEY, owner must be `zone`) to what a parent has, be it
 * of use or not. False: not a record of that kind, or the set is full. */
bool chain_ds_add(struct chain_ds_set *set, const uint8_t *zone, const char *line);
/* The same to a trust anchor, where a mistake is the reader's own. Returns NULL, or why not. */
const char *chain_anchor_add(struct chain_ds_set *set, const uint8_t *zone, const char *line);
/* Is there one of an algorithm and a digest type that are supported? Else nothing is secure. */
bool chain_anchor_usable(const struct chain_ds_set *set);

/*
 * The DS RRset of `child` as the parent zone's server gave it, in answer to child/DS or in a
 * referral; `parent` are the parent zone's keys. Fills ds with CHAIN_CUT_SECURE. With a state of
 * INSECURE the cut is CHAIN_CUT_INSECURE (also where the parent itself is insecure). When the
 * parent's data do not validate: BOGUS, CHAIN_PARENT_DS_INVALID; when it answers SERVFAIL, REFUSED
 * or the like to DS: INDETERMINATE, with the same fault.
 *
 * Ask for names that are delegated. For a name inside the zone (no NS there) a bad denial is no
 * fault of a parent's, but chain_answer()'s to judge: where it is not known whether `child` is
 * delegated, and this says BOGUS, find that out before believing it.
 */
enum chain_cut chain_ds(const struct keyset *parent, const uint8_t *child, const uint8_t *message,
			size_t len, int64_t now_s, struct chain_budget *budget,
			struct chain_ds_set *ds, struct chain_result *result);

/*
 * The zone's answer to zone/DNSKEY, against its DS set or trust anchor. *keys gets what keys there
 * are, also when the state is BOGUS, so that one may look further; NULL when there are none.
 * Destroy it with keyset_destroy().
 */
void chain_keys(const struct chain_ds_set *ds, const uint8_t *zone, const uint8_t *message,
		size_t len, int64_t now_s, struct chain_budget *budget, struct keyset **keys,
		struct chain_result *result);
/* The keyset of a zone proved insecure: no keys. NULL: out of memory. */
struct keyset *keyset_insecure(const uint8_t *zone);
void keyset_destroy(struct keyset **keys);
enum chain_state keyset_state(const struct keyset *keys);
const uint8_t *keyset_zone(const struct keyset *keys);
unsigned keyset_count(const struct keyset *keys);
/* Octets of memory it takes, for a cache's accounts. */
size_t keyset_size(const struct keyset *keys);

/*
 * A response to qname/qtype from a server of the zone (or from a resolver, asked with CD=1): the
 * answer, or the proof that there is none. Only what lies in the keyset's zone is judged; where an
 * alias leads out of it, or the message ends before the alias does, result->alias is where to ask
 * next. With a BOGUS keyset the answer is judged as if the keys were good.
 */
void chain_answer(const struct keyset *keys, const uint8_t *qname, uint16_t qtype,
		  const uint8_t *message, size_t len, int64_t now_s, struct chain_budget *budget,
		  struct chain_result *result);

/*
 * Some faults of the DNSKEY RRset show their root only beside another answer of the zone: takes the
 * results of chain_keys() and of chain_answer() under these (bogus) keys and makes reason[0] of
 * `keys` the root of both.
 */
void chain_merge(struct chain_result *keys, const struct chain_result *answer);
