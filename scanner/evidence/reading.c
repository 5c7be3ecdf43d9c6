/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/reading.h"

#include <string.h>

#include "results/rows/names.h"
#include "scanner/dns/records.h"

/* ---- RDATA ---- */

/*
 * How RDATA is built: a digit is that many octets, n a name, s a character-string; then, at the
 * end,
 * + is one character-string or more, p the parameters of RFC 9460 2.2, and a point whatever there
 * is.
 */
static const char *template_of(uint16_t type)
{
	switch (type) {
	case 1: /* A */
		return "4";
	case 28: /* AAAA */
		return "97";
	case 2:	 /* NS */
	case 5:	 /* CNAME */
	case 12: /* PTR */
	case 39: /* DNAME */
		return "n";
	case 6: /* SOA */
		return "nn992";
	case 13: /* HINFO */
		return "ss";
	case 15: /* MX */
		return "2n";
	case 16: /* TXT */
	case 99: /* SPF */
		return "+";
	case 33: /* SRV */
		return "6n";
	case 35: /* NAPTR */
		return "4sssn";
	case 44: /* SSHFP */
		return "3.";
	case 52: /* TLSA */
		return "4.";
	case 64: /* SVCB */
	case 65: /* HTTPS */
		return "2np";
	case 257: /* CAA */
		return "1s.";
	default:
		return ".";
	}
}

/* Keys in strictly increasing order, each with its length (RFC 9460 2.2). */
static bool params_parse(const uint8_t *rdata, size_t len)
{
	int last = -1;

	while (len >= 4) {
		int key = rdata[0] << 8 | rdata[1];
		size_t size = 4u + (size_t)(rdata[2] << 8 | rdata[3]);

		if (key <= last || size > len)
			return false;
		last = key;
		rdata += size;
		len -= size;
	}
	return len == 0;
}

static bool rdata_parses(const struct records *records, const struct record *record)
{
	const uint8_t *rdata = record_rdata(records, record);
	const char *part = template_of(record->type);
	size_t at = 0, len = record->rdata_len;
	uint8_t name[DNAME_MAX];

	while (*part != '\0' && at <= len) {
		if (*part == '.')
			return true;
		if (*part == 'p')
			return params_parse(rdata + at, len - at);
		if (*part >= '0' && *part <= '9')
			at += (size_t)(*part - '0');
		else if (*part == 'n')
			at = record_name(records, record, at, name);
		else
			at += at < len ? 1u + rdata[at] : len + 1;
		if (at == 0)
			return false;
		part += *part != '+' || at >= len;
	}
	return at == len;
}

static const struct record *bad_record(const struct records *records)
{
	for (unsigned i = 0; i < records->count; i++)
		if (records->record[i].section == SECTION_ANSWER &&
		    !rdata_parses(records, &records->record[i]))
			return &records->record[i];
	return NULL;
}

/* ---- aliases ---- */

static bool next_alias(const struct records *records, const uint8_t *name,
		       uint8_t target[DNAME_MAX])
{
	const struct record *cname = records_find(records, SECTION_ANSWER, name, TYPE_CNAME);

	return cname != NULL && record_name(records, cname, 0, target) != 0;
}

/* A DNAME to below itself makes the name longer and longer. */
static bool grows(const struct records *records)
{
	const struct record *dname;
	uint8_t target[DNAME_MAX];
	unsigned at = 0;

	while ((dname = records_next(records, &at, SECTION_ANSWER, NULL, TYPE_DNAME)) != NULL)
		if (record_name(records, dname, 0, target) != 0 &&
		    dname_under(target, dname->owner))
			return true;
	return false;
}

/* Two at one name (RFC 2181 10.1). The same twice is one. */
static bool has_two_aliases(const struct records *records, const uint8_t *name)
{
	uint8_t first[DNAME_MAX], other[DNAME_MAX];
	const struct record *cname;
	unsigned at = 0;
	bool any = false;

	while ((cname = records_next(records, &at, SECTION_ANSWER, name, TYPE_CNAME)) != NULL) {
		if (record_name(records, cname, 0, any ? other : first) == 0)
			continue;
		if (any && !dname_equal(first, other))
			return true;
		any = true;
	}
	return false;
}

/* As far as the zone goes: what is told of others' names is not this server's to tell. */
static void follow_aliases(struct reading *reading, const struct records *records,
			   const uint8_t *zone, const uint8_t *qname, uint16_t qtype)
{
	uint8_t seen[READING_ALIASES_MAX][DNAME_MAX], target[DNAME_MAX];

	dname_copy(reading->target, qname);
	if (qtype == TYPE_CNAME || qtype == TYPE_ANY)
		return;
	reading->alias_loop = grows(records);
	while (reading->aliases < READING_ALIASES_MAX && dname_under(reading->target, zone) &&
	       next_alias(records, reading->target, target)) {
		reading->two_aliases |= has_two_aliases(records, reading->target);
		dname_copy(seen[reading->aliases++], reading->target);
		dname_copy(reading->target, target);
		for (unsigned i = 0; i < reading->aliases && !reading->alias_loop; i++)
			reading->alias_loop = dname_equal(seen[i], target);
		if (reading->alias_loop)
			return;
	}
}

static bool find_data(const struct records *records, const uint8_t *name, uint16_t qtype)
{
	for (unsigned i = 0; i < records->count; i++) {
		const struct record *record = &records->record[i];

		if (record->section == SECTION_ANSWER && dname_equal(record->owner, name) &&
		    (record->type == qtype || (qtype == TYPE_ANY && record->type != TYPE_RRSIG)))
			return true;
	}
	return false;
}

/* ---- what kind it is ---- */

static bool read_soa(struct reading *reading, const struct records *records,
		     const struct record *soa)
{
	uint8_t name[DNAME_MAX];
	size_t at = record_name(records, soa, 0, name);
	const uint8_t *serial;

	at = at != 0 ? record_name(records, soa, at, name) : 0;
	if (at == 0 || at + 20 != soa->rdata_len)
		return false;
	serial = record_rdata(records, soa) + at;
	reading->serial = (uint32_t)serial[0] << 24 | (uint32_t)serial[1] << 16 |
			  (uint32_t)serial[2] << 8 | serial[3];
	return true;
}

/* Records, but not those asked for. */
static bool other_data(const struct records *records)
{
	for (unsigned i = 0; i < records->count; i++) {
		const struct record *record = &records->record[i];

		if (record->section == SECTION_ANSWER && record->type != TYPE_RRSIG)
			return true;
	}
	return false;
}

/* No data: is it a denial, a referral, or nothing? */
static enum reading_kind without_data(struct reading *reading, const struct records *records,
				      const uint8_t *zone, const uint8_t *qname, uint16_t qtype)
{
	const struct record *soa = records_find(records, SECTION_AUTHORITY, NULL, TYPE_SOA);
	const struct record *ns = records_find(records, SECTION_AUTHORITY, NULL, TYPE_NS);

	reading->other_data = other_data(records);
	reading->misplaced =
		soa == NULL && qtype != TYPE_NS && qtype != TYPE_DS &&
		records_find(records, SECTION_AUTHORITY | SECTION_ADDITIONAL, qname, qtype) != NULL;
	reading->self = soa == NULL && ns != NULL && dname_equal(ns->owner, zone);
	if (soa != NULL) {
		dname_copy(reading->owner, soa->owner);
		if (!dname_under(soa->owner, zone) || !dname_under(reading->target, soa->owner))
			return READING_OTHER_ZONE;
		reading->has_soa = dname_equal(soa->owner, zone) && read_soa(reading, records, soa);
		return reading->authoritative || reading->no_name ? READING_ANSWER
								  : READING_NOTHING;
	}
	if (ns != NULL && !reading->authoritative) {
		dname_copy(reading->owner, ns->owner);
		if (dname_equal(ns->owner, zone))
			return READING_SELF;
		if (dname_below(zone, ns->owner))
			return READING_UPWARD;
		return dname_below(ns->owner, zone) && dname_under(qname, ns->owner)
			       ? READING_REFERRAL
			       : READING_ASIDE;
	}
	return reading->authoritative || reading->no_name ? READING_ANSWER : READING_NOTHING;
}

static enum reading_kind kind_of(struct reading *reading, const struct records *records,
				 const uint8_t *zone, const uint8_t *qname, uint16_t qtype)
{
	const struct record *bad = bad_record(records), *soa;

	if (records->rcode != RCODE_NOERROR && records->rcode != RCODE_NXDOMAIN &&
	    records->rcode != RCODE_YXDOMAIN) {
		/* BIND gives up in a chain of aliases, and gives what it has followed */
		if (records->rcode == RCODE_SERVFAIL && records->authoritative && bad == NULL)
			follow_aliases(reading, records, zone, qname, qtype);
		return READING_ERROR;
	}
	if (bad != NULL) {
		dname_copy(reading->owner, bad->owner);
		return READING_BAD_RDATA;
	}
	follow_aliases(reading, records, zone, qname, qtype);
	reading->has_data = find_data(records, reading->target, qtype);
	soa = records_find(records, SECTION_ANSWER, zone, TYPE_SOA);
	reading->has_soa = soa != NULL && read_soa(reading, records, soa);
	if (records->rcode == RCODE_YXDOMAIN) /* of a DNAME only (RFC 6672 2.2) */
		return records_find(records, SECTION_ANSWER, NULL, TYPE_DNAME) != NULL
			       ? READING_TOO_LONG
			       : READING_ERROR;
	if (reading->has_data || reading->aliases > 0) {
		soa = records_find(records, SECTION_AUTHORITY, NULL, TYPE_SOA);
		reading->ended = reading->has_data ||
				 (soa != NULL && dname_under(reading->target, soa->owner));
		return READING_ANSWER;
	}
	return without_data(reading, records, zone, qname, qtype);
}

void reading_make(struct reading *reading, const uint8_t *zone, const uint8_t *qname,
		  uint16_t qtype, const struct records *records, bool recursive)
{
	memset(reading, 0, sizeof(*reading));
	if (records == NULL) {
		reading->kind = READING_MALFORMED;
		return;
	}
	reading->rcode = (int)records->rcode;
	reading->authoritative = records->authoritative || recursive;
	reading->no_name = records->rcode == RCODE_NXDOMAIN;
	reading->trailing = records->trailing;
	reading->opt_astray = records->opt_astray;
	reading->rrsig = records_find(records, ~0u, NULL, TYPE_RRSIG) != NULL;
	reading->kind = kind_of(reading, records, zone, qname, qtype);
}

bool reading_useful(const struct reading *reading)
{
	return reading->kind == READING_ANSWER || reading->kind == READING_REFERRAL;
}
