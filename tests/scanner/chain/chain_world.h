/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * chain_world -- a small signed world in memory for the tests of the chain: zones with fixed keys,
 * messages made and signed by ldns, to be broken one way each.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ldns/ldns.h>

#include "scanner/chain/chain.h"
#include "scanner/dns/records.h"

#define NOW 1795910400 /* 2026-11-29T00:00:00Z */
#define DAY 86400

/* P-256 keys known to everybody, so that the fuzzer's seeds verify, too. */
static const char *const private_keys[] = {
	"GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=",
	"IIhvMGzm5ZzFOEfJDkxYY6qYMJdKvXLVM1uR6SGgKQo=",
	"PgSUZ7JsnZBKSDLrGpGDRlMFSHKOh4FAcD7mrJ3LtVM=",
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAARwlw=", /* with flags 257: the tag of the first */
};

struct zone {
	char name[64];
	uint8_t wire[DNAME_MAX];
	ldns_key *ksk, *zsk;
	ldns_rr *ksk_rr, *zsk_rr;
};

struct msg {
	ldns_pkt *pkt;
	long inception, expiration; /* of what is signed from now on */
	uint8_t wire[65535];
	size_t len;
};

static inline uint8_t *name_of(const char *text)
{
	static uint8_t names[8][DNAME_MAX];
	static unsigned turn;
	uint8_t *name = names[turn++ % 8];
	ldns_rdf *rdf = ldns_dname_new_frm_str(text);

	dname_copy(name, ldns_rdf_data(rdf));
	ldns_rdf_deep_free(rdf);
	return name;
}

static inline ldns_key *key_make(int which, uint16_t flags, const char *zone)
{
	char text[256];
	ldns_key *key = NULL;
	FILE *file;

	snprintf(text, sizeof text,
		 "Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: %s\n",
		 private_keys[which]);
	file = fmemopen(text, strlen(text), "r");
	if (ldns_key_new_frm_fp(&key, file) != LDNS_STATUS_OK)
		abort();
	fclose(file);
	ldns_key_set_flags(key, flags);
	ldns_key_set_pubkey_owner(key, ldns_dname_new_frm_str(zone));
	return key;
}

static inline void key_tagged(ldns_key *key, ldns_rr **rr)
{
	*rr = ldns_key2rr(key);
	ldns_rr_set_ttl(*rr, 3600);
	ldns_key_set_keytag(key, ldns_calc_keytag(*rr));
}

/* Keys of algorithm 13; the KSK may be made with odd flags. */
static inline struct zone zone_make(const char *name, uint16_t ksk_flags)
{
	struct zone zone = {0};

	snprintf(zone.name, sizeof zone.name, "%s", name);
	dname_copy(zone.wire, name_of(name));
	zone.ksk = key_make(0, ksk_flags, name);
	zone.zsk = key_make(1, 256, name);
	key_tagged(zone.ksk, &zone.ksk_rr);
	key_tagged(zone.zsk, &zone.zsk_rr);
	return zone;
}

static inline void zone_free(struct zone *zone)
{
	ldns_key_deep_free(zone->ksk);
	ldns_key_deep_free(zone->zsk);
	ldns_rr_free(zone->ksk_rr);
	ldns_rr_free(zone->zsk_rr);
}

static inline struct msg *msg_make(const char *qname, ldns_rr_type qtype, int rcode)
{
	struct msg *msg = calloc(1, sizeof *msg);

	msg->pkt = ldns_pkt_query_new(ldns_dname_new_frm_str(qname), qtype, LDNS_RR_CLASS_IN, 0);
	ldns_pkt_set_qr(msg->pkt, true);
	ldns_pkt_set_aa(msg->pkt, true);
	ldns_pkt_set_rcode(msg->pkt, (uint8_t)rcode);
	ldns_pkt_set_edns_udp_size(msg->pkt, 1232);
	ldns_pkt_set_edns_do(msg->pkt, true);
	msg->inception = NOW - 10 * DAY;
	msg->expiration = NOW + 10 * DAY;
	return msg;
}

static inline void msg_free(struct msg *msg)
{
	ldns_pkt_free(msg->pkt);
	free(msg);
}

static inline void msg_push(struct msg *msg, ldns_pkt_section section, const ldns_rr *rr)
{
	ldns_pkt_push_rr(msg->pkt, section, ldns_rr_clone(rr));
}

static inline void msg_add(struct msg *msg, ldns_pkt_section section, const char *text)
{
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 3600, NULL, NULL) != LDNS_STATUS_OK) {
		fprintf(stderr, "no record: %s\n", text);
		abort();
	}
	ldns_pkt_push_rr(msg->pkt, section, rr);
}

/* Signs owner/type as it stands in the section; the RRSIG is the message's, for breaking. */
static inline ldns_rr *msg_sign(struct msg *msg, ldns_pkt_section section, const char *owner,
				ldns_rr_type type, ldns_key *key)
{
	ldns_rdf *name = ldns_dname_new_frm_str(owner);
	ldns_rr_list *all = ldns_pkt_get_section_clone(msg->pkt, section);
	ldns_rr_list *rrset = ldns_rr_list_new(), *signatures;
	ldns_key_list *keys = ldns_key_list_new();
	uint16_t flags = ldns_key_flags(key);
	ldns_rr *rrsig;

	for (size_t i = 0; i < ldns_rr_list_rr_count(all); i++) {
		ldns_rr *rr = ldns_rr_list_rr(all, i);

		if (ldns_rr_get_type(rr) == type &&
		    ldns_dname_compare(ldns_rr_owner(rr), name) == 0)
			ldns_rr_list_push_rr(rrset, rr);
	}
	ldns_key_set_inception(key, (uint32_t)msg->inception);
	ldns_key_set_expiration(key, (uint32_t)msg->expiration);
	ldns_key_set_use(key, true);
	ldns_key_list_push_key(keys, key);
	ldns_key_set_flags(key, 256); /* ldns signs with no other */
	signatures = ldns_sign_public(rrset, keys);
	ldns_key_set_flags(key, flags);
	if (!signatures || ldns_rr_list_rr_count(signatures) != 1)
		abort();
	rrsig = ldns_rr_list_pop_rr(signatures);
	ldns_pkt_push_rr(msg->pkt, section, rrsig);
	ldns_rr_list_free(signatures);
	ldns_rr_list_free(rrset);
	ldns_rr_list_deep_free(all);
	free(keys->_keys);
	free(keys);
	ldns_rdf_deep_free(name);
	return rrsig;
}

/* An RRset of one record, and its RRSIG. */
static inline ldns_rr *msg_signed(struct msg *msg, ldns_pkt_section section, const char *text,
				  ldns_key *key)
{
	ldns_rr_list *rrs;
	ldns_rr *rr, *rrsig;
	char *owner;

	msg_add(msg, section, text);
	rrs = ldns_pkt_get_section_clone(msg->pkt, section);
	rr = ldns_rr_list_rr(rrs, ldns_rr_list_rr_count(rrs) - 1);
	owner = ldns_rdf2str(ldns_rr_owner(rr));
	rrsig = msg_sign(msg, section, owner, ldns_rr_get_type(rr), key);
	free(owner);
	ldns_rr_list_deep_free(rrs);
	return rrsig;
}

/* CHAIN_SEEDS=DIR: every message goes there, too, for the fuzzer to start from. */
static inline void msg_keep(const struct msg *msg)
{
	const char *folder = getenv("CHAIN_SEEDS");
	static unsigned count;
	char path[512];
	FILE *file;

	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%d-%04u", folder, (int)getpid(), count++);
	file = fopen(path, "wb");
	if (!file || fwrite(msg->wire, 1, msg->len, file) != msg->len || fclose(file) != 0)
		abort();
}

static inline void msg_wire(struct msg *msg)
{
	uint8_t *wire = NULL;

	if (ldns_pkt2wire(&wire, msg->pkt, &msg->len) != LDNS_STATUS_OK ||
	    msg->len > sizeof msg->wire)
		abort();
	memcpy(msg->wire, wire, msg->len);
	free(wire);
	msg_keep(msg);
}

/* Changes field `at` of a record. */
static inline void rr_set(ldns_rr *rr, size_t at, const char *text)
{
	ldns_rdf_type type = ldns_rdf_get_type(ldns_rr_rdf(rr, at));
	ldns_rdf *rdf = ldns_rdf_new_frm_str(type, text);

	if (!rdf)
		abort();
	ldns_rdf_deep_free(ldns_rr_set_rdf(rr, rdf, at));
}

/* Flips one bit in the middle of a signature or key. */
static inline void rr_flip(ldns_rr *rr, size_t at)
{
	ldns_rdf *rdf = ldns_rr_rdf(rr, at);

	ldns_rdf_data(rdf)[ldns_rdf_size(rdf) / 2] ^= 1;
}

/* RRSIG fields, for rr_set(). */
enum {
	RRSIG_TYPE,
	RRSIG_ALGORITHM,
	RRSIG_LABELS,
	RRSIG_ORIGINAL_TTL,
	RRSIG_EXPIRATION,
	RRSIG_INCEPTION,
	RRSIG_TAG,
	RRSIG_SIGNER,
	RRSIG_SIGNATURE,
};
enum { DNSKEY_FLAGS, DNSKEY_PROTO, DNSKEY_ALGORITHM, DNSKEY_MATERIAL };

static inline void ds_add(struct chain_ds_set *set, const struct zone *zone, const ldns_rr *key,
			  ldns_hash hash)
{
	ldns_rr *ds = ldns_key_rr2ds(key, hash);
	char *text = ldns_rr2str(ds);

	if (!chain_ds_add(set, zone->wire, text))
		abort();
	free(text);
	ldns_rr_free(ds);
}

static inline struct msg *dnskey_msg(const struct zone *zone)
{
	struct msg *msg = msg_make(zone->name, LDNS_RR_TYPE_DNSKEY, 0);

	msg_push(msg, LDNS_SECTION_ANSWER, zone->ksk_rr);
	msg_push(msg, LDNS_SECTION_ANSWER, zone->zsk_rr);
	return msg;
}

/* The zone's keys, validated. */
static inline struct keyset *zone_keys(const struct zone *zone)
{
	struct chain_budget budget = chain_budget_default();
	struct msg *msg = dnskey_msg(zone);
	struct chain_ds_set ds = {0};
	struct chain_result result;
	struct keyset *keys;

	ds_add(&ds, zone, zone->ksk_rr, LDNS_SHA256);
	msg_sign(msg, LDNS_SECTION_ANSWER, zone->name, LDNS_RR_TYPE_DNSKEY, zone->ksk);
	msg_wire(msg);
	chain_keys(&ds, zone->wire, msg->wire, msg->len, NOW, &budget, &keys, &result);
	if (result.state != CHAIN_SECURE) {
		fprintf(stderr, "keys: %s\n", result.reason[0].text);
		abort();
	}
	msg_free(msg);
	return keys;
}

/* An NSEC3 record as text: at the hash of `name`, or (covers) right in front of it and past it. */
static inline const char *nsec3(const char *zone, const char *name, bool covers, int flags,
				int iterations, const char *types)
{
	static char text[512];
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	ldns_rdf *hashed = ldns_nsec3_hash_name(rdf, 1, (uint16_t)iterations, 0, NULL);
	char *label = ldns_rdf2str(hashed), owner[33], next[33];

	snprintf(owner, sizeof owner, "%s", label);
	snprintf(next, sizeof next, "%.28svvvv", label);
	if (covers)
		snprintf(owner, sizeof owner, "%.28s0000", label);
	snprintf(text, sizeof text, "%s.%s 3600 IN NSEC3 1 %d %d - %s %s", owner, zone, flags,
		 iterations, next, types);
	free(label);
	ldns_rdf_deep_free(hashed);
	ldns_rdf_deep_free(rdf);
	return text;
}
