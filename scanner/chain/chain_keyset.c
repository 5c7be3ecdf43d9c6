/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/chain/chain_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_SAID 4

static struct keyset *keyset_create(const uint8_t *zone, unsigned count, size_t octets)
{
	size_t size = sizeof(struct keyset) + count * sizeof(struct dnskey) + octets;
	struct keyset *keys = calloc(1, size);

	if (!keys)
		return NULL;
	keys->size = size;
	dname_copy(keys->zone, zone);
	return keys;
}

struct keyset *keyset_insecure(const uint8_t *zone)
{
	struct keyset *keys = keyset_create(zone, 0, 0);

	if (keys)
		keys->state = CHAIN_INSECURE;
	return keys;
}

void keyset_destroy(struct keyset **keys)
{
	free(*keys);
	*keys = NULL;
}

enum chain_state keyset_state(const struct keyset *keys)
{
	return keys->state;
}

const uint8_t *keyset_zone(const struct keyset *keys)
{
	return keys->zone;
}

unsigned keyset_count(const struct keyset *keys)
{
	return keys->count;
}

size_t keyset_size(const struct keyset *keys)
{
	return keys->size;
}

static void take_key(struct dnskey *key, const uint8_t *rdata, uint16_t len)
{
	key->flags = (uint16_t)(rdata[0] << 8 | rdata[1]);
	key->protocol = rdata[2];
	key->algorithm = rdata[3];
	key->rdata = rdata;
	key->rdata_len = len;
	key->tag = ldns_calc_keytag_raw(rdata, len);
	key->defect = key_material_defect(key->algorithm, rdata + DNSKEY_FIXED,
					  (size_t)len - DNSKEY_FIXED);
}

/* Where keys share tag and algorithm, those that are none must not use up the tries of the one that
 * is (KeyTrap, CVE-2023-50387). */
static void sift_namesakes(struct keyset *keys)
{
	for (unsigned i = 0; i < keys->count; i++) {
		struct dnskey *key = &keys->key[i];
		bool namesake = false;

		for (unsigned j = 0; j < keys->count; j++)
			namesake |= i != j && keys->key[j].tag == key->tag &&
				    keys->key[j].algorithm == key->algorithm;
		if (namesake && !key->defect &&
		    !key_on_curve(key->algorithm, key->rdata + DNSKEY_FIXED,
				  (size_t)key->rdata_len - DNSKEY_FIXED))
			key->defect = "its public key is no point on the curve";
	}
}

struct keyset *keyset_read(const struct records *records, const uint8_t *zone)
{
	const struct record *record;
	unsigned at = 0, count = 0;
	size_t octets = 0;
	struct keyset *keys;
	uint8_t *bytes;

	while ((record = records_next(records, &at, SECTION_ANSWER, zone, TYPE_DNSKEY)) &&
	       count < KEYSET_MAX) {
		count++;
		octets += record->rdata_len;
	}
	keys = keyset_create(zone, count, octets);
	if (!keys)
		return NULL;
	bytes = (uint8_t *)&keys->key[count];
	at = 0;
	while ((record = records_next(records, &at, SECTION_ANSWER, zone, TYPE_DNSKEY)) &&
	       count-- > 0) {
		if (record->rdata_len < DNSKEY_FIXED)
			continue; /* it has not even an algorithm to be known by */
		memcpy(bytes, record_rdata(records, record), record->rdata_len);
		take_key(&keys->key[keys->count++], bytes, record->rdata_len);
		bytes += record->rdata_len;
	}
	sift_namesakes(keys);
	return keys;
}

const char *keyset_text(char text[KEYSET_TEXT_MAX], const struct keyset *keys, uint8_t algorithm)
{
	unsigned said = 0, more = 0;
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < keys->count; i++) {
		const struct dnskey *key = &keys->key[i];
		char one[64];

		if (algorithm != 0 && key->algorithm != algorithm)
			continue;
		if (said == KEYS_SAID) {
			more++;
			continue;
		}
		if (algorithm != 0)
			snprintf(one, sizeof one, "%u (flags %u)", key->tag, key->flags);
		else
			snprintf(one, sizeof one, "%u (algorithm %u)", key->tag, key->algorithm);
		len += (size_t)snprintf(text + len, KEYSET_TEXT_MAX - len, "%s%s", said ? ", " : "",
					one);
		said++;
	}
	if (more > 0)
		snprintf(text + len, KEYSET_TEXT_MAX - len, " and %u more", more);
	return text;
}

static uint16_t rdf16(const ldns_rr *rr, size_t at)
{
	return ldns_rdf2native_int16(ldns_rr_rdf(rr, at));
}

static uint8_t rdf8(const ldns_rr *rr, size_t at)
{
	return ldns_rdf2native_int8(ldns_rr_rdf(rr, at));
}

/* Of what follows: NULL, or why a text is no DS. */

static const char *from_ds(struct chain_ds *ds, const ldns_rr *rr)
{
	const ldns_rdf *digest = ldns_rr_rdf(rr, 3);

	if (ldns_rdf_size(digest) == 0 || ldns_rdf_size(digest) > CHAIN_DS_DIGEST_MAX)
		return "no DS has a digest of that length";
	*ds = (struct chain_ds){.key_tag = rdf16(rr, 0),
				.algorithm = rdf8(rr, 1),
				.digest_type = rdf8(rr, 2),
				.digest_len = (uint8_t)ldns_rdf_size(digest)};
	memcpy(ds->digest, ldns_rdf_data(digest), ds->digest_len);
	return NULL;
}

/* A trusted key is as good as the DS of it. */
static const char *from_dnskey(struct chain_ds *ds, const uint8_t *zone, const ldns_rr *rr)
{
	const ldns_rdf *material = ldns_rr_rdf(rr, 3);
	size_t len = DNSKEY_FIXED + ldns_rdf_size(material);
	uint8_t *rdata = malloc(len), owner[DNAME_MAX];

	if (!rdata)
		return "out of memory";
	rdata[0] = (uint8_t)(rdf16(rr, 0) >> 8);
	rdata[1] = (uint8_t)rdf16(rr, 0);
	rdata[2] = rdf8(rr, 1);
	rdata[3] = rdf8(rr, 2);
	memcpy(rdata + DNSKEY_FIXED, ldns_rdf_data(material), ldns_rdf_size(material));
	dname_copy(owner, zone);
	*ds = (struct chain_ds){.key_tag = ldns_calc_keytag_raw(rdata, len),
				.algorithm = rdata[3],
				.digest_type = LDNS_SHA256};
	ds->digest_len = (uint8_t)ds_digest(LDNS_SHA256, owner, rdata, len, ds->digest);
	free(rdata);
	return ds->digest_len > 0 ? NULL : "out of memory";
}

static const char *from_text(struct chain_ds *ds, const uint8_t *zone, const char *line)
{
	const char *why = "no such record is understood here";
	const ldns_rdf *owner;
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) != LDNS_STATUS_OK)
		return why;
	owner = ldns_rr_owner(rr);
	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		why = "its class is not IN";
	else if (!dname_valid(ldns_rdf_data(owner), ldns_rdf_size(owner)) ||
		 !dname_equal(ldns_rdf_data(owner), zone))
		why = "it is another zone's";
	else if (ldns_rr_rd_count(rr) == 4 && ldns_rr_get_type(rr) == LDNS_RR_TYPE_DS)
		why = from_ds(ds, rr);
	else if (ldns_rr_rd_count(rr) == 4 && ldns_rr_get_type(rr) == LDNS_RR_TYPE_DNSKEY)
		why = from_dnskey(ds, zone, rr);
	ldns_rr_free(rr);
	return why;
}

bool chain_ds_add(struct chain_ds_set *set, const uint8_t *zone, const char *line)
{
	if (set->count == CHAIN_DS_MAX || from_text(&set->ds[set->count], zone, line) != NULL)
		return false;
	set->count++;
	return true;
}

const char *chain_anchor_add(struct chain_ds_set *set, const uint8_t *zone, const char *line)
{
	static const uint8_t lengths[] = {
		[1] = 20, [2] = 32, [3] = 32, [4] = 48, [5] = 32, [6] = 32};
	struct chain_ds *ds = &set->ds[set->count];
	const char *why;

	if (set->count == CHAIN_DS_MAX)
		return "there are too many";
	why = from_text(ds, zone, line);
	if (why == NULL && ds->digest_type < sizeof(lengths) && lengths[ds->digest_type] > 0 &&
	    ds->digest_len != lengths[ds->digest_type])
		why = "its digest is not as long as those of its type";
	set->count += why == NULL;
	return why;
}

bool chain_anchor_usable(const struct chain_ds_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if (algorithm_supported(set->ds[i].algorithm) &&
		    digest_supported(set->ds[i].digest_type))
			return true;
	return false;
}

const struct dnskey *keyset_spoilt_signer(const struct keyset *keys, uint8_t algorithm)
{
	const struct dnskey *spoilt = NULL;

	for (unsigned i = 0; i < keys->count; i++) {
		const struct dnskey *key = &keys->key[i];

		if (key->algorithm != algorithm || key->flags & DNSKEY_SEP)
			continue;
		if (!key->defect)
			return NULL;
		spoilt = key;
	}
	return spoilt;
}
