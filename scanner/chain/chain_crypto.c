/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The one place of the chain where keys and signatures meet OpenSSL, by way of ldns.
 *
 * Everything is measured before it is handed on: a key or signature of the wrong size never gets
 * there. RSA with a modulus of 4096 bits and an exponent of 64 at most (RFC 5702 2.1, and what
 * OpenSSL takes for long moduli): otherwise one verification may cost as much as a thousand.
 */
#include "scanner/chain/chain_inner.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#define RSA_BITS_MIN	    512
#define RSASHA512_BITS_MIN  1024
#define RSA_BITS_MAX	    4096
#define RSA_EXPONENT_OCTETS 8

/* RFC 8624 3.1: what validators must or may know. 5 and 7 are on their way out, yet validate in all
 * four resolvers today; 1, 3, 6 and 12 do not. */
static const struct algorithm {
	uint8_t number;
	bool supported;
	uint8_t key_len;
	uint8_t signature_len; /* 0: RSA, by the modulus */
	const char *name;
} algorithms[] = {
	{1, false, 0, 0, "RSAMD5"},
	{3, false, 0, 0, "DSA"},
	{5, true, 0, 0, "RSASHA1"},
	{6, false, 0, 0, "DSA-NSEC3-SHA1"},
	{7, true, 0, 0, "RSASHA1-NSEC3-SHA1"},
	{8, true, 0, 0, "RSASHA256"},
	{10, true, 0, 0, "RSASHA512"},
	{12, false, 64, 64, "ECC-GOST"},
	{13, true, 64, 64, "ECDSAP256SHA256"},
	{14, true, 96, 96, "ECDSAP384SHA384"},
	{15, true, 32, 64, "ED25519"},
	{16, true, 57, 114, "ED448"},
	{252, false, 0, 0, "INDIRECT"},
	{253, false, 0, 0, "PRIVATEDNS"},
	{254, false, 0, 0, "PRIVATEOID"},
};

static const struct algorithm *algorithm_of(uint8_t number)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

bool algorithm_supported(uint8_t algorithm)
{
	const struct algorithm *known = algorithm_of(algorithm);

	return known && known->supported;
}

const char *algorithm_name(uint8_t algorithm)
{
	const struct algorithm *known = algorithm_of(algorithm);

	return known ? known->name : "unassigned";
}

bool digest_supported(uint8_t digest_type)
{
	/* RFC 8624 3.3: SHA-1, SHA-256, SHA-384; GOST (3) is of the past. */
	return digest_type == 1 || digest_type == 2 || digest_type == 4;
}

/* Octets of modulus and exponent (RFC 3110 2), without leading zeros. */
static bool rsa_sizes(const uint8_t *material, size_t len, size_t *modulus, size_t *exponent,
		      const uint8_t **first)
{
	size_t at = 1;

	if (len < 3)
		return false;
	*exponent = material[0];
	if (*exponent == 0) {
		*exponent = (size_t)material[1] << 8 | material[2];
		at = 3;
	}
	if (*exponent == 0 || *exponent >= len - at)
		return false;
	*modulus = len - at - *exponent;
	for (; *exponent > 0 && material[at] == 0; at++)
		--*exponent;
	at += *exponent;
	for (; *modulus > 0 && material[at] == 0; at++)
		--*modulus;
	*first = material + at;
	return *exponent > 0 && *modulus > 0;
}

static const char *rsa_defect(uint8_t algorithm, const uint8_t *material, size_t len)
{
	size_t modulus, exponent;
	const uint8_t *first;

	if (!rsa_sizes(material, len, &modulus, &exponent, &first))
		return "its RSA key is malformed";
	if (modulus < RSA_BITS_MIN / 8)
		return "its RSA modulus is shorter than 512 bits";
	if (algorithm == 10 && modulus < RSASHA512_BITS_MIN / 8)
		return "its RSA modulus is shorter than the 1024 bits that algorithm 10 asks for "
		       "(RFC 5702 2.2)";
	if (modulus > RSA_BITS_MAX / 8)
		return "its RSA modulus is longer than 4096 bits";
	if (exponent > RSA_EXPONENT_OCTETS)
		return "its RSA exponent is longer than 64 bits";
	return NULL;
}

bool key_written_long(uint8_t algorithm, const uint8_t *material, size_t len)
{
	const struct algorithm *known = algorithm_of(algorithm);

	return known && known->supported && known->key_len == 0 && len > 3 && material[0] == 0 &&
	       material[1] == 0;
}

const char *key_material_defect(uint8_t algorithm, const uint8_t *material, size_t len)
{
	const struct algorithm *known = algorithm_of(algorithm);

	if (len == 0)
		return "its public key is empty";
	if (!known || !known->supported)
		return "its algorithm is not supported";
	if (known->key_len == 0)
		return rsa_defect(algorithm, material, len);
	if (len != known->key_len)
		return "its public key has not the length that the algorithm asks for";
	return NULL;
}

size_t signature_length(uint8_t algorithm, const uint8_t *material, size_t len)
{
	const struct algorithm *known = algorithm_of(algorithm);
	size_t modulus, exponent;
	const uint8_t *first;

	if (!known || !known->supported)
		return 0;
	if (known->signature_len)
		return known->signature_len;
	return rsa_sizes(material, len, &modulus, &exponent, &first) ? modulus : 0;
}

size_t ds_digest(uint8_t digest_type, const uint8_t *owner, const uint8_t *rdata, size_t len,
		 uint8_t digest[CHAIN_DS_DIGEST_MAX])
{
	const EVP_MD *md = digest_type == 1   ? EVP_sha1()
			   : digest_type == 2 ? EVP_sha256()
					      : EVP_sha384();
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned digest_len = 0;
	bool good;

	good = context && EVP_DigestInit_ex(context, md, NULL) &&
	       EVP_DigestUpdate(context, owner, dname_len(owner)) &&
	       EVP_DigestUpdate(context, rdata, len) &&
	       EVP_DigestFinal_ex(context, digest, &digest_len);
	EVP_MD_CTX_free(context);
	return good ? digest_len : 0;
}

/* DNS has r and s side by side (RFC 6605 4), OpenSSL wants them in DER. */
static bool ecdsa_to_der(ldns_buffer *der, const uint8_t *signature, size_t len)
{
	ldns_rdf *raw = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, len, signature);
	bool good = raw && ldns_convert_ecdsa_rrsig_rdf2asn1(der, raw) == LDNS_STATUS_OK;

	ldns_rdf_deep_free(raw);
	return good;
}

bool key_on_curve(uint8_t algorithm, const uint8_t *material, size_t len)
{
	EVP_PKEY *key;

	if (algorithm != 13 && algorithm != 14)
		return true;
	key = ldns_ecdsa2pkey_raw(material, len, algorithm);
	EVP_PKEY_free(key);
	return key != NULL;
}

static ldns_status verify(ldns_buffer *data, uint8_t algorithm, const uint8_t *signature,
			  size_t signature_len, const uint8_t *material, size_t len)
{
	/* ldns takes pointers to what it does not change; copies keep the compiler honest. */
	uint8_t key[RSA_BITS_MAX / 8 + 64], raw[RSA_BITS_MAX / 8 + 64];

	if (len > sizeof key || signature_len > sizeof raw)
		return LDNS_STATUS_CRYPTO_BOGUS;
	memcpy(key, material, len);
	memcpy(raw, signature, signature_len);
	return ldns_verify_rrsig_buffers_raw(raw, signature_len, data, key, len, algorithm);
}

enum crypto_status crypto_verify(ldns_buffer *data, uint8_t algorithm, const uint8_t *signature,
				 size_t signature_len, const uint8_t *material, size_t len)
{
	ldns_buffer *der = NULL;
	ldns_status status = LDNS_STATUS_MEM_ERR;

	if (algorithm == 13 || algorithm == 14) {
		der = ldns_buffer_new(160);
		if (der && ecdsa_to_der(der, signature, signature_len))
			status = verify(data, algorithm, ldns_buffer_begin(der),
					ldns_buffer_position(der), material, len);
		ldns_buffer_free(der);
	} else {
		status = verify(data, algorithm, signature, signature_len, material, len);
	}
	ERR_clear_error(); /* the queue of errors is the thread's: leave nothing for others to find
			    */
	if (status == LDNS_STATUS_OK)
		return CRYPTO_GOOD;
	return key_on_curve(algorithm, material, len) ? CRYPTO_BAD : CRYPTO_KEY_UNUSABLE;
}
