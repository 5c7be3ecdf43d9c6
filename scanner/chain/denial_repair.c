/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Was it one edit? A signature over an NSEC3 that holds once a hash is put back proves that the
 * hash was changed. A small zone's denial has the whole chain in it: the right next hash of each
 * NSEC3 is the owner of another, and the right owner another's next hash, or the apex's hash.
 */
#include "scanner/chain/denial.h"

#include <stdlib.h>
#include <string.h>

#define REPAIRS_MAX 3 /* records looked at */
#define SPARE	    4 /* signatures left for verdicts: an explanation must not starve them */
#define LABEL	    32

static struct record *find(const struct denial *denial, const struct denial_record *nsec3,
			   uint16_t type)
{
	const struct records *records = &denial->call->records;

	for (unsigned i = 0; i < records->count; i++)
		if (records->record[i].section == SECTION_AUTHORITY &&
		    records->record[i].type == type &&
		    dname_equal(records->record[i].owner, nsec3->owner))
			return &records->record[i];
	return NULL;
}

static bool verifies(struct denial *denial, const uint8_t *owner)
{
	struct chain_call *call = denial->call;
	struct chain_result *result = call->result, scrap;
	bool good;

	if (call->budget->signatures < SPARE)
		return false;
	result_init(&scrap);
	call->result = &scrap;
	good = rrset_check(call, SECTION_AUTHORITY, owner, TYPE_NSEC3, denial->keys, -1,
			   RANK_SIGNATURE)
		       .good;
	call->result = result;
	return good;
}

static bool with_next(struct denial *denial, const struct denial_record *nsec3, const uint8_t *hash)
{
	struct chain_call *call = denial->call;
	const uint8_t *message = call->records.message;
	const struct record *record = find(denial, nsec3, TYPE_NSEC3);
	uint8_t *copy = record ? malloc(call->records.len) : NULL;
	bool good;

	if (!copy)
		return false;
	memcpy(copy, message, call->records.len);
	memcpy(copy + record->rdata + 5 + nsec3->salt_len + 1, hash, NSEC3_HASH);
	call->records.message = copy;
	good = verifies(denial, nsec3->owner);
	call->records.message = message;
	free(copy);
	return good;
}

static void base32hex(uint8_t label[LABEL], const uint8_t hash[NSEC3_HASH])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

	for (unsigned i = 0; i < LABEL; i++) {
		unsigned at = 5 * i / 8, shift = 5 * i % 8;
		unsigned bits = (unsigned)hash[at] << 8 |
				(at + 1 < NSEC3_HASH ? (unsigned)hash[at + 1] : 0u);

		label[i] = (uint8_t)digits[bits >> (11 - shift) & 31];
	}
}

/* All records of the owner's name are read as another name's, and then as they are again. */
static bool with_owner(struct denial *denial, const struct denial_record *nsec3,
		       const uint8_t *hash)
{
	const uint8_t *was = nsec3->owner;
	struct denial_record there = *nsec3;
	uint8_t owner[DNAME_MAX];
	struct record *record;
	bool good;

	if (*was != LABEL)
		return false;
	dname_copy(owner, was);
	base32hex(owner + 1, hash);
	if (dname_equal(owner, was))
		return false;
	there.owner = owner;
	if (find(denial, &there, TYPE_NSEC3))
		return false; /* that one is there, and as it should be */
	while ((record = find(denial, nsec3, TYPE_NSEC3)) ||
	       (record = find(denial, nsec3, TYPE_RRSIG)))
		record->owner = owner;
	good = verifies(denial, owner);
	while ((record = find(denial, &there, TYPE_NSEC3)) ||
	       (record = find(denial, &there, TYPE_RRSIG)))
		record->owner = was;
	return good;
}

static bool repair(struct denial *denial, const struct denial_record *nsec3)
{
	const uint8_t *apex = nsec3_hash(denial, denial->zone); /* the only one asked for here */
	char name[DNAME_TEXT_MAX];

	dname_text(name, nsec3->owner);
	for (unsigned i = 0; i < denial->count; i++)
		if (denial->record[i].nsec3 &&
		    memcmp(nsec3->next_hash, denial->record[i].hash, NSEC3_HASH) != 0 &&
		    with_next(denial, nsec3, denial->record[i].hash)) {
			reason_add(denial->call->result, RANK_PROVED, CHAIN_DENIAL_WRONG,
				   "the next hash in the NSEC3 of %.200s was changed after signing",
				   name);
			return true;
		}
	for (unsigned i = 0; i <= denial->count; i++) {
		const uint8_t *hash = i < denial->count ? denial->record[i].next_hash : apex;

		if ((i == denial->count ? apex != NULL : denial->record[i].nsec3) &&
		    with_owner(denial, nsec3, hash)) {
			reason_add(denial->call->result, RANK_PROVED, CHAIN_DENIAL_WRONG,
				   "the hash in the name of NSEC3 %.200s was changed after signing",
				   name);
			return true;
		}
	}
	return false;
}

void nsec3_repair(struct denial *denial)
{
	unsigned tried = 0;

	for (unsigned i = 0; i < denial->count && tried < REPAIRS_MAX; i++) {
		const struct denial_record *record = &denial->record[i];

		if (!record->nsec3 || record->good)
			continue;
		tried++;
		if (repair(denial, record))
			return;
	}
}
