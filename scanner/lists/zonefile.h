/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * zonefile -- what is wanted of a zone file (RFC 1035 5.1), line by line: the delegated names
 * (owners of NS records other than the apex), with their NS and DS records if wished, or the
 * addresses in it.
 *
 * Reads what registries hand out: absolute or relative names, any case, any blanks, class and TTL
 * in either order or not at all, blank owners, $ORIGIN, $TTL, "@", parentheses, quotes, comments,
 * escapes of what needs none. Only what is wanted is looked at, so unknown types and broken RDATA
 * do no harm. NS records of one owner that follow each other give one name, once another owner of
 * NS or DS records comes; the caller finds those that stand apart. Records   only as long as the
 * owners are in order, by their text or as of RFC 4034 6.1: then what stands together is all there
 * is. Origin    relative names without $ORIGIN are taken for names that lack their dot; behind an
 * "@" without $ORIGIN they are rejected, because nobody knows what they mean. Apex      the owner
 * of the SOA record; until one was seen, a first owner of NS records that others are below. Speed
 * lines like "name.<TAB>ttl<TAB>in<TAB>ns<TAB>host." take a fast path: one look at the owner, one
 * at the type.
 * Memory   fixed. Pure: no file, no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/dns/name.h"

/* Octets of records kept for one name; those of names that have more are not. */
#define ZONEFILE_RECORDS_MAX 4096

enum zonefile_want {
	ZONEFILE_NAMES,	      /* that are delegated */
	ZONEFILE_DELEGATIONS, /* ... with their NS and DS records */
	ZONEFILE_ADDRESSES,   /* owners of A and AAAA records, each record for itself */
};

/* Texts are valid until the next line. */
struct zonefile_name {
	const char *text; /* as in the file, made absolute, in lower case, with its last dot */
	size_t len;
	uint64_t line; /* that it stands in first */
	/* Lines like "NS ns.example.", "DS 1 8 2 00", "A 192.0.2.1", absolute, in lower case; NULL:
	 * not wanted, or not known to be all. */
	const char *records;
	size_t records_len;
};

struct zonefile;

/* NULL when out of memory. */
struct zonefile *zonefile_create(enum zonefile_want want);
void zonefile_destroy(struct zonefile **zone);
/* A new file: forgets origin, apex and all. */
void zonefile_begin(struct zonefile *zone);
/*
 * The next line, without its LF; `cut` when its end is missing. NAME_OK: ask zonefile_next();
 * NAME_BLANK: nothing in it; NAME_ZONE_SYNTAX: it is no part of a zone file; NAME_ZONE_DIRECTIVE: a
 * directive that would have brought more names; NAME_ZONE_CLASS: a record of another class than IN,
 * which delegates nothing that a resolver would follow.
 */
enum name_reason zonefile_line(struct zonefile *zone, const char *text, size_t len, bool cut);
/* After the last line. NAME_ZONE_SYNTAX: inside parentheses. Then zonefile_next() as ever. */
enum name_reason zonefile_end(struct zonefile *zone);
/* The next name the last call brought (two at most). */
bool zonefile_next(struct zonefile *zone, struct zonefile_name *name);
