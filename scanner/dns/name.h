/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * name -- what people write for a domain name, made canonical: wire format (RFC 1035 3.1), lower
 * case (RFC 4343), A-labels (RFC 5890).
 *
 * Taken     ASCII letters, digits, "-" and "_"; "*" as the whole first label; "." alone for the
 * root; UTF-8 by way of IDNA2008 with the mappings of UTS 46 (non-transitional); blanks, CR and one
 * dot at the end are stripped. Speed     names in ASCII cost one pass over the text, no allocation
 * and no call into libidn2.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_WIRE_MAX 255 /* RFC 1035 2.3.4 */

/* What a text turned out to be: a name, nothing, or why it is no name. The order is that of
 * name_reason_text(). */
enum name_reason {
	NAME_OK,
	NAME_BLANK, /* empty, or a comment ("#"): neither a name nor rejected */
	NAME_EMPTY_LABEL,
	NAME_LABEL_TOO_LONG, /* more than 63 octets */
	NAME_TOO_LONG,	     /* more than 253 octets as text */
	NAME_BAD_CHARACTER,
	NAME_BAD_UTF8,
	NAME_BAD_IDN, /* UTF-8, but nothing that IDNA2008 allows */
	NAME_ADDRESS, /* an IP address or network */
	NAME_URL,     /* or a mail address */
	NAME_PORT,    /* "example.org:443" */
	NAME_BLANK_INSIDE,
	NAME_BINARY,	    /* control characters */
	NAME_LINE_TOO_LONG, /* said by the reader, like those below */
	NAME_ZONE_SYNTAX,
	NAME_ZONE_DIRECTIVE, /* $INCLUDE, $GENERATE: not followed */
	NAME_ZONE_CLASS,     /* a record of another class than IN */
	NAME_EXCLUDED,	     /* on the list of what is never asked */
	NAME_REASON_COUNT
};

struct name {
	uint8_t wire[NAME_WIRE_MAX];
	uint8_t wire_len; /* with the root's octet: 1..255 */
};

/* Short and constant, as in rejected.csv: "empty label". */
const char *name_reason_text(enum name_reason reason);
/* Reads text[0..len). Fills name only with NAME_OK. */
enum name_reason name_normalise(struct name *name, const char *text, size_t len);
/* Length of the byte order mark (EF BB BF) some editors begin a file with: 3 or 0. */
size_t name_bom(const char *text, size_t len);
/* Canonical wire format back to text, without the dot at the end ("." for the root). Returns its
 * length; adds a NUL. */
size_t name_text(char text[NAME_WIRE_MAX + 1], const uint8_t *wire, size_t wire_len);
