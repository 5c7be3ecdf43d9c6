/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signatures over an RRset: each one looked at, the first good one counts; where none is good, each
 * says why not (RFC 4035 5.3).
 */
#include "scanner/chain_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/names.h"

#define SUBJECT_MAX 300

/* How near to the root a fault of one signature is. One that is in date tells more than a leftover
 * of an earlier signing: so an expired one is the root only where all are out of date. */
enum {
	NEAR_INVALID,
	NEAR_KEY_UNUSABLE,
	NEAR_FIELDS,
	NEAR_KEY_MISSING,
	NEAR_EXPIRED,
	NEAR_NOT_YET,
	NEAR_UNSUPPORTED,
	NEAR_MISSING,
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

bool rrsig_read(const struct records *records, const struct record *record, struct rrsig *rrsig)
{
	const uint8_t *rdata = record_rdata(records, record);
	size_t at;

	if (record->rdata_len < RRSIG_FIXED + 1)
		return false;
	*rrsig = (struct rrsig){
		.record = record,
		.type_covered = get16(rdata),
		.algorithm = rdata[2],
		.labels = rdata[3],
		.original_ttl = get32(rdata + 4),
		.expiration = get32(rdata + 8),
		.inception = get32(rdata + 12),
		.key_tag = get16(rdata + 16),
	};
	at = record_name(records, record, RRSIG_FIXED, rrsig->signer);
	if (at == 0)
		return false;
	rrsig->signature = rdata + at;
	rrsig->signature_len = record->rdata_len - at;
	return true;
}

/* One look at one RRset. */
struct look {
	struct chain_call *call;
	struct chain_result found; /* reasons, kept only where no signature is good */
	unsigned sections;
	const uint8_t *owner;
	uint16_t type;
	const struct keyset *keys;
	int only_key;
	bool canonical; /* call->canonical holds this RRset */
	struct signed_by by;
};

static int compare_pieces(const void *a, const void *b, void *bytes)
{
	const struct piece *x = a, *y = b;
	size_t shorter = x->len < y->len ? x->len : y->len;
	int order = memcmp((uint8_t *)bytes + x->at, (uint8_t *)bytes + y->at, shorter);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* The RRset's RDATAs in canonical form and order (RFC 4034 6.3). False: malformed, no memory. */
static bool make_canonical(struct look *look)
{
	struct chain_call *call = look->call;
	const struct record *record;
	unsigned at = 0;

	free(call->piece);
	call->piece = calloc(call->records.count, sizeof *call->piece);
	call->pieces = 0;
	ldns_buffer_clear(call->canonical);
	while ((record = records_next(&call->records, &at, look->sections, look->owner,
				      look->type))) {
		int32_t len = record_canonical(&call->records, record, call->scratch);

		if (!call->piece || len < 0 || !ldns_buffer_reserve(call->canonical, (size_t)len))
			return false;
		call->piece[call->pieces++] = (struct piece){
			(uint32_t)ldns_buffer_position(call->canonical), (uint32_t)len};
		ldns_buffer_write(call->canonical, call->scratch, (size_t)len);
	}
	if (call->pieces > 0)
		qsort_r(call->piece, call->pieces, sizeof *call->piece, compare_pieces,
			ldns_buffer_begin(call->canonical));
	look->canonical = true;
	return true;
}

/* RFC 4034 3.1.3: the labels of the name, an asterisk in front not counted. */
static unsigned labels_of(const uint8_t *owner)
{
	return dname_labels(owner) - dname_is_wildcard(owner);
}

/* RFC 4034 3.1.8.1: signature = sign(RRSIG_RDATA | RR(1) | RR(2) ...). */
static bool make_data(struct look *look, const struct rrsig *rrsig)
{
	struct chain_call *call = look->call;
	ldns_buffer *data = call->data;
	const uint8_t *bytes;
	uint8_t owner[DNAME_MAX];
	size_t owner_len;

	if (!look->canonical && !make_canonical(look))
		return false;
	/* RFC 4035 5.3.2: a name made out of a wildcard is signed as the wildcard. */
	if (rrsig->labels >= labels_of(look->owner))
		dname_copy(owner, look->owner);
	else if (!dname_wildcard(owner, dname_last(look->owner, rrsig->labels)))
		return false;
	owner_len = dname_len(owner);
	bytes = ldns_buffer_begin(call->canonical);
	ldns_buffer_clear(data);
	if (!ldns_buffer_reserve(data, RRSIG_FIXED + DNAME_MAX + call->pieces * (owner_len + 10) +
					       ldns_buffer_position(call->canonical)))
		return false;
	ldns_buffer_write(data, record_rdata(&call->records, rrsig->record), RRSIG_FIXED);
	ldns_buffer_write(data, rrsig->signer, dname_len(rrsig->signer));
	for (unsigned i = 0; i < call->pieces; i++) {
		const struct piece *piece = &call->piece[i];

		/* RFC 4034 6.3: the same record twice counts once. */
		if (i > 0 &&
		    compare_pieces(piece - 1, piece, ldns_buffer_begin(call->canonical)) == 0)
			continue;
		ldns_buffer_write(data, owner, owner_len);
		ldns_buffer_write_u16(data, look->type);
		ldns_buffer_write_u16(data, LDNS_RR_CLASS_IN);
		ldns_buffer_write_u32(data, rrsig->original_ttl);
		ldns_buffer_write_u16(data, (uint16_t)piece->len);
		ldns_buffer_write(data, bytes + piece->at, piece->len);
	}
	return true;
}

/* "RRSIG over A of www.example.org by key 12345 (algorithm 13)" */
static const char *subject(char text[SUBJECT_MAX], const struct look *look,
			   const struct rrsig *rrsig)
{
	char type[NAME_TEXT_MAX], owner[DNAME_TEXT_MAX];

	snprintf(text, SUBJECT_MAX, "RRSIG over %s of %.200s by key %u (algorithm %u)",
		 qtype_name(look->type, type), dname_text(owner, look->owner), rrsig->key_tag,
		 rrsig->algorithm);
	return text;
}

/* "RRSIG over ... " and what is wrong with it. */
__attribute__((format(printf, 5, 6))) static void found(struct look *look, unsigned near,
							enum chain_fault fault,
							const struct rrsig *rrsig,
							const char *format, ...)
{
	char about[SUBJECT_MAX], what[CHAIN_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	reason_add(&look->found, near, fault, "%s %s", subject(about, look, rrsig), what);
}

/* RFC 4035 5.3.1, all that needs no key. */
static bool fields_good(struct look *look, const struct rrsig *rrsig)
{
	char text[DNAME_TEXT_MAX];
	unsigned labels = labels_of(look->owner);
	bool of_zone = dname_equal(rrsig->signer, look->keys->zone);

	if (!of_zone && dname_below(rrsig->signer, look->keys->zone) &&
	    dname_under(look->owner, rrsig->signer)) {
		dname_copy(look->by.child, rrsig->signer);
		return false;
	}
	if (!of_zone) {
		found(look, NEAR_FIELDS, CHAIN_RRSIG_WRONG_FIELDS, rrsig,
		      "names another zone as its signer: %.120s", dname_text(text, rrsig->signer));
		return false;
	}
	if (rrsig->labels > labels) {
		found(look, NEAR_FIELDS, CHAIN_RRSIG_WRONG_FIELDS, rrsig,
		      "counts %u labels, the name has %u", rrsig->labels, labels);
		return false;
	}
	/* What a wildcard cannot stand for: a zone's apex, a delegation, and the proofs themselves
	 * (CVE-2017-15105). */
	if (rrsig->labels < labels &&
	    (look->type == TYPE_SOA || look->type == TYPE_DNSKEY || look->type == TYPE_DS ||
	     look->type == TYPE_NSEC || look->type == TYPE_NSEC3 ||
	     rrsig->labels < dname_labels(look->keys->zone))) {
		found(look, NEAR_FIELDS, CHAIN_RRSIG_WRONG_FIELDS, rrsig,
		      "counts %u labels, the name has %u and is not made out of a wildcard",
		      rrsig->labels, labels);
		return false;
	}
	return true;
}

static bool in_date(struct look *look, const struct rrsig *rrsig)
{
	char begin[MOMENT_TEXT_MAX], end[MOMENT_TEXT_MAX];
	int64_t now_s = look->call->now_s;
	uint32_t now = (uint32_t)now_s;

	moment_text(begin, rrsig->inception, now_s);
	moment_text(end, rrsig->expiration, now_s);
	if (serial_before(rrsig->expiration, rrsig->inception))
		found(look, NEAR_NOT_YET, CHAIN_RRSIG_NOT_YET_VALID, rrsig,
		      "expires %s, before it begins %s", end, begin);
	else if (serial_before(now, rrsig->inception))
		found(look, NEAR_NOT_YET, CHAIN_RRSIG_NOT_YET_VALID, rrsig, "begins only %s",
		      begin);
	else if (serial_before(rrsig->expiration, now))
		found(look, NEAR_EXPIRED, CHAIN_RRSIG_EXPIRED, rrsig, "expired %s", end);
	else
		return true;
	return false;
}

static const char *key_defect(const struct dnskey *key, uint16_t type, enum chain_fault *fault)
{
	*fault = CHAIN_DNSKEY_UNUSABLE;
	if (!(key->flags & DNSKEY_ZONE))
		return "it is no zone key (the zone bit of its flags is clear)"; /* RFC 4034 2.1.1
										  */
	if (key->protocol != DNSKEY_PROTOCOL)
		return "its protocol field is not 3"; /* RFC 4034 2.1.2 */
	if (key->defect)
		return key->defect;
	/* RFC 5011 2.1: it may only sign its own revocation. */
	if ((key->flags & DNSKEY_REVOKE) && type != TYPE_DNSKEY) {
		*fault = CHAIN_DNSKEY_REVOKED;
		return "it is revoked";
	}
	return NULL;
}

static bool spend_signature(struct chain_call *call)
{
	uint32_t price = 1 + (uint32_t)(ldns_buffer_position(call->data) >> 16);

	if (call->budget->signatures < price) {
		call->exhausted = true;
		return false;
	}
	call->budget->signatures -= price;
	return true;
}

static enum crypto_status try_key(struct look *look, const struct rrsig *rrsig,
				  const struct dnskey *key)
{
	const uint8_t *material = key->rdata + DNSKEY_FIXED;
	size_t len = key->rdata_len - DNSKEY_FIXED;

	if (!make_data(look, rrsig) || !spend_signature(look->call))
		return CRYPTO_BAD;
	return crypto_verify(look->call->data, rrsig->algorithm, rrsig->signature,
			     rrsig->signature_len, material, len);
}

/* One key that goes by the signature's tag and algorithm. */
static bool key_verifies(struct look *look, const struct rrsig *rrsig, const struct dnskey *key,
			 bool dated)
{
	enum chain_fault fault;
	const char *defect = key_defect(key, look->type, &fault);
	size_t want;

	if (defect) {
		found(look, dated ? NEAR_KEY_UNUSABLE : RANK_BESIDES, fault, rrsig,
		      "is by a key of no use: %s", defect);
		return false;
	}
	want = signature_length(key->algorithm, key->rdata + DNSKEY_FIXED,
				(size_t)key->rdata_len - DNSKEY_FIXED);
	if (want && rrsig->signature_len != want) {
		found(look, dated ? NEAR_FIELDS : RANK_BESIDES, CHAIN_RRSIG_WRONG_FIELDS, rrsig,
		      "has a signature of %zu octets, not of %zu", rrsig->signature_len, want);
		return false;
	}
	switch (try_key(look, rrsig, key)) {
	case CRYPTO_GOOD:
		return true;
	case CRYPTO_KEY_UNUSABLE:
		found(look, dated ? NEAR_KEY_UNUSABLE : RANK_BESIDES, CHAIN_DNSKEY_UNUSABLE, rrsig,
		      "is by a key of no use: its public key is no point on the curve");
		return false;
	case CRYPTO_BAD:
		break;
	}
	if (!look->call->exhausted)
		found(look, dated ? NEAR_INVALID : RANK_BESIDES, CHAIN_RRSIG_INVALID, rrsig,
		      "does not verify: the data, the RRSIG or the key was changed after signing");
	return false;
}

/* No key of the set goes by its tag and algorithm. */
static void say_no_key(struct look *look, const struct rrsig *rrsig, bool dated)
{
	for (unsigned i = 0; i < look->keys->count; i++)
		if (look->keys->key[i].tag == rrsig->key_tag) {
			found(look, dated ? NEAR_INVALID : RANK_BESIDES, CHAIN_RRSIG_INVALID, rrsig,
			      "has the tag of a DNSKEY whose algorithm is %u",
			      look->keys->key[i].algorithm);
			return;
		}
	look->call->result->rrsigs_by_missing_key = true;
	found(look, dated ? NEAR_KEY_MISSING : RANK_BESIDES, CHAIN_RRSIG_KEY_MISSING, rrsig,
	      "is by a key that is not in the DNSKEY RRset");
}

static bool signature_good(struct look *look, const struct rrsig *rrsig)
{
	bool dated, good = false;
	unsigned tried = 0;

	if (!fields_good(look, rrsig))
		return false;
	dated = in_date(look, rrsig);
	if (!algorithm_supported(rrsig->algorithm)) {
		found(look, dated ? NEAR_UNSUPPORTED : RANK_BESIDES, CHAIN_RRSIG_INVALID, rrsig,
		      "is of an algorithm that validators do not support (%s)",
		      algorithm_name(rrsig->algorithm));
		return false;
	}
	for (unsigned i = 0; i < look->keys->count && tried < KEYS_PER_TAG && !good; i++) {
		const struct dnskey *key = &look->keys->key[i];

		if (key->tag != rrsig->key_tag || key->algorithm != rrsig->algorithm ||
		    (look->only_key >= 0 && look->only_key != (int)i))
			continue;
		tried++;
		good = key_verifies(look, rrsig, key, dated);
	}
	if (tried == KEYS_PER_TAG && !good)
		look->call->exhausted = true;
	if (tried == 0)
		say_no_key(look, rrsig, dated);
	return good && dated;
}

static void say_missing(struct look *look)
{
	char number[NAME_TEXT_MAX], owner[DNAME_TEXT_MAX];
	const char *type = qtype_name(look->type, number);

	dname_text(owner, look->owner);
	if (look->call->result->no_rrsigs && !look->call->records.edns_do)
		reason_add(
			&look->found, NEAR_MISSING, CHAIN_SERVER_WITHOUT_DNSSEC,
			"no RRSIG comes with %s of %.200s, and the answer carries no EDNS DO: the "
			"server knows no DNSSEC",
			type, owner);
	else
		reason_add(&look->found, NEAR_MISSING, CHAIN_RRSIG_MISSING,
			   "%s of %.200s has no RRSIG%s", type, owner,
			   look->call->result->no_rrsigs ? ", nor has anything else in the answer"
							 : "");
}

static void keep_until(struct look *look, const struct rrsig *rrsig)
{
	uint32_t until_s = rrsig->expiration - (uint32_t)look->call->now_s;
	uint32_t ttl_s = rrsig->record->ttl;

	/* RFC 4035 5.3.3 */
	if (rrsig->original_ttl < ttl_s)
		ttl_s = rrsig->original_ttl;
	look->by.until_s = until_s < ttl_s ? until_s : ttl_s;
	if (look->by.until_s < look->call->result->ttl_s)
		look->call->result->ttl_s = look->by.until_s;
}

struct signed_by rrset_check(struct chain_call *call, unsigned sections, const uint8_t *owner,
			     uint16_t type, const struct keyset *keys, int only_key, unsigned rank)
{
	struct look look = {.call = call,
			    .sections = sections,
			    .owner = owner,
			    .type = type,
			    .keys = keys,
			    .only_key = only_key};
	const struct record *record;
	unsigned at = 0;

	while (!look.by.good && look.by.rrsigs < RRSIGS_PER_RRSET && !call->exhausted &&
	       (record = records_next(&call->records, &at, sections, owner, TYPE_RRSIG))) {
		struct rrsig rrsig;

		if (!rrsig_read(&call->records, record, &rrsig)) {
			reason_add(&look.found, NEAR_FIELDS, CHAIN_RRSIG_WRONG_FIELDS,
				   "an RRSIG is malformed (%u octets)", record->rdata_len);
			continue;
		}
		if (rrsig.type_covered != type)
			continue;
		look.by.rrsigs++;
		if (only_key >= 0 && (rrsig.key_tag != keys->key[only_key].tag ||
				      rrsig.algorithm != keys->key[only_key].algorithm))
			continue;
		look.by.by_key++;
		look.by.good = signature_good(&look, &rrsig);
		if (look.by.good) {
			look.by.labels = rrsig.labels;
			look.by.wildcard = rrsig.labels < labels_of(owner);
			keep_until(&look, &rrsig);
		}
	}
	if (look.by.rrsigs == RRSIGS_PER_RRSET && !look.by.good)
		call->exhausted = true;
	if (look.by.rrsigs == 0)
		say_missing(&look);
	for (unsigned i = 0; i < look.found.reasons && !look.by.good; i++) {
		const struct chain_reason *reason = &look.found.reason[i];

		reason_add(call->result,
			   reason->rank >= RANK_BESIDES ? RANK_BESIDES : rank + reason->rank,
			   reason->fault, "%s", reason->text);
	}
	return look.by;
}
