/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Signatures over an RRset: each one looked at, the first good one counts; where none is good, each
 * says why not (RFC 4035 5.3).
 */
#include "scanner/chain/chain_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "results/rows/names.h"

#define SUBJECT_MAX   300
#define STRANGERS_MAX 2

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
	unsigned tries;
	unsigned strangers; /* signatures whose tag no key has, looked at more closely */
	struct signed_by by;
};

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
	unsigned labels = rrsig_labels_of(look->owner);
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

/* unbound's allowance for clocks that differ: a tenth of the lifetime, an hour to a day. */
static void note_skew(struct look *look, const struct rrsig *rrsig, uint32_t off_s)
{
	uint32_t allowed_s = (rrsig->expiration - rrsig->inception) / 10;

	if (allowed_s < 3600)
		allowed_s = 3600;
	if (allowed_s > 86400)
		allowed_s = 86400;
	if (off_s <= allowed_s)
		note_add(look->call->result, "off by %u s: unbound lets that pass as clock skew",
			 off_s);
}

static bool in_date(struct look *look, const struct rrsig *rrsig)
{
	char begin[MOMENT_TEXT_MAX], end[MOMENT_TEXT_MAX];
	int64_t now_s = look->call->now_s;
	uint32_t now = (uint32_t)now_s;

	moment_text(begin, rrsig->inception, now_s);
	moment_text(end, rrsig->expiration, now_s);
	if (serial_before(rrsig->expiration, rrsig->inception) && strcmp(end, begin) > 0) {
		found(look, NEAR_NOT_YET, CHAIN_RRSIG_NOT_YET_VALID, rrsig,
		      "is to hold for more than 68 years, from %s to %s: by the arithmetic of RFC "
		      "4034 3.1.5 it expires before it begins",
		      begin, end);
	} else if (serial_before(rrsig->expiration, rrsig->inception)) {
		found(look, NEAR_NOT_YET, CHAIN_RRSIG_NOT_YET_VALID, rrsig,
		      "expires %s, before it begins %s", end, begin);
	} else if (serial_before(now, rrsig->inception)) {
		found(look, NEAR_NOT_YET, CHAIN_RRSIG_NOT_YET_VALID, rrsig, "begins only %s",
		      begin);
		note_skew(look, rrsig, rrsig->inception - now);
	} else if (serial_before(rrsig->expiration, now)) {
		found(look, NEAR_EXPIRED, CHAIN_RRSIG_EXPIRED, rrsig, "expired %s", end);
		note_skew(look, rrsig, now - rrsig->expiration);
	} else {
		return true;
	}
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

	look->tries++;
	if (!look->canonical)
		look->canonical =
			rrset_canonical(look->call, look->sections, look->owner, look->type);
	if (!look->canonical || !rrset_signed_data(look->call, rrsig, look->owner, look->type) ||
	    !spend_signature(look->call))
		return CRYPTO_BAD;
	return crypto_verify(look->call->data, rrsig->algorithm, rrsig->signature,
			     rrsig->signature_len, material, len);
}

/* Another key of the same tag and algorithm made it: it is not of the key asked for at all. */
static bool made_by_twin(struct look *look, const struct rrsig *rrsig, const struct dnskey *asked)
{
	unsigned tried = 0;

	for (unsigned i = 0;
	     i < look->keys->count && tried < KEYS_PER_TAG && look->tries < TRIES_PER_RRSET; i++) {
		const struct dnskey *key = &look->keys->key[i];

		if (key == asked || key->tag != rrsig->key_tag ||
		    key->algorithm != rrsig->algorithm || key->defect)
			continue;
		tried++;
		if (try_key(look, rrsig, key) == CRYPTO_GOOD)
			return true;
	}
	return false;
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
	if (look->only_key >= 0 && made_by_twin(look, rrsig, key)) {
		look->by.by_key--;
		return false;
	}
	if (!look->call->exhausted)
		found(look, dated ? NEAR_INVALID : RANK_BESIDES, CHAIN_RRSIG_INVALID, rrsig,
		      "does not verify: the data, the RRSIG or the key was changed after signing");
	return false;
}

static const struct dnskey *key_behind(struct look *look, const struct rrsig *rrsig)
{
	if (!look->canonical)
		look->canonical =
			rrset_canonical(look->call, look->sections, look->owner, look->type);
	return look->canonical ? repair_tag(look->call, look->keys, rrsig, look->owner, look->type)
			       : NULL;
}

/* No key of the set goes by its tag and algorithm. */
static void say_no_key(struct look *look, const struct rrsig *rrsig, bool dated)
{
	char those[KEYSET_TEXT_MAX];
	const struct dnskey *key;

	for (unsigned i = 0; i < look->keys->count; i++)
		if (look->keys->key[i].tag == rrsig->key_tag) {
			found(look, dated ? NEAR_INVALID : RANK_BESIDES, CHAIN_RRSIG_INVALID, rrsig,
			      "has the tag of a DNSKEY whose algorithm is %u",
			      look->keys->key[i].algorithm);
			return;
		}
	key = look->strangers++ < STRANGERS_MAX ? key_behind(look, rrsig) : NULL;
	if (key) {
		found(look, dated ? NEAR_INVALID : RANK_BESIDES, CHAIN_RRSIG_INVALID, rrsig,
		      "was made by DNSKEY %u: the key tag in it is wrong", key->tag);
		return;
	}
	key = keyset_spoilt_signer(look->keys, rrsig->algorithm);
	if (key) {
		found(look, dated ? NEAR_KEY_UNUSABLE : RANK_BESIDES, CHAIN_DNSKEY_UNUSABLE, rrsig,
		      "is by no key of the DNSKEY RRset, and DNSKEY %u (flags %u), the only one it "
		      "could be by, is of no use: %s",
		      key->tag, key->flags, key->defect);
		return;
	}
	look->call->result->rrsigs_by_missing_key = true;
	found(look, dated ? NEAR_KEY_MISSING : RANK_BESIDES, CHAIN_RRSIG_KEY_MISSING, rrsig,
	      "is by a key that is not in the DNSKEY RRset: %s", keyset_text(those, look->keys, 0));
}

static bool signature_good(struct look *look, const struct rrsig *rrsig)
{
	bool dated, good = false, known = false;
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
	for (unsigned i = 0; i < look->keys->count && tried < KEYS_PER_TAG &&
			     look->tries < TRIES_PER_RRSET && !good;
	     i++) {
		const struct dnskey *key = &look->keys->key[i];

		if (key->tag != rrsig->key_tag || key->algorithm != rrsig->algorithm ||
		    (look->only_key >= 0 && look->only_key != (int)i))
			continue;
		known = true;
		tried += key->defect == NULL;
		good = key_verifies(look, rrsig, key, dated);
	}
	if (!known)
		say_no_key(look, rrsig, dated);
	look->by.undated |= good && !dated;
	return good && dated;
}

/* A signature by the one key that is asked for, with a tag that no key has. False: there is none. */
static bool say_mistagged(struct look *look)
{
	const struct records *records = &look->call->records;
	const struct dnskey *key = &look->keys->key[look->only_key];
	const struct record *record;
	struct rrsig rrsig;
	unsigned at = 0;

	while (look->strangers < STRANGERS_MAX &&
	       (record = records_next(records, &at, look->sections, look->owner, TYPE_RRSIG))) {
		bool known = false;

		if (!rrsig_read(records, record, &rrsig) || rrsig.type_covered != look->type ||
		    rrsig.algorithm != key->algorithm)
			continue;
		for (unsigned i = 0; i < look->keys->count; i++)
			known |= look->keys->key[i].tag == rrsig.key_tag;
		if (known || (look->strangers++, key_behind(look, &rrsig) != key))
			continue;
		found(look, NEAR_INVALID, CHAIN_RRSIG_INVALID, &rrsig,
		      "was made by DNSKEY %u: the key tag in it is wrong", key->tag);
		return true;
	}
	return false;
}

/* A signature over nothing that is there, because its type covered is wrong. False: there is none. */
static bool say_covers(struct look *look)
{
	const struct records *records = &look->call->records;
	const struct record *record;
	char type[NAME_TEXT_MAX];
	struct rrsig rrsig;
	unsigned at = 0;

	while (look->strangers < STRANGERS_MAX &&
	       (record = records_next(records, &at, look->sections, look->owner, TYPE_RRSIG))) {
		if (!rrsig_read(records, record, &rrsig) || rrsig.type_covered == look->type ||
		    records_find(records, look->sections, look->owner, rrsig.type_covered))
			continue;
		look->strangers++;
		look->canonical = look->canonical || rrset_canonical(look->call, look->sections,
								     look->owner, look->type);
		if (!look->canonical ||
		    !repair_covered(look->call, look->keys, &rrsig, look->owner, look->type))
			continue;
		found(look, NEAR_FIELDS, CHAIN_RRSIG_WRONG_FIELDS, &rrsig, "says that it covers %s",
		      qtype_name(rrsig.type_covered, type));
		return true;
	}
	return false;
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

struct signed_by rrset_look(struct chain_call *call, unsigned sections, const uint8_t *owner,
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

	while (!look.by.good && look.by.rrsigs < RRSIGS_PER_RRSET && look.tries < TRIES_PER_RRSET &&
	       !call->exhausted &&
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
			look.by.wildcard = rrsig.labels < rrsig_labels_of(owner);
			keep_until(&look, &rrsig);
		}
	}
	/* What else is there, some validators meet first. */
	while (look.by.good && look.by.rrsigs < RRSIGS_PER_RRSET &&
	       (record = records_next(&call->records, &at, sections, owner, TYPE_RRSIG))) {
		struct rrsig rrsig;

		if (rrsig_read(&call->records, record, &rrsig) && rrsig.type_covered == type) {
			look.by.rrsigs++;
			(void)in_date(&look, &rrsig);
		}
	}
	/* More of them may follow, and no validator would look: what was found stands. */
	if (!look.by.good && (look.by.rrsigs == RRSIGS_PER_RRSET || look.tries == TRIES_PER_RRSET))
		note_add(call->result, "more signatures and keys than validators try");
	look.by.mistagged = only_key >= 0 && look.by.by_key == 0 && say_mistagged(&look);
	if (look.by.rrsigs == 0 && !say_covers(&look))
		say_missing(&look);
	if (!look.by.good && look.by.undated)
		note_add(call->result, "but for its dates the signature verifies");
	if (!look.by.good && look.found.reasons > 0)
		look.by.fault = look.found.reason[0].fault;
	for (unsigned i = 0; i < look.found.reasons; i++) {
		const struct chain_reason *reason = &look.found.reason[i];
		bool besides = look.by.good || reason->rank >= RANK_BESIDES;

		reason_add(call->result, besides ? RANK_BESIDES : rank + reason->rank,
			   reason->fault, "%s", reason->text);
	}
	return look.by;
}

struct signed_by rrset_check(struct chain_call *call, unsigned sections, const uint8_t *owner,
			     uint16_t type, const struct keyset *keys, int only_key, unsigned rank)
{
	struct signed_by by = rrset_look(call, sections, owner, type, keys, only_key, rank);
	char name[DNAME_TEXT_MAX], signer[DNAME_TEXT_MAX], text[NAME_TEXT_MAX];

	if (!by.good && by.child[0] != 0)
		reason_add(call->result, rank + NEAR_FIELDS, CHAIN_RRSIG_WRONG_FIELDS,
			   "RRSIG over %s of %.120s names a zone below as its signer: %.120s",
			   qtype_name(type, text), dname_text(name, owner),
			   dname_text(signer, by.child));
	return by;
}
