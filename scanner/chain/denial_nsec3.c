/* SPDX-License-Identifier: BSD-2-Clause */

/* Denial by NSEC3: RFC 5155 8, RFC 9276. */
#include "scanner/chain/denial.h"

#include <assert.h>
#include <string.h>

#define HASH_SHA1    1
#define FLAG_OPT_OUT 1
#define LABEL	     32 /* 20 octets in base32hex */
#define SALT_MAX     255

/* RFC 4648 7, no padding needed: 8 characters are 5 octets. */
static bool base32hex(uint8_t hash[NSEC3_HASH], const uint8_t *label)
{
	for (unsigned i = 0; i < LABEL / 8; i++) {
		uint64_t bits = 0;

		for (unsigned j = 0; j < 8; j++) {
			uint8_t c = label[8 * i + j];

			if (c >= '0' && c <= '9')
				bits = bits << 5 | (uint64_t)(c - '0');
			else if (c >= 'a' && c <= 'v')
				bits = bits << 5 | (uint64_t)(c - 'a' + 10);
			else
				return false;
		}
		for (unsigned j = 0; j < 5; j++)
			hash[5 * i + j] = (uint8_t)(bits >> (32 - 8 * j));
	}
	return true;
}

bool nsec3_read(struct denial *denial, struct denial_record *record, const uint8_t *rdata,
		size_t len)
{
	size_t at;

	/* RFC 5155 3.2: algorithm, flags, iterations, salt, next hash, types. */
	if (len < 5 || (size_t)5 + rdata[4] + 1 > len)
		return false;
	/* 8.1, 8.2: unknown algorithms and flags are not to be counted. */
	if (rdata[0] != HASH_SHA1 || rdata[1] & ~FLAG_OPT_OUT) {
		denial->unknown_hash = true;
		return false;
	}
	record->opt_out = rdata[1] & FLAG_OPT_OUT;
	record->iterations = (uint16_t)(rdata[2] << 8 | rdata[3]);
	record->salt_len = rdata[4];
	record->salt = rdata + 5;
	at = (size_t)5 + record->salt_len;
	if (rdata[at] != NSEC3_HASH || len - at - 1 < NSEC3_HASH)
		return false;
	memcpy(record->next_hash, rdata + at + 1, NSEC3_HASH);
	record->bitmap = rdata + at + 1 + NSEC3_HASH;
	record->bitmap_len = len - at - 1 - NSEC3_HASH;
	return record->owner[0] == LABEL && base32hex(record->hash, record->owner + 1) &&
	       dname_equal(record->owner + 1 + LABEL, denial->zone);
}

/* RFC 5155 5: IH(salt, x, k) = H(IH(salt, x, k - 1) | salt). */
const uint8_t *nsec3_hash(struct denial *denial, const uint8_t *name)
{
	const struct denial_record *params = denial->params;
	unsigned slot = denial->hashes % DENIAL_HASHES_KEPT;
	uint8_t input[DNAME_MAX + SALT_MAX];
	size_t len;

	for (unsigned i = 0; i < denial->hashes && i < DENIAL_HASHES_KEPT; i++)
		if (dname_equal(denial->kept[i].name, name))
			return denial->kept[i].hash;
	if (!chain_spend_hashes(denial->call,
				(params->iterations + 1u) *
						((NSEC3_HASH + params->salt_len + 9u) / 64 + 1) +
					(uint32_t)dname_len(name) / 64))
		return NULL;
	len = dname_copy(denial->kept[slot].name, name);
	memcpy(input, denial->kept[slot].name, len);
	for (unsigned i = 0; i <= params->iterations; i++) {
		memcpy(input + len, params->salt, params->salt_len);
		ldns_sha1(input, (unsigned)(len + params->salt_len), denial->kept[slot].hash);
		memcpy(input, denial->kept[slot].hash, NSEC3_HASH);
		len = NSEC3_HASH;
	}
	denial->hashes++;
	return denial->kept[slot].hash;
}

/* All NSEC3 of an answer have the same parameters (RFC 5155 7.2); those that do not, do not count.
 */
static bool counts(const struct denial *denial, const struct denial_record *record)
{
	const struct denial_record *params = denial->params;

	return record->nsec3 && (record->good || denial->pretend) &&
	       record->iterations == params->iterations && record->salt_len == params->salt_len &&
	       memcmp(record->salt, params->salt, params->salt_len) == 0;
}

static bool any_counts(const struct denial *denial)
{
	for (unsigned i = 0; i < denial->count; i++)
		if (counts(denial, &denial->record[i]))
			return true;
	return false;
}

static const struct denial_record *matching(struct denial *denial, const uint8_t *name)
{
	const uint8_t *hash = any_counts(denial) ? nsec3_hash(denial, name) : NULL;

	for (unsigned i = 0; hash && i < denial->count; i++)
		if (counts(denial, &denial->record[i]) &&
		    memcmp(denial->record[i].hash, hash, NSEC3_HASH) == 0)
			return &denial->record[i];
	return NULL;
}

static bool covers(const struct denial_record *record, const uint8_t *hash)
{
	bool behind = memcmp(hash, record->hash, NSEC3_HASH) > 0;
	bool before = memcmp(hash, record->next_hash, NSEC3_HASH) < 0;

	/* The last one of the zone leads back to the first. */
	if (memcmp(record->hash, record->next_hash, NSEC3_HASH) >= 0)
		return behind || before;
	return behind && before;
}

static const struct denial_record *covering(struct denial *denial, const uint8_t *name)
{
	const uint8_t *hash = any_counts(denial) ? nsec3_hash(denial, name) : NULL;

	for (unsigned i = 0; hash && i < denial->count; i++)
		if (counts(denial, &denial->record[i]) && covers(&denial->record[i], hash))
			return &denial->record[i];
	return NULL;
}

/* So short a span (2^-64 of all hashes) is no zone's: it was made to cover one name only. */
static bool narrow(const struct denial_record *record)
{
	return memcmp(record->hash, record->next_hash, 8) == 0 &&
	       memcmp(record->hash, record->next_hash, NSEC3_HASH) != 0;
}

/* Does it say anything of the name, of one above it, or of a wildcard for it? */
static bool concerns(struct denial *denial, const struct denial_record *record,
		     const uint8_t *qname)
{
	uint8_t wildcard[DNAME_MAX];

	for (unsigned labels = dname_labels(qname); labels > dname_labels(denial->zone); labels--) {
		const uint8_t *names[] = {dname_last(qname, labels), wildcard};
		bool both = dname_wildcard(wildcard, dname_last(qname, labels - 1));

		for (unsigned i = 0; i < 1u + both; i++) {
			const uint8_t *hash = nsec3_hash(denial, names[i]);

			if (hash && covers(record, hash))
				return true;
		}
	}
	return false;
}

/* Are they all about other names? Where the zone lacks the NSEC3 of a name that it has, its server
 * gives the one before, which leads to it, or those of the names above; one from elsewhere is a
 * server's mistake. */
static bool stray(struct denial *denial, const uint8_t *qname)
{
	const uint8_t *hash = nsec3_hash(denial, qname);
	bool any = false;

	for (unsigned i = 0; hash && i < denial->count; i++) {
		const struct denial_record *record = &denial->record[i];

		if (!counts(denial, record))
			continue;
		if (memcmp(record->next_hash, hash, NSEC3_HASH) == 0)
			return false;
		any = true;
	}
	for (unsigned labels = dname_labels(qname); any && labels >= dname_labels(denial->zone);
	     labels--) {
		const uint8_t *name = dname_last(qname, labels);

		if (matching(denial, name) || covering(denial, name))
			return false;
		if (labels == 0)
			break;
	}
	return any && !denial->call->exhausted;
}

enum denial_verdict nsec3_lacking(struct denial *denial, const uint8_t *qname)
{
	const uint8_t *hash = any_counts(denial) ? nsec3_hash(denial, denial->zone) : NULL;
	uint8_t apex[NSEC3_HASH];

	if (!hash)
		return denial->call->exhausted ? DENIAL_EXHAUSTED : DENIAL_MISSING;
	memcpy(apex, hash, sizeof apex);
	for (unsigned i = 0; i < denial->count; i++) {
		const struct denial_record *record = &denial->record[i];

		if (!record->nsec3 || (!record->good && !denial->pretend))
			continue;
		if (!counts(denial, record))
			return DENIAL_WRONG; /* of another salt, or other iterations */
		/* only the apex has an SOA: with another hash, all are hashed wrongly */
		if (denial_type(record, TYPE_SOA)
			    ? memcmp(record->hash, apex, NSEC3_HASH) != 0
			    : narrow(record) && !concerns(denial, record, qname))
			return DENIAL_WRONG;
	}
	return denial->call->exhausted ? DENIAL_EXHAUSTED : DENIAL_MISSING;
}

/*
 * RFC 5155 8.3: the closest encloser of the name (labels in *encloser), and who covers the next
 * closer name. DENIAL_PROVED, with *next_closer set; or what is amiss.
 */
static enum denial_verdict closest_encloser(struct denial *denial, const uint8_t *qname,
					    unsigned *encloser,
					    const struct denial_record **next_closer)
{
	const struct denial_record *match = NULL;
	unsigned labels = dname_labels(qname), apex = dname_labels(denial->zone);

	*next_closer = NULL;
	while (!match && labels > apex && !denial->call->exhausted)
		match = matching(denial, dname_last(qname, --labels));
	if (!match) {
		denial_why(denial, "no NSEC3 is that of a closest encloser of %s, nor of the apex",
			   qname);
		return nsec3_lacking(denial, qname);
	}
	if (denial_type(match, TYPE_DNAME) ||
	    (denial_type(match, TYPE_NS) && !denial_type(match, TYPE_SOA))) {
		denial_why(denial,
			   "the closest encloser of %s is a delegation or a DNAME: the NSEC3 "
			   "cannot deny "
			   "what is below",
			   qname);
		return DENIAL_WRONG;
	}
	*encloser = labels;
	*next_closer = covering(denial, dname_last(qname, labels + 1));
	if (*next_closer)
		return DENIAL_PROVED;
	denial_why(denial, "no NSEC3 covers the next closer name %s",
		   dname_last(qname, labels + 1));
	return nsec3_lacking(denial, qname);
}

enum denial_verdict nsec3_nxdomain(struct denial *denial, const uint8_t *qname)
{
	const struct denial_record *match = matching(denial, qname), *next_closer;
	uint8_t wildcard[DNAME_MAX];
	enum denial_verdict verdict;
	unsigned encloser;

	if (match) {
		denial_why(denial,
			   "the answer is NXDOMAIN, and the NSEC3 of %s says that the name "
			   "exists",
			   qname);
		return DENIAL_WRONG;
	}
	verdict = closest_encloser(denial, qname, &encloser, &next_closer);
	if (verdict != DENIAL_PROVED)
		return verdict;
	assert(next_closer);
	verdict = next_closer->opt_out ? DENIAL_OPT_OUT : DENIAL_PROVED;
	if (!dname_wildcard(wildcard, dname_last(qname, encloser)))
		return verdict;
	if (covering(denial, wildcard))
		return verdict;
	if (matching(denial, wildcard)) {
		denial_why(denial, "an NSEC3 says that the wildcard %s exists", wildcard);
		return DENIAL_WRONG;
	}
	denial_why(denial, "no NSEC3 covers the wildcard %s", wildcard);
	return nsec3_lacking(denial, qname);
}

enum denial_verdict nsec3_nodata(struct denial *denial, const uint8_t *qname, uint16_t qtype)
{
	const struct denial_record *match = matching(denial, qname), *next_closer;
	uint8_t wildcard[DNAME_MAX];
	enum denial_verdict verdict;
	unsigned encloser;

	denial->by_match = match != NULL;
	if (match)
		return denial_types_deny(denial, match, qname, qtype) ? DENIAL_PROVED
								      : DENIAL_WRONG;
	if (dname_equal(qname, denial->zone)) {
		denial_why(denial, "no NSEC3 is that of the apex %s", qname);
		return nsec3_lacking(denial, qname);
	}
	verdict = closest_encloser(denial, qname, &encloser, &next_closer);
	if (verdict == DENIAL_MISSING && stray(denial, qname)) {
		denial_why(denial,
			   "the NSEC3s given are other names': none is that of %s or of a name "
			   "above, or covers it",
			   qname);
		return DENIAL_WRONG;
	}
	if (verdict != DENIAL_PROVED)
		return verdict;
	assert(next_closer);
	/* RFC 5155 8.6 for DS; its erratum 3441 for names that exist only above opted-out ones. */
	if (next_closer->opt_out) {
		denial->delegation = qtype == TYPE_DS;
		return DENIAL_OPT_OUT;
	}
	denial_why(denial, "the NSEC3s say that %s does not exist, the answer says it does", qname);
	if (!dname_wildcard(wildcard, dname_last(qname, encloser)))
		return DENIAL_WRONG;
	match = matching(denial, wildcard);
	if (match)
		return denial_types_deny(denial, match, wildcard, qtype) ? DENIAL_PROVED
									 : DENIAL_WRONG;
	return covering(denial, wildcard) ? DENIAL_WRONG : nsec3_lacking(denial, qname);
}

enum denial_verdict nsec3_wildcard(struct denial *denial, const uint8_t *qname, unsigned labels)
{
	const uint8_t *name = dname_last(qname, labels + 1);
	const struct denial_record *next_closer = covering(denial, name);

	/* RFC 5155 8.8 */
	if (next_closer)
		return next_closer->opt_out ? DENIAL_OPT_OUT : DENIAL_PROVED;
	if (matching(denial, name)) {
		denial_why(denial, "an NSEC3 shows that %s itself exists", name);
		return DENIAL_WRONG;
	}
	denial_why(denial, "no NSEC3 shows that %s itself does not exist", name);
	return nsec3_lacking(denial, qname);
}
