/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys and DS records. Directives:
 *	alg N			8, 13, 14, 15, 16, ... (0: unsigned)
 *	claim N			keys, signatures and DS say this algorithm, whatever they are
 *	keys csk		one key for all (default: a KSK and a ZSK)
 *	ksk-flags N, zsk-flags N, ksk-protocol N	wrong from the start: DS and signatures fit
 *	ds KIND ...		good sha1 sha384 zsk none, and others: stale stale=ALG unrevoked tag
 *				digest short alg=N type=N
 */
#include "tools/lab/zones/world.h"

#include <stdlib.h>
#include <string.h>

#define RSA_BITS 2048

static bool is_rsa(int algorithm)
{
	return algorithm == LDNS_RSAMD5 || algorithm == LDNS_RSASHA1 ||
	       algorithm == LDNS_RSASHA1_NSEC3 || algorithm == LDNS_RSASHA256 ||
	       algorithm == LDNS_RSASHA512;
}

/* RSA key pairs take long to find: all RSA keys of the world share one. */
static ldns_key *shared_rsa_key(struct world *w, int algorithm)
{
	ldns_key *key;

	if (!w->rsa) {
		w->rsa = EVP_RSA_gen(RSA_BITS);
		if (!w->rsa)
			return NULL;
	}
	key = ldns_key_new();
	if (!key)
		return NULL;
	ldns_key_set_algorithm(key, (ldns_signing_algorithm)algorithm);
	EVP_PKEY_up_ref(w->rsa);
	ldns_key_set_evp_key(key, w->rsa);
	return key;
}

ldns_key *key_of_algorithm(struct world *w, int algorithm, const char *owner, uint16_t flags)
{
	ldns_key *key;
	ldns_rdf *name = ldns_dname_new_frm_str(owner);

	if (is_rsa(algorithm))
		key = shared_rsa_key(w, algorithm);
	else
		key = ldns_key_new_frm_algorithm((ldns_signing_algorithm)algorithm, 0);
	if (!key || !name) {
		fprintf(stderr, "%s: no key of algorithm %d\n", owner, algorithm);
		ldns_rdf_deep_free(name);
		if (key)
			ldns_key_deep_free(key);
		return NULL;
	}
	ldns_key_set_pubkey_owner(key, name);
	ldns_key_set_flags(key, flags);
	return key;
}

static void set_number(ldns_rr *rr, size_t field, uint8_t value)
{
	ldns_rdf *old = ldns_rr_set_rdf(rr, ldns_native2rdf_int8(LDNS_RDF_TYPE_INT8, value), field);

	ldns_rdf_deep_free(old);
}

static bool make_key(struct world *w, const struct zone *z, const char *role, uint16_t flags,
		     struct zone_key *out)
{
	char word[32];
	const char *claim = zone_arg(z, "claim", 0, NULL), *protocol;

	snprintf(word, sizeof word, "%s-flags", role);
	flags = (uint16_t)atoi(zone_arg(z, word, 0, flags == 257 ? "257" : "256"));
	snprintf(word, sizeof word, "%s-protocol", role);
	protocol = zone_arg(z, word, 0, NULL);

	out->key = key_of_algorithm(w, z->algorithm, z->name, flags);
	if (!out->key)
		return false;
	out->dnskey = ldns_key2rr(out->key);
	if (!out->dnskey)
		return false;
	ldns_rr_set_ttl(out->dnskey, (uint32_t)atoi(zone_arg(z, "ttl", 0, "300")));
	if (protocol)
		set_number(out->dnskey, 1, (uint8_t)atoi(protocol));
	if (claim)
		set_number(out->dnskey, 2, (uint8_t)atoi(claim));
	ldns_key_set_keytag(out->key, ldns_calc_keytag(out->dnskey));
	return true;
}

bool zone_make_keys(struct world *w, struct zone *z)
{
	if (z->algorithm == 0)
		return true;
	if (!make_key(w, z, "ksk", 257, &z->ksk))
		return false;
	if (strcmp(zone_arg(z, "keys", 0, ""), "csk") == 0) {
		z->zsk = z->ksk;
		return true;
	}
	return make_key(w, z, "zsk", 256, &z->zsk);
}

void zone_free_keys(struct zone *z)
{
	if (z->zsk.key != z->ksk.key) {
		ldns_key_deep_free(z->zsk.key);
		ldns_rr_free(z->zsk.dnskey);
	}
	if (z->ksk.key) {
		ldns_key_deep_free(z->ksk.key);
		ldns_rr_free(z->ksk.dnskey);
	}
	memset(&z->ksk, 0, sizeof z->ksk);
	memset(&z->zsk, 0, sizeof z->zsk);
}

/* A DS for a key that the zone no longer has. */
static ldns_rr *stale_ds(struct world *w, const struct zone *z, int algorithm)
{
	/* EdDSA and ECDSA keys cost microseconds; the parent cannot tell whose key it was. */
	ldns_key *key = key_of_algorithm(w, LDNS_ECDSAP256SHA256, z->name, 257);
	ldns_rr *dnskey = key ? ldns_key2rr(key) : NULL, *ds = NULL;

	if (dnskey) {
		set_number(dnskey, 2, (uint8_t)algorithm);
		ds = ldns_key_rr2ds(dnskey, LDNS_SHA256);
	}
	ldns_rr_free(dnskey);
	if (key)
		ldns_key_deep_free(key);
	return ds;
}

static void spoil_digest(ldns_rr *ds, bool cut)
{
	ldns_rdf *digest = ldns_rr_rdf(ds, 3);

	if (cut)
		ldns_rdf_set_size(digest, ldns_rdf_size(digest) / 2);
	else
		ldns_rdf_data(digest)[5] ^= 0x5a;
}

/* RFC 5011 6: the REVOKE bit changes the key tag; this is the DS from before. */
static ldns_rr *unrevoked_ds(const struct zone *z)
{
	ldns_rr *dnskey = ldns_rr_clone(z->ksk.dnskey), *ds;
	ldns_rdf *flags = ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, 257);

	ldns_rdf_deep_free(ldns_rr_set_rdf(dnskey, flags, 0));
	ds = ldns_key_rr2ds(dnskey, LDNS_SHA256);
	ldns_rr_free(dnskey);
	return ds;
}

/* RFC 4034 5.1: fields of a DS are key tag, algorithm, digest type, digest. */
static ldns_rr *make_ds(struct world *w, const struct zone *z, const char *kind)
{
	int algorithm = z->algorithm ? z->algorithm : LDNS_ECDSAP256SHA256;
	ldns_rr *ds;

	if (!z->ksk.dnskey || strcmp(kind, "stale") == 0)
		return stale_ds(w, z, algorithm);
	if (strncmp(kind, "stale=", 6) == 0)
		return stale_ds(w, z, atoi(kind + 6));
	if (strcmp(kind, "unrevoked") == 0)
		return unrevoked_ds(z);
	if (strcmp(kind, "zsk") == 0)
		return ldns_key_rr2ds(z->zsk.dnskey, LDNS_SHA256);
	if (strcmp(kind, "sha1") == 0)
		return ldns_key_rr2ds(z->ksk.dnskey, LDNS_SHA1);
	if (strcmp(kind, "sha384") == 0)
		return ldns_key_rr2ds(z->ksk.dnskey, LDNS_SHA384);
	ds = ldns_key_rr2ds(z->ksk.dnskey, LDNS_SHA256);
	if (!ds)
		return NULL;
	if (strcmp(kind, "tag") == 0) {
		ldns_rdf *tag = ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, 0);
		ldns_rdf_deep_free(ldns_rr_set_rdf(ds, tag, 0));
	} else if (strncmp(kind, "alg=", 4) == 0) {
		set_number(ds, 1, (uint8_t)atoi(kind + 4));
	} else if (strncmp(kind, "type=", 5) == 0) {
		set_number(ds, 2, (uint8_t)atoi(kind + 5));
	} else if (strcmp(kind, "digest") == 0 || strcmp(kind, "short") == 0) {
		spoil_digest(ds, *kind == 's');
	} else if (strcmp(kind, "good") != 0) {
		fprintf(stderr, "%s: no such DS: %s\n", z->name, kind);
		ldns_rr_free(ds);
		return NULL;
	}
	return ds;
}

bool zone_push_ds(struct world *w, const struct zone *z, ldns_rr_list *list)
{
	char *text = strdup(zone_arg(z, "ds", 0, z->algorithm ? "good" : "none"));
	char *rest = text, *kind;
	bool good = true;

	while (good && (kind = strsep(&rest, " "))) {
		ldns_rr *ds;

		if (!*kind || strcmp(kind, "none") == 0)
			continue;
		ds = make_ds(w, z, kind);
		if (ds) {
			ldns_rr_set_ttl(ds, 300);
			ldns_rr_list_push_rr(list, ds);
		}
		good = ds != NULL;
	}
	free(text);
	return good;
}
