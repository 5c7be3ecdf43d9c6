/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * records -- a whole response as resource records, for those who look deeper than message.h does.
 *
 * Read by hand and not with ldns_wire2pkt(): that gives up a message for one bad record (here the
 * bad record is what we are looking for), allocates some ten times a record, and keeps neither the
 * octets nor their order.
 *
 * Owner    the caller keeps the message alive; records_free() frees the rest, where it is not the
 * caller's own (records_fill()).
 * Memory   one block: a record each and the owners' names, at most 1.7 MB for 64 KiB of message.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/dns/dname.h"

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_DNAME = 39,
	TYPE_OPT = 41,
	TYPE_DS = 43,
	TYPE_RRSIG = 46,
	TYPE_NSEC = 47,
	TYPE_DNSKEY = 48,
	TYPE_NSEC3 = 50,
	TYPE_NSEC3PARAM = 51,
	TYPE_NXNAME = 128, /* RFC 9824 */
	TYPE_ANY = 255,
};

/* A set of these says where to look. */
enum {
	SECTION_ANSWER = 1,
	SECTION_AUTHORITY = 2,
	SECTION_ADDITIONAL = 4,
};

struct record {
	const uint8_t *owner; /* lower case, in the records' own memory */
	uint16_t type;
	uint16_t rr_class;
	uint32_t ttl;
	uint16_t rdata; /* offset in the message */
	uint16_t rdata_len;
	uint8_t section;
};

struct records {
	const uint8_t *message;
	size_t len;
	unsigned rcode; /* with the extended bits */
	bool response;
	bool authoritative;
	bool truncated;
	bool edns;
	bool trailing;	 /* octets follow behind the last record */
	bool opt_astray; /* OPT stands elsewhere than among the additional ones (RFC 6891 6.1.1) */
	bool edns_do;	 /* the server echoes DO: it knows of DNSSEC (RFC 3225 3) */
	unsigned count;
	struct record *record; /* class IN only, OPT left out */
};

enum records_status {
	RECORDS_OK,
	RECORDS_MALFORMED,
	RECORDS_NO_MEMORY,
};

/* len up to 65535. On anything but RECORDS_OK there is nothing to free. */
enum records_status records_read(struct records *records, const uint8_t *message, size_t len);
void records_free(struct records *records);
/* The same in two steps, for memory of one's own: how many octets it takes (0: malformed), and the
 * records in that room. */
size_t records_measure(struct records *records, const uint8_t *message, size_t len);
void records_fill(struct records *records, void *room);

/* The first record at or after *at that is `owner`'s of that type; *at then is the one behind it.
 * owner NULL: anybody's. NULL: no more. */
const struct record *records_next(const struct records *records, unsigned *at, unsigned sections,
				  const uint8_t *owner, uint16_t type);
/* The first of them. */
const struct record *records_find(const struct records *records, unsigned sections,
				  const uint8_t *owner, uint16_t type);
const uint8_t *record_rdata(const struct records *records, const struct record *record);
/* The name at `at` in the RDATA, decompressed, lower case. Returns the offset behind it in the
 * RDATA; 0: malformed. */
size_t record_name(const struct records *records, const struct record *record, size_t at,
		   uint8_t name[DNAME_MAX]);

/* Longest canonical RDATA: that of the message, two of its names decompressed. */
#define RECORD_CANONICAL_MAX (65535 + 2 * DNAME_MAX)

/* Canonical RDATA (RFC 4034 6.2, RFC 6840 5.1): names decompressed and in lower case where the type
 * asks for it. Returns its length; -1: malformed. */
int32_t record_canonical(const struct records *records, const struct record *record,
			 uint8_t out[RECORD_CANONICAL_MAX]);
