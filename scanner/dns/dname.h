/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * dname -- names as the DNSSEC chain handles them: wire format, uncompressed, ended by the root's
 * octet, at most 255 octets. Whoever makes a pointer to such a name has checked that once; these
 * functions trust it and therefore carry no lengths.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNAME_MAX	 255 /* RFC 1035 2.3.4 */
#define DNAME_LABELS_MAX 127
#define DNAME_TEXT_MAX	 (4 * DNAME_MAX + 1)

/* True when wire[0..len) is one whole name as said above. */
bool dname_valid(const uint8_t *wire, size_t len);
/* With the root's octet: 1..255. */
size_t dname_len(const uint8_t *name);
/* Without the root: 0..127; an asterisk counts. */
unsigned dname_labels(const uint8_t *name);
bool dname_is_wildcard(const uint8_t *name);
/* The name without its first `count` labels (as many as it has, at most). */
const uint8_t *dname_strip(const uint8_t *name, unsigned count);
/* The last `labels` labels of it. */
const uint8_t *dname_last(const uint8_t *name, unsigned labels);
/* Without regard to case (RFC 4343). */
bool dname_equal(const uint8_t *a, const uint8_t *b);
/* Canonical order (RFC 4034 6.1): <0, 0, >0. */
int dname_compare(const uint8_t *a, const uint8_t *b);
/* How many labels the two share, from the root down. */
unsigned dname_common(const uint8_t *a, const uint8_t *b);
/* `name` is `ancestor` or below it. */
bool dname_under(const uint8_t *name, const uint8_t *ancestor);
/* `name` is below `ancestor`, and not it. */
bool dname_below(const uint8_t *name, const uint8_t *ancestor);
/* Copies in lower case; returns the length. */
size_t dname_copy(uint8_t out[DNAME_MAX], const uint8_t *name);
/* first + rest, where first is the front of a name (first_len octets, no root). False: too long. */
bool dname_join(uint8_t out[DNAME_MAX], const uint8_t *first, size_t first_len,
		const uint8_t *rest);
/* The asterisk below `encloser` (RFC 4592). False: too long. */
bool dname_wildcard(uint8_t out[DNAME_MAX], const uint8_t *encloser);
/* As a person writes it, without the dot at the end; returns text. */
const char *dname_text(char text[DNAME_TEXT_MAX], const uint8_t *name);
