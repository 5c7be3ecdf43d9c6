/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Was it one edit? A signature or digest that holds once a field is put back proves which field was
 * changed, and that beats any guess: "the zone bit of DNSKEY 4711 was cleared after signing".
 */
#include "scanner/chain/chain_inner.h"

#include <stdlib.h>
#include <string.h>

#define SUSPECTS_MAX 2

struct edit {
	uint16_t flags;
	uint8_t protocol;
	uint8_t algorithm;
};

static void write_edit(uint8_t *rdata, const struct edit *edit)
{
	rdata[0] = (uint8_t)(edit->flags >> 8);
	rdata[1] = (uint8_t)edit->flags;
	rdata[2] = edit->protocol;
	rdata[3] = edit->algorithm;
}

/* Does the DNSKEY RRset verify by `entry` when `key` reads like that? */
static bool holds_with(struct chain_call *call, const struct keyset *keys, unsigned entry,
		       const struct record *record, const struct edit *edit)
{
	const uint8_t *message = call->records.message;
	uint8_t *copy = malloc(call->records.len);
	struct chain_result *result = call->result, scrap;
	struct signed_by by = {0};

	if (copy) {
		result_init(&scrap);
		memcpy(copy, message, call->records.len);
		write_edit(copy + record->rdata, edit);
		call->records.message = copy;
		call->result = &scrap;
		by = rrset_check(call, SECTION_ANSWER, keys->zone, TYPE_DNSKEY, keys, (int)entry,
				 RANK_SIGNATURE);
		call->records.message = message;
		call->result = result;
	}
	free(copy);
	return by.good;
}

/* Every edit that gives the key what keys have; returns how many. */
static unsigned possible_edits(struct edit edits[4], const struct dnskey *key, uint8_t algorithm)
{
	struct edit as_is = {key->flags, key->protocol, key->algorithm};
	unsigned count = 0;

	if (!(key->flags & DNSKEY_ZONE)) {
		edits[count] = as_is;
		edits[count++].flags = DNSKEY_ZONE;
		edits[count] = as_is;
		edits[count++].flags = DNSKEY_ZONE | 1;
	}
	if (key->protocol != DNSKEY_PROTOCOL) {
		edits[count] = as_is;
		edits[count++].protocol = DNSKEY_PROTOCOL;
	}
	if (key->algorithm != algorithm) {
		edits[count] = as_is;
		edits[count++].algorithm = algorithm;
	}
	return count;
}

static void say_edit(struct chain_call *call, const struct dnskey *key, const struct edit *edit)
{
	if (edit->flags != key->flags)
		reason_add(call->result, RANK_PROVED, CHAIN_DNSKEY_UNUSABLE,
			   "DNSKEY %u has flags %u: it was signed with flags %u, as a zone key",
			   key->tag, key->flags, edit->flags);
	else if (edit->protocol != key->protocol)
		reason_add(call->result, RANK_PROVED, CHAIN_DNSKEY_UNUSABLE,
			   "DNSKEY %u has protocol %u: it was signed with 3", key->tag,
			   key->protocol);
	else
		reason_add(call->result, RANK_PROVED, CHAIN_DNSKEY_UNUSABLE,
			   "DNSKEY %u says algorithm %u (%s): it was signed as algorithm %u",
			   key->tag, key->algorithm, algorithm_name(key->algorithm),
			   edit->algorithm);
}

static bool repair_key(struct chain_call *call, const struct keyset *keys, unsigned entry,
		       const struct record *record, const struct dnskey *key)
{
	struct edit edits[4];
	unsigned count = possible_edits(edits, key, keys->key[entry].algorithm);

	for (unsigned i = 0; i < count; i++) {
		/* An explanation must not starve a verdict. */
		if (call->budget->signatures < 4)
			return false;
		if (holds_with(call, keys, entry, record, &edits[i])) {
			say_edit(call, key, &edits[i]);
			return true;
		}
	}
	return false;
}

/* A key that signed the set and is not in it: somebody took it out, or altered it, after signing.
 */
static void say_absent_signer(struct chain_call *call, const struct keyset *keys)
{
	const struct record *record;
	unsigned at = 0, left = RRSIGS_PER_RRSET;
	struct rrsig rrsig;

	while (left-- > 0 && (record = records_next(&call->records, &at, SECTION_ANSWER, keys->zone,
						    TYPE_RRSIG))) {
		bool there = false;

		if (!rrsig_read(&call->records, record, &rrsig) ||
		    rrsig.type_covered != TYPE_DNSKEY)
			continue;
		for (unsigned i = 0; i < keys->count; i++)
			there |= keys->key[i].tag == rrsig.key_tag;
		if (there)
			continue;
		call->result->rrsigs_by_missing_key = true;
		reason_add(
			call->result, RANK_PROVED, CHAIN_RRSIG_KEY_MISSING,
			"DNSKEY %u (algorithm %u) signed the DNSKEY RRset but is not in it: it was "
			"removed or altered after signing",
			rrsig.key_tag, rrsig.algorithm);
	}
}

void repair_dnskey(struct chain_call *call, const struct keyset *keys, unsigned entry)
{
	const struct record *record;
	unsigned at = 0, suspects = 0, i = 0;

	if (call->result->reasons == 0 || call->result->reason[0].fault != CHAIN_RRSIG_INVALID ||
	    call->exhausted)
		return;
	while (i < keys->count && suspects < SUSPECTS_MAX &&
	       (record = records_next(&call->records, &at, SECTION_ANSWER, keys->zone,
				      TYPE_DNSKEY))) {
		struct edit edits[4];
		const struct dnskey *key = &keys->key[i];

		if (record->rdata_len < DNSKEY_FIXED)
			continue;
		if (i++ == entry || !possible_edits(edits, key, keys->key[entry].algorithm))
			continue;
		suspects++;
		if (repair_key(call, keys, entry, record, key))
			return;
	}
	say_absent_signer(call, keys);
}

/* Is the signature by this key, as it stands or with the field of two octets put right? */
static bool made_by(struct chain_call *call, const struct rrsig *rrsig, const uint8_t *owner,
		    uint16_t type, const struct dnskey *key, size_t field, uint16_t right)
{
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *at;

		/* An explanation must not starve a verdict. */
		if (call->budget->signatures < 8 || !rrset_signed_data(call, rrsig, owner, type) ||
		    ldns_buffer_position(call->data) > UINT16_MAX)
			return false;
		call->budget->signatures--;
		at = ldns_buffer_begin(call->data) + field;
		if (i > 0) {
			at[0] = (uint8_t)(right >> 8);
			at[1] = (uint8_t)right;
		}
		if (crypto_verify(call->data, rrsig->algorithm, rrsig->signature,
				  rrsig->signature_len, key->rdata + DNSKEY_FIXED,
				  (size_t)key->rdata_len - DNSKEY_FIXED) == CRYPTO_GOOD)
			return true;
	}
	return false;
}

const struct dnskey *repair_tag(struct chain_call *call, const struct keyset *keys,
				const struct rrsig *rrsig, const uint8_t *owner, uint16_t type)
{
	for (unsigned i = 0, tried = 0; i < keys->count && tried < KEYS_PER_TAG; i++) {
		const struct dnskey *key = &keys->key[i];

		if (key->algorithm != rrsig->algorithm || key->defect)
			continue;
		tried++;
		if (made_by(call, rrsig, owner, type, key, RRSIG_FIXED - 2, key->tag))
			return key;
	}
	return NULL;
}

bool repair_covered(struct chain_call *call, const struct keyset *keys, const struct rrsig *rrsig,
		    const uint8_t *owner, uint16_t type)
{
	for (unsigned i = 0, tried = 0; i < keys->count && tried < KEYS_PER_TAG; i++) {
		const struct dnskey *key = &keys->key[i];

		if (key->tag != rrsig->key_tag || key->algorithm != rrsig->algorithm || key->defect)
			continue;
		tried++;
		if (made_by(call, rrsig, owner, type, key, 0, type))
			return true;
	}
	return false;
}

/* Is this key, with these fields, the one the DS was made of? */
static bool ds_made_of(struct chain_call *call, const struct keyset *keys, const struct dnskey *key,
		       const struct edit *edit, const struct chain_ds *ds, bool any_tag)
{
	uint8_t digest[CHAIN_DS_DIGEST_MAX], *rdata;
	size_t len = 0;

	if (!chain_spare_hashes(call, (uint32_t)key->rdata_len / 64 + 1))
		return false;
	rdata = malloc(key->rdata_len);
	if (!rdata)
		return false;
	memcpy(rdata, key->rdata, key->rdata_len);
	write_edit(rdata, edit);
	if (any_tag || ldns_calc_keytag_raw(rdata, key->rdata_len) == ds->key_tag)
		len = ds_digest(ds->digest_type, keys->zone, rdata, key->rdata_len, digest);
	free(rdata);
	return len > 0 && len == ds->digest_len && memcmp(digest, ds->digest, len) == 0;
}

static bool match_key(struct chain_call *call, const struct keyset *keys, const struct dnskey *key,
		      const struct chain_ds *ds)
{
	const uint16_t flags[] = {key->flags, (uint16_t)(key->flags ^ DNSKEY_REVOKE), DNSKEY_ZONE,
				  DNSKEY_ZONE | 1};
	struct edit as_is = {key->flags, key->protocol, key->algorithm};

	/* The digest is right and the DS's other fields are not. */
	if (ds_made_of(call, keys, key, &as_is, ds, true)) {
		bool algorithm = key->algorithm != ds->algorithm;

		reason_add(call->result, RANK_DS,
			   algorithm ? CHAIN_DS_ALGORITHM_MISMATCH : CHAIN_DS_NO_MATCHING_DNSKEY,
			   "DS %u (algorithm %u, digest type %u) has the digest of DNSKEY %u "
			   "(algorithm "
			   "%u), but not its %s",
			   ds->key_tag, ds->algorithm, ds->digest_type, key->tag, key->algorithm,
			   algorithm ? "algorithm" : "key tag");
		return true;
	}
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		struct edit edit = {flags[i], DNSKEY_PROTOCOL, ds->algorithm};
		bool revoked = i == 1 && key->flags & DNSKEY_REVOKE;

		if (!ds_made_of(call, keys, key, &edit, ds, false))
			continue;
		reason_add(call->result, RANK_KEY,
			   revoked ? CHAIN_DNSKEY_REVOKED : CHAIN_DNSKEY_UNUSABLE,
			   "DS %u was made of a key with flags %u, protocol 3, algorithm %u; the "
			   "zone has "
			   "it as DNSKEY %u with flags %u, protocol %u, algorithm %u%s",
			   ds->key_tag, edit.flags, edit.algorithm, key->tag, key->flags,
			   key->protocol, key->algorithm, revoked ? ": revoked" : "");
		return true;
	}
	return false;
}

bool repair_match(struct chain_call *call, const struct keyset *keys, const struct chain_ds *ds)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (match_key(call, keys, &keys->key[i], ds))
			return true;
	return false;
}
