/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * suffixes -- a set of names, suffixes and networks: what is never asked, what is broken on
 * purpose.
 *
 * "example.org" stands for itself and all below it, "=example.org" for itself only; "192.0.2.0/24"
 * and "2001:db8::1" are networks. Speed    one hash and one look-up for each label of a name that
 * could match; the set may hold millions.
 * Threads  constant after loading: any number may look up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"
#include "io/buf.h"

struct suffixes;

/* An empty set. NULL when out of memory. */
struct suffixes *suffixes_create(void);
void suffixes_destroy(struct suffixes **suffixes);
/* Adds one entry as written in a list. NULL, or why it cannot: a constant like "label too long". */
const char *suffixes_add(struct suffixes *suffixes, const char *text, size_t len);
/*
 * Adds all entries of a list (listfile.h). False when one is bad: "FILE:LINE: 'x' is no name,
 * suffix or network: REASON\n" in errors for each; the good ones are in the set.
 */
bool suffixes_load(struct suffixes *suffixes, const char *path, struct buf *errors);
size_t suffixes_count(const struct suffixes *suffixes);
/* Canonical wire format. */
bool suffixes_match_name(const struct suffixes *suffixes, const uint8_t *wire, size_t wire_len);
/* Whatever the port. A mapped IPv4 address (::ffff:192.0.2.1) counts as IPv4. */
bool suffixes_match_addr(const struct suffixes *suffixes, const struct addr *addr);
