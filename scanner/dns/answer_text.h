/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * answer_text -- what an answer says beyond numbers, as text for a row. Everything comes from
 * outside and may be hostile; csv.c makes the octets harmless.
 */
#pragma once

#include <stddef.h>

#include "scanner/dns/message.h"

/* The EXTRA-TEXTs (RFC 8914), in the order of the codes, joined by " | ", at most cap octets. Codes
 * without text add nothing. */
size_t answer_ede_text(const struct answer *answer, char *out, size_t cap);
/* The NSID (RFC 5001): as it is when printable, otherwise in hex. */
size_t answer_nsid_text(const struct answer *answer, char *out, size_t cap);
/*
 * The RRSIGs of the answer and authority sections:
 * "A/13/12345/20261101000000/20261201000000/example.org" joined by "+": type covered, algorithm,
 * key tag, inception, expiration (UTC, RFC 4034 3.2), signer. Whole ones only, at most cap octets.
 */
size_t answer_rrsig_text(const struct answer *answer, char *out, size_t cap);
