/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From DS to DNSKEY: the set is good when one DS fits one key, and that key signed the set (RFC
 * 4035 5.2). Where none does, the DS that led furthest names the root.
 */
#include "scanner/chain/chain_inner.h"

#include <stdio.h>
#include <string.h>

#include "results/rows/names.h"

#define DS_TEXT_MAX 64
#define DIGEST_SAID 6 /* octets */

static const char *ds_text(char text[DS_TEXT_MAX], const struct chain_ds *ds)
{
	snprintf(text, DS_TEXT_MAX, "DS %u (algorithm %u, digest type %u)", ds->key_tag,
		 ds->algorithm, ds->digest_type);
	return text;
}

/* What validators look at: known algorithms and digests (RFC 4035 5.2, RFC 6840 5.2), and no SHA-1
 * beside SHA-2 (RFC 4509 3). */
static struct chain_ds_set usable_ds(const struct chain_ds_set *all, struct chain_result *result)
{
	struct chain_ds_set usable = {.more = all->more};
	char text[DS_TEXT_MAX];
	bool sha2 = false;

	for (unsigned i = 0; i < all->count; i++)
		sha2 |= all->ds[i].digest_type != 1 && digest_supported(all->ds[i].digest_type) &&
			algorithm_supported(all->ds[i].algorithm);
	for (unsigned i = 0; i < all->count; i++) {
		const struct chain_ds *ds = &all->ds[i];

		ds_text(text, ds);
		if (!digest_supported(ds->digest_type))
			note_add(result, "%s: digest type not supported", text);
		else if (!algorithm_supported(ds->algorithm))
			note_add(result, "%s: algorithm not supported (%s)", text,
				 algorithm_name(ds->algorithm));
		else if (ds->digest_type == 1 && sha2)
			note_add(result, "%s: SHA-1 beside SHA-2 does not count", text);
		else
			usable.ds[usable.count++] = *ds;
	}
	return usable;
}

/* The DNSKEY query brought none. */
static void say_no_dnskey(struct chain_call *call, const struct chain_ds_set *ds,
			  const uint8_t *zone)
{
	const struct records *records = &call->records;
	char text[DS_TEXT_MAX], rcode[NAME_TEXT_MAX], name[DNAME_TEXT_MAX];
	bool denied, alias;

	ds_text(text, &ds->ds[0]);
	dname_text(name, zone);
	/* the zone's own SOA says that there is none, be it that the name's existence is denied, too
	 */
	denied = records_find(records, SECTION_AUTHORITY, zone, TYPE_SOA) &&
		 (records->rcode == RCODE_NOERROR || records->rcode == RCODE_NXDOMAIN);
	if (records->rcode != RCODE_NOERROR && !denied) {
		reason_add(call->result, RANK_SERVER, CHAIN_DNSKEY_UNOBTAINABLE,
			   "the server answers %.200s DNSKEY with %s", name,
			   rcode_name((int)records->rcode, rcode));
		return;
	}
	alias = records_find(records, SECTION_ANSWER, zone, TYPE_CNAME) != NULL;
	/* signed, by keys that it stands before */
	if (alias && records_find(records, SECTION_ANSWER, zone, TYPE_RRSIG)) {
		reason_add(call->result, RANK_SERVER, CHAIN_DNSKEY_UNOBTAINABLE,
			   "the answer to %.200s DNSKEY is the CNAME at the zone's apex, where "
			   "none may stand (RFC 1034 3.6.2)",
			   name);
		return;
	}
	if (!denied && !alias) {
		reason_add(call->result, RANK_SERVER, CHAIN_DNSKEY_UNOBTAINABLE,
			   "the answer to %.200s DNSKEY is empty, not even the zone's SOA is in it",
			   name);
		return;
	}
	reason_add(call->result, RANK_DS, CHAIN_DS_BUT_UNSIGNED,
		   "the parent has %s, but %.200s has no DNSKEY%s%s", text, name,
		   records->rcode == RCODE_NXDOMAIN ? " (NXDOMAIN by its own SOA)" : "",
		   call->result->no_rrsigs ? "" : ", though its records carry RRSIGs");
	chain_fail(call);
}

/* Why a key that the DS fits is of no use. */
static const char *entry_defect(const struct dnskey *key, enum chain_fault *fault)
{
	*fault = CHAIN_DNSKEY_UNUSABLE;
	if (!(key->flags & DNSKEY_ZONE))
		return "it is no zone key (the zone bit of its flags is clear)";
	if (key->protocol != DNSKEY_PROTOCOL)
		return "its protocol field is not 3";
	if (key->defect)
		return key->defect;
	*fault = CHAIN_DNSKEY_REVOKED;
	return key->flags & DNSKEY_REVOKE
		       ? "it is revoked (REVOKE bit; unbound and BIND do not mind)"
		       : NULL;
}

/* The DS fits the key: is the key good, and did it sign? */
static bool entry_good(struct chain_call *call, const struct keyset *keys, unsigned entry,
		       const struct chain_ds *ds)
{
	const struct dnskey *key = &keys->key[entry];
	enum chain_fault fault;
	const char *defect = entry_defect(key, &fault);
	char text[DS_TEXT_MAX];
	struct signed_by by;

	ds_text(text, ds);
	if (defect) {
		reason_add(call->result, RANK_KEY, fault, "%s leads to DNSKEY %u (flags %u): %s",
			   text, key->tag, key->flags, defect);
		return false;
	}
	by = rrset_check(call, SECTION_ANSWER, keys->zone, TYPE_DNSKEY, keys, (int)entry,
			 RANK_SIGNATURE);
	if (by.good) {
		note_add(call->result, "%s, DNSKEY %u", text, key->tag);
		return true;
	}
	if (by.mistagged)
		return false;
	if (by.by_key == 0 && !(call->result->no_rrsigs && !call->records.edns_do))
		reason_add(call->result, by.rrsigs ? RANK_NOT_SIGNED : RANK_SIGNATURE,
			   CHAIN_DNSKEY_NOT_SIGNED,
			   "the DNSKEY RRset is not signed by DNSKEY %u, to which %s leads%s",
			   key->tag, text,
			   by.rrsigs ? ", only by others" : ": it has no RRSIG at all");
	else if (by.by_key > 0)
		repair_dnskey(call, keys, entry);
	return false;
}

/* The zone's way in by this algorithm, where its material is no key at all: a DS anew would not
 * help. NULL: there is none, or a sound one beside it. */
static const struct dnskey *spoilt_entry(const struct keyset *keys, uint8_t algorithm)
{
	const struct dnskey *spoilt = NULL;
	bool sep = false;

	for (unsigned i = 0; i < keys->count; i++)
		sep |= keys->key[i].algorithm == algorithm && keys->key[i].flags & DNSKEY_SEP;
	for (unsigned i = 0; i < keys->count; i++) {
		const struct dnskey *key = &keys->key[i];

		if (key->algorithm != algorithm || (sep && !(key->flags & DNSKEY_SEP)))
			continue;
		if (!key->defect)
			return NULL;
		spoilt = key;
	}
	return spoilt;
}

/* No key has the DS's tag and algorithm. */
static void say_no_match(struct chain_call *call, const struct keyset *keys,
			 const struct chain_ds *ds)
{
	char text[DS_TEXT_MAX], those[KEYSET_TEXT_MAX];
	const struct dnskey *spoilt;
	bool same_algorithm = false;

	if (repair_match(call, keys, ds))
		return;
	ds_text(text, ds);
	for (unsigned i = 0; i < keys->count; i++)
		same_algorithm |= keys->key[i].algorithm == ds->algorithm;
	spoilt = spoilt_entry(keys, ds->algorithm);
	if (spoilt)
		reason_add(call->result, RANK_DS, CHAIN_DNSKEY_UNUSABLE,
			   "%s fits no DNSKEY, and DNSKEY %u (algorithm %u, flags %u), the only "
			   "one it could be for, is of no use: %s",
			   text, spoilt->tag, spoilt->algorithm, spoilt->flags, spoilt->defect);
	else if (same_algorithm)
		reason_add(call->result, RANK_DS + 1, CHAIN_DS_NO_MATCHING_DNSKEY,
			   "%s fits no DNSKEY: those of that algorithm have the tags %s", text,
			   keyset_text(those, keys, ds->algorithm));
	else
		reason_add(call->result, RANK_DS + 2, CHAIN_DS_ALGORITHM_MISMATCH,
			   "%s fits no DNSKEY: the zone has no key of that algorithm, but %s", text,
			   keyset_text(those, keys, 0));
}

static bool digest_fits(struct chain_call *call, const struct keyset *keys,
			const struct dnskey *key, const struct chain_ds *ds)
{
	uint8_t digest[CHAIN_DS_DIGEST_MAX];
	size_t len;

	if (!chain_spend_hashes(call, (uint32_t)(key->rdata_len + DNAME_MAX) / 64 + 1))
		return false;
	len = ds_digest(ds->digest_type, keys->zone, key->rdata, key->rdata_len, digest);
	return len > 0 && len == ds->digest_len && memcmp(digest, ds->digest, len) == 0;
}

/* Enough of a digest to tell two apart. */
static const char *digest_text(char text[2 * DIGEST_SAID + 1], const uint8_t *digest, size_t len)
{
	text[0] = '\0';
	for (size_t i = 0; i < len && i < DIGEST_SAID; i++)
		snprintf(text + 2 * i, 3, "%02X", digest[i]);
	return text;
}

/* A key has the DS's tag and algorithm, and none its digest. */
static void say_digest(struct chain_call *call, const struct keyset *keys,
		       const struct chain_ds *ds)
{
	char text[DS_TEXT_MAX], has[2 * DIGEST_SAID + 1], wants[2 * DIGEST_SAID + 1];
	uint8_t digest[CHAIN_DS_DIGEST_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < keys->count && len == 0; i++)
		if (keys->key[i].tag == ds->key_tag && keys->key[i].algorithm == ds->algorithm &&
		    chain_spare_hashes(call,
				       (uint32_t)(keys->key[i].rdata_len + DNAME_MAX) / 64 + 1))
			len = ds_digest(ds->digest_type, keys->zone, keys->key[i].rdata,
					keys->key[i].rdata_len, digest);
	if (len > 0 && len != ds->digest_len)
		reason_add(call->result, RANK_DS, CHAIN_DS_DIGEST_MISMATCH,
			   "%s has the tag and algorithm of a DNSKEY, and a digest of %u octets, "
			   "not of %zu",
			   ds_text(text, ds), ds->digest_len, len);
	else
		reason_add(call->result, RANK_DS, CHAIN_DS_DIGEST_MISMATCH,
			   "%s has the tag and algorithm of a DNSKEY, but not its digest: %s..., "
			   "and the key's is %s...",
			   ds_text(text, ds), digest_text(has, ds->digest, ds->digest_len),
			   digest_text(wants, digest, len));
}

static bool ds_leads(struct chain_call *call, const struct keyset *keys, const struct chain_ds *ds)
{
	unsigned tried = 0;
	bool fits = false;

	for (unsigned i = 0; i < keys->count && tried < KEYS_PER_TAG; i++) {
		if (keys->key[i].tag != ds->key_tag || keys->key[i].algorithm != ds->algorithm)
			continue;
		tried++;
		if (!digest_fits(call, keys, &keys->key[i], ds))
			continue;
		fits = true;
		if (entry_good(call, keys, i, ds))
			return true;
	}
	if (tried == 0)
		say_no_match(call, keys, ds);
	else if (!fits)
		say_digest(call, keys, ds);
	return false;
}

/* A key that no validator can use, and some stumble over when they look for another. */
static const char *key_odd(const struct dnskey *key)
{
	enum chain_fault fault;

	return algorithm_supported(key->algorithm) ? entry_defect(key, &fault) : NULL;
}

/* Given twice it is still one (RFC 2181 5). */
static bool is_twin(const struct dnskey *a, const struct dnskey *b)
{
	return a->tag == b->tag && a->algorithm == b->algorithm &&
	       (a->rdata_len != b->rdata_len || memcmp(a->rdata, b->rdata, a->rdata_len) != 0);
}

static bool share_tag(const struct keyset *keys, unsigned index)
{
	for (unsigned i = 0; i < index; i++)
		if (is_twin(&keys->key[i], &keys->key[index]))
			return true;
	return false;
}

/* What somebody may mind about a set that is good. */
static void note_keys(struct chain_call *call, const struct keyset *keys)
{
	for (unsigned i = 0; i < keys->count; i++) {
		const struct dnskey *key = &keys->key[i];

		note_add(call->result, "algorithm %u (%s)", key->algorithm,
			 algorithm_name(key->algorithm));
		if (key->algorithm == 5 || key->algorithm == 7)
			note_add(call->result, "SHA-1 signatures: insecure to some validators");
		if (key->algorithm == 16)
			note_add(call->result, "Ed448: not known to all validators");
		if (share_tag(keys, i))
			reason_add(call->result, RANK_BESIDES, CHAIN_DNSKEY_UNUSABLE,
				   "two DNSKEYs of algorithm %u have the tag %u: who tries but one "
				   "key for a signature may take the wrong one",
				   key->algorithm, key->tag);
		if (key->flags & DNSKEY_REVOKE)
			note_add(call->result, "DNSKEY %u is revoked", key->tag);
		else if (key_written_long(key->algorithm, key->rdata + DNSKEY_FIXED,
					  (size_t)key->rdata_len - DNSKEY_FIXED))
			reason_add(call->result, RANK_BESIDES, CHAIN_DNSKEY_UNUSABLE,
				   "DNSKEY %u gives the length of its RSA exponent in three octets "
				   "where one would do (RFC 3110 2; Knot Resolver minds)",
				   key->tag);
		else if (key->flags & ~DNSKEY_KNOWN)
			reason_add(
				call->result, RANK_BESIDES, CHAIN_DNSKEY_UNUSABLE,
				"DNSKEY %u has flags %u, among them bits without a meaning, which "
				"are to be ignored (RFC 4034 2.1.1; Knot Resolver does not)",
				key->tag, key->flags);
		else if (key_odd(key))
			reason_add(call->result, RANK_BESIDES, CHAIN_DNSKEY_UNUSABLE,
				   "DNSKEY %u is of no use: %s", key->tag, key_odd(key));
	}
}

static void judge(struct chain_call *call, struct keyset *keys, const struct chain_ds_set *ds)
{
	for (unsigned i = 0; i < ds->count && !call->exhausted; i++) {
		if (!ds_leads(call, keys, &ds->ds[i]))
			continue;
		call->result->state = keys->state = CHAIN_SECURE;
		for (unsigned j = 0; j < call->result->reasons; j++)
			call->result->reason[j].rank += RANK_BESIDES;
		note_keys(call, keys);
		return;
	}
	/* There may be keys, or DS, that were not looked at. */
	call->exhausted |= keys->count == KEYSET_MAX || ds->more;
	chain_fail(call);
	keys->state = call->result->state;
}

void chain_keys(const struct chain_ds_set *ds, const uint8_t *zone, const uint8_t *message,
		size_t len, int64_t now_s, struct chain_budget *budget, struct keyset **keys,
		struct chain_result *result)
{
	struct chain_result facts;
	struct chain_ds_set usable;
	struct chain_call call;

	*keys = NULL;
	result_init(&facts);
	usable = usable_ds(ds, &facts);
	if (usable.count == 0) {
		*result = facts;
		result->state = CHAIN_INSECURE;
		*keys = keyset_insecure(zone);
		return;
	}
	if (!chain_begin(&call, message, len, now_s, budget, result))
		return;
	note_add(result, "%s", facts.notes);
	*keys = keyset_read(&call.records, zone);
	if (!*keys) {
		reason_add(result, 0, CHAIN_LIMIT, "out of memory");
	} else if (!records_find(&call.records, SECTION_ANSWER, zone, TYPE_DNSKEY)) {
		say_no_dnskey(&call, &usable, zone);
		keyset_destroy(keys);
	} else {
		judge(&call, *keys, &usable);
	}
	chain_end(&call);
}
