/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * zonefile -- the delegated names out of a zone file (RFC 1035 5.1), line by line: owners of NS
 * records other than the apex.
 *
 * Reads what registries hand out: absolute or relative owners, any case, any blanks, class and TTL
 * in either order or not at all, blank owners, $ORIGIN, $TTL, "@", parentheses, quotes, comments.
 * Nothing but owner and type is looked at, so unknown types and broken RDATA do no harm. NS records
 * of one owner that follow each other give one name; the caller finds those that stand apart.
 * Origin    relative names without $ORIGIN are taken for names that lack their dot; behind an "@"
 * without $ORIGIN they are rejected, because nobody knows what they mean. Apex      the owner of
 * the SOA record; until one was seen, a first owner of NS records that others are below. Speed
 * lines like "name.<TAB>ttl<TAB>in<TAB>ns<TAB>host." take a fast path: one look at the owner, one
 * at the type. Memory    fixed. Pure: no file, no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "scanner/name.h"

struct zonefile;

/* NULL when out of memory. */
struct zonefile *zonefile_create(void);
void zonefile_destroy(struct zonefile **zone);
/* A new file: forgets origin, apex and all. */
void zonefile_begin(struct zonefile *zone);
/*
 * The next line, without its LF; `cut` when its end is missing. NAME_OK: ask zonefile_next();
 * NAME_BLANK: nothing in it; NAME_ZONE_SYNTAX: it is no part of a zone file; NAME_ZONE_DIRECTIVE: a
 * directive that would have brought more names.
 */
enum name_reason zonefile_line(struct zonefile *zone, const char *text, size_t len, bool cut);
/* After the last line. NAME_ZONE_SYNTAX: inside parentheses. Then zonefile_next() as ever. */
enum name_reason zonefile_end(struct zonefile *zone);
/* The next name the last call brought (two at most): text as in the file, made absolute; valid
 * until the next line. */
bool zonefile_next(struct zonefile *zone, const char **text, size_t *len);
