/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * casing -- the letters of QNAME in upper and lower case by lot (draft-vixie-dnsext-dns0x20): who
 * forges an answer has to guess that, too. Pure.
 *
 * lots: a bit for each letter, in turn; beyond 32 they are used again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* qname: wire format, lower case. Writes it as the lots say; in may be out. */
void casing_write(uint8_t *out, const uint8_t *qname, size_t len, uint32_t lots);
/* Is it written exactly so? */
bool casing_fits(const uint8_t *in, const uint8_t *qname, size_t len, uint32_t lots);
/* How many letters it has to guess by. */
unsigned casing_letters(const uint8_t *qname, size_t len);
