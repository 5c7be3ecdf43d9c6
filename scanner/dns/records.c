/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/records.h"

#include <stdlib.h>
#include <string.h>

#define HEADER	 12
#define FLAG_QR	 0x8000
#define FLAG_AA	 0x0400
#define FLAG_TC	 0x0200
#define EDNS_DO	 0x8000
#define CLASS_IN 1

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

/*
 * Decompresses the name at `at`, in front of `end`, and returns the offset behind it, 0 when it is
 * none. Pointers lead backwards only, each further than the last, and a name ends at 255 octets:
 * so the loop does, too.
 */
static size_t read_name(const uint8_t *message, size_t end, size_t at, uint8_t name[DNAME_MAX])
{
	size_t len = 0, behind = 0, lowest = at;

	for (;;) {
		uint8_t size;

		if (at >= end)
			return 0;
		size = message[at];
		if (size >= 0xc0) {
			if (at + 2 > end)
				return 0;
			if (behind == 0)
				behind = at + 2;
			at = get16(message + at) & 0x3fff;
			if (at >= lowest)
				return 0;
			lowest = at;
			continue;
		}
		if (size > 63 || len + size + 1u + (size > 0) > DNAME_MAX || at + 1 + size > end)
			return 0;
		name[len++] = size;
		for (unsigned i = 1; i <= size; i++)
			name[len++] = lower(message[at + i]);
		at += 1u + size;
		if (size == 0)
			return behind ? behind : at;
	}
}

/* One walk over all records; with record NULL it only counts and adds up the names. */
struct walk {
	struct records *records;
	size_t at;
	size_t names_len; /* of the owners that differ from the one before */
	unsigned count;
	uint8_t *names;
	uint8_t last[DNAME_MAX];
	size_t last_len;
};

static void take_opt(struct records *records, const uint8_t *fixed)
{
	/* RFC 6891 6.1.3: eight more bits of RCODE, version, flags, where others have their TTL. */
	records->edns = true;
	records->rcode = (records->rcode & 0x0f) | (unsigned)fixed[4] << 4;
	records->edns_do = get16(fixed + 6) & EDNS_DO;
}

static void take_record(struct walk *walk, const uint8_t *owner, const uint8_t *fixed, size_t rdata,
			uint8_t section)
{
	size_t len = dname_len(owner);

	if (get16(fixed + 2) != CLASS_IN)
		return;
	if (len != walk->last_len || memcmp(owner, walk->last, len) != 0) {
		memcpy(walk->last, owner, len);
		walk->last_len = len;
		walk->names_len += len;
		if (walk->names) {
			memcpy(walk->names, owner, len);
			walk->names += len;
		}
	}
	if (walk->names)
		walk->records->record[walk->count] = (struct record){
			.owner = walk->names - len,
			.type = get16(fixed),
			.rr_class = CLASS_IN,
			.ttl = get32(fixed + 4),
			.rdata = (uint16_t)rdata,
			.rdata_len = get16(fixed + 8),
			.section = section,
		};
	walk->count++;
}

static bool walk_record(struct walk *walk, uint8_t section)
{
	struct records *records = walk->records;
	const uint8_t *fixed;
	uint8_t owner[DNAME_MAX];
	size_t rdata, at = read_name(records->message, records->len, walk->at, owner);

	if (at == 0 || records->len - at < 10)
		return false;
	fixed = records->message + at;
	rdata = at + 10;
	if (get16(fixed + 8) > records->len - rdata)
		return false;
	walk->at = rdata + get16(fixed + 8);
	if (get16(fixed) == TYPE_OPT) {
		take_opt(records, fixed);
		records->opt_astray |= section != SECTION_ADDITIONAL;
	} else {
		take_record(walk, owner, fixed, rdata, section);
	}
	return true;
}

static bool walk_all(struct walk *walk)
{
	const uint8_t *message = walk->records->message;
	uint8_t name[DNAME_MAX];

	walk->at = HEADER;
	for (unsigned i = get16(message + 4); i > 0; i--) {
		walk->at = read_name(message, walk->records->len, walk->at, name);
		if (walk->at == 0 || walk->records->len - walk->at < 4)
			return false;
		walk->at += 4;
	}
	for (unsigned i = 0; i < 3; i++)
		for (unsigned left = get16(message + 6 + 2 * i); left > 0; left--)
			if (!walk_record(walk, (uint8_t)(1 << i)))
				return false;
	return true;
}

size_t records_measure(struct records *records, const uint8_t *message, size_t len)
{
	struct walk walk = {.records = records};

	memset(records, 0, sizeof *records);
	if (len < HEADER || len > 65535)
		return 0;
	records->message = message;
	records->len = len;
	records->rcode = message[3] & 0x0f;
	records->response = get16(message + 2) & FLAG_QR;
	records->authoritative = get16(message + 2) & FLAG_AA;
	records->truncated = get16(message + 2) & FLAG_TC;
	if (!walk_all(&walk))
		return 0;
	records->trailing = walk.at < len;
	records->count = walk.count;
	return walk.count * sizeof *records->record + walk.names_len + 1;
}

void records_fill(struct records *records, void *room)
{
	size_t size = records->count * sizeof *records->record;
	struct walk walk = {.records = records, .names = (uint8_t *)room + size};

	records->record = room;
	walk_all(&walk);
}

enum records_status records_read(struct records *records, const uint8_t *message, size_t len)
{
	size_t size = records_measure(records, message, len);
	void *room;

	if (size == 0)
		return RECORDS_MALFORMED;
	room = malloc(size);
	if (!room) {
		records->count = 0;
		return RECORDS_NO_MEMORY;
	}
	records_fill(records, room);
	return RECORDS_OK;
}

void records_free(struct records *records)
{
	free(records->record);
	records->record = NULL;
	records->count = 0;
}

const struct record *records_next(const struct records *records, unsigned *at, unsigned sections,
				  const uint8_t *owner, uint16_t type)
{
	for (unsigned i = *at; i < records->count; i++) {
		const struct record *record = &records->record[i];

		if (record->type == type && (record->section & sections) &&
		    (!owner || dname_equal(record->owner, owner))) {
			*at = i + 1;
			return record;
		}
	}
	*at = records->count;
	return NULL;
}

const struct record *records_find(const struct records *records, unsigned sections,
				  const uint8_t *owner, uint16_t type)
{
	unsigned at = 0;

	return records_next(records, &at, sections, owner, type);
}

const uint8_t *record_rdata(const struct records *records, const struct record *record)
{
	return records->message + record->rdata;
}

size_t record_name(const struct records *records, const struct record *record, size_t at,
		   uint8_t name[DNAME_MAX])
{
	size_t end = (size_t)record->rdata + record->rdata_len;
	size_t behind = read_name(records->message, end, record->rdata + at, name);

	return behind ? behind - record->rdata : 0;
}

/*
 * How the RDATA of the types that hold names is built (RFC 4034 6.2, less NSEC and RRSIG by RFC
 * 6840 5.1): a digit is that many octets, n a name, s a character-string; then whatever follows.
 */
static const char *template_of(uint16_t type)
{
	switch (type) {
	case 2:	 /* NS */
	case 3:	 /* MD */
	case 4:	 /* MF */
	case 5:	 /* CNAME */
	case 7:	 /* MB */
	case 8:	 /* MG */
	case 9:	 /* MR */
	case 12: /* PTR */
	case 30: /* NXT */
	case 39: /* DNAME */
		return "n";
	case 6:	 /* SOA */
	case 14: /* MINFO */
	case 17: /* RP */
		return "nn";
	case 15: /* MX */
	case 18: /* AFSDB */
	case 21: /* RT */
	case 36: /* KX */
		return "2n";
	case 26: /* PX */
		return "2nn";
	case 33: /* SRV */
		return "6n";
	case 35: /* NAPTR */
		return "4sssn";
	case 24: /* SIG */
	case 46: /* RRSIG */
		return "99n";
	default:
		return "";
	}
}

int32_t record_canonical(const struct records *records, const struct record *record,
			 uint8_t out[RECORD_CANONICAL_MAX])
{
	const uint8_t *rdata = record_rdata(records, record);
	size_t at = 0, len = 0;

	for (const char *part = template_of(record->type); *part; part++) {
		size_t plain = 0;

		if (*part == 'n') {
			at = record_name(records, record, at, out + len);
			if (at == 0)
				return -1;
			len += dname_len(out + len);
			continue;
		}
		if (*part != 's')
			plain = (size_t)(*part - '0');
		else if (at < record->rdata_len)
			plain = 1u + rdata[at];
		if (plain == 0 || plain > record->rdata_len - at)
			return -1;
		memcpy(out + len, rdata + at, plain);
		at += plain;
		len += plain;
	}
	memcpy(out + len, rdata + at, record->rdata_len - at);
	return (int32_t)(len + record->rdata_len - at);
}
